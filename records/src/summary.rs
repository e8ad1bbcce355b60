//! What many orders add up to: the summary record.

use std::collections::BTreeMap;

use ordercharge::bulk::Delivery;
use ordercharge::mapping::{Mapping, Mappings};
use ordercharge::{Amount, Currency, Order, Policies, Policy, Report, Rule};
use serde::{Deserialize, Serialize};

use crate::{Sample, output};

/// The key of money whose currency code is unset or unknown.
pub const NO_CURRENCY: &str = "unset";

/// Sums of money by currency code. A sum is `None` after it had too many digits.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sums(BTreeMap<String, Option<Amount>>);

impl Sums {
    /// Adds an amount to the sum of its currency. All unknown codes share one sum: there may be any number of them.
    pub fn add(&mut self, currency: &Currency, amount: Option<Amount>) {
        let code = match currency {
            Currency::Known(_) => currency.code().unwrap_or(NO_CURRENCY),
            _ => NO_CURRENCY,
        };
        self.add_to(code, amount);
    }

    fn add_to(&mut self, code: &str, amount: Option<Amount>) {
        match self.0.get_mut(code) {
            Some(sum) => *sum = sum.and_then(|sum| sum.checked_add(amount?)),
            None => drop(self.0.insert(code.to_owned(), amount)),
        }
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The sums, in the order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<Amount>)> {
        self.0.iter().map(|(code, sum)| (code.as_str(), *sum))
    }
}

/// An amount with the decimals of its currency.
pub fn in_currency(code: &str, amount: Amount) -> String {
    format!("{amount:.*}", Currency::from_code(code).decimals() as usize)
}

/// Whether an order is valid and has no identity that could be checked. If no identity is switched on, that is every valid
/// order. The fast path counts in the same way.
pub fn is_unchecked(report: &Report) -> bool {
    report.is_valid() && report.held() == 0 && report.broken() == 0
}

/// The counts of some consecutive orders, made on any thread. [`Summary::add`] adds them in the order of the input.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    sums: Adding,
    /// The money at risk, order by order: whether a sum has too many digits can depend on the order of its terms.
    risks: Vec<(Currency, Option<Amount>)>,
}

/// What adds up to the same in any order.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Adding {
    valid: u64,
    invalid: u64,
    unreadable: u64,
    unchecked: u64,
    violations: BTreeMap<Rule, u64>,
    repairable: u64,
    mappings: Mappings,
}

impl Counts {
    /// Counts an order.
    pub fn order(&mut self, order: &Order, report: &Report, policy: &Policy) {
        let sums = &mut self.sums;
        let valid = report.is_valid();
        sums.valid += u64::from(valid);
        sums.invalid += u64::from(!valid);
        sums.unchecked += u64::from(is_unchecked(report));
        for violation in &report.violations {
            *sums.violations.entry(violation.rule).or_default() += violation.count();
        }
        if report.violations.is_empty() {
            // Like on the fast path: the sample decides which of these orders are kept.
            sums.mappings.add_valid(order.order_source.as_deref(), 1);
        } else {
            sums.mappings.add(order, report, policy);
        }
        sums.repairable += u64::from(report.is_repairable());
        let amount = report.at_risk();
        if amount != Some(Amount::ZERO) {
            let currency = match &order.currency {
                Currency::Known(known) => Currency::Known(*known),
                _ => Currency::Unset,
            };
            self.risks.push((currency, amount));
        }
    }

    /// Counts a document that cannot be read.
    pub fn unreadable(&mut self) {
        self.sums.unreadable += 1;
    }
}

/// What many orders add up to. Summaries of parts can be sent, with serde, and merged in the order of the input.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    sums: Adding,
    at_risk: Sums,
    broken_off: bool,
}

/// The summary record of the machine formats. `W` and `B` are what waivers and a baseline accept: only the command has them.
#[derive(Debug, Serialize)]
pub struct SummaryRecord<'a, W, B> {
    format: u32,
    r#type: &'static str,
    complete: bool,
    orders: u64,
    valid: u64,
    invalid: u64,
    unreadable: u64,
    unchecked: u64,
    violations: &'a BTreeMap<Rule, u64>,
    at_risk: BTreeMap<&'a str, Option<String>>,
    repairable: u64,
    mappings: Vec<Mapping>,
    waivers: Option<W>,
    baseline: Option<B>,
    errors: Vec<String>,
    exit: u8,
}

