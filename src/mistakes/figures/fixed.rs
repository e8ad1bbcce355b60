//! Amounts in millionths, and their products.
//!
//! [`Amount`] is exact and slow to divide. A diagnosis tries hundreds of stories, so it works in millionths. An amount
//! with more decimals is rounded to six here. Every proposed repair is checked again with the exact amounts before it is
//! written.

use core::ops::{Add, Neg, Sub};

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Rounding};

/// An amount in millionths. Addition saturates: every amount that is read is below 10^12, so a sum that saturates
/// equals nothing that an order states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Fixed(pub(crate) i64);

/// `(price - discount) * quantity`, in millionths of millionths.
pub(crate) type Product = i128;

/// The decimals of a `Fixed`.
pub(super) const DECIMALS: u32 = 6;
/// One, in millionths.
const ONE: i64 = 1_000_000;
/// The largest amount that is diagnosed: a trillion.
const MOST: i64 = 1_000_000_000_000 * ONE;

impl Add for Fixed {
    type Output = Fixed;

    fn add(self, other: Fixed) -> Fixed {
        Fixed(self.0.saturating_add(other.0))
    }
}

impl Sub for Fixed {
    type Output = Fixed;

    fn sub(self, other: Fixed) -> Fixed {
        Fixed(self.0.saturating_sub(other.0))
    }
}

impl Neg for Fixed {
    type Output = Fixed;

    fn neg(self) -> Fixed {
        Fixed(self.0.saturating_neg())
    }
}

impl core::iter::Sum for Fixed {
    fn sum<I: Iterator<Item = Fixed>>(amounts: I) -> Fixed {
        amounts.fold(Fixed::ZERO, |sum, amount| sum + amount)
    }
}

/// `numerator / denominator`, rounded to a whole number, ties away from zero. The denominator is not 0.
fn divide(numerator: i128, denominator: i128) -> i128 {
    // Nearly all numbers fit a word, which divides several times faster.
    if let (Ok(number), Ok(by)) = (i64::try_from(numerator), i64::try_from(denominator))
        && by > 0
    {
        let (quotient, rest) = (number.wrapping_div(by), number.wrapping_rem(by));
        let away = rest.unsigned_abs() * 2 >= by.unsigned_abs();
        return i128::from(quotient) + if away { i128::from(number.signum()) } else { 0 };
    }
    let (numerator, denominator) = if denominator < 0 {
        (numerator.saturating_neg(), denominator.saturating_neg())
    } else {
        (numerator, denominator)
    };
    if denominator == 0 {
        return 0;
    }
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    if rest.unsigned_abs().saturating_mul(2) >= denominator.unsigned_abs() {
        quotient + numerator.signum()
    } else {
        quotient
    }
}

impl Fixed {
    pub(crate) const ZERO: Fixed = Fixed(0);
    pub(crate) const ONE: Fixed = Fixed(ONE);
    /// The last decimal that CartRover keeps of a price.
    pub(crate) const TEN_THOUSANDTH: Fixed = Fixed(100);

    /// The amount, rounded to six decimals; `None` if it is too large to be diagnosed.
    pub(super) fn read(amount: Amount) -> Option<Fixed> {
        let (mut mantissa, mut scale) = amount.parts();
        if scale > DECIMALS {
            (mantissa, scale) = amount.rounded(DECIMALS, Rounding::HalfUp).parts();
        }
        const FACTORS: [i64; 7] = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
        let factor = FACTORS.get(scale as usize).copied()?;
        let millionths = i64::try_from(mantissa).ok()?.checked_mul(factor)?;
        (millionths.unsigned_abs() <= MOST.unsigned_abs()).then_some(Fixed(millionths))
    }

    pub(crate) fn amount(self) -> Amount {
        // An i64 always fits 28 digits.
        Amount::new(self.0.into(), DECIMALS).unwrap_or_default()
    }

