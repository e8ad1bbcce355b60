//! The text of an amount: how it is read and how it is written.

use core::fmt::{self, Write};
use core::ops::Deref;
use core::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use wide::u8x16;

use super::{Amount, LIMIT, Rounding, shift, strip};
use crate::error::Error;

/// Why a string is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is not written as a decimal number.
    Malformed,
    /// It is a decimal number with too many digits.
    Inexact,
}

impl Amount {
    /// The text that it prints as, made without a formatter.
    pub fn text(self) -> AmountText {
        AmountText::new(self, 0)
    }

    /// Reads an amount: an optional sign, digits, an optional fraction, an optional exponent. Blanks around it are ignored.
    pub(crate) fn read(text: &[u8]) -> Result<Amount, Unreadable> {
        match Amount::read_front(text) {
            Some((amount, [])) => Ok(amount),
            _ => read(trim(text)),
        }
    }

    /// Reads an amount in its most common form from the front of the bytes: digits with an optional point and minus sign.
    /// Returns it with the rest of the bytes.
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

/// A number as most amounts are written: at most 18 digits, an optional point, and no leading zero before another digit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Digits {
    mantissa: u64,
    /// The number of digits after the point.
    pub(crate) scale: u32,
}

impl Digits {
    /// Those of an amount of 0 or more, if they are few enough.
    #[inline(always)]
    pub(crate) fn of(amount: Amount) -> Option<Digits> {
        let parts = amount.0.unpack();
        let mantissa = u64::from(parts.mid) << 32 | u64::from(parts.lo);
        let fits = parts.hi == 0 && !parts.negative && mantissa <= i64::MAX as u64;
        fits.then_some(Digits { mantissa, scale: parts.scale })
    }

    /// Reads one from the front of the bytes. Returns it with the rest of the bytes.
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

    /// The amount of this number of ten-thousandths, as it is written with this number of decimals.
    pub(crate) fn of_ten_thousandths(whole: i64, scale: u32) -> Option<Amount> {
        let mantissa = match [10_000, 1_000, 100, 10, 1].get(scale as usize) {
            Some(factor) => whole / factor,
            None => whole.checked_mul(10_i64.checked_pow(scale - 4)?)?,
        };
        Some(Amount::small(mantissa, scale))
    }

    /// The number in ten-thousandths, the unit of the fast path, if it is a whole number of them and not too large.
    #[inline(always)]
    pub(crate) fn ten_thousandths(self) -> Option<i64> {
        let mantissa = self.mantissa as i64; // at most `i64::MAX`
        match [10_000, 1_000, 100, 10, 1].get(self.scale as usize) {
            Some(factor) => product(mantissa, *factor),
            None => whole_units(mantissa, self.scale),
        }
    }
}

/// The product, if it fits.
#[inline(always)]
pub(crate) fn product(one: i64, other: i64) -> Option<i64> {
    // WebAssembly has no product wider than 64 bits, so that a checked one is a call. Two short factors need no check.
    if cfg!(target_family = "wasm")
        && let (Ok(one), Ok(other)) = (i32::try_from(one), i32::try_from(other))
    {
        return Some(i64::from(one).wrapping_mul(i64::from(other)));
    }
    one.checked_mul(other)
}

/// The ten-thousandths of a number with more decimals, if it is a whole number of them.
#[cold]
fn whole_units(mantissa: i64, scale: u32) -> Option<i64> {
    let part = 10_i64.checked_pow(scale - 4)?;
    (mantissa % part == 0).then_some(mantissa / part)
}

