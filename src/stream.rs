//! Many orders: every container they come in, one record after the other, and on after what cannot be read.

use core::ops::Range;
use std::io::{self, Read};

use crate::document::{BYTE_ORDER_MARK, Document, fault_of, syntax_error};
use crate::error::{Error, Position};
use crate::order::Order;
use crate::scan::{Fault, Halt, Scan, Scanner};
use crate::wire::{self, Behind, Shape};

/// One document of a stream: an order, or why there is none.
#[derive(Debug)]
pub struct Record<'a> {
    /// Its number in the stream, from 0; what cannot be read has one too.
    pub index: u64,
    /// Where it begins.
    pub position: Position,
    /// The order, or why it cannot be read. The error's own position is where reading failed.
    pub document: Result<Document<'a>, Error>,
}

/// The orders of a text: one order, an array of orders, `{"orders": [...]}`, a reply of the API
/// (`{"success_code": true, "response": ...}`), and any of these one after the other, by lines or not.
///
/// What cannot be read is a record of its own, and reading goes on behind it: at the next line that begins with `{`
/// or `[`.
///
/// ```
/// use ordercharge::Documents;
///
/// let text = b"{\"cust_ref\": \"A\"}\n{\"cust_ref\": oops}\n[{\"cust_ref\": \"C\"}]\n";
/// let mut records = Documents::new(text);
/// assert!(records.next().unwrap().document.is_ok());
/// let error = records.next().unwrap().document.unwrap_err();
/// assert_eq!(error.to_string(), "expected a value, found `o` at line 2, column 14");
/// let order = records.next().unwrap().document?.into_order();
/// assert_eq!(order.cust_ref.as_deref(), Some("C"));
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Debug)]
pub struct Documents<'a> {
    text: &'a [u8],
    cursor: Cursor,
}

impl<'a> Documents<'a> {
    /// The orders of a text.
    pub fn new(text: &'a [u8]) -> Documents<'a> {
        Documents { text, cursor: Cursor::default() }
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        match self.cursor.step(self.text, true) {
            Step::Found(found) => Some(found.record(self.text)),
            Step::Short | Step::End => None,
        }
    }
}

/// The orders of anything that can be read, of any length: held in memory is no more than the largest single order
/// and a buffer.
///
/// ```
/// use ordercharge::{Policy, Reader};
///
/// let mut reader = Reader::new(&b"{\"items\": [{\"quantity\": 1}]}\n{\"items\": [{\"quantity\": -1}]}\n"[..]);
/// let mut invalid = 0;
/// while let Some(record) = reader.next_record()? {
///     let report = record.document?.check(&Policy::default());
///     invalid += usize::from(!report.is_valid());
/// }
/// assert_eq!(invalid, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    buffer: Vec<u8>,
    /// How much of the buffer holds bytes of the source.
    filled: usize,
    cursor: Cursor,
    /// The source has nothing more to give.
    ended: bool,
    /// Why, if it failed: told once what it gave before has been read.
    failure: Option<io::Error>,
    /// How much of the buffer has been looked through in vain.
    tried: usize,
    /// Bytes read so far, and bytes looked through in vain: the second stays within a few times the first.
    read: u64,
    spent: u64,
}

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

impl<R: Read> Reader<R> {
    /// The orders of a source. It is read in large pieces: it needs no buffer of its own.
    pub fn new(source: R) -> Reader<R> {
        let (buffer, cursor) = (Vec::new(), Cursor::default());
        Reader { source, buffer, filled: 0, cursor, ended: false, failure: None, tried: 0, read: 0, spent: 0 }
    }

