//! What kind a list is may depend on what follows it: lists of orders in lists, wrappers and replies, however long they are.

use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::Reader;

use crate::util::everyhow::{Given, NO_LIMIT, faults, good, names, read_everyhow, read_with};

/// The names of the orders that are read, and the number of faults.
fn read(text: &str) -> (String, usize) {
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    (names(&records).concat(), faults(&records).len())
}

/// However long a container is, no more of it is held than its records need.
#[test]
fn what_is_looked_ahead_is_bounded() {
    let order = good("A");
    for (before, between, behind) in [
        ("{\"response\":[", ",", "],\"success_code\":true}"),
        ("{\n\"response\":\n[\n", ",\n", "\n],\n\"success_code\":true\n}"),
        ("{\"orders\":\n[\n", ",\n", "\n]\n}"),
        ("[\n[0],\n", ",\n[0],\n", "\n]"),
        ("[\n{\"orders\":[]},\n", ",\n{\"orders\":[]},\n", "\n]"),
        ("[{\"orders\":[", ",", "]}]"),
        ("[[", ",", "]]"),
        ("[\n[\n", ",\n", "\n]\n]"),
        ("[[\n", ",\n", ""),
    ] {
        let text = format!("{before}{}{behind}\n", vec![order.as_str(); 50_000].join(between));
        let given = AtomicU64::new(0);
        let mut reader = Reader::new(Given { text: text.as_bytes(), given: &given });
        let (mut found, mut most) = (0, 0);
        while let Some(record) = reader.next_record().unwrap() {
            let offset = record.position.offset;
            found += u64::from(record.document.is_ok_and(|document| document.order().cust_ref.is_some()));
            most = most.max(given.load(Ordering::Relaxed) - offset);
        }
        assert_eq!(found, 50_000, "{before}");
        assert!(most < 2_500_000, "{before}: {most} bytes ahead");
    }
}

/// A reply that says first that it has failed is one error, however long it is and wherever it begins.
#[test]
fn an_error_reply_holds_no_orders_however_long_it_is() {
    let reply = |count: usize| {
        let orders = vec![good("X"); count].join(",");
        format!("{{\"success_code\":false,\"error_code\":\"Failure\",\"response\":[{orders}]}}")
    };
    for (count, blank) in [(1, 0), (2_000, 0), (6_000, 0), (20_000, 0), (2_000, 300_000), (6_000, 300_000)] {
        for list in [false, true] {
            let reply = if list { format!("[{}]", reply(count)) } else { reply(count) };
            let text = format!("{}{reply}\n{}\n", "\n".repeat(blank), good("A"));
            let records = read_with(text.as_bytes(), NO_LIMIT);
            assert_eq!((names(&records), faults(&records).len()), (vec!["A"], 1), "{count} {blank} {list}");
        }
    }
}

/// Where an object has two lists of orders, one of them is read and the other one is reported.
#[test]
fn of_two_lists_of_orders_none_is_passed_over_in_silence() {
    let (a, b) = (good("A"), good("B"));
    let reported = "expected an order, found a field of an order, or more orders, in an object that wraps orders";
    for (members, is_read) in [
        (format!("\"response\":[{a}],\"orders\":[{b}],\"success_code\":true"), "B"),
        (format!("\"response\":{a},\"orders\":[{b}],\"success_code\":true"), "B"),
        (format!("\"response\":{a},\"success_code\":true,\"response\":{b}"), "A"),
        (format!("\"response\":[{a}],\"success_code\":true,\"response\":[{b}]"), "A"),
        (format!("\"response\":{a},\"response\":{b},\"success_code\":true"), "A"),
        (format!("\"success_code\":true,\"response\":[{a}],\"orders\":[{b}]"), "A"),
        (format!("\"orders\":[{b}],\"response\":[{a}],\"success_code\":true"), "B"),
    ] {
        let records = read_everyhow(format!("{{{members}}}\n").as_bytes(), NO_LIMIT);
        assert_eq!(names(&records), [is_read], "{members}");
        let faults = faults(&records);
        assert!(matches!(faults.as_slice(), [fault] if fault.starts_with(reported)), "{members} {faults:?}");
    }
}

