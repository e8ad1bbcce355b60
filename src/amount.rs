//! `Amount`: an exact decimal. Its operations answer the exact result or none, and it alone rounds.

use core::cmp::Ordering;
use core::fmt::{self, Write};
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use wide::u8x16;

use crate::error::Error;

/// The first whole number that has too many digits to be held: 10^28.
const LIMIT: i128 = 10_i128.pow(Amount::MAX_DIGITS);

/// An exact decimal amount of at most 28 digits, of which at most 28 stand behind the point.
///
/// An amount has no unit of its own: it is money in the order's currency, or a quantity. It is made from a
/// [`Decimal`] or from text and given back as a [`Decimal`]. It has no operators: every operation that could leave
/// the range answers `None` instead of a rounded result.
///
/// Trailing zeros never matter: `10`, `10.00` and `1e1` are equal, hash alike and print as `10`.
///
/// ```
/// use ordercharge::Amount;
///
/// let price: Amount = "4.40".parse()?;
/// let quantity = Amount::from(2);
/// assert_eq!(price.checked_mul(quantity), Some("8.8".parse()?));
///
/// // `Decimal` answers 0 here. The exact result has 32 decimals, so there is none to give.
/// let tiny: Amount = "1e-16".parse()?;
/// assert_eq!(tiny.checked_mul(tiny), None);
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Copy, Default)]
pub struct Amount(
    /// Held below 10^28 in its mantissa, and never as a negative zero.
    Decimal,
);

/// How a result with too many decimals is brought to fewer. Ties are results exactly half way between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Round {
    /// To the nearest; ties away from zero (2.5 to 3, -2.5 to -3).
    HalfUp,
    /// To the nearest; ties to the even digit (2.5 to 2, 3.5 to 4).
    HalfEven,
    /// Towards zero: the digits are cut off.
    Down,
    /// Away from zero.
    Up,
}

/// Why a text gives no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is not written as a decimal number.
    Malformed,
    /// It is a decimal number of more digits than can be held.
    Inexact,
}

impl Amount {
    /// The most digits an amount has: its mantissa is below 10^28.
    pub const MAX_DIGITS: u32 = 28;
    /// The most digits an amount has behind the point.
    pub const MAX_DECIMALS: u32 = 28;
    /// Nothing.
    pub const ZERO: Amount = Amount(Decimal::ZERO);
    /// One.
    pub const ONE: Amount = Amount(Decimal::ONE);

    /// `mantissa / 10^scale`, if it can be held.
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

    /// Puts an amount together that is known to be in the range.
    #[inline]
    fn from_bits(mantissa: u128, scale: u32, negative: bool) -> Amount {
        let word = |at: u32| (mantissa >> (32 * at)) as u32;
        Amount(Decimal::from_parts(word(0), word(1), word(2), negative, scale))
    }

    /// The decimals it is held with, trailing zeros perhaps among them.
    #[inline]
    pub(crate) fn scale(self) -> u32 {
        self.0.scale()
    }

    /// Its digits as a whole number, if that is not too large.
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

    /// The amount of such digits, at a scale in the range.
    #[inline]
    fn small(mantissa: i64, scale: u32) -> Amount {
        Amount::from_bits(mantissa.unsigned_abs().into(), scale, mantissa < 0)
    }

    /// The exact sum, or `None` where it cannot be held.
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

    /// The exact difference, or `None` where it cannot be held.
    #[must_use]
    pub fn checked_sub(self, other: Amount) -> Option<Amount> {
        self.checked_add(other.negated())
    }

    /// The exact product, or `None` where it cannot be held.
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
        // The product is too wide for the integer. It may still have enough trailing zeros to be held: take them
        // out of the factors, where each is a 2 of the one and a 5 of the other, or both of the same.
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

    /// The amount with the other sign.
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

    /// How many decimals it has, trailing zeros aside: 2 for `1.50` is 1.
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

    /// Whether it is so short that a product of two, even of a difference, can be held in any case.
    #[inline]
    pub(crate) fn is_short(self) -> bool {
        let parts = self.0.unpack();
        parts.hi == 0 && parts.mid == 0 && parts.lo < 1_000_000_000 && parts.scale <= 9
    }

    /// Whether it has more decimals than that, trailing zeros aside.
    #[inline]
    pub(crate) fn has_more_decimals_than(self, most: u32) -> bool {
        // Zeros are counted only where they matter.
        self.0.scale() > most && self.decimals() > most
    }

