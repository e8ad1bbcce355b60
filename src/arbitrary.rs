//! The types of an order for fuzz targets: any value of each type, and right orders.
//!
//! ```
//! use arbitrary::{Arbitrary, Unstructured};
//! use ordercharge::arbitrary::Consistent;
//! use ordercharge::{Order, Policy, check};
//!
//! // In a fuzz target: `fuzz_target!(|order: Consistent| ...)`.
//! let mut bytes = Unstructured::new(b"what a fuzzer comes up with");
//! let Consistent(order) = Consistent::arbitrary(&mut bytes)?;
//! assert!(check(&order, &Policy::default()).violations.is_empty());
//!
//! // An `Order` may be anything: it is for code that must cope with every order.
//! let order = Order::arbitrary(&mut bytes)?;
//! let _ = check(&order, &Policy::default());
//! # Ok::<(), arbitrary::Error>(())
//! ```

use ::arbitrary::{Arbitrary, Result, Unstructured};

use crate::amount::Amount;
use crate::currency::Currency;
use crate::generate::{self, Choices, Faulty, Label, Params};
use crate::order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Unusable};
use crate::rules::Rule;

/// A right order: see [`generate::consistent_order`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistent(pub Order);

/// An order with exactly one fault, of any rule or mistake: see [`generate::one_fault`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneFault(pub Faulty);

impl<'a> Arbitrary<'a> for Consistent {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let mut choices = choices(bytes)?;
        Ok(Consistent(generate::consistent_order(&Params::default(), &mut choices)))
    }
}

impl<'a> Arbitrary<'a> for OneFault {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let number = bytes.choose_index(Label::all().count())?;
        let label = Label::all().nth(number).unwrap_or(Label::Rule(Rule::GrandTotal));
        let mut choices = choices(bytes)?;
        Ok(OneFault(generate::one_fault(label, &mut choices)))
    }
}

/// Choices from some of the bytes.
fn choices<'a>(bytes: &mut Unstructured<'a>) -> Result<Choices<'a>> {
    let count = bytes.arbitrary_len::<u8>()?;
    bytes.bytes(count).map(Choices::of)
}

/// Any amount: usually one with few digits and decimals, sometimes one at the limits.
impl<'a> Arbitrary<'a> for Amount {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let mantissa = match bytes.int_in_range(0..=3)? {
            0 => bytes.arbitrary::<i8>()?.into(),
            1 => bytes.arbitrary::<i32>()?.into(),
            2 => bytes.arbitrary::<i64>()?.into(),
            _ => bytes.arbitrary::<i128>()? % 10_i128.pow(Amount::MAX_DIGITS),
        };
        let scale = if bytes.ratio(3, 4)? {
            bytes.int_in_range(0..=4)?
        } else {
            bytes.int_in_range(0..=Amount::MAX_DECIMALS)?
        };
        Ok(Amount::new(mantissa, scale).unwrap_or_default())
    }
}

/// The kinds of values that are not amounts. A number is always an amount.
impl<'a> Arbitrary<'a> for Found {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let kinds = [Found::Text, Found::CurrencySign, Found::Comma, Found::Boolean, Found::Array, Found::Object];
        bytes.choose(&kinds).copied()
    }
}

impl<'a> Arbitrary<'a> for Unusable {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match bytes.int_in_range(0..=2)? {
            0 => Unusable::NotAmount(bytes.arbitrary()?),
            1 => Unusable::Inexact,
            _ => Unusable::Duplicate,
        })
    }
}

/// Usually an amount.
impl<'a> Arbitrary<'a> for Charge {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match bytes.int_in_range(0..=9)? {
            0 | 1 => Charge::Unset,
            2 => Charge::Blank,
            3 => Charge::Unusable(bytes.arbitrary()?),
            _ => Charge::Amount(bytes.arbitrary()?),
        })
    }
}

/// A code of the table, or any string.
impl<'a> Arbitrary<'a> for Currency {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let codes = ["USD", "EUR", "JPY", "KWD", "CLF", "CHF", "XXX"];
        Ok(match bytes.int_in_range(0..=3)? {
            0 => Currency::Unset,
            1 | 2 => Currency::from_code(bytes.choose(&codes)?),
            _ => Currency::from_code(bytes.arbitrary()?),
        })
    }
}

impl<'a> Arbitrary<'a> for Field {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        bytes.choose(Field::ALL).copied()
    }
}

/// An amount under another name for a field of this level.
fn misnamed(bytes: &mut Unstructured<'_>, level: Level) -> Result<Misnamed> {
    let means = *bytes.choose(level.fields())?;
    let name = means.aliases().first().map_or_else(|| means.name().to_uppercase(), |name| (*name).to_owned());
    Ok(Misnamed { name, means, amount: bytes.arbitrary()? })
}

fn some_misnamed(bytes: &mut Unstructured<'_>, level: Level) -> Result<Vec<Misnamed>> {
    if bytes.ratio(1, 8)? { Ok(vec![misnamed(bytes, level)?]) } else { Ok(Vec::new()) }
}

/// A charge for each field of that level.
fn charges(bytes: &mut Unstructured<'_>, level: Level, mut put: impl FnMut(Field, Charge)) -> Result<()> {
    level.fields().iter().try_for_each(|field| {
        put(*field, bytes.arbitrary()?);
        Ok(())
    })
}

impl<'a> Arbitrary<'a> for Line {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        if bytes.ratio(1, 16)? {
            let kinds = [Found::Null, Found::Text, Found::Number, Found::Boolean, Found::Array];
            return Ok(Line { not_an_object: Some(*bytes.choose(&kinds)?), ..Line::default() });
        }
        let mut line = Line::default();
        charges(bytes, Level::Line, |field, charge| line.get_mut(field).into_iter().for_each(|slot| *slot = charge))?;
        line.misnamed = some_misnamed(bytes, Level::Line)?;
        line.filtered = bytes.arbitrary()?;
        Ok(line)
    }
}

impl<'a> Arbitrary<'a> for Items {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match bytes.int_in_range(0..=9)? {
            0 => Items::Unset,
            1 => Items::Unusable(Unusable::Duplicate),
            2 => Items::Unusable(Unusable::NotAmount(Found::Object)),
            _ => Items::Lines(bytes.arbitrary()?),
        })
    }
}

/// Anything an order may be, right or wrong.
impl<'a> Arbitrary<'a> for Order {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Self> {
        let mut order = Order {
            cust_ref: bytes.arbitrary()?,
            order_source: bytes.arbitrary()?,
            from_reply: bytes.arbitrary()?,
            currency: bytes.arbitrary()?,
            ..Order::default()
        };
        charges(bytes, Level::Header, |field, charge| {
            order.get_mut(field).into_iter().for_each(|slot| *slot = charge)
        })?;
        order.items = bytes.arbitrary()?;
        order.misnamed = some_misnamed(bytes, Level::Header)?;
        Ok(order)
    }
}
