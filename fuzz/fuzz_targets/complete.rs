//! Filling in: the completed text is still the order, completing it again changes nothing, and no identity of a
//! calculated amount is broken.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Document, Rounding, complete};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = Document::from_json(bytes) else { return };
    let completed = document.completed(Rounding::Nearest);
    let again = Document::from_json(&completed).expect("still an order");
    assert_eq!(again.order(), &complete(document.order().clone(), Rounding::Nearest));
    assert_eq!(again.completed(Rounding::Nearest), completed);
});
