//! Places the findings of an order in the rows that it was made from.

use std::ops::Range;
use std::sync::Arc;

use ordercharge::bulk::{Finding, Inspected};
use ordercharge::{Document, Error, Place, Position, Rule, Span};

use ordercharge_records::Cells;

use super::Shared;
use super::columns::Columns;
use super::orders::{ROWS, lines, same};
use super::rows::{Row, position};

/// The text of an order without the member that has its rows, and the content of that member.
fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = text.strip_prefix(ROWS.as_bytes())?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    Some((rest.get(..end)?, rest.get(end + 2..)?))
}

/// The rows that an order was made from.
#[derive(Debug)]
pub(crate) struct Placed {
    rows: Vec<Row>,
    /// Where the cells of each row begin.
    starts: Vec<Vec<Position>>,
    /// The cells of each line, if a row is a whole order.
    lines: Vec<Vec<usize>>,
    shared: Arc<Shared>,
}

impl Cells for Placed {
    fn place(&self, place: &Place, span: &mut Span) {
        self.put(place, false, span);
    }

    fn cell(&self, place: &Place, again: bool) -> Option<(u64, String)> {
        let columns = self.shared.columns.get()?;
        let (row, cell) = self.find(place, again, columns)?;
        // A field without a cell is at another one.
        columns.slot(cell).filter(|(slot, _)| slot.name == place.name())?;
        Some((self.starts.get(row)?.get(cell)?.line, columns.title(cell)))
    }
}

impl Placed {
    fn new(rows: Vec<Row>, columns: &Columns, shared: &Arc<Shared>) -> Placed {
        let starts = rows.iter().map(starts).collect();
        let whole = rows.first().filter(|_| columns.horizontal);
        let lines = whole.map(|row| lines(columns, row)).unwrap_or_default();
        Placed { rows, starts, lines, shared: Arc::clone(shared) }
    }

    fn put(&self, place: &Place, twice: bool, span: &mut Span) {
        let Some((row, cell)) = self.shared.columns.get().and_then(|columns| self.find(place, twice, columns)) else {
            return;
        };
        let start = self.starts.get(row).and_then(|starts| starts.get(cell)).copied();
        if let Some(row) = self.rows.get(row) {
            span.start = start.unwrap_or(row.start);
            span.end = row.start.offset + row.cells.get(cell).map_or(0, |range| range.end) as u64;
        }
    }

    /// The row and the cell of a place; for a field that is stated twice, the second one. A field without a cell is at the cell
    /// that names its order.
    fn find(&self, place: &Place, twice: bool, columns: &Columns) -> Option<(usize, usize)> {
        let name = columns.cust_ref.unwrap_or_default();
        let Some(line) = place.line() else {
            let Some((cell, slot)) = columns.header().find(|(_, slot)| slot.name == place.name()) else {
                return (!self.rows.is_empty()).then_some((0, name));
            };
            let values = self.rows.iter().map(|row| row.value(cell)).enumerate();
            let mut stated = values.filter(|(_, value)| !value.is_empty());
            let Some((first, value)) = stated.next() else { return Some((0, name)) };
            let other = if twice { stated.find(|(_, later)| !same(slot, value, later)) } else { None };
            return Some((other.map_or(first, |(row, _)| row), cell));
        };
        let is = |cell: &usize| columns.slot(*cell).is_some_and(|(slot, _)| slot.name == place.name());
        if columns.horizontal {
            let cells = self.lines.get(line)?;
            // What has no cell is at the first one of its line.
            return Some((0, cells.iter().copied().find(is).or(cells.first().copied()).unwrap_or(name)));
        }
        let row = self.rows.get(line)?;
        let stated = columns.line().map(|(cell, _)| cell).filter(|cell| *cell < row.len()).find(is);
        Some((line, stated.unwrap_or(name)))
    }
}

/// Where the cells of a row begin.
fn starts(row: &Row) -> Vec<Position> {
    let (mut at, mut before) = (row.start, 0);
    let next = |cell: &Range<usize>| {
        at = position(at, row.raw.get(before..).unwrap_or_default(), cell.start - before);
        before = cell.start;
        at
    };
    row.cells.iter().map(next).collect()
}

/// A finding in a stream of orders that were made from rows, as a finding in the rows, and these. `room` gets the text of the
/// order.
pub(super) fn translated<'t>(
    shared: &Arc<Shared>,
    mut found: Finding<'t>,
    room: &'t mut Vec<u8>,
) -> (Finding<'t>, Option<Placed>) {
    let mut placed_rows = None;
    // The offset stays that of the order in the stream, by which the sample of valid orders is chosen.
    let placed = |start: Position| Position { offset: found.position.offset, ..start };
    match &mut found.outcome {
        Inspected::Unreadable(error) => {
            if let Some((start, fault)) = shared.faults().remove(&found.position.offset) {
                *error = Error::unreadable(fault.why, Some(fault.at));
                found.position = placed(start);
            }
        }
        Inspected::Clean(text) => {
            if let Some((_, rest)) = split(text) {
                room.push(b'{');
                room.extend_from_slice(rest);
                *text = room;
            }
        }
        Inspected::Checked(document, report) => {
            let (Some((rows, rest)), Some(columns)) = (split(document.text()), shared.columns.get()) else {
                return (found, None);
            };
            let rows = read(rows, columns);
            room.push(b'{');
            room.extend_from_slice(rest);
            if let Some(first) = rows.first() {
                found.position = placed(first.start);
            }
            let rows = Placed::new(rows, columns, shared);
            for violation in &mut report.violations {
                let twice = violation.rule == Rule::DuplicateField;
                violation.span.iter_mut().for_each(|span| rows.put(&violation.place, twice, span));
            }
            placed_rows = Some(rows);
            if let Ok(plain) = Document::from_json(room) {
                *document = plain;
            }
        }
    }
    (found, placed_rows)
}

/// The rows of an order.
fn read(member: &[u8], columns: &Columns) -> Vec<Row> {
    let quoted = [b"\"", member, b"\""].concat();
    let Ok(text) = serde_json::from_slice::<String>(&quoted) else { return Vec::new() };
    let (mut rows, mut rest) = (Vec::new(), text.as_str());
    while let Some((head, after)) = rest.split_once(':') {
        let mut numbers = head.split(' ').filter_map(|number| number.parse::<u64>().ok());
        let (Some(offset), Some(line), Some(length)) = (numbers.next(), numbers.next(), numbers.next()) else { break };
        let Some((raw, behind)) = after.split_at_checked(length as usize) else { break };
        let Some(mut row) = columns.cores.row_of(raw.as_bytes()) else { break };
        row.start = Position { offset, line, column: 1 };
        rows.push(row);
        rest = behind;
    }
    rows
}
