//! The sink that makes an `Order`: every field, from its exact text.

use super::names::Key;
use super::walk::{LineSink, OrderSink, Sink};
use super::{Shape, found, make_duplicate, read_currency, read_text};
use crate::currency::Currency;
use crate::order::{Charge, Field, Found, Items, Line, Misnamed, Order, Unusable};
use crate::scan::{Halt, Scan, Scanner, Text};

/// The memory of an order that was read before, to be used again.
pub(super) struct Room {
    pub(super) cust_ref: String,
    pub(super) order_source: String,
    currency: Currency,
    pub(super) lines: Vec<Line>,
}

impl Room {
    /// Empties the order.
    pub(super) fn of(order: &mut Order) -> Room {
        let Order { cust_ref, order_source, currency, items, .. } = core::mem::take(order);
        let mut lines = match items {
            Items::Lines(lines) => lines,
            _ => Vec::new(),
        };
        lines.clear();
        Room { cust_ref: cust_ref.unwrap_or_default(), order_source: order_source.unwrap_or_default(), currency, lines }
    }
}

/// Makes an order. With `envelope`, the object may also be a container of orders: an object that wraps orders has no field of
/// an order before them. Within an array every object is an order, or an error reply.
pub(super) struct Full<'o, 't> {
    order: &'o mut Order,
    room: Room,
    envelope: bool,
    /// The end of the lookahead.
    horizon: Option<usize>,
    /// `success_code`, if it was read.
    success: Option<bool>,
    /// The scanner at the orders of the first `response`.
    response: Option<Scanner<'t>>,
    error_code: Option<String>,
}

impl<'o, 't> Full<'o, 't> {
    pub(super) fn new(order: &'o mut Order, envelope: bool, horizon: Option<usize>) -> Full<'o, 't> {
        let room = Room::of(order);
        Full { order, room, envelope, horizon, success: None, response: None, error_code: None }
    }
}

impl<'t> Sink<'t> for Full<'_, 't> {
    type Stop = Halt;

    #[inline(always)]
    fn charge(&mut self, scan: &mut Scanner<'t>, depth: u32, field: Field, first: bool) -> Scan<()> {
        read_field(scan, depth, self.order.get_mut(field), first)
    }

    fn misnamed(&mut self, scan: &mut Scanner<'t>, depth: u32, means: Field, name: Text<'t>) -> Scan<()> {
        read_misnamed(scan, depth, means, name, &mut self.order.misnamed)
    }
}

impl<'t> OrderSink<'t> for Full<'_, 't> {
    type Line = Line;
    type Read = Shape;

    fn cust_ref(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.order.cust_ref = read_text(scan, depth, &mut self.room.cust_ref)?;
        Ok(())
    }

    fn order_source(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.order.order_source = read_text(scan, depth, &mut self.room.order_source)?;
        Ok(())
    }

    fn currency_code(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.order.currency = read_currency(scan, depth, &self.room.currency)?;
        Ok(())
    }

    fn begin_lines(&mut self) {
        self.order.items = Items::Lines(core::mem::take(&mut self.room.lines));
    }

    #[inline(always)]
    fn line(&mut self) -> Option<&mut Line> {
        let Items::Lines(lines) = &mut self.order.items else { return None };
        lines.push(Line::default());
        lines.last_mut()
    }

    fn not_a_line(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        let found = read_found(scan, depth)?;
        if let Some(line) = self.line() {
            line.not_an_object = Some(found);
        }
        Ok(())
    }

    fn not_lines(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.order.items = match read_found(scan, depth)? {
            Found::Null => Items::Unset,
            found => Items::Unusable(Unusable::NotAmount(found)),
        };
        Ok(())
    }

    fn second_items(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.order.items = Items::Unusable(Unusable::Duplicate);
        scan.skip(depth).map(|_| ())
    }

    fn items_elsewhere(&mut self, scan: &mut Scanner<'t>, depth: u32, name: Text<'t>) -> Scan<()> {
        scan.peek()?;
        if holds_objects(scan.skip(depth)?) {
            self.order.items_elsewhere.get_or_insert_with(|| name.decode().into_owned());
        }
        Ok(())
    }

    fn wrapper(&mut self, scan: &mut Scanner<'t>, depth: u32, key: Key, own: bool) -> Scan<Option<Shape>> {
        match key {
            Key::Orders if self.envelope && !own && self.success != Some(false) && scan.peek()? == b'[' => {
                return Ok(Some(Shape::Orders { passed: self.response.is_some() }));
            }
            // What a failed reply holds is no order, however long it is.
            Key::Response
                if self.envelope && !own && self.success != Some(false) && matches!(scan.peek()?, b'{' | b'[') =>
            {
                if self.success == Some(true) {
                    // Of two, the first one is read; the second one is found behind it.
                    *scan = self.response.take().unwrap_or_else(|| scan.clone());
                    return Ok(Some(Shape::Response));
                }
                let at_response = scan.clone();
                if is_long_list(scan, depth, self.horizon)? {
                    *scan = at_response;
                    return Ok(Some(Shape::LongList));
                }
                self.response.get_or_insert(at_response);
            }
            // Within a list this is an order with such a field, unless it is as long as only a list of orders can be.
            Key::Orders | Key::Response
                if !self.envelope && !own && self.success != Some(false) && self.horizon.is_some() =>
            {
                scan.peek()?;
                let at_list = scan.clone();
                if is_long_list(scan, depth, self.horizon)? {
                    *scan = at_list;
                    return Ok(Some(Shape::LongList));
                }
            }
            Key::SuccessCode => {
                scan.peek()?;
                self.success = Some(scan.skip(depth)? != b"false");
            }
            Key::ErrorCode => self.error_code = read_text(scan, depth, &mut String::new())?,
            _ => scan.skip_value(depth)?,
        }
        Ok(None)
    }

