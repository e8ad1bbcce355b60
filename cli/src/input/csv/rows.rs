//! The rows of a CSV text, each cell with its place. Quoted cells are read by `csv-core`.

use std::io::{self, Read};
use std::ops::Range;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use ordercharge::Position;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Reads rows. Memory holds one row and a buffer.
pub(super) struct Rows<R> {
    source: R,
    core: Reader,
    /// The most bytes that one row may take.
    limit: usize,
    buffer: Vec<u8>,
    /// The end of what was read into the buffer, and of the rows that were returned.
    filled: usize,
    used: usize,
    ended: bool,
    /// The place of the first byte that is not used.
    offset: u64,
    line: u64,
    /// The bytes that were read, and that were read again after a quote that is never closed.
    read: u64,
    again: u64,
}

/// One row.
#[derive(Debug)]
pub(super) struct Row {
    /// Its bytes, without the line end.
    pub(super) raw: Vec<u8>,
    /// Where each cell is in them.
    pub(super) cells: Vec<Range<usize>>,
    /// The values of the cells, and where each ends.
    values: Vec<u8>,
    ends: Vec<usize>,
    /// Where it begins.
    pub(super) start: Position,
    /// The cell that is not quoted as CSV wants it, and why.
    pub(super) fault: Option<(usize, &'static str)>,
}

impl Row {
    pub(super) fn new() -> Row {
        Row {
            raw: Vec::new(),
            cells: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
            start: Position::START,
            fault: None,
        }
    }

