//! The rule table: what it says of each rule is true, and `docs/rules.md` is what it says.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ordercharge::{Field, Policy, Rounding, Rule, Severity, Violation};
use serde_json::json;

use crate::util::{compare, order, path};

fn rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.iter().copied()
}

#[test]
fn codes_and_names_are_read_back() {
    for rule in rules() {
        assert_eq!(rule.code().parse(), Ok(rule));
        assert_eq!(rule.code().to_lowercase().parse(), Ok(rule));
        assert_eq!(rule.name().parse(), Ok(rule));
        assert_eq!(rule.to_string(), rule.code());
        assert_eq!(format!("{rule:>7}|{rule:<7}"), format!("  {0}|{0}  ", rule.code()));
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(json, format!("\"{}\"", rule.code()));
        assert_eq!(serde_json::from_str::<Rule>(&json).unwrap(), rule);
        assert_eq!(serde_json::from_str::<Rule>(&format!("\"{}\"", rule.name())).unwrap(), rule);
    }
}

#[test]
fn unknown_codes_are_errors() {
    for unknown in ["", " ", "OC", "OC1", "OC100", "OC1010", " OC101", "OC101 ", "101", "grand", "grand_total"] {
        assert!(unknown.parse::<Rule>().is_err(), "{unknown:?}");
        assert!(serde_json::from_str::<Rule>(&format!("{unknown:?}")).is_err(), "{unknown:?}");
    }
    assert!(serde_json::from_str::<Rule>("101").is_err());
}

