//! CSV: rows become orders, and findings get the places of their cells. `docs/csv.md` describes the form.

mod columns;
mod orders;
mod places;
mod rows;
mod settings;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use ordercharge::Position;
use ordercharge::bulk::Finding;

use super::Stream;
use columns::Columns;
use orders::Orders;
pub(crate) use places::Placed;
pub(crate) use settings::{Setting, Settings};

/// Why an order cannot be made from its rows, and where.
#[derive(Clone, Debug)]
struct Fault {
    why: String,
    at: Position,
}

/// What the reader of a source and the places of its findings share.
#[derive(Debug, Default)]
struct Shared {
    columns: OnceLock<Columns>,
    /// By the offset in the stream of orders: where the order begins, and its fault. They are taken out as they are
    /// reported.
    faults: Mutex<HashMap<u64, (Position, Fault)>>,
}

impl Shared {
    fn faults(&self) -> MutexGuard<'_, HashMap<u64, (Position, Fault)>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A source that is CSV.
#[derive(Debug, Default)]
pub(super) struct Csv(Arc<Shared>);

impl Csv {
    /// The orders of a stream, as JSON.
    pub(super) fn orders(
        &self,
        stream: Stream,
        delimiter: u8,
        limit: usize,
        settings: &Arc<Settings>,
    ) -> io::Result<Stream> {
        Ok(Box::new(Orders::new(stream, delimiter, limit, Arc::clone(settings), Arc::clone(&self.0))?))
    }

    /// A finding in the orders, as a finding in the rows, and the rows. `room` gets the text of the order.
    pub(super) fn translated<'t>(&self, found: Finding<'t>, room: &'t mut Vec<u8>) -> (Finding<'t>, Option<Placed>) {
        places::translated(&self.0, found, room)
    }

    /// The names of the columns that are not read.
    pub(super) fn unknown_columns(&self) -> &[String] {
        self.0.columns.get().map(|columns| columns.unknown.as_slice()).unwrap_or_default()
    }
}

/// The delimiter of a CSV text that begins with these bytes; `None` if it does not seem to be one. `named` says that the
/// name of the file, or a setting, says so.
pub(super) fn delimiter(head: &[u8], named: bool, settings: &Settings) -> Option<u8> {
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let mut lines = head.split(|byte| *byte == b'\n' || *byte == b'\r').filter(|line| !line.trim_ascii().is_empty());
    let mut first = lines.next()?;
    let mut delimiter = settings.delimiter;
    if let [b's', b'e', b'p', b'=', byte] = first {
        delimiter = delimiter.or(Some(*byte));
        first = lines.next()?;
    }
    let found = columns::delimiter_of(first);
    match found {
        _ if named => delimiter.or(found.map(|(byte, _)| byte)).or(Some(b',')),
        // A single known name may be a word of a sentence.
        Some((byte, known)) if known > 1 => Some(delimiter.unwrap_or(byte)),
        _ => None,
    }
}

/// Whether text seems to be CSV with names that are not known: its first two lines have the same number of cells.
pub(super) fn seems_to_be(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    let counts = |line: &[u8], byte: u8| line.iter().filter(|one| **one == byte).count();
    let (Some(first), Some(second)) = (lines.next(), lines.next()) else { return false };
    columns::delimiter_of(first).is_some_and(|(byte, _)| {
        counts(first, byte) > 1 && counts(first, byte) == counts(second, byte) && !first.contains(&b'{')
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]
mod tests {
    use std::io::{Cursor, Read};
    use std::ops::ControlFlow;

    use ordercharge::bulk::{Bulk, Inspected, Task};

    use super::*;

    /// Gives a few bytes at a time.
    struct Slow(Cursor<Vec<u8>>, usize);

    impl Read for Slow {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(room.len());
            self.0.read(&mut room[..most])
        }
    }

    /// The orders of a CSV file, and its faults.
    fn orders(text: &[u8], step: usize, settings: &Arc<Settings>) -> (Csv, String) {
        let csv = Csv::default();
        let stream = Box::new(Slow(Cursor::new(text.to_vec()), step));
        let mut read = String::new();
        let ended = csv.orders(stream, b',', 4000, settings).and_then(|mut stream| stream.read_to_string(&mut read));
        let mut faults: Vec<_> = csv.0.faults().iter().map(|(at, fault)| format!("{at} {fault:?}")).collect();
        faults.sort();
        let ended = ended.err().map(|error| error.to_string());
        (csv, format!("{read}\n{faults:?}\n{ended:?}"))
    }

    /// Checks that the place of each finding is within the file.
    struct Within<'a>(&'a Csv, &'a [u8]);

    impl Task for Within<'_> {
        type Part = u64;

        fn found(&self, count: &mut u64, found: Finding<'_>) {
            let mut room = Vec::new();
            let (found, rows) = self.0.translated(found, &mut room);
            *count += 1;
            match found.outcome {
                Inspected::Checked(document, report) => {
                    assert!(!document.text().starts_with(orders::ROWS.as_bytes()) && rows.is_some());
                    for span in report.violations.iter().filter_map(|violation| violation.span) {
                        let before = &self.1[..span.start.offset as usize];
                        assert!(span.end as usize <= self.1.len() && span.start.offset <= span.end);
                        let lines = before.iter().filter(|byte| **byte == b'\n').count();
                        assert_eq!(span.start.line, 1 + lines as u64);
                    }
                }
                Inspected::Unreadable(error) => {
                    let at = error.position().unwrap();
                    assert!(at.offset as usize <= self.1.len());
                    assert!(!error.to_string().contains("found a number"), "{error}");
                }
                _ => {}
            }
        }
    }

    /// However a file is damaged, its records do not depend on the size of the reads, and findings are within it.
    #[test]
    fn no_text_is_read_in_two_ways() {
        let sample: &[u8] = include_bytes!("../../../samples/orders.csv");
        let settings: Vec<Arc<Settings>> = ["layout=vertical", "layout=horizontal", "line=ship_city"]
            .iter()
            .map(|setting| Arc::new(Settings::new(&[Setting::parse(setting).unwrap()])))
            .collect();
        // A linear congruential generator, so that each run is the same.
        let mut state = 1_u64;
        let mut draw = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let mut found = 0;
        for round in 0..500 {
            let mut text = sample.to_vec();
            for _ in 0..draw(4) {
                // Most of the time after the header, which would end the reading.
                let at = if draw(8) == 0 { draw(text.len()) } else { 150 + draw(text.len() - 150) };
                let piece: &[u8] =
                    [&b"\""[..], b",", b"\n", b"\r", b"\"\"", b"\xFF", b"", b"\0", b"JT-2001,", b"\n\n\"", b"\xC3\xA9"]
                        [draw(11)];
                text.splice(at..(at + draw(3)).min(text.len()), piece.iter().copied());
            }
            let settings = &settings[round % settings.len()];
            let (csv, whole) = orders(&text, usize::MAX, settings);
            let (_, slow) = orders(&text, 1 + draw(40), settings);
            assert_eq!(whole, slow, "{}", String::from_utf8_lossy(&text));
            let json = whole.rsplitn(3, '\n').last().unwrap().to_owned();
            let threads = std::num::NonZero::new(1 + round % 2).unwrap();
            let bulk = Bulk { every: true, threads, ..Bulk::default() };
            bulk.run([Ok(json.as_bytes())], &Within(&csv, &text), |delivery| {
                found += std::mem::take(delivery.part);
                ControlFlow::Continue(())
            });
            assert!(csv.0.faults().is_empty(), "each fault is reported");
        }
        assert!(found > 2000, "{found}");
    }
}
