//! Rational numbers as decimals: their number of digits, and how they are rounded.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Signed, Zero};

/// The most digits of an amount, and the most digits after the point.
const MOST: u32 = 28;

/// `10^exponent`.
pub fn power_of_ten(exponent: u32) -> BigRational {
    BigRational::from(ten(exponent))
}

fn ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// The number of digits of a number after the point. It must be a decimal: its denominator has only the primes 2 and 5.
pub fn decimals(number: &BigRational) -> u32 {
    (0..).find(|places| (ten(*places) % number.denom()).is_zero()).unwrap_or_default()
}

/// Whether an amount can be this number: at most 28 digits, counting all before the point, and at most 28 of them after it.
pub fn held(number: &BigRational) -> bool {
    let places = decimals(number);
    places <= MOST && number.numer().abs() * (ten(places) / number.denom()) < ten(MOST)
}

/// The nearest number with this number of decimals; if two are equally near, the one further from zero.
pub fn rounded(number: &BigRational, places: u32) -> BigRational {
    if decimals(number) <= places {
        return number.clone();
    }
    // `round` rounds halves away from zero.
    (number * power_of_ten(places)).round() / power_of_ten(places)
}

/// The number as text, without exponent, trailing zeros, and minus before zero.
pub fn shown(number: &BigRational) -> String {
    let places = decimals(number) as usize;
    let digits = (number.abs() * power_of_ten(places as u32)).to_integer().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number.is_negative() && !number.is_zero() { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