#[test]
fn codes_are_sorted_and_codes_and_names_unique() {
    assert!(Rule::ALL.is_sorted_by(|a, b| a.code() < b.code()), "codes in order, none twice");
    assert!(Rule::ALL.is_sorted_by(|a, b| a < b), "rules compare like their codes");
    let names: BTreeSet<&str> = rules().map(Rule::name).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    for rule in rules() {
        let (letters, digits) = rule.code().split_at(2);
        assert!(letters == "OC" && digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{rule}");
        let kebab = rule.name().split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
        assert!(kebab, "{}", rule.name());
    }
}

#[test]
fn severities_are_read_back() {
    for severity in [Severity::Warning, Severity::Error] {
        let json = serde_json::to_string(&severity).unwrap();
        assert_eq!(json, format!("\"{severity}\""));
        assert_eq!(serde_json::from_str::<Severity>(&json).unwrap(), severity);
    }
    for rule in rules() {
        assert_eq!(Policy::default().severity(rule), Some(rule.severity()));
    }
}

#[test]
fn every_row_is_filled_in() {
    for rule in rules() {
        let texts = [
            rule.explanation(),
            rule.formula().into(),
            rule.definition().into(),
            rule.remedy().into(),
            rule.example().into(),
        ];
        for text in texts {
            assert!(!text.trim().is_empty() && text.trim() == text, "{rule}: {text:?}");
        }
        assert!(rule.explanation().ends_with('.'), "{rule}: the explanation is made of sentences");
        assert!(!rule.remedy().ends_with('.') && !rule.formula().ends_with('.'), "{rule}: clauses, not sentences");
        assert!(!rule.formula().contains('`'), "{rule}: the formula is set in backticks as a whole");
    }
}

#[test]
fn every_example_breaks_its_rule() {
    for rule in rules() {
        let report = order(rule.example()).check(&Policy::default());
        let broken: BTreeSet<Rule> = report.violations.iter().map(|found| found.rule).collect();
        let said: BTreeSet<Rule> = rule.example_also_breaks().iter().copied().chain([rule]).collect();
        assert_eq!(broken, said, "{rule}: {}", rule.example());
        assert!(!rule.example_also_breaks().contains(&rule), "{rule}");
        for found in &report.violations {
            assert!(!found.message().is_empty() && !found.message().contains("  "), "{rule}: {:?}", found.message());
            assert!(found.span.is_some(), "{rule}: {found}");
        }
    }
}

/// What a text is told, word for word.
fn told(text: &str) -> Vec<String> {
    order(text).check(&Policy::default()).violations.iter().map(ToString::to_string).collect()
}

#[test]
fn messages_that_no_example_has() {
    let line = r#""items": [{"quantity": 1}]"#;
    let cases = [
        (
            r#"{"items": [{"quantity": -1}]}"#.to_owned(),
            "error[OC203] /items/0/quantity: quantity of line 1 is -1, expected 0 or more",
        ),
        ("{}".to_owned(), "error[OC306] /items: items is unset, expected an array of lines"),
        (r#"{"items": []}"#.to_owned(), "error[OC306] /items: items is empty, expected at least one line"),
        (
            r#"{"line_items": [{"quantity": 1}]}"#.to_owned(),
            "error[OC306] /items: items is unset; the lines seem to be in `line_items`",
        ),
        (
            r#"{"items": [], "orderItems": [{"quantity": 1}], "lines": [{}]}"#.to_owned(),
            "error[OC306] /items: items is empty; the lines seem to be in `orderItems`",
        ),
        (
            r#"{"items": "3", "products": [{"quantity": 1}]}"#.to_owned(),
            "error[OC306] /items: items is a string; the lines seem to be in `products`",
        ),
        (
            format!(r#"{{"tax": 1, "total_tax": 2.50, {line}}}"#),
            "warning[OC304] /total_tax: tax 1 and total_tax 2.5 disagree; sales_tax is unset and seems to be meant",
        ),
        (
            r#"{"items": [{"quantity": 1, "qty": 2, "unit_price": 5, "unit_price": "6.00"}]}"#.to_owned(),
            "warning[OC304] /items/0/unit_price: the amounts of unit_price disagree; price of line 1 is unset and seems to be meant",
        ),
        (
            format!(r#"{{"shipping": 4, "shipping_cost": 4, "Shipping": 5, "Shipping": 6, {line}}}"#),
            "warning[OC304] /shipping: Shipping (with different amounts), shipping 4 and shipping_cost 4 disagree; shipping_handling is unset and seems to be meant",
        ),
        (
            format!(r#"{{"tax": 1, "Tax": 2, "TAX": 3, "t-ax": 4, "ta_x": 5, "taX": 6, "tAx": 7, {line}}}"#),
            "warning[OC304] /tax: TAX 3, Tax 2, t-ax 4, tAx 7, taX 6 and others disagree; sales_tax is unset and seems to be meant",
        ),
        (r#"{"items": [7]}"#.to_owned(), "error[OC306] /items/0: line 1 is a number, expected an object"),
        (
            format!(r#"{{"currency_code": "JPY", "shipping_handling": 0.5, {line}}}"#),
            "warning[OC208] /shipping_handling: shipping_handling is 0.5, with 1 decimal: CartRover keeps 0",
        ),
        (
            format!(r#"{{"sales_tax": "1, 2", {line}}}"#),
            "error[OC301] /sales_tax: sales_tax holds a string with a comma, expected an amount",
        ),
        (
            format!(r#"{{"sales_tax": "$", {line}}}"#),
            "error[OC301] /sales_tax: sales_tax holds a string, expected an amount",
        ),
        (
            format!(r#"{{"sales_tax": ",", {line}}}"#),
            "error[OC301] /sales_tax: sales_tax holds a string, expected an amount",
        ),
        (
            format!(r#"{{"sales_tax": "5 EUR", {line}}}"#),
            "error[OC301] /sales_tax: sales_tax holds a string, expected an amount",
        ),
    ];
    for (text, expected) in cases {
        assert!(told(&text).contains(&expected.to_owned()), "{text}: {:?}", told(&text));
    }
    // A difference that cannot be held is left out.
    let apart = told(r#"{"grand_total": 0.0000000000000000000000000001, "sub_total": 9999999999, "items": []}"#);
    let expected = "error[OC105] /grand_total: grand_total is 0.0000000000000000000000000001, expected 9999999999";
    assert!(apart.contains(&expected.to_owned()), "{apart:?}");
}

#[test]
fn rules_are_suggested_by_part_of_their_name() {
    let told = |name: &str| name.parse::<Rule>().unwrap_err().to_string();
    assert!(told("grand").contains("grand-total"), "{}", told("grand"));
    assert!(told("the-grand-total").contains("grand-total"), "{}", told("the-grand-total"));
    assert!(!told("xyz").contains("-"), "{}", told("xyz"));
}

/// The fields a formula names, in its order, each once.
fn names_in(formula: &str) -> Vec<&str> {
    let words = formula.split(|char: char| !char.is_ascii_lowercase() && char != '_');
    once(words.filter(|word| Field::ALL.iter().any(|field| field.name() == *word)))
}

/// The fields a violation names: the amount it is about, then its terms, each once.
fn names_of(found: &Violation) -> Vec<&str> {
    let terms = found.working().into_iter().flat_map(|working| &working.terms).map(|term| term.place.name());
    once([found.place.name()].into_iter().chain(terms))
}

fn once<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).collect()
}

#[test]
fn formulas_name_the_terms_of_the_report() {
    for rule in rules().filter(|rule| rule.is_identity()) {
        let report = order(rule.example()).check(&Policy::default());
        let found = report.violations.iter().find(|found| found.rule == rule).unwrap();
        assert_eq!(names_of(found), names_in(rule.formula()), "{rule}");
        let terms: Vec<_> = found.working().unwrap().named_terms().collect();
        let pointers = terms.iter().filter(|(name, _)| name.starts_with("/items/")).count();
        let sums_lines = [Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount].contains(&rule);
        assert_eq!(pointers, if sums_lines { terms.len() } else { 0 }, "{rule}: {terms:?}");
        assert!(found.expected().is_some(), "{rule}");
    }
}

/// The page of all rules.
fn page() -> String {
    let mut page = String::from(
        "# The rules\n\n\
         What `ordercharge` checks of an order, rule by rule. A code and its name are stable for ever: either names the\n\
         rule in a policy, and a retired one is not used again. An order with a violation of severity error is invalid; a\n\
         warning leaves it valid; a policy can set each rule to error, warning or off. OC101 to OC105 are identities:\n\
         every report says of each whether it is held, broken, or unchecked and why.\n\n\
         | code | name | severity |\n| --- | --- | --- |\n",
    );
    for rule in rules() {
        let (code, name) = (rule.code(), rule.name());
        writeln!(page, "| [{code}](#{}-{name}) | `{name}` | {} |", code.to_lowercase(), rule.severity()).unwrap();
    }
    for rule in rules() {
        let reported = told(rule.example()).join("\n");
        write!(page, "\n{}\nReported as:\n\n```text\n{reported}\n```\n", rule.markdown()).unwrap();
    }
    page
}

#[test]
fn the_page_of_rules_is_the_table() {
    if let Err(difference) = compare(&path("docs/rules.md"), &page()) {
        panic!("\n{difference}\n");
    }
}

/// A policy as data: it reads back as it was, rules go by code or name, and nothing is ignored silently.
#[test]
fn policies_are_read_back() {
    let mut policy = Policy::default();
    policy.options.rounding = Rounding::HalfEven;
    policy.set_severity(Rule::ExcessPrecision, None);
    policy.set_severity(Rule::MisnamedField, Some(Severity::Error));
    let identities = [Rule::ExtendedAmount, Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal];
    for (cents, rule) in (1_u64..).zip(identities) {
        policy.set_tolerance(rule, cents.into()).unwrap();
        for name in [rule.code(), rule.name()] {
            let read: Policy = serde_json::from_value(json!({"tolerances": {name: cents.to_string()}})).unwrap();
            let mut same = Policy::default();
            same.set_tolerance(rule, cents.into()).unwrap();
            assert_eq!(read, same, "{name}");
        }
    }
    let written = serde_json::to_value(&policy).unwrap();
    assert_eq!(
        written,
        json!({
            "rounding": "half-even",
            "tolerances": {
                "extended-amount": "1", "sub-total": "2", "sales-tax": "3", "order-discount": "4", "grand-total": "5"
            },
            "severities": {"OC208": "off", "OC304": "error"}
        })
    );
    assert_eq!(serde_json::from_value::<Policy>(written).unwrap(), policy);
    assert_eq!(serde_json::from_str::<Policy>("{}").unwrap(), Policy::default());
}

#[test]
fn unknown_words_of_a_policy_are_errors() {
    let error = |text: &str| serde_json::from_str::<Policy>(text).unwrap_err().to_string();
    for (text, expected) in [
        (r#"{"roundings": "nearest"}"#, "unknown field `roundings`"),
        (r#"{"rounding": "up"}"#, r#"no rounding is called "up": did you mean one of nearest,"#),
        (r#"{"tolerances": {"balance": "1"}}"#, "unknown field `balance`"),
        (r#"{"tolerances": {"OC103": "-0.01"}}"#, "expected a tolerance of 0 or more, found -0.01"),
        (r#"{"severities": {"OC999": "off"}}"#, r#"no rule is called "OC999""#),
        (
            r#"{"severities": {"OC101": "fatal"}}"#,
            r#"no severity is called "fatal": did you mean one of warning, error?"#,
        ),
    ] {
        assert!(error(text).contains(expected), "{text}: {}", error(text));
    }
}