/// Parses up to eight characters (digits with an optional point) from the front of the bytes without a branch per digit:
/// the length of a short number is what a CPU mispredicts most.
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
    // The digits are moved to the end of the word, after zeros.
    let (digits, scale, length) = if text.get(whole as usize) == Some(&b'.') {
        let length = (others & (others - 1)).trailing_zeros();
        if length == whole + 1 || length > MOST {
            return None;
        }
        // The digits after the point are moved next to those before it.
        let before = (1 << (8 * whole)) - 1;
        let digits = (characters & before | (characters >> 8) & !before) << (8 * (MOST + 1 - length));
        (digits, length - whole - 1, length)
    } else {
        (characters << (8 * (MOST - whole)), 0, whole)
    };
    // Digits become pairs, pairs become fours, and fours become eight digits.
    let pairs = (digits.wrapping_mul(10 << 8 | 1) >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
    Some((eight as u32, scale, text.get(length as usize..)?))
}

/// Adds the digits at the front of the bytes to a number. The result is right only if all of them fit.
#[inline(always)]
fn digits(mut number: u64, mut text: &[u8]) -> (u64, &[u8]) {
    while let [byte @ b'0'..=b'9', rest @ ..] = text {
        number = number.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
        text = rest;
    }
    (number, text)
}

/// The bytes without the JSON blanks around them.
pub(crate) fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let start = text.iter().position(|byte| !blank(byte)).unwrap_or(text.len());
    let end = text.iter().rposition(|byte| !blank(byte)).map_or(start, |last| last + 1);
    text.get(start..end).unwrap_or_default()
}

