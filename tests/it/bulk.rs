//! Orders in bulk: the same as one after the other, in every container, however cut, on any number of threads.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicUsize, Ordering};

use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
use ordercharge::{Document, Documents, Policies, Policy, Report, Rounding, Rule, Severity, check};
use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::util::in_doubt::in_doubt;
use crate::util::pages;

/// Tells all of every record in a line.
struct Describe;

/// What was described, by index.
type Described = BTreeMap<u64, String>;

impl Task for Describe {
    type Part = Vec<(u64, String)>;

    fn found(&self, part: &mut Self::Part, found: Finding<'_>) {
        let Finding { source, index, position, outcome, .. } = found;
        let described = match outcome {
            Inspected::Checked(document, report) => {
                assert_eq!(document.position(), position);
                checked(&document, &report)
            }
            Inspected::Clean(text) => format!("clean {:?}", String::from_utf8_lossy(text)),
            Inspected::Unreadable(error) => format!("unreadable {error:?}"),
        };
        part.push((index, format!("{source} {position:?} {described}")));
    }

    fn size(&self, part: &Self::Part) -> usize {
        part.len() * 1024
    }
}

fn checked(document: &Document<'_>, report: &Report) -> String {
    let order = document.order();
    // Amounts print without the zeros behind them, which a `Decimal` shows.
    let amounts: Vec<Option<Decimal>> = order.charges().map(|(_, charge)| charge.amount().map(Decimal::from)).collect();
    format!("{order:?} {amounts:?} {:?} {report:?}", String::from_utf8_lossy(document.text()))
}

/// The same of a text, one record after the other, with each report.
fn one_by_one(text: &[u8], policies: &Policies) -> Vec<(String, Option<Report>)> {
    let described = Documents::new(text).map(|record| match &record.document {
        Err(error) => (format!("0 {:?} unreadable {error:?}", record.position), None),
        Ok(document) => {
            let policy = policies.of(document.order());
            let report = document.check(policy);
            if report.violations.is_empty() {
                assert_eq!(check(&in_doubt(document.order()), policy), report, "the full check");
            }
            let described = checked(document, &report);
            (format!("0 {:?} {described}", record.position), Some(report))
        }
    });
    described.collect()
}

/// Gives a few bytes at a time, so that there are pieces of every length.
struct Pieces<'a> {
    text: &'a [u8],
    sizes: &'a [usize],
    at: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.get(self.at % self.sizes.len()).copied().unwrap();
        self.at += 1;
        self.text.read(into.get_mut(..size).unwrap())
    }
}

/// What a run in bulk comes to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Run {
    described: Described,
    orders: u64,
    clean: u64,
    unchecked: u64,
}

fn in_bulk(bulk: &Bulk, text: &[u8], sizes: &[usize]) -> Run {
    let (mut run, mut bytes, mut last) = (Run::default(), 0, None);
    bulk.run([Ok(Pieces { text, sizes, at: 0 })], &Describe, |delivery| {
        for (index, line) in delivery.part.drain(..) {
            assert!(last < Some(index), "{index} behind {last:?}");
            last = Some(index);
            run.described.insert(index, line);
        }
        run.orders += delivery.orders;
        run.clean += delivery.clean;
        run.unchecked += delivery.unchecked;
        bytes += delivery.bytes;
        assert!(delivery.failure.is_none());
        ControlFlow::Continue(())
    });
    assert_eq!(bytes, text.len() as u64);
    run
}

