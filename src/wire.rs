//! JSON text into an `Order`: every field once, by its exact text. This module alone knows the names on the wire.

mod value;

use crate::currency::Currency;
use crate::order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Unusable};
use crate::scan::{MAX_DEPTH, Scan, Scanner};

/// What an object turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An order, wholly read.
    Order,
    /// `{"orders": [`: the scanner stands at the array.
    Orders,
    /// `{"success_code": ..., "response":`: the scanner stands at the order, or the array of them.
    Response,
    /// An error reply of the API, wholly read, with its `error_code`.
    ErrorReply(Option<String>),
}

/// A name on the wire.
enum Key {
    Charge(Field),
    Items,
    CustRef,
    OrderSource,
    CurrencyCode,
    FilteredSku,
    Orders,
    Response,
    SuccessCode,
    ErrorCode,
    Other,
}

impl Key {
    /// Whether only an order has it, not what wraps orders.
    fn is_of_orders(&self) -> bool {
        matches!(self, Key::Charge(_) | Key::Items | Key::CustRef)
    }
}

/// What a field means that stands behind the orders in the object that wraps them.
pub(crate) enum Behind {
    /// Nothing to us.
    Nothing,
    /// The wrapper is a reply that says `success_code` false.
    Failure,
    /// It is a field of an order, or more orders: the object is both, or neither.
    Conflict,
}

/// Reads a member behind the orders, from its name on.
pub(crate) fn read_behind(scan: &mut Scanner<'_>) -> Scan<Behind> {
    let name = scan.key()?.bytes();
    scan.peek()?;
    let value = scan.skip(1)?;
    Ok(match header_key(&name) {
        Key::SuccessCode if value == b"false" => Behind::Failure,
        Key::Orders | Key::Response if matches!(value.first(), Some(b'{' | b'[')) => Behind::Conflict,
        key if key.is_of_orders() => Behind::Conflict,
        _ => Behind::Nothing,
    })
}

fn header_key(name: &[u8]) -> Key {
    match name {
        b"sub_total" => Key::Charge(Field::SubTotal),
        b"order_discount" => Key::Charge(Field::OrderDiscount),
        b"sales_tax" => Key::Charge(Field::SalesTax),
        b"shipping_handling" => Key::Charge(Field::ShippingHandling),
        b"grand_total" => Key::Charge(Field::GrandTotal),
        b"balance" => Key::Charge(Field::Balance),
        b"items" => Key::Items,
        b"cust_ref" => Key::CustRef,
        b"order_source" => Key::OrderSource,
        b"currency_code" => Key::CurrencyCode,
        b"orders" => Key::Orders,
        b"response" => Key::Response,
        b"success_code" => Key::SuccessCode,
        b"error_code" => Key::ErrorCode,
        _ => Key::Other,
    }
}

fn line_key(name: &[u8]) -> Key {
    match name {
        b"quantity" => Key::Charge(Field::Quantity),
        b"price" => Key::Charge(Field::Price),
        b"discount" => Key::Charge(Field::Discount),
        b"addl_discount" => Key::Charge(Field::AddlDiscount),
        b"tax" => Key::Charge(Field::Tax),
        b"shipping_surcharge" => Key::Charge(Field::ShippingSurcharge),
        b"extended_amount" => Key::Charge(Field::ExtendedAmount),
        b"filtered_sku" => Key::FilteredSku,
        _ => Key::Other,
    }
}

/// Which charge fields of one object have been seen: a bit each.
#[derive(Default)]
struct Seen(u32);

impl Seen {
    /// Whether it is there for the first time.
    fn first(&mut self, field: Field) -> bool {
        let bit = 1 << field as u32;
        let first = self.0 & bit == 0;
        self.0 |= bit;
        first
    }

    /// Puts down what a field holds; from the second time on it is unusable, for parsers differ on which one wins.
    fn put(&mut self, field: Field, slot: Option<&mut Charge>, charge: Charge) {
        let charge = if self.first(field) { charge } else { Charge::Unusable(Unusable::Duplicate) };
        if let Some(slot) = slot {
            *slot = charge;
        }
    }
}

