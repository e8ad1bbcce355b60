//! Completing an order changes nothing that was stated, completing it again changes nothing, and no amount that was filled in
//! breaks an identity. Each amount and its terms are those of the oracle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Charge, Document, IdentityOutcome, Options, Policy, Rounding, calculate, check, complete};
use ordercharge_fuzz::{against, order_text};

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let Ok(document) = Document::from_json(&text) else { return };
    let order = document.order();
    let options = Options::from(Rounding::ALL[bytes.len() % Rounding::ALL.len()]);
    let full = complete(order.clone(), &options);
    let completed = document.completed(&options);
    let again = Document::from_json(&completed).expect("still an order");
    assert_eq!(again.order(), &full);
    assert_eq!(again.completed(&options), completed);

    let report = check(&full, &Policy { options, ..Policy::default() });
    for ((place, before), (_, after)) in order.charges().zip(full.charges()) {
        if before == after {
            continue;
        }
        assert!(matches!((before, after), (Charge::Unset | Charge::Blank, Charge::Amount(_))), "{place}: {before}");
        let identity = report.identities.iter().find(|identity| identity.place == place).expect("what is filled in");
        assert_ne!(identity.outcome, IdentityOutcome::Broken, "{place}");
    }
    let reference = ordercharge_oracle::read(&text).expect("an order");
    if let Err(difference) = against::same_amounts(order, &reference, &options) {
        panic!("{difference}, for\n{}", String::from_utf8_lossy(&text));
    }
    let workings = calculate(order, &options);
    let header = [workings.sub_total, workings.sales_tax, workings.order_discount, workings.grand_total];
    for working in workings.extended_amounts.into_iter().chain(header).flatten() {
        let printed = working.to_string();
        let (terms, right) = printed.split_once(" = ").expect("both sides");
        let rounded = format!("{}, rounded {}", working.exact, working.result);
        assert_eq!(right, if working.exact == working.result { working.exact.to_string() } else { rounded });
        // Of a long sum only the first terms are printed.
        for term in working.terms.iter().take(12) {
            assert!(terms.contains(&term.amount.to_string()), "{printed} without {}", term.place);
        }
    }
});
