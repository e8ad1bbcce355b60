//! One text, two readers: what the slow reference takes for an order is one to us, nothing else is, and every field holds
//! the same. Whatever stands before it, a good line is read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::Documents;
use ordercharge_fuzz::{against, order_text};

fuzz_target!(|bytes: &[u8]| {
    for text in [bytes, &order_text(bytes)] {
        if let Err(difference) = against::read_both(text) {
            panic!("{difference}");
        }
    }
    // Two line ends: what stands before may end within a text, and that has the first.
    let text = [bytes, b"\n\n{\"cust_ref\":\"good\",\"items\":[]}\n"].concat();
    let is_good = |record: ordercharge::Record<'_>| {
        record.document.is_ok_and(|document| document.order().cust_ref.as_deref() == Some("good"))
    };
    assert!(Documents::new(&text).any(is_good), "lost a good line");
});