impl Summary {
    /// Adds the counts of the orders that follow.
    pub fn add(&mut self, counts: Counts) {
        self.sums.merge(counts.sums);
        for (currency, amount) in counts.risks {
            self.at_risk.add(&currency, amount);
        }
    }

    /// Adds the orders that the fast path accepted, and whether reading failed.
    pub fn add_clean<P>(&mut self, delivery: &Delivery<'_, P>) {
        self.sums.valid += delivery.clean;
        self.sums.unchecked += delivery.unchecked_orders;
        for (source, count) in &delivery.clean_sources {
            self.sums.mappings.add_valid(source.as_deref(), *count);
        }
        if delivery.failure.is_some() {
            self.break_off();
        }
    }

    /// Shows the mappings valid orders that may contradict their mistakes.
    pub fn show_valid(&mut self, sample: &Sample, policies: &Policies) {
        sample.show(&mut self.sums.mappings, policies);
    }

    /// Says that something could not be read or written to its end.
    pub fn break_off(&mut self) {
        self.broken_off = true;
    }

    /// Whether something could not be read or written to its end.
    pub fn is_broken_off(&self) -> bool {
        self.broken_off
    }

    /// Adds the summary of what follows in the input.
    pub fn merge(&mut self, later: Summary) {
        self.sums.merge(later.sums);
        for (code, amount) in later.at_risk.iter() {
            self.at_risk.add_to(code, amount);
        }
        self.broken_off |= later.broken_off;
    }

    /// The number of documents.
    pub fn orders(&self) -> u64 {
        self.valid() + self.invalid() + self.unreadable()
    }

    /// The number of valid orders.
    pub fn valid(&self) -> u64 {
        self.sums.valid
    }

    /// The number of invalid orders.
    pub fn invalid(&self) -> u64 {
        self.sums.invalid
    }

    /// The number of documents that cannot be read.
    pub fn unreadable(&self) -> u64 {
        self.sums.unreadable
    }

    /// The number of valid orders without an identity that could be checked.
    pub fn unchecked(&self) -> u64 {
        self.sums.unchecked
    }

    /// The number of violations of each rule.
    pub fn violations(&self) -> &BTreeMap<Rule, u64> {
        &self.sums.violations
    }

    /// The money at risk.
    pub fn at_risk(&self) -> &Sums {
        &self.at_risk
    }

    /// The number of orders that `fix --unsafe` would repair.
    pub fn repairable(&self) -> u64 {
        self.sums.repairable
    }

    /// What is wrong with the mapping of each source.
    pub fn mappings(&self) -> Vec<Mapping> {
        self.sums.mappings.summaries()
    }

    /// The exit status of the command: 2 if something could not be read, else 1 if `failed` says so.
    pub fn exit(&self, failed: bool) -> u8 {
        if self.unreadable() > 0 || self.broken_off || self.orders() == 0 { 2 } else { u8::from(failed) }
    }

    /// The summary record. `errors` is what could not be read or written, in a line each: only the command knows it.
    pub fn record<W, B>(
        &self,
        exit: u8,
        waivers: Option<W>,
        baseline: Option<B>,
        errors: Vec<String>,
    ) -> SummaryRecord<'_, W, B> {
        let at_risk = self.at_risk.iter().map(|(code, sum)| (code, sum.map(|sum| in_currency(code, sum))));
        SummaryRecord {
            format: 1,
            r#type: "summary",
            complete: !self.broken_off,
            orders: self.orders(),
            valid: self.valid(),
            invalid: self.invalid(),
            unreadable: self.unreadable(),
            unchecked: self.unchecked(),
            violations: self.violations(),
            at_risk: at_risk.collect(),
            repairable: self.repairable(),
            mappings: self.mappings(),
            waivers,
            baseline,
            errors,
            exit,
        }
    }

    /// The summary record of a check without options of the command, as JSON without a line end.
    ///
    /// # Errors
    ///
    /// Never: every key is a string.
    pub fn json(&self) -> serde_json::Result<String> {
        output::json(&self.record::<(), ()>(self.exit(self.invalid() > 0), None, None, Vec::new()))
    }
}

impl Adding {
    fn merge(&mut self, later: Adding) {
        self.valid += later.valid;
        self.invalid += later.invalid;
        self.unreadable += later.unreadable;
        self.unchecked += later.unchecked;
        for (rule, count) in later.violations {
            *self.violations.entry(rule).or_default() += count;
        }
        self.repairable += later.repairable;
        self.mappings.merge(later.mappings);
    }
}
