//! A comparison without a table: each amount is looked up among the figures of the cart's order.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use ordercharge::{Amount, Charge, Document, Policy, Severity};

use crate::calculated::Calculations;
use crate::comparison::{Comparison, Difference, Verdict};
use crate::derived::{self, Known};
use crate::json::{Json, Kind, Node};
use crate::path::money_value;
use crate::rules::CartRule;
use crate::stated::Stated;
use crate::values::{Candidate, How, Values};

/// Compares a CartRover order with the order of a cart that has no table.
///
/// Without a table the meaning of the cart's figures is unknown. The order is `different` if it breaks a rule, if its total is
/// not the one that the cart states (before or after what a gift card, credit or points paid), or if half of its amounts or more
/// are in the cart's order only in minor units. Then every amount other than 0 is a finding, with the place that it may be from.
/// A turned sign alone is accepted: carts state discounts with either sign. The pair is `unmappable` if the cart states no
/// total and nothing is wrong, if no amount is in the cart's order, or if the CartRover order states none.
pub fn compare_by_value(json: &Json<'_>, order: Node, stated_json: &Json<'_>, stated_order: Node) -> Comparison {
    let stated = Stated::read(stated_json, stated_order);
    let lines = join(json, order, &stated);
    let decimals = stated.currency.as_deref().map_or(2, |code| ordercharge::Currency::from_code(code).decimals());
    let nodes: Vec<(Node, Amount)> = lines.all.clone();
    let values = Values::new(json, order, &nodes, HashSet::new(), decimals);
    let cust_ref = stated.cust_ref.clone().map(Cow::into_owned);

    // Which amounts are blamed, and whether something is wrong at all.
    let mut blamed: BTreeSet<String> = BTreeSet::new();
    let mut wrong = false;
    if let Ok(document) = Document::from_json(stated_json.text(stated_order).as_bytes()) {
        let report = document.check(&Policy::default());
        for violation in report.of(Severity::Error) {
            wrong = true;
            blamed.insert(violation.place.to_string());
        }
        let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
        blamed.extend(first.flat_map(|diagnosis| &diagnosis.culprits).map(|culprit| culprit.place.to_string()));
    }
    let total = total(json, order);
    let mut found_any = false;
    if let (Some(total), Charge::Amount(own)) = (total, stated.grand_total) {
        found_any = true;
        // What is missing from the cart's total may be paid by a gift card, which the order's total is before.
        let paid = own.checked_sub(total).filter(|paid| !paid.is_negative());
        let pays = |place: &Candidate| place.how == How::AsIs && is_payment(&place.pattern);
        if total != own && !paid.is_some_and(|paid| values.places("paid", None, paid).iter().any(pays)) {
            wrong = true;
            blamed.insert("/grand_total".to_owned());
        }
    }
    let amounts = stated.amounts();
    if amounts.is_empty() {
        return Comparison::unmappable(cust_ref, None, "the CartRover order states no amount");
    }
    // Nearly always most amounts are figures of the cart's order, and nothing more is asked.
    let plain: Vec<bool> = amounts.iter().map(|(_, field, _, amount)| values.hold(field, *amount)).collect();
    let count = plain.iter().filter(|plain| **plain).count();
    found_any |= count > 0;
    if !wrong && count * 2 > amounts.len() && total.is_some() {
        return Comparison { cust_ref, cart: None, verdict: Verdict::Same, differences: Vec::new() };
    }
    let mut known: Vec<Known> = Vec::new();
    let (mut paths, mut in_minor_units, mut searched) = (Vec::new(), Vec::new(), 0);
    for ((path, field, line, amount), plain) in amounts.into_iter().zip(plain) {
        let own = line.and_then(|line| lines.of.get(line).copied().flatten());
        let places = values.places(field, own, amount);
        found_any |= !places.is_empty();
        searched += usize::from(!values.is_exhausted());
        if !plain && !places.is_empty() && places.iter().all(|place| place.how == How::MinorUnits) {
            in_minor_units.push(path.clone());
        }
        paths.push((path, own));
        known.push(Known { field, line, amount: Some(amount), places });
    }
    // A small number is some figure in minor units by chance.
    if searched > 0 && in_minor_units.len() * 2 >= searched {
        wrong = true;
        blamed.extend(in_minor_units);
    }
    if wrong {
        derived::follow(&stated, decimals, &mut known);
        let calculations = Calculations::new(&values);
        for (known, (_, own)) in known.iter_mut().zip(&paths).filter(|(known, _)| known.places.is_empty()) {
            let places = known.amount.map(|amount| calculations.of_figures(known.field, *own, amount));
            known.places = places.unwrap_or_default();
        }
        derived::follow(&stated, decimals, &mut known);
    }
    let difference = |(known, (path, _)): (Known, (String, Option<usize>))| {
        let rule = if blamed.contains(&path) { CartRule::Charge } else { CartRule::Place };
        let place = known.places.first().map(Candidate::words);
        let place = place.unwrap_or_else(|| {
            let why =
                if values.is_exhausted() { "has no place that was found" } else { "is nowhere in the cart's order" };
            why.to_owned()
        });
        let amount = known.amount.unwrap_or_default();
        let mut difference = Difference::new(rule, path, format!("{} {amount} {place}", known.field));
        difference.stated = Some(amount.to_string());
        difference.with_places(known.places)
    };
    let differences = || -> Vec<Difference> { known.into_iter().zip(paths).map(difference).collect() };
    if wrong {
        return Comparison { cust_ref, cart: None, verdict: Verdict::Different, differences: differences() };
    }
    if found_any && total.is_some() {
        return Comparison { cust_ref, cart: None, verdict: Verdict::Same, differences: Vec::new() };
    }
    let why = "there is no table for this cart, and its order states no total to compare with";
    Comparison::unmappable(cust_ref, None, why)
}

