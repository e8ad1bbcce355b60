//! A check of many orders: its records, and what they add up to.

use ordercharge::bulk::{self, Delivery, Inspected, Task};
use ordercharge::{Documents, Policy};

use crate::summary::Summary;
use crate::{Finding, finding};

/// Makes the records of a bulk check, on any thread.
#[derive(Clone, Debug)]
pub struct Check {
    /// The name of each source.
    pub sources: Vec<String>,
    /// The policy of the check.
    pub policy: Policy,
    /// Whether orders without a finding get a record too.
    pub all: bool,
}

/// The records of some consecutive orders.
#[derive(Debug, Default)]
pub struct Part {
    /// The records, each with a line end.
    pub records: Vec<u8>,
    /// The number of records.
    pub count: u64,
    /// What these orders add up to, without those that the fast path accepted.
    summary: Summary,
    /// Orders of the sample, each with a line end.
    sample: Vec<u8>,
}

/// Longer orders are not taken into the sample, nor are those of later sources: as in the command.
const LONGEST_SAMPLE: usize = crate::summary::SAMPLE as usize;
const MOST_SAMPLED_SOURCES: usize = 64;

impl Task for Check {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let outcome = match &found.outcome {
            Inspected::Clean(text) => return part.sample(&found, text),
            Inspected::Checked(document, report) => {
                if report.violations.is_empty() {
                    part.sample(&found, document.text());
                }
                part.summary.add(document.order(), report, &self.policy);
                Ok((document, report))
            }
            Inspected::Unreadable(error) => {
                part.summary.add_unreadable();
                Err(error)
            }
        };
        let source = self.sources.get(found.source).map(String::as_str).unwrap_or_default();
        let record = Finding { source, index: found.index, position: found.position, outcome, rows: None };
        if self.all || !record.is_clean() {
            finding(&mut part.records, &record);
            part.records.push(b'\n');
            part.count += 1;
        }
    }

    fn size(&self, part: &Part) -> usize {
        part.records.len() + part.sample.len()
    }
}

impl Part {
    fn sample(&mut self, found: &bulk::Finding<'_>, text: &[u8]) {
        if found.in_sample && found.source < MOST_SAMPLED_SOURCES && text.len() <= LONGEST_SAMPLE {
            self.sample.extend_from_slice(text);
            self.sample.push(b'\n');
        }
    }

    /// Adds what was delivered to the summary, and empties the part but for its records.
    pub fn add_to(delivery: &mut Delivery<'_, Part>, summary: &mut Summary, policy: &Policy) {
        summary.merge(core::mem::take(&mut delivery.part.summary));
        summary.add_clean(delivery);
        for document in Documents::new(&delivery.part.sample).filter_map(|record| record.document.ok()) {
            summary.show_valid(document.order(), policy);
        }
        delivery.part.sample.clear();
        delivery.part.count = 0;
    }
}
