//! The sink of the fast path: the plain amounts of an order, in ten-thousandths, and what else is needed to make an `Order`
//! from them. Anything that is not plain is left to the full sink. Both must give the same order for the same text:
//! `tests/it/bulk.rs` and the fuzz target `bulk` compare them.

use super::full::Room;
use super::key_cache::KeyCache;
use super::names::Key;
use super::walk::{LineSink, OrderSink, Sink, walk_order};
use super::{read_currency, read_text};
use crate::amount::Digits;
use crate::currency::Currency;
use crate::locate::{FieldStarts, Starts};
use crate::order::{Charge, Field, FieldSet, Items, Level, Line, Misnamed, Order};
use crate::scan::{Halt, Scan, Scanner, Text};

/// The plain amounts of an order, as far as they were read.
#[derive(Debug, Default)]
pub(crate) struct PlainOrder {
    /// Where the order begins.
    start: usize,
    pub(crate) currency: Currency,
    pub(crate) header: Amounts,
    pub(crate) lines: Vec<Amounts>,
    /// Where the values of these fields are, if they are there.
    cust_ref: Option<usize>,
    order_source: Option<usize>,
    /// The length of the latter.
    source_length: usize,
    /// The currency of the order before, which is usually the same.
    last_currency: Currency,
}

impl PlainOrder {
    /// The JSON text of `order_source`, which may include the blanks before it; empty if it is not there.
    pub(crate) fn source<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let range = self.order_source.map(|start| start..start + self.source_length);
        range.and_then(|range| text.get(range)).unwrap_or_default()
    }

    /// Makes the order from the amounts, equal to the one that the full reader gives for this text, and says where they are. Not
    /// possible if there are no lines, or if an amount is misnamed.
    pub(super) fn make(&self, text: &[u8], order: &mut Order, starts: &mut Starts) -> Option<()> {
        let PlainOrder { start, currency, header, lines, cust_ref, order_source, .. } = self;
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
        if let (Ok(start), Ok(_)) = (u32::try_from(*start), u32::try_from(text.len())) {
            let moved = |starts: &FieldStarts| starts.map(|at| at.saturating_sub(start));
            starts.header = moved(&header.starts);
            starts.lines.extend(lines.iter().map(|line| moved(&line.starts)));
        }
        Some(())
    }
}

/// The plain amounts of one object, in ten-thousandths.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Amounts {
    /// The fields that hold an amount.
    set: FieldSet,
    /// The fields that misnamed amounts seem to mean.
    meant: FieldSet,
    /// Whether the line has `filtered_sku` "Y".
    filtered: bool,
    amounts: [i64; 8],
    /// The number of decimals that each was written with.
    scales: [u8; 8],
    /// Where the values begin; 0 for a field that is not there.
    starts: FieldStarts,
}

// The fields of a level follow one another and have different indices in the arrays.
const _: () = assert!(Level::Header.fields().len() <= 8 && Level::Line.fields().len() <= 8);

const MONEY: FieldSet = FieldSet::money();