    /// The amount brought to at most so many decimals.
    ///
    /// ```
    /// use ordercharge::{Amount, Round};
    ///
    /// let tie: Amount = "0.125".parse()?;
    /// assert_eq!(tie.rounded(2, Round::HalfUp).to_string(), "0.13");
    /// assert_eq!(tie.rounded(2, Round::HalfEven).to_string(), "0.12");
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    #[must_use]
    pub fn rounded(self, decimals: u32, how: Round) -> Amount {
        let scale = self.0.scale();
        if scale <= decimals {
            return self;
        }
        let divisor = power_of_ten(scale - decimals).unwrap_or(1); // at most 28
        let mantissa = self.0.mantissa();
        let (cut, rest) = (mantissa / divisor, mantissa % divisor);
        let away = match (how, (rest.abs() * 2).cmp(&divisor)) {
            _ if rest == 0 => false,
            (Round::Down, _) => false,
            (Round::Up, _) => true,
            (_, Ordering::Less) => false,
            (_, Ordering::Greater) => true,
            (Round::HalfUp, Ordering::Equal) => true,
            (Round::HalfEven, Ordering::Equal) => cut % 2 != 0,
        };
        let rounded = if away { cut + mantissa.signum() } else { cut };
        // A division by ten or more leaves at most 27 digits and a carry: it always fits.
        Amount::new(rounded, decimals).unwrap_or(self)
    }

    /// Reads an amount as the definitions' orders write them: an optional sign, digits, an optional fraction, an
    /// optional exponent, blanks around it ignored.
    pub(crate) fn read(text: &[u8]) -> Result<Amount, Unreadable> {
        match Amount::read_front(text) {
            Some((amount, [])) => Ok(amount),
            _ => read(trim(text)),
        }
    }

    /// Reads what nearly all amounts look like off the front of a text: digits, perhaps with a minus before them. What follows is given back.
    #[inline(always)]
    pub(crate) fn read_front(text: &[u8]) -> Option<(Amount, &[u8])> {
        let (negative, start) = match text {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, text),
        };
        let (Digits { mantissa, scale }, rest) = Digits::read_front(start)?;
        let amount = Decimal::from_parts(mantissa as u32, (mantissa >> 32) as u32, 0, negative && mantissa != 0, scale);
        Some((Amount(amount), rest))
    }
}

/// A number as most amounts are written: at most 18 digits, perhaps a point within, and no zero before another digit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits {
    mantissa: u64,
    /// How many digits stand behind the point.
    pub(crate) scale: u32,
}

impl Digits {
    /// Reads one off the front of a text. What follows is given back.
    #[inline(always)]
    pub(crate) fn read_front(text: &[u8]) -> Option<(Digits, &[u8])> {
        match read_short(text) {
            Some((mantissa, scale, rest)) => Some((Digits { mantissa: mantissa.into(), scale }, rest)),
            None => Digits::read_long(text),
        }
    }

    fn read_long(text: &[u8]) -> Option<(Digits, &[u8])> {
        const MOST: usize = 18;
        let (mut mantissa, rest) = digits(0, text);
        let whole = text.len() - rest.len();
        if whole == 0 || (whole > 1 && text.first() == Some(&b'0')) {
            return None;
        }
        let (mut scale, mut rest) = (0, rest);
        if let [b'.', fraction @ ..] = rest {
            (mantissa, rest) = digits(mantissa, fraction);
            scale = fraction.len() - rest.len();
            if scale == 0 {
                return None;
            }
        }
        if whole + scale > MOST {
            return None;
        }
        Some((Digits { mantissa, scale: scale as u32 }, rest))
    }

    /// The same in ten-thousandths, if it is a whole number of them and not too large: the unit of the quick way to see
    /// that an order is right.
    #[inline(always)]
    pub(crate) fn ten_thousandths(self) -> Option<i64> {
        let mantissa = self.mantissa as i64; // at most 18 digits
        match [10_000, 1_000, 100, 10, 1].get(self.scale as usize) {
            Some(factor) => mantissa.checked_mul(*factor),
            None => {
                let part = 10_i64.checked_pow(self.scale - 4)?;
                (mantissa % part == 0).then_some(mantissa / part)
            }
        }
    }
}

/// Reads what most amounts look like off the front of a text: at most eight characters, digits and perhaps a point within
/// them. All at once, since where a short number ends is what a processor guesses worst.
#[inline(always)]
fn read_short(text: &[u8]) -> Option<(u32, u32, &[u8])> {
    const MOST: u32 = 8;
    let block = u8x16::new(*text.first_chunk::<16>()?);
    let figure = block - u8x16::splat(b'0');
    let others = !figure.min(u8x16::splat(9)).simd_eq(figure).to_bitmask();
    let whole = others.trailing_zeros();
    if whole == 0 || whole > MOST || (whole > 1 && text.first() == Some(&b'0')) {
        return None;
    }
    let (front, _) = text.split_first_chunk::<8>()?;
    let characters = u64::from_le_bytes(*front) ^ 0x3030_3030_3030_3030;
    // The digits are moved to the end of the word: zeros come before.
    let (digits, scale, length) = if text.get(whole as usize) == Some(&b'.') {
        let length = (others & (others - 1)).trailing_zeros();
        if length == whole + 1 || length > MOST {
            return None;
        }
        // Those behind the point are moved up to those before it.
        let before = (1 << (8 * whole)) - 1;
        let digits = (characters & before | (characters >> 8) & !before) << (8 * (MOST + 1 - length));
        (digits, length - whole - 1, length)
    } else {
        (characters << (8 * (MOST - whole)), 0, whole)
    };
    // Ones and tens to pairs, pairs to fours, fours to eight.
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    Some((eight as u32, scale, text.get(length as usize..)?))
}

