//! Rational numbers taken for decimals: how many digits they have, and what they are when rounded.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Signed, Zero};

/// The most digits an amount has, and the most of them behind the point.
const MOST: u32 = 28;

/// `10^exponent`.
pub fn power_of_ten(exponent: u32) -> BigRational {
    BigRational::from(ten(exponent))
}

fn ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// How many digits a number has behind the point. It has to be a decimal: no prime but 2 and 5 below the line.
pub fn decimals(number: &BigRational) -> u32 {
    (0..).find(|places| (ten(*places) % number.denom()).is_zero()).unwrap_or_default()
}

/// Whether an amount can be that number: of at most 28 digits, all places before the point counted, and at most 28 of
/// them behind it.
pub fn held(number: &BigRational) -> bool {
    let places = decimals(number);
    places <= MOST && number.numer().abs() * (ten(places) / number.denom()) < ten(MOST)
}

/// The nearest number of so many decimals; of two as near, the one further from zero.
pub fn rounded(number: &BigRational, places: u32) -> BigRational {
    if decimals(number) <= places {
        return number.clone();
    }
    // `round` takes halves away from zero.
    (number * power_of_ten(places)).round() / power_of_ten(places)
}

/// The number written out: no exponent, no trailing zeros, no minus before zero.
pub fn shown(number: &BigRational) -> String {
    let places = decimals(number) as usize;
    let digits = (number.abs() * power_of_ten(places as u32)).to_integer().to_string();
    let digits = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if number.is_negative() && !number.is_zero() { "-" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