/// A mask with the bytes of the fields of this level that are kept with the decimals of the minor unit.
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
    /// Takes the amounts of the header of an order in memory. Returns whether they are plain.
    #[inline(always)]
    pub(crate) fn take_header(&mut self, order: &Order) -> bool {
        self.take(&order.misnamed, |amounts| order.all(|field, charge| amounts.take_charge(field, charge)))
    }

    /// Takes the amounts of a line of an order in memory. Returns whether they are plain.
    #[inline(always)]
    pub(crate) fn take_line(&mut self, line: &Line) -> bool {
        line.not_an_object.is_none()
            && self.take(&line.misnamed, |amounts| line.all(|field, charge| amounts.take_charge(field, charge)))
    }

    #[inline(always)]
    fn take(&mut self, misnamed: &[Misnamed], take_charges: impl FnOnce(&mut Amounts) -> bool) -> bool {
        *self = Amounts::default();
        self.meant = misnamed.iter().map(|misnamed| misnamed.means).collect();
        take_charges(self)
    }

    #[inline(always)]
    fn take_charge(&mut self, field: Field, charge: &Charge) -> bool {
        if let Charge::Amount(amount) = charge {
            Digits::of(*amount).and_then(|digits| self.put_digits(field, digits)).is_some()
        } else {
            *charge == Charge::Unset
        }
    }

    #[inline(always)]
    fn put_digits(&mut self, field: Field, digits: Digits) -> Option<()> {
        *self.amounts.get_mut(field as usize % 8)? = digits.ten_thousandths()?;
        *self.scales.get_mut(field as usize % 8)? = digits.scale as u8;
        self.set.add(field);
        Some(())
    }

    /// The fields that hold an amount.
    #[inline(always)]
    pub(crate) fn set(&self) -> FieldSet {
        self.set
    }

    /// The amount of a field; 0 if it is unset.
    #[inline(always)]
    pub(crate) fn get(&self, field: Field) -> i64 {
        self.amounts.get(field as usize % self.amounts.len()).copied().unwrap_or_default()
    }

    /// The amount of a field that holds one.
    #[inline(always)]
    pub(crate) fn stated(&self, field: Field) -> Option<i64> {
        if self.set.has(field) { Some(self.get(field)) } else { None }
    }

    /// Whether one of these fields holds an amount.
    #[inline(always)]
    pub(crate) fn state(&self, fields: FieldSet) -> bool {
        !self.set.and(fields).is_empty()
    }

    /// Whether every field that a misnamed amount seems to mean is set.
    #[inline(always)]
    pub(crate) fn are_named(&self) -> bool {
        self.meant.without(self.set).is_empty()
    }

    /// Whether an amount that is kept with the decimals of the minor unit was written with more.
    #[inline(always)]
    pub(crate) fn exceed(&self, level: Level, decimals: u32) -> bool {
        const ONES: u64 = 0x0101_0101_0101_0101;
        let money = match level {
            Level::Header => const { money(Level::Header) },
            Level::Line => const { money(Level::Line) },
        };
        // None has more than 28 decimals, so a byte that exceeds the limit only sets its own highest bit.
        (u64::from_le_bytes(self.scales) & money).wrapping_add((0x7F - u64::from(decimals)) * ONES) & (0x80 * ONES) != 0
    }

    /// Whether all amounts that are kept with the decimals of the minor unit are multiples of it.
    pub(crate) fn are_multiples(&self, unit: i64) -> bool {
        self.set.and(MONEY).iter().all(|field| self.get(field) % unit == 0)
    }

    /// Puts the amounts into an object of this level, with the decimals that they were written with.
    fn put(&self, level: Level, mut put: impl FnMut(Field, Charge)) -> Option<()> {
        for field in level.fields().iter().copied() {
            if let Some(amount) = self.stated(field) {
                let scale = self.scales.get(field as usize % 8).copied().unwrap_or_default();
                put(field, Digits::of_ten_thousandths(amount, scale.into())?.into());
            }
        }
        Some(())
    }

    #[inline(always)]
    fn read(&mut self, scan: &mut Scanner<'_>, field: Field) -> Option<()> {
        *self.starts.get_mut(field as usize % 8)? = scan.at() as u32;
        match scan.plain_digits() {
            Some(digits) => self.put_digits(field, digits),
            None => scan.null(),
        }
    }
}

/// Reads an object, whose `{` is next, as an order of plain amounts. If it may be anything else, the full reader must read it
/// from its start.
pub(super) fn read(
    scan: &mut Scanner<'_>,
    depth: u32,
    most_lines: usize,
    cache: &mut KeyCache,
    plain: &mut PlainOrder,
) -> Plain<()> {
    plain.start = scan.at();
    plain.last_currency = core::mem::take(&mut plain.currency);
    (plain.cust_ref, plain.order_source) = (None, None);
    plain.header = Amounts::default();
    plain.lines.clear();
    walk_order(scan, depth, most_lines, cache, plain)
}

/// Why the fast path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end before the order does.
    Short,
    /// The full reader must read the order.
    NotPlain,
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Stop {
        match halt {
            Halt::Short => Stop::Short,
            Halt::Bad(_) => Stop::NotPlain,
        }
    }
}

