//! Generated orders, from any bytes: a right order holds, a fault is found as it is labelled, a mistake is made in a right
//! order, reading the text gives the order, and the oracle agrees.
#![no_main]

use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use ordercharge::arbitrary::{Consistent, OneFault};
use ordercharge::generate::{Choices, Style, json_text, plausible_order, with_mistake};
use ordercharge::{Documents, Mistake, Order, Policy, RepairOptions, check, repair};
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
    let found = repair(&faulty.order, &policy, &RepairOptions::default());
    if let Some(found) = found.filter(|found| !found.edits.is_empty()) {
        assert_eq!(check(&found.apply(&faulty.order), &policy).broken(), 0);
    }
    let mistake = rest.choose(Mistake::ALL).copied().unwrap_or(Mistake::PriceIsLineTotal);
    let mut choices = Choices::of(rest.take_rest());
    let plausible = plausible_order(&mut choices);
    let report = check(&plausible, &policy);
    assert!(report.is_valid() && report.broken() == 0 && report.diagnoses.is_empty() && report.repair.is_none());
    let mut orders = vec![right, faulty.order, anything, plausible];
    if let Some(made) = with_mistake(mistake, &mut choices) {
        let before = check(&made.original, &policy);
        assert!(made.mistake == mistake && before.is_valid() && before.broken() == 0);
        assert_ne!(check(&made.order, &policy), before);
        orders.push(made.order);
    }
    for order in orders {
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