/// Runs a text in bulk in every way, and compares what is described with what is described one by one.
fn compare(text: &[u8], sizes: &[usize], policies: impl Into<Policies>) {
    let policies = policies.into();
    let expected = one_by_one(text, &policies);
    let bulk = |threads, every, clean_texts| Bulk {
        threads: NonZero::new(threads).unwrap(),
        every,
        clean_texts,
        ..Bulk::new(policies.clone())
    };
    // With a report for every record there is nothing to choose.
    let all: Described = expected
        .iter()
        .map(|(described, _)| described.clone())
        .enumerate()
        .map(|(at, described)| (at as u64, described))
        .collect();
    for threads in [1, 2, 5] {
        let run = in_bulk(&bulk(threads, true, false), text, sizes);
        assert_eq!(run, Run { described: all.clone(), orders: expected.len() as u64, clean: 0, unchecked: 0 });
    }
    // Without, those that are left out have nothing wrong.
    let first = in_bulk(&bulk(1, false, false), text, sizes);
    let (mut clean, mut unchecked) = (0, 0);
    for (index, (described, report)) in expected.iter().enumerate() {
        match (first.described.get(&(index as u64)), report) {
            (Some(line), _) => assert_eq!(line, described),
            (None, Some(report)) => {
                assert_eq!(report.violations, [], "left out");
                clean += 1;
                unchecked += report.unchecked().count() as u64;
            }
            (None, None) => panic!("left out: {described}"),
        }
    }
    assert_eq!((first.orders, first.clean, first.unchecked), (expected.len() as u64, clean, unchecked));
    for threads in [2, 5] {
        assert_eq!(in_bulk(&bulk(threads, false, false), text, sizes), first);
    }
    // And those that are only texts are just these.
    for threads in [1, 3] {
        let run = in_bulk(&bulk(threads, false, true), text, sizes);
        assert_eq!((run.orders, run.clean, run.unchecked), (first.orders, first.clean, first.unchecked));
        assert_eq!(run.described.len() as u64, run.orders);
        let texts = run.described.values().filter(|described| described.contains(" clean \"")).count();
        assert_eq!(texts as u64, clean);
    }
    // Without a check, every order is a text.
    let texts: Vec<String> = Documents::new(text)
        .map(|record| match &record.document {
            Err(error) => format!("0 {:?} unreadable {error:?}", record.position),
            Ok(document) => {
                format!("0 {:?} clean {:?}", record.position, String::from_utf8_lossy(document.text()))
            }
        })
        .collect();
    for threads in [1, 3] {
        let run = in_bulk(&Bulk { texts_only: true, ..bulk(threads, false, false) }, text, sizes);
        assert_eq!((run.orders, run.clean, run.unchecked), (first.orders, 0, 0));
        assert!(run.described.values().eq(&texts), "{:?}\n{texts:?}", run.described);
    }
}

/// What a run says of the orders that get no report.
#[derive(Debug, Default, PartialEq, Eq)]
struct CleanOrders {
    unchecked_orders: u64,
    sources: BTreeMap<Option<String>, u64>,
    /// The sample, by index.
    sample: Described,
}

fn clean_orders(bulk: &Bulk, text: &[u8]) -> CleanOrders {
    let mut clean = CleanOrders::default();
    bulk.run([Ok(text)], &Describe, |delivery| {
        clean.unchecked_orders += delivery.unchecked_orders;
        for (source, count) in delivery.clean_sources {
            *clean.sources.entry(source).or_default() += count;
        }
        clean.sample.extend(delivery.part.drain(..).filter(|(_, described)| described.contains(" clean \"")));
        ControlFlow::Continue(())
    });
    clean
}

/// Like the bulk check, but one record after the other: an order with a finding is not clean.
fn clean_one_by_one(text: &[u8], sample: u64) -> CleanOrders {
    let mut clean = CleanOrders::default();
    for record in Documents::new(text) {
        let Ok(document) = &record.document else { continue };
        let report = document.check(&Policy::default());
        if !report.violations.is_empty() {
            continue;
        }
        clean.unchecked_orders += u64::from(report.unchecked().count() == report.identities.len());
        *clean.sources.entry(document.order().order_source.clone()).or_default() += 1;
        if record.position.offset < sample {
            let described = format!("0 {:?} clean {:?}", record.position, String::from_utf8_lossy(document.text()));
            clean.sample.insert(record.index, described);
        }
    }
    clean
}

