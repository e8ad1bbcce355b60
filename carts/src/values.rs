//! Looks an amount up among the figures of a cart's order: where may it have been taken from?

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use ordercharge::Amount;
use serde::Serialize;

use crate::exact::{half_unit, unit};
use crate::json::{Json, Kind, Node};

/// What was done with a figure of the cart's order on its way into a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Nothing.
    AsIs,
    /// Its sign was turned.
    SignTurned,
    /// It is in minor units, or was taken as if it were.
    MinorUnits,
    /// It was divided by the quantity of the line.
    DividedByQuantity,
    /// It was multiplied by the quantity of the line.
    MultipliedByQuantity,
    /// The figures of all lines, or of a list, were added up; or another figure was added to it or taken off.
    Summed,
    /// It was rounded or cut to fewer decimals.
    Rounded,
    /// Tax was put on it, by its rate.
    TaxAdded,
    /// The tax in it was taken out, by its rate.
    TaxTakenOut,
    /// A percentage of it was taken, or it was written as a percentage of the goods.
    Percentage,
    /// It was shared among the lines.
    Shared,
    /// Another amount of the order was taken from there, and this one is calculated from that one.
    Follows,
}

impl How {
    /// In words, after the name of a place.
    pub fn words(self) -> &'static str {
        match self {
            How::AsIs => "as it is",
            How::SignTurned => "with its sign turned",
            How::MinorUnits => "in minor units",
            How::DividedByQuantity => "divided by the quantity",
            How::MultipliedByQuantity => "multiplied by the quantity",
            How::Summed => "in a sum",
            How::Rounded => "rounded",
            How::TaxAdded => "with tax added",
            How::TaxTakenOut => "without the tax in it",
            How::Percentage => "by a percentage",
            How::Shared => "shared among the lines",
            How::Follows => "by way of another amount",
        }
    }
}

/// A place that an amount may have been taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) pointer: String,
    pub(crate) pattern: String,
    pub(crate) how: How,
    pub(crate) cost: u32,
    /// What was done, where the place and the way do not say all.
    pub(crate) words: Option<String>,
}

/// A place with this cost is on another line, or a sum.
const FAR: u32 = 45;

impl Candidate {
    fn new(pointer: String, pattern: String, how: How, cost: u32) -> Candidate {
        Candidate { pointer, pattern, how, cost, words: None }
    }

    /// A place whose figure an amount was calculated from.
    pub(crate) fn calculated(pointer: String, pattern: String, how: How, cost: u32, words: String) -> Candidate {
        Candidate { words: Some(words), ..Candidate::new(pointer, pattern, how, cost) }
    }

    /// A place that is known by other amounts.
    pub(crate) fn at(json: &Json<'_>, node: Node, how: How, words: String) -> Candidate {
        let found = Candidate::new(json.pointer(node), json.pattern(node), how, FAR);
        Candidate { words: Some(words), ..found }
    }

    /// Whether an amount is likely to have been taken from there.
    pub(crate) fn is_near(&self) -> bool {
        self.cost < FAR
    }

    /// In words, after the name of a field.
    pub(crate) fn words(&self) -> String {
        self.words.clone().unwrap_or_else(|| format!("is {} {}", self.pointer, self.how.words()))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    pub(crate) node: Node,
    pub(crate) value: Amount,
    /// The number in the text, if the value is that number divided by another one (`amount` and `divisor`).
    raw: Option<Amount>,
    pub(crate) line: Option<usize>,
}

/// A sum of figures.
pub(crate) struct Sum {
    pub(crate) pattern: String,
    pub(crate) sum: Amount,
    /// Whether each figure was multiplied by the quantity of its line.
    pub(crate) times_quantity: bool,
}

impl Sum {
    pub(crate) fn in_words(&self) -> String {
        if self.times_quantity { format!("{} times its quantity", self.pattern) } else { self.pattern.clone() }
    }
}

/// The figures of a cart's order.
pub(crate) struct Values<'v, 'a> {
    pub(crate) json: &'v Json<'a>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) quantities: Vec<Amount>,
    /// The places that the table of the cart uses; none without a table.
    of_table: HashSet<Node>,
    /// The sums of figures whose places differ in numbers of lists only.
    pub(crate) sums: Vec<Sum>,
    /// The amounts of the figures and of the sums, without their signs, with their numbers: first the figures.
    sorted: OnceCell<Vec<(Amount, usize)>>,
    pub(crate) decimals: u32,
    /// How many more figures are looked at.
    left: Cell<usize>,
}

