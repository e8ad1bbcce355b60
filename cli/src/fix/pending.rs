//! What was read of a stream and is not written yet: an order is repaired when it is known where it ends.

use std::cell::RefCell;
use std::io::{self, Read};

/// The bytes of a stream that were read and not yet written.
#[derive(Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    /// How many of them have been written.
    start: usize,
    /// Where in the stream the first that was not written is.
    offset: u64,
}

impl Pending {
    fn push(&mut self, bytes: &[u8]) {
        const MOST_PASSED: usize = 1 << 20;
        if self.start > MOST_PASSED {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// What comes before an offset of the stream.
    pub(super) fn before(&self, offset: u64) -> &[u8] {
        let end = self.start.saturating_add(offset.saturating_sub(self.offset) as usize);
        self.bytes.get(self.start..end.min(self.bytes.len())).unwrap_or_default()
    }

    /// Everything before an offset of the stream has been written.
    pub(super) fn pass(&mut self, offset: u64) {
        self.start += self.before(offset).len();
        self.offset = self.offset.max(offset);
    }
}

/// A stream whose bytes are kept until they are written.
pub(super) struct Kept<'k, R> {
    pub(super) source: R,
    pub(super) pending: &'k RefCell<Pending>,
}

impl<R: Read> Read for Kept<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.pending.borrow_mut().push(into.get(..read).unwrap_or_default());
        Ok(read)
    }
}
