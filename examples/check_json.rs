//! Reads an order from JSON, checks it and prints what is wrong with it.
//!
//! Run it with `cargo run --example check_json`.

use ordercharge::{Document, Policy};

fn main() -> Result<(), ordercharge::Error> {
    let text = br#"{
        "cust_ref": "TEST02", "sub_total": 14, "order_discount": 2, "grand_total": 15,
        "items": [
            {"item": "C100", "price": 4.4, "quantity": 2, "extended_amount": 9},
            {"item": "C300", "price": "5.00", "quantity": 1, "extended_amount": 5}
        ]
    }"#;
    let report = Document::from_json(text)?.check(&Policy::default());
    for violation in &report.violations {
        show(&violation.to_string());
        if let Some(working) = violation.working() {
            show(&format!("  {working}"));
        }
    }
    for (identity, reason) in report.unchecked() {
        show(&format!("not checked: {} {} ({reason})", identity.rule, identity.place));
    }
    assert_eq!(report.violations.len(), 2);
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn show(line: &str) {
    println!("{line}");
}