/// Whether a name in an object looks like the name of a field. Others, such as an address, may say something about the customer,
/// and no mapping takes an amount from there.
pub fn is_field_name(name: &str) -> bool {
    const LONGEST: usize = 48;
    const MOST_DIGITS: usize = 4;
    name.len() <= LONGEST
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
        && name.bytes().filter(u8::is_ascii_digit).count() <= MOST_DIGITS
}

/// Whether every name on the way from the order to a value is that of a field.
fn is_in_fields(json: &Json<'_>, order: Node, node: Node) -> bool {
    let mut at = node;
    while at != order
        && let Some(parent) = json.parent(at)
    {
        if json.kind(parent) == Kind::Object && !is_field_name(&json.key(at)) {
            return false;
        }
        at = parent;
    }
    true
}

/// The most places that are kept for an amount.
const MOST_PLACES: usize = 12;

/// A cart's order with more figures than this is not searched further.
const MOST_LEAVES: usize = 20_000;

/// How many figures are looked at for all amounts of an order together: all of those of an order with 500 wrong amounts and
/// 2000 figures. The amounts that follow have no places.
const MOST_LOOKS: usize = 1_000_000;

impl<'v, 'a> Values<'v, 'a> {
    pub(crate) fn new(
        json: &'v Json<'a>,
        order: Node,
        lines: &[(Node, Amount)],
        of_table: HashSet<Node>,
        decimals: u32,
    ) -> Values<'v, 'a> {
        let mut values = Values {
            json,
            leaves: Vec::new(),
            quantities: lines.iter().map(|(_, quantity)| *quantity).collect(),
            of_table,
            sums: Vec::new(),
            sorted: OnceCell::new(),
            decimals,
            left: Cell::new(MOST_LOOKS),
        };
        let own = json.range(order);
        let ranges = lines.iter().enumerate().map(|(at, (node, _))| (json.range(*node), at));
        let mut ranges: Vec<(Range<Node>, usize)> = ranges.filter(|(range, _)| *range != own).collect();
        ranges.sort_by_key(|(range, _)| range.start);
        // No line is in another one.
        let line_of = |node: Node| {
            let before = ranges.partition_point(|(range, _)| range.start <= node).checked_sub(1)?;
            ranges.get(before).filter(|(range, _)| range.contains(&node)).map(|(_, line)| *line)
        };
        for node in json.within(order).take(MOST_LEAVES) {
            let Some(value) = number(json, node).filter(|_| is_in_fields(json, order, node)) else { continue };
            let divisor =
                json.parent(node).filter(|_| json.key(node) == "amount").and_then(|object| json.get(object, "divisor"));
            let divided = divisor.and_then(|divisor| crate::exact::divided(value, number(json, divisor)?, 8));
            let line = line_of(node);
            values.leaves.push(match divided {
                Some(divided) => Leaf { node, value: divided, raw: Some(value), line },
                None => Leaf { node, value, raw: None, line },
            });
        }
        values.add_up();
        values
    }

