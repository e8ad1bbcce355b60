//! The counts of a run, its summary and its exit status.

use std::collections::BTreeMap;

use ordercharge::mapping::{Mapping, Mappings};
use ordercharge::{Amount, Applicability, Currency, Order, Policy, Report, Rounding, Rule, Severity};
use serde::Serialize;

use crate::accept::{BaselineRecord, WaiverRecord};
use crate::args::{Allowance, FailOn};
use crate::choices::{may_choose, reason};
use crate::output::brief;

/// The counts of some consecutive orders, or of a whole run.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    pub(crate) unreadable: u64,
    /// Identities that could not be checked.
    unchecked: u64,
    /// Valid orders without an identity that could be checked.
    unchecked_orders: u64,
    violations: BTreeMap<Rule, u64>,
    failed: u64,
    /// Orders that `fix --unsafe` would repair, and those that `fix` would repair.
    repairable: u64,
    safely_repairable: u64,
    /// Orders whose repair is withheld, by reason.
    withheld: BTreeMap<&'static str, u64>,
    pub(crate) mappings: Mappings,
    /// The money at risk, order by order: whether a sum has too many digits can depend on the order of its terms.
    risks: Vec<Risk>,
}

/// The money at risk in one order.
struct Risk {
    /// `None` for all unknown codes: there may be any number of them.
    currency: Currency,
    /// `None` if it has too many digits.
    amount: Option<Amount>,
}

/// What a run has found so far.
pub(crate) struct Tally {
    pub(crate) counts: Counts,
    /// By currency code; `None` after a sum had too many digits.
    at_risk: BTreeMap<String, Option<Amount>>,
    /// Something could not be read or written to its end.
    pub(crate) broken_off: bool,
    /// Sources that were read to their end and hold no order.
    pub(crate) empty_sources: u64,
}

/// The key of money whose currency code is unset or unknown.
const NO_CURRENCY: &str = "unset";

/// The summary record of the machine formats.
#[derive(Serialize)]
pub(crate) struct Summary<'a> {
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
    waivers: Option<WaiverRecord<'a>>,
    baseline: Option<BaselineRecord>,
    exit: u8,
}

impl Counts {
    /// Counts an order.
    pub(crate) fn order(&mut self, order: &Order, report: &Report, policy: &Policy, fail_on: FailOn) {
        let valid = report.is_valid();
        self.valid += u64::from(valid);
        self.invalid += u64::from(!valid);
        self.failed += u64::from(match fail_on {
            FailOn::Error => report.of(Severity::Error).next().is_some(),
            FailOn::Warning => !report.violations.is_empty(),
            FailOn::Unchecked => !valid || is_unchecked(report),
            FailOn::Never => false,
        });
        for violation in &report.violations {
            *self.violations.entry(violation.rule).or_default() += 1;
        }
        if report.violations.is_empty() {
            // Like on the fast path: the sample of `check` decides which of these orders are kept.
            self.mappings.add_valid(order.order_source.as_deref(), 1);
        } else {
            self.mappings.add(order, report, policy);
        }
        if let Some(repair) = &report.repair {
            self.repairable += u64::from(!repair.edits.is_empty());
            let safe = repair.applicability == Applicability::Safe && !repair.edits.is_empty();
            self.safely_repairable += u64::from(safe);
            if let Some(why) = repair.withheld {
                *self.withheld.entry(reason(why, may_choose(report, why))).or_default() += 1;
            }
        }
        let unchecked = is_unchecked(report);
        self.unchecked_orders += u64::from(unchecked);
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

/// Counts of orders that passed the fast path.
pub(crate) struct Clean<'a> {
    pub(crate) orders: u64,
    pub(crate) unchecked: u64,
    pub(crate) unchecked_orders: u64,
    pub(crate) sources: &'a [(Option<String>, u64)],
}

/// Whether an order is valid and has no identity that could be checked. If no identity is switched on, that is every valid
/// order. The fast path counts in the same way.
pub(crate) fn is_unchecked(report: &Report) -> bool {
    report.is_valid() && report.held() == 0 && report.broken() == 0
}

impl Tally {
    pub(crate) fn new() -> Tally {
        Tally { counts: Counts::default(), at_risk: BTreeMap::new(), broken_off: false, empty_sources: 0 }
    }

    /// Adds the counts of the orders that follow.
    pub(crate) fn add(&mut self, part: Counts) {
        let counts = &mut self.counts;
        counts.valid += part.valid;
        counts.invalid += part.invalid;
        counts.unreadable += part.unreadable;
        counts.unchecked += part.unchecked;
        counts.failed += part.failed;
        counts.unchecked_orders += part.unchecked_orders;
        counts.repairable += part.repairable;
        counts.safely_repairable += part.safely_repairable;
        for (why, count) in part.withheld {
            *counts.withheld.entry(why).or_default() += count;
        }
        for (rule, count) in part.violations {
            *counts.violations.entry(rule).or_default() += count;
        }
        counts.mappings.merge(part.mappings);
        for Risk { currency, amount } in part.risks {
            add_to(&mut self.at_risk, &currency, amount);
        }
    }

    /// Adds orders with nothing wrong.
    pub(crate) fn clean(&mut self, delivery: &Clean<'_>, fail_on: FailOn) {
        self.counts.valid += delivery.orders;
        self.counts.unchecked += delivery.unchecked;
        self.counts.unchecked_orders += delivery.unchecked_orders;
        if fail_on == FailOn::Unchecked {
            self.counts.failed += delivery.unchecked_orders;
        }
        for (source, count) in delivery.sources {
            self.counts.mappings.add_valid(source.as_deref(), *count);
        }
    }

