//! Filling in: the completed text is still the order, what was stated stands, completing it again changes nothing, and
//! no amount that was filled in breaks an identity.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Document, Outcome, Policy, Rounding, calculate, check, complete};
use ordercharge_fuzz::order_text;

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let Ok(document) = Document::from_json(&text) else { return };
    let order = document.order();
    let full = complete(order.clone(), Rounding::Nearest);
    let completed = document.completed(Rounding::Nearest);
    let again = Document::from_json(&completed).expect("still an order");
    assert_eq!(again.order(), &full);
    assert_eq!(again.completed(Rounding::Nearest), completed);

    let report = check(&full, &Policy::default());
    for ((place, before), (_, after)) in order.charges().zip(full.charges()) {
        if before == after {
            continue;
        }
        assert!(matches!((before, after), (Charge::Unset | Charge::Blank, Charge::Amount(_))), "{place}: {before}");
        let identity = report.identities.iter().find(|identity| identity.place == place).expect("what is filled in");
        assert_ne!(identity.outcome, Outcome::Broken, "{place}");
    }
    let workings = calculate(order, Rounding::Nearest);
    let header = [workings.sub_total, workings.sales_tax, workings.order_discount, workings.grand_total];
    for working in workings.extended_amounts.into_iter().chain(header).flatten() {
        assert!(working.to_string().contains(" = "));
    }
});
