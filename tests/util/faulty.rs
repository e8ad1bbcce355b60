//! What a labelled fault promises, in one place. It is a module of the tests and of a fuzz target.
#![allow(unreachable_pub, reason = "the fuzz targets, another crate, use it too")]

use ordercharge::generate::{Faulty, Label};
use ordercharge::{Cause, Order, Policy, Report, Rule, Violation, check};

/// The label of a fault.
pub fn label(faulty: &Faulty) -> Label {
    faulty.cause.map_or(Label::Rule(faulty.rule), Label::Cause)
}

/// Nothing is wrong with it, but that a total that is floored later is negative.
pub fn holds(order: &Order, causes: &[Cause]) -> bool {
    let negative = causes.contains(&Cause::FlooredAtZero);
    let found = check(order, &Policy::default()).violations;
    found.iter().all(|found| negative && found.rule == Rule::NegativeGrandTotal)
}

/// Whether the order has the fault that the label names, as it is described, and no other; if not, what is there.
pub fn is_exactly(wanted: Label, faulty: &Faulty) -> Result<(), String> {
    let report = check(&faulty.order, &Policy::default());
    let outcome = match wanted {
        _ if label(faulty) != wanted => Err(format!("labelled {}", label(faulty))),
        Label::Rule(rule) => only_that_rule(rule, faulty, &report),
        Label::Cause(cause) => only_that_cause(cause, faulty, &report),
    };
    outcome.map_err(|problem| format!("{wanted}: {problem}\n{:?}\n{faulty:?}", report.violations))
}

/// The finding that the fault describes: there is one.
fn labelled<'r>(faulty: &Faulty, report: &'r Report) -> Result<&'r Violation, String> {
    let is_it = |found: &&Violation| found.rule == faulty.rule && found.place == faulty.place;
    let mut of_fault = report.violations.iter().filter(is_it);
    match (of_fault.next(), of_fault.next()) {
        (Some(found), None) if found.difference == faulty.difference => Ok(found),
        (Some(_), None) => Err("another difference".to_owned()),
        (None, _) => Err("not found".to_owned()),
        (Some(_), Some(_)) => Err("found twice".to_owned()),
    }
}

fn only_that_rule(rule: Rule, faulty: &Faulty, report: &Report) -> Result<(), String> {
    if !holds(&faulty.original, &[]) {
        return Err("the original does not hold".to_owned());
    }
    let found = labelled(faulty, report)?;
    // Amounts that break in storage have too many decimals, every one of them.
    let companions = if rule == Rule::BreaksInStorage { rule.example_also_breaks() } else { &[] };
    let mut others = report.violations.iter().filter(|other| !std::ptr::eq(*other, found));
    match others.find(|other| !companions.contains(&other.rule)) {
        Some(other) => Err(format!("also {other}")),
        None => Ok(()),
    }
}

fn only_that_cause(cause: Cause, faulty: &Faulty, report: &Report) -> Result<(), String> {
    if !holds(&faulty.original, &[cause]) {
        return Err("the original does not hold".to_owned());
    }
    let found = labelled(faulty, report)?;
    if found.causes.first().is_none_or(|told| told.causes != [cause]) {
        return Err("another cause is told first".to_owned());
    }
    let stated = faulty.order.charge_at(&faulty.place).amount();
    let expected = stated.zip(faulty.difference).and_then(|(stated, difference)| stated.checked_sub(difference));
    if expected.is_none() || expected != found.expected {
        return Err("the difference is not that of what is stated and what is expected".to_owned());
    }
    let mut others = report.violations.iter().filter(|other| !std::ptr::eq(*other, found));
    match others.find(|other| !comes_with(cause, found, other)) {
        Some(other) => Err(format!("also {other}")),
        None => Ok(()),
    }
}

/// Whether a finding follows from that of the cause, is its root, or comes with the cause by nature.
fn comes_with(cause: Cause, found: &Violation, other: &Violation) -> bool {
    let follows = other.root.as_ref() == Some(&found.place) || found.root.as_ref() == Some(&other.place);
    let of_the_cause = other.causes.iter().any(|told| told.causes == [cause]);
    follows
        || match cause {
            Cause::CorrectedAmount => false,
            Cause::MisnamedField => other.rule == Rule::MisnamedField,
            Cause::FloatNoise => other.rule == Rule::ExcessPrecision,
            // Cents of cents are rounded where they are stored.
            Cause::MinorUnits => [Rule::ExcessPrecision, Rule::BreaksInStorage].contains(&other.rule),
            Cause::DiscountSign => other.rule == Rule::NegativeDiscount || of_the_cause,
            // One mistake, seen at several places.
            _ => of_the_cause,
        }
}
