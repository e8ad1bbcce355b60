//! Orders that the fast path leaves to the full check.
#![allow(unreachable_pub, reason = "the fuzz targets, another crate, use it too")]

use ordercharge::{Amount, Charge, Order};

/// An order that means the same, and that the fast path leaves to the full check: its balance of 0 has 28 decimals.
/// `tests/allocations.rs` shows that it does.
pub fn in_doubt(order: &Order) -> Order {
    let mut order = order.clone();
    if order.balance == Charge::Unset || order.balance.amount() == Some(Amount::ZERO) {
        order.balance = Charge::from(Amount::new(0, Amount::MAX_DECIMALS));
    }
    order
}