/// Reads an object, whose `{` is next, as an order. With `envelope`, the containers an order may come in are told
/// apart from it: an object that wraps orders has no field of an order before them. Within an array every object is an
/// order, or an error reply.
pub(crate) fn read_order(scan: &mut Scanner<'_>, depth: u32, envelope: bool) -> Scan<(Order, Shape)> {
    let mut order = Order::default();
    let mut seen = Seen::default();
    let mut seen_items = false;
    let mut success: Option<bool> = None;
    let mut response: Option<Scanner<'_>> = None;
    let mut error_code = None;
    let mut own = false;
    let depth = deeper(scan, depth)?;

    let mut more = scan.open_object()?;
    while more {
        let key = scan.key()?;
        let name = key.bytes();
        let key = header_key(&name);
        own |= key.is_of_orders();
        match key {
            Key::Charge(field) => seen.put(field, order.get_mut(field), read_charge(scan, depth)?),
            Key::Items if seen_items => {
                scan.skip(depth)?;
                order.items = Items::Unusable(Unusable::Duplicate);
            }
            Key::Items => {
                seen_items = true;
                order.items = read_items(scan, depth)?;
            }
            Key::CustRef => order.cust_ref = read_text(scan, depth)?,
            Key::OrderSource => order.order_source = read_text(scan, depth)?,
            Key::CurrencyCode => order.currency = read_currency(scan, depth)?,
            Key::Orders if envelope && !own && success != Some(false) && scan.peek()? == b'[' => {
                return Ok((order, Shape::Orders));
            }
            Key::Response if envelope && !own && matches!(scan.peek()?, b'{' | b'[') => {
                if success == Some(true) {
                    return Ok((order, Shape::Response));
                }
                response.get_or_insert(scan.clone());
                scan.skip(depth)?;
            }
            Key::SuccessCode => {
                scan.peek()?;
                success = Some(scan.skip(depth)? != b"false");
            }
            Key::ErrorCode => error_code = read_text(scan, depth)?,
            _ => order.misnamed.extend(read_other(scan, depth, Level::Header, &name)?),
        }
        more = scan.more_in_object()?;
    }
    match (success, response) {
        (Some(false), _) => Ok((order, Shape::ErrorReply(error_code))),
        (Some(true), Some(at_response)) if !own => {
            *scan = at_response;
            Ok((order, Shape::Response))
        }
        _ => Ok((order, Shape::Order)),
    }
}

/// One level more is about to be opened.
fn deeper(scan: &Scanner<'_>, depth: u32) -> Scan<u32> {
    if depth >= MAX_DEPTH { scan.bad("at most 128 levels of objects and arrays") } else { Ok(depth + 1) }
}

fn read_items(scan: &mut Scanner<'_>, depth: u32) -> Scan<Items> {
    if scan.peek()? != b'[' {
        return Ok(match read_found(scan, depth)? {
            Found::Null => Items::Unset,
            found => Items::Unusable(Unusable::NotAmount(found)),
        });
    }
    let depth = deeper(scan, depth)?;
    let mut lines = Vec::new();
    let mut more = scan.open_array()?;
    while more {
        lines.push(if scan.peek()? == b'{' {
            read_line(scan, depth)?
        } else {
            Line { not_an_object: Some(read_found(scan, depth)?), ..Line::default() }
        });
        more = scan.more_in_array()?;
    }
    Ok(Items::Lines(lines))
}

fn read_line(scan: &mut Scanner<'_>, depth: u32) -> Scan<Line> {
    let mut line = Line::default();
    let mut seen = Seen::default();
    let depth = deeper(scan, depth)?;
    let mut more = scan.open_object()?;
    while more {
        let key = scan.key()?;
        let name = key.bytes();
        match line_key(&name) {
            Key::Charge(field) => seen.put(field, line.get_mut(field), read_charge(scan, depth)?),
            Key::FilteredSku => line.filtered = read_text(scan, depth)?.as_deref() == Some("Y"),
            _ => line.misnamed.extend(read_other(scan, depth, Level::Line, &name)?),
        }
        more = scan.more_in_object()?;
    }
    Ok(line)
}

