//! What unit prices of 4 decimals can give: exact comparisons of mantissas, for amounts of any size.

use super::{Amount, shift, strip};

/// The number of decimals that CartRover keeps of a unit price in every currency.
pub(crate) const PRICE_DECIMALS: u32 = 4;

impl Amount {
    /// Whether rounding can explain a difference of this amount: half a minor unit of `decimals` decimals for the total of
    /// the line, and 0.00005 for each item and each of `prices` prices of 4 decimals. Signs are ignored.
    pub(crate) fn is_rounding_of_prices(self, prices: u32, quantity: Amount, decimals: u32) -> bool {
        // Both sides are multiplied by 20 000: off * 20 000 <= 10^(4 - decimals) + prices * quantity. The mantissas
        // stay below 10^33.
        let off = self.0.mantissa().abs() * 20_000;
        let half =
            10_i128.checked_pow(PRICE_DECIMALS.saturating_sub(decimals)).and_then(|half| shift(half, quantity.scale()));
        let most = half.map(|half| half + quantity.0.mantissa().abs() * i128::from(prices));
        most.is_some_and(|most| is_at_most((off, self.scale()), (most, quantity.scale())))
    }

    /// Whether some unit price of 4 decimals, times the quantity, is within half a minor unit of the amount.
    pub(crate) fn has_unit_price(self, quantity: Amount, decimals: u32) -> bool {
        // These products are the multiples of quantity / 10^4. Find the one nearest to the amount.
        let (amount, own_scale) = strip(self.0.mantissa().abs(), self.scale());
        let step_scale = quantity.scale() + PRICE_DECIMALS;
        let scale = own_scale.max(step_scale);
        let off = match shift(quantity.0.mantissa().abs(), scale - step_scale) {
            // The only multiple of 0 is 0.
            Some(0) => return is_at_most((amount, own_scale), (5, decimals + 1)),
            Some(step) => {
                // The amount is brought to the scale digit by digit, because as a whole it might not fit the integer. The step is then
                // at its own scale, and below 10^28.
                let rest = (own_scale..scale).fold(amount % step, |rest, _| rest * 10 % step);
                rest.min(step - rest)
            }
            // A step that does not fit the integer is more than twice the amount: 0 is the nearest multiple.
            None => amount,
        };
        is_at_most((off, scale), (5, decimals + 1))
    }
}

/// Whether one mantissa at its scale is at most another one at its scale. Neither is negative.
fn is_at_most(one: (i128, u32), other: (i128, u32)) -> bool {
    let scale = one.1.max(other.1);
    match (shift(one.0, scale - one.1), shift(other.0, scale - other.1)) {
        (Some(one), Some(other)) => one <= other,
        // A mantissa that does not fit when it is brought to the larger scale is larger than any at that scale.
        (one, _) => one.is_some(),
    }
}