#[test]
fn what_is_said_of_clean_orders_is_the_same_on_any_number_of_threads() {
    let source = |source: &str| RIGHT.replacen('{', &format!("{{\"order_source\":{source},"), 1);
    let nothing_to_check = r#"{"cust_ref":"N","items":[{"quantity":1,"price":5}]}"#;
    let kinds = [
        source("\"Amazon\""),
        source("\"Caf\\u00e9\""),
        source("\"Café\""),
        source("null"),
        source("12"),
        WRONG.to_owned(),
    ];
    let kinds = [&kinds[..], &[ODD.to_owned(), nothing_to_check.to_owned(), RIGHT.to_owned(), "7".to_owned()]].concat();
    let mut text = String::new();
    for at in 0..12_000_usize {
        text += kinds.get(at * 31 / 7 % kinds.len()).unwrap();
        text += "\n";
    }
    assert!(text.len() > 900_000, "several pieces");
    for sample in [0, 1, 100_000, 700_000] {
        let expected = clean_one_by_one(text.as_bytes(), sample);
        assert_eq!(expected.sample.is_empty(), sample == 0);
        for threads in [1, 2, 3] {
            let threads = NonZero::new(threads).unwrap();
            let bulk = Bulk { threads, clean_sample: sample, ..Bulk::default() };
            let clean = clean_orders(&bulk, text.as_bytes());
            assert!(clean == expected, "{threads} threads, sample of {sample}");
        }
    }
    let all = clean_one_by_one(text.as_bytes(), 0);
    let names: Vec<Option<&str>> = all.sources.keys().map(Option::as_deref).collect();
    assert_eq!(names, [None, Some("12"), Some("Amazon"), Some("Café")]);
    assert!(all.unchecked_orders > 1000 && all.sources.values().all(|count| *count > 1000), "{all:?}");
}

/// Orders in which two things that are wrong make up for each other in the sums: they are not taken for right ones.
#[test]
fn what_makes_up_for_something_wrong_is_seen() {
    let orders = [
        // The tax makes up for a discount above the price.
        r#"{"items":[{"quantity":1,"price":1,"discount":2,"tax":1}]}"#,
        // Two halves of a cent make a whole one, but each line is rounded.
        r#"{"sub_total":0.67,"items":[{"quantity":1,"price":0.335},{"quantity":1,"price":0.335}]}"#,
    ];
    for order in orders {
        let expected = one_by_one(order.as_bytes(), &Policies::default());
        assert!(expected.iter().all(|(_, report)| report.as_ref().is_some_and(|report| !report.violations.is_empty())));
        compare(order.as_bytes(), &[1000], Policy::default());
    }
}

/// Right orders, with and without each of what an identity needs to be checked.
fn more_or_less_complete() -> String {
    let orders = (0..64_u32).map(|bits| {
        let has = |bit: u32| bits & 1 << bit != 0;
        let field = |bit: u32, field: &'static str| if has(bit) { field } else { "" };
        let tax = if has(1) || has(4) { 1 } else { 0 };
        let total = format!("\"grand_total\":{},", 4 + tax);
        let header = [field(0, "\"sub_total\":5,"), field(1, "\"sales_tax\":1,"), field(2, "\"order_discount\":1,")];
        let line = [field(4, "\"tax\":1,"), field(5, "\"extended_amount\":5,")].concat();
        let lines =
            format!("{{{line}\"addl_discount\":1,\"quantity\":2,\"price\":2.5}},{{\"quantity\":1,\"price\":0}}");
        format!("{{{}{}\"items\":[{lines}]}}\n", header.concat(), if has(3) { &total } else { "" })
    });
    orders.collect()
}