    /// The next order, or why it cannot be read; `None` at the end. An error of the source ends the stream, once all
    /// that came before it has been read.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        loop {
            if self.worth_trying() {
                let last = self.ended && self.failure.is_none();
                match self.cursor.step(self.buffer.get(..self.filled).unwrap_or_default(), last) {
                    Step::Found(found) => {
                        self.tried = 0;
                        return Ok(Some(found.record(&self.buffer)));
                    }
                    Step::End => return Ok(None),
                    Step::Short => {
                        if let Some(failure) = self.failure.take() {
                            self.filled = 0;
                            self.cursor = Cursor::default();
                            return Err(failure);
                        }
                        self.discard();
                        self.tried = self.filled;
                        self.spent += self.tried as u64;
                    }
                }
            }
            self.fill();
        }
    }

    /// Whether enough has come to look through the pending bytes again. A slow source is looked at whenever it gives
    /// something, but the time spent on that stays in proportion to what was read.
    fn worth_trying(&self) -> bool {
        let pending = self.filled - self.cursor.at;
        self.ended
            || self.tried == 0
            || pending >= 2 * self.tried
            || self.spent + pending as u64 <= 4 * self.read + CHUNK as u64
    }

    /// Drops what has been read.
    fn discard(&mut self) {
        self.buffer.copy_within(self.cursor.at..self.filled, 0);
        self.filled -= self.cursor.at;
        self.cursor.at = 0;
    }

    /// Reads once. The buffer grows with what is pending, so that a large order is copied a few times only.
    fn fill(&mut self) {
        let room = CHUNK.max(self.filled / 2);
        if self.buffer.len() - self.filled < room / 2 {
            self.buffer.resize(self.filled + room, 0);
        }
        loop {
            match self.source.read(self.buffer.get_mut(self.filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.failure = Some(error);
                    self.ended = true;
                }
                Ok(read) => {
                    self.filled += read;
                    self.read += read as u64;
                    self.ended = read == 0;
                }
            }
            return;
        }
    }
}

/// What stands next in a stream.
#[expect(clippy::large_enum_variant, reason = "one lives at a time, and a box would be an allocation for each order")]
enum Step {
    Found(Found),
    /// More bytes are needed to tell.
    Short,
    End,
}

/// A record without its text.
struct Found {
    index: u64,
    position: Position,
    content: Result<(Order, Range<usize>), Error>,
}

impl Found {
    fn record(self, text: &[u8]) -> Record<'_> {
        let Found { index, position, content } = self;
        let document =
            content.map(|(order, range)| Document::new(order, text.get(range).unwrap_or_default(), position));
        Record { index, position, document }
    }
}

/// Where in the containers the stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Before everything: a byte order mark may follow.
    #[default]
    Start,
    /// Between documents.
    Top,
    /// In an array of orders, before an entry or its end.
    FirstEntry { wrapped: bool },
    /// In an array of orders, before an entry.
    Entry { wrapped: bool },
    /// In an array of orders, behind an entry.
    BehindEntry { wrapped: bool },
    /// In a reply, before its one order.
    Single,
    /// In a wrapping object, behind its orders.
    Tail,
    /// In what remains of a container that could not be read: separators and closing brackets mean nothing. `open`
    /// behind a separator and at the start of a line: more of the container may follow.
    Remains { open: bool },
    /// On the way to the next line that begins with `{` or `[`.
    Skipping { remains: bool },
}

/// Tells documents apart, without any input or output: it is shown a window of the stream and moves through it.
#[derive(Debug)]
struct Cursor {
    state: State,
    /// How much of the window has been read.
    at: usize,
    /// Where that is in the stream.
    position: Position,
    /// Where the line of that place begins in the stream.
    line_start: u64,
    index: u64,
    /// Whether the orders stand in a reply of the API.
    in_reply: bool,
    /// Up to where in the stream the containers that are open are known to go on to their ends.
    sound_until: u64,
}

impl Default for Cursor {
    fn default() -> Self {
        Cursor {
            state: State::default(),
            at: 0,
            position: Position::START,
            line_start: 0,
            index: 0,
            in_reply: false,
            sound_until: 0,
        }
    }
}

