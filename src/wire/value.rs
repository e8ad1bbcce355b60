//! Orders through serde, for programs that already have a parsed value or another format.

use core::fmt;
use core::marker::PhantomData;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::make_duplicate;
use super::names::{self, Key};
use crate::amount::Amount;
use crate::currency::Currency;
use crate::order::{Charge, Field, FieldSet, Found, Items, Level, Line, Misnamed, Order, Unusable};

/// The key under which `serde_json` passes the text of a number if some crate of the build has enabled its
/// `arbitrary_precision`.
const NUMBER_TEXT: &str = "$serde_json::private::Number";

/// The number of decimal digits that a binary float always preserves.
const FLOAT_DIGITS: usize = 15;

/// A number that has already been a binary float. Up to 15 digits are preserved. A number with more digits may not be the
/// one that was written, so it is unusable.
fn from_float(float: f64) -> Charge {
    if !float.is_finite() {
        return Charge::Unusable(Unusable::NotAmount(Found::Number));
    }
    let shortest = format!("{float:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if digits > FLOAT_DIGITS { Charge::Unusable(Unusable::Inexact) } else { Charge::from_text(&shortest) }
}

/// A whole number of any size that serde supports.
fn from_whole(number: i128) -> Charge {
    Amount::new(number, 0).map_or(Charge::Unusable(Unusable::Inexact), Charge::Amount)
}

/// The text of a number, read like a number, so that a feature of another crate makes no difference.
fn from_number_text(text: &str) -> Charge {
    let whole = text.parse::<u64>().map(Amount::from).or_else(|_| text.parse::<i64>().map(Amount::from));
    match whole {
        Ok(amount) => Charge::Amount(amount),
        Err(_) => text.parse().map_or(Charge::Unusable(Unusable::NotAmount(Found::Number)), from_float),
    }
}

/// A number as the format passes it.
enum Number<'v> {
    Signed(i128),
    Unsigned(u128),
    Float(f64),
    Text(&'v str),
}

impl Number<'_> {
    fn charge(&self) -> Charge {
        match self {
            Number::Signed(number) => from_whole(*number),
            Number::Unsigned(number) => i128::try_from(*number).map_or(Charge::Unusable(Unusable::Inexact), from_whole),
            Number::Float(float) => from_float(*float),
            Number::Text(text) => from_number_text(text),
        }
    }

    fn text(&self) -> String {
        match self {
            Number::Signed(number) => number.to_string(),
            Number::Unsigned(number) => number.to_string(),
            Number::Float(float) => float.to_string(),
            Number::Text(text) => match from_number_text(text) {
                Charge::Amount(amount) => amount.to_string(),
                _ => (*text).to_owned(),
            },
        }
    }
}

/// A value without parts, or one whose parts are ignored.
enum Plain<'v> {
    Null,
    Text(&'v str),
    Number(Number<'v>),
    Other(Found),
}

impl Plain<'_> {
    fn found(&self) -> Found {
        match self {
            Plain::Null => Found::Null,
            Plain::Text(_) => Found::Text,
            Plain::Number(_) => Found::Number,
            Plain::Other(found) => *found,
        }
    }
}

/// A type that can be read from a value of any kind without an error.
trait FromAny: Sized {
    fn plain(value: Plain<'_>) -> Self;

    fn array<'de, A: SeqAccess<'de>>(mut entries: A) -> Result<Self, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::plain(Plain::Other(Found::Array)))
    }

    /// Reads an object whose first key has been read, if it has one.
    fn object<'de, A: MapAccess<'de>>(first: Option<Cow<'de, str>>, mut fields: A) -> Result<Self, A::Error> {
        if first.is_some() {
            fields.next_value::<IgnoredAny>()?;
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::plain(Plain::Other(Found::Object)))
    }
}

/// Reads a value of any kind.
fn read_any<'de, T: FromAny, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(AnyVisitor(PhantomData))
}

struct AnyVisitor<T>(PhantomData<T>);

