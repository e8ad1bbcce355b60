//! Carts' orders mapped and compared, through the public API.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod compare;
mod docs;
mod generated;
mod map;
mod tables;

use ordercharge::Document;
use ordercharge_carts::{Choice, Comparison, Json, MappedOrder, Node, Pair, Unmappable, orders};

/// The CartRover order of the only order in a document.
pub(crate) fn map_with(text: &str, choice: Choice) -> Result<MappedOrder, Unmappable> {
    let json = Json::parse(text.as_bytes()).unwrap();
    let [(order, Some(cart))] = orders(&json, None)[..] else { panic!("one order of a known cart expected") };
    let mapped = cart.map(&json, order, choice)?;
    let written = serde_json::to_string(&mapped.order).unwrap();
    let report = Document::from_json(written.as_bytes()).unwrap().check(&ordercharge::Policy::default());
    assert!(report.violations.is_empty(), "{written}\n{report}");
    // What is mapped differs in nothing from the cart's order.
    let compared = compare(text, &written);
    if choice == Choice::default() {
        assert!(compared.differences.is_empty(), "{written}\n{:?}", compared.differences);
    }
    Ok(mapped.order)
}

/// The charges of a mapped order on one line.
pub(crate) fn charges(order: &MappedOrder) -> String {
    let mut text = String::new();
    for line in &order.items {
        let (tax, addl) = (line.tax.as_deref(), line.addl_discount.as_deref());
        text += &format!("{} * ({} - {}) = {}", line.quantity, line.price, line.discount, line.extended_amount);
        text += &tax.map_or(String::new(), |tax| format!(" tax {tax}"));
        text += &addl.map_or(String::new(), |addl| format!(" addl {addl}"));
        text += "; ";
    }
    let MappedOrder { sub_total, sales_tax, shipping_handling, order_discount, grand_total, .. } = order;
    text + &format!("{sub_total} + {sales_tax} + {shipping_handling} - {order_discount} = {grand_total}")
}

pub(crate) fn map(text: &str) -> String {
    match map_with(text, Choice::default()) {
        Ok(order) => charges(&order),
        Err(why) => format!("refused: {why}"),
    }
}

/// The comparison of the only order in a cart's document with a CartRover order.
pub(crate) fn compare(cart: &str, order: &str) -> Comparison {
    let (cart_json, json) = (Json::parse(cart.as_bytes()).unwrap(), Json::parse(order.as_bytes()).unwrap());
    let [(node, Some(cart))] = orders(&cart_json, None)[..] else { panic!("one order of a known cart expected") };
    Pair { cart, json: &cart_json, order: node, choice: Choice::default() }.compare(&json, Node::ROOT)
}
