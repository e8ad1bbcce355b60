//! Checks orders that are already a `serde_json::Value`, or come from a table.
//!
//! Run it with `cargo run --example own_pipeline`.

use ordercharge::{Charge, Items, Line, Options, Order, Policy, Rule, Severity, calculate, check};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A value that another program has parsed. Its numbers have been binary floats: up to 15 digits are exact, and longer
    // ones are refused instead of guessed.
    let value = serde_json::json!({"sub_total": "9.98", "items": [{"price": 4.99, "quantity": 2}]});
    let order: Order = serde_json::from_value(value)?;
    assert!(check(&order, &Policy::default()).is_valid());

    // The cells of a table.
    let cells = [("4.99", "2", "9.98"), ("1.00", "1", "")];
    let line = |(price, quantity, extended): (&str, &str, &str)| Line {
        price: Charge::from_text(price),
        quantity: Charge::from_text(quantity),
        extended_amount: Charge::from_text(extended),
        ..Line::default()
    };
    let order = Order { items: Items::Lines(cells.into_iter().map(line).collect()), ..Order::default() };
    let workings = calculate(&order, &Options::default());
    assert_eq!(workings.sub_total.map(|sum| sum.to_string()), Ok("9.98 + 1 = 10.98".to_owned()));

    // Another policy: an empty cell is an error here.
    let mut policy = Policy::default();
    policy.severities.insert(Rule::EmptyAmount, Some(Severity::Error));
    let report = check(&order, &policy);
    for violation in &report.violations {
        show(&violation.to_string());
    }
    assert!(!report.is_valid());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn show(line: &str) {
    println!("{line}");
}
