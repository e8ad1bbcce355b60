//! Reading goes on after whatever cannot be read: documents cut at every byte, and documents longer than the limit.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::Reader;

use crate::util::everyhow::{Given, NO_LIMIT, Pieces, faults, good, names, read_everyhow, read_with, record};

#[test]
fn orders_behind_every_unfinished_line_are_found() {
    let prefixes = [
        "[[",
        "[[[",
        "[\n[",
        "[\n[\n[",
        "{\n\"a\":",
        "{\n\"a\":[",
        "{\n\"a\":\n[",
        "{\n\"a\":{\"b\":",
        "{\n\"a\":[\n[",
        "{\n\"cust_ref\":\"X\",\n\"items\":[",
        "{\n\"cust_ref\":\"X\",\n\"items\":[\n{\"quantity\":1},",
        "{\n\"cust_ref\":\"X\",\n\"items\":[\n{\n\"quantity\":1\n},",
        "{\n\"cust_ref\":\"X\",\n\"items\":",
        "{\n  \"cust_ref\": \"X\",\n  \"items\": [",
        "{\n\"cust_ref\":\"X\",",
        "{\"a\":",
        "{\"a\":[",
        "{\"cust_ref\":\"X\",\"items\":[",
        "{\"cust_ref\":\"X\",\"items\":[{\"price\":",
        "[",
        "{",
        "[{",
        "[\n{",
        "{\n",
        "[{\"cust_ref\":",
        "[5,",
        "[5,\n[",
        "{\"orders\":",
        "{\"orders\":[",
        "{\"orders\":[[",
        "{\"orders\":\n[",
        "{\n\"orders\": [\n[",
        "{\"success_code\":true,\"response\":",
        "{\"success_code\":true,\"response\":[",
        "{\"success_code\":true,\"response\":[[",
        "{\n\"success_code\": true,\n\"response\":\n",
        "{\"response\":",
        "{\"response\":[",
        "{\"response\":[[",
        "{\"response\":[],\"x\":",
        "{\"orders\":[],\"x\":",
        "{\"orders\":[],\n\"x\":[",
        "{\"orders\":[],\n\"x\":[\n{\"rel\":\"self\"},",
        "{\"orders\":[],",
        "\"a",
        "5 [",
        "oops",
        "]",
        "}",
        ",",
    ];
    let all = [good("A"), good("B"), good("C")];
    for prefix in prefixes {
        for end in ["\n", "\r\n"] {
            for comma in ["", ","] {
                for mark in ["", "\u{feff}"] {
                    let prefix = prefix.replace('\n', end);
                    let text = format!("{mark}{prefix}{end}{}{comma}{end}", all.join(&format!("{comma}{end}")));
                    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
                    assert_eq!(names(&records), ["A", "B", "C"], "{text}\n{records:#?}");
                    assert!(!faults(&records).is_empty(), "{text}\n{records:#?}");
                }
            }
        }
    }
}

/// An order behind a cut-off document is found by any name that only an order has, wherever the document was cut.
#[test]
fn one_name_of_an_order_is_enough() {
    let broken = good("X");
    for name in ["cust_ref", "grand_total", "sub_total", "order_discount", "shipping_handling", "balance"] {
        let order = format!("{{\"version\":\"2\",\"{name}\":\"1\"}}");
        for text in written(&broken) {
            for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                let text = format!("{}\n{order}\n{order}\n", &text[..cut]);
                let records = read_with(text.as_bytes(), NO_LIMIT);
                let whole = records.iter().rev().take(2).all(|(_, document)| document.is_ok());
                assert!(whole && (2..4).contains(&records.len()), "{text}\n{records:#?}");
            }
        }
    }
}

