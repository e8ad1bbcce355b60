//! One text, two readers of the library: through serde_json an order is the same as from its text, except for the digits that
//! a binary float loses.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Currency, Items, Line, Misnamed, Order, Unusable};
use ordercharge_fuzz::order_text;

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let ours = Order::from_json(&text);
    let theirs = serde_json::from_slice::<Order>(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text));
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            // A number as a name or a code has been through a float too.
            let names = |order: &Order| {
                let currency = match &order.currency {
                    Currency::Unknown(_) => Currency::Unknown(String::new()),
                    other => other.clone(),
                };
                (order.order_source.is_some(), order.cust_ref.is_some(), currency)
            };
            assert_eq!(names(&ours), names(&theirs));
            let items = |order: &Order| match &order.items {
                Items::Lines(lines) => Items::Lines(lines.iter().map(apart).collect()),
                other => other.clone(),
            };
            assert_eq!(items(&ours), items(&theirs));
            let exact = are_short(&text);
            if exact {
                assert_eq!(misnamed(&ours), misnamed(&theirs));
            }
            let theirs: Vec<_> = theirs.charges().collect();
            let ours: Vec<_> = ours.charges().collect();
            assert_eq!(ours.len(), theirs.len());
            for ((place, ours), (other, theirs)) in ours.into_iter().zip(theirs) {
                assert_eq!(place, other);
                // Their numbers have been through a binary float: of many digits, zeros among them, or with an exponent they
                // may be unusable, or come out as shorter ones.
                let inexact = |charge| charge == Charge::Unusable(Unusable::Inexact);
                let long = inexact(ours)
                    || inexact(theirs)
                    || ours.amount().is_some_and(|amount| digits(&amount.to_string()) > 15);
                assert!(ours == theirs || (!exact && long), "{place}: {ours:?} and {theirs:?}");
            }
        }
        (Err(_), Err(_)) => {}
        // serde_json refuses numbers beyond the range of a float.
        (Ok(_), Err(error)) => assert!(error.to_string().contains("number out of range"), "{error}"),
        // It does not look into what it skips: strings that are no text and values of any depth pass there. And it knows
        // no replies of the API.
        (Err(error), Ok(_)) => {
            let reason = error.reason();
            let stricter = ["expected UTF-8", "surrogate pair", "128 levels", "error reply"];
            assert!(stricter.iter().any(|why| reason.contains(why)), "only we refuse it: {error}");
        }
    }
});

/// What a line is apart from its amounts.
fn apart(line: &Line) -> Line {
    Line { not_an_object: line.not_an_object, filtered: line.filtered, ..Line::default() }
}

/// The amounts under other names.
fn misnamed(order: &Order) -> Vec<&Misnamed> {
    order.misnamed.iter().chain(order.lines().iter().flat_map(|line| &line.misnamed)).collect()
}

/// Whether no number has more digits, or a larger exponent, than a float keeps.
fn are_short(text: &[u8]) -> bool {
    let mut runs = text.split(|byte| !matches!(byte, b'0'..=b'9' | b'.'));
    let has_exponent = text.windows(2).any(|pair| matches!(pair, [b'0'..=b'9', b'e' | b'E']));
    !has_exponent && runs.all(|run| run.len() <= 15)
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