/// Reads on digits at the front of a text; only so many of them are right as fit.
#[inline(always)]
fn digits(mut number: u64, mut text: &[u8]) -> (u64, &[u8]) {
    while let [byte @ b'0'..=b'9', rest @ ..] = text {
        number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        text = rest;
    }
    (number, text)
}

/// A text without the blanks around it: those of JSON.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

/// The powers of ten that matter for amounts, and a few more; `None` beyond.
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

/// The mantissas of both at one scale, if a word is enough for each: nearly all amounts are as small.
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

/// The mantissas of both at one scale, if that fits the integer; where it does not, neither the sum nor the
/// difference of the two can be held.
fn align(a: Amount, b: Amount) -> Option<(i128, i128, u32)> {
    let (ma, sa) = (a.0.mantissa(), a.0.scale());
    let (mb, sb) = (b.0.mantissa(), b.0.scale());
    if let Some(aligned) = raise(ma, sa, mb, sb) {
        return Some(aligned);
    }
    // Trailing zeros may have asked for more places than the value needs.
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

fn read(text: &[u8]) -> Result<Amount, Unreadable> {
    let mut bytes = text.iter().copied().peekable();
    let negative = bytes.next_if(|b| matches!(b, b'+' | b'-')) == Some(b'-');

    // The value is `mantissa * 10^(zeros - fraction + exponent)`. Zeros wait in `zeros` until a digit follows them,
    // so a million of them cost nothing and the mantissa keeps only what counts.
    let (mut mantissa, mut zeros, mut fraction, mut exponent) = (0_i128, 0_i64, 0_i64, 0_i64);
    let (mut seen_digit, mut seen_point, mut too_wide) = (false, false, false);
    while let Some(byte) = bytes.next_if(|b| b.is_ascii_digit() || *b == b'.') {
        if byte == b'.' {
            if seen_point {
                return Err(Unreadable::Malformed);
            }
            seen_point = true;
            continue;
        }
        seen_digit = true;
        fraction += i64::from(seen_point);
        if byte == b'0' {
            zeros += i64::from(mantissa != 0);
        } else {
            match push(mantissa, zeros, byte) {
                Some(wider) => mantissa = wider,
                None => too_wide = true,
            }
            zeros = 0;
        }
    }
    if !seen_digit {
        return Err(Unreadable::Malformed);
    }
    if bytes.next_if(|b| matches!(b, b'e' | b'E')).is_some() {
        let minus = bytes.next_if(|b| matches!(b, b'+' | b'-')) == Some(b'-');
        let mut seen_exponent = false;
        while let Some(digit) = bytes.next_if(u8::is_ascii_digit) {
            seen_exponent = true;
            exponent = exponent.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
        }
        if !seen_exponent {
            return Err(Unreadable::Malformed);
        }
        if minus {
            exponent = -exponent;
        }
    }
    if bytes.next().is_some() {
        return Err(Unreadable::Malformed);
    }
    if mantissa == 0 && !too_wide {
        return Ok(Amount::ZERO);
    }
    if too_wide {
        return Err(Unreadable::Inexact);
    }
    let power = exponent.saturating_add(zeros).saturating_sub(fraction);
    let mantissa = if negative { -mantissa } else { mantissa };
    let amount = if power < 0 {
        u32::try_from(power.unsigned_abs()).ok().and_then(|scale| Amount::new(mantissa, scale))
    } else {
        u32::try_from(power).ok().and_then(|power| shift(mantissa, power)).and_then(|whole| Amount::new(whole, 0))
    };
    amount.ok_or(Unreadable::Inexact)
}

/// The mantissa with the waiting zeros and one more digit behind it, while it has at most 28 digits.
fn push(mantissa: i128, zeros: i64, digit: u8) -> Option<i128> {
    if mantissa == 0 {
        return Some(i128::from(digit - b'0'));
    }
    let shifted = shift(mantissa, u32::try_from(zeros.checked_add(1)?).ok()?)?;
    let wider = shifted.checked_add(i128::from(digit - b'0'))?;
    (wider < LIMIT).then_some(wider)
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
            // One of them does not fit at the other's scale: it is the one with fewer decimals, and the larger.
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

/// The shortest plain decimal: no exponent, no trailing zeros. It is written from its end.
struct Plain {
    /// Room for 28 digits and a zero before the point, the point and the sign.
    bytes: [u8; 32],
    start: usize,
    decimals: usize,
}

impl Plain {
    fn new(amount: Amount) -> Plain {
        const LOW_DIGITS: usize = 18;
        const LOW: u128 = 10_u128.pow(LOW_DIGITS as u32);
        if let Some(mantissa) = amount.small_mantissa() {
            return Plain::small(mantissa, amount.scale());
        }
        let (mantissa, scale) = strip(amount.0.mantissa(), amount.0.scale());
        // Words are quicker to take apart than the whole.
        let (mut high, mut low) = match mantissa.unsigned_abs() {
            small @ 0..LOW => (0, small as u64),
            large => ((large / LOW) as u64, (large % LOW) as u64),
        };
        let mut plain = Plain { bytes: [b'0'; 32], start: 32, decimals: scale as usize };
        let mut written = 0;
        while written <= plain.decimals || low > 0 || high > 0 {
            if written == LOW_DIGITS {
                low = core::mem::take(&mut high);
            }
            if written == plain.decimals && written > 0 {
                plain.push(b'.');
            }
            plain.push(b'0' + (low % 10) as u8);
            low /= 10;
            written += 1;
        }
        if mantissa < 0 {
            plain.push(b'-');
        }
        plain
    }

    /// The same of digits that fit a word, as nearly all do.
    fn small(mantissa: i64, scale: u32) -> Plain {
        let (mut rest, mut decimals) = (mantissa.unsigned_abs(), scale);
        while decimals > 0 && rest % 10 == 0 {
            (rest, decimals) = (rest / 10, decimals - 1);
        }
        let mut plain = Plain { bytes: [b'0'; 32], start: 32, decimals: decimals as usize };
        for _ in 0..decimals {
            plain.push(b'0' + (rest % 10) as u8);
            rest /= 10;
        }
        if decimals > 0 {
            plain.push(b'.');
        }
        loop {
            plain.push(b'0' + (rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if mantissa < 0 {
            plain.push(b'-');
        }
        plain
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.start -= 1;
        if let Some(slot) = self.bytes.get_mut(self.start) {
            *slot = byte;
        }
    }

    fn len(&self) -> usize {
        self.bytes.len() - self.start
    }

    fn text(&self) -> &str {
        let bytes = self.bytes.get(self.start..).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Display for Amount {
    /// The shortest plain decimal: no exponent, no trailing zeros. The formatter's precision pads with zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = Plain::new(*self);
        // The formatter would cut the text at its precision: pad by hand to keep every digit.
        let zeros = f.precision().unwrap_or(0).saturating_sub(plain.decimals);
        let point = zeros > 0 && plain.decimals == 0;
        let length = plain.len() + usize::from(point) + zeros;
        for _ in length..f.width().unwrap_or(0) {
            f.write_char(' ')?;
        }
        f.write_str(plain.text())?;
        if point {
            f.write_char('.')?;
        }
        (0..zeros).try_for_each(|_| f.write_char('0'))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Amount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Amount::read(text.as_bytes()).map_err(|why| match why {
            Unreadable::Malformed => Error::not_amount(),
            Unreadable::Inexact => Error::inexact(),
        })
    }
}

impl From<Amount> for Decimal {
    fn from(amount: Amount) -> Decimal {
        amount.0
    }
}

impl TryFrom<Decimal> for Amount {
    type Error = Error;

    /// Every `Decimal` of at most 28 digits is an amount; one of 29 digits is an error, never rounded.
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

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Plain::new(*self).text())
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// Every text of up to nine of these characters that a short amount may be told from, and what follows it.
    #[test]
    fn short_amounts_are_read_as_all_others() {
        let mut texts = vec![String::new()];
        let mut compared = 0;
        while let Some(text) = texts.pop() {
            for next in ['0', '7', '9', '.'] {
                let text = format!("{text}{next}");
                for behind in [",", "e1", "\"", "-", " "] {
                    let line = format!("{text}{behind}................................");
                    if let Some((mantissa, scale, rest)) = read_short(line.as_bytes()) {
                        // A second point stands behind it.
                        let text = text.split_at(text.match_indices('.').nth(1).map_or(text.len(), |(at, _)| at)).0;
                        assert_eq!(rest, line.strip_prefix(text).unwrap().as_bytes());
                        assert_eq!(Amount::new(mantissa.into(), scale), read(text.as_bytes()).ok(), "{text}");
                        assert_eq!(text.len() - text.find('.').map_or(text.len(), |at| at + 1), scale as usize);
                        compared += 1;
                    }
                }
                if text.len() < 9 {
                    texts.push(text);
                }
            }
        }
        assert!(compared > 90_000, "{compared}");
    }
}