/// The fault of a document that was cut off is reported once, where something does not fit.
#[test]
fn a_fault_is_told_once() {
    let described = |prefix: &str| {
        let text = format!("{prefix}\n{}\n{}\n", good("A"), good("B"));
        let records = read_everyhow(text.as_bytes(), NO_LIMIT);
        assert_eq!(names(&records), ["A", "B"], "{records:?}");
        faults(&records).join("; ")
    };
    assert_eq!(described("[["), "expected `,` or `]`, found `{` at line 3, column 1");
    assert_eq!(described("{\n\"a\":"), "expected `,` or `}`, found `{` at line 4, column 1");
    assert_eq!(described("{\n\"a\":["), "expected `,` or `]`, found `{` at line 4, column 1");
    assert_eq!(described("{\n\"cust_ref\":\"X\",\n\"items\":["), "expected `,` or `]`, found `{` at line 5, column 1");
    assert_eq!(
        described("{\"cust_ref\":\"X\",\"items\":[\n{\"price\":1},"),
        "expected `,` or `]`, found `{` at line 4, column 1"
    );
    // Two that were cut off are two.
    let both = "expected `,` or `]`, found `{` at line 4, column 1";
    assert_eq!(
        described("{\"cust_ref\":\"X\",\"items\":[\n{\"cust_ref\":\"Y\",\"items\":["),
        format!("{both}; {both}")
    );
    // Also where the fault is within a string.
    let within = "expected no control character within a string, found the end of the line at line 2, column 26";
    assert_eq!(
        described("{\"cust_ref\":\"X\",\"items\":[\n{\"cust_ref\":\"Y\",\"note\":\"n"),
        format!("{within}; {within}")
    );
}

/// Lines of an order that begin an input line are not orders, however many precede or follow the fault.
#[test]
fn lines_of_a_broken_order_are_not_taken_for_orders() {
    let text = "{\"cust_ref\":\"X\",\n\"items\":[\n{\"price\":1,\"quantity\":2},\n{\n\"price\":2\n},\n[\n{\"tax\":5}\n]\n,,]\n}\n";
    let records = read_everyhow(format!("{text}{}\n", good("A")).as_bytes(), NO_LIMIT);
    assert_eq!(names(&records), ["A"], "{records:?}");
    assert_eq!(faults(&records).len(), 1, "{records:?}");
}

/// A document as it may be written: on one line, and with a line for each value, indented or not.
fn written(compact: &str) -> [String; 3] {
    let value: serde_json::Value = serde_json::from_str(compact).unwrap();
    let indented = serde_json::to_string_pretty(&value).unwrap();
    let lines: Vec<&str> = indented.lines().map(str::trim_start).collect();
    [compact.to_owned(), lines.join("\n"), indented.clone()]
}

