//! A place in a stream, with its line and column.

use crate::error::{Position, characters};

/// A place in a stream. Its column needs a count of characters, which is made only when it is needed: most records begin a
/// line.
#[derive(Clone, Debug)]
pub(super) struct Tracker {
    /// The number of bytes before it.
    pub(super) offset: u64,
    pub(super) line: u64,
    /// Where its line begins.
    pub(super) line_start: u64,
    /// Up to where in the line characters have been counted, and their number.
    pub(super) counted: u64,
    pub(super) columns: u64,
}

impl Default for Tracker {
    /// The start of a stream.
    fn default() -> Tracker {
        Tracker { offset: 0, line: 1, line_start: 0, counted: 0, columns: 0 }
    }
}

impl Tracker {
    pub(super) fn begins_line(&self) -> bool {
        self.offset == self.line_start
    }

    /// Moves over bytes with the given number of line ends; the last line begins `behind` bytes from here.
    pub(super) fn pass(&mut self, length: usize, lines: u64, behind: usize) {
        if lines > 0 {
            self.line += lines;
            self.line_start = self.offset + behind as u64;
            self.counted = self.line_start;
            self.columns = 0;
        }
        self.offset += length as u64;
    }

    /// Counts the characters up to here, which is at `at` in the window.
    pub(super) fn count(&mut self, window: &[u8], at: usize) {
        let pending = (self.offset - self.counted) as usize;
        self.columns += characters(window.get(at.saturating_sub(pending)..at).unwrap_or_default());
        self.counted = self.offset;
    }

    pub(super) fn position(&self) -> Position {
        Position { offset: self.offset, line: self.line, column: self.columns + 1 }
    }
}
