//! Turns rows into orders: a stream of JSON, an order on each line, that the reader of orders reads.
//!
//! Each order begins with a member that has its rows and where they are, so that findings can be placed in the CSV text
//! (`places.rs`). An order that cannot be made is a list with a number, which is not an order, and a fault beside it.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::ops::Range;
use std::sync::Arc;

use ordercharge::{Charge, Level, Position};

use super::columns::{Columns, Slot};
use super::rows::{Row, Rows};
use super::settings::Settings;
use super::{Fault, Shared};

/// The beginning of each order, before the text of its rows.
pub(super) const ROWS: &str = r#"{"csv rows":""#;

/// Stands for an order that cannot be made: an unreadable document. Its number is one byte after its start.
const NO_ORDER: &[u8] = b"[0]\n";

/// How many bytes of orders are made at once.
const CHUNK: usize = 64 * 1024;

/// The names of this many orders are remembered, to see whether the rows of an order are apart.
const REMEMBERED: usize = 1 << 20;

/// Whether two values of a field are the same.
pub(super) fn same(slot: &Slot, one: &[u8], two: &[u8]) -> bool {
    let amount = |value: &[u8]| Charge::from_text(&String::from_utf8_lossy(value)).amount();
    one == two || (slot.charge && amount(one).is_some() && amount(one) == amount(two))
}

/// The items of a row that is an order, each with its cells. A line without any value is left out.
pub(super) fn lines(columns: &Columns, row: &Row) -> Vec<Vec<usize>> {
    let mut lines: Vec<Vec<usize>> = vec![Vec::new()];
    for cell in 0..row.len() {
        if let Some((slot, item)) = columns.slot(cell)
            && slot.level == Level::Line
        {
            if lines.len() <= item {
                lines.resize(item + 1, Vec::new());
            }
            lines.get_mut(item).into_iter().for_each(|line| line.push(cell));
        }
    }
    lines.retain(|cells| cells.iter().any(|cell| !row.value(*cell).is_empty()));
    lines
}

/// The orders of a CSV text, as JSON.
pub(super) struct Orders<R> {
    rows: Rows<R>,
    row: Row,
    settings: Arc<Settings>,
    shared: Arc<Shared>,
    delimiter: u8,
    limit: usize,
    group: Option<Group>,
    /// The memory of a group that is finished.
    spare: Group,
    /// The JSON, how much of it was read, and where it begins in the stream.
    out: Vec<u8>,
    given: usize,
    begin: u64,
    done: bool,
    /// Why reading ended, if the orders before that were not given yet.
    failure: Option<io::Error>,
    known: Known,
}

/// The rows of one order.
struct Group {
    cust_ref: Vec<u8>,
    start: Position,
    /// By column: the first value, its line, and a later value that differs.
    header: Vec<Option<Stated>>,
    /// What is in the cells of the header.
    values: Vec<u8>,
    items: Vec<u8>,
    rows: Vec<u8>,
    fault: Option<Fault>,
}

/// Values, by where they are in those of the group.
struct Stated {
    value: Range<usize>,
    other: Option<Range<usize>>,
    line: u64,
}

impl<R: Read> Orders<R> {
    pub(super) fn new(
        source: R,
        delimiter: u8,
        limit: usize,
        settings: Arc<Settings>,
        shared: Arc<Shared>,
    ) -> io::Result<Orders<R>> {
        let mut orders = Orders {
            rows: Rows::new(source, delimiter, limit),
            row: Row::new(),
            settings,
            shared,
            delimiter,
            limit,
            group: None,
            spare: Group::new(),
            out: Vec::new(),
            given: 0,
            begin: 0,
            done: false,
            failure: None,
            known: Known::default(),
        };
        orders.head()?;
        Ok(orders)
    }

    /// Reads the header.
    fn head(&mut self) -> io::Result<()> {
        let mut more = self.rows.next(&mut self.row)?;
        // How spreadsheets name the delimiter.
        if more && self.row.raw.len() == 5 && self.row.raw.starts_with(b"sep=") {
            more = self.rows.next(&mut self.row)?;
        }
        let refused = |why: &str, row: &Row| Err(io::Error::other(format!("{}: {why}", row.position(0))));
        if let Some((_, why)) = self.row.fault {
            return refused(why, &self.row);
        }
        match Columns::new(&self.row, self.delimiter, &self.settings) {
            _ if !more => {
                self.done = true;
                return Ok(());
            }
            Ok(columns) => drop(self.shared.columns.set(columns)),
            Err(why) => return refused(&why, &self.row),
        }
        if !self.settings.header {
            self.take();
        }
        Ok(())
    }

