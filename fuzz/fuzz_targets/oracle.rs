//! One order, two checks: ours says what unbounded exact arithmetic says, rule by rule and to the last digit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge_fuzz::{against, order_text};

fuzz_target!(|bytes: &[u8]| {
    if let Err(difference) = against::compare(&order_text(bytes)) {
        panic!("{difference}");
    }
});