/// The identities that could not be checked are counted as a report has them, whatever rules are on.
#[test]
fn unchecked_identities_of_clean_orders_are_counted_as_reported() {
    let text = more_or_less_complete();
    for off in 0..32_usize {
        let mut policy = Policy::default();
        for (at, rule) in Rule::ALL.iter().filter(|rule| rule.is_identity()).enumerate() {
            if off & 1 << at != 0 {
                policy.set_severity(*rule, None);
            }
        }
        let (mut unchecked, mut unchecked_orders) = (0, 0);
        for record in Documents::new(text.as_bytes()) {
            let report = record.document.unwrap().check(&policy);
            assert_eq!(report.violations, []);
            unchecked += report.unchecked().count() as u64;
            unchecked_orders += u64::from(report.unchecked().count() == report.identities.len());
        }
        let (mut counted, mut counted_orders) = (0, 0);
        let bulk = Bulk { threads: NonZero::<usize>::MIN, ..Bulk::new(policy) };
        bulk.run([Ok(text.as_bytes())], &Describe, |delivery| {
            assert_eq!(delivery.clean, delivery.orders);
            counted += delivery.unchecked;
            counted_orders += delivery.unchecked_orders;
            ControlFlow::Continue(())
        });
        assert_eq!((counted, counted_orders), (unchecked, unchecked_orders), "{off:b}");
    }
}

const RIGHT: &str = r#"{"cust_ref":"R","grand_total":"5.00","sub_total":5,"items":[{"quantity":2,"price":"2.50"}]}"#;
const WRONG: &str = r#"{"cust_ref":"W","grand_total":6,"items":[{"quantity":2,"price":2.5,"extended_amount":5}]}"#;
const ODD: &str =
    r#"{"cust_ref": "ö\u00f6", "note": "}\",{[", "tax": 1, "items": [{"quantity": 1, "price": 1, "tax": ""}]}"#;

/// Records in every container.
fn containers(records: &[&str]) -> Vec<String> {
    let indented: Vec<String> = records.iter().map(|record| record.replace(',', ",\n  ")).collect();
    vec![
        records.join("\n") + "\n",
        records.join("\r\n\r\n"),
        records.concat(),
        indented.join("\n"),
        format!("\u{FEFF}[{}]", records.join(",")),
        format!("[\n{}\n]\n{RIGHT}\n", records.join(",\n")),
        format!("[ {} ]", indented.join(" , ")),
        format!("{{\"count\": 1, \"orders\": [{}], \"more\": [1]}}\n", records.join(", ")),
        format!("{{\"success_code\":true,\"response\":[{}]}}\n{RIGHT}", records.join(",\n")),
        format!("{{\"response\":[{}],\"success_code\":true}}", records.join(",")),
        records.iter().map(|record| format!("{{\"success_code\":true,\"response\":{record}}}\n")).collect(),
    ]
}

#[test]
fn every_container_in_pieces_of_any_size() {
    let records =
        [RIGHT, WRONG, RIGHT, ODD, "7", RIGHT, r#"{"items": [}"#, WRONG, RIGHT, r#"{"success_code":false}"#, RIGHT];
    for text in containers(&records) {
        for sizes in [&[1_usize][..], &[7, 90, 300], &[64], &[4096]] {
            compare(text.as_bytes(), sizes, Policy::default());
        }
    }
}

/// Every name of an order is predicted from the one before it, with everything around it; then one byte is changed,
/// missing or one too many.
#[test]
fn a_predicted_key_is_read_like_any_other() {
    let described = |record: ordercharge::Record<'_>| match record.document {
        Ok(document) => Ok((document.text().to_vec(), document.into_order())),
        Err(error) => Err(error.to_string().split(" at line").next().map(str::to_owned)),
    };
    let compact = r#"{"sub_total":"5.00","tax":1,"grand_total":5,"items":[{"quantity":2,"price":"2.5","a":null},{"quantity":0.5}]}"#;
    let spaced = compact.replace(':', ": ").replace(',', ", ");
    let (lines, odd) = (spaced.replace(", ", ",\r\n  "), spaced.replace(':', " :"));
    let mut all = String::new();
    for good in [compact, &spaced, &lines, &odd] {
        for at in 1..good.len() {
            let (before, behind) = good.split_at(at);
            let after = behind.get(1..).unwrap();
            let mut others = vec![format!("{before}{after}")];
            for byte in ["\"", ",", ":", "{", "}", "]", " ", "\n", "1", "-"] {
                others.push(format!("{before}{byte}{behind}"));
                others.push(format!("{before}{byte}{after}"));
            }
            for other in others {
                let alone: Vec<_> = Documents::new(other.as_bytes()).map(described).collect();
                let pair = format!("{good}\n{other}");
                let behind: Vec<_> = Documents::new(pair.as_bytes()).skip(1).map(described).collect();
                assert_eq!(behind, alone, "{other}");
                if at % 5 == 0 {
                    all.push_str(&pair);
                    all.push('\n');
                }
            }
        }
    }
    compare(all.as_bytes(), &[100_000], Policy::default());
}

