//! Tells the documents of a stream apart, whatever containers they come in. It does no input: it is shown a window of
//! the stream and moves through it.

use core::ops::Range;

use crate::document::BYTE_ORDER_MARK;
use crate::error::{Error, Position, characters, line_ends};
use crate::quick::{self, Unchecked};
use crate::scan::{Fault, Halt, Scan, Scanner, syntax_error};
use crate::wire::{self, Behind, Reading, Shape};

/// What stands next in a stream.
#[derive(Debug)]
pub(crate) enum Step {
    Found(Found),
    /// More bytes are needed to tell.
    Short,
    End,
}

/// A record without its order and its text: where it stands in the window.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) index: u64,
    pub(crate) position: Position,
    pub(crate) content: Result<Range<usize>, Error>,
    /// Of an order that a quick look has found right: it was not read. Only asked for in bulk.
    #[cfg_attr(not(feature = "bulk"), expect(dead_code, reason = "nobody else leaves orders unread"))]
    pub(crate) clean: Option<Unchecked>,
}

/// Where in the containers the stream stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
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

/// How far a stream has been read, and what it is read as.
#[derive(Clone, Debug)]
pub(crate) struct Cursor {
    pub(crate) state: State,
    /// How much of the window has been read.
    pub(crate) at: usize,
    here: Tracker,
    pub(crate) index: u64,
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
            here: Tracker { offset: 0, line: 1, line_start: 0, counted: 0, columns: 0 },
            index: 0,
            in_reply: false,
            sound_until: 0,
        }
    }
}

/// What a cursor has to know at a place between two records to go on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg(feature = "bulk")]
pub(crate) struct Joint {
    pub(crate) state: State,
    pub(crate) begins_line: bool,
    pub(crate) in_reply: bool,
}

#[cfg(feature = "bulk")]
impl Joint {
    /// Where a stream begins.
    pub(crate) const START: Joint = Joint { state: State::Start, begins_line: true, in_reply: false };
    /// A line between two documents.
    pub(crate) const LINE: Joint = Joint { state: State::Top, begins_line: true, in_reply: false };

    /// The same in an array of orders, before an entry; `None` elsewhere.
    pub(crate) fn entry(self) -> Option<Joint> {
        match self.state {
            State::FirstEntry { wrapped } | State::Entry { wrapped } | State::BehindEntry { wrapped } => {
                Some(Joint { state: State::Entry { wrapped }, begins_line: false, ..self })
            }
            _ => None,
        }
    }
}

/// Cursors over parts of a stream, each begun at a joint that is not known yet to be one.
#[cfg(feature = "bulk")]
impl Cursor {
    /// Begins at a joint `offset` bytes into the stream. Lines, columns and indices count from there.
    pub(crate) fn begin(joint: Joint, offset: u64) -> Cursor {
        let mut cursor = Cursor { state: joint.state, in_reply: joint.in_reply, ..Cursor::default() };
        cursor.here.offset = offset;
        cursor.here.counted = offset;
        // A line that began before is known to no record of this part.
        cursor.here.line_start = if joint.begins_line { offset } else { u64::MAX };
        cursor
    }

    /// The joint it stands at.
    pub(crate) fn joint(&self) -> Joint {
        // Between documents it does not matter what the last one was.
        let in_reply = self.in_reply && self.state != State::Top;
        Joint { state: self.state, begins_line: self.here.begins_line(), in_reply }
    }

    /// Goes where a cursor that was begun here has come to. Both have counted their characters.
    pub(crate) fn follow(&mut self, part: &Cursor) {
        let here = &mut self.here;
        if part.here.line > 1 {
            here.line_start = part.here.line_start;
            here.columns = part.here.columns;
        } else {
            here.columns += part.here.columns;
        }
        here.line += part.here.line - 1;
        (here.offset, here.counted) = (part.here.offset, part.here.counted);
        self.state = part.state;
        self.in_reply = part.in_reply;
        self.index += part.index;
        self.sound_until = self.sound_until.max(part.sound_until);
    }

    /// A position as told by a cursor that was begun here.
    pub(crate) fn place(&self, part: Position) -> Position {
        let column = if part.line == 1 { self.here.columns + part.column } else { part.column };
        Position { offset: part.offset, line: self.here.line + part.line - 1, column }
    }

