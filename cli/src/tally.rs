//! The counts of a run, and what they come to.

use std::collections::BTreeMap;

use ordercharge::{Amount, Report, Rule, Severity};
use serde::Serialize;

use crate::args::{Allowance, FailOn};

/// What a run has found so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    pub(crate) unreadable: u64,
    /// Identities that could not be checked.
    pub(crate) unchecked: u64,
    pub(crate) violations: BTreeMap<Rule, u64>,
    failed: u64,
    /// `None` once the sum cannot be held.
    at_risk: Option<Amount>,
    /// Something could not be read or written to its end.
    pub(crate) broken_off: bool,
}

/// The last record of the machine formats.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
    r#type: &'static str,
    complete: bool,
    orders: u64,
    valid: u64,
    invalid: u64,
    unreadable: u64,
    violations: &'a BTreeMap<Rule, u64>,
    at_risk: Option<Amount>,
    exit: u8,
}

impl Tally {
    pub(crate) fn new() -> Tally {
        Tally { at_risk: Some(Amount::ZERO), ..Tally::default() }
    }

    /// Counts an order.
    pub(crate) fn order(&mut self, report: &Report, fail_on: FailOn) {
        let valid = report.is_valid();
        self.valid += u64::from(valid);
        self.invalid += u64::from(!valid);
        self.failed += u64::from(match fail_on {
            FailOn::Error => report.of(Severity::Error).next().is_some(),
            FailOn::Warning => !report.violations.is_empty(),
            FailOn::Never => false,
        });
        for violation in &report.violations {
            *self.violations.entry(violation.rule).or_default() += 1;
        }
        self.unchecked += report.unchecked().count() as u64;
        self.at_risk = self.at_risk.and_then(|sum| sum.checked_add(report.at_risk()?));
    }

    pub(crate) fn unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// How many documents there were.
    pub(crate) fn orders(&self) -> u64 {
        self.valid + self.invalid + self.unreadable
    }

    pub(crate) fn at_risk(&self) -> Option<Amount> {
        self.at_risk
    }

    /// The exit status.
    pub(crate) fn exit(&self, allowance: Option<Allowance>) -> u8 {
        if self.unreadable > 0 || self.broken_off || self.orders() == 0 {
            2
        } else if allowance.unwrap_or(Allowance::Count(0)).allows(self.failed, self.orders()) {
            0
        } else {
            1
        }
    }

    pub(crate) fn summary(&self, allowance: Option<Allowance>) -> Summary<'_> {
        Summary {
            r#type: "summary",
            complete: !self.broken_off,
            orders: self.orders(),
            valid: self.valid,
            invalid: self.invalid,
            unreadable: self.unreadable,
            violations: &self.violations,
            at_risk: self.at_risk,
            exit: self.exit(allowance),
        }
    }
}
