//! A slow reader of one order: `serde_json` splits each object into the texts of its values, and those again, so that every
//! member is kept in its order, including duplicates, and every number with its digits.

use std::collections::BTreeMap;
use std::fmt;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::Zero;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::exact::{held, power_of_ten};
use crate::names::{HEADER_NAMES, LINE_NAMES};

/// The maximal nesting of objects and arrays.
const DEEPEST: usize = 128;

/// The blanks of JSON.
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

/// Why the input is not an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not JSON, or too deeply nested.
    NotJson,
    /// It is JSON, but not an object.
    NotObject,
    /// It is a reply that says that something failed.
    ErrorReply,
}

/// An order, as it was written.
#[derive(Clone, Debug)]
pub struct Order {
    /// `cust_ref`, a number by its text.
    pub cust_ref: Option<String>,
    /// `order_source`, likewise.
    pub order_source: Option<String>,
    /// `currency_code`.
    pub currency: Currency,
    /// The members of the header.
    pub header: Fields,
    /// `items`.
    pub items: Items,
}

/// The content of `currency_code`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// Nothing, `null`, or blanks.
    Unset,
    /// A string.
    Code(String),
    /// A value that is not a string.
    NotText,
}

/// The content of `items`.
#[derive(Clone, Debug)]
pub enum Items {
    /// Nothing, or `null`.
    Unset,
    /// It is there twice.
    Twice,
    /// A value that is not an array.
    NotArray,
    /// Its entries; `None` for one that is not an object.
    Entries(Vec<Option<Line>>),
}

/// An entry of `items`.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its members.
    pub fields: Fields,
    /// Whether `filtered_sku` is `Y`.
    pub filtered: bool,
}

/// The members of one object.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Every charge field of the level by its name.
    pub charges: BTreeMap<&'static str, Charge>,
    /// The values under other names, in the order of the text.
    pub others: Vec<(String, Charge)>,
}

/// The value of a member as a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Charge {
    /// Nothing, or `null`.
    Unset,
    /// An empty or blank string.
    Blank,
    /// A number, or a string that is one.
    Amount(Decimal),
    /// Anything else.
    NotAmount,
    /// Its name is there twice.
    Twice,
}

/// A decimal number of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    /// Neither the first nor the last is a zero; 0 has none.
    digits: String,
    /// The power of ten with which they are multiplied.
    exponent: BigInt,
}

impl Decimal {
    /// A sign, digits with a point between, before or after them, and an exponent. Only the digits are required.
    pub fn read(text: &str) -> Option<Decimal> {
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = |text: &str| text.strip_prefix(['+', '-']).unwrap_or(text).to_owned();
        let number = unsigned(text);
        let (number, exponent) = match number.split_once(['e', 'E']) {
            None => (number.as_str(), BigInt::zero()),
            Some((number, power)) if is_number(&unsigned(power)) => {
                let size: BigInt = unsigned(power).parse().ok()?;
                (number, if power.starts_with('-') { -size } else { size })
            }
            Some(_) => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let all = format!("{whole}{fraction}");
        if !is_number(&all) {
            return None;
        }
        let digits = all.trim_end_matches('0');
        let exponent = exponent + BigInt::from(all.len() - digits.len()) - BigInt::from(fraction.len());
        Some(Decimal { negative: text.starts_with('-'), digits: digits.trim_start_matches('0').to_owned(), exponent })
    }

    /// The number, if an amount can hold it. Its length is calculated before it is written out, because a short text may mean a
    /// number that fits in no memory.
    pub fn held(&self) -> Option<BigRational> {
        if self.digits.is_empty() {
            return Some(BigRational::zero());
        }
        let most = BigInt::from(28);
        let written_out = BigInt::from(self.digits.len()) + (&self.exponent).max(&BigInt::zero());
        if written_out > most || self.exponent < -most {
            return None;
        }
        let digits = BigRational::from(self.digits.parse::<BigInt>().ok()?);
        let shift = power_of_ten(u32::try_from(self.exponent.magnitude()).ok()?);
        let number = if self.exponent < BigInt::zero() { digits / shift } else { digits * shift };
        Some(if self.negative { -number } else { number }).filter(held)
    }
}

/// A value of JSON.
enum Value {
    Null,
    Flag(bool),
    Number(String),
    Text(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
}

/// Reads one order. A byte order mark before it is allowed.
pub fn read(bytes: &[u8]) -> Result<Order, Refused> {
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::NotJson)?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let raw: &RawValue = serde_json::from_str(text).map_err(|_| Refused::NotJson)?;
    let Value::Object(members) = value(raw, 0)? else { return Err(Refused::NotObject) };
    match last(&members, "success_code") {
        Some(Value::Flag(false)) => Err(Refused::ErrorReply),
        _ => Ok(order(members)),
    }
}

/// Splits a value into its parts. `open` is the number of objects and arrays around it.
fn value(raw: &RawValue, open: usize) -> Result<Value, Refused> {
    let text = raw.get();
    let inner = |raw: &RawValue| if open < DEEPEST { value(raw, open + 1) } else { Err(Refused::NotJson) };
    Ok(match text.bytes().next() {
        Some(b'{' | b'[') if open == DEEPEST => return Err(Refused::NotJson),
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).map_err(|_| Refused::NotJson)?;
            Value::Object(members.into_iter().map(|(name, raw)| Ok((name, inner(raw)?))).collect::<Result<_, _>>()?)
        }
        Some(b'[') => {
            let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| Refused::NotJson)?;
            Value::Array(entries.into_iter().map(inner).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Value::Text(serde_json::from_str(text).map_err(|_| Refused::NotJson)?),
        Some(b'n') => Value::Null,
        Some(b't' | b'f') => Value::Flag(text == "true"),
        _ => Value::Number(text.to_owned()),
    })
}