/// Orders that are wrong, so that the full check gets what the fast path has read.
#[test]
fn what_the_fast_path_makes_is_what_reading_gives() {
    let headers = [
        r#""cust_ref":"A","order_source":"Shop","currency_code":"JPY""#,
        r#""cust_ref": 1e3 , "order_source":null,"currency_code":"XXQ""#,
        r#""cust_ref":"A\u0042\n","order_source":[1,{"a":2}],"currency_code":null"#,
        r#""cust_ref":"A","cust_ref":{},"order_source":"a","order_source":"b","currency_code":"USD","currency_code":1"#,
        r#""cust_ref" :
            "Ä" ,"order_source": -5,"shipping_handling":null"#,
        r#""balance":"0.000","total":1,"sub_total":9"#,
        r#""sub_total":9,"sub_total":9"#,
        r#""orders":1"#,
    ];
    let lines = [
        r#"{"quantity":2,"price":"2.5000","discount":"0.00","extended_amount":"5.10","filtered_sku":"Y"}"#,
        r#"{"quantity":"2.0000","price":10.00000,"tax":0.10,"filtered_sku":"\u0059"}"#,
        r#"{"quantity":1,"price":123456789012.3456,"filtered_sku": "N","filtered_sku" :"Y"}"#,
        r#"{"quantity":1,"price":0.00000000000000000,"filtered_sku":true,"addl_discount":3}"#,
        r#"{"quantity":1,"price":100000000000000000,"qty":3,"shipping_surcharge":"1.000"}"#,
        r#"{"quantity":1,"price":"70000.000000","extended_amount":7.5}"#,
        r#"{"quantity":1,"price":5,"price":5}"#,
        r#"{"item":"x"}"#,
    ];
    let mut text = String::new();
    for header in headers {
        for one in lines {
            for other in lines {
                text += &format!("{{{header},\"grand_total\":\"7.70\",\"items\":[{one},{other}]}}\n");
                text += &format!("{{\"items\": [ {one} ] , {header} ,\"grand_total\":7}}\n");
            }
        }
    }
    // A value that is missing is no `null`.
    text += "{\"sub_total\":,\"items\":[{\"quantity\":1,\"price\":1}]}\n";
    text += "{\"items\":[{\"quantity\":1,\"price\":1,\"tax\":}]}\n";
    compare(text.as_bytes(), &[100_000, 64], Policy::default());
}

#[test]
fn the_committed_cases() {
    let text = pages::orders().map(|(_, order)| order).collect::<Vec<_>>().join("\n").into_bytes();
    assert!(text.len() > 100_000);
    let mut half_up = Policy { options: Rounding::HalfUp.into(), ..Policy::default() };
    half_up.set_severity(Rule::SalesTax, None);
    half_up.set_severity(Rule::OddQuantity, Some(Severity::Error));
    half_up.set_tolerance(Rule::GrandTotal, "0.05".parse().unwrap()).unwrap();
    let exact = Policy { options: Rounding::Exact.into(), ..Policy::default() };
    for policy in [Policy::default(), half_up, exact] {
        compare(&text, &[5000, 64 * 1024], policy);
    }
}

