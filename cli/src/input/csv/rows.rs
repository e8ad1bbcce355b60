//! The rows of a CSV text, each cell with its place. Rows in which a quote is within a quoted cell, that are cut off, or whose
//! quotes are wrong are read by `csv-core`; a shorter loop, which gives the same, reads all others.

use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use ordercharge::Position;

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// Reads rows. Memory holds one row and a buffer.
pub(super) struct Rows<R> {
    source: R,
    delimiter: u8,
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
    /// Where the value of each cell is: in `raw`, or, if the row has quotes to remove, in `values`.
    spans: Vec<Range<usize>>,
    values: Option<Vec<u8>>,
    /// Where it begins.
    pub(super) start: Position,
    /// The cell that is not quoted as CSV wants it, and why.
    pub(super) fault: Option<(usize, &'static str)>,
}

impl Row {
    pub(super) fn new() -> Row {
        Row { raw: Vec::new(), cells: Vec::new(), spans: Vec::new(), values: None, start: Position::START, fault: None }
    }

    /// The value of a cell: without its quotes.
    pub(super) fn value(&self, cell: usize) -> &[u8] {
        let values = self.values.as_ref().unwrap_or(&self.raw);
        self.spans.get(cell).and_then(|span| values.get(span.clone())).unwrap_or_default()
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    fn is_blank(&self) -> bool {
        (0..self.len()).all(|cell| self.value(cell).iter().all(u8::is_ascii_whitespace))
    }

    /// The position of a byte of the row.
    pub(super) fn position(&self, at: usize) -> Position {
        position(self.start, &self.raw, at)
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.cells.clear();
        self.spans.clear();
        self.values = None;
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

/// A reader of cells.
fn core(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

/// Readers of cells that are used again: to make one takes as long as reading a thousand cells, and a clone of one has no
/// values (csv-core 0.1.13).
#[derive(Debug)]
pub(super) struct Cores {
    delimiter: u8,
    ready: Mutex<Vec<Reader>>,
}

impl Cores {
    pub(super) fn new(delimiter: u8) -> Cores {
        Cores { delimiter, ready: Mutex::default() }
    }

    fn ready(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row that these bytes are, which were one before.
    pub(super) fn row_of(&self, raw: &[u8]) -> Option<Row> {
        let ready = self.ready().pop();
        let mut rows = Rows::of(raw.to_vec(), self.delimiter, ready.unwrap_or_else(|| core(self.delimiter)));
        let mut row = Row::new();
        let is_there = rows.next(&mut row).is_ok_and(|is_there| is_there);
        self.ready().push(rows.core);
        is_there.then_some(row)
    }
}

const UNCLOSED: &str = "expected a quote that ends the cell, found none: double each quote within a quoted cell";
const INNER: &str = "expected a delimiter after the quote that ends the cell: double each quote within a quoted cell";

impl Rows<io::Empty> {
    /// The rows of bytes in memory.
    fn of(buffer: Vec<u8>, delimiter: u8, core: Reader) -> Rows<io::Empty> {
        let filled = buffer.len();
        Rows { buffer, filled, ended: true, ..Rows::with(io::empty(), delimiter, usize::MAX, core) }
    }
}

impl<R: Read> Rows<R> {
    pub(super) fn new(source: R, delimiter: u8, limit: usize) -> Rows<R> {
        Rows::with(source, delimiter, limit, core(delimiter))
    }

    fn with(source: R, delimiter: u8, limit: usize, core: Reader) -> Rows<R> {
        Rows {
            source,
            delimiter,
            core,
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

    /// Passes what is between rows: line ends, and byte order marks, which files that were joined have between them too.
    /// Returns whether there is a row.
    fn pass_between(&mut self) -> io::Result<bool> {
        const MARK: &[u8] = b"\xEF\xBB\xBF";
        loop {
            let rest = self.buffer.get(self.used..self.filled).unwrap_or_default();
            match rest.first() {
                Some(b'\n' | b'\r') => self.pass(1),
                _ if rest.starts_with(MARK) => self.pass(MARK.len()),
                // A source may give fewer bytes than a mark has.
                _ if MARK.starts_with(rest) && !self.ended => self.fill()?,
                first => return Ok(first.is_some()),
            }
        }
    }

    /// Reads the next row that is not blank. Returns whether there is one.
    pub(super) fn next(&mut self, row: &mut Row) -> io::Result<bool> {
        loop {
            if !self.pass_between()? {
                return Ok(false);
            }
            self.row(row)?;
            if row.fault.is_some() || !row.is_blank() {
                return Ok(true);
            }
        }
    }

    /// Reads the row that begins here if it is whole in the buffer and no quote has to be removed from within a cell. Returns
    /// whether it was read.
    fn simple_row(&mut self, row: &mut Row) -> bool {
        let input = self.buffer.get(self.used..self.filled).unwrap_or_default();
        let (delimiter, mut begin) = (self.delimiter, 0);
        let is_end = |byte: u8| byte == delimiter || byte == b'\n' || byte == b'\r';
        let end = loop {
            let rest = input.get(begin..).unwrap_or_default();
            let quoted = rest.first() == Some(&b'"');
            let length = if quoted {
                let closing = rest.iter().skip(1).position(|byte| *byte == b'"');
                let Some(closing) = closing else { return false };
                closing + 2
            } else {
                rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len())
            };
            let end = begin + length;
            row.cells.push(begin..end);
            row.spans.push(if quoted { begin + 1..end - 1 } else { begin..end });
            match input.get(end) {
                Some(byte) if *byte == delimiter => begin = end + 1,
                Some(byte) if is_end(*byte) => break end,
                None if self.ended => break end,
                // A quote that is not the last one of its cell, or the rest of the row is not in the buffer.
                _ => return false,
            }
        };
        if end > self.limit {
            return false;
        }
        row.raw.extend_from_slice(input.get(..end).unwrap_or_default());
        self.pass(end);
        true
    }

    /// Reads the row that begins here.
    fn row(&mut self, row: &mut Row) -> io::Result<()> {
        row.clear();
        row.start = Position { offset: self.offset, line: self.line, column: 1 };
        if self.simple_row(row) {
            return Ok(());
        }
        row.clear();
        self.any_row(row)
    }

    /// Like [`simple_row`](Rows::simple_row), for any row.
    fn any_row(&mut self, row: &mut Row) -> io::Result<()> {
        self.core.reset();
        let mut values = Vec::new();
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
            // Not beyond the limit, whatever the source gives at once.
            let input = input.get(..self.limit.saturating_add(1) - at).unwrap_or(input);
            if values.len() < value_end + 64 {
                values.resize(value_end * 2 + 256, 0);
            }
            let room = values.get_mut(value_end..).unwrap_or_default();
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
                    let value = row.spans.last().map_or(0, |before| before.end);
                    row.spans.push(value..value_end);
                    begin = at;
                    if record_end {
                        break;
                    }
                }
            }
        }
        values.truncate(value_end);
        row.values = Some(values);
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

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    /// The short loop reads what `csv-core` reads, or leaves the row to it.
    #[test]
    fn simple_rows_are_those_of_csv_core() {
        // A linear congruential generator, so that each run is the same.
        let mut state = 7_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let pieces: [&[u8]; 14] = [
            b"a",
            b",",
            b"\"",
            b"\n",
            b"\r\n",
            b"\r",
            b"\"b\"",
            b"\"\"",
            b"\"c,d\",",
            b" ",
            b"\xFF",
            b"12.50,",
            b"\xEF\xBB\xBF",
            b"\"e\nf\",",
        ];
        let (mut read, mut left, mut cores) = (0, 0, vec![core(b','), core(b',')]);
        for _ in 0..20_000 {
            let text: Vec<u8> = (0..1 + draw(12)).flat_map(|_| pieces[draw(pieces.len())]).copied().collect();
            if [&b"\n"[..], b"\r", b"\xEF\xBB\xBF"].iter().any(|between| text.starts_with(between)) {
                continue;
            }
            let mut rows = || Rows::of(text.clone(), b',', cores.pop().unwrap());
            let (mut simple, mut any) = (rows(), rows());
            let (mut one, mut other) = (Row::new(), Row::new());
            let is_simple = simple.simple_row(&mut one);
            any.any_row(&mut other).unwrap();
            let (of_simple, of_any) = (simple.used, any.used);
            cores.extend([simple.core, any.core]);
            if !is_simple {
                left += 1;
                continue;
            }
            read += 1;
            let values = |row: &Row| (0..row.len()).map(|cell| row.value(cell).to_vec()).collect::<Vec<_>>();
            assert_eq!(values(&one), values(&other), "{text:?}");
            assert_eq!((&one.raw, &one.cells, one.fault), (&other.raw, &other.cells, other.fault), "{text:?}");
            // The line end may be used or not: it is passed before the next row.
            let next = |used: usize| text[used..].iter().position(|byte| !b"\r\n".contains(byte)).map(|at| at + used);
            assert_eq!(next(of_simple), next(of_any), "{text:?}");
        }
        assert!(read > 5000 && left > 1000, "{read} {left}");
    }

    /// Gives a few bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(room.len());
            self.0.read(&mut room[..most])
        }
    }

    /// Where a row begins, its bytes, its values, and whether it has a fault.
    type Seen = (Position, Vec<u8>, Vec<Vec<u8>>, bool);

    /// All rows of a text, as their source gives a few bytes at a time.
    fn rows_of(text: &[u8], piece: usize, limit: usize) -> Vec<Seen> {
        let mut rows = Rows::new(Slow(text, piece), b',', limit);
        let (mut row, mut all) = (Row::new(), Vec::new());
        while rows.next(&mut row).unwrap() {
            let values = (0..row.len()).map(|cell| row.value(cell).to_vec()).collect();
            all.push((row.start, row.raw.clone(), values, row.fault.is_some()));
        }
        all
    }

    /// Rows do not depend on how many bytes a source gives at once.
    #[test]
    fn rows_are_the_same_in_pieces() {
        let long = format!("a,{}\r\nb,c\n", "x".repeat(60));
        let texts: [&[u8]; 8] = [
            b"a,b\n\xEF\xBB\xBFc,d\n",
            b"\xEF\xBB\xBF\n\xEF\xBB\xBFa,b\r\n\xEF\xBB\xBF\xEF\xBB\xBFc,\"d \"\"e\"\"\"\n\xEF\xBB\xBF",
            b"a,b\n\xEF\xBB",
            b"a,\"b\nc,d\n",
            b"a,\"b\"\"\r\nc\"\r\n\r\n,\n",
            b"0123456789,0123456789,0123456789,0123456789\nb,c\n",
            b"0123456789,0123456789,0123456789,012345678\r\nb,c\n",
            long.as_bytes(),
        ];
        for text in texts {
            let whole = rows_of(text, usize::MAX, 42);
            for piece in [1, 2, 3, 14, 27] {
                assert_eq!(whole, rows_of(text, piece, 42), "{}", text.escape_ascii());
            }
        }
        let marks = rows_of(texts[0], 1, 42);
        assert_eq!(marks.iter().map(|row| &row.1[..]).collect::<Vec<_>>(), [b"a,b", b"c,d"]);
        let faults = |text| rows_of(text, usize::MAX, 42).iter().map(|row| row.3).collect::<Vec<_>>();
        assert_eq!(faults(texts[5]), [true, false], "43 bytes are one too many");
        assert_eq!(faults(texts[6]), [false, false]);
    }
}