    /// Adds up the figures whose places differ only in the numbers of lists, as they are and times the quantity of their line.
    fn add_up(&mut self) {
        struct Adding {
            first: Node,
            count: u32,
            sum: Option<Amount>,
            times_quantity: bool,
        }
        // Whether two places have the same pattern is decided by its number; the pattern is written for what is found.
        let (mut sums, mut known) = (Vec::<Adding>::new(), HashMap::<(u32, bool), usize>::new());
        let mut add = |pattern: u32, leaf: &Leaf, value: Option<Amount>, times_quantity: bool| {
            let at = *known.entry((pattern, times_quantity)).or_insert_with(|| {
                sums.push(Adding { first: leaf.node, count: 0, sum: Some(Amount::ZERO), times_quantity });
                sums.len() - 1
            });
            if let Some(sum) = sums.get_mut(at) {
                sum.count += 1;
                sum.sum = sum.sum.and_then(|sum| sum.checked_add(value?));
            }
        };
        let mut numbers = self.json.pattern_numbers();
        for leaf in &self.leaves {
            let (pattern, in_list) = numbers.of(leaf.node);
            if in_list {
                add(pattern, leaf, Some(leaf.value), false);
            }
            if let Some(quantity) = leaf.line.and_then(|line| self.quantities.get(line)) {
                add(pattern, leaf, leaf.value.checked_mul(*quantity), true);
            }
        }
        let several = sums.into_iter().filter(|sum| sum.count > 1);
        let made = |Adding { first, sum, times_quantity, .. }: Adding| {
            Some(Sum { pattern: self.json.pattern(first), sum: sum?, times_quantity })
        };
        let mut several: Vec<Sum> = several.filter_map(made).collect();
        several.sort_by(|a, b| (&a.pattern, a.times_quantity).cmp(&(&b.pattern, b.times_quantity)));
        self.sums = several;
    }

    /// Takes the figures of one search from those that may be looked at.
    pub(crate) fn may_look(&self, looks: usize) -> bool {
        let left = self.left.get().checked_sub(looks);
        self.left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Whether some amounts were not searched for, because there are too many.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.left.get() == 0
    }

    /// Whether some figure, or a sum of figures, is an amount of a field, with either sign.
    pub(crate) fn hold(&self, field: &str, stated: Amount) -> bool {
        let sorted = self.sorted.get_or_init(|| {
            let amounts = self.leaves.iter().map(|leaf| leaf.value).chain(self.sums.iter().map(|sum| sum.sum));
            let mut sorted: Vec<(Amount, usize)> = amounts.map(Amount::abs).zip(0..).collect();
            sorted.sort_unstable();
            sorted
        });
        let suits = |pattern: &str| fitness(field, pattern).is_some();
        let wanted = stated.abs();
        let from = sorted.partition_point(|(amount, _)| *amount < wanted);
        let mut same = sorted.iter().skip(from).take_while(|(amount, _)| *amount == wanted);
        same.any(|(_, at)| match self.leaves.get(*at) {
            Some(leaf) => suits(&self.json.pattern(leaf.node)),
            None => self.sums.get(*at - self.leaves.len()).is_some_and(|sum| suits(&sum.pattern)),
        })
    }

