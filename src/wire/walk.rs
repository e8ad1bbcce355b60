//! The walk over the bytes of an order. It alone decides what becomes of each key; a sink keeps what it wants of the values.
//!
//! There are two sinks: one makes an `Order` (`full.rs`), one keeps only plain amounts for the fast path (`plain.rs`) and
//! gives up where anything else comes. The walk is compiled for each of them, so neither pays for the other.

use super::TOO_MANY_LINES;
use super::key_cache::{KeyCache, Keys};
use super::names::Key;
use crate::order::{Field, FieldSet, Level};
use crate::scan::{Halt, MAX_DEPTH, Scan, Scanner, TOO_DEEP, Text};

/// Receives the members of an object of the text `'t`. For each of them, the scanner is at the value, and the sink reads it.
pub(super) trait Sink<'t> {
    /// Why reading stops.
    type Stop: From<Halt>;

    /// A charge field. From the second time on it is not the first.
    fn charge(&mut self, scan: &mut Scanner<'t>, depth: u32, field: Field, first: bool) -> Result<(), Self::Stop>;

    /// A field under another name.
    fn misnamed(&mut self, scan: &mut Scanner<'t>, depth: u32, means: Field, name: Text<'t>) -> Result<(), Self::Stop>;
}

/// Receives the members of a line.
pub(super) trait LineSink<'t>: Sink<'t> {
    fn filtered_sku(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
}

/// Receives the members of an order.
pub(super) trait OrderSink<'t>: Sink<'t> {
    type Line: LineSink<'t, Stop = Self::Stop>;
    /// What was read.
    type Read;

    fn cust_ref(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
    fn order_source(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
    fn currency_code(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;

    /// `items` is an array, and its entries follow.
    fn begin_lines(&mut self);
    /// A place for the next line; `None` if there is none.
    fn line(&mut self) -> Option<&mut Self::Line>;
    /// An entry of `items` that is not an object.
    fn not_a_line(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
    /// `items` is not an array.
    fn not_lines(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
    /// `items` is there again.
    fn second_items(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Result<(), Self::Stop>;
    /// Another name that seems to mean `items`.
    fn items_elsewhere(&mut self, scan: &mut Scanner<'t>, depth: u32, name: Text<'t>) -> Result<(), Self::Stop>;

    /// A key of an object that wraps orders. `own` says whether a field of an order came before. Ends the walk by what it
    /// returns.
    fn wrapper(
        &mut self,
        scan: &mut Scanner<'t>,
        depth: u32,
        key: Key,
        own: bool,
    ) -> Result<Option<Self::Read>, Self::Stop>;

    /// The object has ended.
    fn end(&mut self, scan: &mut Scanner<'t>, own: bool) -> Self::Read;
}

/// Walks an object, whose `{` is next.
#[inline(always)]
pub(super) fn walk_order<'t, S: OrderSink<'t>>(
    scan: &mut Scanner<'t>,
    depth: u32,
    most_lines: usize,
    cache: &mut KeyCache,
    sink: &mut S,
) -> Result<S::Read, S::Stop> {
    let mut trail = cache.header.start();
    let mut seen = FieldSet::default();
    let mut seen_items = false;
    let mut own = false;
    let depth = deeper(scan, depth)?;
    while let Some((key, name)) = cache.header.next(Level::Header, scan, &mut trail)? {
        own |= key.is_of_orders();
        match key {
            Key::Charge(field) => sink.charge(scan, depth, field, seen.add(field))?,
            Key::Items if seen_items => sink.second_items(scan, depth)?,
            Key::Items => {
                seen_items = true;
                walk_items(scan, depth, most_lines, &mut cache.lines, sink)?;
            }
            Key::CustRef => sink.cust_ref(scan, depth)?,
            Key::OrderSource => sink.order_source(scan, depth)?,
            Key::CurrencyCode => sink.currency_code(scan, depth)?,
            Key::Meant(field) => sink.misnamed(scan, depth, field, name)?,
            Key::ItemsElsewhere => sink.items_elsewhere(scan, depth, name)?,
            Key::Orders | Key::Response | Key::SuccessCode | Key::ErrorCode => {
                if let Some(read) = sink.wrapper(scan, depth, key, own)? {
                    return Ok(read);
                }
            }
            Key::FilteredSku | Key::Other => scan.skip_value(depth)?,
        }
    }
    Ok(sink.end(scan, own))
}

fn walk_items<'t, S: OrderSink<'t>>(
    scan: &mut Scanner<'t>,
    depth: u32,
    most: usize,
    keys: &mut Keys,
    sink: &mut S,
) -> Result<(), S::Stop> {
    if scan.peek()? != b'[' {
        return sink.not_lines(scan, depth);
    }
    let depth = deeper(scan, depth)?;
    let mut more = scan.open_array()?;
    sink.begin_lines();
    let mut count = 0;
    while more {
        let first = scan.peek()?;
        if count >= most {
            return Err(Halt::Bad(TOO_MANY_LINES).into());
        }
        count += 1;
        if first == b'{'
            && let Some(line) = sink.line()
        {
            walk_line(scan, depth, line, keys)?;
        } else {
            sink.not_a_line(scan, depth)?;
        }
        more = scan.more_in_array()?;
    }
    Ok(())
}

fn walk_line<'t, S: LineSink<'t>>(
    scan: &mut Scanner<'t>,
    depth: u32,
    sink: &mut S,
    keys: &mut Keys,
) -> Result<(), S::Stop> {
    let mut trail = keys.start();
    let mut seen = FieldSet::default();
    let depth = deeper(scan, depth)?;
    while let Some((key, name)) = keys.next(Level::Line, scan, &mut trail)? {
        match key {
            Key::Charge(field) => sink.charge(scan, depth, field, seen.add(field))?,
            Key::FilteredSku => sink.filtered_sku(scan, depth)?,
            Key::Meant(field) => sink.misnamed(scan, depth, field, name)?,
            _ => scan.skip_value(depth)?,
        }
    }
    Ok(())
}

/// Checks that one more level may be opened.
fn deeper(scan: &Scanner<'_>, depth: u32) -> Scan<u32> {
    if depth >= MAX_DEPTH { scan.bad(TOO_DEEP) } else { Ok(depth + 1) }
}