/// Valid documents cut at every byte, in front of good orders.
#[test]
fn documents_cut_at_every_byte_cost_no_other() {
    let (x, y) = (good("X"), good("Y"));
    let documents = [
        x.clone(),
        format!("[{x},{y}]"),
        format!(r#"{{"count":2,"orders":[{x},{y}],"links":[{{"rel":"self"}},[{{}}]]}}"#),
        format!(r#"{{"success_code":true,"response":[{x},{y}]}}"#),
        format!(r#"{{"success_code":true,"response":{x}}}"#),
        format!(r#"{{"response":[{x},{y}],"success_code":true}}"#),
        format!("[[{x}],[0]]"),
        format!(r#"[{{"orders":[]}},{y}]"#),
    ];
    let behind = [
        format!("{}\n{}\n{}\n", good("A"), good("B"), good("C")),
        format!("[{},{}]\n{{\"orders\":[{}]}}\n", good("A"), good("B"), good("C")),
    ];
    for document in &documents {
        for text in written(document) {
            for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                for behind in &behind {
                    let text = format!("{}\n{behind}", &text[..cut]);
                    let records = read_with(text.as_bytes(), NO_LIMIT);
                    let later: Vec<&str> =
                        names(&records).into_iter().filter(|name| ["A", "B", "C"].contains(name)).collect();
                    assert_eq!(later, ["A", "B", "C"], "{text}\n{records:#?}");
                    let before = names(&records).len() - 3;
                    assert!(before <= 2, "{text}\n{records:#?}");
                    // In a list, an object that wraps orders is an order without a name, or a list that was cut off before it.
                    let wraps_in_list = document.starts_with("[{\"orders");
                    let known = |name: &&str| "ABCXY".contains(name) && (!name.is_empty() || wraps_in_list);
                    assert!(names(&records).iter().all(known), "{text}\n{records:#?}");
                    let most = if wraps_in_list || document.starts_with("[[") { 3 } else { 1 };
                    assert!(faults(&records).len() <= most, "{text}\n{records:#?}");
                    if cut % 31 == 0 {
                        assert_eq!(read_everyhow(text.as_bytes(), NO_LIMIT), records);
                    }
                }
            }
        }
    }
}

/// Lines take more memory than their text: an order may have a thousand, and more only as the limit of a document grows.
#[test]
fn an_order_of_too_many_lines_costs_no_other() {
    let order = |lines: usize| format!("{{\"cust_ref\":\"MANY\",\"items\":[{}]}}", vec!["{}"; lines].join(","));
    let read = |lines| {
        let text = format!("{}\n{}\n{}\n", good("A"), order(lines), good("B"));
        let records = read_everyhow(text.as_bytes(), 5000);
        (names(&records).join(" "), faults(&records).join(" "))
    };
    assert_eq!(read(1000), ("A MANY B".to_owned(), String::new()));
    let (read, fault) = read(1001);
    assert_eq!(read, "A B");
    assert!(fault.starts_with("expected an order with fewer lines, as many as may be held in memory"), "{fault}");
}

/// A document longer than the limit is one record that cannot be read; what follows it is read, and lines of it are not.
#[test]
fn a_document_beyond_the_limit_costs_no_other() {
    let line = r#"{"quantity":1,"price":"1.00"}"#;
    let long = format!("{{\"cust_ref\":\"LONG\",\"items\":[\n{}\n]}}\n", vec![line; 100].join(",\n"));
    let flat = long.replace('\n', "") + "\n";
    let described = "expected a document of at most 1000 bytes, found a longer one (a higher limit reads it: \
                `--max-document`, `max_document`)";
    for long in [&long, &flat] {
        let order = long.trim_end();
        for (before, behind) in [
            ("", ""),
            ("[\n", "\n]\n"),
            ("{\"orders\":[\n", "]}\n"),
            ("{\"success_code\":true,\"response\":", "}\n"),
            ("{\"success_code\":true,\"response\":[", "]}\n"),
        ] {
            let text = format!("{}\n{before}{order}{behind}\n{}\n{}\n", good("A"), good("B"), good("C"));
            let records = read_everyhow(text.as_bytes(), 1000);
            assert_eq!(names(&records), ["A", "B", "C"], "{text}\n{records:#?}");
            let place = if before.ends_with('\n') {
                "line 3, column 1".to_owned()
            } else {
                format!("line 2, column {}", before.len() + 1)
            };
            assert_eq!(faults(&records), [format!("{described} at {place}")], "{text}\n{records:#?}");
            assert_eq!(names(&read_everyhow(text.as_bytes(), 10_000)).len(), 4, "{text}");
        }
        // What is as long as the limit is read, and what is longer by a byte is not.
        let text = format!("{order}\n{}\n", good("A"));
        assert_eq!(names(&read_everyhow(text.as_bytes(), order.len())), ["LONG", "A"]);
        assert_eq!(names(&read_everyhow(text.as_bytes(), order.len() - 1)), ["A"]);
    }
    // One that never ends.
    let text = format!("{{\"a\":[\n{}{}\n", format!("{line},\n").repeat(100), good("A"));
    assert_eq!(names(&read_everyhow(text.as_bytes(), 1000)), ["A"]);
}

/// An order is limited by its bytes and by the memory of its lines, not by what may be wrong with them.
#[test]
fn an_order_of_many_lines_is_read() {
    let lines = vec![r#"{"price":"1.00","quantity":1,"extended_amount":"1.00"}"#; 150_000].join(",");
    let text = format!(r#"{{"cust_ref":"many","sub_total":"150000.00","items":[{lines}]}}"#);
    let mut reader = Reader::new(text.as_bytes());
    assert_eq!(record(reader.next_record().unwrap().unwrap()), (0, Ok("many".to_owned())));
}

/// A text that ends within a document says so, also where the document could take no more.
#[test]
fn an_unfinished_document_as_long_as_the_limit_is_told() {
    let text = b"{\"a\": 1";
    let records = read_with(text, text.len());
    assert_eq!(faults(&records), ["expected more of the order, found the end of the input at line 1, column 8"]);
    assert_eq!(read_everyhow(text, text.len()), records);
}

/// A byte order mark at the line where reading continues is recognised, also if only a part of its bytes has arrived.
#[test]
fn a_mark_in_front_of_the_next_document_is_none_of_its_bytes() {
    let text = format!("oops\n\u{feff}{}\nno \u{feff}{}\n", good("A"), good("B"));
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    assert_eq!((names(&records), faults(&records).len()), (vec!["A"], 2), "{records:?}");
}

/// A character that begins like a byte order mark is not one, and a mark is not a document, however short documents must be.
#[test]
fn a_mark_and_what_begins_like_one() {
    let records = read_everyhow(format!("\u{ff46}\n{}\n", good("A")).as_bytes(), NO_LIMIT);
    assert_eq!((names(&records), faults(&records).len()), (vec!["A"], 1), "{records:?}");
    assert_eq!(read_everyhow(" \u{feff} \n".as_bytes(), 1), []);
}

/// Within a broken document, only what begins a line, or is in a list that begins a line, is read as a document of its own.
#[test]
fn what_counts_as_a_document_within_a_broken_one() {
    let read = |text: String| {
        let records = read_everyhow(text.as_bytes(), NO_LIMIT);
        (names(&records).concat(), faults(&records).len())
    };
    let (a, b) = (good("A"), good("B"));
    assert_eq!(read(format!("{{\"cust_ref\":\"X\",\"x\":{b},\"y\":[{b}],\n\"z\":{b}, oops\n{a}\n")), ("A".into(), 1));
    assert_eq!(read(format!("{{\"x\":[{b}],\"cust_ref\":\"X\", oops\n{a}\n")), ("A".into(), 1));
    assert_eq!(read(format!("{{\"cust_ref\":\"X\",\"orders\":[{b}], oops\n{a}\n")), ("A".into(), 1));
    assert_eq!(read(format!("[[{b}, oops\n{a}\n")), ("A".into(), 1));
    assert_eq!(read(format!("{{\"cust_ref\":\"X\",\"x\":[\n[{a},{b}],\noops\n")), ("AB".into(), 1));
    // A broken entry of the list is reported too. If the list has a name, the object around the list is reported instead.
    assert_eq!(read(format!("{{\"cust_ref\":\"X\",\"x\":[\n[{a},{{\"cust_ref\":\"Y\" oops\n{b}\n")), ("AB".into(), 2));
    let wrapped = format!("{{\"cust_ref\":\"X\",\"x\":[\n{{\"orders\":[{a},{{\"cust_ref\":\"Y\" oops\n{b}\n");
    assert_eq!(read(wrapped), ("AB".into(), 2));
}

/// After a document that is longer than the limit, a line is recognised as an order by its keys, even if they come late in it.
#[test]
fn a_late_key_shows_an_order() {
    let pad = |length: usize| "x".repeat(length);
    let text =
        format!("{{\"cust_ref\":\"LONG\",\"x\":\"{}\"}}\n{{\"x\":\"{}\",\"cust_ref\":\"A\"}}\n", pad(6000), pad(3000));
    let records = read_everyhow(text.as_bytes(), 5000);
    assert_eq!((names(&records), faults(&records).len()), (vec!["A"], 1));
}

/// A fault is reported as soon as it is read, not at the end of the source.
#[test]
fn a_fault_does_not_wait_for_more() {
    let text = format!("{{\"a\" 1}}\n{}", format!("{}\n", good("A")).repeat(10_000));
    let given = AtomicU64::new(0);
    let mut reader = Reader::new(Given { text: text.as_bytes(), given: &given });
    assert!(reader.next_record().unwrap().unwrap().document.is_err());
    assert!(given.load(Ordering::Relaxed) < text.len() as u64 / 2);
    // Not even for the character that follows it.
    for text in [&b"{\"a\" 1"[..], b"{\"a\" \xff", b"{\"a\" 1\xc3"] {
        let given = AtomicU64::new(0);
        let mut reader = Reader::new(text.chain(Given { text: b"\n{}\n", given: &given }));
        assert!(reader.next_record().unwrap().unwrap().document.is_err());
        assert_eq!(given.load(Ordering::Relaxed), 0);
    }
}

/// Documents nested in each other by lines that were cut off, deeper than any document may be: those of the first half are
/// reported with the fault of the outermost, and reading goes on halfway.
#[test]
fn of_documents_nested_too_deeply_those_halfway_are_read() {
    let lines: String = (0..200).map(|level| format!("{{\"cust_ref\":\"{level}\",\"x\":\n")).collect();
    let text = format!("{lines}1{}\n{}\n", "}".repeat(200), good("A"));
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    let line = |offset: u64| text.get(..offset as usize).unwrap().lines().count() + 1;
    let read: Vec<(usize, bool)> = records.iter().map(|(offset, document)| (line(*offset), document.is_ok())).collect();
    let expected: Vec<(usize, bool)> = (1..=128).map(|line| (line, false)).chain([(129, true), (202, true)]).collect();
    assert_eq!(read, expected);
    assert_eq!(names(&records), ["128", "A"]);
    // The first reading gets as far as line 129, the second one begins at line 65.
    let fault =
        |line: usize| format!("expected at most 128 levels of objects and arrays, found `{{` at line {line}, column 1");
    let expected: Vec<String> = [129, 193].into_iter().flat_map(|line| vec![fault(line); 64]).collect();
    assert_eq!(faults(&records), expected);
}

/// Behind a fault, every line that begins with a bracket is read; behind what went on for too long, it has to have a name of an
/// order, as it may be a line of that order.
#[test]
fn lines_behind_too_many_are_not_taken_for_orders() {
    let read = |text: String| {
        let records = read_everyhow(text.as_bytes(), 5000);
        (names(&records).join(" "), faults(&records).len())
    };
    assert_eq!(read(format!("{{\"a\" 1}}\n{{\"price\":1}}\n{}\n", good("A"))), (" A".to_owned(), 1));
    let many = format!("{{\"cust_ref\":\"MANY\",\"items\":[{}]}}", vec!["{}"; 1010].join(",\n"));
    assert_eq!(read(format!("{many}\n{}\n", good("A"))), ("A".to_owned(), 1));
    // Within a broken document, those behind it are found, too, and after them what follows the broken document.
    let list = format!("{{\"cust_ref\":\"X\",\"x\":[\n{many},\n{},\n{{\"note\":5}},\noops\n", good("A"));
    assert_eq!(read(format!("{list}{{\"price\":1}}\n{}\n", good("B"))), ("A  B".to_owned(), 2));
}

/// Of the documents within one that is too long, those are read that end within what was looked at, or begin in its second half;
/// one that begins in the first half and does not end is reported.
#[test]
fn documents_within_one_that_is_too_long_are_read() {
    let read = |text: String| {
        let records = read_everyhow(format!("{}\n{text}\n{}\n", good("A"), good("B")).as_bytes(), 1000);
        (names(&records).join(" "), faults(&records).len())
    };
    let pad = |length: usize| "x".repeat(length);
    // A document of a length that begins at this byte of the one that is too long.
    let nested = |at: usize, length: usize| {
        let (head, inner) = ("{\"cust_ref\":\"LONG\",\"x\":\"\",\"y\":[\n", "{\"cust_ref\":\"M\",\"x\":\"\"}");
        let (before, within) = (pad(at - head.len()), pad(length - inner.len()));
        let inner = inner.replace("\"\"", &format!("\"{within}\""));
        head.replace("\"\"", &format!("\"{before}\"")) + &format!("{inner}],\"z\":\"{}\"}}", pad(1000))
    };
    assert_eq!(read(nested(100, 200)), ("A M B".to_owned(), 1));
    assert_eq!(read(nested(499, 501)), ("A M B".to_owned(), 1));
    assert_eq!(read(nested(499, 502)), ("A B".to_owned(), 2));
    assert_eq!(read(nested(500, 502)), ("A M B".to_owned(), 1));
    assert_eq!(read(nested(800, 600)), ("A M B".to_owned(), 1));
    // Of a list that is wrapped and its entry, only the wrapper is reported.
    let wrapped = |ended: &str| {
        format!(
            "{{\"cust_ref\":\"LONG\",\"y\":[\n{{\"orders\":[{},{{\"cust_ref\":\"M\"{ended},\"x\":\"{}\"}}]}}]}}",
            good("C"),
            pad(1000)
        )
    };
    assert_eq!(read(wrapped("")), ("A C B".to_owned(), 2));
    assert_eq!(read(wrapped("},{\"price\":1")), ("A C M B".to_owned(), 2));
}

/// Behind a document beyond the limit, names of an order are looked for in the first 64 KiB of a line, whatever follows. The line
/// is not waited for.
#[test]
fn a_line_without_a_name_of_an_order_is_passed_over() {
    let long = |name: &str, behind: &str, length: usize| format!("{{\"{name}\":\"{}\"{behind}}}\n", "x".repeat(length));
    let text = |behind: &str| {
        let late = long("x", ",\"cust_ref\":\"LATE\"", 70_000);
        format!("{}{late}{behind}", long("cust_ref", "", 150_000))
    };
    for end in ["", "{\"x\":1", "{", "[\n{\"x\":"] {
        let records = read_everyhow(text(end).as_bytes(), 100_000);
        assert_eq!((names(&records), faults(&records).len()), (vec![], 1), "{end}");
    }
    assert_eq!(names(&read_everyhow(text(&good("B")).as_bytes(), 100_000)), ["B"]);
    let text = text(&format!("{}\n", good("B")).repeat(20_000));
    let given = AtomicU64::new(0);
    let mut reader = Reader::new(Given { text: text.as_bytes(), given: &given }).max_document(100_000);
    while let Some(found) = reader.next_record().unwrap() {
        if record(found).1.as_deref() == Ok("B") {
            break;
        }
    }
    assert!(given.load(Ordering::Relaxed) < text.len() as u64 / 2);
}

/// Is interrupted by a signal before every piece.
struct Interrupted<'a> {
    pieces: Pieces<'a>,
    is_interrupted: bool,
}

impl Read for Interrupted<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted { Err(io::ErrorKind::Interrupted.into()) } else { self.pieces.read(into) }
    }
}

/// A read that a signal interrupts is tried again: the source has not failed.
#[test]
fn a_read_that_was_interrupted_is_tried_again() {
    let text = format!("{}\n{}\n", good("A"), good("B"));
    let mut reader = Reader::new(Interrupted { pieces: Pieces(text.as_bytes(), 10), is_interrupted: false });
    let mut records = Vec::new();
    while let Some(found) = reader.next_record().unwrap() {
        records.push(record(found));
    }
    assert_eq!(records, read_with(text.as_bytes(), NO_LIMIT));
}