fn read(text: &[u8]) -> Result<Amount, Unreadable> {
    let mut bytes = text.iter().copied().peekable();
    let negative = bytes.next_if(|b| matches!(b, b'+' | b'-')) == Some(b'-');

    // The value is `mantissa * 10^(zeros - fraction + exponent)`. Zeros are counted in `zeros` until another digit follows,
    // so a million of them cost nothing and the mantissa has significant digits only.
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

/// The mantissa with the counted zeros and one more digit appended, if it then has at most 28 digits.
fn push(mantissa: i128, zeros: i64, digit: u8) -> Option<i128> {
    if mantissa == 0 {
        return Some(i128::from(digit - b'0'));
    }
    let shifted = shift(mantissa, u32::try_from(zeros.checked_add(1)?).ok()?)?;
    let wider = shifted.checked_add(i128::from(digit - b'0'))?;
    (wider < LIMIT).then_some(wider)
}

/// The text of an amount, made without an allocation: the shortest plain decimal, without exponent and trailing zeros.
///
/// ```
/// use ordercharge::Amount;
///
/// let amount: Amount = "1.50e3".parse()?;
/// assert_eq!(&*amount.text(), "1500");
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct AmountText {
    /// Space for 28 digits, a zero before the point, the point and the sign. It is filled from the end.
    bytes: [u8; 32],
    start: usize,
    decimals: usize,
}

impl AmountText {
    /// The text as bytes, which are ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// Writes the text with zeros up to a number of decimals.
    fn write(&self, least: usize, out: &mut impl Write) -> fmt::Result {
        const ZEROS: &str = ".0000";
        out.write_str(self)?;
        let zeros = least.saturating_sub(self.decimals);
        if zeros == 0 {
            return Ok(());
        }
        let start = usize::from(self.decimals > 0);
        match ZEROS.get(start..=zeros) {
            Some(few) => out.write_str(few),
            None => {
                out.write_str(if start == 0 { "." } else { "" })?;
                (0..zeros).try_for_each(|_| out.write_char('0'))
            }
        }
    }

    /// The text of an amount, without the zeros at its end. Zeros among the first `least` decimals stay.
    fn new(amount: Amount, least: u32) -> AmountText {
        const LOW_DIGITS: usize = 18;
        const LOW: u128 = 10_u128.pow(LOW_DIGITS as u32);
        if let Some(mantissa) = amount.small_mantissa() {
            return AmountText::small(mantissa, amount.scale(), least);
        }
        let (mantissa, scale) = strip(amount.0.mantissa(), amount.0.scale());
        // Two words are quicker to split into digits than one wide integer.
        let (mut high, mut low) = match mantissa.unsigned_abs() {
            small @ 0..LOW => (0, small as u64),
            large => ((large / LOW) as u64, (large % LOW) as u64),
        };
        let mut plain = AmountText { bytes: [b'0'; 32], start: 32, decimals: scale as usize };
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

    /// Like [`Self::new`], for digits that fit a word, as nearly all do.
    fn small(mantissa: i64, scale: u32, least: u32) -> AmountText {
        let (mut rest, mut decimals) = (mantissa.unsigned_abs(), scale);
        // Diagnoses calculate in millionths, of which most amounts need the first two digits.
        if decimals >= least + 4 && rest % 10_000 == 0 {
            (rest, decimals) = (rest / 10_000, decimals - 4);
        }
        if let Ok(short) = u32::try_from(rest)
            && short < 100_000_000
            && decimals < 8
        {
            return AmountText::short(short, decimals, least, mantissa < 0);
        }
        while decimals > least && rest % 10 == 0 {
            (rest, decimals) = (rest / 10, decimals - 1);
        }
        let mut plain = AmountText { bytes: [b'0'; 32], start: 32, decimals: decimals as usize };
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

    /// Like [`Self::small`], for up to eight digits and seven decimals: all digits are moved in one word.
    fn short(number: u32, scale: u32, least: u32, negative: bool) -> AmountText {
        const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
        let digits = eight_digits(number);
        let trailing = (digits.leading_zeros() / 8).min(scale.saturating_sub(least));
        let decimals = scale - trailing;
        let whole = (8 - digits.trailing_zeros() / 8).saturating_sub(scale).max(1);
        // The trailing zeros are dropped at the end, and others come in at the front.
        let shown = (digits << (8 * trailing)) | ZEROS;
        let mut plain = AmountText { bytes: [b'0'; 32], start: 32, decimals: decimals as usize };
        let [.., last] = &mut plain.bytes;
        if decimals == 0 {
            plain.put_word(24, shown);
        } else {
            // One byte further to the front, with the point between the whole digits and the decimals.
            let point = 8 * (8 - decimals);
            let front = shown & ((1 << point) - 1);
            let back = (shown << 8) & u64::MAX.checked_shl(point + 8).unwrap_or(0);
            *last = (shown >> 56) as u8;
            plain.put_word(23, front | u64::from(b'.') << point | back);
            plain.start -= decimals as usize + 1;
        }
        plain.start -= whole as usize;
        if negative {
            plain.push(b'-');
        }
        plain
    }

    fn put_word(&mut self, at: usize, word: u64) {
        if let Some(slot) = self.bytes.get_mut(at..at + 8) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
    }

    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.start -= 1;
        if let Some(slot) = self.bytes.get_mut(self.start) {
            *slot = byte;
        }
    }
}

/// The eight digits of a number below 10^8, the first one in the lowest byte. The halves of the number, of these, and so on
/// are divided at the same time.
fn eight_digits(number: u32) -> u64 {
    let number = u64::from(number);
    let halves = (number / 10_000) | (number % 10_000) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007F_0000_007F;
    let pairs = hundreds | (halves - hundreds * 100) << 16;
    let tens = ((pairs * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | (pairs - tens * 10) << 8
}

impl Deref for AmountText {
    type Target = str;

    fn deref(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// An amount in a sentence: with at least this number of decimals. Many decimals that are the trace of a binary float get
/// what was meant beside them.
#[derive(Clone, Copy)]
pub(crate) struct InWords {
    pub(crate) amount: Amount,
    /// `None` for the shortest text.
    pub(crate) decimals: Option<u32>,
}

/// The decimals of an amount that was a binary float: more than any amount is calculated with.
const DECIMALS_OF_FLOATS: u32 = 9;

impl Amount {
    /// What was meant by an amount that was calculated or sent as a binary float: `21794.38` for `21794.3800000000181`.
    /// `None` if it does not look like one.
    ///
    /// ```
    /// use ordercharge::Amount;
    ///
    /// let amount: Amount = "21794.3800000000181".parse()?;
    /// assert_eq!(amount.without_float_error(), Some("21794.38".parse()?));
    /// assert_eq!("30.666666666".parse::<Amount>()?.without_float_error(), None);
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn without_float_error(self) -> Option<Amount> {
        if self.decimals() < DECIMALS_OF_FLOATS {
            return None;
        }
        let meant = self.rounded(4, Rounding::HalfEven);
        let off = self.checked_sub(meant)?.abs();
        // A double holds about 16 digits, and an error may have grown in a few operations.
        (off <= Amount::new(1, 7)?).then_some(meant)
    }
}

impl InWords {
    pub(crate) fn write(self, out: &mut impl Write) -> fmt::Result {
        let InWords { amount, decimals } = self;
        let Some(least) = decimals else { return out.write_str(&amount.text()) };
        let text = AmountText::new(amount, least);
        text.write(least as usize, out)?;
        if text.decimals < DECIMALS_OF_FLOATS as usize {
            // Nearly every amount ends here: the check below is slower.
            return Ok(());
        }
        let Some(meant) = amount.without_float_error() else { return Ok(()) };
        out.write_str(" (about ")?;
        meant.text().write(least as usize, out)?;
        out.write_char(')')
    }
}

impl fmt::Display for InWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl fmt::Debug for AmountText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Display for Amount {
    /// The shortest plain decimal, without exponent and trailing zeros. The formatter's precision adds zeros.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.text();
        // The formatter would cut the text at its precision: padding by hand keeps every digit.
        let least = f.precision().unwrap_or(0);
        let zeros = least.saturating_sub(plain.decimals);
        let length = plain.len() + usize::from(zeros > 0 && plain.decimals == 0) + zeros;
        for _ in length..f.width().unwrap_or(0) {
            f.write_char(' ')?;
        }
        plain.write(least, f)
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

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
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

    /// Compares the short way to write an amount with the long one.
    #[test]
    fn short_amounts_are_written_as_all_others() {
        let mut numbers: Vec<u32> = (0..20_000).chain((1..=9_999).map(|number| number * 10_001)).collect();
        numbers.extend((0..8).flat_map(|power| (1..10_u32).map(move |digit| digit * 10_u32.pow(power))));
        numbers.extend((0..8).map(|power| 10_u32.pow(power) - 1).chain([99_999_999, 12_345_678, 90_000_009]));
        for number in numbers {
            for scale in 0..8 {
                for negative in [false, true] {
                    let (sign, shown) = (if negative { "-" } else { "" }, format!("{number:0>9}"));
                    let (whole, decimals) = shown.split_at(9 - scale as usize);
                    let whole = whole.trim_start_matches('0');
                    let text = format!("{sign}{}.{decimals}", if whole.is_empty() { "0" } else { whole });
                    let text = text.trim_end_matches('0').trim_end_matches('.');
                    let short = AmountText::short(number, scale, 0, negative);
                    for least in 0..=scale {
                        let zeros = (least as usize).saturating_sub(short.decimals);
                        let point = if zeros > 0 && short.decimals == 0 { "." } else { "" };
                        let kept = AmountText::short(number, scale, least, negative);
                        assert_eq!(&*kept, format!("{}{point}{}", &*short, "0".repeat(zeros)));
                    }
                    assert_eq!(&*short, if scale == 0 { text_of(number, negative) } else { text.to_owned() });
                    assert_eq!(short.decimals, text.find('.').map_or(0, |at| text.len() - at - 1));
                }
            }
        }
        assert_eq!(&*"-0.05".parse::<Amount>().unwrap().text(), "-0.05");
        assert_eq!(&*Amount::new(19_990_000, 6).unwrap().text(), "19.99");
        assert_eq!(&*Amount::new(1_234_567_890_000, 6).unwrap().text(), "1234567.89");
    }

    fn text_of(number: u32, negative: bool) -> String {
        format!("{}{number}", if negative { "-" } else { "" })
    }

    /// Compares both readers on every string of up to nine of these characters, and on what follows it.
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
                        // A second point follows it.
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