impl<'de, T: FromAny> Visitor<'de> for AnyVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::plain(Plain::Other(Found::Boolean)))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::plain(Plain::Number(Number::Signed(number.into()))))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::plain(Plain::Number(Number::Unsigned(number.into()))))
    }

    fn visit_i128<E>(self, number: i128) -> Result<T, E> {
        Ok(T::plain(Plain::Number(Number::Signed(number))))
    }

    fn visit_u128<E>(self, number: u128) -> Result<T, E> {
        Ok(T::plain(Plain::Number(Number::Unsigned(number))))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::plain(Plain::Number(Number::Float(number))))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::plain(Plain::Text(text)))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<T, E> {
        Ok(T::plain(Plain::Other(Found::Text)))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::plain(Plain::Null))
    }

    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::plain(Plain::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        read_any(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::array(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<T, A::Error> {
        let first = fields.next_key::<Cow<'_, str>>()?;
        if first.as_deref() == Some(NUMBER_TEXT) {
            let text = fields.next_value::<Cow<'_, str>>()?;
            return Ok(T::plain(Plain::Number(Number::Text(&text))));
        }
        T::object(first, fields)
    }
}

impl FromAny for Charge {
    fn plain(value: Plain<'_>) -> Charge {
        match value {
            Plain::Null => Charge::Unset,
            Plain::Text(text) => Charge::from_text(text),
            Plain::Number(number) => number.charge(),
            Plain::Other(found) => Charge::Unusable(Unusable::NotAmount(found)),
        }
    }
}

/// Reads any value as the state of a charge field. Formats that pass numbers as binary floats (such as `serde_json::Value`)
/// may lose digits before: a float of more than 15 digits is unusable (OC302). A float of at most 15 digits is the number
/// that was written, unless that had more. [`Order::from_json`] reads the text itself and loses no digits.
impl<'de> Deserialize<'de> for Charge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_any(deserializer)
    }
}

/// Implements `Deserialize` for a type that can be read from a value of any kind.
macro_rules! from_any {
    ($($type:ty),+) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_any(deserializer)
            }
        }
    )+};
}

from_any!(Label, Entries, Entry);

/// A name or a code: a string, or the text of a number. Anything else counts as unset.
struct Label {
    text: Option<String>,
    null: bool,
}

impl FromAny for Label {
    fn plain(value: Plain<'_>) -> Label {
        let text = match &value {
            Plain::Text(text) => Some((*text).to_owned()),
            Plain::Number(number) => Some(number.text()),
            _ => None,
        };
        Label { text, null: matches!(value, Plain::Null) }
    }
}

/// The content of `items`.
struct Entries(Items);

impl FromAny for Entries {
    fn plain(value: Plain<'_>) -> Entries {
        Entries(match value.found() {
            Found::Null => Items::Unset,
            found => Items::Unusable(Unusable::NotAmount(found)),
        })
    }

    fn array<'de, A: SeqAccess<'de>>(mut entries: A) -> Result<Entries, A::Error> {
        let mut lines = Vec::new();
        while let Some(Entry(line)) = entries.next_element()? {
            lines.push(line);
        }
        Ok(Entries(Items::Lines(lines)))
    }
}

/// An entry of `items`.
struct Entry(Line);

impl FromAny for Entry {
    fn plain(value: Plain<'_>) -> Entry {
        Entry(Line { not_an_object: Some(value.found()), ..Line::default() })
    }

    fn object<'de, A: MapAccess<'de>>(first: Option<Cow<'de, str>>, mut fields: A) -> Result<Entry, A::Error> {
        let mut line = Line::default();
        let mut seen = FieldSet::default();
        let mut next = first;
        while let Some(name) = next {
            match names::key(Level::Line, name.as_bytes()) {
                Key::Charge(field) => {
                    let charge = fields.next_value()?;
                    if let Some(slot) = line.get_mut(field) {
                        *slot = charge;
                        if !seen.add(field) {
                            make_duplicate(slot);
                        }
                    }
                }
                Key::FilteredSku => line.filtered = fields.next_value::<Label>()?.text.as_deref() == Some("Y"),
                Key::Meant(field) => note_misnamed(field, name, fields.next_value()?, &mut line.misnamed),
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
            next = fields.next_key()?;
        }
        Ok(Entry(line))
    }
}

/// Keeps the value under another name, if it is an amount.
fn note_misnamed(means: Field, name: Cow<'_, str>, charge: Charge, others: &mut Vec<Misnamed>) {
    if let Some(amount) = charge.amount() {
        others.push(Misnamed { name: name.into_owned(), means, amount });
    }
}

/// Reads an order from any format that serde supports. Duplicate, misnamed and unusable fields are found if the format still
/// has them (a `serde_json::Value` keeps only the last of duplicates).
impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OrderVisitor;