    /// Where an amount of a field may have been taken from, the most likely place first. `line` is the line of the cart's order that
    /// belongs to the field's line.
    pub(crate) fn places(&self, field: &str, line: Option<usize>, stated: Amount) -> Vec<Candidate> {
        // The place of a figure is written for those that are kept.
        let mut found: Vec<(Candidate, Option<(Node, bool)>)> = Vec::new();
        if stated.is_zero() || !self.may_look(self.leaves.len() + self.sums.len()) {
            return Vec::new();
        }
        let on_line = matches!(field, "price" | "discount" | "extended_amount" | "addl_discount" | "tax" | "quantity");
        for leaf in &self.leaves {
            let own = leaf.line.is_some() && leaf.line == line;
            let near = match (on_line, leaf.line) {
                (true, Some(_)) if own => 0,
                (true, None) | (false, Some(_)) => 30,
                (true, Some(_)) => 60,
                (false, None) => 0,
            };
            // Of figures that are equal, those that the table uses come first.
            let unused = if self.of_table.is_empty() || self.of_table.contains(&leaf.node) { 0 } else { 3 };
            // A figure on another line counts only as it is: after a calculation it often fits by chance.
            let is_far = leaf.line.is_some() && !own;
            let quantity = leaf.line.filter(|_| !is_far).and_then(|line| self.quantities.get(line)).copied();
            let hows = self.hows(leaf, quantity, stated).into_iter();
            for (how, cost, is_negated_too) in hows.filter(|(how, ..)| !(is_far && on_line) || *how == How::AsIs) {
                let pattern = self.json.pattern(leaf.node);
                let is_same = leaf.value.abs() == stated.abs();
                let fit = fitness(field, &pattern).filter(|_| is_same || !is_rate(&pattern));
                // A quantity is an amount by chance, but a mapping may take that of the line itself.
                let fit = fit.or_else(|| (own && is_same && counts(&pattern)).then_some(25));
                if let Some(fit) = fit {
                    let cost = near + cost + fit + unused;
                    found.push((Candidate::new(String::new(), pattern, how, cost), Some((leaf.node, is_negated_too))));
                }
            }
        }
        let hundredth = unit(self.decimals);
        for Sum { pattern, sum, times_quantity } in &self.sums {
            let how = if *sum == stated {
                How::Summed
            } else if sum.negated() == stated {
                How::SignTurned
            } else if hundredth != Amount::ONE && stated.checked_mul(hundredth) == Some(*sum) {
                How::MinorUnits
            } else {
                continue;
            };
            if let Some(fit) = fitness(field, pattern) {
                let cost = fit
                    + if on_line { 45 } else { 5 }
                    + match how {
                        How::Summed => 0,
                        How::MinorUnits => 20,
                        _ => 10,
                    };
                let words = times_quantity.then(|| {
                    let what = match how {
                        How::MinorUnits => ", in minor units",
                        How::SignTurned => ", with its sign turned",
                        _ => "",
                    };
                    format!("is the sum of {pattern}, each multiplied by its quantity{what}")
                });
                found.push((Candidate { words, ..Candidate::new(pattern.clone(), pattern.clone(), how, cost) }, None));
            }
        }
        found.sort_by(|(a, _), (b, _)| a.cost.cmp(&b.cost).then_with(|| a.pattern.len().cmp(&b.pattern.len())));
        found.truncate(MOST_PLACES);
        let placed = |(candidate, of): (Candidate, Option<(Node, bool)>)| {
            let Some((node, is_negated_too)) = of else { return candidate };
            let candidate = Candidate { pointer: self.json.pointer(node), ..candidate };
            let words = is_negated_too.then(|| format!("{}, with its sign turned", candidate.words()));
            Candidate { words, ..candidate }
        };
        found.into_iter().map(placed).collect()
    }

    /// What may have been done with a figure to give an amount, what that costs, and whether the sign was turned as well.
    fn hows(&self, leaf: &Leaf, quantity: Option<Amount>, stated: Amount) -> Vec<(How, u32, bool)> {
        let mut hows = Vec::new();
        match leaf.raw {
            Some(raw) if raw == stated => hows.push((How::MinorUnits, 2, false)),
            Some(raw) if raw.negated() == stated => hows.push((How::MinorUnits, 14, true)),
            _ => {}
        }
        let quantity = quantity.filter(|quantity| *quantity != Amount::ONE && !quantity.is_zero());
        // As it is, in minor units, or in major units although it is in minor ones; each also with the other sign.
        let hundredth = unit(self.decimals);
        let scaled = [Some(stated), stated.checked_mul(hundredth), crate::exact::divided(stated, hundredth, 4)];
        for (scale, stated) in scaled.into_iter().enumerate() {
            let Some(stated) = stated.filter(|_| scale == 0 || hundredth != Amount::ONE) else { continue };
            for (turned, stated) in [(false, stated), (true, stated.negated())] {
                let Some((how, cost)) = self.times_quantity(leaf.value, quantity, stated) else { continue };
                hows.push(match (scale, turned) {
                    (0, false) => (how, cost, false),
                    (0, true) => (How::SignTurned, cost + 12, false),
                    (_, false) => (How::MinorUnits, cost + 20, false),
                    (_, true) if how == How::AsIs => (How::MinorUnits, cost + 32, true),
                    (_, true) => continue,
                });
            }
        }
        hows
    }

