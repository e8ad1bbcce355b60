//! Orders written for one thing each: which causes are told beside which, in what words, and what they follow from.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

#[allow(dead_code, reason = "no committed file is compared here")]
mod util;

use ordercharge::{Cause, Policy};
use util::order;

/// What is told of the amount at a place: the causes and the sentence of each explanation, and the root.
fn told_at(text: &str, policy: &Policy, at: &str) -> (Vec<(Vec<Cause>, String)>, Option<String>) {
    let report = order(text).check(policy);
    let found = report.violations.iter().find(|found| found.rule.is_identity() && found.place.to_string() == at);
    let found = found.unwrap_or_else(|| panic!("{at} is right: {text}"));
    let told = found.causes.iter().map(|told| (told.causes.clone(), told.message.clone())).collect();
    (told, found.root.as_ref().map(ToString::to_string))
}

/// An amount worked out from the right amount of something wrong, and then wrong once more.
#[test]
fn a_mistake_beside_a_correction() {
    use Cause::{CorrectedAmount, LineMissing, RoundedToWhole, TaxTwice};
    let cases: [(&str, &str, Cause, &str); 10] = [
        (
            r#"{"sub_total": 20, "items": [{"price": 10, "quantity": 2, "extended_amount": 19},
                {"price": 5, "quantity": 1, "extended_amount": 5}]}"#,
            "/sub_total",
            LineMissing,
            "/items/0/extended_amount was taken as 20, which it should be, and line 1 with 5 was not added: 25 - 5 = 20",
        ),
        (
            r#"{"sub_total": 50, "items": [{"price": 10, "quantity": 2, "extended_amount": 19},
                {"price": 15, "quantity": 2, "extended_amount": 29}, {"price": 5, "quantity": 1, "extended_amount": 5}]}"#,
            "/sub_total",
            LineMissing,
            "2 lines were taken with the extended_amount they should have, and line 2 with 5 was not added: 55 - 5 = 50",
        ),
        (
            r#"{"sub_total": 20.2, "sales_tax": 0.8, "grand_total": 22, "items": [
                {"price": 10.25, "quantity": 2, "extended_amount": 20.5, "tax": 1.1}]}"#,
            "/grand_total",
            RoundedToWhole,
            "sub_total and sales_tax were taken as they should be, and 21.6 was rounded to a whole number: 22",
        ),
        (
            r#"{"shipping_handling": 5.3, "grand_total": 25, "items": [
                {"price": 10, "quantity": 2, "extended_amount": 19}]}"#,
            "/grand_total",
            RoundedToWhole,
            "/items/0/extended_amount was taken as 20, which it should be, and 25.3 was rounded to a whole number: 25",
        ),
        (
            r#"{"sub_total": 18, "shipping_handling": 5.3, "grand_total": 25, "items": [
                {"price": 10, "quantity": 2, "extended_amount": 19}]}"#,
            "/grand_total",
            RoundedToWhole,
            "/sub_total was taken as 20, which it should be, and 25.3 was rounded to a whole number: 25",
        ),
        (
            r#"{"sub_total": 18, "shipping_handling": 5.3, "grand_total": 24, "items": [
                {"price": 19, "quantity": 1, "extended_amount": 19}]}"#,
            "/grand_total",
            RoundedToWhole,
            "/sub_total was taken as 19, which it should be, and 24.3 was rounded to a whole number: 24",
        ),
        (
            r#"{"sub_total": 20.3, "order_discount": 2, "grand_total": 17, "items": [
                {"price": 20.3, "quantity": 1, "addl_discount": 3}]}"#,
            "/grand_total",
            RoundedToWhole,
            "/order_discount was taken as 3, which it should be, and 17.3 was rounded to a whole number: 17",
        ),
        // Also where something else is likely without a correction: that the decimals were cut off.
        (
            r#"{"sub_total": 20.7, "grand_total": 20, "items": [{"price": 19.6, "quantity": 1, "extended_amount": 19.6}]}"#,
            "/grand_total",
            RoundedToWhole,
            "/sub_total was taken as 19.6, which it should be, and 19.6 was rounded to a whole number: 20",
        ),
        // What is left out is one of those that are wrong.
        (
            r#"{"sub_total": 35, "items": [{"price": 10, "quantity": 2, "extended_amount": 19},
                {"price": 15, "quantity": 2, "extended_amount": 29}, {"price": 5, "quantity": 1, "extended_amount": 5}]}"#,
            "/sub_total",
            LineMissing,
            "2 lines were taken with the extended_amount they should have, and line 0 with 20 was not added: 55 - 20 = 35",
        ),
        // The two corrections cancel out.
        (
            r#"{"sub_total": 1000, "sales_tax": 20, "order_discount": 7, "grand_total": 1046, "items": [
                {"price": 1000, "quantity": 1, "tax": 33, "addl_discount": 20}]}"#,
            "/grand_total",
            TaxTwice,
            "sales_tax and order_discount were taken as they should be, and sales_tax 33 was added twice: 1013 + 33 = 1046",
        ),
    ];
    for (text, at, cause, message) in cases {
        let (told, root) = told_at(text, &Policy::default(), at);
        let expected = (vec![CorrectedAmount, cause], message.to_owned());
        assert!(told.contains(&expected), "{text}: {told:?}");
        assert_eq!(root, None, "{text}");
        // It is as certain as the cause beside the correction.
        let report = order(text).check(&Policy::default());
        let told = report.violations.iter().flat_map(|found| &found.causes).find(|told| told.message == message);
        assert_eq!(told.map(|told| told.certainty), Some(cause.certainty()), "{text}");
    }
    // What fits by itself is not told once more beside corrections: of a sub-total that is worked out from the right lines, or
    // those that cancel out.
    for text in [
        r#"{"sub_total": 20, "shipping_handling": 5.3, "grand_total": 25, "items": [
            {"price": 10, "quantity": 2, "extended_amount": 19}]}"#,
        r#"{"sub_total": 20, "shipping_handling": 5.3, "sales_tax": 2, "order_discount": 1, "grand_total": 26, "items": [
            {"price": 20, "quantity": 1, "tax": 5, "addl_discount": 4}]}"#,
    ] {
        let (told, _) = told_at(text, &Policy::default(), "/grand_total");
        let causes: Vec<&[Cause]> = told.iter().map(|(causes, _)| causes.as_slice()).collect();
        assert_eq!(causes, [&[RoundedToWhole][..], &[Cause::CentsCut]], "{told:?}");
    }
}