    /// Reads until there is something to return.
    fn fill(&mut self) -> io::Result<()> {
        self.begin += self.out.len() as u64;
        self.out.clear();
        self.given = 0;
        while self.out.len() < CHUNK && !self.done {
            match self.rows.next(&mut self.row) {
                Ok(true) => self.take(),
                Ok(false) => {
                    self.done = true;
                    self.finish();
                }
                Err(error) if self.out.is_empty() => return Err(error),
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes the row that was read.
    fn take(&mut self) {
        let shared = Arc::clone(&self.shared);
        let Some(columns) = shared.columns.get() else { return };
        let fault = self.fault(columns);
        let cust_ref = columns.cust_ref.map(|cell| self.row.value(cell).trim_ascii()).unwrap_or_default();
        let continues = !columns.horizontal
            && self.group.as_ref().is_some_and(|group| group.cust_ref == cust_ref || cust_ref.is_empty());
        if !continues {
            self.finish();
            let cust_ref = columns.cust_ref.map(|cell| self.row.value(cell).trim_ascii()).unwrap_or_default();
            let mut group = std::mem::replace(&mut self.spare, Group::new());
            group.begin(cust_ref, self.row.start);
            if !columns.horizontal && !cust_ref.is_empty() && !self.known.is_new(cust_ref) {
                let why = "expected the rows of one order to follow each other, found others between them: sort the rows \
                    by cust_ref (the first rows of this order were checked without these)";
                group.fault = Some(Fault { why: why.to_owned(), at: self.row.position(0) });
            }
            self.group = Some(group);
        }
        let Some(group) = &mut self.group else { return };
        match fault {
            Some((fault, again)) => {
                group.fault.get_or_insert(fault);
                if again {
                    self.rows.back_to_second_line(&mut self.row);
                }
            }
            None if group.fault.is_none() => group.add(columns, &self.row, self.limit),
            None => {}
        }
    }

    /// Why a row cannot be read, and whether a missing quote may be the reason.
    fn fault(&self, columns: &Columns) -> Option<(Fault, bool)> {
        let row = &self.row;
        let of_cell = |cell: usize| row.position(row.cells.get(cell).map_or(0, |cell| cell.start));
        if let Some((cell, why)) = row.fault {
            return Some((Fault { why: why.to_owned(), at: of_cell(cell) }, true));
        }
        if let Err(expected) = columns.fits(row.len()) {
            let quote = if row.raw.contains(&b'\n') { ", or a quote is not closed" } else { "" };
            let why = format!(
                "expected {expected} in the row, found {}: a cell that holds the delimiter needs quotes{quote}",
                row.len()
            );
            return Some((Fault { why, at: row.position(0) }, true));
        }
        if let Err(error) = std::str::from_utf8(&row.raw) {
            let at = error.valid_up_to();
            let byte = row.raw.get(at).copied().unwrap_or_default();
            let why = format!(
                "expected text in UTF-8, found the byte 0x{byte:02X}: convert the file, for example by `iconv -f \
                 WINDOWS-1252 -t UTF-8`"
            );
            return Some((Fault { why, at: row.position(at) }, false));
        }
        let cell = columns.cust_ref.filter(|_| !columns.horizontal)?;
        let why = "expected the name of the order in each row, found an empty cust_ref".to_owned();
        row.value(cell).trim_ascii().is_empty().then(|| (Fault { why, at: of_cell(cell) }, false))
    }

    /// Writes the order whose rows were read.
    fn finish(&mut self) {
        let shared = Arc::clone(&self.shared);
        let (Some(group), Some(columns)) = (self.group.take(), shared.columns.get()) else { return };
        let before = self.out.len();
        let mut fault = group.fault.clone();
        if fault.is_none() {
            group.write(columns, &mut self.out);
            if self.out.len() - before > self.limit {
                self.out.truncate(before);
                fault = Some(too_long(self.limit, group.start));
            }
        }
        if let Some(fault) = fault {
            let offset = self.begin + before as u64 + 1;
            self.shared.faults().insert(offset, (group.start, fault));
            self.out.extend_from_slice(NO_ORDER);
        }
        self.spare = group;
    }
}

impl<R: Read> Read for Orders<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
            if self.done {
                return Ok(0);
            }
            self.fill()?;
        }
        let count = self.out.get(self.given..).unwrap_or_default().read(room)?;
        self.given += count;
        Ok(count)
    }
}

impl Group {
    fn new() -> Group {
        Group {
            cust_ref: Vec::new(),
            start: Position::START,
            header: Vec::new(),
            values: Vec::new(),
            items: Vec::new(),
            rows: Vec::new(),
            fault: None,
        }
    }

    /// Forgets the rows and keeps the memory.
    fn begin(&mut self, cust_ref: &[u8], start: Position) {
        self.cust_ref.clear();
        self.cust_ref.extend_from_slice(cust_ref);
        self.start = start;
        self.header.clear();
        self.values.clear();
        self.items.clear();
        self.rows.clear();
        self.fault = None;
    }

