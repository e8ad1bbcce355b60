//! The counts of a run, its summary and its exit status.

use std::collections::BTreeMap;

use ordercharge::bulk::Delivery;
use ordercharge::{Applicability, Order, Policy, Report, Severity};
use ordercharge_records::{Summary, SummaryRecord, is_unchecked};

use crate::accept::{BaselineRecord, WaiverRecord};
use crate::choices::{may_choose, reason};
use crate::output::brief;
use crate::phrases::{orders_of, sums_in_words};
use crate::threshold::{Allowance, FailOn};

/// The counts of some consecutive orders.
#[derive(Default)]
pub(crate) struct Counts {
    /// Those of the summary record.
    recorded: ordercharge_records::Counts,
    own: Own,
}

/// Counts that are not in the summary record.
#[derive(Default)]
struct Own {
    /// Identities that could not be checked.
    unchecked: u64,
    failed: u64,
    /// Orders that `fix` would repair without `--unsafe`.
    safely_repairable: u64,
    /// Orders whose repair is withheld, by reason.
    withheld: BTreeMap<&'static str, u64>,
}

/// What a run has found so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) summary: Summary,
    own: Own,
    /// Sources that were read to their end and hold no order.
    pub(crate) empty_sources: u64,
}

impl Counts {
    /// Counts an order.
    pub(crate) fn order(&mut self, order: &Order, report: &Report, policy: &Policy, fail_on: FailOn) {
        self.recorded.order(order, report, policy);
        let own = &mut self.own;
        own.failed += u64::from(match fail_on {
            FailOn::Error => report.of(Severity::Error).next().is_some(),
            FailOn::Warning => !report.violations.is_empty(),
            FailOn::Unchecked => !report.is_valid() || is_unchecked(report),
            FailOn::Never => false,
        });
        if let Some(repair) = &report.repair {
            let safe = repair.applicability == Applicability::Safe && !repair.edits.is_empty();
            own.safely_repairable += u64::from(safe);
            if let Some(why) = repair.withheld {
                *own.withheld.entry(reason(why, may_choose(report, why))).or_default() += 1;
            }
        }
        own.unchecked += report.unchecked().count() as u64;
    }

    /// Counts a document that cannot be read.
    pub(crate) fn unreadable(&mut self) {
        self.recorded.unreadable();
    }
}

impl Tally {
    /// Adds the counts of the orders that follow.
    pub(crate) fn add(&mut self, part: Counts) {
        self.summary.add(part.recorded);
        self.own.unchecked += part.own.unchecked;
        self.own.failed += part.own.failed;
        self.own.safely_repairable += part.own.safely_repairable;
        for (why, count) in part.own.withheld {
            *self.own.withheld.entry(why).or_default() += count;
        }
    }

    /// Adds the orders that the fast path accepted, and whether reading failed.
    pub(crate) fn clean<P>(&mut self, delivery: &Delivery<'_, P>, fail_on: FailOn) {
        self.summary.add_clean(delivery);
        self.own.unchecked += delivery.unchecked;
        if fail_on == FailOn::Unchecked {
            self.own.failed += delivery.unchecked_orders;
        }
    }

    /// The exit status.
    pub(crate) fn exit(&self, allowance: Option<Allowance>) -> u8 {
        if self.empty_sources > 0 {
            return 2;
        }
        let allowed = allowance.unwrap_or(Allowance::Count(0)).allows(self.own.failed, self.summary.orders());
        self.summary.exit(!allowed)
    }

    /// The summary record, with what waivers and a baseline accept, and what could not be done.
    pub(crate) fn record<'a>(
        &'a self,
        allowance: Option<Allowance>,
        (waivers, baseline): (Option<WaiverRecord<'a>>, Option<BaselineRecord>),
        errors: Vec<String>,
    ) -> SummaryRecord<'a, WaiverRecord<'a>, BaselineRecord> {
        self.summary.record(self.exit(allowance), waivers, baseline, errors)
    }

    /// The lines of the summary. `all` says that the report lists what could not be checked; otherwise that is not mentioned,
    /// because most right orders leave something unset.
    pub(crate) fn in_words(&self, all: bool) -> Vec<String> {
        let Tally { summary, own, .. } = self;
        let mut lines = Vec::new();
        lines.push(format!(
            "{}: {} valid, {} invalid, {} unreadable, {} not checkable",
            orders_of(summary.orders()),
            summary.valid(),
            summary.invalid(),
            summary.unreadable(),
            summary.unchecked()
        ));
        if !summary.at_risk().is_empty() {
            lines.push(format!("  money at risk: {}", sums_in_words(summary.at_risk())));
        }
        for (rule, count) in summary.violations() {
            lines.push(format!("  {count} {rule} {}", rule.name()));
        }
        let mappings = summary.mappings();
        for mapping in &mappings {
            lines.push(format!("  {}", brief(&mapping.sentence().replace('`', ""))));
            if !mapping.mistakes.is_empty() {
                lines.push(format!("    change: {}", brief(&mapping.remedy().replace('`', ""))));
            }
        }
        if summary.repairable() > 0 {
            let how = if own.safely_repairable == summary.repairable() { "" } else { " --unsafe" };
            lines.push(format!(
                "  {} can be repaired: ordercharge fix{how} --diff INPUT",
                orders_of(summary.repairable())
            ));
        }
        for (why, count) in &own.withheld {
            lines.push(format!("  repair withheld for {}: {why}", orders_of(*count)));
        }
        if !own.withheld.is_empty() && mappings.iter().any(|mapping| !mapping.mistakes.is_empty()) {
            lines.push(
                "  more may be repaired by what is wrong with the mappings: ordercharge fix --unsafe --from-mapping --diff INPUT"
                    .to_owned(),
            );
        }
        if own.unchecked > 0 && all {
            let were = if own.unchecked == 1 { "total was" } else { "totals were" };
            lines.push(format!("  {} {were} not checked; the report says which and why", own.unchecked));
        }
        lines
    }
}
