//! One text, two ways of ours: through serde_json an order is the same as read from its text, but for the digits a binary
//! float loses on the way.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Order, Unusable};
use ordercharge_fuzz::order_text;

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let ours = Order::from_json(&text);
    let theirs = serde_json::from_slice::<Order>(text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text));
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(ours.cust_ref.is_some(), theirs.cust_ref.is_some());
            let theirs: Vec<_> = theirs.charges().collect();
            for ((place, ours), (other, theirs)) in ours.charges().zip(theirs) {
                assert_eq!(place, other);
                // Their numbers have been through a binary float: where it may have lost digits they are unusable,
                // and one of more digits than a float holds may come out as a shorter one.
                let lossy = theirs == Charge::Unusable(Unusable::Inexact)
                    || ours == Charge::Unusable(Unusable::Inexact)
                    || ours.amount().is_some_and(|amount| digits(&amount.to_string()) > 15);
                assert!(ours == theirs || lossy, "{place}: {ours:?} and {theirs:?}");
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

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}
