//! The survey of a piece: which of its records have no finding, and where the others are.

use core::ops::Range;

use super::{Bulk, Clean};
use crate::document::Document;
use crate::error::{Error, Position};
use crate::locate::Starts;
use crate::order::{Items, Order};
use crate::scan::Scanner;
use crate::stream::{Cursor, Found, Joint, Step};
use crate::wire::{self, FastOptions, Reading};

/// The result of a survey. Lines, columns and indices are counted from the start of the piece.
#[derive(Debug)]
pub(super) struct Survey {
    /// Where it ended, and the number of bytes up to there.
    pub(super) cursor: Cursor,
    pub(super) read: usize,
    /// The records that need a full check, and if asked for also the others.
    pub(super) entries: Vec<Entry>,
    pub(super) clean: Clean,
}

/// A record of a piece.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) index: u64,
    pub(super) position: Position,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Clean(Range<usize>),
    /// An order for the full check, with its index among the kept orders, if it was kept.
    Doubtful {
        range: Range<usize>,
        from_reply: bool,
        kept: Option<usize>,
    },
    Unreadable(Error),
}

/// Buffers that are used again for the next piece.
#[derive(Debug, Default)]
pub(super) struct Room {
    reading: Reading,
    entries: Vec<Entry>,
    /// Kept orders, which need not be read again; those of this piece come first.
    orders: Vec<(Order, Starts)>,
}

/// The most orders that are kept, and the most lines of each, so that they need little memory.
const MOST_ORDERS: usize = 256;
const MOST_LINES: usize = 64;

impl Room {
    pub(super) fn new(bulk: &Bulk) -> Room {
        Room { reading: Reading::with_fast_path(bulk.fast_path(), bulk.texts_only), ..Room::default() }
    }

    /// Surveys a piece as if a cursor were at this joint.
    pub(super) fn survey(&mut self, bulk: &Bulk, bytes: &[u8], joint: Joint, offset: u64, whole: bool) -> Survey {
        let mut cursor = Cursor::begin(joint, offset, bulk.max_document);
        let mut entries = core::mem::take(&mut self.entries);
        let (mut clean, mut kept) = (Clean::default(), 0);
        while let Step::Found(found) = cursor.step(bytes, whole, &mut self.reading) {
            let Found { index, position, content, clean: unchecked } = found;
            let content = match content {
                Ok(range) if bulk.texts_only => Content::Clean(range),
                Ok(range) => match unchecked {
                    Some(unchecked) => {
                        clean.add(unchecked, &bulk.policies, self.reading.plain_source(bytes));
                        if !bulk.is_clean_reported(position.offset) {
                            continue;
                        }
                        Content::Clean(range)
                    }
                    None => {
                        let from_reply = self.reading.order.from_reply;
                        Content::Doubtful { range, from_reply, kept: self.keep(&mut kept) }
                    }
                },
                Err(error) => Content::Unreadable(error),
            };
            entries.push(Entry { index, position, content });
        }
        let read = cursor.discard(bytes);
        Survey { cursor, read, entries, clean }
    }

    /// Takes the list of a survey back for reuse.
    pub(super) fn put_back(&mut self, mut entries: Vec<Entry>) {
        entries.clear();
        self.entries = entries;
    }

    /// Keeps the order that was read last, if it is small, in exchange for the memory of another one.
    fn keep(&mut self, kept: &mut usize) -> Option<usize> {
        let at = *kept;
        let small = matches!(&self.reading.order.items, Items::Lines(lines) if lines.capacity() <= MOST_LINES);
        if !small || at >= MOST_ORDERS {
            return None;
        }
        if self.orders.len() == at {
            self.orders.push(Default::default());
        }
        let (order, starts) = self.orders.get_mut(at)?;
        core::mem::swap(order, &mut self.reading.order);
        core::mem::swap(starts, &mut self.reading.starts);
        *kept += 1;
        Some(at)
    }

    /// An order of the survey: the kept one, or else read again.
    pub(super) fn document<'a>(
        &'a mut self,
        text: &'a [u8],
        from_reply: bool,
        kept: Option<usize>,
        position: Position,
    ) -> Document<'a> {
        let (order, starts) = match kept.and_then(|at| self.orders.get(at)) {
            Some((order, starts)) => (order, starts),
            None => {
                // This cannot fail: the order was read from the same bytes before.
                self.reading.horizon = None;
                let _ = wire::read_order(&mut Scanner::new(text, 0), 0, false, &mut self.reading);
                self.reading.order.from_reply = from_reply;
                (&self.reading.order, &self.reading.starts)
            }
        };
        Document::with_starts(order, starts, text, position)
    }
}

impl Bulk {
    /// Whether an order that begins after this number of bytes belongs to the sample.
    pub(super) fn is_in_sample(&self, offset: u64) -> bool {
        offset < self.clean_sample
    }

    /// Whether its text is reported if it has no finding.
    pub(super) fn is_clean_reported(&self, offset: u64) -> bool {
        self.clean_texts || self.is_in_sample(offset)
    }

    /// The options of the fast path, if it is used.
    pub(super) fn fast_path(&self) -> Option<FastOptions> {
        if self.every {
            return None;
        }
        let base = self.policies.base.options;
        let sources = self.policies.sources.iter().map(|(source, policy)| (source.clone(), policy.options));
        Some(FastOptions { base, sources: sources.filter(|(_, options)| *options != base).collect() })
    }
}