fn read_charge(scan: &mut Scanner<'_>, depth: u32) -> Scan<Charge> {
    Ok(match scan.peek()? {
        b'"' => Charge::from_text(&scan.string()?.decode()),
        b'-' | b'0'..=b'9' => Charge::from_text(scan.number()?),
        _ => match read_found(scan, depth)? {
            Found::Null => Charge::Unset,
            found => Charge::Unusable(Unusable::NotAmount(found)),
        },
    })
}

/// Skips a value and says what it was.
fn read_found(scan: &mut Scanner<'_>, depth: u32) -> Scan<Found> {
    let found = found(scan.peek()?);
    scan.skip(depth)?;
    Ok(found)
}

/// What kind of value begins with that byte.
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

/// A name or a code: a text, or the text of a number; anything else is as if unset.
fn read_text(scan: &mut Scanner<'_>, depth: u32) -> Scan<Option<String>> {
    Ok(match scan.peek()? {
        b'"' => Some(scan.string()?.decode().into_owned()),
        b'-' | b'0'..=b'9' => Some(scan.number()?.to_owned()),
        _ => {
            scan.skip(depth)?;
            None
        }
    })
}

fn read_currency(scan: &mut Scanner<'_>, depth: u32) -> Scan<Currency> {
    if scan.peek()? == b'"' {
        return Ok(Currency::from_code(&scan.string()?.decode()));
    }
    let text = scan.skip(depth)?;
    Ok(match text {
        b"null" => Currency::Unset,
        _ => Currency::Unknown(String::from_utf8_lossy(text).into_owned()),
    })
}

/// A field the definitions do not know: nothing, unless it holds an amount under a charge field's name in other
/// words.
fn read_other(scan: &mut Scanner<'_>, depth: u32, level: Level, name: &[u8]) -> Scan<Option<Misnamed>> {
    let charge = match scan.peek()? {
        b'-' | b'0'..=b'9' => Charge::from_text(scan.number()?),
        b'"' => {
            let text = scan.string()?.decode();
            // Most texts are no numbers: their first character tells.
            match text.trim_start().bytes().next() {
                Some(b'0'..=b'9' | b'+' | b'-' | b'.') => Charge::from_text(&text),
                _ => return Ok(None),
            }
        }
        _ => {
            scan.skip(depth)?;
            return Ok(None);
        }
    };
    Ok(misnamed(level, name, charge))
}

/// The charge field an unknown name seems to mean, with what it holds.
fn misnamed(level: Level, name: &[u8], charge: Charge) -> Option<Misnamed> {
    let amount = charge.amount()?;
    let name = core::str::from_utf8(name).ok()?;
    let means = meant(level, name)?;
    Some(Misnamed { name: name.to_owned(), means, amount })
}

/// Letter case, `-` and `_` aside: the field's own name, another name it is known by, or its own name with one
/// letter too many, too few or wrong.
fn meant(level: Level, name: &str) -> Option<Field> {
    let name = fold(name);
    let fields = || Field::ALL.iter().copied().filter(|field| field.level() == level);
    fields()
        .find(|field| field.aliases().contains(&name.as_str()) || fold(field.name()) == name)
        .or_else(|| fields().find(|field| one_slip(fold(field.name()).as_bytes(), name.as_bytes())))
}

fn fold(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '-' | '_')).map(|char| char.to_ascii_lowercase()).collect()
}

/// Whether the two differ by one letter: changed, left out or added.
fn one_slip(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(s, l)| s == l).count();
    let rest = |text: &[u8], from: usize| text.get(from..).unwrap_or_default().to_vec();
    if short.len() == long.len() {
        same < short.len() && rest(short, same + 1) == rest(long, same + 1)
    } else {
        rest(short, same) == rest(long, same + 1)
    }
}
