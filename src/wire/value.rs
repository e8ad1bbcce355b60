//! Orders through serde, for pipelines that already have a parsed value or a format of their own.

use core::fmt;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::Seen;
use super::names::{self, Key};
use crate::amount::Amount;
use crate::currency::Currency;
use crate::order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Unusable};

/// The name under which `serde_json` hands over the text of a number when some crate of the build has switched on
/// its `arbitrary_precision`.
const NUMBER_TEXT: &str = "$serde_json::private::Number";

/// The digits of a decimal number that a binary float carries unchanged, whatever they are.
const FLOAT_DIGITS: usize = 15;

/// A number that has already been through a binary float. Up to 15 digits come out as they went in; what needs more
/// may not be what was written, so it cannot be used.
fn from_float(float: f64) -> Charge {
    if !float.is_finite() {
        return Charge::Unusable(Unusable::NotAmount(Found::Number));
    }
    let shortest = format!("{float:e}");
    let digits = shortest.bytes().take_while(|b| *b != b'e').filter(u8::is_ascii_digit).count();
    if digits > FLOAT_DIGITS { Charge::Unusable(Unusable::Inexact) } else { Charge::from_text(&shortest) }
}

/// A whole number of any size that serde has.
fn from_whole(number: i128) -> Charge {
    Amount::new(number, 0).map_or(Charge::Unusable(Unusable::Inexact), Charge::Amount)
}

/// The text of a number, read as if it had come as a number, so that a feature of another crate changes nothing.
fn from_number_text(text: &str) -> Charge {
    let whole = text.parse::<u64>().map(Amount::from).or_else(|_| text.parse::<i64>().map(Amount::from));
    match whole {
        Ok(amount) => Charge::Amount(amount),
        Err(_) => text.parse().map_or(Charge::Unusable(Unusable::NotAmount(Found::Number)), from_float),
    }
}

/// Reads any value as a charge field would hold it. Formats that carry numbers as binary floats (a
/// `serde_json::Value` among them) may lose digits before this sees them: a float of more than 15 digits is unusable
/// (OC302), one of up to 15 is what was written if that had no more than 15 digits either. [`Order::from_json`] reads
/// the text itself and loses none.
impl<'de> Deserialize<'de> for Charge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChargeVisitor)
    }
}

struct ChargeVisitor;

fn not_amount<E>(found: Found) -> Result<Charge, E> {
    Ok(Charge::Unusable(Unusable::NotAmount(found)))
}

