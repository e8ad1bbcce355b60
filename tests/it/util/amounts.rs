//! Amounts of an order by their places, compared. It is a module of the tests.

use std::collections::BTreeMap;

use ordercharge::{Amount, Field, Order, Place};

/// Whether an order, with some right amounts in place of its own, is the one before a mistake. An unset amount and one of
/// 0 are the same, and an `extended_amount` that the order does not state is no part of it.
pub(crate) fn is_restored<'p>(
    order: &Order,
    rights: impl Iterator<Item = (&'p Place, Option<Amount>)>,
    original: &Order,
) -> bool {
    let mut undone = amounts(order);
    for (place, right) in rights {
        let Some(right) = right else { return false };
        undone.insert(place.clone(), right);
    }
    let mut original = amounts(original);
    let counts = |place: &Place, amount: &mut Amount| {
        let is_left_off = place.field() == Some(Field::ExtendedAmount) && order.charge_at(place).is_unset();
        !amount.is_zero() && !is_left_off
    };
    undone.retain(counts);
    original.retain(counts);
    undone == original
}

fn amounts(order: &Order) -> BTreeMap<Place, Amount> {
    order.charges().filter_map(|(place, charge)| Some((place, charge.amount()?))).collect()
}
