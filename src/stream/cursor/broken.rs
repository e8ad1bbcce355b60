//! A document that cannot be read: what is reported, and where reading continues, so that it costs no other document.

use std::collections::VecDeque;

use super::{Cursor, Move, State, Step, Window, starts_with_mark};
use crate::error::Error;
use crate::scan::{Fault, MAX_DEPTH, TOO_DEEP, syntax_error};
use crate::stream::recover;
use crate::wire;

/// The number of bytes of a line that are searched for a key that shows that a document begins.
const NAMED_WITHIN: usize = 64 * 1024;

/// Documents within a broken one.
#[derive(Clone, Debug)]
pub(super) struct Swallowed {
    /// Where in the stream each begins, in order, and why it cannot be read where that is known.
    pub(super) documents: VecDeque<(u64, Option<Error>)>,
    /// Where the stretch ends.
    pub(super) end: u64,
    /// How to go on from there.
    pub(super) behind: State,
}

/// Whether the window ends within the character that begins there.
fn cuts_character(window: &[u8], at: usize) -> bool {
    let rest = window.get(at..).unwrap_or_default();
    rest.len() < 4
        && core::str::from_utf8(rest).is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

impl Cursor {
    /// Reports that a container was cut off before the line that begins here, where reading continues.
    pub(super) fn cut_off(&mut self, window: Window<'_>) -> Move {
        let fault = Fault { at: self.at, expected: "the rest of the list of orders before the next one" };
        let position = self.position(window.bytes);
        self.state = State::Remains { open: true };
        self.found(position, Err(syntax_error(fault, window.bytes, self.at, position)))
    }

    /// Reports a fault in the document that begins here, and continues after it.
    ///
    /// A document that was cut off may have swallowed some of the next lines. So that it costs no other, those are read that
    /// begin with a document by the names in it; from the fault on, every line that begins with a bracket.
    pub(super) fn fail(&mut self, window: Window<'_>, fault: Fault) -> Move {
        if !window.last && cuts_character(window.bytes, fault.at) {
            // The message shows a whole character, however the stream was cut into pieces.
            return Move::Stop(Step::Short);
        }
        let position = self.position(window.bytes);
        let before = window.bytes.get(self.at..fault.at).unwrap_or_default();
        let error = syntax_error(fault, window.bytes, self.at, position.after(before));
        let too_deep = fault.expected == *TOO_DEEP;
        let mut documents = VecDeque::new();
        for document in recover::swallowed(window.bytes, self.at, fault.at) {
            // Where the text is nested too deeply, one that begins halfway may yet be read; those before it are not, as each of
            // them would be looked through to nearly the same place.
            let broken = document.open && !(too_deep && document.level >= MAX_DEPTH as usize / 2);
            if !(broken && document.is_wrapped) {
                documents.push_back((self.offset_of(document.start), broken.then(|| error.clone())));
            }
        }
        self.leave(documents, fault.at, fault.expected == *wire::TOO_MANY_LINES);
        self.found(position, Err(error))
    }

    /// Reports that the document that begins here is longer than one document may be, and continues after it.
    pub(super) fn too_long(&mut self, window: Window<'_>) -> Move {
        let position = self.position(window.bytes);
        let error = Error::too_long(self.limit, position);
        let end = window.bytes.len();
        let halfway = self.at + (end - self.at) / 2;
        let mut documents = VecDeque::new();
        for document in recover::swallowed(window.bytes, self.at, end) {
            let broken = document.open && document.start < halfway;
            if !(broken && document.is_wrapped) {
                documents.push_back((self.offset_of(document.start), broken.then(|| error.clone())));
            }
        }
        self.leave(documents, end, true);
        self.found(position, Err(error))
    }

    /// Leaves a broken document that ends at a place in the window and contains others.
    fn leave(&mut self, mut documents: VecDeque<(u64, Option<Error>)>, end: usize, named: bool) {
        let remains = !matches!(self.state, State::Top);
        let mut end = self.offset_of(end);
        let mut behind = State::Skipping { remains, named };
        if let Some(outer) = self.swallowed.take() {
            // It is itself within a broken document.
            documents.extend(outer.documents.into_iter().filter(|(start, _)| *start >= end.max(self.here.offset + 1)));
            if outer.end > end {
                (end, behind) = (outer.end, outer.behind);
            }
        }
        self.swallowed = Some(Box::new(Swallowed { documents, end, behind }));
        self.state = behind;
    }

    /// Where a place in the window is in the stream.
    fn offset_of(&self, at: usize) -> u64 {
        (self.here.offset + at as u64).saturating_sub(self.at as u64)
    }

    /// Goes to the next document that was swallowed, or behind the one that swallowed them: `None` where the cursor is at a
    /// document that is to be read.
    pub(super) fn go_to_swallowed(&mut self, window: Window<'_>) -> Option<Move> {
        let swallowed = self.swallowed.as_mut()?;
        while let Some((start, _)) = swallowed.documents.front()
            && *start < self.here.offset
        {
            // It is part of one that was read.
            swallowed.documents.pop_front();
        }
        let next = swallowed.documents.front_mut().map(|(start, error)| (*start, error.take()));
        let (end, behind) = (swallowed.end, swallowed.behind);
        let start = next.as_ref().map_or(end, |(start, _)| *start);
        if start > self.here.offset {
            self.move_to(window.bytes, self.at + (start - self.here.offset) as usize);
        }
        match next {
            None => {
                self.swallowed = None;
                self.state = behind;
                Some(Move::On)
            }
            Some((_, None)) => {
                self.state = State::Remains { open: true };
                None
            }
            Some((_, Some(error))) => {
                if let Some(swallowed) = self.swallowed.as_mut() {
                    swallowed.documents.pop_front();
                }
                let position = self.position(window.bytes);
                Some(self.found(position, Err(error)))
            }
        }
    }

    pub(super) fn skip_to_line(&mut self, window: Window<'_>, remains: bool, named: bool) -> Move {
        loop {
            let rest = window.bytes.get(self.at..).unwrap_or_default();
            if self.here.begins_line() {
                match starts_with_mark(window, self.at) {
                    None if !rest.is_empty() => return Move::Stop(Step::Short),
                    Some(true) => {
                        self.take_mark(window.bytes);
                        continue;
                    }
                    _ => {}
                }
            }
            match rest.first() {
                Some(b'{' | b'[') if self.here.begins_line() => {
                    if named {
                        let head = rest.get(..NAMED_WITHIN).unwrap_or(rest);
                        match recover::is_document(head, 0) {
                            None if head.len() < NAMED_WITHIN && !window.last => return Move::Stop(Step::Short),
                            Some(true) => {}
                            _ => {
                                self.move_to(window.bytes, self.at + 1);
                                continue;
                            }
                        }
                    }
                    self.state = if remains { State::Remains { open: true } } else { State::Top };
                    return Move::On;
                }
                Some(_) => {
                    let line = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
                    self.move_to(window.bytes, self.at + line);
                }
                None => return Move::Stop(if window.last { Step::End } else { Step::Short }),
            }
        }
    }
}
