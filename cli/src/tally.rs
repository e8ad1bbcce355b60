//! The counts of a run, and what they come to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ordercharge::{Amount, Applicability, Cause, Currency, Order, Place, Report, Rule, Severity};
use serde::Serialize;

use crate::args::{Allowance, FailOn};
use crate::output::brief;

/// What some consecutive orders come to, or all of a run.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    pub(crate) unreadable: u64,
    /// Identities that could not be checked.
    pub(crate) unchecked: u64,
    pub(crate) violations: BTreeMap<Rule, u64>,
    failed: u64,
    /// Invalid orders whose every error has a fix, and those of them where all are safe.
    fixable: u64,
    safely_fixable: u64,
    pub(crate) causes: Causes,
    /// The money at risk, order by order: sums depend on their order where they cannot be held.
    risks: Vec<Risk>,
}

/// The money at risk in one order.
struct Risk {
    /// Codes that are none are not told apart: there may be any number of them.
    currency: Currency,
    /// `None` where it cannot be held.
    amount: Option<Amount>,
}

/// What a run has found so far.
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// `None` once the sum cannot be held.
    at_risk: Option<Amount>,
    /// The same by currency code.
    at_risk_in: BTreeMap<String, Option<Amount>>,
    /// Something could not be read or written to its end.
    pub(crate) broken_off: bool,
}

/// Faults by their cause. What follows from another fault is none of its own.
#[derive(Default)]
pub(crate) struct Causes {
    /// Orders with a total that is wrong.
    orders: u64,
    /// By the most plausible explanation; none where no cause is known.
    by_cause: BTreeMap<Vec<Cause>, Group>,
}

#[derive(Default)]
struct Group {
    count: u64,
    /// By `order_source`.
    sources: BTreeMap<String, Share>,
}

/// How many orders come from a source.
#[derive(Default)]
struct Share {
    count: u64,
    /// How many other sources were met before.
    nth: usize,
}

impl Group {
    fn count(&mut self, source: &str, count: u64) {
        match self.sources.get_mut(source) {
            Some(share) => share.count += count,
            None => {
                let nth = self.sources.len();
                self.sources.insert(source.to_owned(), Share { count, nth });
            }
        }
    }
}

/// A name as it is shown; nearly all are fit to be.
fn fit(name: &str) -> Cow<'_, str> {
    if name.len() < 100 && name.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        Cow::Borrowed(name)
    } else {
        Cow::Owned(brief(name))
    }
}

/// The most sources that are told apart for one cause: memory does not grow with the input.
const MAX_SOURCES: usize = 100;

impl Causes {
    /// Counts the mistakes of an order, each once.
    fn count(&mut self, order: &Order, report: &Report) {
        let faults = report.violations.iter().filter(|found| found.rule.is_identity() && found.root.is_none());
        let causes: BTreeSet<&[Cause]> =
            faults.map(|fault| fault.causes.first().map(|first| first.causes.as_slice()).unwrap_or_default()).collect();
        self.orders += u64::from(!causes.is_empty());
        for causes in causes {
            if !self.by_cause.contains_key(causes) {
                self.by_cause.insert(causes.to_vec(), Group::default());
            }
            if let Some(group) = self.by_cause.get_mut(causes) {
                group.count += 1;
                group.count(&fit(order.order_source.as_deref().unwrap_or_default()), 1);
            }
        }
    }

    /// Adds what was counted of the orders that follow.
    fn add(&mut self, part: Causes) {
        self.orders += part.orders;
        for (causes, part) in part.by_cause {
            let group = self.by_cause.entry(causes).or_default();
            group.count += part.count;
            let mut sources: Vec<(String, Share)> = part.sources.into_iter().collect();
            sources.sort_by_key(|(_, share)| share.nth);
            for (source, share) in sources {
                if group.sources.len() < MAX_SOURCES || group.sources.contains_key(&source) {
                    group.count(&source, share.count);
                }
            }
        }
    }

    /// The causes, the most frequent first.
    fn ranked(&self) -> Vec<(&Vec<Cause>, &Group)> {
        let mut ranked: Vec<_> = self.by_cause.iter().collect();
        ranked.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
        ranked
    }

    /// The share in percent, rounded.
    fn share(&self, count: u64) -> u64 {
        (count.saturating_mul(200) + self.orders).checked_div(self.orders * 2).unwrap_or(0)
    }

    /// The most frequent one, where it stands out: several orders have it, one in ten at least, and no other as often.
    fn in_words(&self) -> Option<String> {
        let known = |(causes, _): &(&Vec<Cause>, &Group)| !causes.is_empty() && **causes != [Cause::FeeOrTip];
        let mut ranked = self.ranked().into_iter().filter(known);
        let stands_out = |group: &Group| group.count > 1 && self.share(group.count) >= 10;
        let (causes, group) = ranked.next().filter(|(_, group)| stands_out(group))?;
        if ranked.next().is_some_and(|(_, next)| next.count == group.count) {
            return None;
        }
        let (count, orders, share) = (group.count, self.orders, self.share(group.count));
        let mut words =
            format!("  {share} % are one mistake: {} ({count} of {orders} orders with wrong totals", named(causes));
        // Where it comes from, if nearly all of it comes from there.
        let (source, share) = group.sources.iter().max_by_key(|(_, share)| share.count)?;
        if !source.is_empty() && share.count.saturating_mul(10) >= group.count.saturating_mul(9) {
            words.push_str(&format!(", order_source {source}"));
        }
        words.push(')');
        Some(words)
    }

