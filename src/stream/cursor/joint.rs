//! Cursors over parts of a stream, each started at a place that is only guessed, and how they are joined.

use super::{Cursor, Reply, State};
use crate::error::Position;

/// What a cursor must know to continue from a place between two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Joint {
    pub(crate) state: State,
    pub(crate) begins_line: bool,
    pub(crate) reply: Reply,
    pub(crate) in_remains: bool,
}

impl Joint {
    /// The start of a stream.
    pub(crate) const START: Joint =
        Joint { state: State::Start, begins_line: true, reply: Reply::No, in_remains: false };
    /// The start of a line between two documents.
    pub(crate) const LINE: Joint = Joint { state: State::Top, begins_line: true, reply: Reply::No, in_remains: false };

    /// The place in an array of orders, before an entry; `None` elsewhere.
    pub(crate) fn entry(self) -> Option<Joint> {
        match self.state {
            State::FirstEntry { wrapped } | State::Entry { wrapped } | State::BehindEntry { wrapped } => {
                Some(Joint { state: State::Entry { wrapped }, ..self })
            }
            _ => None,
        }
    }
}

impl Cursor {
    /// Starts at a joint `offset` bytes into the stream. Lines, columns and indices are counted from there.
    pub(crate) fn begin(joint: Joint, offset: u64, limit: usize) -> Cursor {
        let Joint { state, reply, in_remains, .. } = joint;
        let mut cursor = Cursor { state, reply, in_remains, limit, ..Cursor::default() };
        cursor.here.offset = offset;
        cursor.here.counted = offset;
        // No record of this part knows about a line that began before it.
        cursor.here.line_start = if joint.begins_line { offset } else { u64::MAX };
        cursor
    }

    /// The joint at its position.
    pub(crate) fn joint(&self) -> Joint {
        // Between documents, the previous one makes no difference.
        let between = matches!(self.state, State::Start | State::Top | State::Remains { .. } | State::Skipping { .. });
        let (reply, in_remains) = if between { (Reply::No, false) } else { (self.reply, self.in_remains) };
        let state = if self.swallowed.is_some() { State::Skipping { remains: true, named: false } } else { self.state };
        Joint { state, begins_line: self.here.begins_line(), reply, in_remains }
    }

    /// Moves to the position of a cursor that was started here. Both have counted their characters.
    pub(crate) fn follow(&mut self, part: &Cursor) {
        let mut swallowed = part.swallowed.clone();
        for (_, error) in swallowed.iter_mut().flat_map(|swallowed| &mut swallowed.documents) {
            *error = error.take().map(|error| error.moved(|position| self.place(position)));
        }
        self.swallowed = swallowed;
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
        self.reply = part.reply;
        self.in_remains = part.in_remains;
        self.index += part.index;
        self.sound_until = self.sound_until.max(part.sound_until);
        self.sound_so_far = self.sound_so_far.max(part.sound_so_far);
    }

    /// Converts a position of a cursor that was started here.
    pub(crate) fn place(&self, part: Position) -> Position {
        let column = if part.line == 1 { self.here.columns + part.column } else { part.column };
        Position { offset: part.offset, line: self.here.line + part.line - 1, column }
    }

    /// Begins the next stream; the numbers of records continue.
    pub(crate) fn restart(&mut self) {
        *self = Cursor { index: self.index, limit: self.limit, ..Cursor::default() };
    }
}
