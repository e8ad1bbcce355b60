//! One order and the text it was read from: violations have spans, and places are found in the text.

use core::fmt;
use core::ops::Range;
use std::borrow::Cow;

use crate::calculate::missing;
use crate::check::check;
use crate::edit::{Edit, json_patch, patches, write_amounts};
use crate::error::{Error, Position, line_ends};
use crate::findings::Span;
use crate::locate::{Outline, Starts, nearest_all};
use crate::options::Options;
use crate::order::{Order, Place};
use crate::policy::Policy;
use crate::repair::Repair;
use crate::report::Report;
use crate::scan::{Halt, Scanner, syntax_error};
use crate::wire::{self, Reading, Shape};

/// The byte order mark of UTF-8, which is allowed at the start of the input.
pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// An order with the text it was read from, and the position of that text in its source.
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
#[derive(Clone)]
pub struct Document<'a> {
    order: Cow<'a, Order>,
    /// Where its amounts are, if its reader has noted it.
    starts: Option<&'a Starts>,
    text: &'a [u8],
    position: Position,
}

/// Without the text, which may hold names and addresses, and without what a reader has noted for itself.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Document")
            .field("order", &self.order)
            .field("bytes", &self.text.len())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

/// A change of a source: bytes that are replaced by others. An amount that is added replaces an empty range.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Patch {
    /// The bytes that are replaced.
    pub span: Span,
    /// What they are replaced by.
    pub text: String,
}

impl<'a> Document<'a> {
    pub(crate) fn new(order: Cow<'a, Order>, text: &'a [u8], position: Position) -> Document<'a> {
        Document { order, starts: None, text, position }
    }

    /// Like [`Document::new`], with what the reader has noted of places.
    pub(crate) fn with_starts(
        order: &'a Order,
        starts: &'a Starts,
        text: &'a [u8],
        position: Position,
    ) -> Document<'a> {
        Document { order: Cow::Borrowed(order), starts: Some(starts), text, position }
    }

    /// Reads the JSON of one order. Blanks around it and a byte order mark are allowed. For lists of orders, replies of
    /// the API and NDJSON see [`Documents`](crate::Documents).
    ///
    /// # Errors
    ///
    /// If the text is not JSON, or is JSON but not one order.
    pub fn from_json(text: &'a [u8]) -> Result<Document<'a>, Error> {
        let mut reading = Reading::default();
        let (range, position) = read_alone(text, &mut reading)?;
        Ok(Document::new(Cow::Owned(reading.order), text.get(range).unwrap_or_default(), position))
    }

    /// The order.
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The order, without its text.
    pub fn into_order(self) -> Order {
        self.order.into_owned()
    }

    /// The bytes of the order, from its `{` to its `}`.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }

    /// Where the order begins in its source.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Checks the order. Like [`check`](crate::check()), but each violation also has its place in the source.
    pub fn check(&self, policy: &Policy) -> Report {
        let mut report = check(&self.order, policy);
        if report.violations.is_empty() {
            return report;
        }
        let spans = self.spans(report.violations.iter().map(|violation| &violation.place));
        for (violation, span) in report.violations.iter_mut().zip(spans) {
            violation.span = Some(span);
        }
        report
    }

    /// Where places are in the source, in at most one pass over the text: the value, or the start of the object that lacks it.
    ///
    /// ```
    /// use ordercharge::{Document, Field, Place};
    ///
    /// let text = br#"{"sub_total": 14, "items": []}"#;
    /// let document = Document::from_json(text)?;
    /// let spans = document.spans([&Place::Field(Field::SubTotal), &Place::Items]);
    /// assert_eq!(&text[spans[0].start.offset as usize..spans[0].end as usize], b"14");
    /// assert_eq!(spans[1].start.column, 28);
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn spans<'p>(&self, places: impl IntoIterator<Item = &'p Place>) -> Vec<Span> {
        let places: Vec<&Place> = places.into_iter().collect();
        let known = self.starts.and_then(|starts| starts.find_all(self.text, places.iter().copied()));
        let once = |place| (place, self.order.charge_at(place).stands_once());
        self.spans_of(known.unwrap_or_else(|| nearest_all(self.text, places.iter().copied().map(once))))
    }

    /// The spans of ranges of the text.
    fn spans_of(&self, ranges: Vec<Range<usize>>) -> Vec<Span> {
        let Position { offset, line, column } = self.position;
        let last = ranges.iter().map(|range| range.start).max().unwrap_or_default();
        if let Some(before) = self.text.get(..last)
            && before.is_ascii()
            && line_ends(before) == 0
        {
            // As most orders are: all on one line, and each byte is a character.
            let after = |at: usize| Position { offset: offset + at as u64, line, column: column + at as u64 };
            let span = |range: Range<usize>| Span { start: after(range.start), end: offset + range.end as u64 };
            return ranges.into_iter().map(span).collect();
        }
        let unknown = Span { start: self.position, end: offset };
        let mut spans = vec![unknown; ranges.len()];
        let mut placed: Vec<(Range<usize>, &mut Span)> = ranges.into_iter().zip(&mut spans).collect();
        // From front to back, so that lines and columns are counted only once.
        placed.sort_by_key(|(range, _)| range.start);
        let (mut at, mut position) = (0, self.position);
        for (range, span) in placed {
            position = position.after(self.text.get(at..range.start).unwrap_or_default());
            at = range.start;
            *span = Span { start: position, end: self.position.offset + range.end as u64 };
        }
        spans
    }

    /// Where each field is in [`text`](Document::text).
    ///
    /// ```
    /// use ordercharge::{Document, Field, Place};
    ///
    /// let document = Document::from_json(br#"{"sub_total": 14, "items": []}"#)?;
    /// let outline = document.outline();
    /// assert_eq!(outline.value_at(&Place::Field(Field::SubTotal)), Some(14..16));
    /// assert_eq!(outline.value_at(&Place::Field(Field::GrandTotal)), None);
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn outline(&self) -> Outline<'a> {
        Outline::new(self.text)
    }

    /// The text with its unset amounts filled in, like [`complete`](crate::complete). Every other byte stays as it is.
    ///
    /// ```
    /// use ordercharge::{Document, Options};
    ///
    /// let document = Document::from_json(br#"{"items": [{"price": "4.40", "quantity": "2"}]}"#)?;
    /// let text = String::from_utf8(document.completed(&Options::default())).unwrap();
    /// assert!(text.starts_with(r#"{"items": [{"price": "4.40", "quantity": "2", "extended_amount": "8.80"}],"sub_total": 8.80,"#));
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn completed(&self, options: &Options) -> Vec<u8> {
        let missing = missing(&self.order, options);
        let edits: Vec<Edit> = missing.into_iter().map(|(place, value)| Edit::new(&self.order, place, value)).collect();
        write_amounts(self.text, &edits)
    }

    /// The text with the edits of a repair. Every other byte stays as it is. A number stays a number and a string stays a
    /// string, with the decimals that CartRover keeps; an amount that was unset is added next to its neighbours.
    ///
    /// ```
    /// use ordercharge::{Document, Policy};
    ///
    /// let text = br#"{"sub_total": "92.00", "grand_total": "92.00", "items": [{"price": 30.67, "quantity": 3, "extended_amount": 92}]}"#;
    /// let document = Document::from_json(text)?;
    /// let repair = document.check(&Policy::default()).repair.unwrap();
    /// assert_eq!(
    ///     document.repaired(&repair),
    ///     br#"{"sub_total": "92.00", "grand_total": "92.00", "items": [{"price": 30.6667, "quantity": 3, "extended_amount": 92}]}"#
    /// );
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn repaired(&self, repair: &Repair) -> Vec<u8> {
        write_amounts(self.text, &repair.edits)
    }

    /// The edits of a repair as changes of the source, one for each edit: [`repaired`](Document::repaired) makes them all.
    ///
    /// ```
    /// use ordercharge::{Document, Policy};
    ///
    /// let text = br#"{"balance": "3.00", "items": [{"quantity": 1}]}"#;
    /// let document = Document::from_json(text)?;
    /// let patches = document.patches(&document.check(&Policy::default()).repair.unwrap());
    /// assert_eq!((patches[0].span.start.column, patches[0].text.as_str()), (13, r#""0.00""#));
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn patches(&self, repair: &Repair) -> Vec<Patch> {
        let (ranges, texts): (Vec<_>, Vec<_>) = patches(self.text, &repair.edits).into_iter().unzip();
        let patch = |(span, text)| Patch { span, text };
        self.spans_of(ranges).into_iter().zip(texts).map(patch).collect()
    }

    /// The edits of a repair as a JSON Patch (RFC 6902) of this text.
    pub fn json_patch(&self, repair: &Repair) -> String {
        json_patch(self.text, &repair.edits)
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
    ErrorReply(usize, Option<String>),
}

