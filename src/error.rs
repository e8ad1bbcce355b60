//! `Error`: why the work could not be done. An order that breaks rules is not an error; it gives a report.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A place in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// The number of bytes before it in its source.
    pub offset: u64,
    /// Its line, from 1. A line ends at `\n`.
    pub line: u64,
    /// Its column, from 1, in characters.
    pub column: u64,
}

impl Position {
    /// The first byte of a source.
    pub const START: Position = Position { offset: 0, line: 1, column: 1 };

    /// The position after bytes that start here.
    #[must_use]
    pub(crate) fn after(self, bytes: &[u8]) -> Position {
        let offset = self.offset + bytes.len() as u64;
        match line_ends(bytes) {
            0 => Position { offset, line: self.line, column: self.column + characters(bytes) },
            lines => {
                let last = bytes.iter().rposition(|b| *b == b'\n').unwrap_or_default();
                let tail = bytes.get(last + 1..).unwrap_or_default();
                Position { offset, line: self.line + lines, column: 1 + characters(tail) }
            }
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// How many lines end in these bytes.
pub(crate) fn line_ends(bytes: &[u8]) -> u64 {
    count(bytes, |byte| byte == b'\n')
}

/// How many characters start in these bytes: all but the continuation bytes of UTF-8.
pub(crate) fn characters(bytes: &[u8]) -> u64 {
    count(bytes, |byte| byte & 0b1100_0000 != 0b1000_0000)
}

/// The number of bytes of a kind. The counts of short pieces fit a byte, so that the compiler can use vectors.
fn count(bytes: &[u8], is: impl Fn(u8) -> bool) -> u64 {
    let of = |stretch: &[u8]| u64::from(stretch.iter().fold(0_u8, |sum, byte| sum + u8::from(is(*byte))));
    bytes.chunks(usize::from(u8::MAX)).map(of).sum()
}

/// Why the work could not be done: bytes that are not an order, a string that is not an amount, a name that is unknown.
///
/// A message says what was expected, what was found and, if it was read from JSON, where. It may contain codes and single
/// characters of the input, but never the values of an order.
///
/// ```
/// use ordercharge::Order;
///
/// let error = Order::from_json(b"{\"sub_total\": 14 \"sales_tax\": 0}").unwrap_err();
/// assert!(error.is_syntax());
/// assert_eq!(error.to_string(), "expected `,` or `}`, found `\"` at line 1, column 18");
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.reason(), self.position().map_or_else(String::new, |at| format!(" at {at}")))]
pub struct Error(Box<Repr>);

#[derive(Clone, PartialEq, Eq)]
struct Repr {
    kind: Kind,
    position: Option<Position>,
    /// The line up to the position, and the character there.
    line: Option<Box<str>>,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Syntax { expected: &'static str, found: String },
    NotOrder { found: &'static str },
    ApiError { code: Option<String> },
    TooLong { limit: usize },
    NotAmount,
    Inexact,
    UnknownName { what: &'static str, name: String, hint: Option<String> },
    NotTolerance { what: String },
    Unreadable { what: String },
    Unbuildable { what: String },
}

impl Error {
    fn new(kind: Kind, position: Option<Position>) -> Error {
        Error(Box::new(Repr { kind, position, line: None }))
    }

    pub(crate) fn syntax(expected: &'static str, found: String, position: Position, line: &str) -> Error {
        let mut error = Error::new(Kind::Syntax { expected, found }, Some(position));
        error.0.line = Some(line.into());
        error
    }

    pub(crate) fn not_order(found: &'static str, position: Position) -> Error {
        Error::new(Kind::NotOrder { found }, Some(position))
    }

    pub(crate) fn api_error(code: Option<String>, position: Position) -> Error {
        Error::new(Kind::ApiError { code }, Some(position))
    }

    pub(crate) fn too_long(limit: usize, position: Position) -> Error {
        Error::new(Kind::TooLong { limit }, Some(position))
    }

    pub(crate) fn not_amount() -> Error {
        Error::new(Kind::NotAmount, None)
    }

    pub(crate) fn inexact() -> Error {
        Error::new(Kind::Inexact, None)
    }

    pub(crate) fn unknown_name(what: &'static str, name: &str, hint: Option<String>) -> Error {
        Error::new(Kind::UnknownName { what, name: name.to_owned(), hint }, None)
    }

    pub(crate) fn unbuildable(what: String) -> Error {
        Error::new(Kind::Unbuildable { what }, None)
    }

    pub(crate) fn not_tolerance(what: String) -> Error {
        Error::new(Kind::NotTolerance { what }, None)
    }

    /// An error for a document that a reader of another format cannot read. The reason says what was expected and what was
    /// found.
    ///
    /// ```
    /// let error = ordercharge::Error::unreadable("this is XML, not JSON", None);
    /// assert_eq!(error.to_string(), "this is XML, not JSON");
    /// ```
    pub fn unreadable(reason: impl Into<String>, position: Option<Position>) -> Error {
        Error::new(Kind::Unreadable { what: reason.into() }, position)
    }

    /// This error with its position counted from another start.
    #[cfg(feature = "bulk")]
    pub(crate) fn moved(mut self, place: impl Fn(Position) -> Position) -> Error {
        self.0.position = self.0.position.map(place);
        self
    }

    /// Whether the bytes are not JSON.
    pub fn is_syntax(&self) -> bool {
        matches!(self.0.kind, Kind::Syntax { .. })
    }

    /// Whether the bytes are JSON but not an order: another value, or an error reply of the API.
    pub fn is_not_an_order(&self) -> bool {
        matches!(self.0.kind, Kind::NotOrder { .. } | Kind::ApiError { .. })
    }

    /// Whether one document of a stream is longer than the limit, see [`Reader::max_document`](crate::Reader::max_document).
    pub fn is_too_long(&self) -> bool {
        matches!(self.0.kind, Kind::TooLong { .. })
    }

    /// Whether a string or a number is not an amount.
    pub fn is_not_an_amount(&self) -> bool {
        matches!(self.0.kind, Kind::NotAmount)
    }

    /// Whether an amount, or a result, has more digits than can be held exactly.
    pub fn is_inexact(&self) -> bool {
        matches!(self.0.kind, Kind::Inexact)
    }

    /// Whether no rule, field, severity, rounding or the like has the given name.
    pub fn is_unknown_name(&self) -> bool {
        matches!(self.0.kind, Kind::UnknownName { .. })
    }

    /// The position in the text, if the error comes from one.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// For bytes that are not JSON, the last part of the line up to the position, within its document, and the character
    /// there: what a drawing points at. Unlike the message it contains values of the order, which may be personal.
    ///
    /// ```
    /// use ordercharge::Order;
    ///
    /// let error = Order::from_json(b"{\"sub_total\": 14 \"sales_tax\": 0}").unwrap_err();
    /// assert_eq!(error.line(), Some("{\"sub_total\": 14 \""));
    /// ```
    pub fn line(&self) -> Option<&str> {
        self.0.line.as_deref()
    }

    /// The message without the position.
    pub fn reason(&self) -> String {
        match &self.0.kind {
            Kind::Syntax { expected, found } => format!("expected {expected}, found {found}"),
            Kind::NotOrder { found } => format!("expected an order, found {found}"),
            Kind::ApiError { code: Some(code) } => {
                let code: String = code.chars().take(40).collect();
                format!("expected an order, found an error reply of the API with error_code {code:?}")
            }
            Kind::ApiError { code: None } => "expected an order, found an error reply of the API".to_owned(),
            Kind::TooLong { limit } => format!(
                "expected a document of at most {limit} bytes, found a longer one (a higher limit reads it: \
                 `--max-document`, `max_document`)"
            ),
            Kind::NotAmount => "expected a decimal number such as 12.34 or -5e2, found something else".to_owned(),
            Kind::Inexact => {
                "expected an amount of at most 28 digits and 28 decimals, found one that cannot be held exactly"
                    .to_owned()
            }
            Kind::UnknownName { what, name, hint: None } => format!("no {what} is called {name:?}"),
            Kind::UnknownName { what, name, hint: Some(hint) } => {
                format!("no {what} is called {name:?}: did you mean {hint}?")
            }
            Kind::NotTolerance { what } | Kind::Unbuildable { what } | Kind::Unreadable { what } => what.clone(),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}
