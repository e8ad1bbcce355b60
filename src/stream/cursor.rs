//! Separates the documents of a stream, whatever containers they come in. It does no input: it gets a window of the stream
//! and moves through it.

mod broken;
#[cfg(feature = "bulk")]
mod joint;
mod tracker;

use core::ops::Range;

use crate::document::BYTE_ORDER_MARK;
use crate::error::{Error, Position, line_ends};
use crate::fast_path;
use crate::identities::Unchecked;
use crate::order::Line;
use crate::scan::{Fault, Halt, MAX_DEPTH, Scan, Scanner};
use crate::wire::{self, Behind, Reading, Shape};
use broken::Swallowed;
#[cfg(feature = "bulk")]
pub(crate) use joint::Joint;
use tracker::Tracker;

/// What comes next in a stream.
#[derive(Debug)]
pub(crate) enum Step {
    Found(Found),
    /// More bytes are needed to decide.
    Short,
    End,
}

/// A record without its order and its text, and its place in the window.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) index: u64,
    pub(crate) position: Position,
    pub(crate) content: Result<Range<usize>, Error>,
    /// An order that the fast path has accepted; it was not read. Only bulk checking uses it.
    #[cfg_attr(not(feature = "bulk"), expect(dead_code, reason = "nobody else leaves orders unread"))]
    pub(crate) clean: Option<Unchecked>,
}

/// The position of the stream in its containers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// At the start: a byte order mark may follow.
    #[default]
    Start,
    /// Between documents.
    Top,
    /// In an array of orders, before an entry or its end.
    FirstEntry { wrapped: bool },
    /// In an array of orders, before an entry.
    Entry { wrapped: bool },
    /// In an array of orders, after an entry.
    BehindEntry { wrapped: bool },
    /// In a reply, before its one order.
    Single,
    /// In an object that wraps orders, after them.
    Tail,
    /// In the rest of a container that could not be read: separators and closing brackets have no meaning. `open` after a
    /// separator and at the start of a line, where more of the container may follow.
    Remains { open: bool },
    /// Searching for the next line that begins with `{` or `[`. With `named`, a document has to begin there by the names in
    /// it: what was left behind went on beyond the limit, and lines of it may begin with brackets.
    Skipping { remains: bool, named: bool },
}

/// The most bytes that one document may take, unless set otherwise.
pub(crate) const MAX_DOCUMENT: usize = 256_000_000;

/// The lookahead for whether the rest of a container is well formed: to the end of the block of this size that follows the
/// current one. So it does not depend on how the stream is cut into pieces, and each block is scanned twice.
const BLOCK: u64 = 256 * 1024;

/// The maximal nesting of objects and arrays in the lookahead. Short lines that each begin a list are nested in each other,
/// and each of them is scanned.
const AHEAD_DEPTH: u32 = 32;

/// Whether orders are in a reply of the API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Reply {
    #[default]
    No,
    /// Its `success_code` says so.
    Stated,
    /// They are a long list in `response`, and `success_code` has not come yet.
    Assumed,
}

/// How far a stream has been read, and its state.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    pub(crate) state: State,
    /// The number of bytes of the window that have been read.
    pub(crate) at: usize,
    here: Tracker,
    pub(crate) index: u64,
    /// Whether the orders are in a reply of the API.
    reply: Reply,
    /// Whether the container is in the rest of another one.
    in_remains: bool,
    /// Offset up to which every open container is known to be well formed.
    sound_until: u64,
    /// Up to where nothing is known to be wrong with them.
    sound_so_far: u64,
    /// The documents within a broken one, and where to continue after it.
    swallowed: Option<Box<Swallowed>>,
    /// How many bytes one document may take.
    limit: usize,
}

/// What is seen of a stream.
#[derive(Clone, Copy)]
struct Window<'w> {
    bytes: &'w [u8],
    /// Nothing follows.
    last: bool,
}

impl<'w> Window<'w> {
    /// As much of it as one document may take: then more does not help, and what is too short is too long.
    fn document(self, at: usize, limit: usize) -> Window<'w> {
        match self.bytes.get(..at.saturating_add(limit)) {
            Some(bytes) if bytes.len() < self.bytes.len() => Window { bytes, last: false },
            _ => self,
        }
    }
}

impl Default for Cursor {
    fn default() -> Self {
        Cursor {
            state: State::default(),
            at: 0,
            here: Tracker::default(),
            index: 0,
            reply: Reply::No,
            in_remains: false,
            sound_until: 0,
            sound_so_far: 0,
            swallowed: None,
            limit: MAX_DOCUMENT,
        }
    }
}

