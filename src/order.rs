//! The order: what its fields hold, and which amounts under other names count. Its charge fields are a table, in
//! `field.rs`.

mod field;
mod place;

use core::convert::Infallible;
use core::fmt;
use core::str::FromStr;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::amount::{self, Amount};
use crate::text_form::named;

pub(crate) use field::FieldSet;
pub use field::{Field, Level, Line, Order};
pub use place::Place;

/// The state of a charge field. Unset, unusable and zero are three different states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charge {
    /// Absent, or `null`.
    #[default]
    Unset,
    /// An empty or blank string, which counts as unset (OC305).
    Blank,
    /// An amount, possibly 0.
    Amount(Amount),
    /// A value that cannot be calculated with, and is not guessed.
    Unusable(Unusable),
}

/// Why a field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unusable {
    /// It holds something that is not an amount (OC301).
    NotAmount(Found),
    /// It holds an amount with more digits than can be held exactly (OC302).
    Inexact,
    /// It is there more than once in its object (OC303).
    Duplicate,
}

/// The kind of a value that is there instead of the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Found {
    /// A string that is not a number.
    Text,
    /// A string with a currency sign.
    CurrencySign,
    /// A string with a comma, between thousands or instead of the point.
    Comma,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// An array.
    Array,
    /// An object.
    Object,
    /// `null`.
    Null,
}

named!(
    Found,
    "kind of value",
    Text = "a string",
    CurrencySign = "a string with a currency sign",
    Comma = "a string with a comma",
    Boolean = "a boolean",
    Number = "a number",
    Array = "an array",
    Object = "an object",
    Null = "null",
);

impl Charge {
    /// Reads the text of an amount: the result is an amount, blank, or unusable. Use it for JSON strings, JSON numbers and the
    /// cells of a table.
    ///
    /// ```
    /// use ordercharge::Charge;
    ///
    /// assert!(Charge::from_text(" 5.00 ").amount().is_some());
    /// assert_eq!(Charge::from_text(" "), Charge::Blank);
    /// assert!(Charge::from_text("1,000").is_unusable());
    /// ```
    pub fn from_text(text: &str) -> Charge {
        Charge::from_utf8(text.as_bytes())
    }

    /// Like [`Self::from_text`], for bytes known to be UTF-8.
    pub(crate) fn from_utf8(text: &[u8]) -> Charge {
        match Amount::read(text) {
            Ok(amount) => Charge::Amount(amount),
            Err(amount::Unreadable::Inexact) => Charge::Unusable(Unusable::Inexact),
            Err(amount::Unreadable::Malformed) if amount::trim(text).is_empty() => Charge::Blank,
            Err(amount::Unreadable::Malformed) => {
                Charge::Unusable(Unusable::NotAmount(describe(core::str::from_utf8(text).unwrap_or_default())))
            }
        }
    }

    /// The amount, if it holds one.
    pub fn amount(self) -> Option<Amount> {
        match self {
            Charge::Amount(amount) => Some(amount),
            _ => None,
        }
    }

    /// Whether it is absent, `null` or blank.
    pub fn is_unset(self) -> bool {
        matches!(self, Charge::Unset | Charge::Blank)
    }

    /// Whether the field is there exactly once in the text that it was read from.
    pub(crate) fn stands_once(self) -> bool {
        !matches!(self, Charge::Unset | Charge::Unusable(Unusable::Duplicate))
    }

    /// Whether it holds a value that cannot be calculated with.
    pub fn is_unusable(self) -> bool {
        matches!(self, Charge::Unusable(_))
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Charge::Amount(amount) => fmt::Display::fmt(amount, f),
            Charge::Unset | Charge::Blank => f.pad("unset"),
            Charge::Unusable(_) => f.pad("unusable"),
        }
    }
}

impl<T> From<T> for Charge
where
    Amount: TryFrom<T>,
{
    /// An amount, or unusable if it has too many digits.
    fn from(value: T) -> Charge {
        Amount::try_from(value).map_or(Charge::Unusable(Unusable::Inexact), Charge::Amount)
    }
}

impl From<Option<Amount>> for Charge {
    /// An amount, or unset.
    fn from(amount: Option<Amount>) -> Charge {
        amount.map_or(Charge::Unset, Charge::Amount)
    }
}

impl From<Option<Decimal>> for Charge {
    /// An amount; unset if there is none, and unusable if it has too many digits.
    fn from(amount: Option<Decimal>) -> Charge {
        amount.map_or(Charge::Unset, Charge::from)
    }
}

impl FromStr for Charge {
    type Err = Infallible;

    /// Reads it like [`Charge::from_text`], and never fails: a string that is not an amount is an unusable charge.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Charge::from_text(text))
    }
}