    pub(crate) fn is_zero(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn abs(self) -> Fixed {
        Fixed(self.0.saturating_abs())
    }

    /// A whole number.
    pub(crate) const fn whole(number: i64) -> Fixed {
        Fixed(number.saturating_mul(ONE))
    }

    pub(crate) fn is_whole(self) -> bool {
        self.0 % ONE == 0
    }

    /// Whether it has at most this number of decimals.
    pub(crate) fn is_multiple_of(self, unit: Fixed) -> bool {
        unit.0 != 0 && self.0 % unit.0 == 0
    }

    /// The number of its decimals.
    pub(crate) fn decimals(self) -> u32 {
        let (mut digits, mut decimals) = (self.0, DECIMALS);
        while decimals > 0 && digits % 10 == 0 {
            digits /= 10;
            decimals -= 1;
        }
        decimals
    }

    /// The value of its last decimal, at most `least`: 0.01 for 30.67.
    pub(crate) fn last_decimal(self, least: Fixed) -> Fixed {
        Fixed(10_i64.pow(DECIMALS - self.decimals())).min(least)
    }

    /// The exact product.
    pub(crate) fn times(self, other: Fixed) -> Product {
        i128::from(self.0) * i128::from(other.0)
    }

    /// The product with a small whole number.
    pub(crate) fn by(self, count: i64) -> Fixed {
        Fixed(self.0.saturating_mul(count))
    }

    /// Rounded to a multiple of the unit, ties away from zero.
    pub(crate) fn to(self, unit: Fixed) -> Fixed {
        Fixed::of(divide(self.0.into(), unit.0.into()) * i128::from(unit.0))
    }

    /// `self * numerator / denominator`, rounded once, to a multiple of the unit.
    pub(crate) fn part(self, numerator: Fixed, denominator: Fixed, unit: Fixed) -> Option<Fixed> {
        if denominator.is_zero() {
            return None;
        }
        Some(Fixed::of(divide(self.times(numerator), denominator.times(unit)) * i128::from(unit.0)))
    }

    /// `self / divisor` with the four decimals of a price.
    pub(crate) fn per(self, divisor: Fixed) -> Option<Fixed> {
        self.part(Fixed::ONE, divisor, Fixed::TEN_THOUSANDTH)
    }

    /// `self / divisor`, if that has at most six decimals.
    pub(crate) fn quotient(self, divisor: Fixed) -> Option<Fixed> {
        if let Some(numerator) = self.0.checked_mul(ONE) {
            let rest = numerator.checked_rem(divisor.0)?;
            return if rest == 0 { numerator.checked_div(divisor.0).map(Fixed) } else { None };
        }
        let numerator = i128::from(self.0) * i128::from(ONE);
        (!divisor.is_zero() && numerator % i128::from(divisor.0) == 0)
            .then(|| Fixed::of(numerator / i128::from(divisor.0)))
    }

    /// The tax at a rate, in hundredths of a percent, on this amount.
    pub(crate) fn tax_on_top(self, rate: i64, unit: Fixed) -> Fixed {
        self.part(Fixed(rate), Fixed(10_000), unit).unwrap_or_default()
    }

    /// The tax at a rate, in hundredths of a percent, that this amount includes.
    pub(crate) fn tax_inside(self, rate: i64, unit: Fixed) -> Fixed {
        self.part(Fixed(rate), Fixed(10_000 + rate), unit).unwrap_or_default()
    }

    /// The sum of products, which saturates.
    pub(crate) fn sum_of(products: impl Iterator<Item = Product>) -> Product {
        products.fold(0, Product::saturating_add)
    }

    /// The nearest number that fits.
    pub(crate) fn of(millionths: i128) -> Fixed {
        Fixed(i64::try_from(millionths).unwrap_or(if millionths < 0 { i64::MIN } else { i64::MAX }))
    }

    /// A product, rounded to a multiple of the unit.
    pub(crate) fn of_product(product: Product, unit: Fixed) -> Fixed {
        Fixed::of(divide(product, i128::from(unit.0) * i128::from(ONE)) * i128::from(unit.0))
    }
}