/// Whether a figure may be what was paid in another way than by money: a gift card, credit of the shop, points.
fn is_payment(path: &str) -> bool {
    const WORDS: [&str; 11] =
        ["gift", "credit", "paid", "pay", "balance", "wallet", "voucher", "reward", "point", "certificate", "redeem"];
    let path = path.to_ascii_lowercase();
    WORDS.iter().any(|word| path.contains(word))
}

/// How many SKUs and amounts of a CartRover order are in an order of the cart. It decides between
/// orders of the cart that share a name.
pub fn likeness(json: &Json<'_>, order: Node, stated_json: &Json<'_>, stated_order: Node) -> usize {
    let stated = Stated::read(stated_json, stated_order);
    let (mut texts, mut amounts) = (HashSet::new(), HashSet::new());
    for node in json.within(order).filter(|node| matches!(json.kind(*node), Kind::String | Kind::Number)) {
        let text = json.string(node);
        amounts.extend(text.trim().parse().ok().map(Amount::abs));
        texts.insert(text);
    }
    let skus: HashSet<&str> = stated.lines.iter().filter_map(|line| line.item.as_deref()).collect();
    let own = stated.amounts().into_iter().map(|(.., amount)| amount.abs()).filter(|amount| !amount.is_zero());
    let own: HashSet<Amount> = own.collect();
    skus.into_iter().filter(|sku| texts.contains(*sku)).count() + own.intersection(&amounts).count()
}

/// The lines of a cart's order, and for each line of the CartRover order which of them belongs to it.
struct Joined {
    all: Vec<(Node, Amount)>,
    of: Vec<Option<usize>>,
}