/// The members of an object in their order, by the texts of their values.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}

fn all<'a>(members: &'a [(String, Value)], name: &str) -> Vec<&'a Value> {
    members.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect()
}

/// Most parsers keep the last of equal names.
fn last<'a>(members: &'a [(String, Value)], name: &str) -> Option<&'a Value> {
    all(members, name).pop()
}

fn order(members: Vec<(String, Value)>) -> Order {
    let items = match all(&members, "items").as_slice() {
        [] | [Value::Null] => Items::Unset,
        [Value::Array(entries)] => Items::Entries(entries.iter().map(line).collect()),
        [_] => Items::NotArray,
        _ => Items::Twice,
    };
    let currency = match last(&members, "currency_code") {
        None | Some(Value::Null) => Currency::Unset,
        Some(Value::Text(code)) if code.trim_matches(BLANKS).is_empty() => Currency::Unset,
        Some(Value::Text(code)) => Currency::Code(code.clone()),
        Some(_) => Currency::NotText,
    };
    Order {
        cust_ref: label(last(&members, "cust_ref")),
        order_source: label(last(&members, "order_source")),
        currency,
        header: fields(&HEADER_NAMES, &members),
        items,
    }
}

fn line(entry: &Value) -> Option<Line> {
    let Value::Object(members) = entry else { return None };
    let filtered = matches!(last(members, "filtered_sku"), Some(Value::Text(text)) if text == "Y");
    Some(Line { fields: fields(&LINE_NAMES, members), filtered })
}

fn label(value: Option<&Value>) -> Option<String> {
    match value {
        Some(Value::Text(text) | Value::Number(text)) => Some(text.clone()),
        _ => None,
    }
}

fn fields(table: &[(&'static str, &[&str])], members: &[(String, Value)]) -> Fields {
    let single = |name: &str| match all(members, name).as_slice() {
        [] => Charge::Unset,
        [value] => charge(value),
        _ => Charge::Twice,
    };
    let others = members.iter().filter(|(name, _)| table.iter().all(|(known, _)| known != name));
    Fields {
        charges: table.iter().map(|(name, _)| (*name, single(name))).collect(),
        others: others.map(|(name, value)| (name.clone(), charge(value))).collect(),
    }
}

fn charge(value: &Value) -> Charge {
    let amount = |text: &str| Decimal::read(text).map_or(Charge::NotAmount, Charge::Amount);
    match value {
        Value::Null => Charge::Unset,
        Value::Number(text) => amount(text),
        Value::Text(text) if text.trim_matches(BLANKS).is_empty() => Charge::Blank,
        Value::Text(text) => amount(text.trim_matches(BLANKS)),
        Value::Flag(_) | Value::Array(_) | Value::Object(_) => Charge::NotAmount,
    }
}
