//! Places in an order, as JSON Pointers.

use core::fmt::{self, Write};
use core::str::FromStr;

use super::{Field, Level};
use crate::amount::Amount;
use crate::error::Error;
use crate::text_form::serde_as_text;

/// A place in an order. `Display` prints its JSON Pointer (RFC 6901), and `FromStr` reads it.
///
/// ```
/// use ordercharge::{Field, Place};
///
/// let place = Place::LineField(0, Field::ExtendedAmount);
/// assert_eq!(place.to_string(), "/items/0/extended_amount");
/// assert_eq!("/items/0/extended_amount".parse(), Ok(place));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A charge field of the header.
    Field(Field),
    /// `currency_code`.
    CurrencyCode,
    /// `items`.
    Items,
    /// An entry of `items`, counted from 0.
    Line(usize),
    /// A charge field of a line.
    LineField(usize, Field),
    /// Another field of the header, by its name in the JSON text.
    Named(String),
    /// Another field of a line, by its name in the JSON text.
    LineNamed(usize, String),
}

impl Place {
    /// The charge field there, if it is one.
    pub fn field(&self) -> Option<Field> {
        match self {
            Place::Field(field) | Place::LineField(_, field) => Some(*field),
            _ => None,
        }
    }

    /// The index of its line, if it is in one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Place::Line(line) | Place::LineField(line, _) | Place::LineNamed(line, _) => Some(*line),
            _ => None,
        }
    }

    /// The name of the field at the place: `extended_amount` for any line.
    pub fn name(&self) -> &str {
        match self {
            Place::Field(field) | Place::LineField(_, field) => field.name(),
            Place::CurrencyCode => "currency_code",
            Place::Items => "items",
            Place::Line(_) => "line",
            Place::Named(name) | Place::LineNamed(_, name) => name,
        }
    }

    /// The place in words, with lines counted from 1.
    ///
    /// ```
    /// use ordercharge::{Field, Place};
    ///
    /// assert_eq!(Place::LineField(0, Field::Price).in_words().to_string(), "price of line 1");
    /// assert_eq!(Place::Line(0).in_words().to_string(), "line 1");
    /// assert_eq!(Place::Field(Field::GrandTotal).in_words().to_string(), "grand_total");
    /// ```
    pub fn in_words(&self) -> impl fmt::Display {
        InWords(self)
    }

    /// Writes the place in words, part by part: a format string is slower.
    pub(crate) fn write_in_words(&self, out: &mut impl Write) -> fmt::Result {
        out.write_str(self.name())?;
        let Some(line) = self.line() else { return Ok(()) };
        out.write_str(if matches!(self, Place::Line(_)) { " " } else { " of line " })?;
        let number = (line as u64).saturating_add(1);
        match u8::try_from(number) {
            Ok(digit @ 0..10) => out.write_char(char::from(b'0' + digit)),
            _ => out.write_str(&Amount::from(number).text()),
        }
    }

    /// The JSON Pointer to it.
    pub(crate) fn pointer(&self) -> String {
        // Nearly all pointers fit without growing; writing to a string does not fail.
        let mut pointer = String::with_capacity(32);
        let _ = write!(pointer, "{self}");
        pointer
    }
}

impl fmt::Display for Place {
    // Written part by part: a format string is slower.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Field(field) => {
                f.write_char('/')?;
                f.write_str(field.name())
            }
            Place::CurrencyCode => f.write_str("/currency_code"),
            Place::Items => f.write_str("/items"),
            Place::Line(line) => write!(f, "/items/{line}"),
            Place::LineField(line, field) => {
                write!(f, "/items/{line}/")?;
                f.write_str(field.name())
            }
            Place::Named(name) => write!(f, "/{}", escape(name)),
            Place::LineNamed(line, name) => write!(f, "/items/{line}/{}", escape(name)),
        }
    }
}

struct InWords<'p>(&'p Place);

impl fmt::Display for InWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_in_words(f)
    }
}

fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

impl FromStr for Place {
    type Err = Error;

    fn from_str(pointer: &str) -> Result<Self, Error> {
        let unknown = || Error::unknown_name("place of an order", pointer, None);
        let path = pointer.strip_prefix('/').ok_or_else(unknown)?;
        let mut tokens = path.split('/');
        let place = match (tokens.next(), tokens.next(), tokens.next(), tokens.next()) {
            (Some("items"), None, ..) => Place::Items,
            (Some("items"), Some(line), field, None) => {
                let line = line.parse().map_err(|_| unknown())?;
                match field.map(unescape) {
                    None => Place::Line(line),
                    Some(name) => match Field::from_name(Level::Line, &name) {
                        Some(field) => Place::LineField(line, field),
                        None => Place::LineNamed(line, name),
                    },
                }
            }
            (Some("currency_code"), None, ..) => Place::CurrencyCode,
            (Some(name), None, ..) => match Field::from_name(Level::Header, &unescape(name)) {
                Some(field) => Place::Field(field),
                None => Place::Named(unescape(name)),
            },
            _ => return Err(unknown()),
        };
        Ok(place)
    }
}

serde_as_text!(Place);
