//! `Amount`: an exact decimal. Its operations give the exact result or none. Only this module rounds.

mod rounding;
mod text;
mod unit_price;

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};
use core::iter::Sum;

use rust_decimal::Decimal;

use crate::error::Error;

pub use rounding::Rounding;
pub use text::AmountText;
pub(crate) use text::{Digits, InWords, Unreadable, product, trim};
pub(crate) use unit_price::PRICE_DECIMALS;

/// The smallest whole number with too many digits: 10^28.
const LIMIT: i128 = 10_i128.pow(Amount::MAX_DIGITS);

/// An exact decimal amount of at most 28 digits, at most 28 of them after the point.
///
/// An amount has no unit of its own: it is money in the order's currency, or a quantity. It is made from a
/// [`Decimal`] or a string and converts back to a [`Decimal`]. It has no operators: every operation whose exact result
/// may have too many digits returns `None` instead of a rounded result.
///
/// Trailing zeros make no difference: `10`, `10.00` and `1e1` are equal, have the same hash and print as `10`.
///
/// ```
/// use ordercharge::Amount;
///
/// let price: Amount = "4.40".parse()?;
/// let quantity = Amount::from(2);
/// assert_eq!(price.checked_mul(quantity), Some("8.8".parse()?));
///
/// // `Decimal` returns 0 here. The exact result has 32 decimals, which is too many.
/// let tiny: Amount = "1e-16".parse()?;
/// assert_eq!(tiny.checked_mul(tiny), None);
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Amount(
    /// The mantissa is below 10^28, and zero is never negative.
    Decimal,
);

impl Amount {
    /// The most digits an amount has: its mantissa is below 10^28.
    pub const MAX_DIGITS: u32 = 28;
    /// The most digits an amount has after the point.
    pub const MAX_DECIMALS: u32 = 28;
    /// Zero.
    pub const ZERO: Amount = Amount(Decimal::ZERO);
    /// One.
    pub const ONE: Amount = Amount(Decimal::ONE);

    /// The amount `mantissa / 10^scale`, or `None` if it has too many digits.
    ///
    /// ```
    /// # use ordercharge::Amount;
    /// assert_eq!(Amount::new(880, 2), "8.8".parse().ok());
    /// assert_eq!(Amount::new(i128::MAX, 0), None);
    /// ```
    pub fn new(mantissa: i128, scale: u32) -> Option<Amount> {
        let (mut mantissa, mut scale) = (mantissa, scale);
        if mantissa.unsigned_abs() >= LIMIT.unsigned_abs() || scale > Self::MAX_DECIMALS {
            (mantissa, scale) = strip(mantissa, scale);
            if mantissa.unsigned_abs() >= LIMIT.unsigned_abs() || scale > Self::MAX_DECIMALS {
                return None;
            }
        }
        Some(Amount::from_bits(mantissa.unsigned_abs(), scale, mantissa < 0))
    }

    /// Makes an amount that is known to be in range.
    #[inline]
    fn from_bits(mantissa: u128, scale: u32, negative: bool) -> Amount {
        let word = |at: u32| (mantissa >> (32 * at)) as u32;
        Amount(Decimal::from_parts(word(0), word(1), word(2), negative, scale))
    }

    /// The number of decimals it is held with, which may include trailing zeros.
    #[inline]
    pub(crate) fn scale(self) -> u32 {
        self.0.scale()
    }

    /// Its digits as a whole number, and the number of its decimals, which may include trailing zeros.
    pub(crate) fn parts(self) -> (i128, u32) {
        (self.0.mantissa(), self.0.scale())
    }

    /// Its digits as a whole number, if they fit.
    #[inline]
    fn small_mantissa(self) -> Option<i64> {
        let parts = self.0.unpack();
        let digits = i64::try_from(u64::from(parts.mid) << 32 | u64::from(parts.lo)).ok()?;
        match (parts.hi, parts.negative) {
            (0, false) => Some(digits),
            (0, true) => Some(-digits),
            _ => None,
        }
    }

