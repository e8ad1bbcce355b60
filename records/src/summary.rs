//! What many orders add up to: the summary record.

use std::collections::BTreeMap;

use ordercharge::bulk::Delivery;
use ordercharge::mapping::{Mapping, Mappings};
use ordercharge::{Amount, Currency, Order, Policy, Report, Rule};
use serde::{Deserialize, Serialize};

use crate::output;

/// Valid orders that begin within this number of bytes of their source may contradict a mistake of the mapping. The command
/// takes the same ones.
pub const SAMPLE: u64 = 64 * 1024;

/// The key of money whose currency code is unset or unknown.
const NO_CURRENCY: &str = "unset";

/// What many orders add up to. Summaries of parts can be sent, with serde, and merged in the order of the input.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    valid: u64,
    invalid: u64,
    unreadable: u64,
    unchecked: u64,
    violations: BTreeMap<Rule, u64>,
    /// By currency code; `None` after a sum had too many digits.
    at_risk: BTreeMap<String, Option<Amount>>,
    repairable: u64,
    mappings: Mappings,
    /// Something could not be read to its end.
    broken_off: bool,
}

/// The summary record.
#[derive(Serialize)]
struct Written<'a> {
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
    /// Only the command has waivers and a baseline.
    waivers: Option<()>,
    baseline: Option<()>,
    exit: u8,
}

impl Summary {
    /// Adds an order that was checked.
    pub(crate) fn add(&mut self, order: &Order, report: &Report, policy: &Policy) {
        let valid = report.is_valid();
        self.valid += u64::from(valid);
        self.invalid += u64::from(!valid);
        self.unchecked += u64::from(valid && report.held() == 0 && report.broken() == 0);
        for violation in &report.violations {
            *self.violations.entry(violation.rule).or_default() += 1;
        }
        if report.violations.is_empty() {
            // Whether the fast path accepts an order makes no difference.
            self.mappings.add_valid(order.order_source.as_deref(), 1);
        } else {
            self.mappings.add(order, report, policy);
        }
        self.repairable += u64::from(report.is_repairable());
        let amount = report.at_risk();
        if amount != Some(Amount::ZERO) {
            let code = match &order.currency {
                Currency::Known(_) => order.currency.code().unwrap_or(NO_CURRENCY),
                _ => NO_CURRENCY,
            };
            add_to(&mut self.at_risk, code, amount);
        }
    }

    pub(crate) fn add_unreadable(&mut self) {
        self.unreadable += 1;
    }

    /// Adds the orders that the fast path accepted, and whether reading failed.
    pub(crate) fn add_clean<P>(&mut self, delivery: &Delivery<'_, P>) {
        self.valid += delivery.clean;
        self.unchecked += delivery.unchecked_orders;
        for (source, count) in &delivery.clean_sources {
            self.mappings.add_valid(source.as_deref(), *count);
        }
        self.broken_off |= delivery.failure.is_some();
    }

    pub(crate) fn show_valid(&mut self, order: &Order, policy: &Policy) {
        self.mappings.show_valid(order, policy);
    }

    /// Adds what follows in the input.
    pub fn merge(&mut self, later: Summary) {
        self.valid += later.valid;
        self.invalid += later.invalid;
        self.unreadable += later.unreadable;
        self.unchecked += later.unchecked;
        for (rule, count) in later.violations {
            *self.violations.entry(rule).or_default() += count;
        }
        for (code, amount) in later.at_risk {
            add_to(&mut self.at_risk, &code, amount);
        }
        self.repairable += later.repairable;
        self.mappings.merge(later.mappings);
        self.broken_off |= later.broken_off;
    }

    /// The number of documents.
    pub fn orders(&self) -> u64 {
        self.valid + self.invalid + self.unreadable
    }

    /// The exit status of the command.
    fn exit(&self) -> u8 {
        if self.unreadable > 0 || self.broken_off || self.orders() == 0 { 2 } else { u8::from(self.invalid > 0) }
    }

    /// The summary record, without a line end.
    ///
    /// # Errors
    ///
    /// Never: every key is text.
    pub fn record(&self) -> serde_json::Result<String> {
        let at_risk = self.at_risk.iter().map(|(code, sum)| {
            let decimals = Currency::from_code(code).decimals() as usize;
            (code.as_str(), sum.map(|sum| format!("{sum:.decimals$}")))
        });
        output::json(&Written {
            format: 1,
            r#type: "summary",
            complete: !self.broken_off,
            orders: self.orders(),
            valid: self.valid,
            invalid: self.invalid,
            unreadable: self.unreadable,
            unchecked: self.unchecked,
            violations: &self.violations,
            at_risk: at_risk.collect(),
            repairable: self.repairable,
            mappings: self.mappings.summaries(),
            waivers: None,
            baseline: None,
            exit: self.exit(),
        })
    }
}

fn add_to(sums: &mut BTreeMap<String, Option<Amount>>, code: &str, amount: Option<Amount>) {
    match sums.get_mut(code) {
        Some(sum) => *sum = sum.and_then(|sum| sum.checked_add(amount?)),
        None => drop(sums.insert(code.to_owned(), amount)),
    }
}