    /// Whether an amount is a figure, or the figure times or by the quantity.
    pub(crate) fn times_quantity(&self, value: Amount, quantity: Option<Amount>, stated: Amount) -> Option<(How, u32)> {
        if value == stated {
            return Some((How::AsIs, 0));
        }
        let near = |one: Option<Amount>, other: Amount, most: Option<Amount>| {
            one.and_then(|one| one.checked_sub(other)).zip(most).is_some_and(|(off, most)| off.abs() <= most)
        };
        let quantity = quantity.filter(|_| !value.is_zero())?;
        // A quotient is rounded to the decimals that it is stated with.
        let decimals = stated.decimals().max(self.decimals);
        if near(stated.checked_mul(quantity), value, half_unit(decimals).checked_mul(quantity.abs())) {
            return Some((How::DividedByQuantity, 14));
        }
        let product = near(value.checked_mul(quantity), stated, Some(half_unit(self.decimals)));
        product.then_some((How::MultipliedByQuantity, 14))
    }
}

/// The number that a value states.
fn number(json: &Json<'_>, node: Node) -> Option<Amount> {
    if !matches!(json.kind(node), Kind::Number | Kind::String) {
        return None;
    }
    let text = json.text(node);
    if text.len() > 40 || !text.trim_start().starts_with(|char: char| char.is_ascii_digit() || "+-.".contains(char)) {
        return None;
    }
    text.trim().parse().ok()
}

/// How well the place of a figure suits a field, by its names: 0 is best. None for what is certainly no amount of money.
fn fitness(field: &str, pattern: &str) -> Option<u32> {
    let lower = pattern.to_ascii_lowercase();
    let last = pattern.rsplit('/').next().unwrap_or_default();
    let id = last.to_ascii_lowercase();
    let names_things = [
        "id", "ref", "number", "phone", "zip", "position", "index", "date", "time", "version", "sku", "code", "divisor",
    ];
    let is_name = names_things.iter().any(|end| id.ends_with(end))
        || id.contains("postal")
        || id.contains("weight")
        || id == "grams";
    let counts = counts(pattern);
    if field == "quantity" {
        return (!is_name).then_some(if counts { 0 } else { 8 });
    }
    // A quantity explains a small amount by chance.
    if is_name || counts {
        return None;
    }
    let words: &[&str] = match field {
        "price" => &["price", "cost", "unit"],
        "discount" | "addl_discount" | "order_discount" => &["disc", "promo", "coupon", "off", "voucher", "rebate"],
        "tax" | "sales_tax" => &["tax", "vat", "gst", "duty"],
        "shipping_handling" => &["ship", "deliver", "freight", "postage", "handling"],
        "extended_amount" => &["total", "row", "cost", "price", "amount"],
        _ => &["total", "sub", "amount"],
    };
    let fits = words.iter().any(|word| lower.contains(word));
    let mut cost = if fits { 0 } else { 4 };
    if is_rate(pattern) {
        cost += 6;
    }
    Some(cost)
}

/// Whether a figure is the rate of a tax or a discount.
fn is_rate(pattern: &str) -> bool {
    let last = pattern.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    (last.contains("rate") && !last.contains("ship")) || last.contains("percent")
}

/// Whether a figure is a quantity: not the discount or the price for one.
fn counts(pattern: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let last = pattern.rsplit('/').next().unwrap_or_default();
    (pattern.contains("qty") || pattern.contains("quantity") || last == "count")
        && !["disc", "price", "cost"].iter().any(|word| last.contains(word))
}
