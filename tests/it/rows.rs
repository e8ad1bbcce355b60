//! Rows in bulk: each is one record, judged as alone, on any number of threads.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;

use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
use ordercharge::{Document, Policies, Policy, Rounding};
use proptest::prelude::*;

use crate::util::pages;

const RIGHT: &str = r#"{"cust_ref":"R","grand_total":"5.00","sub_total":5,"items":[{"quantity":2,"price":"2.50"}]}"#;
const WRONG: &str = r#"{"cust_ref":"W","grand_total":6,"items":[{"quantity":2,"price":2.5,"extended_amount":5}]}"#;

/// Rows that are not an order, hold more than one, or have something around it.
fn hostile() -> Vec<Vec<u8>> {
    let mut rows: Vec<Vec<u8>> = [
        "",
        " ",
        "\n",
        "\u{FEFF}",
        "null",
        "7",
        "-",
        "\"text\"",
        "[]",
        "[[]]",
        "{}",
        "{",
        "}",
        "{}{}",
        "{\"items\": [",
        "{\"items\": [{\"quantity\": 1}]",
        "{\"items\": [{\"quantity\": 1}]}]",
        "{\"orders\": []}",
        "{\"success_code\": false, \"error_code\": \"E\"}",
        "{\"items\": [{\"quantity\": 1}]} // comment",
        "{\"items\": [{\"quantity\": 1}]}\u{c}",
        "{\"a\": \"\n{\"}",
        // Right by rounding to the nearest only, of a source with another policy and of none.
        r#"{"order_source": "Amazon", "items": [{"quantity": 1, "price": "0.125", "extended_amount": "0.12"}]}"#,
        r#"{"items": [{"quantity": 1, "price": "0.125", "extended_amount": "0.12"}]}"#,
    ]
    .map(|row| row.as_bytes().to_vec())
    .to_vec();
    for order in [RIGHT, WRONG] {
        let alone = [
            order.to_owned(),
            format!("\u{FEFF} {order}"),
            format!("\n\n  {order}\r\n"),
            order.replace(',', ",\n"),
            format!("{order}{order}"),
            format!("{order}\n{order}\n"),
            format!("[{order}]"),
            format!("{{\"orders\": [{order}]}}"),
            format!("{{\"success_code\": true, \"response\": {order}}}"),
            format!("{order},"),
            order.replacen("\"items\"", "\"items\":[],\"items\"", 1),
        ];
        rows.extend(alone.map(String::into_bytes));
        rows.push([order.as_bytes(), b"\xFF"].concat());
        rows.push([order.as_bytes(), b"\0"].concat());
        rows.push(order.as_bytes()[..order.len() - 1].to_vec());
    }
    rows.push(b"[".repeat(10_000));
    rows
}

/// Describes every record completely.
struct Tell;

impl Task for Tell {
    type Part = Vec<(u64, String)>;

    fn found(&self, part: &mut Self::Part, found: Finding<'_>) {
        let seen = match found.outcome {
            Inspected::Checked(document, report) => {
                assert_eq!((found.source, document.position()), (0, found.position));
                format!("{document:?} {report:?}")
            }
            Inspected::Clean(text) => format!("clean {:?}", String::from_utf8_lossy(text)),
            Inspected::Unreadable(error) => format!("{error:?}"),
        };
        part.push((found.index, seen));
    }

    fn size(&self, part: &Self::Part) -> usize {
        part.len() * 1024
    }
}

/// The outcome of a row on its own, whether it has no finding, and how many of its identities are unchecked.
fn alone(row: &[u8], policies: &Policies) -> (String, bool, u64) {
    match Document::from_json(row) {
        Err(error) => (format!("{error:?}"), false, 0),
        Ok(document) => {
            let report = document.check(policies.of(document.order()));
            let seen = format!("{document:?} {report:?}");
            (seen, report.violations.is_empty(), report.unchecked().count() as u64)
        }
    }
}

