//! A check of many orders: its records, and what they add up to.

use ordercharge::Policies;
use ordercharge::bulk::{self, Bulk, Delivery, Inspected, Task};

use crate::summary::{Counts, Summary};
use crate::{Finding, Sample, finding};

/// Makes the records of a bulk check, on any thread.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name of each source.
    pub sources: Vec<String>,
    /// The policies of the check.
    pub policies: Policies,
    /// Whether orders without a finding get a record too.
    pub all: bool,
}

/// The records of some consecutive orders.
#[derive(Debug, Default)]
pub struct Part {
    /// The records, each with a line end.
    pub records: Vec<u8>,
    /// The counts of these orders, without those that the fast path accepted.
    counts: Counts,
    sample: Sample,
}

impl Task for Check {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let outcome = match &found.outcome {
            Inspected::Clean(text) => return part.sample.add(found.source, found.position.offset, text),
            Inspected::Checked(document, report) => {
                if report.violations.is_empty() {
                    part.sample.add(found.source, found.position.offset, document.text());
                }
                part.counts.order(document.order(), report, self.policies.of(document.order()));
                Ok((document, report))
            }
            Inspected::Unreadable(error) => {
                part.counts.unreadable();
                Err(error)
            }
        };
        let source = self.sources.get(found.source).map(String::as_str).unwrap_or_default();
        let record = Finding { source, index: found.index, position: found.position, outcome, rows: None };
        if self.all || !record.is_clean() {
            finding(&mut part.records, &record);
            part.records.push(b'\n');
        }
    }

    fn size(&self, part: &Part) -> usize {
        part.records.len() + part.sample.size()
    }
}

impl Check {
    /// The bulk check that gives this task what it needs.
    pub fn bulk(&self) -> Bulk {
        let mut bulk = Bulk::new(self.policies.clone());
        (bulk.every, bulk.clean_sample) = (self.all, Sample::REACH);
        bulk
    }

    /// Adds what was delivered to the summary, and moves its records to the end of `records`. The part is empty afterwards.
    pub fn take(&self, delivery: &mut Delivery<'_, Part>, summary: &mut Summary, records: &mut Vec<u8>) {
        summary.add(core::mem::take(&mut delivery.part.counts));
        summary.add_clean(delivery);
        summary.show_valid(&delivery.part.sample, &self.policies);
        delivery.part.sample.clear();
        records.append(&mut delivery.part.records);
    }
}
