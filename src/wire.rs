//! Reads JSON text into an `Order`: every field once, from its exact text.

mod plain;
mod key_cache;
mod names;
mod value;

use crate::currency::Currency;
use crate::options::Options;
use crate::order::{Charge, Field, FieldSet, Found, Items, Level, Line, Misnamed, Order, Unusable};
use crate::scan::{Expected, MAX_DEPTH, Scan, Scanner, TOO_DEEP, Text};

use key_cache::{KeyCache, Keys};
use names::{Key, header_key};

pub(crate) use plain::{Amounts, PlainOrder};

/// The kind of an object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An order, completely read.
    Order,
    /// `{"orders": [`: the scanner is at the array.
    Orders,
    /// `{"success_code": ..., "response":`: the scanner is at the order, or at the array of orders.
    Response,
    /// `{"response": [`, or in a list also `{"orders": [`, that is longer than the lookahead: the scanner is at the array.
    LongList,
    /// An error reply of the API, completely read, with its `error_code`.
    ErrorReply(Option<String>),
}

/// The meaning of a field after the orders in an object that wraps them.
pub(crate) enum Behind {
    /// It is ignored.
    Nothing,
    /// The wrapper is a reply that says `success_code` false.
    Failure,
    /// It is a field of an order, or more orders: the object is both, or neither.
    Conflict,
}

/// What a key says about the object that has it.
pub(crate) enum Hint {
    /// It is an order.
    Order,
    /// It wraps orders, if the value is an object or an array.
    Wrapper,
    /// It is a reply of the API.
    Reply,
    Nothing,
}

/// What a key says if it is not known yet whether its object is a document. Keys that may be in a line say nothing.
pub(crate) fn hint(name: &[u8]) -> Hint {
    match header_key(name) {
        Key::Items | Key::CustRef | Key::Charge(Field::GrandTotal | Field::SubTotal) => Hint::Order,
        Key::Orders | Key::Response => Hint::Wrapper,
        Key::SuccessCode => Hint::Reply,
        _ => Hint::Nothing,
    }
}

/// Reads a member after the orders, from its key on.
pub(crate) fn read_behind(scan: &mut Scanner<'_>) -> Scan<Behind> {
    let name = scan.key()?;
    scan.peek()?;
    let value = scan.skip(1)?;
    Ok(match header_key(&name.bytes()) {
        Key::SuccessCode if value == b"false" => Behind::Failure,
        Key::Orders | Key::Response if matches!(value.first(), Some(b'{' | b'[')) => Behind::Conflict,
        key if key.is_of_orders() => Behind::Conflict,
        _ => Behind::Nothing,
    })
}

/// Records that a field has been read. From the second time on it is unusable, because parsers differ on which one counts.
#[inline(always)]
fn note(seen: &mut FieldSet, field: Field, slot: &mut Charge) {
    if !seen.add(field) {
        make_duplicate(slot);
    }
}

#[cold]
fn make_duplicate(slot: &mut Charge) {
    *slot = Charge::Unusable(Unusable::Duplicate);
}

/// The memory of an order that was read before, to be used again.
struct Room {
    cust_ref: String,
    order_source: String,
    currency: Currency,
    lines: Vec<Line>,
}

impl Room {
    /// Empties the order.
    fn of(order: &mut Order) -> Room {
        let Order { cust_ref, order_source, currency, items, .. } = core::mem::take(order);
        let mut lines = match items {
            Items::Lines(lines) => lines,
            _ => Vec::new(),
        };
        lines.clear();
        Room { cust_ref: cust_ref.unwrap_or_default(), order_source: order_source.unwrap_or_default(), currency, lines }
    }
}

/// An order that is read into the memory of the previous one, and the key cache.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) order: Order,
    /// The options of the fast path, if it is used. Orders that it accepts are not read.
    pub(crate) fast_path: Option<Options>,
    /// The end of the lookahead: up to there a list is searched before it is known whether it is one of orders.
    pub(crate) horizon: Option<usize>,
    /// The most lines that an order may have, if there is a limit.
    pub(crate) most_lines: Option<usize>,
    plain: PlainOrder,
    cache: KeyCache,
}

#[cfg(feature = "bulk")]
impl Reading {
    /// The JSON text of `order_source` of the last order that the fast path has read.
    pub(crate) fn plain_source<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        self.plain.source(text)
    }

    pub(crate) fn with_fast_path(fast_path: Option<Options>) -> Reading {
        Reading { fast_path, ..Reading::default() }
    }
}