type Plain<T> = Result<T, Stop>;

impl<'t> Sink<'t> for PlainOrder {
    type Stop = Stop;

    #[inline(always)]
    fn charge(&mut self, scan: &mut Scanner<'t>, depth: u32, field: Field, first: bool) -> Plain<()> {
        self.header.charge(scan, depth, field, first)
    }

    fn misnamed(&mut self, scan: &mut Scanner<'t>, depth: u32, means: Field, name: Text<'t>) -> Plain<()> {
        self.header.misnamed(scan, depth, means, name)
    }
}

impl<'t> OrderSink<'t> for PlainOrder {
    type Line = Amounts;
    type Read = ();

    #[inline(always)]
    fn cust_ref(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Plain<()> {
        self.cust_ref = Some(pass_text(scan, depth)?);
        Ok(())
    }

    #[inline(always)]
    fn order_source(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Plain<()> {
        let start = pass_text(scan, depth)?;
        (self.order_source, self.source_length) = (Some(start), scan.at() - start);
        Ok(())
    }

    fn currency_code(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Plain<()> {
        self.currency = read_currency(scan, depth, &self.last_currency)?;
        Ok(())
    }

    fn begin_lines(&mut self) {}

    #[inline(always)]
    fn line(&mut self) -> Option<&mut Amounts> {
        self.lines.push(Amounts::default());
        self.lines.last_mut()
    }

    fn not_a_line(&mut self, _: &mut Scanner<'t>, _: u32) -> Plain<()> {
        Err(Stop::NotPlain)
    }

    fn not_lines(&mut self, _: &mut Scanner<'t>, _: u32) -> Plain<()> {
        Err(Stop::NotPlain)
    }

    fn second_items(&mut self, _: &mut Scanner<'t>, _: u32) -> Plain<()> {
        Err(Stop::NotPlain)
    }

    fn items_elsewhere(&mut self, scan: &mut Scanner<'t>, depth: u32, _: Text<'t>) -> Plain<()> {
        // An order without lines is not accepted, and with lines no other field can hold them.
        Ok(scan.skip_value(depth)?)
    }

    fn wrapper(&mut self, _: &mut Scanner<'t>, _: u32, _: Key, _: bool) -> Plain<Option<()>> {
        Err(Stop::NotPlain)
    }

    fn end(&mut self, _: &mut Scanner<'t>, _: bool) {}
}

impl<'t> Sink<'t> for Amounts {
    type Stop = Stop;

    /// Reads a plain amount of 0 or more, or `null`.
    #[inline(always)]
    fn charge(&mut self, scan: &mut Scanner<'t>, depth: u32, field: Field, first: bool) -> Plain<()> {
        if !first {
            return Err(Stop::NotPlain);
        }
        self.read(scan, field).ok_or_else(|| stop_at(scan, depth))
    }

    fn misnamed(&mut self, scan: &mut Scanner<'t>, depth: u32, means: Field, _: Text<'t>) -> Plain<()> {
        self.meant.add(means);
        Ok(scan.skip_value(depth)?)
    }
}

impl<'t> LineSink<'t> for Amounts {
    fn filtered_sku(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Plain<()> {
        let start = pass_text(scan, depth)?;
        match scan.since(start).trim_ascii_start() {
            escaped if escaped.contains(&b'\\') => Err(Stop::NotPlain),
            text => {
                self.filtered = text == br#""Y""#;
                Ok(())
            }
        }
    }
}

/// Why a value was not read.
#[cold]
fn stop_at(scan: &Scanner<'_>, depth: u32) -> Stop {
    match scan.clone().skip_value(depth) {
        Err(Halt::Short) => Stop::Short,
        _ => Stop::NotPlain,
    }
}

/// Skips a value and returns its place, including the blanks before it.
#[inline(always)]
fn pass_text(scan: &mut Scanner<'_>, depth: u32) -> Scan<usize> {
    let start = scan.at();
    scan.skip_value(depth)?;
    Ok(start)
}