    /// The value of a cell: without its quotes.
    pub(super) fn value(&self, cell: usize) -> &[u8] {
        let start = cell.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        self.ends.get(cell).and_then(|end| self.values.get(start..*end)).unwrap_or_default()
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn is_blank(&self) -> bool {
        self.values.iter().all(u8::is_ascii_whitespace)
    }

    /// The position of a byte of the row.
    pub(super) fn position(&self, at: usize) -> Position {
        position(self.start, &self.raw, at)
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.cells.clear();
        self.values.clear();
        self.ends.clear();
        self.fault = None;
    }
}

/// The position of a byte of bytes that begin at a position.
pub(super) fn position(start: Position, bytes: &[u8], at: usize) -> Position {
    let before = bytes.get(..at).unwrap_or(bytes);
    let lines = before.iter().filter(|byte| **byte == b'\n').count() as u64;
    let tail = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let characters = tail.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u64;
    let column = if lines == 0 { start.column + characters } else { 1 + characters };
    Position { offset: start.offset + at as u64, line: start.line + lines, column }
}

const UNCLOSED: &str = "expected a quote that ends the cell, found none: double each quote within a quoted cell";
const INNER: &str = "expected a delimiter after the quote that ends the cell: double each quote within a quoted cell";

impl<R: Read> Rows<R> {
    pub(super) fn new(source: R, delimiter: u8, limit: usize) -> Rows<R> {
        Rows {
            source,
            core: ReaderBuilder::new().delimiter(delimiter).build(),
            limit,
            buffer: Vec::new(),
            filled: 0,
            used: 0,
            ended: false,
            offset: 0,
            line: 1,
            read: 0,
            again: 0,
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.buffer.get(..self.filled)?.get(at).copied()
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.used > 0 {
            self.buffer.copy_within(self.used..self.filled, 0);
            self.filled -= self.used;
            self.used = 0;
        }
        let room = CHUNK.max(self.filled / 2);
        if self.buffer.len() < self.filled + room {
            self.buffer.resize(self.filled + room, 0);
        }
        let read = loop {
            match self.source.read(self.buffer.get_mut(self.filled..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.ended = read == 0;
        self.filled += read;
        self.read += read as u64;
        Ok(())
    }

    /// Uses bytes that belong to no row.
    fn pass(&mut self, count: usize) {
        let passed = self.buffer.get(self.used..self.used + count).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        self.offset += count as u64;
        self.used += count;
    }

    /// Passes a byte order mark at the start.
    pub(super) fn pass_mark(&mut self) -> io::Result<()> {
        while !self.ended && self.filled < 3 {
            self.fill()?;
        }
        if self.buffer.get(..self.filled).is_some_and(|bytes| bytes.starts_with(b"\xEF\xBB\xBF")) {
            self.pass(3);
        }
        Ok(())
    }

    /// Reads the next row that is not blank. Returns whether there is one.
    pub(super) fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        loop {
            // Line ends between rows.
            loop {
                match self.byte(self.used) {
                    Some(b'\n' | b'\r') => self.pass(1),
                    Some(_) => break,
                    None if self.ended => return Ok(false),
                    None => self.fill()?,
                }
            }
            self.row(row)?;
            if row.fault.is_some() || !row.is_blank() {
                return Ok(true);
            }
        }
    }

    /// Reads the row that begins here.
    fn row(&mut self, row: &mut Row) -> io::Result<()> {
        row.clear();
        self.core.reset();
        row.start = Position { offset: self.offset, line: self.line, column: 1 };
        // From the first byte of the row, because the buffer moves.
        let (mut at, mut begin, mut value_end) = (0, 0, 0);
        loop {
            let from = self.used + at;
            if from == self.filled && !self.ended {
                self.fill()?;
                continue;
            }
            if at > self.limit {
                row.fault =
                    Some((row.cells.len(), "expected a shorter row (`--max-document`), or a quote that ends the cell"));
                row.cells.push(begin..at);
                break;
            }
            let input = self.buffer.get(from..self.filled).unwrap_or_default();
            // A chunk at a time, so that the limit is seen.
            let input = input.get(..CHUNK).unwrap_or(input);
            if row.values.len() < value_end + 64 {
                row.values.resize(value_end * 2 + 256, 0);
            }
            let room = row.values.get_mut(value_end..).unwrap_or_default();
            let (result, read, written) = self.core.read_field(input, room);
            at += read;
            value_end += written;
            match result {
                ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
                ReadFieldResult::End => break,
                ReadFieldResult::Field { record_end } => {
                    // The delimiter or the line end is not part of the cell.
                    let raw = self.buffer.get(self.used + begin..self.used + at).unwrap_or_default();
                    let ends = match record_end {
                        true => raw.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count(),
                        false => 1,
                    };
                    let end = at.saturating_sub(ends).max(begin);
                    if row.fault.is_none()
                        && let Some(fault) = quoted_wrongly(raw.get(..end - begin).unwrap_or_default())
                    {
                        row.fault = Some((row.cells.len(), fault));
                    }
                    row.cells.push(begin..end);
                    row.ends.push(value_end);
                    begin = at;
                    if record_end {
                        break;
                    }
                }
            }
        }
        row.values.truncate(value_end);
        let end = row.cells.last().map_or(at, |cell| cell.end);
        row.raw.extend_from_slice(self.buffer.get(self.used..self.used + end).unwrap_or_default());
        self.pass(at);
        Ok(())
    }

    /// Goes back to the second line of a row that cannot be right: a quote in its first line seems to be missing. Rows that
    /// are read again are limited, so that the work stays in proportion to the input.
    pub(super) fn back_to_second_line(&mut self, row: &mut Row) {
        let Some(first) = row.raw.iter().position(|byte| *byte == b'\n') else { return };
        let back = (self.offset - row.start.offset) as usize - (first + 1);
        if back > self.used || self.again + back as u64 > 4 * self.read {
            return;
        }
        self.again += back as u64;
        self.used -= back;
        self.offset -= back as u64;
        self.line = row.start.line + 1;
        row.raw.truncate(first);
        row.cells.retain(|cell| cell.end <= first);
    }
}

/// Why the quotes of a cell are wrong.
fn quoted_wrongly(raw: &[u8]) -> Option<&'static str> {
    let inner = raw.strip_prefix(b"\"")?;
    let Some(inner) = inner.strip_suffix(b"\"") else {
        return Some(if inner.contains(&b'"') { INNER } else { UNCLOSED });
    };
    let mut rest = inner;
    while let Some(at) = rest.iter().position(|byte| *byte == b'"') {
        rest = rest.get(at + 1..)?;
        match rest.strip_prefix(b"\"") {
            Some(after) => rest = after,
            None => return Some(INNER),
        }
    }
    None
}