/// The lines of the first two orders are right by rounding to the nearest only, and the third is always right. The source
/// decides how each is checked, however its name is written.
#[test]
fn every_source_has_its_policy() {
    let order = |source: &str, extended: &str, total: &str| {
        format!(
            r#"{{"order_source":{source},"grand_total":"{total}","items":[{{"price":"0.125","quantity":1,"extended_amount":"{extended}"}},{{"price":2,"quantity":1}}]}}"#
        )
    };
    let names = [
        "\"Exact\"",
        "  \"Ex\\u0061ct\"",
        "\"Even\"",
        "\"Caf\u{e9}\"",
        "\"Off\"",
        "12",
        "null",
        "\"else\"",
        "\"\\ud800\"",
    ];
    let mut text = Vec::new();
    for at in 0..6_000_usize {
        let name = names.get(at * 13 / 5 % names.len()).unwrap();
        let (extended, total) = [("0.13", "2.13"), ("0.12", "2.12"), ("0.125", "2.125")].get(at % 3).copied().unwrap();
        let total = if at % 97 == 0 { "3" } else { total };
        text.extend(order(name, extended, total).into_bytes());
        text.push(b'\n');
    }
    // Bytes that are not UTF-8 are read as U+FFFD.
    text.extend(b"{\"order_source\":\"bad\xFF\",\"items\":[{\"price\":\"0.125\",\"quantity\":1,\"extended_amount\":\"0.12\"}]}\n");
    let with = |rounding: Rounding| Policy { options: rounding.into(), ..Policy::default() };
    let mut off = Policy::default();
    Rule::ALL.iter().filter(|rule| rule.is_identity()).for_each(|rule| off.set_severity(*rule, None));
    let named = [
        ("Exact", with(Rounding::Exact)),
        ("Even", with(Rounding::HalfEven)),
        ("Caf\u{e9}", with(Rounding::Down)),
        ("Off", off),
        ("12", with(Rounding::HalfUp)),
        ("bad\u{fffd}", with(Rounding::HalfUp)),
    ];
    for base in [Rounding::Nearest, Rounding::Exact] {
        let mut policies = Policies::from(with(base));
        policies.sources.extend(named.iter().map(|(source, policy)| ((*source).to_owned(), policy.clone())));
        let differ = |record: ordercharge::Record<'_>| {
            let is_valid = |document: &Document<'_>, policy| document.check(policy).is_valid();
            let document = record.document.ok();
            document.is_some_and(|document| {
                is_valid(&document, &policies.base) != is_valid(&document, policies.of(document.order()))
            })
        };
        assert!(Documents::new(&text).map(differ).filter(|differ| *differ).count() > 500);
        compare(&text, &[5000, 64 * 1024], policies);
    }
}

#[test]
fn a_source_that_fails_costs_no_other() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("torn"))
        }
    }
    for threads in [1, 4] {
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let two = format!("{WRONG}\n{WRONG}\n");
        let half = format!("{WRONG}\n{{\"cust_ref\": ");
        let sources: Vec<io::Result<Box<dyn Read + Send>>> = vec![
            Ok(Box::new(two.as_bytes())),
            Err(io::Error::other("gone")),
            Ok(Box::new(half.as_bytes().chain(Broken))),
            Ok(Box::new(&b""[..])),
            Ok(Box::new(two.as_bytes())),
        ];
        let (mut described, mut failures) = (Vec::new(), Vec::new());
        bulk.run(sources, &Describe, |delivery| {
            described.extend(delivery.part.drain(..).map(|(index, line)| (index, line.chars().next().unwrap())));
            failures.extend(delivery.failure.map(|(source, error)| (source, error.to_string())));
            ControlFlow::Continue(())
        });
        assert_eq!(described, [(0, '0'), (1, '0'), (2, '2'), (3, '4'), (4, '4')]);
        assert_eq!(failures, [(1, "gone".to_owned()), (2, "torn".to_owned())]);
    }
}

