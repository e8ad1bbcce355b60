//! The records of a text, read in every way: at once, in pieces of every size, and on any number of threads.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
use ordercharge::{Documents, Reader, Record};

/// A record: the `cust_ref` of an order, or why it cannot be read, with where it begins.
pub(crate) type Read1 = (u64, Result<String, String>);

pub(crate) fn record(record: Record<'_>) -> Read1 {
    let document = match record.document {
        Ok(document) => Ok(document.order().cust_ref.clone().unwrap_or_default()),
        Err(error) => Err(error.to_string()),
    };
    (record.position.offset, document)
}

/// Gives at most `.1` bytes at a time.
pub(crate) struct Pieces<'a>(pub(crate) &'a [u8], pub(crate) usize);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(into.len());
        self.0.read(into.get_mut(..most).unwrap())
    }
}

struct Describe;

impl Task for Describe {
    type Part = Vec<(u64, Read1)>;

    fn found(&self, part: &mut Self::Part, found: Finding<'_>) {
        let document = match found.outcome {
            Inspected::Checked(document, _) => Ok(document.order().cust_ref.clone().unwrap_or_default()),
            Inspected::Clean(_) => return,
            Inspected::Unreadable(error) => Err(error.to_string()),
        };
        part.push((found.index, (found.position.offset, document)));
    }
}

pub(crate) fn read_with(text: &[u8], limit: usize) -> Vec<Read1> {
    Documents::new(text).max_document(limit).map(record).collect()
}

pub(crate) const NO_LIMIT: usize = usize::MAX;

/// The records of the input: the same in pieces of every size and on any number of threads.
pub(crate) fn read_everyhow(text: &[u8], limit: usize) -> Vec<Read1> {
    let whole = read_with(text, limit);
    for size in [1, 7, 100] {
        let mut reader = Reader::new(Pieces(text, size)).max_document(limit);
        let mut records = Vec::new();
        while let Some(found) = reader.next_record().unwrap() {
            records.push(record(found));
        }
        assert_eq!(records, whole, "in pieces of {size}: {}", String::from_utf8_lossy(text));
        for threads in [1, 3] {
            let threads = NonZero::new(threads).unwrap();
            let bulk = Bulk { threads, every: true, max_document: limit, ..Bulk::default() };
            let mut described = BTreeMap::new();
            bulk.run([Ok(Pieces(text, size))], &Describe, |delivery| {
                described.extend(delivery.part.drain(..));
                ControlFlow::Continue(())
            });
            let described: Vec<Read1> = described.into_values().collect();
            assert_eq!(described, whole, "{threads} threads, in pieces of {size}: {}", String::from_utf8_lossy(text));
        }
    }
    whole
}

pub(crate) fn names(records: &[Read1]) -> Vec<&str> {
    records.iter().filter_map(|(_, document)| document.as_deref().ok()).collect()
}

pub(crate) fn faults(records: &[Read1]) -> Vec<&str> {
    records.iter().filter_map(|(_, document)| document.as_ref().err().map(String::as_str)).collect()
}

/// An order on a line of its own.
pub(crate) fn good(name: &str) -> String {
    format!(r#"{{"cust_ref":"{name}","note":"é","items":[{{"quantity":2,"price":"2.50","x":[1,{{}}]}}]}}"#)
}

/// Says how much it has given.
pub(crate) struct Given<'a> {
    pub(crate) text: &'a [u8],
    pub(crate) given: &'a AtomicU64,
}

impl Read for Given<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(into)?;
        self.given.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