        impl<'de> Visitor<'de> for OrderVisitor {
            type Value = Order;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an order: an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Order, A::Error> {
                let mut order = Order::default();
                let mut seen = FieldSet::default();
                let mut seen_items = false;
                while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
                    match names::key(Level::Header, name.as_bytes()) {
                        Key::Charge(field) => {
                            let charge = fields.next_value()?;
                            if let Some(slot) = order.get_mut(field) {
                                *slot = charge;
                                if !seen.add(field) {
                                    make_duplicate(slot);
                                }
                            }
                        }
                        Key::Items if seen_items => {
                            fields.next_value::<IgnoredAny>()?;
                            order.items = Items::Unusable(Unusable::Duplicate);
                        }
                        Key::Items => {
                            seen_items = true;
                            Entries(order.items) = fields.next_value()?;
                        }
                        Key::CustRef => order.cust_ref = fields.next_value::<Label>()?.text,
                        Key::OrderSource => order.order_source = fields.next_value::<Label>()?.text,
                        Key::CurrencyCode => {
                            order.currency = match fields.next_value::<Label>()? {
                                Label { null: true, .. } => Currency::Unset,
                                Label { text: Some(code), .. } => Currency::from_code(&code),
                                Label { text: None, .. } => Currency::Unknown(String::new()),
                            };
                        }
                        Key::Meant(field) => {
                            note_misnamed(field, name, fields.next_value()?, &mut order.misnamed);
                        }
                        Key::ItemsElsewhere => {
                            let Entries(entries) = fields.next_value()?;
                            if matches!(&entries, Items::Lines(lines) if lines.first().is_some_and(|line| line.not_an_object.is_none()))
                            {
                                order.items_elsewhere.get_or_insert_with(|| name.into_owned());
                            }
                        }
                        _ => drop(fields.next_value::<IgnoredAny>()?),
                    }
                }
                if !order.has_no_items() {
                    order.items_elsewhere = None;
                }
                Ok(order)
            }
        }

        deserializer.deserialize_map(OrderVisitor)
    }
}

/// Writes an amount as a string, an unset charge as `null` and a blank one as an empty string. An unusable charge is an
/// error, so that nothing is lost silently.
impl Serialize for Charge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Charge::Unset => serializer.serialize_none(),
            Charge::Blank => serializer.serialize_str(""),
            Charge::Amount(amount) => amount.serialize(serializer),
            Charge::Unusable(_) => Err(S::Error::custom("it is not a usable amount, so it cannot be written")),
        }
    }
}

/// Writes a charge under its name. Unset charges are left off.
fn serialize_charge<M: SerializeMap>(map: &mut M, field: Field, charge: Charge) -> Result<(), M::Error> {
    match charge {
        Charge::Unset => Ok(()),
        Charge::Unusable(_) => {
            Err(M::Error::custom(format_args!("{field} holds no usable amount, so it cannot be written")))
        }
        charge => map.serialize_entry(field.name(), &charge),
    }
}

fn serialize_misnamed<M: SerializeMap>(map: &mut M, misnamed: &[Misnamed]) -> Result<(), M::Error> {
    misnamed.iter().try_for_each(|other| map.serialize_entry(&other.name, &other.amount))
}

/// Writes the order, with amounts as strings, then its extra fields. An order with an unusable field is an error.
impl Serialize for Order {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(cust_ref) = &self.cust_ref {
            map.serialize_entry("cust_ref", cust_ref)?;
        }
        if let Some(source) = &self.order_source {
            map.serialize_entry("order_source", source)?;
        }
        if let Some(code) = self.currency.code() {
            map.serialize_entry("currency_code", code)?;
        }
        for field in Level::Header.fields().iter().copied() {
            serialize_charge(&mut map, field, self.get(field))?;
        }
        serialize_misnamed(&mut map, &self.misnamed)?;
        match &self.items {
            Items::Unset => {}
            Items::Lines(lines) => map.serialize_entry("items", lines)?,
            Items::Unusable(_) => {
                return Err(S::Error::custom("items is not a list of lines, so it cannot be written"));
            }
        }
        self.extra.serialize_into(&mut map)?;
        map.end()
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.not_an_object.is_some() {
            return Err(S::Error::custom("an entry of items is not an object, so it cannot be written"));
        }
        let mut map = serializer.serialize_map(None)?;
        for field in Level::Line.fields().iter().copied() {
            serialize_charge(&mut map, field, self.get(field))?;
        }
        if self.filtered {
            map.serialize_entry("filtered_sku", "Y")?;
        }
        serialize_misnamed(&mut map, &self.misnamed)?;
        self.extra.serialize_into(&mut map)?;
        map.end()
    }
}
