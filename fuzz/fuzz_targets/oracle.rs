//! One order, two checks: the library and unbounded exact arithmetic agree on every rule, to the last digit, and on what is
//! calculated and filled in.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::Policy;
use ordercharge_fuzz::{against, order_text};

/// How many bytes make a policy.
const POLICY: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    // No order begins with such a byte, so that seeds stay what they are.
    let (policy, order) = match bytes.split_first() {
        Some((first, rest)) if first % 8 == 4 => {
            let (policy, order) = rest.split_at(rest.len().min(POLICY));
            (against::policy(policy), order)
        }
        _ => (Policy::default(), bytes),
    };
    if let Err(difference) = against::compare_under(&order_text(order), &policy) {
        panic!("{difference}");
    }
});
