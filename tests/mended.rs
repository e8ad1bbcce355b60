//! Orders written for one thing each: what a fix makes of them, to the byte where it matters how an amount is written.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

#[allow(dead_code, reason = "no committed file is compared here")]
mod util;

use std::fs;

use ordercharge::{Amount, Applicability, Document, Documents, Edit, Field, Fix, Place, Policy, Rule, fix};
use serde_json::Value;
use util::{order, path};

/// The text after a fix, if there is one.
fn fixed(text: &str, allowed: Applicability) -> Option<String> {
    let document = order(text);
    let fix = fix(document.order(), &Policy::default(), allowed)?;
    Some(String::from_utf8(document.fixed(&fix)).unwrap())
}

#[test]
fn the_vendors_example() {
    let text = fs::read_to_string(path("tests/causes/pairs/vendor-example.json")).unwrap();
    assert_eq!(fixed(&text, Applicability::Safe), None);
    let mended = fixed(&text, Applicability::Unsafe).unwrap();
    let expected = text
        .replace("\"sub_total\": 14", "\"sub_total\": 13.8")
        .replace("\"grand_total\": 15", "\"grand_total\": 12.8,\n  \"sales_tax\": 1")
        .replace("\"extended_amount\": 9", "\"extended_amount\": 8.8");
    assert_eq!(mended, expected.trim_end());
    let report = order(&mended).check(&Policy::default());
    assert!(report.violations.is_empty(), "{:?}", report.violations);
    let document = order(&text);
    let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap();
    assert_eq!(fix.applicability, Applicability::Unsafe);
    assert_eq!(fix.moved(document.order()), Some("2.2".parse().unwrap()));
}

/// What a fix makes of a text: a part of it and what stands there afterwards.
enum Becomes {
    Nothing,
    Safely(&'static str, &'static str),
    Unsafely(&'static str, &'static str),
}

use Becomes::{Nothing, Safely, Unsafely};

fn assert_becomes(text: &str, becomes: &Becomes) {
    let (safe, all) = match becomes {
        Nothing => (None, None),
        Safely(old, new) | Unsafely(old, new) => {
            assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
            let mended = Some(text.replace(old, new));
            if matches!(becomes, Safely(..)) { (mended.clone(), mended) } else { (None, mended) }
        }
    };
    assert_eq!(fixed(text, Applicability::Safe), safe, "safe: {text}");
    assert_eq!(fixed(text, Applicability::Unsafe), all, "unsafe: {text}");
}

