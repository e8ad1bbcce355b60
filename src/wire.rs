//! Reads JSON text into an `Order`: every field once, from its exact text.

mod full;
mod key_cache;
mod names;
mod plain;
mod value;
mod walk;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::currency::Currency;
use crate::locate::Starts;
use crate::options::Options;
use crate::order::{Charge, Field, Found, Order, Unusable};
use crate::scan::{Expected, Scan, Scanner, Text};

use full::Full;
use key_cache::KeyCache;
use names::{Key, header_key};
use walk::walk_order;

pub(crate) use plain::{Amounts, PlainOrder, Stop};

/// The kind of an object that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An order, completely read.
    Order,
    /// `{"orders": [`: the scanner is at the array. `passed` says that orders in a `response` before it were passed over.
    Orders { passed: bool },
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
    /// The wrapper is a reply that says `success_code` true.
    Success,
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
        Key::Items | Key::CustRef => Hint::Order,
        Key::Charge(
            Field::GrandTotal | Field::SubTotal | Field::OrderDiscount | Field::ShippingHandling | Field::Balance,
        ) => Hint::Order,
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
        Key::SuccessCode => Behind::Success,
        Key::Orders | Key::Response if matches!(value.first(), Some(b'{' | b'[')) => Behind::Conflict,
        key if key.is_of_orders() => Behind::Conflict,
        _ => Behind::Nothing,
    })
}

#[cold]
fn make_duplicate(slot: &mut Charge) {
    *slot = Charge::Unusable(Unusable::Duplicate);
}

/// The options of the fast path.
#[derive(Clone, Debug, Default)]
pub(crate) struct FastOptions {
    pub(crate) base: Options,
    /// Those of sources that have other ones.
    pub(crate) sources: BTreeMap<String, Options>,
}

/// An order that is read into the memory of the previous one, and the key cache.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub(crate) order: Order,
    /// The options of the fast path, if it is used. Orders that it accepts are not read.
    pub(crate) fast_path: Option<FastOptions>,
    /// The end of the lookahead: up to there a list is searched before it is known whether it is one of orders.
    pub(crate) horizon: Option<usize>,
    /// The most lines that an order may have, if there is a limit.
    pub(crate) most_lines: Option<usize>,
    /// Where the amounts of the order are in its text, if its reader has noted it.
    pub(crate) starts: Starts,
    /// After how many objects in a row that the fast path cannot read it is no longer tried, if ever.
    patience: Option<u32>,
    plain: PlainOrder,
    cache: KeyCache,
}

/// A stream of other documents than orders is read faster without the fast path.
const PATIENCE: u32 = 16;

#[cfg(feature = "bulk")]
impl Reading {
    /// The JSON text of `order_source` of the last order that the fast path has read.
    pub(crate) fn plain_source<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        self.plain.source(text)
    }

    /// `may_give_up` says that nothing depends on the fast path but time.
    pub(crate) fn with_fast_path(fast_path: Option<FastOptions>, may_give_up: bool) -> Reading {
        Reading { fast_path, patience: may_give_up.then_some(PATIENCE), ..Reading::default() }
    }
}

impl Reading {
    /// Whether the fast path is tried on the next object.
    #[inline(always)]
    pub(crate) fn tries_fast_path(&self) -> bool {
        self.patience != Some(0)
    }

    /// Remembers whether the fast path could read an object.
    #[inline(always)]
    pub(crate) fn tried_fast_path(&mut self, could: bool) {
        if let Some(left) = &mut self.patience {
            *left = if could { PATIENCE } else { left.saturating_sub(1) };
        }
    }
}

/// Reads an object of this text, whose `{` is next, for the fast path, and returns its options too. Not possible if the fast
/// path is not used, or if the object is not an order of plain amounts, or may not be.
#[inline(always)]
pub(crate) fn read_plain<'r>(
    text: &[u8],
    scan: &mut Scanner<'_>,
    depth: u32,
    reading: &'r mut Reading,
) -> Result<(&'r PlainOrder, &'r Options), Stop> {
    let Reading { fast_path: Some(options), cache, plain, most_lines, .. } = reading else {
        return Err(Stop::NotPlain);
    };
    plain::read(scan, depth, most_lines.unwrap_or(usize::MAX), cache, plain)?;
    let of_source = match options.sources.is_empty() {
        true => None,
        false => read_source(plain.source(text)).and_then(|source| options.sources.get(&*source)),
    };
    Ok((plain, of_source.unwrap_or(&options.base)))
}

/// Makes the order that the fast path has read last from this text. Returns whether that was possible.
pub(crate) fn make_of_plain(text: &[u8], reading: &mut Reading) -> bool {
    reading.starts.lines.clear();
    reading.plain.make(text, &mut reading.order, &mut reading.starts).is_some()
}

/// The value of the JSON text of an `order_source`, which may have blanks before it.
pub(crate) fn read_source(text: &[u8]) -> Option<Cow<'_, str>> {
    let text = text.trim_ascii_start();
    let plain = match text {
        [b'"', plain @ .., b'"'] if !plain.contains(&b'\\') => plain,
        // A number is not read as one: it could go on after the end of this text.
        [b'-' | b'0'..=b'9', ..] => text,
        _ => &[],
    };
    match core::str::from_utf8(plain) {
        Ok(plain) if !plain.is_empty() => Some(Cow::Borrowed(plain)),
        _ => read_text(&mut Scanner::new(text, 0), 0, &mut String::new()).ok().flatten().map(Cow::Owned),
    }
}

/// Reads an object, whose `{` is next, as an order; with `envelope`, also as a container of orders.
pub(crate) fn read_order(scan: &mut Scanner<'_>, depth: u32, envelope: bool, reading: &mut Reading) -> Scan<Shape> {
    let Reading { order, cache, horizon, most_lines, starts, .. } = reading;
    starts.lines.clear();
    walk_order(scan, depth, most_lines.unwrap_or(usize::MAX), cache, &mut Full::new(order, envelope, *horizon))
}

/// What is expected of an order with more lines than the limit.
pub(crate) const TOO_MANY_LINES: Expected = &"an order with fewer lines, as many as may be held in memory (a higher limit reads it: `--max-document`, `max_document`)";

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