    /// The amount `mantissa / 10^scale`, for a scale in range.
    #[inline]
    fn small(mantissa: i64, scale: u32) -> Amount {
        Amount::from_bits(mantissa.unsigned_abs().into(), scale, mantissa < 0)
    }

    /// The exact sum of amounts (0 for none), or `None` if it, or a partial sum, has too many digits.
    ///
    /// [`Iterator::sum`] into an `Option<Amount>` gives the same result.
    ///
    /// ```
    /// use ordercharge::Amount;
    ///
    /// let tax: Vec<Amount> = vec!["0.10".parse()?, "0.20".parse()?];
    /// assert_eq!(Amount::checked_sum(tax.iter().copied()), Some("0.30".parse()?));
    /// assert_eq!(tax.into_iter().sum::<Option<Amount>>(), Some("0.30".parse()?));
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn checked_sum(amounts: impl IntoIterator<Item = Amount>) -> Option<Amount> {
        amounts.into_iter().try_fold(Amount::ZERO, Amount::checked_add)
    }

    /// The exact sum, or `None` if it has too many digits.
    #[must_use]
    #[inline]
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        if let Some((a, b, scale)) = align_small(self, other)
            && let Some(sum) = a.checked_add(b)
        {
            return Some(Amount::small(sum, scale));
        }
        self.add_large(other)
    }

    fn add_large(self, other: Amount) -> Option<Amount> {
        let (a, b, scale) = align(self, other)?;
        Amount::new(a.checked_add(b)?, scale)
    }

    /// The exact difference, or `None` if it has too many digits.
    #[must_use]
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.checked_add(other.negated())
    }

    /// Whether the two differ by at most the given amount. Exact even if the difference has too many digits.
    pub(crate) fn is_within(self, other: Amount, most: Amount) -> bool {
        match self.checked_sub(other) {
            Some(off) => off.abs() <= most,
            None => is_at_most(self, other, most) && is_at_most(other, self, most),
        }
    }

    /// The exact product, or `None` if it has too many digits.
    #[must_use]
    #[inline]
    pub fn checked_mul(self, other: Amount) -> Option<Amount> {
        let scale = self.scale() + other.scale();
        if let (Some(a), Some(b)) = (self.small_mantissa(), other.small_mantissa())
            && let Some(product) = a.checked_mul(b)
            && scale <= Self::MAX_DECIMALS
        {
            return Some(Amount::small(product, scale));
        }
        self.mul_large(other)
    }

    fn mul_large(self, other: Amount) -> Option<Amount> {
        let (mut a, mut b) = (self.0.mantissa(), other.0.mantissa());
        let mut scale = self.scale() + other.scale();
        if let Some(product) = a.checked_mul(b) {
            return Amount::new(product, scale);
        }
        // The product is too wide for the integer. It may still have enough trailing zeros to fit: take them out of the
        // factors. Each zero is a 2 of one factor and a 5 of the other, or both of the same factor.
        while scale > 0 {
            if a % 10 == 0 {
                a /= 10;
            } else if b % 10 == 0 {
                b /= 10;
            } else if a % 2 == 0 && b % 5 == 0 {
                (a, b) = (a / 2, b / 5);
            } else if a % 5 == 0 && b % 2 == 0 {
                (a, b) = (a / 5, b / 2);
            } else {
                break;
            }
            scale -= 1;
        }
        Amount::new(a.checked_mul(b)?, scale)
    }

    /// The amount with the opposite sign.
    #[must_use]
    pub fn negated(self) -> Amount {
        // There is no negative zero.
        if self.is_zero() { self } else { Amount(-self.0) }
    }

    /// The amount without its sign.
    #[must_use]
    pub fn abs(self) -> Amount {
        if self.is_negative() { self.negated() } else { self }
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Whether it is below 0.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative()
    }

    /// The number of its decimals without trailing zeros: 1 for `1.50`.
    ///
    /// ```
    /// # use ordercharge::Amount;
    /// assert_eq!(Amount::new(150, 2).map(Amount::decimals), Some(1));
    /// ```
    pub fn decimals(self) -> u32 {
        if self.0.scale() == 0 {
            return 0;
        }
        strip(self.0.mantissa(), self.0.scale()).1
    }

    /// Whether it is so short that a product of two such amounts, or of their differences, always fits.
    #[inline]
    pub(crate) fn is_short(self) -> bool {
        let parts = self.0.unpack();
        parts.hi == 0 && parts.mid == 0 && parts.lo < 1_000_000_000 && parts.scale <= 9
    }

    /// Whether it has more than this number of decimals, without trailing zeros.
    #[inline]
    pub(crate) fn has_more_decimals_than(self, most: u32) -> bool {
        // Zeros are counted only if they decide.
        self.0.scale() > most && self.decimals() > most
    }

    /// The amount rounded to at most `decimals` decimals; [`Rounding::Exact`] leaves it as it is.
    ///
    /// ```
    /// use ordercharge::{Amount, Rounding};
    ///
    /// let tie: Amount = "0.125".parse()?;
    /// assert_eq!(tie.rounded(2, Rounding::HalfUp).to_string(), "0.13");
    /// assert_eq!(tie.rounded(2, Rounding::HalfEven).to_string(), "0.12");
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    #[must_use]
    pub fn rounded(self, decimals: u32, rounding: Rounding) -> Amount {
        let scale = self.0.scale();
        if scale <= decimals || rounding == Rounding::Exact {
            return self;
        }
        let divisor = power_of_ten(scale - decimals).unwrap_or(1); // at most 28
        let mantissa = self.0.mantissa();
        let (cut, rest) = (mantissa / divisor, mantissa % divisor);
        let away = match (rounding, (rest.abs() * 2).cmp(&divisor)) {
            _ if rest == 0 => false,
            (Rounding::Down, _) => false,
            (_, Ordering::Less) => false,
            (_, Ordering::Greater) => true,
            (Rounding::Nearest | Rounding::HalfUp, Ordering::Equal) => true,
            (Rounding::HalfEven, Ordering::Equal) => cut % 2 != 0,
            (Rounding::Exact, _) => false, // decided above
        };
        let rounded = if away { cut + mantissa.signum() } else { cut };
        // After a division by ten or more, at most 27 digits and a carry are left: they always fit.
        Amount::new(rounded, decimals).unwrap_or(self)
    }
}

