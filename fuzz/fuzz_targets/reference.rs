//! One text, two readers: the library accepts exactly the orders that the slow reader accepts, and every field has the same
//! value. A good line is read whatever precedes it.
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
    // Two line ends: what is before may end within a string, which has the first.
    let text = [bytes, b"\n\n{\"cust_ref\":\"good\",\"items\":[]}\n"].concat();
    let is_good = |record: ordercharge::Record<'_>| {
        record.document.is_ok_and(|document| document.order().cust_ref.as_deref() == Some("good"))
    };
    assert!(Documents::new(&text).any(is_good), "lost a good line");
});
