//! What unit prices of 4 decimals can come to: exact comparisons of mantissas, for amounts of any size.

use super::{Amount, shift, strip};

/// The decimals CartRover keeps of a unit price, whatever the currency.
pub(crate) const PRICE_DECIMALS: u32 = 4;

impl Amount {
    /// Whether the amount is at most what rounding can account for: half a minor unit of `decimals` decimals for the
    /// total of the line, and 0.00005 for each item and for each of so many prices of 4 decimals. Signs do not count.
    pub(crate) fn is_rounding_of_prices(self, prices: u32, quantity: Amount, decimals: u32) -> bool {
        // Both sides are multiplied by 20 000: off * 20 000 <= 10^(4 - decimals) + prices * quantity. The mantissas
        // stay below 10^33.
        let off = self.0.mantissa().abs() * 20_000;
        let half =
            10_i128.checked_pow(PRICE_DECIMALS.saturating_sub(decimals)).and_then(|half| shift(half, quantity.scale()));
        let most = half.map(|half| half + quantity.0.mantissa().abs() * i128::from(prices));
        most.is_some_and(|most| is_at_most((off, self.scale()), (most, quantity.scale())))
    }

    /// Whether a unit price of 4 decimals, times the quantity, comes within half a minor unit of the amount.
    pub(crate) fn has_unit_price(self, quantity: Amount, decimals: u32) -> bool {
        // Such products are the multiples of quantity / 10^4: what is looked for is the one nearest to the amount.
        let (amount, own_scale) = strip(self.0.mantissa().abs(), self.scale());
        let step_scale = quantity.scale() + PRICE_DECIMALS;
        let scale = own_scale.max(step_scale);
        let off = match shift(quantity.0.mantissa().abs(), scale - step_scale) {
            // Nothing but 0 is a multiple of 0.
            Some(0) => return is_at_most((amount, own_scale), (5, decimals + 1)),
            Some(step) => {
                // The amount is raised to the scale digit by digit: as a whole it might not fit the integer. The step
                // is then at its own scale, and below 10^28.
                let rest = (own_scale..scale).fold(amount % step, |rest, _| rest * 10 % step);
                rest.min(step - rest)
            }
            // A step that does not fit the integer is more than twice the amount: 0 is the nearest multiple.
            None => amount,
        };
        is_at_most((off, scale), (5, decimals + 1))
    }
}

/// Whether one mantissa at its scale is at most another. Neither is negative.
fn is_at_most(one: (i128, u32), other: (i128, u32)) -> bool {
    let scale = one.1.max(other.1);
    match (shift(one.0, scale - one.1), shift(other.0, scale - other.1)) {
        (Some(one), Some(other)) => one <= other,
        // What does not fit the integer when it is raised is larger than what is at that scale already.
        (one, _) => one.is_some(),
    }
}
