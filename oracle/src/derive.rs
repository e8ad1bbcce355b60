//! The amounts that follow from others, and whether they are to be filled in: sections 2 and 3.

use std::collections::{BTreeMap, BTreeSet};

use num_rational::BigRational;

use crate::books::{Books, Row, Stated, Why};
use crate::misnamed::misnamed;
use crate::names::{HEADER_NAMES, LINE_NAMES};
use crate::policy::Rounding;
use crate::reader::{Fields, Items, Order};

/// An amount that follows from others.
#[derive(Clone, Debug)]
pub struct Derived {
    /// Its amount.
    pub amount: Option<BigRational>,
    /// Every reason why there is no amount.
    pub reasons: BTreeSet<Why>,
    /// Whether it is to be filled in: it is unset, there are lines, and it and its terms are not misnamed.
    pub missing: bool,
}

/// Every amount of an order that follows from others, by its place. Entries of `items` that are not objects are included,
/// without an amount.
pub fn derive(order: &Order, rounding: Rounding) -> BTreeMap<String, Derived> {
    let books = Books::new(order, rounding);
    let entries = match &order.items {
        Items::Entries(entries) => entries.as_slice(),
        _ => &[],
    };
    let is_meant = |fields: &Fields, names, wanted: &[&str]| {
        misnamed(fields, names).iter().flat_map(|other| &other.means).any(|field| wanted.contains(field))
    };
    let on_lines = |wanted: &[&str]| entries.iter().flatten().any(|line| is_meant(&line.fields, &LINE_NAMES, wanted));
    let in_header = |wanted: &[&str]| is_meant(&order.header, &HEADER_NAMES, wanted);

    let mut derived = BTreeMap::new();
    let mut extended_amounts_are_sure = true;
    for (at, entry) in entries.iter().enumerate() {
        let place = format!("/items/{at}/extended_amount");
        let Some(line) = entry else {
            let reasons = BTreeSet::from([Why::Unusable(format!("/items/{at}"))]);
            derived.insert(place, Derived { amount: None, reasons, missing: false });
            continue;
        };
        let row = Row::new(&line.fields);
        let sure = !is_meant(&line.fields, &LINE_NAMES, &["price", "discount", "quantity", "extended_amount"]);
        extended_amounts_are_sure &= sure || row.number("extended_amount").is_some();
        let missing = sure && *row.get("extended_amount") == Stated::Unset;
        let amount = row.extension().number().map(|exact| books.grid.round(&exact));
        let reasons = row.why_no_extension(&format!("/items/{at}"));
        derived.insert(place, Derived { amount, reasons, missing });
    }
    let unset = |name: &str| *books.header.get(name) == Stated::Unset;
    let sub_total = extended_amounts_are_sure && !in_header(&["sub_total"]);
    let sales_tax = !on_lines(&["tax"]) && !in_header(&["sales_tax"]);
    let order_discount = !on_lines(&["addl_discount"]) && !in_header(&["order_discount"]);
    let terms = [("sub_total", sub_total), ("sales_tax", sales_tax), ("order_discount", order_discount)];
    let grand_total = terms.iter().all(|(name, sure)| *sure || !unset(name));
    let grand_total = grand_total && !in_header(&["shipping_handling", "grand_total"]);
    for (name, sure) in terms.into_iter().chain([("grand_total", grand_total)]) {
        let missing = sure && unset(name) && !entries.is_empty();
        let (amount, reasons) = (books.calculated(name).number(), books.why_not(name));
        derived.insert(format!("/{name}"), Derived { amount, reasons, missing });
    }
    derived
}
