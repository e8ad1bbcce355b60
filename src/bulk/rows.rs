//! Rows: strings that each hold one order. They are checked in groups, each on any thread.

use core::ops::{ControlFlow, Range};
use std::borrow::Cow;
use std::sync::Mutex;

use super::exit::{Exit, Exits, OnPanic, lock};
use super::{Bulk, Delivery, Finding, Inspected, Task};
use crate::document::{Document, mark_of, read_alone};
use crate::error::Position;
use crate::fast_path;
use crate::identities::Unchecked;
use crate::scan::Scanner;
use crate::wire::{self, Reading};

/// A group has about this number of bytes, and at most this number of rows.
const GROUP_BYTES: u64 = 256 * 1024;
const GROUP_ROWS: usize = 16 * 1024;

/// The state that the threads share.
pub(super) struct Rows<'a, B, T, D> {
    bulk: &'a Bulk,
    rows: &'a [B],
    exits: Exits<'a, T, D>,
    next: Mutex<Group>,
}

/// Rows that follow one another.
#[derive(Clone, Default)]
struct Group {
    /// Its number in the run.
    number: u64,
    rows: Range<usize>,
    /// The number of bytes in the rows before it, and in its own.
    offset: u64,
    bytes: u64,
}

/// A row that the fast path has read.
enum Plain {
    Clean(Unchecked),
    /// It was not accepted, and its order was made from what was read.
    Made,
}

impl<'a, B, T, D> Rows<'a, B, T, D>
where
    B: AsRef<[u8]>,
    T: Task,
    D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()>,
{
    pub(super) fn new(bulk: &'a Bulk, rows: &'a [B], task: &'a T, deliver: D) -> Rows<'a, B, T, D> {
        Rows { bulk, rows, exits: Exits::new(task, deliver), next: Mutex::default() }
    }

    /// The work of one thread: takes groups until there are none.
    pub(super) fn work(&self) {
        let _guard = OnPanic(|| self.exits.stop());
        let mut reading = Reading::with_fast_path(self.bulk.fast_path(), self.bulk.texts_only);
        let mut part = T::Part::default();
        while let Some(group) = self.next() {
            if self.group(&group, &mut reading, &mut part).is_none() {
                // This thread holds no turn here, so the waiting threads can be woken.
                return self.exits.stop();
            }
        }
    }

    /// The next rows that no thread has taken.
    fn next(&self) -> Option<Group> {
        let mut next = lock(&self.next);
        let (start, offset) = (next.rows.end, next.offset + next.bytes);
        let mut bytes = 0;
        let mut count = 0;
        for row in self.rows.get(start..)?.iter().take(GROUP_ROWS) {
            bytes += row.as_ref().len() as u64;
            count += 1;
            if bytes >= GROUP_BYTES {
                break;
            }
        }
        if count == 0 || self.exits.have_stopped() {
            return None;
        }
        let group = Group { number: next.number, rows: start..start + count, offset, bytes };
        *next = group.clone();
        next.number += 1;
        Some(group)
    }

    /// Checks the rows of a group and delivers what is found; `None` if the run has stopped.
    fn group(&self, group: &Group, reading: &mut Reading, part: &mut T::Part) -> Option<()> {
        let mut exit = self.exits.exit(part, group.number, 0);
        exit.counts.bytes = group.bytes;
        self.check(group, reading, &mut exit)?;
        exit.leave(None)
    }

    /// Checks the rows of a group; `None` if the run has stopped.
    fn check(&self, group: &Group, reading: &mut Reading, exit: &mut Exit<'_, 'a, T, D>) -> Option<()> {
        let policies = &self.bulk.policies;
        let mut end = group.offset;
        for (index, row) in (group.rows.start as u64..).zip(self.rows.get(group.rows.clone())?) {
            let text = row.as_ref();
            let offset = end;
            end += text.len() as u64;
            exit.counts.orders += 1;
            let (position, document) = match read_plain(text, reading) {
                Some(Plain::Clean(unchecked)) => {
                    if !self.bulk.texts_only {
                        exit.counts.clean.add(unchecked, policies, reading.plain_source(text));
                    }
                    if self.bulk.texts_only || self.bulk.is_clean_reported(offset) {
                        let (text, position) = trimmed(text);
                        let in_sample = self.bulk.is_in_sample(offset);
                        let outcome = Inspected::Clean(text);
                        exit.found(Finding { source: 0, index, position, in_sample, outcome })?;
                    }
                    continue;
                }
                Some(Plain::Made) => {
                    let (text, position) = trimmed(text);
                    (position, Ok(Document::with_starts(&reading.order, &reading.starts, text, position)))
                }
                None => match read_alone(text, reading) {
                    Ok((range, position)) => {
                        let text = text.get(range).unwrap_or_default();
                        (position, Ok(Document::new(Cow::Borrowed(&reading.order), text, position)))
                    }
                    Err(error) => (trimmed(text).1, Err(error)),
                },
            };
            let outcome = match document {
                Ok(document) if self.bulk.texts_only => Inspected::Clean(document.text()),
                Ok(document) => {
                    let report = document.check(policies.of(document.order()));
                    Inspected::Checked(document, report)
                }
                Err(error) => Inspected::Unreadable(error),
            };
            let in_sample = self.bulk.is_in_sample(offset);
            exit.found(Finding { source: 0, index, position, in_sample, outcome })?;
        }
        Some(())
    }
}

/// Reads a row on the fast path; `None` if it has to be read in full.
fn read_plain(text: &[u8], reading: &mut Reading) -> Option<Plain> {
    let mut scan = Scanner::new(text, mark_of(text));
    if scan.peek() != Ok(b'{') {
        return None;
    }
    let (plain, options) = wire::read_plain(text, &mut scan, 0, reading).ok()?;
    let accepted = fast_path::accept(plain, options);
    // Nothing but blanks may follow.
    if scan.peek().is_ok() {
        return None;
    }
    match accepted {
        Some(unchecked) => Some(Plain::Clean(unchecked)),
        None => wire::make_of_plain(text, reading).then_some(Plain::Made),
    }
}

/// A row without the blanks around it, and where it then begins.
fn trimmed(text: &[u8]) -> (&[u8], Position) {
    let mark = mark_of(text);
    let whole = text.get(mark..).unwrap_or_default();
    let behind = whole.trim_ascii_start();
    let blanks = whole.get(..whole.len() - behind.len()).unwrap_or_default();
    (behind.trim_ascii_end(), Position { offset: mark as u64, ..Position::START }.after(blanks))
}