impl Cursor {
    /// Sets how many bytes one document may take.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(1);
    }

    /// How many lines an order may have. Its lines take more memory than their text, the shortest a hundred times as much:
    /// here it is at most four times what a document may take.
    fn most_lines(&self) -> usize {
        (self.limit.saturating_mul(4) / size_of::<Line>()).max(1000)
    }
}

/// Reads from an entry of an array to the end of the array.
fn rest_of_array(scan: &mut Scanner<'_>) -> Scan<()> {
    loop {
        scan.skip(MAX_DEPTH - AHEAD_DEPTH)?;
        if !scan.more_in_array()? {
            return Ok(());
        }
    }
}

/// Reads from the end of a member of an object to the end of the object.
fn rest_of_object(scan: &mut Scanner<'_>) -> Scan<()> {
    while scan.more_in_object()? {
        scan.key()?;
        scan.skip(0)?;
    }
    Ok(())
}

/// Whether a byte order mark is there, if that can be decided.
fn starts_with_mark(window: Window<'_>, at: usize) -> Option<bool> {
    let rest = window.bytes.get(at..).unwrap_or_default();
    let cut = !window.last && rest.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(rest);
    (!cut).then(|| rest.starts_with(BYTE_ORDER_MARK))
}

/// What is found where `response` holds orders, and no `success_code` says that the object is a reply.
const WITHOUT_SUCCESS: &str = "a list of orders in `response` without `success_code`";

/// The error for what stands beside the orders in an object that wraps them.
fn conflict(position: Position) -> Error {
    Error::not_order("a field of an order, or more orders, in an object that wraps orders", position)
}

/// The result of the fast path for an object.
enum FastPath {
    /// It is a valid order, with the given unchecked identities.
    Accepted(Unchecked),
    /// It is an order that needs the full check, and has been made.
    Made,
    /// More of the stream is needed to read it.
    Short,
    /// The full reader must read it.
    Unread,
}

/// The result of a single move.
enum Move {
    /// Continue with the next move.
    On,
    /// More of the stream is needed, also where one document may take no more.
    More,
    Stop(Step),
}

impl Cursor {
    /// Moves to the next record of the window. `last` says that nothing follows the window. The record is read into `reading`.
    pub(crate) fn step(&mut self, window: &[u8], last: bool, reading: &mut Reading) -> Step {
        reading.most_lines = Some(self.most_lines());
        loop {
            match self.advance(Window { bytes: window, last }, reading) {
                Move::On => {}
                Move::More => return Step::Short,
                Move::Stop(step) => return step,
            }
        }
    }

    fn advance(&mut self, window: Window<'_>, reading: &mut Reading) -> Move {
        if self.state == State::Start {
            match starts_with_mark(window, self.at) {
                None => return Move::Stop(Step::Short),
                Some(true) => self.take_mark(window.bytes),
                Some(false) => {}
            }
            self.state = State::Top;
        }
        if self.swallowed.is_some()
            && matches!(self.state, State::Top | State::Remains { .. } | State::Skipping { .. })
            && let Some(moved) = self.go_to_swallowed(window)
        {
            return moved;
        }
        if let State::Skipping { remains, named } = self.state {
            return self.skip_to_line(window, remains, named);
        }
        let mut scan = Scanner::new(window.bytes, self.at);
        let Ok(next) = scan.peek() else {
            self.move_to(window.bytes, window.bytes.len());
            return match (window.last, self.state) {
                (false, _) => Move::Stop(Step::Short),
                (true, State::Start | State::Top | State::Remains { .. } | State::Skipping { .. }) => {
                    Move::Stop(Step::End)
                }
                (true, _) => self.fail(window, scan.fault(Halt::Short)),
            };
        };
        self.move_with(&mut scan);
        let document = window.document(self.at, self.limit);
        match self.enter(window, document, reading, next) {
            Move::Stop(Step::Short) if document.bytes.len() < window.bytes.len() => self.too_long(document),
            moved => moved,
        }
    }