/// Reads an object, whose `{` is next, for the fast path. `None` if it is not an order of plain amounts, or may not be.
pub(crate) fn read_plain<'r>(scan: &mut Scanner<'_>, depth: u32, reading: &'r mut Reading) -> Option<&'r PlainOrder> {
    let most_lines = reading.most_lines.unwrap_or(usize::MAX);
    plain::read(scan, depth, most_lines, &mut reading.cache, &mut reading.plain)?;
    Some(&reading.plain)
}

/// Makes the order that the fast path has read last from this text. Returns whether that was possible.
pub(crate) fn make_of_plain(text: &[u8], reading: &mut Reading) -> bool {
    reading.plain.make(text, &mut reading.order).is_some()
}

/// The value of the JSON text of an `order_source`.
#[cfg(feature = "bulk")]
pub(crate) fn read_source(text: &[u8]) -> Option<String> {
    read_text(&mut Scanner::new(text, 0), 0, &mut String::new()).ok().flatten()
}

/// Reads an object, whose `{` is next, as an order. With `envelope`, it may also be a container of orders: an object that
/// wraps orders has no field of an order before them. Within an array every object is an order, or an error reply.
pub(crate) fn read_order(scan: &mut Scanner<'_>, depth: u32, envelope: bool, reading: &mut Reading) -> Scan<Shape> {
    let Reading { order, cache, horizon, most_lines, .. } = reading;
    let (horizon, most_lines) = (*horizon, most_lines.unwrap_or(usize::MAX));
    let mut room = Room::of(order);
    let mut trail = cache.header.start();
    let mut seen = FieldSet::default();
    let mut seen_items = false;
    let mut success: Option<bool> = None;
    let mut response: Option<Scanner<'_>> = None;
    let mut error_code = None;
    let mut own = false;
    let depth = deeper(scan, depth)?;

    while let Some((key, name)) = cache.header.next(Level::Header, scan, &mut trail)? {
        own |= key.is_of_orders();
        match key {
            Key::Charge(field) => match order.get_mut(field) {
                Some(slot) => {
                    read_charge(scan, depth, slot)?;
                    note(&mut seen, field, slot);
                }
                None => scan.skip_value(depth)?,
            },
            Key::Items if seen_items => {
                scan.skip(depth)?;
                order.items = Items::Unusable(Unusable::Duplicate);
            }
            Key::Items => {
                seen_items = true;
                order.items = read_items(scan, depth, core::mem::take(&mut room.lines), most_lines, &mut cache.lines)?;
            }
            Key::CustRef => order.cust_ref = read_text(scan, depth, &mut room.cust_ref)?,
            Key::OrderSource => order.order_source = read_text(scan, depth, &mut room.order_source)?,
            Key::CurrencyCode => order.currency = read_currency(scan, depth, &room.currency)?,
            Key::Orders if envelope && !own && success != Some(false) && scan.peek()? == b'[' => {
                return Ok(Shape::Orders);
            }
            Key::Response if envelope && !own && matches!(scan.peek()?, b'{' | b'[') => {
                if success == Some(true) {
                    return Ok(Shape::Response);
                }
                let at_response = scan.clone();
                if is_long_list(scan, depth, horizon)? {
                    *scan = at_response;
                    return Ok(Shape::LongList);
                }
                response.get_or_insert(at_response);
            }
            // Within a list this is an order with such a field, unless it is as long as only a list of orders can be.
            Key::Orders | Key::Response if !envelope && !own && horizon.is_some() => {
                scan.peek()?;
                let at_list = scan.clone();
                if is_long_list(scan, depth, horizon)? {
                    *scan = at_list;
                    return Ok(Shape::LongList);
                }
            }
            Key::SuccessCode => {
                scan.peek()?;
                success = Some(scan.skip(depth)? != b"false");
            }
            Key::ErrorCode => error_code = read_text(scan, depth, &mut String::new())?,
            Key::Meant(field) => read_meant(scan, depth, field, name, &mut order.misnamed)?,
            Key::ItemsElsewhere => {
                scan.peek()?;
                if holds_objects(scan.skip(depth)?) {
                    order.items_elsewhere.get_or_insert_with(|| name.decode().into_owned());
                }
            }
            _ => scan.skip_value(depth)?,
        }
    }
    if !order.has_no_items() {
        order.items_elsewhere = None;
    }
    match (success, response) {
        (Some(false), _) => Ok(Shape::ErrorReply(error_code)),
        (Some(true), Some(at_response)) if !own => {
            *scan = at_response;
            Ok(Shape::Response)
        }
        _ => Ok(Shape::Order),
    }
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

/// Checks that one more level may be opened.
fn deeper(scan: &Scanner<'_>, depth: u32) -> Scan<u32> {
    if depth >= MAX_DEPTH { scan.bad(TOO_DEEP) } else { Ok(depth + 1) }
}

/// What is expected of an order with more lines than the limit.
pub(crate) const TOO_MANY_LINES: Expected = &"an order with fewer lines, as many as may be held in memory (a higher limit reads it: `--max-document`, `max_document`)";

fn read_items(scan: &mut Scanner<'_>, depth: u32, mut lines: Vec<Line>, most: usize, keys: &mut Keys) -> Scan<Items> {
    if scan.peek()? != b'[' {
        return Ok(match read_found(scan, depth)? {
            Found::Null => Items::Unset,
            found => Items::Unusable(Unusable::NotAmount(found)),
        });
    }
    let depth = deeper(scan, depth)?;
    let mut more = scan.open_array()?;
    while more {
        let first = scan.peek()?;
        if lines.len() >= most {
            return scan.bad(TOO_MANY_LINES);
        }
        let mut line = Line::default();
        if first == b'{' {
            read_line(scan, depth, &mut line, keys)?;
        } else {
            line.not_an_object = Some(read_found(scan, depth)?);
        }
        lines.push(line);
        more = scan.more_in_array()?;
    }
    Ok(Items::Lines(lines))
}

fn read_line(scan: &mut Scanner<'_>, depth: u32, line: &mut Line, keys: &mut Keys) -> Scan<()> {
    let mut trail = keys.start();
    let mut seen = FieldSet::default();
    let depth = deeper(scan, depth)?;
    while let Some((key, name)) = keys.next(Level::Line, scan, &mut trail)? {
        match key {
            Key::Charge(field) => match line.get_mut(field) {
                Some(slot) => {
                    read_charge(scan, depth, slot)?;
                    note(&mut seen, field, slot);
                }
                None => scan.skip_value(depth)?,
            },
            Key::FilteredSku => line.filtered = read_text(scan, depth, &mut String::new())?.as_deref() == Some("Y"),
            Key::Meant(field) => read_meant(scan, depth, field, name, &mut line.misnamed)?,
            _ => scan.skip_value(depth)?,
        }
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

/// The kind of value that begins with this byte.
pub(crate) fn found(first: u8) -> Found {
    match first {
        b'"' => Found::Text,
        b'{' => Found::Object,
        b'[' => Found::Array,
        b't' | b'f' => Found::Boolean,
        b'n' => Found::Null,
        _ => Found::Number,
    }
}

/// A name or a code: a string, or the text of a number. Anything else counts as unset.
fn read_text(scan: &mut Scanner<'_>, depth: u32, room: &mut String) -> Scan<Option<String>> {
    let text = match scan.peek()? {
        b'"' => scan.string()?,
        b'-' | b'0'..=b'9' => Text::plain(scan.number()?),
        _ => {
            scan.skip(depth)?;
            return Ok(None);
        }
    };
    let mut kept = core::mem::take(room);
    kept.clear();
    kept.push_str(&text.decode());
    Ok(Some(kept))
}

/// `like` is the currency of another order, which is usually the same.
fn read_currency(scan: &mut Scanner<'_>, depth: u32, like: &Currency) -> Scan<Currency> {
    if scan.peek()? == b'"' {
        let code = scan.string()?;
        return Ok(match like {
            Currency::Known(known) if code.unescaped() == Some(known.code().as_bytes()) => Currency::Known(*known),
            _ => Currency::from_utf8(&code.bytes()),
        });
    }
    let text = scan.skip(depth)?;
    Ok(match text {
        b"null" => Currency::Unset,
        _ => Currency::Unknown(String::from_utf8_lossy(text).into_owned()),
    })
}

/// A field whose name seems to mean a charge field; `None` unless it holds an amount.
fn read_meant(
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

/// Whether a value is an array whose first entry is an object.
fn holds_objects(value: &[u8]) -> bool {
    value.strip_prefix(b"[").is_some_and(|entries| entries.trim_ascii_start().starts_with(b"{"))
}
