//! A glance at an order: nothing but its plain amounts, in ten-thousandths, for the quick look. Whatever is not plain is left
//! to the reader of orders.

use super::memo::{Memo, Names};
use super::names::Key;
use super::{Seen, deeper, read_currency};
use crate::currency::Currency;
use crate::order::{Field, Level};
use crate::scan::Scanner;

/// The amounts of an order, or what was seen of them.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    pub(crate) currency: Currency,
    pub(crate) header: Amounts,
    pub(crate) lines: Vec<Amounts>,
}

/// The plain amounts of one object, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amounts {
    /// A bit for each field that holds one.
    set: u32,
    /// A bit for each field that another name seems to mean.
    meant: u32,
    /// The most decimals one of those was written with of which no more are kept than the minor unit has.
    pub(crate) decimals: u32,
    amounts: [i64; 8],
}

// The fields of a level have places of their own in the array.
const _: () = assert!(Field::Balance as usize <= 5 && Field::ExtendedAmount as usize - Field::Quantity as usize <= 7);

/// A bit for each field of which no more decimals are kept than the minor unit has.
const MONEY: u32 = {
    let (mut bits, mut rest) = (0, Field::ALL);
    while let [field, others @ ..] = rest {
        if matches!(field.kept(), crate::order::Kept::MinorUnit) {
            bits |= 1 << *field as u32;
        }
        rest = others;
    }
    bits
};

impl Amounts {
    /// The amount of a field; 0 where it is unset.
    #[inline(always)]
    pub(crate) fn get(&self, field: Field) -> i64 {
        self.amounts.get(field as usize % self.amounts.len()).copied().unwrap_or_default()
    }

    /// The amount of a field that holds one.
    #[inline(always)]
    pub(crate) fn stated(&self, field: Field) -> Option<i64> {
        if self.set & 1 << field as u32 == 0 { None } else { Some(self.get(field)) }
    }

    /// Whether the fields are set that amounts under other names seem to mean.
    #[inline(always)]
    pub(crate) fn are_named(&self) -> bool {
        self.meant & !self.set == 0
    }

    /// Whether all that are kept by the minor unit are multiples of it.
    pub(crate) fn are_multiples(&self, unit: i64) -> bool {
        Field::ALL.iter().all(|field| MONEY & self.set & 1 << *field as u32 == 0 || self.get(*field) % unit == 0)
    }

    /// Reads what a field holds, if that is a plain amount of 0 or more, or `null`, and there for the first time.
    #[inline(always)]
    fn read(&mut self, scan: &mut Scanner<'_>, field: Field, seen: &mut Seen) -> Option<()> {
        let bit = 1 << field as u32;
        if !seen.first(field) {
            return None;
        }
        match scan.plain_digits() {
            Some(digits) => {
                *self.amounts.get_mut(field as usize % 8)? = digits.ten_thousandths()?;
                self.set |= bit;
                if MONEY & bit != 0 {
                    self.decimals = self.decimals.max(digits.scale);
                }
                Some(())
            }
            None => scan.null(),
        }
    }
}

/// Reads an object, whose `{` is next, as an order of plain amounts. `None` says nothing of it: then it is to be read from
/// its start.
pub(super) fn glance(scan: &mut Scanner<'_>, depth: u32, memo: &mut Memo, sight: &mut Sight) -> Option<()> {
    let Sight { currency, header, lines } = sight;
    let like = core::mem::take(currency);
    *header = Amounts::default();
    lines.clear();
    let mut trail = memo.header.start();
    let mut seen = Seen::default();
    let depth = deeper(scan, depth).ok()?;
    while let Some((key, _)) = memo.header.next(Level::Header, scan, &mut trail).ok()? {
        match key {
            Key::Charge(field) => header.read(scan, field, &mut seen)?,
            Key::Items if lines.is_empty() => read_lines(scan, depth, lines, &mut memo.lines)?,
            Key::CurrencyCode => *currency = read_currency(scan, depth, &like).ok()?,
            Key::Meant(field) => {
                header.meant |= 1 << field as u32;
                scan.skip_value(depth).ok()?;
            }
            Key::CustRef | Key::OrderSource | Key::FilteredSku | Key::Other => scan.skip_value(depth).ok()?,
            Key::Items | Key::Orders | Key::Response | Key::SuccessCode | Key::ErrorCode => return None,
        }
    }
    Some(())
}

fn read_lines(scan: &mut Scanner<'_>, depth: u32, lines: &mut Vec<Amounts>, names: &mut Names) -> Option<()> {
    if scan.peek().ok()? != b'[' {
        return None;
    }
    let depth = deeper(scan, depth).ok()?;
    let mut more = scan.open_array().ok()?;
    // An order without lines is no clean one.
    if !more {
        return None;
    }
    while more {
        if scan.peek().ok()? != b'{' {
            return None;
        }
        read_line(scan, depth, lines.push_mut(Amounts::default()), names)?;
        more = scan.more_in_array().ok()?;
    }
    Some(())
}

fn read_line(scan: &mut Scanner<'_>, depth: u32, line: &mut Amounts, names: &mut Names) -> Option<()> {
    let mut trail = names.start();
    let mut seen = Seen::default();
    let depth = deeper(scan, depth).ok()?;
    while let Some((key, _)) = names.next(Level::Line, scan, &mut trail).ok()? {
        match key {
            Key::Charge(field) => line.read(scan, field, &mut seen)?,
            Key::Meant(field) => {
                line.meant |= 1 << field as u32;
                scan.skip_value(depth).ok()?;
            }
            _ => scan.skip_value(depth).ok()?,
        }
    }
    Some(())
}
