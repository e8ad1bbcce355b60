//! Places the findings of an order in the rows that it was made from.

use std::sync::Arc;

use ordercharge::bulk::{Finding, Inspected};
use ordercharge::{Document, Error, Level, Place, Position, Rule, Span};

use ordercharge_records::Cells;

use super::Shared;
use super::columns::Columns;
use super::orders::{ROWS, lines, same};
use super::rows::Row;

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
    shared: Arc<Shared>,
}

impl Cells for Placed {
    fn place(&self, place: &Place, span: &mut Span) {
        self.put(place, false, span);
    }

    fn cell(&self, place: &Place, again: bool) -> Option<(u64, String)> {
        let columns = self.shared.columns.get()?;
        let (row, cell) = cell(place, again, &self.rows, columns)?;
        // A field without a cell is at another one.
        columns.slot(cell).filter(|(slot, _)| slot.name == place.name())?;
        Some((row.position(row.cells.get(cell)?.start).line, columns.title(cell)))
    }
}

impl Placed {
    fn put(&self, place: &Place, twice: bool, span: &mut Span) {
        let Some(columns) = self.shared.columns.get() else { return };
        if let Some((row, cell)) = cell(place, twice, &self.rows, columns) {
            let range = row.cells.get(cell).cloned().unwrap_or_default();
            span.start = row.position(range.start);
            span.end = row.start.offset + range.end as u64;
        }
    }
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
            let rows = Placed { rows, shared: Arc::clone(shared) };
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

/// The cell of a place; for a field that is stated twice, the second one. A field without a cell is at the cell that names
/// its order.
fn cell<'r>(place: &Place, twice: bool, rows: &'r [Row], columns: &Columns) -> Option<(&'r Row, usize)> {
    let is = |cell: usize, level: Level| {
        columns.slot(cell).is_some_and(|(slot, _)| slot.level == level && slot.name == place.name())
    };
    let name = columns.cust_ref.unwrap_or_default();
    let Some(line) = place.line() else {
        let cells = rows.iter().flat_map(|row| (0..row.len()).map(move |cell| (row, cell)));
        let mut stated = cells.filter(|(row, cell)| is(*cell, Level::Header) && !row.value(*cell).is_empty());
        let first = stated.next();
        let other = first.filter(|_| twice).and_then(|(row, cell)| {
            let (slot, _) = columns.slot(cell)?;
            stated.find(|(later, at)| !same(slot, row.value(cell), later.value(*at)))
        });
        return other.or(first).or(Some((rows.first()?, name)));
    };
    let (row, cells) = if columns.horizontal {
        let row = rows.first()?;
        (row, lines(columns, row).into_iter().nth(line).unwrap_or_default())
    } else {
        let row = rows.get(line)?;
        (row, (0..row.len()).collect())
    };
    let at = cells.iter().copied().find(|cell| is(*cell, Level::Line));
    // A line of a row that has several is at its first cell.
    let first = if columns.horizontal { cells.first().copied().unwrap_or(name) } else { name };
    Some((row, at.unwrap_or(first)))
}