/// Whether the window ends within the character that begins there.
fn cuts_character(window: &[u8], at: usize) -> bool {
    let rest = window.get(at..).unwrap_or_default();
    rest.len() < 4
        && core::str::from_utf8(rest).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

/// Reads on from an entry of an array to its end.
fn rest_of_array(scan: &mut Scanner<'_>) -> Scan<()> {
    loop {
        scan.skip(0)?;
        if !scan.more_in_array()? {
            return Ok(());
        }
    }
}

/// Reads on from behind a member of an object to its end.
fn rest_of_object(scan: &mut Scanner<'_>) -> Scan<()> {
    while scan.more_in_object()? {
        scan.key()?;
        scan.skip(0)?;
    }
    Ok(())
}

/// Whether a byte order mark stands there, if that can be told.
fn starts_with_mark(window: &[u8], at: usize, last: bool) -> Option<bool> {
    let rest = window.get(at..).unwrap_or_default();
    let cut = !last && rest.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(rest);
    (!cut).then(|| rest.starts_with(BYTE_ORDER_MARK))
}

/// How a single move ended.
#[expect(clippy::large_enum_variant, reason = "as for `Step`, which it holds")]
enum Move {
    /// On to the next.
    On,
    Stop(Step),
}

impl Cursor {
    /// Moves to the next record of the window. `last` says that nothing follows the window.
    fn step(&mut self, window: &[u8], last: bool) -> Step {
        loop {
            match self.advance(window, last) {
                Move::On => {}
                Move::Stop(step) => return step,
            }
        }
    }

    fn advance(&mut self, window: &[u8], last: bool) -> Move {
        if self.state == State::Start {
            match starts_with_mark(window, self.at, last) {
                None => return Move::Stop(Step::Short),
                Some(true) => self.take_mark(),
                Some(false) => {}
            }
            self.state = State::Top;
        }
        if let State::Skipping { remains } = self.state {
            return self.skip_to_line(window, last, remains);
        }
        let mut scan = Scanner::new(window, self.at);
        let Ok(next) = scan.peek() else {
            self.move_to(window, window.len());
            return match (last, self.state) {
                (false, _) => Move::Stop(Step::Short),
                (true, State::Start | State::Top | State::Remains { .. } | State::Skipping { .. }) => {
                    Move::Stop(Step::End)
                }
                (true, _) => self.fail(window, last, fault_of(Halt::Short, window.len())),
            };
        };
        self.move_to(window, scan.at());
        match (self.state, next) {
            // Files that were put one behind the other may each have had their mark.
            (State::Top, 0xEF) if starts_with_mark(window, self.at, last) == Some(true) => {
                self.take_mark();
                Move::On
            }
            (State::Top, 0xEF) if starts_with_mark(window, self.at, last).is_none() => Move::Stop(Step::Short),
            (State::Top | State::Remains { open: true }, b'[') => {
                self.take(window);
                self.in_reply = false;
                self.state = State::FirstEntry { wrapped: false };
                Move::On
            }
            (State::Top | State::Remains { open: true }, b'{') => self.order(window, last, scan, 0, true),
            (State::Remains { .. }, b',' | b']' | b'}') => {
                self.take(window);
                self.state = State::Remains { open: next == b',' };
                Move::On
            }
            // Behind a separator this is still the container, which has been reported.
            (State::Remains { open: true }, _) => {
                self.state = State::Skipping { remains: true };
                Move::On
            }
            (State::Remains { open: false }, _) => {
                self.state = State::Top;
                Move::On
            }
            // A line that begins a list, or wraps orders itself, is no entry: the container was cut off before it.
            (State::FirstEntry { .. } | State::Entry { .. }, b'[') if self.begins_line() => {
                match self.is_sound(window, last, rest_of_array) {
                    None => Move::Stop(Step::Short),
                    Some(false) => self.cut_off(window),
                    Some(true) => self.stray(window, last, scan, next),
                }
            }
            (State::Top, first) => self.stray(window, last, scan, first),
            (State::FirstEntry { wrapped } | State::BehindEntry { wrapped }, b']') => {
                self.take(window);
                self.state = if wrapped { State::Tail } else { State::Top };
                Move::On
            }
            (State::BehindEntry { wrapped }, b',') => {
                self.take(window);
                self.state = State::Entry { wrapped };
                Move::On
            }
            (State::BehindEntry { .. }, _) => self.fail(window, last, Fault { at: self.at, expected: "`,` or `]`" }),
            (State::FirstEntry { wrapped } | State::Entry { wrapped }, b'{') => {
                let depth = if wrapped { 2 } else { 1 };
                self.order(window, last, scan, depth, self.begins_line())
            }
            (State::FirstEntry { .. } | State::Entry { .. }, first) => self.stray(window, last, scan, first),
            (State::Single, _) => self.order(window, last, scan, 1, false),
            (State::Tail, _) => self.tail(window, last, scan),
            (State::Start | State::Skipping { .. }, _) => Move::On,
        }
    }

    /// Moves on within the window, keeping the position.
    fn move_to(&mut self, window: &[u8], at: usize) {
        let passed = window.get(self.at..at).unwrap_or_default();
        if let Some(end) = passed.iter().rposition(|byte| *byte == b'\n') {
            self.line_start = self.position.offset + end as u64 + 1;
        }
        self.position = self.position.after(passed);
        self.at = at;
    }

    fn begins_line(&self) -> bool {
        self.position.offset == self.line_start
    }

    /// A byte order mark takes no column.
    fn take_mark(&mut self) {
        let begins_line = self.begins_line();
        self.at += BYTE_ORDER_MARK.len();
        self.position.offset += BYTE_ORDER_MARK.len() as u64;
        if begins_line {
            self.line_start = self.position.offset;
        }
    }

    fn take(&mut self, window: &[u8]) {
        self.move_to(window, self.at + 1);
    }

    fn found(&mut self, position: Position, content: Result<(Order, Range<usize>), Error>) -> Move {
        let index = self.index;
        self.index += 1;
        Move::Stop(Step::Found(Found { index, position, content }))
    }

    /// An object: an order, or what wraps some.
    fn order(&mut self, window: &[u8], last: bool, mut scan: Scanner<'_>, depth: u32, envelope: bool) -> Move {
        let (start, position) = (self.at, self.position);
        match wire::read_order(&mut scan, depth, envelope) {
            Err(Halt::Short) if !last => Move::Stop(Step::Short),
            Err(halt) => self.fail(window, last, fault_of(halt, window.len())),
            Ok((mut order, Shape::Order)) => {
                order.from_reply = self.in_reply
                    && matches!(self.state, State::Single | State::FirstEntry { .. } | State::Entry { .. });
                self.move_to(window, scan.at());
                self.state = self.behind();
                self.found(position, Ok((order, start..scan.at())))
            }
            Ok((_, Shape::ErrorReply(code))) => {
                self.move_to(window, scan.at());
                self.state = self.behind();
                self.found(position, Err(Error::api_error(code, position)))
            }
            Ok((_, Shape::Orders | Shape::Response))
                if matches!(self.state, State::FirstEntry { .. } | State::Entry { .. }) =>
            {
                match self.is_sound(window, last, rest_of_array) {
                    None => Move::Stop(Step::Short),
                    Some(false) => self.cut_off(window),
                    // An entry after all: an order that has such a field.
                    Some(true) => self.order(window, last, Scanner::new(window, start), depth, false),
                }
            }
            Ok((_, shape @ (Shape::Orders | Shape::Response))) => {
                let array = scan.peek() == Ok(b'[');
                if window.get(..scan.at()).is_some_and(|before| before.ends_with(b"\n")) {
                    match self.is_sound(window, last, |scan| scan.skip(0).map(drop)) {
                        None => return Move::Stop(Step::Short),
                        Some(true) => {}
                        Some(false) => {
                            self.move_to(window, scan.at());
                            return self.cut_off(window);
                        }
                    }
                }
                self.in_reply = shape == Shape::Response;
                self.move_to(window, scan.at());
                if array {
                    self.take(window);
                }
                self.state = if array { State::FirstEntry { wrapped: true } } else { State::Single };
                Move::On
            }
        }
    }

    /// The state behind an order, or what stands in its place.
    fn behind(&self) -> State {
        match self.state {
            State::FirstEntry { wrapped } | State::Entry { wrapped } => State::BehindEntry { wrapped },
            State::Single => State::Tail,
            State::Remains { .. } => State::Remains { open: false },
            other => other,
        }
    }

    /// Something that is no object where an order should stand.
    fn stray(&mut self, window: &[u8], last: bool, mut scan: Scanner<'_>, first: u8) -> Move {
        let position = self.position;
        let number = first == b'-' || first.is_ascii_digit();
        match scan.skip(0) {
            Err(Halt::Short) if !last => Move::Stop(Step::Short),
            // A number may end with the text; anything else that does is cut short.
            Err(halt) if !(number && halt == Halt::Short) => {
                let fault = match self.state {
                    State::Top => Fault { at: self.at, expected: "an order, or a list of orders" },
                    _ => fault_of(halt, window.len()),
                };
                self.fail(window, last, fault)
            }
            Ok(_) | Err(_) => {
                self.move_to(window, scan.at());
                self.state = match self.behind() {
                    State::Top => State::Skipping { remains: false },
                    other => other,
                };
                self.found(position, Err(Error::not_order(wire::found(first).name(), position)))
            }
        }
    }

    /// What follows the orders in the object that wraps them.
    fn tail(&mut self, window: &[u8], last: bool, mut scan: Scanner<'_>) -> Move {
        let mut at = self.at;
        let mut member = || {
            if !scan.more_in_object()? {
                return Ok(None);
            }
            scan.peek()?;
            at = scan.at();
            wire::read_behind(&mut scan).map(Some)
        };
        let read = member();
        let end = scan.at();
        match read {
            Err(Halt::Short) if !last => Move::Stop(Step::Short),
            Err(halt) => self.fail(window, last, fault_of(halt, window.len())),
            Ok(None) => {
                self.move_to(window, end);
                self.state = State::Top;
                Move::On
            }
            Ok(Some(Behind::Nothing)) => {
                // A line that begins with a bracket is more likely the next document than a value of this one.
                let line =
                    window.get(at..end).unwrap_or_default().windows(2).position(|pair| matches!(pair, b"\n{" | b"\n["));
                let sound = if line.is_some() { self.is_sound(window, last, rest_of_object) } else { Some(true) };
                match (sound, line) {
                    (None, _) => Move::Stop(Step::Short),
                    (Some(false), Some(line)) => {
                        self.move_to(window, at + line + 1);
                        self.cut_off(window)
                    }
                    _ => {
                        self.move_to(window, end);
                        Move::On
                    }
                }
            }
            Ok(Some(behind)) => {
                self.move_to(window, at);
                let position = self.position;
                self.move_to(window, end);
                let error = match behind {
                    Behind::Failure => Error::api_error(None, position),
                    _ => Error::not_order(
                        "a field of an order, or more orders, in an object that wraps orders",
                        position,
                    ),
                };
                self.found(position, Err(error))
            }
        }
    }

    /// Whether the container goes on to its own end from here, if that can be told: then a line that begins with a
    /// bracket is no sign that it was cut off. Once told, it is known for all of that stretch.
    fn is_sound(&mut self, window: &[u8], last: bool, walk: impl FnOnce(&mut Scanner<'_>) -> Scan<()>) -> Option<bool> {
        if self.position.offset < self.sound_until {
            return Some(true);
        }
        let mut scan = Scanner::new(window, self.at);
        match walk(&mut scan) {
            Err(Halt::Short) if !last => None,
            Err(_) => Some(false),
            Ok(()) => {
                self.sound_until = self.position.offset + (scan.at() - self.at) as u64;
                Some(true)
            }
        }
    }

    /// Reports that a container was cut off before the line that begins here, where reading goes on.
    fn cut_off(&mut self, window: &[u8]) -> Move {
        let fault = Fault { at: self.at, expected: "the rest of the list of orders before the next one" };
        let position = self.position;
        self.state = State::Top;
        self.found(position, Err(syntax_error(fault, window, position)))
    }

    /// Reports a fault in the document that begins here and goes on behind it.
    ///
    /// A record of a line file that was cut off swallows the next lines until something does not fit. So that it
    /// costs no other, reading goes on at the line behind its first one. Only in a text written over many lines without
    /// indentation, where every line might begin a document, does it go on behind the fault.
    fn fail(&mut self, window: &[u8], last: bool, fault: Fault) -> Move {
        if !last && cuts_character(window, fault.at) {
            // What stands there is told whole, however the stream was cut into pieces.
            return Move::Stop(Step::Short);
        }
        let position = self.position;
        let start = self.at;
        let error = syntax_error(fault, window, position.after(window.get(start..fault.at).unwrap_or_default()));
        let mut lines = window.get(start..fault.at).unwrap_or_default().split(|byte| *byte == b'\n');
        let one_record = lines.next().is_some_and(|line| line.trim_ascii().len() > 1);
        let indented = lines.next().is_some_and(|line| line.first().is_some_and(u8::is_ascii_whitespace));
        self.move_to(window, if one_record || indented { start + 1 } else { fault.at });
        self.state = State::Skipping { remains: !matches!(self.state, State::Top) };
        self.found(position, Err(error))
    }

    fn skip_to_line(&mut self, window: &[u8], last: bool, remains: bool) -> Move {
        loop {
            let rest = window.get(self.at..).unwrap_or_default();
            if self.begins_line() {
                match starts_with_mark(window, self.at, last) {
                    None if !rest.is_empty() => return Move::Stop(Step::Short),
                    Some(true) => {
                        self.take_mark();
                        continue;
                    }
                    _ => {}
                }
            }
            match rest.first() {
                Some(b'{' | b'[') if self.begins_line() => {
                    self.state = if remains { State::Remains { open: true } } else { State::Top };
                    return Move::On;
                }
                Some(_) => {
                    let line = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
                    self.move_to(window, self.at + line);
                }
                None => return Move::Stop(if last { Step::End } else { Step::Short }),
            }
        }
    }
}