/// The kind of a string that is not an amount.
fn describe(text: &str) -> Found {
    let digits = text.bytes().any(|b| b.is_ascii_digit());
    if digits && text.contains(['$', '€', '£', '¥', '₹', '₩', '₽', '฿', '₫', '₺']) {
        Found::CurrencySign
    } else if digits && text.contains(',') {
        Found::Comma
    } else {
        Found::Text
    }
}

/// The content of `items`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Items {
    /// Absent, or `null`.
    #[default]
    Unset,
    /// Not an array, or there twice.
    Unusable(Unusable),
    /// The lines, which may be none.
    Lines(Vec<Line>),
}

/// A field that the definitions do not know, with another name for a charge field and an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misnamed {
    /// Its name in the JSON text.
    pub name: String,
    /// The field it seems to mean.
    pub means: Field,
    /// Its amount.
    pub amount: Amount,
}

/// An unset field that amounts under other names seem to mean. Only this type decides which of them counts: the report,
/// `complete` and every repair use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renamed<'a> {
    /// The place of the unset field.
    pub(crate) place: Place,
    /// The field there.
    pub(crate) means: Field,
    /// What the field should be; `None` if the names hold different amounts, because then none of them counts.
    pub(crate) amount: Option<Amount>,
    /// The other names with their amounts. A name that is there twice with different amounts has none.
    pub(crate) names: BTreeMap<&'a str, Option<Amount>>,
}

impl<'a> Renamed<'a> {
    /// Adds the fields that some amounts of one object seem to mean and that are unset in it.
    fn gather(
        misnamed: &'a [Misnamed],
        get: impl Fn(Field) -> Charge,
        place: impl Fn(Field) -> Place,
        all: &mut Vec<Renamed<'a>>,
    ) {
        let start = all.len();
        for Misnamed { name, means, amount } in misnamed.iter().filter(|other| get(other.means).is_unset()) {
            let known = all.iter_mut().skip(start).find(|known| known.means == *means);
            match known {
                Some(known) => {
                    known.amount = known.amount.filter(|other| other == amount);
                    let held = known.names.entry(name).or_insert(Some(*amount));
                    *held = held.filter(|other| other == amount);
                }
                None => all.push(Renamed {
                    place: place(*means),
                    means: *means,
                    amount: Some(*amount),
                    names: BTreeMap::from([(name.as_str(), Some(*amount))]),
                }),
            }
        }
    }
}

impl Order {
    /// The lines; empty if `items` is unset or unusable.
    pub fn lines(&self) -> &[Line] {
        match &self.items {
            Items::Lines(lines) => lines,
            _ => &[],
        }
    }

    /// Whether `items` is unset, not an array, or empty (OC306). `items` that is there twice (OC303) does not count.
    pub(crate) fn has_no_items(&self) -> bool {
        match &self.items {
            Items::Unset => true,
            Items::Unusable(why) => *why != Unusable::Duplicate,
            Items::Lines(lines) => lines.is_empty(),
        }
    }

    /// Writes an amount to the place of a charge field. At other places it does nothing.
    pub(crate) fn put(&mut self, place: &Place, amount: Amount) {
        let slot = match (place, &mut self.items) {
            (Place::Field(field), _) => self.get_mut(*field),
            (Place::LineField(at, field), Items::Lines(lines)) => {
                lines.get_mut(*at).and_then(|line| line.get_mut(*field))
            }
            _ => None,
        };
        if let Some(slot) = slot {
            *slot = Charge::Amount(amount);
        }
    }

    /// The unset fields that amounts under other names seem to mean: the header's, then line by line.
    pub(crate) fn renamed(&self) -> Vec<Renamed<'_>> {
        let mut all = Vec::new();
        if !self.misnamed.is_empty() {
            Renamed::gather(&self.misnamed, |field| self.get(field), Place::Field, &mut all);
        }
        for (at, line) in self.lines().iter().enumerate().filter(|(_, line)| !line.misnamed.is_empty()) {
            Renamed::gather(&line.misnamed, |field| line.get(field), |field| Place::LineField(at, field), &mut all);
        }
        all
    }

    /// The charge at a place, if it is the place of a charge field.
    pub fn charge_at(&self, place: &Place) -> Charge {
        match place {
            Place::Field(field) => self.get(*field),
            Place::LineField(line, field) => self.lines().get(*line).map_or(Charge::Unset, |line| line.get(*field)),
            _ => Charge::Unset,
        }
    }

    /// Every charge field of the order with its charge: those of the header, then line by line. Entries of `items` that are not
    /// objects have none.
    pub fn charges(&self) -> impl Iterator<Item = (Place, Charge)> {
        let of = |level: Level| level.fields().iter().copied();
        let header = of(Level::Header).map(|field| (Place::Field(field), self.get(field)));
        let lines = self.lines().iter().enumerate().filter(|(_, line)| line.not_an_object.is_none());
        header.chain(lines.flat_map(move |(at, line)| {
            of(Level::Line).map(move |field| (Place::LineField(at, field), line.get(field)))
        }))
    }
}