    /// The number of documents.
    pub(crate) fn orders(&self) -> u64 {
        self.counts.valid + self.counts.invalid + self.counts.unreadable
    }

    /// The exit status.
    pub(crate) fn exit(&self, allowance: Option<Allowance>) -> u8 {
        if self.counts.unreadable > 0 || self.broken_off || self.empty_sources > 0 || self.orders() == 0 {
            2
        } else if allowance.unwrap_or(Allowance::Count(0)).allows(self.counts.failed, self.orders()) {
            0
        } else {
            1
        }
    }

    pub(crate) fn summary<'a>(
        &'a self,
        allowance: Option<Allowance>,
        (waivers, baseline): (Option<WaiverRecord<'a>>, Option<BaselineRecord>),
    ) -> Summary<'a> {
        Summary {
            format: 1,
            r#type: "summary",
            complete: !self.broken_off,
            orders: self.orders(),
            valid: self.counts.valid,
            invalid: self.counts.invalid,
            unreadable: self.counts.unreadable,
            unchecked: self.counts.unchecked_orders,
            violations: &self.counts.violations,
            at_risk: self
                .at_risk
                .iter()
                .map(|(code, sum)| (code.as_str(), sum.map(|sum| written(code, sum))))
                .collect(),
            repairable: self.counts.repairable,
            mappings: self.counts.mappings.summaries(),
            waivers,
            baseline,
            exit: self.exit(allowance),
        }
    }

    /// The lines of the summary. `all` says that the report lists what could not be checked; otherwise that is not mentioned,
    /// because most right orders leave something unset.
    pub(crate) fn in_words(&self, all: bool) -> Vec<String> {
        let mut lines = Vec::new();
        lines.push(format!(
            "{}: {} valid, {} invalid, {} unreadable, {} not checkable",
            orders_of(self.orders()),
            self.counts.valid,
            self.counts.invalid,
            self.counts.unreadable,
            self.counts.unchecked_orders
        ));
        if !self.at_risk.is_empty() {
            lines.push(format!("  money at risk: {}", sums_in_words(&self.at_risk)));
        }
        for (rule, count) in &self.counts.violations {
            lines.push(format!("  {count} {rule} {}", rule.name()));
        }
        let mappings = self.counts.mappings.summaries();
        for mapping in &mappings {
            lines.push(format!("  {}", brief(&mapping.sentence().replace('`', ""))));
            if !mapping.mistakes.is_empty() {
                lines.push(format!("    change: {}", brief(&mapping.remedy().replace('`', ""))));
            }
        }
        if self.counts.repairable > 0 {
            let how = if self.counts.safely_repairable == self.counts.repairable { "" } else { " --unsafe" };
            lines.push(format!(
                "  {} can be repaired: ordercharge fix{how} --diff INPUT",
                orders_of(self.counts.repairable)
            ));
        }
        for (why, count) in &self.counts.withheld {
            lines.push(format!("  repair withheld for {}: {why}", orders_of(*count)));
        }
        if !self.counts.withheld.is_empty() && mappings.iter().any(|mapping| !mapping.mistakes.is_empty()) {
            lines.push(
                "  more may be repaired by what is wrong with the mappings: ordercharge fix --unsafe --from-mapping --diff INPUT"
                    .to_owned(),
            );
        }
        if self.counts.unchecked > 0 && all {
            let were = if self.counts.unchecked == 1 { "total was" } else { "totals were" };
            lines.push(format!("  {} {were} not checked; the report says which and why", self.counts.unchecked));
        }
        lines
    }
}

/// Sums by currency code, in words: each rounded to its minor unit, because orders may hold binary floats.
pub(crate) fn sums_in_words(sums: &BTreeMap<String, Option<Amount>>) -> String {
    let sum = |(code, sum): (&String, &Option<Amount>)| {
        let shown = |sum: Amount| {
            let rounded = sum.rounded(Currency::from_code(code).decimals(), Rounding::HalfUp);
            format!("{}{}", if rounded == sum { "" } else { "about " }, written(code, rounded))
        };
        let amount = sum.map_or("more than can be held".to_owned(), shown);
        if code == NO_CURRENCY { format!("{amount} (no known currency)") } else { format!("{amount} {code}") }
    };
    sums.iter().map(sum).collect::<Vec<_>>().join(" + ")
}

/// Adds an amount to the sum of its currency. All unknown codes share one sum: there may be any number of them.
pub(crate) fn add_to(sums: &mut BTreeMap<String, Option<Amount>>, currency: &Currency, amount: Option<Amount>) {
    let code = match currency {
        Currency::Known(_) => currency.code().unwrap_or(NO_CURRENCY),
        _ => NO_CURRENCY,
    };
    match sums.get_mut(code) {
        Some(sum) => *sum = sum.and_then(|sum| sum.checked_add(amount?)),
        None => drop(sums.insert(code.to_owned(), amount)),
    }
}

/// An amount with the decimals of its currency.
fn written(code: &str, amount: Amount) -> String {
    format!("{amount:.*}", Currency::from_code(code).decimals() as usize)
}

pub(crate) fn orders_of(count: u64) -> String {
    if count == 1 { "1 order".to_owned() } else { format!("{count} orders") }
}