    fn add(&mut self, columns: &Columns, row: &Row, limit: usize) {
        // Writing to memory does not fail.
        let _ = write!(self.rows, "{} {} {}:", row.start.offset, row.start.line, row.raw.len());
        escape(&mut self.rows, &row.raw, true);
        if self.rows.len() + self.items.len() > limit {
            self.fault = Some(too_long(limit, row.start));
            return;
        }
        self.header.resize_with(columns.of_header.len(), || None);
        for (place, (cell, slot)) in self.header.iter_mut().zip(columns.header()) {
            let value = row.value(cell);
            if value.is_empty() {
                continue;
            }
            let first = place.as_ref().map(|stated| self.values.get(stated.value.clone()).unwrap_or_default());
            let is_new = first.is_none_or(|first| !same(slot, first, value));
            if !is_new || place.as_ref().is_some_and(|stated| stated.other.is_some()) {
                continue;
            }
            let kept = self.values.len()..self.values.len() + value.len();
            self.values.extend_from_slice(value);
            match place {
                None => *place = Some(Stated { value: kept, other: None, line: row.start.line }),
                Some(stated) => {
                    stated.other = Some(kept);
                    if !slot.charge {
                        self.fault = Some(contradicts(slot, stated.line, row, cell));
                        return;
                    }
                }
            }
        }
        if columns.horizontal {
            for cells in lines(columns, row) {
                let slots = cells.into_iter().filter_map(|cell| Some((cell, columns.slot(cell)?.0)));
                self.line(columns, row, slots);
            }
        } else {
            self.line(columns, row, columns.line());
        }
    }

    /// Writes one line of the order.
    fn line<'c>(&mut self, columns: &'c Columns, row: &Row, cells: impl Iterator<Item = (usize, &'c Slot)>) {
        self.items.push(if self.items.is_empty() { b'[' } else { b',' });
        let mut object = Object::new(&mut self.items);
        for (cell, slot) in cells {
            object.member(slot, row.value(cell));
        }
        for (slot, value) in columns.constants.iter().filter(|(slot, _)| slot.level == Level::Line) {
            object.member(slot, value.as_bytes());
        }
        object.end();
    }

    fn write(&self, columns: &Columns, out: &mut Vec<u8>) {
        out.extend_from_slice(ROWS.as_bytes());
        out.extend_from_slice(&self.rows);
        out.extend_from_slice(b"\",");
        let mut object = Object { out, empty: true };
        let value = |range: &Range<usize>| self.values.get(range.clone()).unwrap_or_default();
        for (stated, (_, slot)) in self.header.iter().zip(columns.header()) {
            let Some(stated) = stated else { continue };
            object.member(slot, value(&stated.value));
            if let Some(other) = &stated.other {
                // A field that is stated twice (OC303).
                object.member(slot, value(other));
            }
        }
        for (slot, value) in columns.constants.iter().filter(|(slot, _)| slot.level == Level::Header) {
            object.member(slot, value.as_bytes());
        }
        object.comma();
        object.out.extend_from_slice(b"\"items\":");
        object.out.extend_from_slice(if self.items.is_empty() { b"[" } else { &self.items });
        object.out.extend_from_slice(b"]}\n");
    }
}

/// The fault of an order that takes too many bytes.
fn too_long(limit: usize, at: Position) -> Fault {
    Fault { why: format!("expected an order of at most {limit} bytes (`--max-document`), found a longer one"), at }
}

/// The fault of an order whose rows have different values in a cell of the header that is not a charge.
fn contradicts(slot: &Slot, first: u64, row: &Row, cell: usize) -> Fault {
    let name = &slot.name;
    let why = format!(
        "expected one {name} in all rows of the order, found another one than in line {first} (`--csv line={name}` if it \
         belongs to the lines, `--csv ignore={name}` if it does not matter)"
    );
    Fault { why, at: row.position(row.cells.get(cell).map_or(0, |cell| cell.start)) }
}

/// Writes the members of a JSON object.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl Object<'_> {
    fn new(out: &mut Vec<u8>) -> Object<'_> {
        out.push(b'{');
        Object { out, empty: true }
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
    }

    /// Writes a value as a string. An empty one is unset.
    fn member(&mut self, slot: &Slot, value: &[u8]) {
        if !value.is_empty() {
            self.comma();
            self.out.extend_from_slice(slot.key.as_bytes());
            self.out.push(b'"');
            escape(self.out, value, false);
            self.out.push(b'"');
        }
    }

    fn end(self) {
        self.out.push(b'}');
    }
}

/// Writes the content of a JSON string. `numbered` quotes are escaped by their number, so that the first quote ends it.
fn escape(out: &mut Vec<u8>, value: &[u8], numbered: bool) {
    let is_special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // Most cells have nothing to escape. Without an early exit, many bytes are compared at once.
    if !value.iter().fold(false, |any, byte| any | is_special(*byte)) {
        out.extend_from_slice(value);
        return;
    }
    for byte in value {
        match byte {
            b'"' if !numbered => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            // Writing to memory does not fail.
            b'"' | 0..=0x1F => drop(write!(out, "\\u{byte:04x}")),
            byte => out.push(*byte),
        }
    }
}

/// The names of the last orders, by their hashes.
#[derive(Default)]
struct Known {
    hashes: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    fn is_new(&mut self, name: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.hashes.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.hashes.remove(&oldest);
        }
        true
    }
}