/// Whether `one <= other + more`. The integer and the fractional parts are compared separately: each has at most 28
/// digits, so that the sum of three fits an `i128`.
#[cold]
fn is_at_most(one: Amount, other: Amount, more: Amount) -> bool {
    const ONE: i128 = 10_i128.pow(Amount::MAX_DECIMALS);
    let parts = |amount: Amount| {
        let factor = power_of_ten(Amount::MAX_DECIMALS - amount.scale())?;
        let unit = power_of_ten(amount.scale())?;
        let mantissa = amount.0.mantissa();
        Some((mantissa / unit, mantissa % unit * factor))
    };
    let off = || {
        let ((a, a_behind), (b, b_behind), (c, c_behind)) = (parts(one)?, parts(other)?, parts(more)?);
        Some((a - b - c, a_behind - b_behind - c_behind))
    };
    // The sum of the fractional parts is less than three.
    off().is_some_and(|(whole, behind)| if whole.abs() < 4 { whole * ONE + behind <= 0 } else { whole < 0 })
}

/// A power of ten, up to a little more than amounts need; `None` for larger ones.
fn power_of_ten(exponent: u32) -> Option<i128> {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const POWERS: [i128; 39] = {
        let mut powers = [1; 39];
        let mut at = 1;
        while at < powers.len() {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS.get(exponent as usize).copied()
}

/// The mantissas of both at one scale, if each fits a word: nearly all amounts are that small.
#[inline]
fn align_small(a: Amount, b: Amount) -> Option<(i64, i64, u32)> {
    let (ma, mb) = (a.small_mantissa()?, b.small_mantissa()?);
    let (sa, sb) = (a.scale(), b.scale());
    let raised = |mantissa: i64, exponent: u32| mantissa.checked_mul(i64::try_from(power_of_ten(exponent)?).ok()?);
    match sa.cmp(&sb) {
        Ordering::Equal => Some((ma, mb, sa)),
        Ordering::Less => Some((raised(ma, sb - sa)?, mb, sb)),
        Ordering::Greater => Some((ma, raised(mb, sa - sb)?, sa)),
    }
}

/// `mantissa * 10^exponent`, if it fits the integer.
fn shift(mantissa: i128, exponent: u32) -> Option<i128> {
    if exponent == 0 {
        return Some(mantissa);
    }
    let factor = power_of_ten(exponent)?;
    match (i64::try_from(mantissa), i64::try_from(factor)) {
        (Ok(mantissa), Ok(factor)) => Some(i128::from(mantissa) * i128::from(factor)),
        _ => mantissa.checked_mul(factor),
    }
}

/// The mantissas of both at one scale, if they fit the integer. If they do not, neither the sum nor the difference of the
/// two is an amount.
fn align(a: Amount, b: Amount) -> Option<(i128, i128, u32)> {
    let (ma, sa) = (a.0.mantissa(), a.0.scale());
    let (mb, sb) = (b.0.mantissa(), b.0.scale());
    if let Some(aligned) = raise(ma, sa, mb, sb) {
        return Some(aligned);
    }
    // Trailing zeros may have required more decimals than the value needs.
    let ((ma, sa), (mb, sb)) = (strip(ma, sa), strip(mb, sb));
    raise(ma, sa, mb, sb)
}

fn raise(ma: i128, sa: u32, mb: i128, sb: u32) -> Option<(i128, i128, u32)> {
    let scale = sa.max(sb);
    Some((shift(ma, scale - sa)?, shift(mb, scale - sb)?, scale))
}

/// The same value with as few decimals as it needs.
fn strip(mantissa: i128, scale: u32) -> (i128, u32) {
    let (mut mantissa, mut scale) = (mantissa, scale);
    if mantissa == 0 {
        return (0, 0);
    }
    if let Ok(mut small) = i64::try_from(mantissa) {
        while scale > 0 && small % 10 == 0 {
            small /= 10;
            scale -= 1;
        }
        return (small.into(), scale);
    }
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    (mantissa, scale)
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        if self.scale() == other.scale() {
            let (a, b) = (self.0.unpack(), other.0.unpack());
            return (a.lo, a.mid, a.hi, a.negative) == (b.lo, b.mid, b.hi, b.negative);
        }
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Amount {}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((a, b, _)) = align_small(*self, *other) {
            return a.cmp(&b);
        }
        match align(*self, *other) {
            Some((a, b, _)) => a.cmp(&b),
            // One of them does not fit at the scale of the other: it has fewer decimals, and is the larger one.
            None if self.decimals() < other.decimals() => self.0.mantissa().cmp(&0),
            None => 0.cmp(&other.0.mantissa()),
        }
    }
}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        strip(self.0.mantissa(), self.0.scale()).hash(state);
    }
}

impl From<Amount> for Decimal {
    /// The same number. The number of its trailing zeros depends on how the amount was made.
    fn from(amount: Amount) -> Decimal {
        amount.0
    }
}

impl Sum<Amount> for Option<Amount> {
    fn sum<I: Iterator<Item = Amount>>(amounts: I) -> Option<Amount> {
        Amount::checked_sum(amounts)
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = Error;

    /// Every `Decimal` of at most 28 digits is an amount. One of 29 digits is an error; it is never rounded.
    fn try_from(decimal: Decimal) -> Result<Self, Error> {
        Amount::new(decimal.mantissa(), decimal.scale()).ok_or_else(Error::inexact)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Amount {
            fn from(whole: $integer) -> Amount {
                Amount(Decimal::from(whole))
            }
        }
    )*};
}

from_integers!(i8 u8 i16 u16 i32 u32 i64 u64);
