//! Any bytes, cut anywhere: a bulk check reports what checking one order after the other reports, on one thread and on
//! several, and nothing is wrong with orders that get no report. Cut into rows, each row is reported as on its own.
#![no_main]

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
use ordercharge::{Document, Documents, Policies, Policy, Rounding, check};
use ordercharge_fuzz::Pieces;
use ordercharge_fuzz::in_doubt::in_doubt;

struct Tell;

impl Task for Tell {
    type Part = Vec<(u64, String)>;

    fn found(&self, part: &mut Self::Part, found: Finding<'_>) {
        let seen = match found.outcome {
            Inspected::Checked(document, report) => format!("{document:?} {report:?}"),
            Inspected::Clean(text) => format!("{text:?}"),
            Inspected::Unreadable(error) => format!("{error:?}"),
        };
        part.push((found.index, format!("{:?} {seen}", found.position)));
    }
}

/// Compares rows in bulk with each on its own.
fn rows(rows: &[&[u8]], policies: &Policies) {
    for threads in [1, 3] {
        let bulk = Bulk { threads: NonZero::new(threads).expect("not 0"), ..Bulk::new(policies.clone()) };
        let (mut seen, mut orders) = (BTreeMap::new(), 0);
        bulk.run_rows(rows, &Tell, |delivery| {
            seen.extend(delivery.part.drain(..));
            orders += delivery.orders;
            ControlFlow::Continue(())
        });
        assert_eq!(orders, rows.len() as u64);
        for (index, row) in (0_u64..).zip(rows) {
            let document = Document::from_json(row);
            let report = document.as_ref().ok().map(|document| document.check(policies.of(document.order())));
            match (seen.get(&index), document, report) {
                (Some(seen), Ok(document), Some(report)) => {
                    assert_eq!(*seen, format!("{:?} {document:?} {report:?}", document.position()));
                }
                (Some(seen), Err(error), _) => assert!(seen.ends_with(&format!(" {error:?}"))),
                (seen, _, report) => {
                    assert!(seen.is_none() && report.is_some_and(|report| report.violations.is_empty()));
                }
            }
        }
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut policies = Policies::default();
    // The names of sources in the seeds.
    for (source, rounding) in [("Amazon", Rounding::Exact), ("Shopify", Rounding::HalfUp)] {
        policies.sources.insert(source.to_owned(), Policy { options: rounding.into(), ..Policy::default() });
    }
    // A byte that is in no UTF-8 ends a row; lines are rows too.
    rows(&bytes.split(|byte| *byte == 0xFF).collect::<Vec<_>>(), &policies);
    rows(&bytes.split(|byte| *byte == b'\n').collect::<Vec<_>>(), &policies);
    let expected: Vec<(String, bool, u64)> = Documents::new(bytes)
        .map(|record| match &record.document {
            Err(error) => (format!("{:?} {error:?}", record.position), false, 0),
            Ok(document) => {
                let policy = policies.of(document.order());
                let report = document.check(policy);
                if report.violations.is_empty() {
                    assert_eq!(check(&in_doubt(document.order()), policy), report, "the full check");
                }
                let seen = format!("{:?} {document:?} {report:?}", record.position);
                (seen, report.violations.is_empty(), report.unchecked().count() as u64)
            }
        })
        .collect();
    let seed = bytes.iter().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
    for threads in [1, 3] {
        let bulk = Bulk { threads: NonZero::new(threads).expect("not 0"), ..Bulk::new(policies.clone()) };
        let (mut seen, mut orders, mut unchecked) = (BTreeMap::new(), 0, 0);
        bulk.run([Ok(Pieces::new(bytes, seed))], &Tell, |delivery| {
            seen.extend(delivery.part.drain(..));
            orders += delivery.orders;
            unchecked += delivery.unchecked;
            ControlFlow::Continue(())
        });
        assert_eq!(orders, expected.len() as u64);
        let mut left_out = 0;
        for (index, (line, clean, of_these)) in expected.iter().enumerate() {
            match seen.get(&(index as u64)) {
                Some(seen) => assert_eq!(seen, line),
                None => {
                    assert!(clean, "left out: {line}");
                    left_out += of_these;
                }
            }
        }
        assert_eq!(unchecked, left_out);
    }
});