#[test]
fn safe_fixes() {
    let cases = [
        // A blank sum is filled in, an absent one and `null` are not: nothing is wrong with those.
        (
            r#"{"sub_total": "", "grand_total": "12.85", "items": [{"price": "12.85", "quantity": 1}]}"#,
            Safely(r#""sub_total": """#, r#""sub_total": "12.85""#),
        ),
        (r#"{"items": [{"price": 12.85, "quantity": 1, "extended_amount": " "}]}"#, Safely(r#"" ""#, r#""12.85""#)),
        (r#"{"sub_total": null, "grand_total": 12.85, "items": [{"price": 12.85, "quantity": 1}]}"#, Nothing),
        // A blank input is not known.
        (r#"{"items": [{"price": 12.85, "discount": "", "quantity": 1}]}"#, Nothing),
        (r#"{"shipping_handling": "", "items": [{"price": 12.85, "quantity": 1}]}"#, Nothing),
        // The balance.
        (r#"{"balance": 5.00, "items": [{"price": 12.85, "quantity": 1}]}"#, Safely("5.00", "0.00")),
        (r#"{"balance": "-5", "items": [{"price": 12.85, "quantity": 1}]}"#, Safely(r#""-5""#, r#""0""#)),
        // Less than half a cent, from below and from above.
        (r#"{"grand_total": 12.854, "items": [{"price": 12.85, "quantity": 1}]}"#, Safely("12.854", "12.850")),
        (r#"{"grand_total": "12.8451", "items": [{"price": "12.85", "quantity": "1"}]}"#, Safely("12.8451", "12.8500")),
        // Half a cent is no tail.
        (r#"{"grand_total": 12.855, "items": [{"price": 12.85, "quantity": 1}]}"#, Unsafely("12.855", "12.850")),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// What is filled in is written as CartRover writes it, beside texts a text.
#[test]
fn blanks_are_filled_in_with_the_decimals_of_the_currency() {
    let cases = [
        (r#"{"items": [{"price": "4.40", "quantity": 2, "extended_amount": ""}]}"#, Safely(r#""""#, r#""8.80""#)),
        (
            r#"{"currency_code": "JPY", "items": [{"price": "44", "quantity": 2, "extended_amount": ""}]}"#,
            Safely(r#""""#, r#""88""#),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// The tax cannot be mended: as the lines have it, it has more decimals than are kept.
#[test]
fn what_cannot_be_mended_does_not_keep_the_rest_from_it() {
    let text = r#"{"balance": 5, "sales_tax": 2.26, "items": [
        {"price": 10, "quantity": 1, "tax": 1.125}, {"price": 10, "quantity": 1, "tax": 1.1349}]}"#;
    assert_becomes(text, &Safely(r#""balance": 5"#, r#""balance": 0"#));
}

/// The tail of a binary float goes, and not to sixteen zeros.
#[test]
fn float_tails() {
    let cases = [
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.3000000000000003}]}"#,
            Safely("3.3000000000000003", "3.30"),
        ),
        (
            r#"{"items": [{"price": 19.99, "quantity": 3, "extended_amount": "59.969999999999995"}]}"#,
            Safely("59.969999999999995", "59.97"),
        ),
        // Ten decimals are a tail, nine are how somebody writes amounts.
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.3000000001}]}"#,
            Safely("3.3000000001", "3.30"),
        ),
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.300000001}]}"#,
            Safely("3.300000001", "3.300000000"),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// A blank amount that another name holds is not filled in with a calculated one; what other names mean hinders nothing else.
#[test]
fn blank_amounts_under_other_names() {
    let agrees = r#"{"sales_tax": "", "tax": "1.00", "items": [{"price": 14, "quantity": 1, "tax": 1}]}"#;
    assert_becomes(agrees, &Unsafely(r#""sales_tax": """#, r#""sales_tax": "1.00""#));
    let fix = fix(order(agrees).order(), &Policy::default(), Applicability::Unsafe).unwrap();
    assert_eq!(fix.applicability, Applicability::Unsafe);
    let differs = r#"{"sales_tax": "", "tax": "1.00", "items": [{"price": 14, "quantity": 1, "tax": 0.5}]}"#;
    assert_becomes(differs, &Nothing);
    let other = r#"{"sub_total": "", "sales_tax": 1, "tax": 1, "items": [{"price": 14, "quantity": 1}]}"#;
    assert_becomes(other, &Safely(r#""sub_total": """#, r#""sub_total": "14.00""#));
    let line = r#""items": [{"price": 14, "quantity": 1, "tax": 1, "addl_discount": 2}]"#;
    for (field, becomes) in [("sales_tax", "1.00"), ("order_discount", "2.00"), ("grand_total", "13.00")] {
        let text = format!(r#"{{"{field}": "", {line}}}"#);
        let expected = text.replace(r#""""#, &format!(r#""{becomes}""#));
        assert_eq!(fixed(&text, Applicability::Safe), Some(expected));
    }
}

/// What an identity gives is written as it is, also where it has more decimals than are kept: rounding it would break the identity.
#[test]
fn what_breaks_in_storage_is_not_rounded() {
    let text = r#"{"sub_total": 9, "sales_tax": 0.004, "shipping_handling": 0.004, "grand_total": 9.008,
        "items": [{"price": 4.4, "quantity": 2, "extended_amount": 9}]}"#;
    let mended = text
        .replace(r#""extended_amount": 9"#, r#""extended_amount": 8.8"#)
        .replace(r#""sub_total": 9"#, r#""sub_total": 8.8"#)
        .replace("9.008", "8.808");
    assert_eq!(fixed(text, Applicability::Unsafe), Some(mended));
}

/// A sub-total of more than the lines is no fault to mend where lines may be missing: in a reply, or with a filtered SKU.
#[test]
fn lines_that_are_left_out() {
    let order = |sub_total: &str, line: &str| {
        format!(r#"{{"sub_total": {sub_total}, "items": [{{"price": 14, "quantity": 1{line}}}]}}"#)
    };
    let reply = |order: &str| format!(r#"{{"success_code": true, "response": {order}}}"#);
    let filtered = r#", "filtered_sku": "Y""#;
    for (text, is_mended) in [
        (order("20", ""), true),
        (order("10", filtered), true),
        (reply(&order("10", "")), true),
        (order("20", filtered), false),
        (reply(&order("20", "")), false),
        // A tail is no line.
        (order("14.001", filtered), true),
        (reply(&order("14.001", "")), true),
    ] {
        let document = Documents::new(text.as_bytes()).next().unwrap().document.unwrap();
        let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe);
        assert_eq!(fix.is_some(), is_mended, "{text}: {fix:?}");
    }
}

/// A fix may be made by hand, for any order.
#[test]
fn amounts_are_added_to_empty_objects() {
    let edit = |place: &str, value: &str| Edit { place: place.parse().unwrap(), value: value.parse().unwrap() };
    let fix = Fix {
        applicability: Applicability::Unsafe,
        edits: vec![edit("/grand_total", "5"), edit("/items/1/price", "2.5"), edit("/items/7/price", "1")],
    };
    for (text, becomes, patch) in [
        (" {} ", r#"{"grand_total": 5}"#, r#"[{"op":"add","path":"/grand_total","value":5}]"#),
        (
            r#"{"items": [{}, {}]}"#,
            r#"{"items": [{}, {"price": 2.5}],"grand_total": 5}"#,
            r#"[{"op":"add","path":"/grand_total","value":5},{"op":"add","path":"/items/1/price","value":2.5}]"#,
        ),
    ] {
        let document = Document::from_json(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(document.fixed(&fix)).unwrap(), becomes);
        assert_eq!(document.json_patch(&fix), patch);
    }
}

#[test]
fn numbers_stay_numbers_and_texts_texts() {
    let line =
        |amount: &str| format!(r#"{{"items": [{{"price": "4.40", "quantity": 2, "extended_amount": {amount}}}]}}"#);
    let amounts = [
        ("9", "8.8"),
        ("9.0", "8.8"),
        ("9.00", "8.80"),
        ("9.0000", "8.8000"),
        ("\"9\"", "\"8.8\""),
        ("\"9.00\"", "\"8.80\""),
        ("\" 9.00 \"", "\"8.80\""),
        ("\"+9.\"", "\"8.8\""),
        ("9e0", "8.8"),
        ("9E+0", "8.8"),
        ("90.0e-1", "8.8"),
        ("\"9.00E0\"", "\"8.80\""),
        ("-9.00", "8.80"),
    ];
    for (old, new) in amounts {
        assert_eq!(fixed(&line(old), Applicability::Safe), None, "{old}");
        assert_eq!(fixed(&line(old), Applicability::Unsafe), Some(line(new)), "{old}");
    }
}

#[test]
fn signs_of_discounts() {
    // The total takes the discount off: 62.20 + 7.45 - 6.22 = 63.43.
    let header = r#"{"sub_total": 62.20, "shipping_handling": 7.45, "order_discount": "-6.22", "grand_total": 63.43,
        "items": [{"price": 62.20, "quantity": 1}]}"#;
    assert_becomes(header, &Unsafely(r#""-6.22""#, r#""6.22""#));
    // (24.50 - 2.30) * 3 = 66.60.
    let line = r#"{"items": [{"price": 24.50, "discount": -2.30, "quantity": 3, "extended_amount": 66.60}]}"#;
    assert_becomes(line, &Unsafely("-2.30", "2.30"));
    // The total says that it was added: which of the two is wrong is not known.
    let consistent = r#"{"sub_total": 62.20, "discount_code": "X", "items": [
        {"price": 62.20, "discount": -2.30, "quantity": 1, "extended_amount": 64.50}]}"#;
    assert_eq!(fixed(consistent, Applicability::Safe), None);
    let mended = fixed(consistent, Applicability::Unsafe).unwrap();
    assert!(mended.contains(r#""discount": -2.30"#), "{mended}");
    // So it does where the total agrees with a discount below 0: 10 + 3 = 13.
    let agrees =
        r#"{"sub_total": 10, "order_discount": -3, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#;
    assert_becomes(agrees, &Nothing);
    // A positive discount that was added keeps its sign; the amount is what is wrong.
    let added = r#"{"items": [{"price": 24.50, "discount": 2.30, "quantity": 3, "extended_amount": 80.40}]}"#;
    assert_becomes(added, &Unsafely("80.40", "66.60"));
}

#[test]
fn sums_the_lines_give() {
    let cases = [
        (
            r#"{"sales_tax": "7.56", "items": [
                {"price": 15, "quantity": 2, "tax": 2.10}, {"price": 48, "quantity": 1, "tax": 3.36}]}"#,
            Unsafely(r#""7.56""#, r#""5.46""#),
        ),
        // No line sets tax: it is what it is.
        (r#"{"sales_tax": 7.56, "items": [{"price": 15, "quantity": 2}]}"#, Nothing),
        // The overall discount alone, as the total tells: 62.20 - 2.50 - 5.50 = 54.20.
        (
            r#"{"sub_total": 62.20, "order_discount": "2.50", "grand_total": 54.20, "items": [
                {"price": 62.20, "quantity": 1, "addl_discount": 5.50}]}"#,
            Unsafely(r#""2.50""#, r#""8.00""#),
        ),
        // Too little, and nothing tells of an overall discount: 62.20 - 5.50 = 56.70.
        (
            r#"{"sub_total": 62.20, "order_discount": 5.49, "grand_total": 56.70, "items": [
                {"price": 62.20, "quantity": 1, "addl_discount": 5.50}]}"#,
            Unsafely("5.49", "5.50"),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

#[test]
fn amounts_under_wrong_names_are_added() {
    let cases = [
        // In place of `null`, as the neighbours are written.
        (
            r#"{"sub_total": 10, "sales_tax": null, "tax": 1, "grand_total": 11, "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely("null", "1"),
        ),
        (
            r#"{"sub_total": "10.00", "sales_tax": null, "tax": 1, "grand_total": "11.00", "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely("null", r#""1.00""#),
        ),
        // Minified.
        (
            r#"{"sub_total":10,"tax":1,"grand_total":11,"items":[{"price":10,"quantity":1}]}"#,
            Unsafely(r#""grand_total":11"#, r#""grand_total":11,"sales_tax":1"#),
        ),
        (
            r#"{"items":[{"price":5,"qty":2,"extended_amount":10,"item":"A"}]}"#,
            Unsafely(r#""extended_amount":10"#, r#""extended_amount":10,"quantity":2"#),
        ),
        // Pretty, with what ends its lines.
        (
            "{\n  \"sub_total\": \"10.00\",\n  \"tax\": \"1.00\",\n  \"grand_total\": \"11.00\",\n  \"items\": [\n    {\"price\": 10, \"quantity\": 1}\n  ]\n}",
            Unsafely("\"11.00\"", "\"11.00\",\n  \"sales_tax\": \"1.00\""),
        ),
        (
            "{\r\n\t\"tax\" : 1,\r\n\t\"grand_total\" : 11,\r\n\t\"items\" : [{\"price\" : 10, \"quantity\" : 1}]\r\n}",
            Unsafely("\"grand_total\" : 11", "\"grand_total\" : 11,\r\n\t\"sales_tax\" : 1"),
        ),
        // What does not fit is not added as something else.
        (r#"{"Balance": 5, "items": [{"quantity": 1, "price": 2}]}"#, Nothing),
        (r#"{"total": 5, "sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4}]}"#, Nothing),
        (
            r#"{"tax": 5, "sub_total": 10, "grand_total": 15, "items": [{"quantity": 1, "price": 10, "tax": 3}]}"#,
            Nothing,
        ),
        (r#"{"sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4, "line_total": 9}]}"#, Nothing),
        (
            r#"{"discount": 1, "grand_total": 7.8, "sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4, "addl_discount": 2}]}"#,
            Nothing,
        ),
        // What does is added beside it.
        (
            r#"{"tax": 1, "total": 5, "sub_total": 10, "items": [{"quantity": 1, "price": 10}]}"#,
            Unsafely(r#""sub_total": 10"#, r#""sub_total": 10, "sales_tax": 1"#),
        ),
        // Two names for one field are not chosen between.
        (r#"{"tax": 1, "total_tax": 2, "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

#[test]
fn names_and_texts_of_every_kind_are_left_alone() {
    let cases = [
        // An escaped name is the name; the escapes stay.
        (
            r#"{"grand\u005ftotal": 13, "note": "a \"grand_total\": 13\\", "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely(r#""grand\u005ftotal": 13"#, r#""grand\u005ftotal": 10"#),
        ),
        // The same name elsewhere is not the field.
        (
            r#"{"extra": {"grand_total": 14}, "grand_total": 13, "é": "ü", "items": [{"price": 10, "quantity": 1}, {"price": 0, "quantity": 1, "grand_total": 15}]}"#,
            Unsafely(": 13", ": 10"),
        ),
        // What cannot be used is not overwritten.
        (r#"{"grand_total": "ten", "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
        (r#"{"grand_total": 13, "grand_total": 14, "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
        (r#"{"grand_total": 13, "items": [{"price": "ten", "quantity": 1}]}"#, Nothing),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// What is missing is the lines, not the money.
#[test]
fn without_lines_nothing_is_calculated() {
    for items in ["", r#", "items": null"#, r#", "items": []"#, r#", "items": {}"#, r#", "items": [7]"#] {
        assert_becomes(&format!(r#"{{"sub_total": 12, "grand_total": 13{items}}}"#), &Nothing);
    }
}

#[test]
fn a_rule_that_is_off_is_not_mended() {
    let text = r#"{"balance": 5, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#;
    let document = order(text);
    let mut policy = Policy::default();
    policy.severities.insert(Rule::GrandTotal, None);
    let mended = fix(document.order(), &policy, Applicability::Unsafe).unwrap();
    assert_eq!(mended.edits, [Edit { place: Place::Field(Field::Balance), value: Amount::ZERO }]);
    policy.severities.insert(Rule::Balance, None);
    assert_eq!(fix(document.order(), &policy, Applicability::Unsafe), None);
    // Nor is what it would fill in.
    let blank = order(r#"{"sub_total": "", "grand_total": "", "items": [{"price": 10, "quantity": 1}]}"#);
    let mended = fix(blank.order(), &policy, Applicability::Unsafe).unwrap();
    assert_eq!(mended.edits, [Edit { place: Place::Field(Field::SubTotal), value: 10.into() }]);
}

#[test]
fn how_much_money_moves() {
    let moved = |text: &str| {
        let document = order(text);
        fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap().moved(document.order()).unwrap()
    };
    let amount = |text: &str| text.parse::<Amount>().unwrap();
    assert_eq!(moved(r#"{"sub_total": 9, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#), amount("3"));
    assert_eq!(moved(r#"{"sub_total": 9, "grand_total": 10, "items": [{"price": 10, "quantity": 1}]}"#), amount("1"));
    assert_eq!(
        moved(
            r#"{"sub_total": 10, "items": [{"price": 6, "quantity": 1, "extended_amount": 5.5},
                {"price": 4, "quantity": 1, "extended_amount": 4.25}]}"#
        ),
        amount("0.75")
    );
    assert_eq!(moved(r#"{"balance": 5, "items": [{"price": 10, "quantity": 1}]}"#), Amount::ZERO);
}

#[test]
fn how_many_identities_ended_how() {
    let text = r#"{"sub_total": 14, "order_discount": 2, "grand_total": 15, "items": [{"price": 14, "quantity": 1}]}"#;
    let report = order(text).check(&Policy::default());
    assert_eq!((report.held(), report.broken(), report.unchecked().count()), (2, 1, 2));
    let reasons: Vec<String> = report.unchecked().map(|(_, reason)| reason.to_string()).collect();
    assert_eq!(reasons, ["/items/0/extended_amount is unset", "no line sets tax"]);
    let report = order(&text.replace(r#""price": 14"#, r#""price": 13"#)).check(&Policy::default());
    assert_eq!((report.held(), report.broken(), report.unchecked().count()), (1, 2, 2));
}

#[test]
fn patches() {
    let text = r#"{"sub_total": "10.00", "tax": "1.00", "grand_total": 12, "items": [{"price": 10, "quantity": 1}]}"#;
    let document = order(text);
    let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap();
    let patch: Value = serde_json::from_str(&document.json_patch(&fix)).unwrap();
    let expected = serde_json::json!([
        {"op": "add", "path": "/sales_tax", "value": 1},
        {"op": "replace", "path": "/grand_total", "value": 11},
    ]);
    assert_eq!(patch, expected);
}

/// What a violation alone would be mended by.
#[test]
fn what_mends_a_violation_by_itself() {
    let mends = |text: &str, code: &str| {
        let report = order(text).check(&Policy::default());
        let found = report.violations.into_iter().find(|found| found.rule.code() == code).unwrap();
        found.fix.map(|fix| {
            let edits: Vec<String> = fix.edits.iter().map(|edit| format!("{} {}", edit.place, edit.value)).collect();
            format!("{} {}", fix.applicability.name(), edits.join(", "))
        })
    };
    let line = r#""items": [{"price": 10, "quantity": 1}]"#;
    let negative = |extended_amount: &str| {
        format!(
            r#"{{"items": [{{"price": 10, "discount": -1, "quantity": 3, "extended_amount": {extended_amount}}}]}}"#
        )
    };
    let cases = [
        (format!(r#"{{"balance": 5, {line}}}"#), "OC106", Some("safe /balance 0")),
        (format!(r#"{{"sub_total": 11, {line}}}"#), "OC102", Some("unsafe /sub_total 10")),
        // Less than half a minor unit off, and just that.
        (format!(r#"{{"sub_total": 10.0049, {line}}}"#), "OC102", Some("safe /sub_total 10")),
        (format!(r#"{{"sub_total": 9.9951, {line}}}"#), "OC102", Some("safe /sub_total 10")),
        (format!(r#"{{"sub_total": 10.005, {line}}}"#), "OC102", Some("unsafe /sub_total 10")),
        (r#"{"sub_total": 11, "items": []}"#.to_owned(), "OC102", None),
        (format!(r#"{{"order_discount": -1, {line}}}"#), "OC104", None),
        (
            r#"{"order_discount": 2, "items": [{"price": 10, "quantity": 1, "addl_discount": 3}]}"#.to_owned(),
            "OC104",
            Some("unsafe /order_discount 3"),
        ),
        // The sign is the exact cause: 10 - 1 = 9.
        (format!(r#"{{"order_discount": -1, "grand_total": 9, {line}}}"#), "OC105", Some("unsafe /order_discount 1")),
        (negative("27"), "OC101", Some("unsafe /items/0/discount 1")),
        // Here something else is: 11 for each of three.
        (negative("11"), "OC101", Some("unsafe /items/0/extended_amount 33")),
        (format!(r#"{{"tax": 1, "grand_total": 11, {line}}}"#), "OC105", Some("unsafe /sales_tax 1")),
        // It follows from the sub-total.
        (format!(r#"{{"sub_total": 11, "grand_total": 10, {line}}}"#), "OC105", None),
        (format!(r#"{{"quantity": 1, "shipping_handling": -1, {line}}}"#), "OC202", None),
    ];
    for (text, code, expected) in cases {
        assert_eq!(mends(&text, code).as_deref(), expected, "{text}");
    }
}
