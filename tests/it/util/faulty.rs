//! What a labelled fault promises, in one place. It is a module of the tests and of a fuzz target.
#![allow(unreachable_pub, reason = "the fuzz targets, another crate, use it too")]

use ordercharge::generate::{Faulty, Label};
use ordercharge::{Mistake, Order, Policy, Report, Rule, Violation, check};

/// The label of a fault.
pub fn label(faulty: &Faulty) -> Label {
    faulty.mistake.map_or(Label::Rule(faulty.rule), Label::Mistake)
}

/// Nothing is wrong with it.
pub fn holds(order: &Order) -> bool {
    check(order, &Policy::default()).violations.is_empty()
}

/// Whether the order has the fault that the label names, as it is described, and no other; if not, what is there.
pub fn is_exactly(wanted: Label, faulty: &Faulty) -> Result<(), String> {
    let report = check(&faulty.order, &Policy::default());
    let outcome = match wanted {
        _ if label(faulty) != wanted => Err(format!("labelled {}", label(faulty))),
        Label::Rule(rule) => only_that_rule(rule, faulty, &report),
        Label::Mistake(mistake) => that_mistake(mistake, faulty, &report),
    };
    outcome.map_err(|problem| format!("{wanted}: {problem}\n{:?}\n{faulty:?}", report.violations))
}

/// The finding that the fault describes: there is one.
fn labelled<'r>(faulty: &Faulty, report: &'r Report) -> Result<&'r Violation, String> {
    let is_it = |found: &&Violation| found.rule == faulty.rule && found.place == faulty.place;
    let mut of_fault = report.violations.iter().filter(is_it);
    match (of_fault.next(), of_fault.next()) {
        (Some(found), None) if found.difference() == faulty.difference => Ok(found),
        (Some(_), None) => Err("another difference".to_owned()),
        (None, _) => Err("not found".to_owned()),
        (Some(_), Some(_)) => Err("found twice".to_owned()),
    }
}

fn only_that_rule(rule: Rule, faulty: &Faulty, report: &Report) -> Result<(), String> {
    if !holds(&faulty.original) {
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

fn that_mistake(mistake: Mistake, faulty: &Faulty, report: &Report) -> Result<(), String> {
    let before = check(&faulty.original, &Policy::default());
    if !before.is_valid() || before.broken() > 0 {
        return Err("the original does not hold".to_owned());
    }
    labelled(faulty, report)?;
    let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
    let mut mistakes = first.flat_map(|diagnosis| &diagnosis.mistakes);
    if !mistakes.any(|made| made.mistake == mistake) {
        return Err("the mistake is not in the first rank".to_owned());
    }
    Ok(())
}