    /// A table of all of them.
    pub(crate) fn table(&self) -> Vec<String> {
        let mut lines = vec![format!("{:>8}  {:>5}  cause", "orders", "share")];
        for (causes, group) in self.ranked() {
            let mut sources: Vec<(&String, &Share)> = group.sources.iter().collect();
            sources.sort_by_key(|(_, share)| std::cmp::Reverse(share.count));
            let sources: Vec<String> = sources
                .iter()
                .take(3)
                .map(|(source, share)| {
                    let source = if source.is_empty() { "no order_source" } else { source.as_str() };
                    format!("{source} {}", share.count)
                })
                .collect();
            let (count, share) = (group.count, self.share(group.count));
            lines.push(format!("{count:>8}  {share:>3} %  {} ({})", named(causes), sources.join(", ")));
        }
        lines
    }
}

/// Causes by name.
fn named(causes: &[Cause]) -> String {
    if causes.is_empty() {
        return "no known cause".to_owned();
    }
    let names: Vec<&str> = causes.iter().map(|cause| cause.name()).collect();
    names.join(" + ")
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

impl Counts {
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
        }
        self.causes.count(order, report);
        if !valid {
            // What no fix is about is mended with what one writes in its place.
            let mended = |applicability: Applicability| {
                let fixes = || {
                    let fixes = report.violations.iter().filter_map(|found| found.fix.as_ref());
                    fixes.filter(|fix| fix.applicability <= applicability)
                };
                let mut places: Option<BTreeSet<&Place>> = None;
                report.of(Severity::Error).all(|found| {
                    let own = found.fix.as_ref().is_some_and(|fix| fix.applicability <= applicability);
                    let mut written = || {
                        let edits = || fixes().flat_map(|fix| &fix.edits);
                        places.get_or_insert_with(|| edits().map(|edit| &edit.place).collect()).contains(&found.place)
                    };
                    found.root.is_some() || own || written()
                })
            };
            self.fixable += u64::from(mended(Applicability::Unsafe));
            self.safely_fixable += u64::from(mended(Applicability::Safe));
        }
        self.unchecked += report.unchecked().count() as u64;
        let amount = report.at_risk();
        if amount != Some(Amount::ZERO) {
            let currency = match &order.currency {
                Currency::Known(known) => Currency::Known(*known),
                _ => Currency::Unset,
            };
            self.risks.push(Risk { currency, amount });
        }
    }
}

impl Tally {
    pub(crate) fn new() -> Tally {
        let (counts, at_risk_in) = (Counts::default(), BTreeMap::new());
        Tally { counts, at_risk: Some(Amount::ZERO), at_risk_in, broken_off: false }
    }

    /// Adds what was counted of the orders that follow.
    pub(crate) fn add(&mut self, part: Counts) {
        let counts = &mut self.counts;
        counts.valid += part.valid;
        counts.invalid += part.invalid;
        counts.unreadable += part.unreadable;
        counts.unchecked += part.unchecked;
        counts.failed += part.failed;
        counts.fixable += part.fixable;
        counts.safely_fixable += part.safely_fixable;
        for (rule, count) in part.violations {
            *counts.violations.entry(rule).or_default() += count;
        }
        counts.causes.add(part.causes);
        for Risk { currency, amount } in part.risks {
            let add = |sum: Option<Amount>| sum?.checked_add(amount?);
            self.at_risk = add(self.at_risk);
            let code = currency.code().unwrap_or_default();
            match self.at_risk_in.get_mut(code) {
                Some(sum) => *sum = add(*sum),
                None => drop(self.at_risk_in.insert(code.to_owned(), amount)),
            }
        }
    }

    /// Adds orders with nothing wrong.
    pub(crate) fn clean(&mut self, orders: u64, unchecked: u64) {
        self.counts.valid += orders;
        self.counts.unchecked += unchecked;
    }

    /// How many documents there were.
    pub(crate) fn orders(&self) -> u64 {
        self.counts.valid + self.counts.invalid + self.counts.unreadable
    }

    /// The exit status.
    pub(crate) fn exit(&self, allowance: Option<Allowance>) -> u8 {
        if self.counts.unreadable > 0 || self.broken_off || self.orders() == 0 {
            2
        } else if allowance.unwrap_or(Allowance::Count(0)).allows(self.counts.failed, self.orders()) {
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
            valid: self.counts.valid,
            invalid: self.counts.invalid,
            unreadable: self.counts.unreadable,
            violations: &self.counts.violations,
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
        let mut line = format!(
            "{orders}: {} valid, {} invalid, {} unreadable",
            self.counts.valid, self.counts.invalid, self.counts.unreadable
        );
        let at_risk = self.at_risk_in.iter().map(|(code, sum)| match sum {
            Some(amount) => {
                format!("{amount:.*} {code}", Currency::from_code(code).decimals() as usize).trim().to_owned()
            }
            None => format!("more than can be held {code}").trim().to_owned(),
        });
        let at_risk: Vec<String> = at_risk.collect();
        if !at_risk.is_empty() {
            line.push_str(&format!("; {} at risk", at_risk.join(" + ")));
        }
        lines.push(line);
        for (rule, count) in &self.counts.violations {
            lines.push(format!("  {count} {rule} {}", rule.name()));
        }
        lines.extend(self.counts.causes.in_words());
        if self.counts.fixable > 0 {
            let (how, count) =
                (if self.counts.safely_fixable == self.counts.fixable { "" } else { " --unsafe" }, self.counts.fixable);
            lines.push(format!("  {count} of the invalid orders may be mended: ordercharge fix{how} --diff INPUT"));
        }
        if self.counts.unchecked > 0 && !all {
            let totals = if self.counts.unchecked == 1 { "total" } else { "totals" };
            lines.push(format!("  {} {totals} could not be checked; --all says which and why", self.counts.unchecked));
        }
        lines
    }
}
