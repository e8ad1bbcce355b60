//! Division and sharing of amounts, with integers: each result is exact, or rounded as its name says, or `None`.

use ordercharge::{Amount, Rounding};
use rust_decimal::Decimal;

/// The digits of an amount as a whole number, and its decimals.
fn parts(amount: Amount) -> (i128, u32) {
    let decimal = Decimal::from(amount);
    (decimal.mantissa(), decimal.scale())
}

/// `amount / divisor`, rounded to `decimals` decimals, ties away from zero; `None` for a divisor of 0.
pub(crate) fn divided(amount: Amount, divisor: Amount, decimals: u32) -> Option<Amount> {
    quotient(amount, divisor, decimals, false)
}

/// Like [`divided`], but rounded away from zero.
pub(crate) fn divided_up(amount: Amount, divisor: Amount, decimals: u32) -> Option<Amount> {
    quotient(amount, divisor, decimals, true)
}

fn quotient(amount: Amount, divisor: Amount, decimals: u32, up: bool) -> Option<Amount> {
    let ((a, a_scale), (b, b_scale)) = (parts(amount), parts(divisor));
    // a / 10^a_scale / (b / 10^b_scale) * 10^decimals
    let more = decimals + b_scale;
    let (a, b) = if more >= a_scale {
        (a.checked_mul(10_i128.checked_pow(more - a_scale)?)?, b)
    } else {
        (a, b.checked_mul(10_i128.checked_pow(a_scale - more)?)?)
    };
    let (cut, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let away = rest != 0 && (up || rest.checked_abs()?.checked_mul(2)? >= b.checked_abs()?);
    let sign = a.signum() * b.signum();
    Amount::new(if away { cut.checked_add(sign)? } else { cut }, decimals)
}

/// `amount * factor / divisor`, rounded to `decimals` decimals; `None` if the product has too many digits.
pub(crate) fn portion(amount: Amount, factor: Amount, divisor: Amount, decimals: u32) -> Option<Amount> {
    divided(amount.checked_mul(factor)?, divisor, decimals)
}

/// Rounds amounts so that the sum of the rounded ones is the rounded sum. An amount that needs no rounding, after others that
/// need none, stays as it is.
pub(crate) fn rounded_together(amounts: &[Amount], decimals: u32) -> Option<Vec<Amount>> {
    let (mut sum, mut before) = (Amount::ZERO, Amount::ZERO);
    amounts
        .iter()
        .map(|amount| {
            sum = sum.checked_add(*amount)?;
            let now = sum.rounded(decimals, Rounding::HalfUp);
            let part = now.checked_sub(before)?;
            before = now;
            Some(part)
        })
        .collect()
}

/// Shares an amount among weights in proportion, each share rounded, so that the shares add up to the amount. Without any
/// weight the first share is everything.
pub(crate) fn shares(amount: Amount, weights: &[Amount], decimals: u32) -> Option<Vec<Amount>> {
    let all = Amount::checked_sum(weights.iter().copied())?;
    let (mut weight, mut before) = (Amount::ZERO, Amount::ZERO);
    weights
        .iter()
        .enumerate()
        .map(|(at, own)| {
            weight = weight.checked_add(*own)?;
            let now =
                if at + 1 == weights.len() || all.is_zero() { amount } else { portion(amount, weight, all, decimals)? };
            let part = now.checked_sub(before)?;
            before = now;
            Some(part)
        })
        .collect()
}

/// One minor unit of a currency with `decimals` decimals.
pub(crate) fn unit(decimals: u32) -> Amount {
    Amount::new(1, decimals).unwrap_or(Amount::ONE)
}

/// Half a minor unit.
pub(crate) fn half_unit(decimals: u32) -> Amount {
    Amount::new(5, decimals + 1).unwrap_or(Amount::ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        #[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
        text.parse().unwrap()
    }

    #[test]
    fn quotients_are_rounded_to_nearest() {
        assert_eq!(divided(amount("92.00"), amount("3"), 4), Some(amount("30.6667")));
        assert_eq!(divided(amount("-92.00"), amount("3"), 4), Some(amount("-30.6667")));
        assert_eq!(divided(amount("0.00005"), amount("1"), 4), Some(amount("0.0001")));
        assert_eq!(divided(amount("1"), amount("-8"), 2), Some(amount("-0.13")));
        assert_eq!(divided_up(amount("1"), amount("3"), 4), Some(amount("0.3334")));
        assert_eq!(divided(amount("1"), Amount::ZERO, 4), None);
    }

    #[test]
    fn shares_add_up() {
        let weights = [amount("1"), amount("1"), amount("1")];
        assert_eq!(shares(amount("10.00"), &weights, 2), Some(vec![amount("3.33"), amount("3.34"), amount("3.33")]));
        assert_eq!(shares(amount("1"), &[Amount::ZERO, Amount::ZERO], 2), Some(vec![amount("1"), Amount::ZERO]));
        let parts = [amount("3.335"), amount("3.335")];
        assert_eq!(rounded_together(&parts, 2), Some(vec![amount("3.34"), amount("3.33")]));
    }
}
