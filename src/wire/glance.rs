//! A glance at an order: its plain amounts, in ten-thousandths, for the quick look, and what else it takes to make the
//! order of them. Whatever is not plain is left to the reader of orders.

use super::memo::{Memo, Names};
use super::names::Key;
use super::{Room, deeper, read_currency, read_text};
use crate::amount::Digits;
use crate::currency::Currency;
use crate::order::{Charge, Field, FieldSet, Items, Level, Line, Order};
use crate::scan::Scanner;

/// The amounts of an order, or what was seen of them.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    pub(crate) currency: Currency,
    pub(crate) header: Amounts,
    pub(crate) lines: Vec<Amounts>,
    /// Where these texts stand, if they do.
    cust_ref: Option<usize>,
    order_source: Option<usize>,
    /// How long the latter is.
    source_length: usize,
}

impl Sight {
    /// The JSON text of `order_source`, blanks before it perhaps included; empty where it is not there.
    #[cfg(feature = "bulk")]
    pub(crate) fn source<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let range = self.order_source.map(|start| start..start + self.source_length);
        range.and_then(|range| text.get(range)).unwrap_or_default()
    }

    /// Makes the order of what was seen in that text, the same as reading it again would give: unless there are no lines,
    /// or an amount stands under a name that is not its own.
    pub(super) fn make(&self, text: &[u8], order: &mut Order) -> Option<()> {
        let Sight { currency, header, lines, cust_ref, order_source, .. } = self;
        if lines.is_empty() || !header.meant.is_empty() || lines.iter().any(|line| !line.meant.is_empty()) {
            return None;
        }
        let Room { cust_ref: mut name, order_source: mut source, lines: mut room, .. } = Room::of(order);
        let read = |at: Option<usize>, room: &mut String| match at {
            Some(at) => read_text(&mut Scanner::new(text, at), 0, room).ok(),
            None => Some(None),
        };
        order.cust_ref = read(*cust_ref, &mut name)?;
        order.order_source = read(*order_source, &mut source)?;
        order.currency = currency.clone();
        header.put(Level::Header, |field, amount| order.get_mut(field).into_iter().for_each(|slot| *slot = amount))?;
        for amounts in lines {
            let mut line = Line { filtered: amounts.filtered, ..Line::default() };
            amounts
                .put(Level::Line, |field, amount| line.get_mut(field).into_iter().for_each(|slot| *slot = amount))?;
            room.push(line);
        }
        order.items = Items::Lines(room);
        Some(())
    }
}

/// The plain amounts of one object, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amounts {
    /// The fields that hold one.
    set: FieldSet,
    /// The fields that other names seem to mean.
    meant: FieldSet,
    /// Whether the line says that it is left out elsewhere.
    filtered: bool,
    amounts: [i64; 8],
    /// How many decimals each was written with.
    scales: [u8; 8],
}

// The fields of a level, which follow one another, have places of their own in the arrays.
const _: () = assert!(Level::Header.fields().len() <= 8 && Level::Line.fields().len() <= 8);

const MONEY: FieldSet = FieldSet::money();

/// The bytes of the fields of that level of which no more decimals are kept than the minor unit has.
const fn money(level: Level) -> u64 {
    let (mut bytes, mut rest) = (0, level.fields());
    while let [field, others @ ..] = rest {
        if MONEY.has(*field) {
            bytes |= 0xFF << (8 * (*field as u32 % 8));
        }
        rest = others;
    }
    bytes
}

impl Amounts {
    /// The amount of a field; 0 where it is unset.
    #[inline(always)]
    pub(crate) fn get(&self, field: Field) -> i64 {
        self.amounts.get(field as usize % self.amounts.len()).copied().unwrap_or_default()
    }

    /// The amount of a field that holds one.
    #[inline(always)]
    pub(crate) fn stated(&self, field: Field) -> Option<i64> {
        if self.set.has(field) { Some(self.get(field)) } else { None }
    }

    /// Whether the fields are set that amounts under other names seem to mean.
    #[inline(always)]
    pub(crate) fn are_named(&self) -> bool {
        self.meant.without(self.set).is_empty()
    }

    /// Whether one of those that are kept by the minor unit was written with more decimals than it has.
    #[inline(always)]
    pub(crate) fn exceed(&self, level: Level, decimals: u32) -> bool {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let money = match level {
            Level::Header => const { money(Level::Header) },
            Level::Line => const { money(Level::Line) },
        };
        // None is written with more than 18: what exceeds sets the highest bit of its byte, and no other.
        (u64::from_le_bytes(self.scales) & money).wrapping_add((0x7F - u64::from(decimals)) * ONES) & (0x80 * ONES) != 0
    }