    /// The next stream begins; records are counted on.
    pub(crate) fn restart(&mut self) {
        *self = Cursor { index: self.index, ..Cursor::default() };
    }
}

/// A place in a stream. Its column takes counting characters, which is put off until it is asked for: most records begin
/// a line.
#[derive(Clone, Debug)]
struct Tracker {
    /// Bytes before it.
    offset: u64,
    line: u64,
    /// Where that line begins.
    line_start: u64,
    /// Up to where in the line characters have been counted, and how many there are.
    counted: u64,
    columns: u64,
}

impl Tracker {
    fn begins_line(&self) -> bool {
        self.offset == self.line_start
    }

    /// Moves over bytes with so many line ends, the last line beginning `behind` bytes from here.
    fn pass(&mut self, length: usize, lines: u64, behind: usize) {
        if lines > 0 {
            self.line += lines;
            self.line_start = self.offset + behind as u64;
            self.counted = self.line_start;
            self.columns = 0;
        }
        self.offset += length as u64;
    }

    /// Counts the characters up to here, which is at `at` in the window.
    fn count(&mut self, window: &[u8], at: usize) {
        let pending = (self.offset - self.counted) as usize;
        self.columns += characters(window.get(at.saturating_sub(pending)..at).unwrap_or_default());
        self.counted = self.offset;
    }