/// A source begins at line 1, whatever the one before it ended within. The records of all are numbered together.
#[test]
fn every_source_begins_anew() {
    let (one, two) = (format!("[\n{WRONG},\n{WRONG}"), format!("{{\"orders\":\n[{WRONG}"));
    for threads in [1, 4] {
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let texts = [one.as_str(), two.as_str(), WRONG];
        let sources = texts.map(|text| -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(text.as_bytes())) });
        let mut found = Vec::new();
        bulk.run(sources, &Describe, |delivery| {
            found.append(delivery.part);
            ControlFlow::Continue(())
        });
        let all = texts.iter().enumerate().flat_map(|(source, text)| {
            let alone = one_by_one(text.as_bytes(), &Policies::default());
            alone.into_iter().map(move |(line, _)| line.replacen('0', &source.to_string(), 1))
        });
        assert!(found.iter().map(|(index, _)| *index).eq(0..found.len() as u64), "{threads}: {found:?}");
        assert!(found.iter().map(|(_, line)| line.clone()).eq(all), "{threads}: {found:#?}");
    }
}

/// Gives lines without end.
struct Endless<'a> {
    given: &'a AtomicUsize,
}

impl Read for Endless<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let line = format!("{WRONG}\n");
        for (byte, next) in into.iter_mut().zip(line.bytes().cycle()) {
            *byte = next;
        }
        let whole = into.len() - into.len() % line.len();
        self.given.fetch_add(whole, Ordering::Relaxed);
        Ok(whole)
    }
}

#[test]
fn breaking_off_ends_the_run() {
    for threads in [1, 2, 8] {
        let given = AtomicUsize::new(0);
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let mut deliveries = 0;
        bulk.run([Ok(Endless { given: &given })], &Describe, |delivery| {
            delivery.part.clear();
            deliveries += 1;
            if deliveries == 10 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(deliveries, 10);
    }
}

/// What is read and not delivered stays within a few pieces for each thread, however slow the deliveries are.
#[test]
fn nothing_piles_up() {
    for threads in [1, 2, 8] {
        let given = AtomicUsize::new(0);
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let (mut deliveries, mut delivered) = (0, 0);
        bulk.run([Ok(Endless { given: &given })], &Describe, |delivery| {
            delivery.part.clear();
            delivered += delivery.bytes as usize;
            deliveries += 1;
            std::thread::sleep(std::time::Duration::from_millis(1));
            let ahead = given.load(Ordering::Relaxed) - delivered;
            assert!(ahead <= (threads + 2) * 1024 * 1024, "{ahead} bytes ahead");
            if deliveries == 100 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    }
}

#[test]
fn a_task_that_panics_stops_all_threads() {
    struct Panics;
    impl Task for Panics {
        type Part = ();
        fn found(&self, (): &mut (), found: Finding<'_>) {
            assert!(found.index < 5000, "enough");
        }
    }
    for threads in [1, 4] {
        let given = AtomicUsize::new(0);
        let bulk = Bulk { threads: NonZero::new(threads).unwrap(), ..Bulk::default() };
        let ended = std::panic::catch_unwind(|| {
            bulk.run([Ok(Endless { given: &given })], &Panics, |_| ControlFlow::Continue(()));
        });
        assert!(ended.is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Hostile input: containers of records with bytes changed, lost and said twice.
    #[test]
    fn mutated_containers(
        records in proptest::collection::vec(prop::sample::select(vec![RIGHT, WRONG, ODD, "[]", "null", "{}"]), 0..12),
        container in 0..11_usize,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), 0..40_usize), 0..4),
        sizes in proptest::collection::vec(1..400_usize, 1..5),
    ) {
        let mut text = containers(&records).swap_remove(container).into_bytes();
        for (at, how, byte, length) in edits {
            let at = at.index(text.len() + 1);
            let end = (at + length).min(text.len());
            match how {
                0 => drop(text.drain(at..end)),
                1 => drop(text.splice(at..at, text.get(at..end).unwrap().to_vec())),
                2 => text.insert(at, byte),
                _ => text.insert(at, *b"\n\"{}[],:\\e".get(usize::from(byte) % 10).unwrap()),
            }
        }
        compare(&text, &sizes, Policy::default());
    }
}