/// Reads bytes that are one order with only blanks around it, and returns where in them the order is.
pub(crate) fn read_alone(text: &[u8], reading: &mut Reading) -> Result<(Range<usize>, Position), Error> {
    let mark = mark_of(text);
    let mut scan = Scanner::new(text, mark);
    let position = |at: usize| {
        let start = Position { offset: mark as u64, ..Position::START };
        start.after(text.get(mark..at).unwrap_or_default())
    };
    match read_whole(&mut scan, reading) {
        Ok(range) => {
            let start = position(range.start);
            Ok((range, start))
        }
        Err(Stop::NotOrder(start, found)) => Err(Error::not_order(found, position(start))),
        Err(Stop::ErrorReply(start, code)) => Err(Error::api_error(code, position(start))),
        Err(Stop::Halt(halt)) => {
            let fault = scan.fault(halt);
            Err(syntax_error(fault, text, mark, position(fault.at)))
        }
    }
}

/// The length of the byte order mark, if there is one.
pub(crate) fn mark_of(text: &[u8]) -> usize {
    if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

fn read_whole(scan: &mut Scanner<'_>, reading: &mut Reading) -> Result<Range<usize>, Stop> {
    let first = scan.peek().map_err(Stop::Halt)?;
    let start = scan.at();
    if first != b'{' {
        // A number may end at the end of the text.
        return match scan.skip(0) {
            Ok(_) | Err(Halt::Short) => Err(Stop::NotOrder(start, wire::found(first).name())),
            Err(halt) => Err(Stop::Halt(halt)),
        };
    }
    let shape = wire::read_order(scan, 0, false, reading).map_err(Stop::Halt)?;
    if let Shape::ErrorReply(code) = shape {
        return Err(Stop::ErrorReply(start, code));
    }
    let end = scan.at();
    match scan.peek() {
        Err(_) => Ok(start..end),
        Ok(_) => scan.bad(&"the end of the text after the order").map_err(Stop::Halt),
    }
}