/// A consequence of a consequence has the root of both; one of several wrong lines is a root of its own.
#[test]
fn roots_of_roots() {
    let text = r#"{"sub_total": 15, "grand_total": 14, "items": [
        {"price": 10, "quantity": 1, "extended_amount": 9}, {"price": 5, "quantity": 1, "extended_amount": 5}]}"#;
    assert_eq!(told_at(text, &Policy::default(), "/sub_total").1.as_deref(), Some("/items/0/extended_amount"));
    assert_eq!(told_at(text, &Policy::default(), "/grand_total").1.as_deref(), Some("/items/0/extended_amount"));
    let text = r#"{"sub_total": 49, "items": [{"price": 10, "quantity": 2, "extended_amount": 19},
        {"price": 15, "quantity": 2, "extended_amount": 28}]}"#;
    let (told, root) = told_at(text, &Policy::default(), "/sub_total");
    assert_eq!(root.as_deref(), Some("/items/1/extended_amount"));
    assert_eq!(told[0].1, "line 1 was taken with the extended_amount it should have: 47 + 2 = 49");
}

#[test]
fn amounts_under_every_wrong_name() {
    let line = r#""items": [{"price": 10, "quantity": 2}]"#;
    let of_line = |header: &str, misnamed: &str| {
        format!(r#"{{{header}, "items": [{{"price": 10, "quantity": 2, {misnamed}}}]}}"#)
    };
    let cases = [
        (format!(r#"{{"subtotal": 30, "grand_total": 30, {line}}}"#), "/grand_total", true),
        (format!(r#"{{"discount": 3, "sub_total": 20, "grand_total": 17, {line}}}"#), "/grand_total", true),
        (format!(r#"{{"shipping": 5, "sub_total": 20, "grand_total": 25, {line}}}"#), "/grand_total", true),
        (format!(r#"{{"tax": 5, "sub_total": 20, "grand_total": 25, {line}}}"#), "/grand_total", true),
        // Stated under its right name, the other is not meant for it.
        (format!(r#"{{"shipping": 5, "shipping_handling": 0, "grand_total": 25, {line}}}"#), "/grand_total", false),
        (of_line(r#""sub_total": 25"#, r#""line_total": 25"#), "/sub_total", true),
        (of_line(r#""grand_total": 25"#, r#""line_total": 25"#), "/grand_total", true),
        (of_line(r#""sub_total": 20, "grand_total": 25"#, r#""line_total": 25"#), "/grand_total", false),
        (of_line(r#""grand_total": 22"#, r#""sales_tax": 2"#), "/grand_total", true),
        (of_line(r#""sales_tax": 0, "grand_total": 22"#, r#""sales_tax": 2"#), "/grand_total", false),
        (of_line(r#""grand_total": 17"#, r#""additional_discount": 3"#), "/grand_total", true),
        (of_line(r#""order_discount": "", "grand_total": 17"#, r#""additional_discount": 3"#), "/grand_total", true),
        (of_line(r#""order_discount": 0, "grand_total": 17"#, r#""additional_discount": 3"#), "/grand_total", false),
        (of_line(r#""sub_total": 17"#, r#""additional_discount": 3"#), "/sub_total", false),
        (of_line(r#""sub_total": 22"#, r#""sales_tax": 2"#), "/sub_total", false),
    ];
    for (text, at, is_told) in cases {
        let (told, _) = told_at(&text, &Policy::default(), at);
        let found = told.iter().any(|(causes, _)| causes.as_slice() == [Cause::MisnamedField]);
        assert_eq!(found, is_told, "{text}: {told:?}");
    }
}

#[test]
fn sentences_with_roundings_and_second_offers() {
    let first = |text: &str, at: &str| told_at(text, &Policy::default(), at).0[0].1.clone();
    let line = "/items/0/extended_amount";
    assert_eq!(
        first(r#"{"items": [{"price": 1.115, "quantity": 3, "extended_amount": 10.04}]}"#, line),
        "quantity 3 was applied twice: 3.345 * 3 = 10.035, rounded 10.04"
    );
    // What was seen is the exact amount where that is stated, else the rounded one.
    for (stated, sum) in [("1.115", "0.62 + 0.495 = 1.115"), ("1.12", "0.62 + 0.5 = 1.12")] {
        let text = format!(
            r#"{{"items": [{{"price": 1.115, "discount": 0.5, "quantity": 1, "extended_amount": {stated}}}]}}"#
        );
        assert_eq!(first(&text, line), format!("discount 0.5 was not taken off: {sum}"));
    }
    // Two offers of one cause: the pair is told with the one that fits.
    let both = |tax: &str| {
        format!(
            r#"{{"sub_total": {tax}, "sales_tax": 5, "order_discount": 2, "shipping_handling": 1, "items": [
                {{"price": 20, "quantity": 1, "tax": 8, "addl_discount": 1}}]}}"#
        )
    };
    assert_eq!(
        first(&both("23"), "/sub_total"),
        "order_discount 2 was taken off the sub_total already, and sales_tax 5 is in the sub_total: 20 - 2 + 5 = 23"
    );
    assert_eq!(
        first(&both("26"), "/sub_total"),
        "order_discount 2 was taken off the sub_total already, and the lines' tax 8 is in the sub_total: 20 - 2 + 8 = 26"
    );
    // The order's discount under a wrong name.
    let text = r#"{"discount": 2, "items": [{"price": 10, "quantity": 1, "extended_amount": 8},
        {"price": 20, "quantity": 1, "extended_amount": 18}]}"#;
    assert_eq!(first(text, line), "the order's discount 2 was taken off every line: 10 - 2 = 8");
}

#[test]
fn of_lines_alike_three_are_told() {
    let lines = [r#"{"price": 5, "quantity": 1}"#; 5].join(",");
    for (sub_total, cause) in [(20, Cause::LineMissing), (30, Cause::LineTwice)] {
        let text = format!(r#"{{"sub_total": {sub_total}, "items": [{lines}]}}"#);
        let (told, _) = told_at(&text, &Policy::default(), "/sub_total");
        assert_eq!(told.iter().filter(|(causes, _)| *causes == [cause]).count(), 3, "{told:?}");
    }
}

#[test]
fn what_does_not_explain() {
    // The digits have changed places, but so has the sign.
    let text = r#"{"sub_total": -135, "items": [{"price": 315, "quantity": 1}]}"#;
    let (told, _) = told_at(text, &Policy::default(), "/sub_total");
    assert!(told.iter().all(|(causes, _)| !causes.contains(&Cause::TransposedDigits)), "{told:?}");
    // Of one item no quantity was left out, however it was rounded.
    let policy = Policy { rounding: ordercharge::Rounding::Down, ..Policy::default() };
    let text = r#"{"items": [{"price": 0.125, "quantity": 1, "extended_amount": 0.13}]}"#;
    let (told, _) = told_at(text, &policy, "/items/0/extended_amount");
    assert!(told.iter().any(|(causes, _)| causes.as_slice() == [Cause::RoundedOtherwise]), "{told:?}");
    let of_quantity = [Cause::QuantityIgnored, Cause::QuantityTwice, Cause::PriceIsLineTotal];
    assert!(told.iter().all(|(causes, _)| !of_quantity.contains(&causes[0])), "{told:?}");
}

/// Two neighbouring digits that differ by a multiple of nine have not changed places for that.
#[test]
fn what_is_like_transposed_digits() {
    for (expected, stated, swapped) in
        [("14", "41", true), ("59", "95", true), ("14", "50", false), ("50", "95", false), ("95", "50", false)]
    {
        let text = format!(r#"{{"items": [{{"price": {expected}, "quantity": 1, "extended_amount": {stated}}}]}}"#);
        let (told, _) = told_at(&text, &Policy::default(), "/items/0/extended_amount");
        let found = told.iter().any(|(causes, _)| *causes == [Cause::TransposedDigits]);
        assert_eq!(found, swapped, "{text}: {told:?}");
        // Nothing better hides it.
        assert!(swapped || told.is_empty(), "{text}: {told:?}");
    }
}
