//! Fixes: strictly better with nothing new, made once, and the text is still the order.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use ordercharge::{Applicability, Document, Policy, check, fix};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::from_json(bytes) else { return };
    let policy = Policy::default();
    let order = document.order();
    for allowed in [Applicability::Safe, Applicability::Unsafe] {
        let Some(found) = fix(order, &policy, allowed) else { continue };
        let mended = found.apply(order);
        let text = document.fixed(&found);
        let again = Document::from_json(&text).expect("still an order");
        assert_eq!(again.order(), &mended);
        let known: BTreeSet<_> =
            check(order, &policy).violations.into_iter().map(|found| (found.rule, found.place)).collect();
        let left: BTreeSet<_> =
            check(&mended, &policy).violations.into_iter().map(|found| (found.rule, found.place)).collect();
        assert!(left.is_subset(&known) && left.len() < known.len());
        assert_eq!(fix(&mended, &policy, allowed), None);
        serde_json::from_str::<serde_json::Value>(&document.json_patch(&found)).expect("a JSON Patch");
    }
});
