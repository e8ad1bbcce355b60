//! Measures whether `compare` names the place that a wrong amount was taken from: with the cart's table, and by value alone.
//!
//! ```text
//! cargo run --release -p ordercharge-carts --features generate --example measure_places -- 20
//! ```
//!
//! A mapping that is wrong takes one field from a wrong place of the cart's order, as it is or with its sign turned: each field
//! from each place with a name such as `price` or `total`, on every line or in the header. It maps 20 orders of each cart. Only
//! the amounts that come out wrong count. With `--detail` each mapping is a line.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeMap;

use ordercharge::Amount;
use ordercharge_carts::generate::{CARTS, cart_order};
use ordercharge_carts::{Cart, Choice, Json, Kind, Node, Pair, compare_by_value};
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const HEADER: [&str; 5] = ["sub_total", "sales_tax", "shipping_handling", "order_discount", "grand_total"];
const LINE: [&str; 4] = ["price", "discount", "extended_amount", "tax"];
/// What the keys of amounts have in their names.
const MONEY: [&str; 11] =
    ["price", "amount", "total", "tax", "discount", "shipping", "cost", "fee", "value", "paid", "promotion"];

/// What was said about the wrong amounts.
#[derive(Clone, Copy, Default)]
struct Tally {
    wrong: u32,
    /// No difference was reported for the amount.
    unreported: u32,
    /// The place was named.
    right: u32,
    /// Another place with the same amount was named: one order cannot tell them apart.
    same: u32,
    /// A place with another amount was named.
    other: u32,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.wrong += other.wrong;
        self.unreported += other.unreported;
        self.right += other.right;
        self.same += other.same;
        self.other += other.other;
    }

    fn line(self, name: &str) {
        let share =
            |count: u32| format!("{}.{} %", count * 100 / self.wrong.max(1), count * 1000 / self.wrong.max(1) % 10);
        let none = self.wrong - self.unreported - self.right - self.same - self.other;
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} |",
            self.wrong,
            share(self.right),
            share(self.same),
            share(self.other),
            share(none),
            share(self.unreported)
        );
    }
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let detail = arguments.iter().any(|argument| argument == "--detail");
    let orders = arguments.iter().find(|argument| !argument.starts_with("--")).map_or(Ok(20), |text| text.parse())?;
    println!("| | wrong amounts | the place | the same amount | another place | no place | no difference |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (by_table, name) in [(true, "with the table"), (false, "by value alone")] {
        let mut all = Tally::default();
        for cart in CARTS {
            let mut mappings: BTreeMap<String, Tally> = BTreeMap::new();
            for number in 0..orders {
                measure(cart, number, by_table, &mut mappings)?;
            }
            let mut of_cart = Tally::default();
            for (mapping, tally) in mappings {
                if detail {
                    tally.line(&format!("{cart}, {name}: {mapping}"));
                }
                of_cart.add(tally);
            }
            of_cart.line(&format!("{cart}, {name}"));
            all.add(of_cart);
        }
        all.line(&format!("all, {name}"));
    }
    Ok(())
}

/// Makes one order of a cart wrong in every way.
fn measure(cart: &str, number: u64, by_table: bool, mappings: &mut BTreeMap<String, Tally>) -> Result<()> {
    let made = cart_order(cart, 3, number).ok_or("expected an order of the cart")?;
    let json = Json::parse(made.cart_order.as_bytes())?;
    let right = serde_json::to_value(&made.order)?;
    let lines = made.order.items.len();
    let table = if by_table { Cart::named(cart) } else { None };
    let mut places: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for node in json.within(Node::ROOT) {
        let pattern = json.pattern(node);
        let name = pattern.rsplit('/').take(2).collect::<String>().to_lowercase();
        if amount(&json, node).is_some()
            && !pattern.ends_with("/divisor")
            && MONEY.iter().any(|part| name.contains(part))
        {
            places.entry(pattern).or_default().push(node);
        }
    }
    for (pattern, nodes) in places {
        let of_line = pattern.matches("/*").count() == 1 && nodes.len() == lines;
        let of_header = !pattern.contains("/*");
        let fields: &[&str] = if of_line {
            &LINE
        } else if of_header {
            &HEADER
        } else {
            &[]
        };
        for (field, turned) in fields.iter().flat_map(|field| [(field, false), (field, true)]) {
            let mut wrong = right.clone();
            let mut taken = Vec::new();
            for (at, node) in nodes.iter().enumerate() {
                let (path, object) = if of_line {
                    (format!("/items/{at}/{field}"), wrong.pointer_mut(&format!("/items/{at}")))
                } else {
                    (format!("/{field}"), Some(&mut wrong))
                };
                let object = object.and_then(Value::as_object_mut).ok_or("expected an object")?;
                let value = amount(&json, *node).unwrap_or_default();
                let value = if turned { value.negated() } else { value };
                let stated = object.get(*field).and_then(Value::as_str).and_then(|text| text.parse::<Amount>().ok());
                object.insert((*field).to_owned(), Value::String(value.to_string()));
                if stated.unwrap_or_default() != value {
                    taken.push((path, *node));
                }
            }
            if taken.is_empty() {
                continue;
            }
            let text = wrong.to_string();
            let tally = said(&json, table, &Json::parse(text.as_bytes())?, &taken);
            let how = if turned { ", its sign turned" } else { "" };
            mappings.entry(format!("{field} from {pattern}{how}")).or_default().add(tally);
        }
    }
    Ok(())
}

/// What the comparison says about amounts that were taken from these places.
fn said(json: &Json<'_>, table: Option<&Cart>, wrong: &Json<'_>, taken: &[(String, Node)]) -> Tally {
    let comparison = match table {
        Some(cart) => Pair { cart, json, order: Node::ROOT, choice: Choice::default() }.compare(wrong, Node::ROOT),
        None => compare_by_value(json, Node::ROOT, wrong, Node::ROOT),
    };
    let mut tally = Tally::default();
    for (path, node) in taken {
        tally.wrong += 1;
        let Some(difference) = comparison.differences.iter().find(|difference| difference.path == *path) else {
            tally.unreported += 1;
            continue;
        };
        let Some(named) = &difference.taken_from else { continue };
        let size =
            |node: Node| amount(json, node).map(|value| if value < Amount::ZERO { value.negated() } else { value });
        match json.at(named) {
            Some(place) if place == *node => tally.right += 1,
            Some(place) if size(place) == size(*node) => tally.same += 1,
            _ => tally.other += 1,
        }
    }
    tally
}

/// The amount at a place, unless it is 0.
fn amount(json: &Json<'_>, node: Node) -> Option<Amount> {
    if !matches!(json.kind(node), Kind::Number | Kind::String) {
        return None;
    }
    json.string(node).parse::<Amount>().ok().filter(|amount| *amount != Amount::ZERO)
}