impl<'de> Visitor<'de> for ChargeVisitor {
    type Value = Charge;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Charge, E> {
        not_amount(Found::Boolean)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Charge, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Charge, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Charge, E> {
        Ok(from_whole(number))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Charge, E> {
        Ok(i128::try_from(number).map_or(Charge::Unusable(Unusable::Inexact), from_whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Charge, E> {
        Ok(from_float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Charge, E> {
        Ok(Charge::from_text(text))
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Charge, E> {
        not_amount(Found::Text)
    }

    fn visit_unit<E>(self) -> Result<Charge, E> {
        Ok(Charge::Unset)
    }

    fn visit_none<E>(self) -> Result<Charge, E> {
        Ok(Charge::Unset)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Charge, D::Error> {
        Charge::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Charge, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        not_amount(Found::Array)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Charge, A::Error> {
        if let Some(key) = fields.next_key::<Cow<'_, str>>()? {
            if key == NUMBER_TEXT {
                return Ok(from_number_text(&fields.next_value::<Cow<'_, str>>()?));
            }
            fields.next_value::<IgnoredAny>()?;
        }
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        not_amount(Found::Object)
    }
}

/// A name or a code: text, or a number as text; anything else as if unset.
struct Label {
    text: Option<String>,
    null: bool,
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LabelVisitor;

        impl<'de> Visitor<'de> for LabelVisitor {
            type Value = Label;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_str<E>(self, text: &str) -> Result<Label, E> {
                Ok(Label { text: Some(text.to_owned()), null: false })
            }

            fn visit_i64<E>(self, number: i64) -> Result<Label, E> {
                Ok(Label { text: Some(number.to_string()), null: false })
            }

            fn visit_u64<E>(self, number: u64) -> Result<Label, E> {
                Ok(Label { text: Some(number.to_string()), null: false })
            }

            fn visit_i128<E>(self, number: i128) -> Result<Label, E> {
                Ok(Label { text: Some(number.to_string()), null: false })
            }

            fn visit_u128<E>(self, number: u128) -> Result<Label, E> {
                Ok(Label { text: Some(number.to_string()), null: false })
            }

            fn visit_f64<E>(self, number: f64) -> Result<Label, E> {
                Ok(Label { text: Some(number.to_string()), null: false })
            }

            fn visit_bytes<E>(self, _: &[u8]) -> Result<Label, E> {
                Ok(Label { text: None, null: false })
            }

            fn visit_bool<E>(self, _: bool) -> Result<Label, E> {
                Ok(Label { text: None, null: false })
            }

            fn visit_unit<E>(self) -> Result<Label, E> {
                Ok(Label { text: None, null: true })
            }

            fn visit_none<E>(self) -> Result<Label, E> {
                Ok(Label { text: None, null: true })
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Label, D::Error> {
                Label::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Label, A::Error> {
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Label { text: None, null: false })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Label, A::Error> {
                let mut text = None;
                while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
                    if key == NUMBER_TEXT {
                        let number = fields.next_value::<Cow<'_, str>>()?;
                        text = Some(match from_number_text(&number) {
                            Charge::Amount(amount) => amount.to_string(),
                            _ => number.into_owned(),
                        });
                    } else {
                        fields.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(Label { text, null: false })
            }
        }

        deserializer.deserialize_any(LabelVisitor)
    }
}

/// What stands in `items`, or in one of its entries.
struct Entries(Items);
struct Entry(Line);

macro_rules! scalars {
    ($value:ty, $wrap:expr) => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("any value")
        }

        fn visit_bool<E>(self, _: bool) -> Result<$value, E> {
            Ok($wrap(Found::Boolean))
        }

        fn visit_i64<E>(self, _: i64) -> Result<$value, E> {
            Ok($wrap(Found::Number))
        }

        fn visit_u64<E>(self, _: u64) -> Result<$value, E> {
            Ok($wrap(Found::Number))
        }

        fn visit_i128<E>(self, _: i128) -> Result<$value, E> {
            Ok($wrap(Found::Number))
        }

        fn visit_u128<E>(self, _: u128) -> Result<$value, E> {
            Ok($wrap(Found::Number))
        }

        fn visit_f64<E>(self, _: f64) -> Result<$value, E> {
            Ok($wrap(Found::Number))
        }

        fn visit_str<E>(self, _: &str) -> Result<$value, E> {
            Ok($wrap(Found::Text))
        }

        fn visit_bytes<E>(self, _: &[u8]) -> Result<$value, E> {
            Ok($wrap(Found::Text))
        }

        fn visit_unit<E>(self) -> Result<$value, E> {
            Ok($wrap(Found::Null))
        }

        fn visit_none<E>(self) -> Result<$value, E> {
            Ok($wrap(Found::Null))
        }
    };
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        fn none(found: Found) -> Entries {
            Entries(match found {
                Found::Null => Items::Unset,
                found => Items::Unusable(Unusable::NotAmount(found)),
            })
        }

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries;

            scalars!(Entries, none);

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entries, D::Error> {
                Entries::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Entries, A::Error> {
                let mut lines = Vec::new();
                while let Some(Entry(line)) = entries.next_element()? {
                    lines.push(line);
                }
                Ok(Entries(Items::Lines(lines)))
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Entries, A::Error> {
                Ok(none(object_or_number(fields)?))
            }
        }

        deserializer.deserialize_any(EntriesVisitor)
    }
}

fn object_or_number<'de, A: MapAccess<'de>>(mut fields: A) -> Result<Found, A::Error> {
    let mut found = Found::Object;
    while let Some(key) = fields.next_key::<Cow<'_, str>>()? {
        if key == NUMBER_TEXT {
            found = Found::Number;
        }
        fields.next_value::<IgnoredAny>()?;
    }
    Ok(found)
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;

        fn stray(found: Found) -> Entry {
            Entry(Line { not_an_object: Some(found), ..Line::default() })
        }

        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = Entry;

            scalars!(Entry, stray);

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry, D::Error> {
                Entry::deserialize(deserializer)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Entry, A::Error> {
                while entries.next_element::<IgnoredAny>()?.is_some() {}
                Ok(stray(Found::Array))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Entry, A::Error> {
                let mut line = Line::default();
                let mut seen = Seen::default();
                while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
                    match names::key(Level::Line, name.as_bytes()) {
                        Key::Charge(field) => {
                            let charge = fields.next_value()?;
                            if let Some(slot) = line.get_mut(field) {
                                *slot = charge;
                                seen.note(field, slot);
                            }
                        }
                        Key::FilteredSku => {
                            line.filtered = fields.next_value::<Label>()?.text.as_deref() == Some("Y");
                        }
                        _ if name == NUMBER_TEXT => {
                            fields.next_value::<IgnoredAny>()?;
                            return Ok(stray(Found::Number));
                        }
                        Key::Meant(field) => {
                            note_misnamed(field, name, fields.next_value()?, &mut line.misnamed);
                        }
                        _ => drop(fields.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(Entry(line))
            }
        }

        deserializer.deserialize_any(EntryVisitor)
    }
}

/// Keeps the amount under another name, if it is one.
fn note_misnamed(means: Field, name: Cow<'_, str>, charge: Charge, others: &mut Vec<Misnamed>) {
    if let Some(amount) = charge.amount() {
        others.push(Misnamed { name: name.into_owned(), means, amount });
    }
}

/// Reads an order from any format serde knows: duplicate, misnamed and unusable fields are seen as far as the format
/// still shows them (a `serde_json::Value` keeps only the last of duplicates).
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
                let mut seen = Seen::default();
                let mut seen_items = false;
                while let Some(name) = fields.next_key::<Cow<'_, str>>()? {
                    match names::key(Level::Header, name.as_bytes()) {
                        Key::Charge(field) => {
                            let charge = fields.next_value()?;
                            if let Some(slot) = order.get_mut(field) {
                                *slot = charge;
                                seen.note(field, slot);
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

/// Writes an amount as a string, an unset charge as `null` and a blank one as an empty string. What cannot be used
/// cannot be written: it is an error, so that nothing is lost unseen.
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

/// Writes a charge under its name; what is unset is left off.
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

fn fields(level: Level) -> impl Iterator<Item = Field> {
    Field::ALL.iter().copied().filter(move |field| field.level() == level)
}

/// Writes what the order holds, amounts as texts. An order with a field that holds no usable amount is an error.
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
        for field in fields(Level::Header) {
            serialize_charge(&mut map, field, self.get(field))?;
        }
        serialize_misnamed(&mut map, &self.misnamed)?;
        match &self.items {
            Items::Unset => {}
            Items::Lines(lines) => map.serialize_entry("items", lines)?,
            Items::Unusable(_) => return Err(S::Error::custom("items is no list of lines, so it cannot be written")),
        }
        map.end()
    }
}

impl Serialize for Line {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.not_an_object.is_some() {
            return Err(S::Error::custom("an entry of items is no object, so it cannot be written"));
        }
        let mut map = serializer.serialize_map(None)?;
        for field in fields(Level::Line) {
            serialize_charge(&mut map, field, self.get(field))?;
        }
        if self.filtered {
            map.serialize_entry("filtered_sku", "Y")?;
        }
        serialize_misnamed(&mut map, &self.misnamed)?;
        map.end()
    }
}
