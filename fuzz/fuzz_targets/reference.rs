//! One text, two readers: what the slow reference takes for an order is one to us, nothing else is, and every field holds
//! the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge_fuzz::{against, order_text};

fuzz_target!(|bytes: &[u8]| {
    for text in [bytes, &order_text(bytes)] {
        if let Err(difference) = against::read_both(text) {
            panic!("{difference}");
        }
    }
});
