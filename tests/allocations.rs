//! The check of a right order in memory allocates nothing. This is a program of its own, because its allocator counts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::hint::black_box;

use allocation_counter::measure;
use ordercharge::generate::{Choices, Params, Presence, consistent_order};
use ordercharge::{Checked, Document, Order, Policy, Report, check};

#[path = "it/util/in_doubt.rs"]
mod in_doubt;

/// A right order. An amount that is left off does not have to be rounded: the full check does that.
fn order(lines: usize, left_off: Presence, seed: u64) -> Order {
    let fine_prices = if left_off == Presence::Never { Presence::Always } else { Presence::Never };
    let params = Params { lines: lines..=lines, fine_prices, left_off, ..Params::default() };
    consistent_order(&params, &mut Choices::seeded(seed))
}

/// The number of allocations of a check, with reading what the report says.
fn allocations(check: impl Fn() -> Report) -> u64 {
    let counted = measure(|| {
        let report = black_box(check());
        assert!(report.is_valid() && report.violations.is_empty());
        black_box((report.held(), report.broken(), report.unchecked().count(), report.at_risk()));
    });
    counted.count_total
}

#[test]
fn the_check_of_a_right_order_allocates_nothing() {
    let policy = Policy::default();
    for seed in 0..200 {
        for (lines, left_off) in
            [(1, Presence::Sometimes), (3, Presence::Always), (64, Presence::Always), (1000, Presence::Never)]
        {
            let order = order(lines, left_off, seed);
            assert_eq!(allocations(|| check(&order, &policy)), 0, "{order:?}");
        }
    }
}

#[test]
fn nor_does_the_check_of_a_document_or_the_proof_of_it() {
    let policy = Policy::default();
    let order = order(3, Presence::Always, 1);
    let text = order.to_json().unwrap();
    let document = Document::from_json(text.as_bytes()).unwrap();
    assert_eq!(allocations(|| document.check(&policy)), 0);
    let mut order = Some(order);
    let proof = measure(|| {
        let checked = Checked::order(order.take().unwrap(), &policy).unwrap();
        order = Some(checked.get().clone());
    });
    // The copy of the order is all.
    let copy = measure(|| drop(black_box(order.clone())));
    assert_eq!(proof.count_total, copy.count_total);
}

/// The full check keeps its identities in a list. So orders that are `in_doubt` are checked in full, and the counter counts.
#[test]
fn an_order_in_doubt_is_checked_in_full() {
    let policy = Policy::default();
    for seed in 0..50 {
        let order = in_doubt::in_doubt(&order(3, Presence::Sometimes, seed));
        assert!(allocations(|| check(&order, &policy)) > 0);
    }
}
