//! Orders with mistakes that the table does not know: what fits one of its rows by chance is not claimed for certain, and is
//! not written.

use ordercharge::{Certainty, Order, Policy, Report, check};

fn checked(json: &str) -> Report {
    let report = check(&Order::from_json(json.as_bytes()).unwrap(), &Policy::default());
    assert!(!report.is_valid(), "{json}");
    report
}

fn names(report: &Report) -> Vec<String> {
    report.diagnoses.iter().map(|diagnosis| format!("{} ({})", diagnosis.names(), diagnosis.certainty)).collect()
}

fn is_exact(report: &Report) -> bool {
    report.diagnoses.iter().any(|diagnosis| diagnosis.is_first() && diagnosis.certainty == Certainty::Exact)
}

fn edits(report: &Report) -> usize {
    report.repair.as_ref().map_or(0, |repair| repair.edits.len())
}

/// Nothing is claimed for certain, and nothing is written.
fn is_left_alone(json: &str) {
    let report = checked(json);
    assert!(!is_exact(&report) && edits(&report) == 0, "{json}\n{:?}\n{:?}", names(&report), report.repair);
}

#[test]
fn a_swap_that_only_the_total_shows_is_not_certain() {
    // Tax, shipping and discount are each in the field of the next. That shipping and discount are swapped gives the same total.
    is_left_alone(
        r#"{"sub_total": "311.97", "sales_tax": "12.95", "shipping_handling": "46.80", "order_discount": "26.52",
        "grand_total": "304.64", "items": [{"price": "103.99", "quantity": 3, "extended_amount": "311.97"}]}"#,
    );
    // The tax on the goods shows that it is in its place. Still only the total shows the swap.
    let report = checked(
        r#"{"sub_total": "200.00", "sales_tax": "36.00", "shipping_handling": "20.00", "order_discount": "12.95",
        "grand_total": "228.95", "items": [{"price": "100.00", "quantity": 2, "extended_amount": "200.00"}]}"#,
    );
    assert_eq!(names(&report).first().map(String::as_str), Some("header-amounts-swapped (likely)"));
    assert_eq!(edits(&report), 2);
    // The lines know the sub-total.
    let report = checked(
        r#"{"sub_total": "228.95", "sales_tax": "36.00", "shipping_handling": "12.95", "order_discount": "20.00",
        "grand_total": "200.00", "items": [{"price": "100.00", "quantity": 2, "extended_amount": "200.00"}]}"#,
    );
    assert_eq!(names(&report).first().map(String::as_str), Some("header-amounts-swapped (exact)"));
}

#[test]
fn a_percentage_less_is_not_a_quantity_with_decimals() {
    // 7 % were taken off for five of them.
    is_left_alone(
        r#"{"sub_total": "302.25", "grand_total": "302.25",
        "items": [{"price": "65.00", "quantity": 5, "extended_amount": "302.25"}]}"#,
    );
}

#[test]
fn a_small_difference_is_not_certain() {
    // 3.5 % of the sub-total are withheld. It is also the tax on the discount.
    let report = checked(
        r#"{"sub_total": "1.99", "sales_tax": "0.34", "shipping_handling": "4.95", "order_discount": "0.20",
        "grand_total": "7.05", "items": [{"price": "1.99", "quantity": 1, "extended_amount": "1.99"}]}"#,
    );
    assert!(!is_exact(&report), "{:?}", names(&report));
}

#[test]
fn a_fee_in_the_tax_is_not_the_tax_on_shipping() {
    is_left_alone(
        r#"{"sub_total": "100.00", "sales_tax": "22.40", "shipping_handling": "9.95", "grand_total": "132.35",
        "items": [{"price": "50.00", "quantity": 2, "extended_amount": "100.00", "tax": "20.00"}]}"#,
    );
}

#[test]
fn one_whole_price_was_not_cut() {
    // Of a line with a quantity of 2, a deposit of 0.25 each.
    is_left_alone(
        r#"{"sub_total": "60.50", "sales_tax": "3.81", "shipping_handling": "12.00", "grand_total": "76.31",
        "items": [{"price": "30", "quantity": 2, "extended_amount": "60.50"}]}"#,
    );
}

#[test]
fn items_of_a_line_that_were_not_charged_are_not_a_discount() {
    // Two of four items were sent: that is 50 %.
    is_left_alone(
        r#"{"sub_total": "235.96", "sales_tax": "0", "shipping_handling": "4.95", "grand_total": "122.93",
        "items": [{"price": "58.99", "quantity": 4, "extended_amount": "235.96"}]}"#,
    );
}

#[test]
fn a_price_that_nobody_would_have_chosen_is_no_known_mistake() {
    // The quantity is 3.62 and has the weight of the package added.
    let report = checked(
        r#"{"sub_total": "45.21", "grand_total": "45.21",
        "items": [{"price": "12.49", "quantity": "3.95", "extended_amount": "45.21"}]}"#,
    );
    assert!(report.diagnoses.is_empty(), "{:?}", names(&report));
    // A price in whole cents may have been charged.
    let report = checked(
        r#"{"sub_total": "41.97", "grand_total": "41.97",
        "items": [{"price": "12.49", "quantity": "3", "extended_amount": "41.97"}]}"#,
    );
    assert_eq!(names(&report), ["price-wrong (likely)"]);
}
