//! The first look at a piece: which of its records are clean, and where the others stand.

use core::ops::Range;
use std::borrow::Cow;

use super::{Bulk, Clean};
use crate::document::Document;
use crate::error::{Error, Position};
use crate::order::Order;
use crate::quick;
use crate::scan::Scanner;
use crate::stream::{Cursor, Found, Joint, Step};
use crate::wire::{self, Reading};

/// What a look at a piece has found. Lines, columns and indices count from where the piece begins.
#[derive(Debug)]
pub(super) struct Survey {
    /// Where it ended, which is so many bytes on.
    pub(super) cursor: Cursor,
    pub(super) read: usize,
    /// The records that have to be looked at again, and if asked for those that have not.
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
    Doubtful { range: Range<usize>, from_reply: bool },
    Unreadable(Error),
}

/// Room that is used from one piece to the next.
#[derive(Debug, Default)]
pub(super) struct Room {
    reading: Reading,
    entries: Vec<Entry>,
}

impl Room {
    /// Looks at a piece as if the cursor stood at that joint.
    pub(super) fn survey(&mut self, bulk: &Bulk, bytes: &[u8], joint: Joint, offset: u64, whole: bool) -> Survey {
        let mut cursor = Cursor::begin(joint, offset);
        let mut entries = core::mem::take(&mut self.entries);
        let mut clean = Clean::default();
        while let Step::Found(Found { index, position, content }) = cursor.step(bytes, whole, &mut self.reading) {
            let content = match content {
                Ok(range) => match bulk.look(&self.reading.order) {
                    Some(unchecked) => {
                        clean.add(unchecked);
                        if !bulk.clean_texts {
                            continue;
                        }
                        Content::Clean(range)
                    }
                    None => Content::Doubtful { range, from_reply: self.reading.order.from_reply },
                },
                Err(error) => Content::Unreadable(error),
            };
            entries.push(Entry { index, position, content });
        }
        let read = cursor.discard(bytes);
        Survey { cursor, read, entries, clean }
    }

    /// Gives the list of a survey back.
    pub(super) fn put_back(&mut self, mut entries: Vec<Entry>) {
        entries.clear();
        self.entries = entries;
    }

    /// Reads an order again that has been read before.
    pub(super) fn read<'a>(&'a mut self, text: &'a [u8], from_reply: bool, position: Position) -> Document<'a> {
        // It cannot fail, having been read in the same bytes.
        let _ = wire::read_order(&mut Scanner::new(text, 0), 0, false, &mut self.reading);
        self.reading.order.from_reply = from_reply;
        Document::new(Cow::Borrowed(&self.reading.order), text, position)
    }
}

impl Bulk {
    /// The identities that could not be checked of an order with nothing wrong; `None` leaves it to the full check.
    pub(super) fn look(&self, order: &Order) -> Option<u64> {
        if self.every {
            None
        } else {
            quick::look(order, self.policy.rounding).map(|unchecked| unchecked.count(&self.policy))
        }
    }
}
