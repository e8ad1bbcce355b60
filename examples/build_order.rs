//! Builds an order from what a cart knows, so that its charges are right by construction, and writes it as JSON.
//!
//! Run it with `cargo run --example build_order`.

use ordercharge::{Checked, Line, OrderBuilder, Policy};
use rust_decimal::Decimal;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mug = Line {
        price: Decimal::new(1250, 2).into(),
        discount: Decimal::new(125, 2).into(),
        quantity: 3.into(),
        ..Line::default()
    };
    let tea = Line {
        price: Decimal::new(499, 2).into(),
        quantity: 2.into(),
        addl_discount: Decimal::new(50, 2).into(),
        ..Line::default()
    };
    let order = OrderBuilder::new()
        .cust_ref("TEST02")
        .currency_code("USD")
        .line(mug)
        .line(tea)
        .overall_discount("2.00".parse()?)
        .sales_tax("3.12".parse()?)
        .shipping_handling("4.99".parse()?)
        .build()?;

    // (12.50 - 1.25) * 3 + 4.99 * 2 = 43.73, and 43.73 + 3.12 + 4.99 - (2.00 + 0.50) = 49.34.
    assert_eq!(order.grand_total.amount(), Some("49.34".parse()?));

    // Code that sends orders takes the proof of a check.
    let checked = Checked::order(order, &Policy::default())?;
    show(&serde_json::to_string_pretty(checked.get())?);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn show(line: &str) {
    println!("{line}");
}