    /// Reads what is next, which begins with that byte. `document` is as much of the window as it may take.
    fn enter(&mut self, window: Window<'_>, document: Window<'_>, reading: &mut Reading, next: u8) -> Move {
        let scan = Scanner::new(document.bytes, self.at);
        match (self.state, next) {
            // Files that were concatenated may each have had a byte order mark.
            (State::Top, 0xEF) if starts_with_mark(window, self.at) == Some(true) => {
                self.take_mark(window.bytes);
                Move::On
            }
            (State::Top, 0xEF) if starts_with_mark(window, self.at).is_none() => Move::More,
            (State::Top | State::Remains { open: true }, b'[') => {
                self.take(window.bytes);
                self.reply = Reply::No;
                self.in_remains = self.state != State::Top;
                self.state = State::FirstEntry { wrapped: false };
                Move::On
            }
            (State::Top | State::Remains { open: true }, b'{') => self.order(window, document, reading, 0, true),
            (State::Remains { .. }, b',' | b']' | b'}') => {
                self.take(window.bytes);
                self.state = State::Remains { open: next == b',' };
                Move::On
            }
            // After a separator this is still the container, which has been reported.
            (State::Remains { open: true }, _) => {
                self.state = State::Skipping { remains: true, named: false };
                Move::On
            }
            (State::Remains { open: false }, _) => {
                self.state = State::Top;
                Move::On
            }
            // A line that begins a list, or wraps orders itself, is not an entry: the container was cut off before it.
            (State::FirstEntry { .. } | State::Entry { .. }, b'[') if self.here.begins_line() => {
                match self.is_sound(window, rest_of_array) {
                    None => Move::More,
                    Some(false) => self.cut_off(document),
                    Some(true) => self.stray(document, scan, next),
                }
            }
            (State::Top, first) => self.stray(document, scan, first),
            (State::FirstEntry { wrapped } | State::BehindEntry { wrapped }, b']') => {
                self.take(window.bytes);
                self.state = if wrapped { State::Tail } else { self.behind_container() };
                Move::On
            }
            (State::BehindEntry { wrapped }, b',') => {
                self.take(window.bytes);
                self.state = State::Entry { wrapped };
                Move::On
            }
            (State::BehindEntry { .. }, _) => self.fail(document, Fault { at: self.at, expected: "`,` or `]`" }),
            (State::FirstEntry { wrapped } | State::Entry { wrapped }, b'{') => {
                let depth = if wrapped { 2 } else { 1 };
                self.order(window, document, reading, depth, self.here.begins_line())
            }
            (State::FirstEntry { .. } | State::Entry { .. }, first) => self.stray(document, scan, first),
            (State::Single, _) => self.order(window, document, reading, 1, false),
            (State::Tail, _) => self.tail(window, document, scan),
            (State::Start | State::Skipping { .. }, _) => Move::On,
        }
    }

    /// The position of the cursor in a window.
    fn position(&mut self, window: &[u8]) -> Position {
        self.here.count(window, self.at);
        self.here.position()
    }

    /// Forgets the bytes that have been read and returns their number: the caller drops them from the window.
    pub(crate) fn discard(&mut self, window: &[u8]) -> usize {
        self.here.count(window, self.at);
        core::mem::take(&mut self.at)
    }

