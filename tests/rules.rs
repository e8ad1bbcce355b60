//! The rule table: what it says of each rule is true, and `docs/rules.md` is what it says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod util;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ordercharge::{Field, Policy, Rule, Severity, Violation};
use util::{compare, order, path};

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
            assert!(!found.message.is_empty() && !found.message.contains("  "), "{rule}: {:?}", found.message);
            assert!(found.span.is_some(), "{rule}: {found}");
        }
    }
}

/// The fields a formula names, in its order, each once.
fn names_in(formula: &str) -> Vec<&str> {
    let words = formula.split(|char: char| !char.is_ascii_lowercase() && char != '_');
    once(words.filter(|word| Field::ALL.iter().any(|field| field.name() == *word)))
}

/// The fields a violation names: the amount it is about, then its terms, each once.
fn names_of(found: &Violation) -> Vec<&str> {
    let terms = found.terms.0.iter().map(|(name, _)| name.rsplit('/').next().unwrap_or(name));
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
        let pointers = found.terms.0.iter().filter(|(name, _)| name.starts_with("/items/")).count();
        let sums_lines = [Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount].contains(&rule);
        assert_eq!(pointers, if sums_lines { found.terms.0.len() } else { 0 }, "{rule}: {:?}", found.terms);
        assert!(found.formula.is_some() && found.expected.is_some(), "{rule}");
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
        write!(page, "\n{}", rule.markdown()).unwrap();
    }
    page
}

#[test]
fn the_page_of_rules_is_the_table() {
    if let Err(difference) = compare(&path("docs/rules.md"), &page()) {
        panic!("\n{difference}\n");
    }
}
