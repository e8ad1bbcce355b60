//! Generated orders, whatever they are made of: a right one holds, a fault is found as it is labelled, the text is the
//! order, and the oracle says the same.
#![no_main]

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use ordercharge::arbitrary::{Consistent, OneFault};
use ordercharge::generate::{Choices, Style, json_text};
use ordercharge::{Applicability, Documents, Order, Policy, check, fix};
use ordercharge_fuzz::{against, faulty};

fuzz_target!(|bytes: &[u8]| {
    let mut rest = Unstructured::new(bytes);
    let (Ok(Consistent(right)), Ok(OneFault(faulty)), Ok(anything)) =
        (Consistent::arbitrary(&mut rest), OneFault::arbitrary(&mut rest), Order::arbitrary(&mut rest))
    else {
        return;
    };
    let policy = Policy::default();
    assert!(check(&right, &policy).violations.is_empty());
    if let Err(problem) = faulty::is_exactly(faulty::label(&faulty), &faulty) {
        panic!("{problem}");
    }
    if let Some(fix) = fix(&faulty.order, &policy, Applicability::Unsafe) {
        assert_eq!(check(&fix.apply(&faulty.order), &policy).broken(), 0);
    }
    let mut choices = Choices::of(rest.take_rest());
    for order in [right, faulty.order, anything] {
        let style = Style::drawn(&mut choices);
        let text = json_text(&order, &style, &mut choices);
        let mut records = Documents::new(text.as_bytes());
        let document = records.next().expect("a record").document.expect("an order");
        assert_eq!(document.order(), &order, "{text}");
        assert!(records.next().is_none());
        if let Err(difference) = against::compare(document.text()) {
            panic!("{difference}");
        }
    }
});