    /// Moves on within the window, keeping the position.
    fn move_to(&mut self, window: &[u8], at: usize) {
        let passed = window.get(self.at..at).unwrap_or_default();
        let lines = line_ends(passed);
        let behind =
            if lines == 0 { 0 } else { passed.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1) };
        self.here.pass(passed.len(), lines, behind);
        self.at = at;
    }

    /// Moves to the position of the scanner, which has counted the line ends since the last call.
    fn move_with(&mut self, scan: &mut Scanner<'_>) {
        let (lines, line_start) = scan.take_lines();
        self.here.pass(scan.at() - self.at, lines, line_start.saturating_sub(self.at));
        self.at = scan.at();
    }

    /// A byte order mark takes no column.
    fn take_mark(&mut self, window: &[u8]) {
        let begins_line = self.here.begins_line();
        self.here.count(window, self.at);
        self.at += BYTE_ORDER_MARK.len();
        self.here.offset += BYTE_ORDER_MARK.len() as u64;
        self.here.counted = self.here.offset;
        if begins_line {
            self.here.line_start = self.here.offset;
        }
    }

    fn take(&mut self, window: &[u8]) {
        self.move_to(window, self.at + 1);
    }

    fn found(&mut self, position: Position, content: Result<Range<usize>, Error>) -> Move {
        let index = self.index;
        self.index += 1;
        Move::Stop(Step::Found(Found { index, position, content, clean: None }))
    }

    /// Tries the fast path on an object: it accepts the order, or makes it for the full check. An order that is longer than the
    /// window needs no other reader: none could read it to its end.
    #[inline(always)]
    fn try_fast_path(&mut self, window: &[u8], scan: &mut Scanner<'_>, depth: u32, reading: &mut Reading) -> FastPath {
        let (plain, options) = match wire::read_plain(window, scan, depth, reading) {
            Ok(read) => read,
            Err(wire::Stop::Short) => return FastPath::Short,
            Err(wire::Stop::NotPlain) => return FastPath::Unread,
        };
        match fast_path::accept(plain, options) {
            Some(unchecked) => FastPath::Accepted(unchecked),
            None if wire::make_of_plain(window, reading) => FastPath::Made,
            None => FastPath::Unread,
        }
    }

    /// An order that was read up to the position of the scanner.
    fn read(&mut self, position: Position, scan: &mut Scanner<'_>, reading: &mut Reading) -> Move {
        reading.order.from_reply = self.reply != Reply::No
            && matches!(self.state, State::Single | State::FirstEntry { .. } | State::Entry { .. });
        let start = self.at;
        self.move_with(scan);
        self.state = self.behind();
        self.found(position, Ok(start..scan.at()))
    }

    /// An object: an order, or a container of orders.
    fn order(
        &mut self,
        window: Window<'_>,
        document: Window<'_>,
        reading: &mut Reading,
        depth: u32,
        envelope: bool,
    ) -> Move {
        let text = document.bytes;
        let (start, position) = (self.at, self.position(text));
        let mut scan = Scanner::new(text, start);
        let mut fast = scan.clone();
        let tried = match reading.tries_fast_path() {
            true => self.try_fast_path(text, &mut fast, depth, reading),
            false => FastPath::Unread,
        };
        reading.tried_fast_path(!matches!(tried, FastPath::Unread));
        match tried {
            FastPath::Accepted(unchecked) => {
                self.move_with(&mut fast);
                self.state = self.behind();
                let index = self.index;
                self.index += 1;
                let found = Found { index, position, content: Ok(start..fast.at()), clean: Some(unchecked) };
                return Move::Stop(Step::Found(found));
            }
            FastPath::Made => return self.read(position, &mut fast, reading),
            FastPath::Short if !document.last => return Move::Stop(Step::Short),
            FastPath::Short | FastPath::Unread => {}
        }
        let is_entry = matches!(self.state, State::FirstEntry { .. } | State::Entry { .. });
        reading.horizon = Some(self.horizon());
        match wire::read_order(&mut scan, depth, envelope, reading) {
            Err(Halt::Short) if !document.last => Move::Stop(Step::Short),
            Err(halt) => self.fail(document, scan.fault(halt)),
            Ok(Shape::Order) => self.read(position, &mut scan, reading),
            Ok(Shape::ErrorReply(code)) => {
                self.move_with(&mut scan);
                self.state = self.behind();
                self.found(position, Err(Error::api_error(code, position)))
            }
            Ok(Shape::LongList) if is_entry || self.state == State::Single => {
                self.move_to(text, scan.at());
                self.nested_list(position)
            }
            Ok(Shape::Orders { .. } | Shape::Response) if is_entry => {
                match self.is_sound(window, rest_of_array) {
                    None => Move::More,
                    Some(false) => self.cut_off(document),
                    // It is an entry: an order that has such a field.
                    Some(true) => self.order(window, document, reading, depth, false),
                }
            }
            Ok(shape @ (Shape::Orders { .. } | Shape::Response | Shape::LongList)) => {
                let array = scan.peek() == Ok(b'[');
                if text.get(..scan.at()).is_some_and(|before| before.ends_with(b"\n")) {
                    match self.is_sound(window, |scan| scan.skip(MAX_DEPTH - AHEAD_DEPTH).map(drop)) {
                        None => return Move::More,
                        Some(true) => {}
                        Some(false) => {
                            self.move_to(text, scan.at());
                            return self.cut_off(document);
                        }
                    }
                }
                self.reply = match shape {
                    Shape::Response => Reply::Stated,
                    Shape::LongList => Reply::Assumed,
                    _ => Reply::No,
                };
                self.in_remains = self.state != State::Top;
                self.move_to(text, scan.at());
                if array {
                    self.take(text);
                }
                self.state = if array { State::FirstEntry { wrapped: true } } else { State::Single };
                match shape {
                    Shape::Orders { passed: true } => self.found(position, Err(conflict(position))),
                    _ => Move::On,
                }
            }
        }
    }

    /// A list of orders where one order is expected, which is longer than the lookahead: it is reported, and its orders are read.
    fn nested_list(&mut self, position: Position) -> Move {
        self.state = State::Remains { open: true };
        self.found(position, Err(Error::not_order(wire::found(b'[').name(), position)))
    }

    /// The state after an order, or after another value in its place.
    fn behind(&self) -> State {
        match self.state {
            State::FirstEntry { wrapped } | State::Entry { wrapped } => State::BehindEntry { wrapped },
            State::Single => State::Tail,
            State::Remains { .. } => State::Remains { open: false },
            other => other,
        }
    }

    /// The state after a container.
    fn behind_container(&self) -> State {
        if self.in_remains { State::Remains { open: false } } else { State::Top }
    }

    /// A value that is not an object where an order is expected.
    fn stray(&mut self, document: Window<'_>, mut scan: Scanner<'_>, first: u8) -> Move {
        let position = self.position(document.bytes);
        let number = first == b'-' || first.is_ascii_digit();
        let horizon = if first == b'[' { self.horizon() } else { usize::MAX };
        match scan.skip_within(0, horizon) {
            Ok(None) => self.nested_list(position),
            Err(Halt::Short) if !document.last => Move::Stop(Step::Short),
            // A number may end at the end of the text; any other value is then cut off.
            Err(halt) if !(number && halt == Halt::Short) => {
                let fault = match self.state {
                    State::Top => Fault { at: self.at, expected: "an order, or a list of orders" },
                    _ => scan.fault(halt),
                };
                self.fail(document, fault)
            }
            Ok(Some(())) | Err(_) => {
                self.move_to(document.bytes, scan.at());
                self.state = match self.behind() {
                    State::Top => State::Skipping { remains: false, named: false },
                    other => other,
                };
                self.found(position, Err(Error::not_order(wire::found(first).name(), position)))
            }
        }
    }

    /// Reads what follows the orders in the object that wraps them.
    fn tail(&mut self, window: Window<'_>, document: Window<'_>, mut scan: Scanner<'_>) -> Move {
        let text = document.bytes;
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
            Err(Halt::Short) if !document.last => Move::Stop(Step::Short),
            Err(halt) => self.fail(document, scan.fault(halt)),
            Ok(None) => {
                let doubtful = (self.reply == Reply::Assumed).then(|| self.position(text));
                self.move_to(text, end);
                self.state = self.behind_container();
                match doubtful {
                    Some(position) => self.found(position, Err(Error::not_order(WITHOUT_SUCCESS, position))),
                    None => Move::On,
                }
            }
            Ok(Some(found @ (Behind::Nothing | Behind::Success))) => {
                if matches!(found, Behind::Success) {
                    self.reply = Reply::Stated;
                }
                // A line that begins with a bracket is more likely the next document than a value of this one.
                let member = text.get(at..end).unwrap_or_default();
                let begins_line = member.windows(2).any(|pair| matches!(pair, b"\n{" | b"\n["));
                match if begins_line { self.soundness(window, rest_of_object) } else { Some(Ok(())) } {
                    None => Move::More,
                    Some(Err(fault)) => self.fail(window, fault),
                    Some(Ok(())) => {
                        self.move_to(text, end);
                        Move::On
                    }
                }
            }
            Ok(Some(behind)) => {
                self.move_to(text, at);
                let position = self.position(text);
                self.move_to(text, end);
                let error = match behind {
                    Behind::Failure => {
                        self.reply = Reply::Stated;
                        Error::api_error(None, position)
                    }
                    _ => conflict(position),
                };
                self.found(position, Err(error))
            }
        }
    }

    /// The end of the lookahead in the window.
    fn horizon(&self) -> usize {
        let ahead = (self.here.offset / BLOCK + 2) * BLOCK - self.here.offset;
        self.at.saturating_add(ahead as usize)
    }

    /// Whether the container is well formed from here to its end, within the lookahead, if that can be decided: then a line that
    /// begins with a bracket does not mean that it was cut off. The answer is remembered for that whole range.
    fn is_sound(&mut self, window: Window<'_>, walk: impl FnOnce(&mut Scanner<'_>) -> Scan<()>) -> Option<bool> {
        self.soundness(window, walk).map(|sound| sound.is_ok())
    }

    /// The same, with what does not fit.
    fn soundness(
        &mut self,
        window: Window<'_>,
        walk: impl FnOnce(&mut Scanner<'_>) -> Scan<()>,
    ) -> Option<Result<(), Fault>> {
        let horizon = self.horizon();
        let offset_of = |at: usize| self.here.offset + (at - self.at) as u64;
        if self.here.offset < self.sound_until || offset_of(horizon) <= self.sound_so_far {
            return Some(Ok(()));
        }
        let ahead = window.bytes.get(..horizon);
        let mut scan = Scanner::new(ahead.unwrap_or(window.bytes), self.at);
        match walk(&mut scan) {
            Err(Halt::Short) if ahead.is_some() => {
                self.sound_so_far = offset_of(horizon);
                Some(Ok(()))
            }
            Err(Halt::Short) if !window.last => None,
            Err(halt) => Some(Err(scan.fault(halt))),
            Ok(()) => {
                self.sound_until = offset_of(scan.at());
                Some(Ok(()))
            }
        }
    }
}