/// Finds the list of lines: the one that holds most of the CartRover order's SKUs, else has as many elements, and quantities.
fn join(json: &Json<'_>, order: Node, stated: &Stated<'_>) -> Joined {
    let wanted: HashSet<&str> = stated.lines.iter().filter_map(|line| line.item.as_deref()).collect();
    let mut best: Option<(usize, Vec<Node>)> = None;
    for list in json.within(order).filter(|node| json.kind(*node) == Kind::Array).take(2_000) {
        let elements: Vec<Node> =
            json.children(list).filter(|node| json.kind(*node) == Kind::Object).take(10_000).collect();
        if elements.is_empty() {
            continue;
        }
        let with_quantity = elements.iter().filter(|element| quantity(json, **element).is_some()).count();
        let mut there: HashSet<Cow<'_, str>> = HashSet::new();
        for element in &elements {
            there.extend(texts(json, *element).filter(|text| wanted.contains(&**text)));
        }
        let skus = stated.lines.iter().filter_map(|line| line.item.as_deref());
        let known = skus.filter(|sku| there.contains(*sku)).count();
        let score = known * 4
            + if elements.len() == stated.lines.len() { 2 } else { 0 }
            + if with_quantity == elements.len() { 3 } else { 0 };
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, elements));
        }
    }
    let nodes = best.filter(|(score, _)| *score >= 2).map(|(_, nodes)| nodes).unwrap_or_default();
    let all: Vec<(Node, Amount)> =
        nodes.iter().map(|node| (*node, quantity(json, *node).unwrap_or(Amount::ONE))).collect();
    let mut free = vec![true; all.len()];
    let mut of = vec![None; stated.lines.len()];
    // The elements with each SKU, the first one last.
    let mut with_sku: HashMap<Cow<'_, str>, Vec<usize>> = HashMap::new();
    for (at, (node, _)) in all.iter().enumerate().rev() {
        for text in texts(json, *node).filter(|text| wanted.contains(&**text)) {
            with_sku.entry(text).or_default().push(at);
        }
    }
    let mut take = |own: &mut Option<usize>, next: &mut dyn FnMut() -> Option<usize>| {
        while own.is_none()
            && let Some(at) = next()
        {
            if let Some(free) = free.get_mut(at).filter(|free| **free) {
                (*own, *free) = (Some(at), false);
            }
        }
    };
    for (line, own) in stated.lines.iter().zip(of.iter_mut()) {
        if let Some(queue) = line.item.as_deref().and_then(|sku| with_sku.get_mut(sku)) {
            take(own, &mut || queue.pop());
        }
    }
    let mut rest = 0..all.len();
    of.iter_mut().for_each(|own| take(own, &mut || rest.next()));
    Joined { all, of }
}

/// The quantity of an element: the first number under a name that says so.
fn quantity(json: &Json<'_>, element: Node) -> Option<Amount> {
    let is = |node: &Node| {
        let key = json.key(*node).to_ascii_lowercase();
        key.contains("qty") || key.contains("quantity") || key == "count"
    };
    let own = json.children(element).find(is)?;
    let number = if json.kind(own) == Kind::Object {
        json.children(own)
            .find(|node| json.kind(*node) != Kind::Object && json.text(*node).parse::<Amount>().is_ok())?
    } else {
        own
    };
    json.text(number).trim().parse().ok()
}

/// The strings in an element.
fn texts<'j, 'a>(json: &'j Json<'a>, element: Node) -> impl Iterator<Item = Cow<'a, str>> + use<'j, 'a> {
    json.within(element).filter(|node| json.kind(*node) == Kind::String).map(|node| json.string(node))
}

/// The total that the cart states: the one amount at the top of the order, or one level below, whose name says so. Names that
/// only a total has come before others, which may be those of a sum of lines.
fn total(json: &Json<'_>, order: Node) -> Option<Amount> {
    const CERTAIN: [&str; 2] = ["grandtotal", "ordertotal"];
    const USUAL: [&str; 7] =
        ["total", "totalprice", "totalamount", "totalinctax", "amounttotal", "totalpaid", "totalvalue"];
    let (mut certain, mut usual): (Vec<Amount>, Vec<Amount>) = (Vec::new(), Vec::new());
    let mut look = |node: Node| {
        let key: String =
            json.key(node).chars().filter(|char| char.is_alphanumeric()).collect::<String>().to_ascii_lowercase();
        let found = match key.as_str() {
            key if CERTAIN.contains(&key) => &mut certain,
            key if USUAL.contains(&key) => &mut usual,
            _ => return,
        };
        found.extend(amount(json, node));
    };
    for child in json.children(order) {
        look(child);
        if json.kind(child) == Kind::Object {
            json.children(child).for_each(&mut look);
        }
    }
    let found = if certain.is_empty() { usual } else { certain };
    let first = found.first().copied()?;
    found.iter().all(|other| *other == first).then_some(first)
}

fn amount(json: &Json<'_>, node: Node) -> Option<Amount> {
    match json.kind(node) {
        Kind::Number | Kind::String => json.string(node).trim().parse().ok(),
        Kind::Object => {
            let value = money_value(json, node)?;
            let amount: Amount = json.string(value).trim().parse().ok()?;
            match json.get(node, "divisor") {
                Some(divisor) => crate::exact::divided(amount, json.text(divisor).parse().ok()?, 8),
                None => Some(amount),
            }
        }
        _ => None,
    }
}