    /// Whether all that are kept by the minor unit are multiples of it.
    pub(crate) fn are_multiples(&self, unit: i64) -> bool {
        self.set.and(MONEY).iter().all(|field| self.get(field) % unit == 0)
    }

    /// Puts the amounts into an object of that level, as they were written.
    fn put(&self, level: Level, mut put: impl FnMut(Field, Charge)) -> Option<()> {
        for field in level.fields().iter().copied() {
            if let Some(amount) = self.stated(field) {
                let scale = self.scales.get(field as usize % 8).copied().unwrap_or_default();
                put(field, Digits::of_ten_thousandths(amount, scale.into())?.into());
            }
        }
        Some(())
    }

    /// Reads what a field holds, if that is a plain amount of 0 or more, or `null`, and there for the first time.
    #[inline(always)]
    fn read(&mut self, scan: &mut Scanner<'_>, field: Field, seen: &mut FieldSet) -> Option<()> {
        if !seen.add(field) {
            return None;
        }
        match scan.plain_digits() {
            Some(digits) => {
                *self.amounts.get_mut(field as usize % 8)? = digits.ten_thousandths()?;
                *self.scales.get_mut(field as usize % 8)? = digits.scale as u8;
                self.set.add(field);
                Some(())
            }
            None => scan.null(),
        }
    }
}

/// Reads an object, whose `{` is next, as an order of plain amounts. `None` says nothing of it: then it is to be read from
/// its start.
pub(super) fn glance(
    scan: &mut Scanner<'_>,
    depth: u32,
    most_lines: usize,
    memo: &mut Memo,
    sight: &mut Sight,
) -> Option<()> {
    let Sight { currency, header, lines, cust_ref, order_source, source_length } = sight;
    (*cust_ref, *order_source) = (None, None);
    let like = core::mem::take(currency);
    *header = Amounts::default();
    lines.clear();
    let mut trail = memo.header.start();
    let mut seen = FieldSet::default();
    let depth = deeper(scan, depth).ok()?;
    while let Some((key, _)) = memo.header.next(Level::Header, scan, &mut trail).ok()? {
        match key {
            Key::Charge(field) => header.read(scan, field, &mut seen)?,
            Key::Items if lines.is_empty() => read_lines(scan, depth, most_lines, lines, &mut memo.lines)?,
            Key::CurrencyCode => *currency = read_currency(scan, depth, &like).ok()?,
            Key::Meant(field) => {
                header.meant.add(field);
                scan.skip_value(depth).ok()?;
            }
            Key::CustRef => *cust_ref = Some(pass_text(scan, depth)?),
            Key::OrderSource => {
                let start = pass_text(scan, depth)?;
                (*order_source, *source_length) = (Some(start), scan.at() - start);
            }
            // Where there are lines, they are nowhere else.
            Key::ItemsElsewhere | Key::FilteredSku | Key::Other => scan.skip_value(depth).ok()?,
            Key::Items | Key::Orders | Key::Response | Key::SuccessCode | Key::ErrorCode => return None,
        }
    }
    Some(())
}

/// Skips a value: where it stands, blanks before it included.
#[inline(always)]
fn pass_text(scan: &mut Scanner<'_>, depth: u32) -> Option<usize> {
    let start = scan.at();
    scan.skip_value(depth).ok()?;
    Some(start)
}

fn read_lines(
    scan: &mut Scanner<'_>,
    depth: u32,
    most: usize,
    lines: &mut Vec<Amounts>,
    names: &mut Names,
) -> Option<()> {
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
        if scan.peek().ok()? != b'{' || lines.len() >= most {
            return None;
        }
        lines.push(Amounts::default());
        read_line(scan, depth, lines.last_mut()?, names)?;
        more = scan.more_in_array().ok()?;
    }
    Some(())
}

fn read_line(scan: &mut Scanner<'_>, depth: u32, line: &mut Amounts, names: &mut Names) -> Option<()> {
    let mut trail = names.start();
    let mut seen = FieldSet::default();
    let depth = deeper(scan, depth).ok()?;
    while let Some((key, _)) = names.next(Level::Line, scan, &mut trail).ok()? {
        match key {
            Key::Charge(field) => line.read(scan, field, &mut seen)?,
            Key::Meant(field) => {
                line.meant.add(field);
                scan.skip_value(depth).ok()?;
            }
            Key::FilteredSku => {
                let start = pass_text(scan, depth)?;
                match scan.since(start).trim_ascii_start() {
                    escaped if escaped.contains(&b'\\') => return None,
                    text => line.filtered = text == br#""Y""#,
                }
            }
            _ => scan.skip_value(depth).ok()?,
        }
    }
    Some(())
}
