//! Orders with mistakes that the table does not know: what fits one of its rows by chance is not claimed for certain, and is
//! not written.

use ordercharge::{Certainty, Diagnosis, Mistake, Order, Policy, RepairOptions, Report, Withheld, check, repair};

fn checked(json: &str) -> Report {
    let report = check(&Order::from_json(json.as_bytes()).unwrap(), &Policy::default());
    assert!(!report.is_valid(), "{json}");
    report
}

fn names(report: &Report) -> Vec<String> {
    report.diagnoses.iter().map(|diagnosis| format!("{} ({})", diagnosis.names(), diagnosis.certainty)).collect()
}

fn first_rank(report: &Report) -> Vec<String> {
    let first = report.diagnoses.iter().take_while(|diagnosis| diagnosis.is_first()).count();
    names(report).into_iter().take(first).collect()
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

#[test]
fn swapped_prices_are_not_taken_for_wrong_amounts() {
    // The discounts stayed where they were. The amounts of both lines have the sum that they should have.
    let report = checked(
        r#"{"sub_total": "63.39", "grand_total": "63.39", "items": [
        {"price": "10.95", "quantity": 1, "extended_amount": "54.63"},
        {"price": "54.63", "discount": "2.19", "quantity": 1, "extended_amount": "8.76"}]}"#,
    );
    assert_eq!(first_rank(&report), ["lines-mixed-up (exact)"]);
    assert_eq!(edits(&report), 2);
}

#[test]
fn nothing_is_written_where_prices_or_amounts_may_have_been_swapped() {
    let json = r#"{"sub_total": "172.90", "grand_total": "172.90", "items": [
        {"price": "57.95", "quantity": 1, "extended_amount": "114.95"},
        {"price": "114.95", "quantity": 1, "extended_amount": "57.95"}]}"#;
    let report = checked(json);
    assert_eq!(edits(&report), 0, "{:?}", names(&report));
    // That the mapping mixes up lines does not say which fields of them.
    let mut options = RepairOptions::default();
    options.mapping = vec![Mistake::LinesMixedUp];
    let repair = repair(&Order::from_json(json.as_bytes()).unwrap(), &Policy::default(), &options).unwrap();
    assert_eq!((repair.edits.len(), repair.withheld), (0, Some(Withheld::SharedRank)));
}

#[test]
fn the_header_of_another_order_is_not_a_missing_line() {
    // Its tax would be at a rate of its own, and its discount not its share.
    let report = checked(
        r#"{"sub_total": "214.80", "sales_tax": "9.04", "order_discount": "31.00", "grand_total": "192.84", "items": [
        {"price": "66.15", "quantity": 1, "extended_amount": "66.15", "tax": "4.63", "addl_discount": "5.00"},
        {"price": "59.99", "quantity": 1, "extended_amount": "59.99", "tax": "4.20", "addl_discount": "5.00"}]}"#,
    );
    assert!(report.diagnoses.is_empty(), "{:?}", names(&report));
    // All of the tax is on the lines: the missing one would have none.
    let report = checked(
        r#"{"sub_total": "140.00", "sales_tax": "8.83", "grand_total": "148.83", "items": [
        {"price": "66.15", "quantity": 1, "extended_amount": "66.15", "tax": "4.63"},
        {"price": "59.99", "quantity": 1, "extended_amount": "59.99", "tax": "4.20"}]}"#,
    );
    let is_incomplete = |diagnosis: &Diagnosis| diagnosis.culprits.iter().any(|culprit| culprit.right.is_none());
    assert_eq!(names(&report).first().map(String::as_str), Some("sub-total-holds-hidden-charge (likely)"));
    assert!(!report.diagnoses.iter().any(is_incomplete), "{:?}", names(&report));
}

#[test]
fn a_quantity_that_should_be_one_is_considered() {
    // On the other line, the price is that of one item: no mapping puts the total of the line into it. Or the stock is in
    // `quantity`.
    let report = checked(
        r#"{"sub_total": "226.76", "grand_total": "226.76", "items": [
        {"price": "49.50", "quantity": 2, "extended_amount": "99.00"},
        {"price": "127.76", "quantity": 32, "extended_amount": "127.76"}]}"#,
    );
    let found = names(&report);
    assert!(found.contains(&"stale-quantity (exact)".to_owned()), "{found:?}");
    assert!(found.contains(&"price-is-line-total (likely)".to_owned()), "{found:?}");
    assert_eq!(edits(&report), 0);
}

#[test]
fn goods_at_a_fixed_price_have_a_discount_of_more_than_half() {
    // A charge of more than half of the total is not supposed; a discount may be that large.
    let report = checked(
        r#"{"sub_total": "413.95", "grand_total": "413.95", "items": [
        {"price": "1489.00", "quantity": 1, "extended_amount": "1489.00"},
        {"price": "118.00", "quantity": 3, "extended_amount": "354.00"}]}"#,
    );
    assert_eq!(first_rank(&report), ["sub-total-net-of-hidden-discount (likely)"]);
}

#[test]
fn a_charge_in_the_tax_costs_as_much_as_any_amount_in_no_field() {
    // 0.30 more than the tax of the lines: a digit typed wrong, a fee, or a tax on shipping at another rate.
    let report = checked(
        r#"{"sub_total": "1043.36", "sales_tax": "52.47", "shipping_handling": "12.95", "grand_total": "1108.78", "items": [
        {"price": "416.20", "quantity": 1, "extended_amount": "416.20", "tax": "20.81"},
        {"price": "627.16", "quantity": 1, "extended_amount": "627.16", "tax": "31.36"}]}"#,
    );
    assert_eq!(names(&report), ["line-tax-without-shipping-tax (likely)", "line-tax-differs (likely)"]);
}