/// A list in `response` that is too long to look for `success_code` behind it is read. If that never comes, it is reported.
#[test]
fn a_long_response_without_success_code_is_reported() {
    let orders = vec![good("A"); 10_000].join(",");
    for (end, expected) in [
        ("", "expected an order, found a list of orders in `response` without `success_code`"),
        (",\"success_code\":true", ""),
        (",\"success_code\":false", "expected an order, found an error reply of the API"),
    ] {
        let text = format!("{{\"response\":[{orders}]{end}}}\n{}\n", good("B"));
        let records = read_everyhow(text.as_bytes(), NO_LIMIT);
        assert_eq!(names(&records).len(), 10_001, "{end}");
        let faults = faults(&records);
        assert!(faults.len() == usize::from(!expected.is_empty()), "{end} {faults:?}");
        assert!(faults.iter().all(|fault| fault.starts_with(expected)), "{end} {faults:?}");
    }
}

/// Within a list, an object that holds a list longer than the lookahead is reported, and that list is read.
#[test]
fn a_long_list_within_a_list_is_reported_and_read() {
    let orders = vec![good("A"); 10_000].join(",");
    for (before, behind) in [
        ("[{\"orders\":[", "]}]"),
        ("[{\"response\":[", "]}]"),
        ("{\"success_code\":true,\"response\":{\"orders\":[", "]}}"),
        ("[[", "]]"),
    ] {
        let text = format!("{before}{orders}{behind}\n{}\n", good("B"));
        let records = read_with(text.as_bytes(), NO_LIMIT);
        assert_eq!(names(&records).len(), 10_001, "{before}");
        let faults = faults(&records);
        assert!(matches!(faults.as_slice(), [fault] if fault.contains("found an array")), "{before} {faults:?}");
    }
}

/// An object that wraps orders ends with its bracket: in the rest of a list that goes on, between documents it is over.
#[test]
fn a_wrapper_ends_with_its_bracket_whatever_is_around_it() {
    let orders = [good("A"), good("B")].join(",");
    assert_eq!(read(&format!("[{{\"a\" 1}},\n{{\"orders\":[{orders}]}}\n]\n")), ("AB".to_owned(), 1));
    assert_eq!(read(&format!("{{\"orders\":[{orders}]}}\n]\n")), ("AB".to_owned(), 1));
}

/// Each list is looked at, also after one that is whole.
#[test]
fn each_list_is_looked_at() {
    let [a, b, c, d] = ["A", "B", "C", "D"].map(good);
    let whole = format!("[\n{a},\n[0],\n{b}\n]\n");
    let text = format!("{a}\n{whole}{whole}[\n{c},\n[{d}],\n{a}\n");
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    assert_eq!(names(&records).concat(), "AABABCDA");
    let faults = faults(&records);
    let cut = "expected the rest of the list of orders before the next one";
    assert!(faults.len() == 3 && faults.iter().filter(|fault| fault.starts_with(cut)).count() == 1, "{faults:?}");
}

/// A list of orders that was cut off before another one, however many orders the other one has.
#[test]
fn a_list_cut_off_before_a_list_of_many_orders_is_reported() {
    let many = vec![good("B"); 100].join(",");
    let records = read_with(format!("[\n{},\n[{many}]\n", good("A")).as_bytes(), NO_LIMIT);
    let fault = "expected the rest of the list of orders before the next one, found `[` at line 3, column 1";
    assert_eq!((names(&records).len(), faults(&records)), (101, vec![fault]));
}

/// Whether a list continues after a line that begins another list is decided at the end of that other list, not at the next comma.
#[test]
fn a_list_is_whole_where_its_bracket_comes() {
    let read = |text: String| {
        let records = read_with(text.as_bytes(), NO_LIMIT);
        (names(&records).concat(), faults(&records).join("; "))
    };
    assert_eq!(
        read(format!("[\n{},\n[{}],\n{}\n", good("A"), good("B"), good("C"))),
        (
            "ABC".into(),
            "expected the rest of the list of orders before the next one, found `[` at line 3, column 1".into()
        )
    );
    assert_eq!(
        read(format!("[\n{},\n[{}]\n]\n", good("A"), good("B"))),
        ("A".into(), "expected an order, found an array at line 3, column 1".into())
    );
}

/// A container continues after a list within it, also if several threads have read that list.
#[test]
fn a_list_ends_with_its_bracket_whatever_is_around_it() {
    let orders: Vec<String> = (0..20).map(|number| good(&format!("{number:03}"))).collect();
    let text = format!("[{{\"a\" 1}},\n[{}]\n]\n", orders.join(",")).repeat(10);
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    assert_eq!((names(&records).len(), faults(&records).len()), (200, 10), "{records:?}");
    // A list on its own ends with its bracket, and a second bracket is a fault. Both faults are reported, with their columns.
    let text = format!("[{},7]\n]\n", orders.join(",")).repeat(10);
    let records = read_everyhow(text.as_bytes(), NO_LIMIT);
    assert_eq!((names(&records).len(), faults(&records).len()), (200, 20), "{records:?}");
}
