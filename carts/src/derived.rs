//! Amounts that follow from other amounts of the same CartRover order: an `extended_amount` from a wrong price, a `grand_total`
//! from a wrong `sub_total`. Such an amount is nowhere in the cart's order, but what it follows from is.

use std::collections::HashMap;

use ordercharge::{Amount, Charge, Rounding};

use crate::stated::{Stated, StatedLine};
use crate::values::{Candidate, How};

/// An amount of the order, with the places that it may have been taken from.
pub(crate) struct Known {
    pub(crate) field: &'static str,
    /// The line of the CartRover order.
    pub(crate) line: Option<usize>,
    pub(crate) amount: Option<Amount>,
    pub(crate) places: Vec<Candidate>,
}

/// What is stated, and how an amount follows from it.
struct Derived<'d> {
    stated: &'d Stated<'d>,
    decimals: u32,
}

/// A field of a line or of the header that an amount follows from.
pub(crate) type Part = (&'static str, Option<usize>);

/// The fields that an amount follows from, if it does.
pub(crate) fn parts(stated: &Stated<'_>, decimals: u32, known: &Known) -> Vec<Part> {
    let amount = known.amount.filter(|amount| !amount.is_zero());
    amount.map(|amount| Derived { stated, decimals }.parts(known.field, known.line, amount)).unwrap_or_default()
}

/// Gives each amount without a place the places of the first amount that it follows from and that has some. Lines come before the
/// header in the list.
pub(crate) fn follow(stated: &Stated<'_>, decimals: u32, known: &mut [Known]) {
    let by_field: HashMap<Part, usize> =
        known.iter().enumerate().map(|(at, known)| ((known.field, known.line), at)).collect();
    for at in 0..known.len() {
        let Some(own) = known.get(at).filter(|own| own.places.is_empty()) else { continue };
        let parts = parts(stated, decimals, own);
        let with_places = |part: &Part| known.get(*by_field.get(part)?).filter(|other| !other.places.is_empty());
        let Some(source) = parts.iter().find_map(with_places) else { continue };
        // The quantity in a product is that of the cart's line, unless it is wrong too.
        let is_product = own.field == "extended_amount"
            && source.field == "price"
            && !parts.contains(&("discount", own.line))
            && !by_field.contains_key(&("quantity", own.line));
        let place = |place: &Candidate| {
            let how = match place.how {
                How::AsIs if is_product => How::MultipliedByQuantity,
                _ => How::Follows,
            };
            let words = format!("follows from {}, taken from {}", source.field, place.pointer);
            Candidate { how, words: Some(words), ..place.clone() }
        };
        let places = source.places.iter().map(place).collect();
        if let Some(own) = known.get_mut(at) {
            own.places = places;
        }
    }
}

impl Derived<'_> {
    /// The fields that an amount follows from; none if it does not.
    fn parts(&self, field: &str, line: Option<usize>, amount: Amount) -> Vec<Part> {
        match (field, line.and_then(|line| self.stated.lines.get(line))) {
            ("extended_amount", Some(own)) => self.extended(own, line, amount),
            ("price", Some(own)) => self.price(own, line, amount),
            ("sub_total", _) => self.sub_total(amount),
            ("sales_tax", _) => self.of_lines("tax", |line| line.tax.amount(), amount),
            ("order_discount", _) => self.discount(amount),
            ("grand_total", _) => self.grand_total(amount),
            _ => Vec::new(),
        }
    }

    fn is(&self, value: Option<Amount>, amount: Amount) -> bool {
        let rounded = |value: Amount| value.rounded(self.decimals, Rounding::HalfUp) == amount;
        value.is_some_and(|value| value == amount || rounded(value))
    }

    fn extended(&self, own: &StatedLine<'_>, line: Option<usize>, amount: Amount) -> Vec<Part> {
        let (price, quantity) = (own.price.amount(), own.quantity.amount());
        let discount = own.discount.amount().unwrap_or_default();
        let paid = price.and_then(|price| price.checked_sub(discount));
        let times = |value: Option<Amount>| value?.checked_mul(quantity?);
        let (price_part, discount_part, quantity_part) = (("price", line), ("discount", line), ("quantity", line));
        if self.is(times(price), amount) {
            return vec![price_part, quantity_part];
        }
        if discount.is_zero() {
            return Vec::new();
        }
        let row_less_discount = times(price).and_then(|row| row.checked_sub(discount));
        if self.is(times(paid), amount) || self.is(row_less_discount, amount) {
            return vec![price_part, discount_part, quantity_part];
        }
        if self.is(paid, amount) { vec![price_part, discount_part] } else { Vec::new() }
    }

    /// A price from the line that it makes.
    fn price(&self, own: &StatedLine<'_>, line: Option<usize>, amount: Amount) -> Vec<Part> {
        let discount = own.discount.amount().unwrap_or_default();
        let row = amount.checked_sub(discount).and_then(|paid| paid.checked_mul(own.quantity.amount()?));
        let extended = own.extended.amount();
        if extended.is_some_and(|extended| self.is(row, extended)) {
            vec![("extended_amount", line)]
        } else {
            Vec::new()
        }
    }

    /// The sum of a field over the lines.
    fn of_lines(
        &self,
        field: &'static str,
        get: impl Fn(&StatedLine<'_>) -> Option<Amount>,
        amount: Amount,
    ) -> Vec<Part> {
        let sum: Option<Amount> = self.stated.lines.iter().map(|line| get(line).unwrap_or_default()).sum();
        if self.is(sum, amount) { self.lines(field) } else { Vec::new() }
    }

    fn lines(&self, field: &'static str) -> Vec<Part> {
        (0..self.stated.lines.len()).map(|line| (field, Some(line))).collect()
    }

    /// The lines' amounts: as they are stated, or calculated.
    fn sums(&self) -> Vec<(Option<Amount>, Vec<Part>)> {
        let lines = || self.stated.lines.iter();
        let price = |line: &StatedLine<'_>| line.price.amount();
        let row = |line: &StatedLine<'_>| price(line)?.checked_mul(line.quantity.amount()?);
        let net = |line: &StatedLine<'_>| {
            let paid = price(line)?.checked_sub(line.discount.amount().unwrap_or_default())?;
            paid.checked_mul(line.quantity.amount()?)
        };
        let all = |get: &dyn Fn(&StatedLine<'_>) -> Option<Amount>| {
            lines().map(get).try_fold(Amount::ZERO, |sum, amount| sum.checked_add(amount?))
        };
        let parts = |fields: &[&'static str]| fields.iter().flat_map(|field| self.lines(field)).collect::<Vec<Part>>();
        vec![
            (all(&|line| line.extended.amount()), parts(&["extended_amount"])),
            (all(&net), parts(&["price", "discount", "quantity"])),
            (all(&row), parts(&["price", "quantity"])),
            (all(&price), parts(&["price"])),
        ]
    }

    fn sub_total(&self, amount: Amount) -> Vec<Part> {
        let header = [
            ("shipping_handling", self.stated.shipping),
            ("sales_tax", self.stated.sales_tax),
            ("order_discount", self.stated.discount),
        ];
        for (sum, parts) in self.sums() {
            if self.is(sum, amount) {
                return parts;
            }
        }
        for (sum, mut parts) in self.sums() {
            for (field, charge) in header {
                let Some((sum, other)) = sum.zip(charge.amount().filter(|other| !other.is_zero())) else { continue };
                if self.is(sum.checked_add(other), amount) || self.is(sum.checked_sub(other), amount) {
                    parts.push((field, None));
                    return parts;
                }
            }
        }
        Vec::new()
    }

    fn discount(&self, amount: Amount) -> Vec<Part> {
        let whole = |line: &StatedLine<'_>| line.discount.amount()?.checked_mul(line.quantity.amount()?);
        let found = self.of_lines("discount", whole, amount);
        let found =
            if found.is_empty() { self.of_lines("discount", |line| line.discount.amount(), amount) } else { found };
        if found.is_empty() { self.of_lines("addl_discount", |line| line.addl.amount(), amount) } else { found }
    }

    /// The total of the parts, with or without each of them.
    fn grand_total(&self, amount: Amount) -> Vec<Part> {
        let header = |charge: Charge| charge.amount().unwrap_or_default();
        let others = [
            ("sales_tax", header(self.stated.sales_tax)),
            ("shipping_handling", header(self.stated.shipping)),
            ("order_discount", header(self.stated.discount).negated()),
        ];
        let mut sums = self.sums();
        if let Some(stated) = self.stated.sub_total.amount() {
            sums.insert(0, (Some(stated), vec![("sub_total", None)]));
        }
        // First the total of all parts, then without one of them, without two, without three.
        let mut choices: Vec<u32> = (0..8).collect();
        choices.sort_by_key(|left_out| left_out.count_ones());
        for left_out in choices {
            let taken =
                || others.iter().enumerate().filter(move |(at, _)| left_out >> at & 1 == 0).map(|(_, part)| part);
            // What is 0 makes no difference.
            if others.iter().enumerate().any(|(at, (_, value))| left_out >> at & 1 == 1 && value.is_zero()) {
                continue;
            }
            for (sum, parts) in &sums {
                let total = taken().try_fold(*sum, |sum, (_, value)| Some(sum?.checked_add(*value))).flatten();
                if self.is(total, amount) {
                    let mut parts = parts.clone();
                    parts.extend(taken().map(|(field, _)| (*field, None)));
                    return parts;
                }
            }
        }
        Vec::new()
    }
}