/// Compares rows in bulk with each on its own.
fn compare<B: AsRef<[u8]> + Sync>(rows: &[B]) {
    let mut policies = Policies::default();
    policies.sources.insert("Amazon".into(), Policy { options: Rounding::Exact.into(), ..Policy::default() });
    let expected: Vec<(String, bool, u64)> = rows.iter().map(|row| alone(row.as_ref(), &policies)).collect();
    let length: usize = rows.iter().map(|row| row.as_ref().len()).sum();
    for (threads, every, clean_texts) in
        [(1, false, false), (3, false, false), (1, true, false), (4, true, false), (2, false, true)]
    {
        let threads = NonZero::new(threads).unwrap();
        let bulk = Bulk { threads, every, clean_texts, ..Bulk::new(policies.clone()) };
        let (mut seen, mut last) = (BTreeMap::new(), None);
        let (mut orders, mut clean, mut unchecked, mut bytes, mut sources) = (0, 0, 0, 0, 0);
        bulk.run_rows(rows, &Tell, |delivery| {
            for (index, line) in delivery.part.drain(..) {
                assert!(last < Some(index), "{index} after {last:?}");
                last = Some(index);
                seen.insert(index, line);
            }
            orders += delivery.orders;
            clean += delivery.clean;
            unchecked += delivery.unchecked;
            bytes += delivery.bytes;
            sources += delivery.clean_sources.iter().map(|(_, count)| count).sum::<u64>();
            assert!(delivery.failure.is_none());
            ControlFlow::Continue(())
        });
        assert_eq!((orders, bytes, sources), (rows.len() as u64, length as u64, clean));
        let (mut left_out, mut of_these) = (0, 0);
        for (index, (line, is_clean, count)) in expected.iter().enumerate() {
            match seen.get(&(index as u64)) {
                Some(seen) if seen.starts_with("clean ") => {
                    let text = std::str::from_utf8(rows[index].as_ref()).unwrap().trim_start_matches('\u{FEFF}').trim();
                    assert_eq!(seen, &format!("clean {text:?}"));
                    (left_out, of_these) = (left_out + 1, of_these + count);
                }
                Some(seen) => assert_eq!(seen, line, "row {index}"),
                None => {
                    assert!(*is_clean && !every && !clean_texts, "left out: row {index}: {line}");
                    (left_out, of_these) = (left_out + 1, of_these + count);
                }
            }
        }
        assert_eq!((clean, unchecked), (left_out, of_these));
    }
}

#[test]
fn no_rows() {
    compare::<&[u8]>(&[]);
}

#[test]
fn hostile_rows_are_one_record_each() {
    compare(&hostile());
    // Each one after a right one, whose keys are remembered.
    let between: Vec<Vec<u8>> = hostile().into_iter().flat_map(|row| [RIGHT.as_bytes().to_vec(), row]).collect();
    compare(&between);
}

#[test]
fn the_committed_cases_as_rows() {
    let rows: Vec<String> = pages::orders().map(|(_, order)| order).collect();
    assert!(rows.len() > 300);
    compare(&rows);
}

#[test]
fn many_groups_of_rows() {
    let kinds = hostile();
    let short: Vec<&[u8]> = kinds.iter().map(Vec::as_slice).filter(|row| row.len() < 200).collect();
    let rows: Vec<&[u8]> = (0..20_000_usize).map(|at| short[at * 31 / 7 % short.len()]).collect();
    compare(&rows);
    compare(&vec![b""; 40_000]);
}

#[test]
fn the_sample_is_the_same_on_any_number_of_threads() {
    struct Sample;
    impl Task for Sample {
        type Part = Vec<u64>;
        fn found(&self, part: &mut Vec<u64>, found: Finding<'_>) {
            let clean = match &found.outcome {
                Inspected::Clean(_) => true,
                Inspected::Checked(_, report) => report.violations.is_empty(),
                Inspected::Unreadable(_) => false,
            };
            if found.in_sample && clean {
                part.push(found.index);
            }
        }
    }
    let rows: Vec<&str> = (0..9_000).map(|at| if at % 3 == 0 { WRONG } else { RIGHT }).collect();
    let sample = |threads: usize, bytes: u64| {
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), clean_sample: bytes, ..Bulk::default() };
        let mut sample = Vec::new();
        bulk.run_rows(&rows, &Sample, |delivery| {
            sample.append(delivery.part);
            ControlFlow::Continue(())
        });
        sample
    };
    // The second row begins after the first, and so on.
    assert_eq!(sample(1, WRONG.len() as u64), Vec::<u64>::new());
    assert_eq!(sample(1, WRONG.len() as u64 + 1), [1]);
    assert_eq!(sample(3, 500_000), sample(1, 500_000));
    assert!(sample(1, 500_000).len() > 2000);
}

#[test]
fn breaking_off_and_panics_end_the_run() {
    let rows = vec![WRONG; 100_000];
    for threads in [1, 2, 8] {
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let mut deliveries = 0;
        bulk.run_rows(&rows, &Tell, |delivery| {
            delivery.part.clear();
            deliveries += 1;
            if deliveries == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(deliveries, 3);
        let ended = std::panic::catch_unwind(|| {
            bulk.run_rows(&rows, &Tell, |_| panic!("enough"));
        });
        assert!(ended.is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Rows with bytes changed, lost and doubled.
    #[test]
    fn mutated_rows(
        picks in proptest::collection::vec(any::<prop::sample::Index>(), 1..12),
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3_u8, any::<u8>()), 0..6),
    ) {
        let kinds: Vec<Vec<u8>> = hostile().into_iter().filter(|row| row.len() < 300).collect();
        let mut rows: Vec<Vec<u8>> = picks.iter().map(|pick| pick.get(&kinds).clone()).collect();
        for (row, at, how, byte) in edits {
            let at_row = row.index(rows.len());
            let row = &mut rows[at_row];
            let at = at.index(row.len() + 1);
            match how {
                0 => row.insert(at, byte),
                1 => row.insert(at, *b"\n\"{}[],:\\e".get(usize::from(byte) % 10).unwrap()),
                _ => row.truncate(at),
            }
        }
        compare(&rows);
    }
}
