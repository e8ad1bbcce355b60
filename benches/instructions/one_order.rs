//! Checks one order in memory again and again, for `benches/instructions/run`, which counts the instructions: an order of
//! this many lines, right or with one fault, is checked this many times.
//!
//! `one_order right|faulty|left-off LINES TIMES`

use std::error::Error;
use std::hint::black_box;

use ordercharge::generate::{Choices, Params, Presence, consistent_order};
use ordercharge::{Amount, Charge, Currency, Order, Policy, check};

/// A right order that states every amount, or leaves off those that can be calculated.
fn right(lines: usize, left_off: Presence) -> Order {
    let params = Params {
        lines: lines..=lines,
        currencies: vec![Currency::from_code("USD")],
        fine_prices: Presence::Never,
        left_off,
        ..Params::default()
    };
    consistent_order(&params, &mut Choices::seeded(lines as u64))
}

/// The order with a grand total that is a cent too high.
fn faulty(mut order: Order) -> Option<Order> {
    let total = order.grand_total.amount()?.checked_add(Amount::new(1, 2)?)?;
    order.grand_total = Charge::Amount(total);
    Some(order)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, lines, times] = arguments.as_slice() else { return Err("expected: KIND LINES TIMES".into()) };
    let lines = lines.parse()?;
    let order = match kind.as_str() {
        "right" => right(lines, Presence::Never),
        "left-off" => right(lines, Presence::Always),
        "faulty" => faulty(right(lines, Presence::Never)).ok_or("the order has no total")?,
        _ => return Err("expected an order that is right, left-off or faulty".into()),
    };
    let policy = Policy::default();
    for _ in 0..times.parse()? {
        let report = check(black_box(&order), &policy);
        if black_box(report).is_valid() == (kind == "faulty") {
            return Err("the report is wrong".into());
        }
    }
    Ok(())
}