    fn position(&self) -> Position {
        Position { offset: self.offset, line: self.line, column: self.columns + 1 }
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

/// What has come of a glance at an object.
enum Glanced {
    /// It is an order, and right; so many of its identities could not be checked.
    Right(Unchecked),
    /// It is an order, and has been made.
    Made,
}

/// How a single move ended.
enum Move {
    /// On to the next.
    On,
    Stop(Step),
}

impl Cursor {
    /// Moves to the next record of the window. `last` says that nothing follows the window. What is found is read into
    /// `reading`.
    pub(crate) fn step(&mut self, window: &[u8], last: bool, reading: &mut Reading) -> Step {
        loop {
            match self.advance(window, last, reading) {
                Move::On => {}
                Move::Stop(step) => return step,
            }
        }
    }

    fn advance(&mut self, window: &[u8], last: bool, reading: &mut Reading) -> Move {
        if self.state == State::Start {
            match starts_with_mark(window, self.at, last) {
                None => return Move::Stop(Step::Short),
                Some(true) => self.take_mark(window),
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
                (true, _) => self.fail(window, last, scan.fault(Halt::Short)),
            };
        };
        self.move_with(&mut scan);
        match (self.state, next) {
            // Files that were put one behind the other may each have had their mark.
            (State::Top, 0xEF) if starts_with_mark(window, self.at, last) == Some(true) => {
                self.take_mark(window);
                Move::On
            }
            (State::Top, 0xEF) if starts_with_mark(window, self.at, last).is_none() => Move::Stop(Step::Short),
            (State::Top | State::Remains { open: true }, b'[') => {
                self.take(window);
                self.in_reply = false;
                self.state = State::FirstEntry { wrapped: false };
                Move::On
            }
            (State::Top | State::Remains { open: true }, b'{') => self.order(window, last, reading, scan, 0, true),
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
            (State::FirstEntry { .. } | State::Entry { .. }, b'[') if self.here.begins_line() => {
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
                self.order(window, last, reading, scan, depth, self.here.begins_line())
            }
            (State::FirstEntry { .. } | State::Entry { .. }, first) => self.stray(window, last, scan, first),
            (State::Single, _) => self.order(window, last, reading, scan, 1, false),
            (State::Tail, _) => self.tail(window, last, scan),
            (State::Start | State::Skipping { .. }, _) => Move::On,
        }
    }

    /// Where the cursor is, in a window.
    fn position(&mut self, window: &[u8]) -> Position {
        self.here.count(window, self.at);
        self.here.position()
    }

    /// Forgets what has been read, which is about to be dropped from the front of the window: how much that is.
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

    /// Moves to where the scanner is, which has seen the line ends since it last told.
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

    /// What a glance sees of an object: an order that a quick look finds right, or one that has been made of what was seen.
    #[inline(always)]
    fn glance(&mut self, window: &[u8], scan: &mut Scanner<'_>, depth: u32, reading: &mut Reading) -> Option<Glanced> {
        let options = reading.look?;
        let sight = wire::glance(scan, depth, reading)?;
        match quick::look(sight, &options) {
            Some(unchecked) => Some(Glanced::Right(unchecked)),
            None => wire::make_of_glance(window, reading).then_some(Glanced::Made),
        }
    }

    /// An order that was read to where the scanner stands.
    fn read(&mut self, position: Position, scan: &mut Scanner<'_>, reading: &mut Reading) -> Move {
        reading.order.from_reply =
            self.in_reply && matches!(self.state, State::Single | State::FirstEntry { .. } | State::Entry { .. });
        let start = self.at;
        self.move_with(scan);
        self.state = self.behind();
        self.found(position, Ok(start..scan.at()))
    }

    /// An object: an order, or what wraps some.
    fn order(
        &mut self,
        window: &[u8],
        last: bool,
        reading: &mut Reading,
        mut scan: Scanner<'_>,
        depth: u32,
        envelope: bool,
    ) -> Move {
        let (start, position) = (self.at, self.position(window));
        let mut glancing = scan.clone();
        match self.glance(window, &mut glancing, depth, reading) {
            Some(Glanced::Right(unchecked)) => {
                self.move_with(&mut glancing);
                self.state = self.behind();
                let index = self.index;
                self.index += 1;
                let found = Found { index, position, content: Ok(start..glancing.at()), clean: Some(unchecked) };
                return Move::Stop(Step::Found(found));
            }
            Some(Glanced::Made) => return self.read(position, &mut glancing, reading),
            None => {}
        }
        match wire::read_order(&mut scan, depth, envelope, reading) {
            Err(Halt::Short) if !last => Move::Stop(Step::Short),
            Err(halt) => self.fail(window, last, scan.fault(halt)),
            Ok(Shape::Order) => self.read(position, &mut scan, reading),
            Ok(Shape::ErrorReply(code)) => {
                self.move_with(&mut scan);
                self.state = self.behind();
                self.found(position, Err(Error::api_error(code, position)))
            }
            Ok(Shape::Orders | Shape::Response)
                if matches!(self.state, State::FirstEntry { .. } | State::Entry { .. }) =>
            {
                match self.is_sound(window, last, rest_of_array) {
                    None => Move::Stop(Step::Short),
                    Some(false) => self.cut_off(window),
                    // An entry after all: an order that has such a field.
                    Some(true) => self.order(window, last, reading, Scanner::new(window, start), depth, false),
                }
            }
            Ok(shape @ (Shape::Orders | Shape::Response)) => {
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
        let position = self.position(window);
        let number = first == b'-' || first.is_ascii_digit();
        match scan.skip(0) {
            Err(Halt::Short) if !last => Move::Stop(Step::Short),
            // A number may end with the text; anything else that does is cut short.
            Err(halt) if !(number && halt == Halt::Short) => {
                let fault = match self.state {
                    State::Top => Fault { at: self.at, expected: "an order, or a list of orders" },
                    _ => scan.fault(halt),
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
            Err(halt) => self.fail(window, last, scan.fault(halt)),
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
                let position = self.position(window);
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
        if self.here.offset < self.sound_until {
            return Some(true);
        }
        let mut scan = Scanner::new(window, self.at);
        match walk(&mut scan) {
            Err(Halt::Short) if !last => None,
            Err(_) => Some(false),
            Ok(()) => {
                self.sound_until = self.here.offset + (scan.at() - self.at) as u64;
                Some(true)
            }
        }
    }

    /// Reports that a container was cut off before the line that begins here, where reading goes on.
    fn cut_off(&mut self, window: &[u8]) -> Move {
        let fault = Fault { at: self.at, expected: "the rest of the list of orders before the next one" };
        let position = self.position(window);
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
        let position = self.position(window);
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
            if self.here.begins_line() {
                match starts_with_mark(window, self.at, last) {
                    None if !rest.is_empty() => return Move::Stop(Step::Short),
                    Some(true) => {
                        self.take_mark(window);
                        continue;
                    }
                    _ => {}
                }
            }
            match rest.first() {
                Some(b'{' | b'[') if self.here.begins_line() => {
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
