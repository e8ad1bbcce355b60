//! Prints the vectors of comparisons that every binding is tested with: a JSON object a line, with the `name` of a case, a
//! `cart_order`, the `order` that was made from it, the record of their `comparison`, and what `map` makes (`mapped`).
//!
//! The pairs are generated, for each cart: the right order, and orders that are wrong in one way.

use std::error::Error;
use std::io::{Write, stdout};

use ordercharge_carts::generate::{CARTS, cart_order};
use ordercharge_records::{call, json};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Vector<'a> {
    name: String,
    cart_order: &'a str,
    order: &'a str,
    comparison: &'a str,
    mapped: &'a str,
}

/// One thing that a mapping does wrong.
type Fault = (&'static str, fn(&mut Value));

const FAULTS: &[Fault] = &[
    ("right", |_| {}),
    ("price is of the whole line", |order| {
        let first = order.pointer("/items/0/extended_amount").cloned();
        if let (Some(price), Some(row)) = (order.pointer_mut("/items/0/price"), first) {
            *price = row;
        }
    }),
    ("discount turned", |order| {
        let turned = order["order_discount"].as_str().map(|discount| format!("-{discount}"));
        order["order_discount"] = json!(turned);
    }),
    ("cents", |order| {
        let cents = order["grand_total"].as_str().map(|total| total.replace('.', ""));
        order["grand_total"] = json!(cents);
    }),
    ("no shipping", |order| order["shipping_handling"] = json!(0)),
    ("line left out", |order| drop(order["items"].as_array_mut().map(Vec::pop))),
    ("line twice", |order| {
        if let Some(items) = order["items"].as_array_mut() {
            items.extend(items.first().cloned());
        }
    }),
    ("other currency", |order| order["currency_code"] = json!("XXX")),
    ("not an amount", |order| order["sales_tax"] = json!("t\u{202E}ax\u{1b}")),
    ("other name", |order| order["cust_ref"] = json!("no such name")),
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = stdout().lock();
    for (seed, (name, fault)) in (0..).zip(FAULTS) {
        for cart in CARTS {
            for number in 0..3 {
                let made = cart_order(cart, seed, number).ok_or("expected a cart that can be made")?;
                let mut order = serde_json::to_value(&made.order)?;
                fault(&mut order);
                let order = order.to_string();
                let options = json!({ "cart_order": made.cart_order }).to_string();
                let comparison = call("compare", order.as_bytes(), &options)?;
                let mapped = call("map", made.cart_order.as_bytes(), "")?;
                let vector = Vector {
                    name: format!("{cart} {number}: {name}"),
                    cart_order: &made.cart_order,
                    order: &order,
                    comparison: core::str::from_utf8(&comparison)?,
                    mapped: core::str::from_utf8(&mapped)?,
                };
                writeln!(out, "{}", json(&vector)?)?;
            }
        }
    }
    Ok(())
}