    fn end(&mut self, scan: &mut Scanner<'t>, own: bool) -> Shape {
        if !self.order.has_no_items() {
            self.order.items_elsewhere = None;
        }
        match (self.success, self.response.take()) {
            (Some(false), _) => Shape::ErrorReply(self.error_code.take()),
            (Some(true), Some(at_response)) if !own => {
                *scan = at_response;
                Shape::Response
            }
            _ => Shape::Order,
        }
    }
}

impl<'t> Sink<'t> for Line {
    type Stop = Halt;

    #[inline(always)]
    fn charge(&mut self, scan: &mut Scanner<'t>, depth: u32, field: Field, first: bool) -> Scan<()> {
        read_field(scan, depth, self.get_mut(field), first)
    }

    fn misnamed(&mut self, scan: &mut Scanner<'t>, depth: u32, means: Field, name: Text<'t>) -> Scan<()> {
        read_misnamed(scan, depth, means, name, &mut self.misnamed)
    }
}

impl<'t> LineSink<'t> for Line {
    fn filtered_sku(&mut self, scan: &mut Scanner<'t>, depth: u32) -> Scan<()> {
        self.filtered = read_text(scan, depth, &mut String::new())?.as_deref() == Some("Y");
        Ok(())
    }
}

/// Reads a charge to its place. From the second time on the field is unusable, because parsers differ on which one counts.
#[inline(always)]
fn read_field(scan: &mut Scanner<'_>, depth: u32, slot: Option<&mut Charge>, first: bool) -> Scan<()> {
    let Some(slot) = slot else { return scan.skip_value(depth) };
    read_charge(scan, depth, slot)?;
    if !first {
        make_duplicate(slot);
    }
    Ok(())
}

/// Reads a charge field directly to its place: copying it would be the slowest part.
#[inline(always)]
fn read_charge(scan: &mut Scanner<'_>, depth: u32, slot: &mut Charge) -> Scan<()> {
    match scan.plain_amount() {
        Some(amount) => *slot = Charge::Amount(amount),
        None => read_odd_charge(scan, depth, slot)?,
    }
    Ok(())
}

/// The slow path: reads a value that is not written as nearly all amounts are.
#[inline(never)]
fn read_odd_charge(scan: &mut Scanner<'_>, depth: u32, slot: &mut Charge) -> Scan<()> {
    *slot = match scan.peek()? {
        b'"' => Charge::from_utf8(&scan.string()?.bytes()),
        b'-' | b'0'..=b'9' => Charge::from_utf8(scan.number()?),
        _ => match read_found(scan, depth)? {
            Found::Null => Charge::Unset,
            found => Charge::Unusable(Unusable::NotAmount(found)),
        },
    };
    Ok(())
}

/// Skips a value and returns its kind.
fn read_found(scan: &mut Scanner<'_>, depth: u32) -> Scan<Found> {
    let found = found(scan.peek()?);
    scan.skip_value(depth)?;
    Ok(found)
}

/// Reads a field under another name. It is kept if it holds an amount.
fn read_misnamed(
    scan: &mut Scanner<'_>,
    depth: u32,
    means: Field,
    name: Text<'_>,
    others: &mut Vec<Misnamed>,
) -> Scan<()> {
    let mut charge = Charge::Unset;
    read_charge(scan, depth, &mut charge)?;
    if let Some(amount) = charge.amount() {
        others.push(Misnamed { name: name.decode().into_owned(), means, amount });
    }
    Ok(())
}

/// Skips a value that may be a list of orders: whether it is one, as far as it begins like that, and goes on to the horizon.
fn is_long_list(scan: &mut Scanner<'_>, depth: u32, horizon: Option<usize>) -> Scan<bool> {
    let mut entries = scan.clone();
    let is_list = scan.peek()? == b'[' && entries.open_array()? && entries.peek()? == b'{';
    match horizon.filter(|_| is_list) {
        Some(horizon) => Ok(scan.skip_within(depth, horizon)?.is_none()),
        None => scan.skip(depth).map(|_| false),
    }
}

/// Whether a value is an array whose first entry is an object.
fn holds_objects(value: &[u8]) -> bool {
    value.strip_prefix(b"[").is_some_and(|entries| entries.trim_ascii_start().starts_with(b"{"))
}
