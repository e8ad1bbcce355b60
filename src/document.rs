//! One order and the text it was read from: checks carry spans, places are found in the text again.

use core::ops::Range;

use crate::error::{Error, Position};
use crate::order::{Order, Place};
use crate::policy::Policy;
use crate::report::{Report, Span, check};
use crate::scan::{Fault, Halt, Scan, Scanner};
use crate::wire;

/// The byte order mark of UTF-8, which is no fault at the start of a text.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An order with the text it was read from, and where that text begins in its source.
///
/// ```
/// use ordercharge::{Document, Policy};
///
/// let text = br#"{"items": [{"price": 4.4, "quantity": 2, "extended_amount": 9}]}"#;
/// let document = Document::from_json(text)?;
/// let report = document.check(&Policy::default());
/// let span = report.violations[0].span.unwrap();
/// assert_eq!((span.start.line, span.start.column), (1, 61));
/// assert_eq!(&text[span.start.offset as usize..span.end as usize], b"9");
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Document<'a> {
    order: Order,
    text: &'a [u8],
    position: Position,
}

impl<'a> Document<'a> {
    pub(crate) fn new(order: Order, text: &'a [u8], position: Position) -> Document<'a> {
        Document { order, text, position }
    }

    /// Reads a text that is one order. Blanks and a byte order mark around it are no fault; for lists of orders,
    /// replies of the API and NDJSON see [`Documents`](crate::Documents).
    pub fn from_json(text: &'a [u8]) -> Result<Document<'a>, Error> {
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let mut scan = Scanner::new(text, mark);
        let read = read_whole(&mut scan);
        let position = |at: usize| {
            let start = Position { offset: mark as u64, ..Position::START };
            start.after(text.get(mark..at).unwrap_or_default())
        };
        match read {
            Ok((start, end, order)) => {
                Ok(Document::new(order, text.get(start..end).unwrap_or_default(), position(start)))
            }
            Err(Stop::NotOrder(start, found)) => Err(Error::not_order(found, position(start))),
            Err(Stop::Halt(halt)) => {
                let fault = fault_of(halt, text.len());
                Err(syntax_error(fault, text, position(fault.at)))
            }
        }
    }

    /// The order.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The order, without its text.
    pub fn into_order(self) -> Order {
        self.order
    }

    /// The bytes of the order, from its `{` to its `}`.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Where the order begins in its source.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Checks the order; each violation says where it is in the source.
    pub fn check(&self, policy: &Policy) -> Report {
        let mut report = check(&self.order, policy);
        for violation in &mut report.violations {
            violation.span = Some(self.span(&violation.place));
        }
        report
    }

    /// Where a place is in the source: its value (the last one, where the field stands more than once), or the `{`
    /// of the object that lacks it.
    pub fn span(&self, place: &Place) -> Span {
        let range = self.locate(place);
        Span {
            start: self.position.after(self.text.get(..range.start).unwrap_or_default()),
            end: self.position.offset + range.end as u64,
        }
    }

    /// The same within [`text`](Document::text).
    pub fn locate(&self, place: &Place) -> Range<usize> {
        find(self.text, place).unwrap_or_else(|nearest| nearest..nearest + 1)
    }

    /// The value that stands at a place, within [`text`](Document::text), if one does.
    pub fn value_at(&self, place: &Place) -> Option<Range<usize>> {
        find(self.text, place).ok()
    }
}

impl Order {
    /// Reads an order from a JSON text; see [`Document::from_json`] to keep the text and its positions.
    ///
    /// Amounts are read from the text of the number or string, never through a binary float.
    ///
    /// ```
    /// use ordercharge::Order;
    ///
    /// let order = Order::from_json(br#"{"sub_total": 12345678901234567.89, "items": []}"#)?;
    /// assert_eq!(order.sub_total.amount().unwrap().to_string(), "12345678901234567.89");
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn from_json(text: &[u8]) -> Result<Order, Error> {
        Document::from_json(text).map(Document::into_order)
    }
}

enum Stop {
    Halt(Halt),
    NotOrder(usize, &'static str),
}

fn read_whole(scan: &mut Scanner<'_>) -> Result<(usize, usize, Order), Stop> {
    let first = scan.peek().map_err(Stop::Halt)?;
    let start = scan.at();
    if first != b'{' {
        // A number may end with the text.
        return match scan.skip(0) {
            Ok(_) | Err(Halt::Short) => Err(Stop::NotOrder(start, wire::found(first).name())),
            Err(halt) => Err(Stop::Halt(halt)),
        };
    }
    let (order, _) = wire::read_order(scan, 0, false).map_err(Stop::Halt)?;
    let end = scan.at();
    match scan.peek() {
        Err(_) => Ok((start, end, order)),
        Ok(_) => scan.bad("the end of the text behind the order").map_err(Stop::Halt),
    }
}

/// Where reading stopped; a text that is too short ends where more was expected.
pub(crate) fn fault_of(halt: Halt, end: usize) -> Fault {
    match halt {
        Halt::Bad(fault) => fault,
        Halt::Short => Fault { at: end, expected: "more of the order" },
    }
}

/// The error for a fault in a text.
pub(crate) fn syntax_error(fault: Fault, text: &[u8], position: Position) -> Error {
    let rest = text.get(fault.at..).unwrap_or_default();
    Error::syntax(fault.expected, describe(rest), position)
}

/// The next character of a text, in words.
fn describe(rest: &[u8]) -> String {
    let head = rest.get(..4).unwrap_or(rest);
    let valid = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    match (valid.chars().next(), head.first()) {
        (Some('\n' | '\r'), _) => "the end of the line".to_owned(),
        (Some(char), _) if char.is_control() => format!("the control character U+{:04X}", u32::from(char)),
        (Some(char), _) => format!("`{char}`"),
        (None, Some(byte)) => format!("the byte 0x{byte:02X}"),
        (None, None) => "the end of the input".to_owned(),
    }
}

/// The value at a place of an order's text, or where the nearest object around it begins.
fn find(text: &[u8], place: &Place) -> Result<Range<usize>, usize> {
    let header = |name: &str| member(text, 0, name).ok_or(0);
    let line = |at: usize| {
        let items = header("items")?;
        entry(text, items.start, at).ok_or(items.start)
    };
    let of_line = |at: usize, name: &str| {
        let line = line(at)?;
        member(text, line.start, name).ok_or(line.start)
    };
    match place {
        Place::Field(field) => header(field.name()),
        Place::CurrencyCode => header("currency_code"),
        Place::Items => header("items"),
        Place::Named(name) => header(name),
        Place::Line(at) => line(*at),
        Place::LineField(at, field) => of_line(*at, field.name()),
        Place::LineNamed(at, name) => of_line(*at, name),
    }
}

/// The value of a member of the object at `at`; of equal names the last counts.
fn member(text: &[u8], at: usize, name: &str) -> Option<Range<usize>> {
    let mut found = None;
    let mut scan = Scanner::new(text, at);
    let mut walk = || -> Scan<()> {
        let mut more = scan.peek()? == b'{' && scan.open_object()?;
        while more {
            let key = scan.key()?;
            scan.peek()?;
            let start = scan.at();
            scan.skip(0)?;
            if *key.bytes() == *name.as_bytes() {
                found = Some(start..scan.at());
            }
            more = scan.more_in_object()?;
        }
        Ok(())
    };
    // The text has been read before: it is whole.
    walk().ok().and(found)
}

/// An entry of the array at `at`.
fn entry(text: &[u8], at: usize, index: usize) -> Option<Range<usize>> {
    let mut scan = Scanner::new(text, at);
    let mut walk = || -> Scan<Option<Range<usize>>> {
        let mut more = scan.peek()? == b'[' && scan.open_array()?;
        let mut nth = 0;
        while more {
            scan.peek()?;
            let start = scan.at();
            scan.skip(0)?;
            if nth == index {
                return Ok(Some(start..scan.at()));
            }
            nth += 1;
            more = scan.more_in_array()?;
        }
        Ok(None)
    };
    walk().ok().flatten()
}
