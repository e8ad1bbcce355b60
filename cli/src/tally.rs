//! The counts of a run, and what they come to.

use std::collections::BTreeMap;

use ordercharge::{Amount, Applicability, Cause, Order, Report, Rule, Severity, Violation};
use serde::Serialize;

use crate::args::{Allowance, FailOn};
use crate::output::brief;

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
    pub(crate) causes: Causes,
    /// Invalid orders whose every error has a fix, and those of them where all are safe.
    fixable: u64,
    safely_fixable: u64,
}

/// Faults by their cause. What follows from another fault is none of its own.
#[derive(Default)]
pub(crate) struct Causes {
    faults: u64,
    /// By the most plausible explanation; none where no cause is known.
    by_cause: BTreeMap<Vec<Cause>, Group>,
}

#[derive(Default)]
struct Group {
    count: u64,
    /// By `order_source`.
    sources: BTreeMap<String, u64>,
}

/// The most sources that are told apart for one cause: memory does not grow with the input.
const MAX_SOURCES: usize = 100;

impl Causes {
    fn count(&mut self, order: &Order, violation: &Violation) {
        if !violation.rule.is_identity() || violation.root.is_some() {
            return;
        }
        self.faults += 1;
        let causes = violation.causes.first().map(|first| first.causes.clone()).unwrap_or_default();
        let group = self.by_cause.entry(causes).or_default();
        group.count += 1;
        let source = order.order_source.as_deref().map(brief).unwrap_or_default();
        if group.sources.len() < MAX_SOURCES || group.sources.contains_key(&source) {
            *group.sources.entry(source).or_default() += 1;
        }
    }

    /// The causes, the most frequent first.
    fn ranked(&self) -> Vec<(&Vec<Cause>, &Group)> {
        let mut ranked: Vec<_> = self.by_cause.iter().collect();
        ranked.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
        ranked
    }

    fn share(&self, count: u64) -> u64 {
        count.saturating_mul(100).checked_div(self.faults).unwrap_or(0)
    }

    /// The most frequent one, where it stands out.
    fn in_words(&self) -> Option<String> {
        let ranked = self.ranked();
        let (causes, group) = ranked.iter().find(|(causes, _)| !causes.is_empty())?;
        if group.count < 2 {
            return None;
        }
        let mut words = format!("  {} % of the faults are one mistake: {}", self.share(group.count), spoken(causes));
        // Where it comes from, if nearly all of it comes from there.
        let (source, count) = group.sources.iter().max_by_key(|(_, count)| **count)?;
        if !source.is_empty() && count.saturating_mul(10) >= group.count.saturating_mul(9) {
            words.push_str(&format!(", order_source {source}"));
        }
        Some(words)
    }

    /// A table of all of them.
    pub(crate) fn table(&self) -> Vec<String> {
        let mut lines = vec![format!("{:>8}  {:>5}  cause", "faults", "share")];
        for (causes, group) in self.ranked() {
            let mut sources: Vec<(&String, &u64)> = group.sources.iter().collect();
            sources.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
            let sources: Vec<String> = sources
                .iter()
                .take(3)
                .map(|(source, count)| {
                    format!("{} {count}", if source.is_empty() { "no order_source" } else { source.as_str() })
                })
                .collect();
            let (count, share) = (group.count, self.share(group.count));
            lines.push(format!("{count:>8}  {share:>3} %  {} ({})", spoken(causes), sources.join(", ")));
        }
        lines
    }
}

/// Causes in words: `discount not subtracted`.
fn spoken(causes: &[Cause]) -> String {
    if causes.is_empty() {
        return "no known cause".to_owned();
    }
    let words: Vec<String> = causes.iter().map(|cause| cause.name().replace('-', " ")).collect();
    words.join(" and ")
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
    pub(crate) fn order(&mut self, order: &Order, report: &Report, fail_on: FailOn) {
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
            self.causes.count(order, violation);
        }
        if !valid {
            let mended = |applicability: Applicability| {
                report.of(Severity::Error).all(|violation| {
                    violation.root.is_some()
                        || violation.fix.as_ref().is_some_and(|fix| fix.applicability <= applicability)
                })
            };
            self.fixable += u64::from(mended(Applicability::Unsafe));
            self.safely_fixable += u64::from(mended(Applicability::Safe));
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

    /// The summary in words, a line each; `all` where the report has told what was not checked.
    pub(crate) fn in_words(&self, all: bool) -> Vec<String> {
        let mut lines = Vec::new();
        if self.orders() == 0 {
            lines.push("no order found: expected a JSON order, a list of orders, or lines of them".to_owned());
        }
        let orders = if self.orders() == 1 { "1 order".to_owned() } else { format!("{} orders", self.orders()) };
        let mut line =
            format!("{orders}: {} valid, {} invalid, {} unreadable", self.valid, self.invalid, self.unreadable);
        match self.at_risk {
            Some(amount) if amount.is_zero() => {}
            Some(amount) => line.push_str(&format!("; {amount:.2} at risk")),
            None => line.push_str("; more at risk than can be held"),
        }
        lines.push(line);
        for (rule, count) in &self.violations {
            lines.push(format!("  {count} {rule} {}", rule.name()));
        }
        lines.extend(self.causes.in_words());
        if self.fixable > 0 {
            let (how, count) = (if self.safely_fixable == self.fixable { "" } else { " --unsafe" }, self.fixable);
            lines.push(format!("  {count} of the invalid orders may be mended: ordercharge fix{how} --diff"));
        }
        if self.unchecked > 0 && !all {
            let totals = if self.unchecked == 1 { "total" } else { "totals" };
            lines.push(format!("  {} {totals} could not be checked; --all says which and why", self.unchecked));
        }
        lines
    }
}
