//! Streams of orders: reads records one after the other from any container, and continues after what cannot be read.

mod cursor;
mod recover;

#[cfg(feature = "bulk")]
use core::ops::Range;
use std::borrow::Cow;
use std::io::{self, Read};

use crate::document::Document;
use crate::error::{Error, Position};
#[cfg(feature = "bulk")]
use crate::wire::FastOptions;
use crate::wire::Reading;

#[cfg(feature = "bulk")]
pub(crate) use cursor::Joint;
#[cfg(feature = "bulk")]
pub(crate) use cursor::MAX_DOCUMENT;
pub(crate) use cursor::{Cursor, Found, Step};

/// One record of a stream: an order, or the reason why it cannot be read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Its number in the stream, from 0. Documents that cannot be read are counted too.
    pub index: u64,
    /// The position where it begins.
    pub position: Position,
    /// The order, or the error. The position of the error is where reading failed.
    pub document: Result<Document<'a>, Error>,
}

/// The orders of a text: one order, an array of orders, `{"orders": [...]}`, a reply of the API
/// (`{"success_code": true, "response": ...}`), and any of these one after the other, by lines or not.
///
/// A document that cannot be read is a record with an error, and reading continues at the next line that begins with `{` or
/// `[`. A document that was cut off may seem to contain the next lines. Those of them that begin an order or a list of orders,
/// judged by their keys, are read too.
///
/// ```
/// use ordercharge::Documents;
///
/// let text = b"{\"cust_ref\": \"A\"}\n{\"cust_ref\": oops}\n[{\"cust_ref\": \"C\"}]\n";
/// let mut records = Documents::new(text);
/// assert!(records.next().unwrap().document.is_ok());
/// let error = records.next().unwrap().document.unwrap_err();
/// assert_eq!(error.to_string(), "expected a value, found `o` at line 2, column 14");
/// let order = records.next().unwrap().document?.into_order();
/// assert_eq!(order.cust_ref.as_deref(), Some("C"));
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Debug)]
pub struct Documents<'a> {
    text: &'a [u8],
    cursor: Cursor,
    reading: Reading,
}

impl<'a> Documents<'a> {
    /// The orders of a text.
    pub fn new(text: &'a [u8]) -> Documents<'a> {
        Documents { text, cursor: Cursor::default(), reading: Reading::default() }
    }

    /// Sets the most bytes that one document may take, as [`Reader::max_document`] does.
    #[must_use]
    pub fn max_document(mut self, bytes: usize) -> Documents<'a> {
        self.cursor.set_limit(bytes);
        self
    }
}

impl Found {
    /// The record; `document` makes it of its text and position.
    fn record<'a>(self, text: &'a [u8], document: impl FnOnce(&'a [u8], Position) -> Document<'a>) -> Record<'a> {
        let Found { index, position, content, clean: _ } = self;
        let document = content.map(|range| document(text.get(range).unwrap_or_default(), position));
        Record { index, position, document }
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        match self.cursor.step(self.text, true, &mut self.reading) {
            Step::Found(found) => Some(found.record(self.text, |text, position| {
                Document::new(Cow::Owned(core::mem::take(&mut self.reading.order)), text, position)
            })),
            Step::Short | Step::End => None,
        }
    }
}

/// The orders of any reader, of any length. Memory holds no more than the largest single order and a buffer.
///
/// ```
/// use ordercharge::{Policy, Reader};
///
/// let mut reader = Reader::new(&b"{\"items\": [{\"quantity\": 1}]}\n{\"items\": [{\"quantity\": -1}]}\n"[..]);
/// let mut invalid = 0;
/// while let Some(record) = reader.next_record()? {
///     let report = record.document?.check(&Policy::default());
///     invalid += usize::from(!report.is_valid());
/// }
/// assert_eq!(invalid, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    source: R,
    feed: Feed,
    /// The source has ended.
    ended: bool,
    /// The error, if the source failed. It is returned after everything before it has been read.
    failure: Option<io::Error>,
}

impl<R: Read> Reader<R> {
    /// Reads the orders of a source. The source is read in large pieces, so it needs no buffer.
    pub fn new(source: R) -> Reader<R> {
        Reader { source, feed: Feed::default(), ended: false, failure: None }
    }

    /// Sets the largest size of one document in bytes: an order with its lines, or another value in its place. The default is
    /// 256 000 000. The lines of an order may need four times as much memory, and a thousand lines are always read.
    ///
    /// A longer document is a record with an error ([`Error::is_too_long`]), and reading continues at the next line that begins
    /// an order, judged by its keys.
    ///
    /// ```
    /// use ordercharge::Reader;
    ///
    /// let text = b"{\"cust_ref\": \"LONG\", \"note\": \"........................\"}\n{\"cust_ref\": \"A\"}\n";
    /// let mut reader = Reader::new(&text[..]).max_document(40);
    /// assert!(reader.next_record()?.unwrap().document.unwrap_err().is_too_long());
    /// let order = reader.next_record()?.unwrap().document?.into_order();
    /// assert_eq!(order.cust_ref.as_deref(), Some("A"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_document(mut self, bytes: usize) -> Reader<R> {
        self.feed.cursor.set_limit(bytes);
        self
    }

    /// Returns the next record; `None` at the end. The memory of one order is used again for the next one, so that reading does
    /// not allocate in the long run.
    ///
    /// # Errors
    ///
    /// If the source fails. That ends the stream, after everything before it has been read.
    pub fn next_record(&mut self) -> io::Result<Option<Record<'_>>> {
        let found = loop {
            match self.feed.step(self.ended, self.failure.is_none()) {
                Step::Found(found) => break found,
                Step::End => return Ok(None),
                Step::Short => {
                    if let Some(failure) = self.failure.take() {
                        self.feed = Feed::default();
                        return Err(failure);
                    }
                }
            }
            self.fill();
        };
        Ok(Some(self.feed.record(found)))
    }

    /// Reads once.
    fn fill(&mut self) {
        match self.feed.fill(&mut self.source) {
            Ok(read) => self.ended = read == 0,
            Err(error) => {
                self.failure = Some(error);
                self.ended = true;
            }
        }
    }
}

/// The number of bytes that are read at once.
const CHUNK: usize = 256 * 1024;

/// Reads what is available, and tries again after a signal.
fn read_once(source: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Bytes that were read, and space for more.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// After the filled bytes there is space that has been used before.
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// The bytes that were read.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// Reads once, up to about `most` bytes, and returns their number. The buffer grows in proportion to its content, so that a
    /// large order is copied only a few times.
    pub(crate) fn fill(&mut self, source: &mut impl Read, most: usize) -> io::Result<usize> {
        let room = most.max(self.filled / 2);
        if self.bytes.len() - self.filled < room / 2 {
            self.bytes.resize(self.filled + room, 0);
        }
        let read = read_once(source, self.bytes.get_mut(self.filled..).unwrap_or_default())?;
        self.filled += read;
        Ok(read)
    }

    /// Drops bytes at the front.
    fn discard(&mut self, count: usize) {
        self.bytes.copy_within(count..self.filled, 0);
        self.filled -= count;
    }
}

#[cfg(feature = "bulk")]
impl Buffer {
    pub(crate) fn clear(&mut self) {
        self.filled = 0;
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        if let Some(room) = self.bytes.get_mut(self.filled..end) {
            room.copy_from_slice(bytes);
        }
        self.filled = end;
    }

    /// Moves the bytes from an offset on to another buffer.
    pub(crate) fn split_off(&mut self, at: usize, into: &mut Buffer) {
        into.clear();
        into.push(self.bytes().get(at..).unwrap_or_default());
        self.filled = self.filled.min(at);
    }
}

/// The window of a stream: bytes come in at one end, records are found at the other.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    pub(crate) buffer: Buffer,
    pub(crate) cursor: Cursor,
    reading: Reading,
    /// The number of bytes of the buffer that were searched without finding a record.
    tried: usize,
    /// The number of bytes read so far, and of bytes searched without result: the second stays within a few times the first.
    read: u64,
    spent: u64,
}

impl Feed {
    /// The next record. `ended` says that no more bytes come, and `whole` that the stream ends with them.
    pub(crate) fn step(&mut self, ended: bool, whole: bool) -> Step {
        if !ended && !self.worth_trying() {
            return Step::Short;
        }
        let step = self.cursor.step(self.buffer.bytes(), ended && whole, &mut self.reading);
        match step {
            Step::Found(_) => self.tried = 0,
            Step::Short => {
                self.discard();
                self.tried = self.buffer.filled;
                self.spent += self.tried as u64;
            }
            Step::End => {}
        }
        step
    }

    /// The last record, with its order and its text.
    pub(crate) fn record(&self, found: Found) -> Record<'_> {
        let Reading { order, starts, .. } = &self.reading;
        found.record(self.buffer.bytes(), |text, position| Document::with_starts(order, starts, text, position))
    }

    /// Whether enough bytes have come to search the pending ones again. The bytes of a slow source are searched as they come, but
    /// the time for that stays in proportion to what was read.
    fn worth_trying(&self) -> bool {
        let pending = self.buffer.filled - self.cursor.at;
        self.tried == 0 || pending >= 2 * self.tried || self.spent + pending as u64 <= 4 * self.read + CHUNK as u64
    }

    /// Drops the bytes that have been read.
    fn discard(&mut self) {
        let read = self.cursor.discard(self.buffer.bytes());
        self.buffer.discard(read);
    }

    /// Reads once and returns the number of bytes.
    fn fill(&mut self, source: &mut impl Read) -> io::Result<usize> {
        let read = self.buffer.fill(source, CHUNK)?;
        self.read += read as u64;
        Ok(read)
    }
}

#[cfg(feature = "bulk")]
impl Feed {
    /// Sets the options of the fast path, if it is used, and whether it may be given up.
    pub(crate) fn with_fast_path(fast_path: Option<FastOptions>, may_give_up: bool, max_document: usize) -> Feed {
        let mut feed = Feed { reading: Reading::with_fast_path(fast_path, may_give_up), ..Feed::default() };
        feed.cursor.set_limit(max_document);
        feed
    }

    /// The bytes of the last record.
    pub(crate) fn text(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.bytes().get(range.clone()).unwrap_or_default()
    }

    /// The JSON text of `order_source` of the last order that the fast path accepted.
    pub(crate) fn plain_source(&self) -> &[u8] {
        self.reading.plain_source(self.buffer.bytes())
    }

    /// Whether all bytes so far have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.cursor.at == self.buffer.filled
    }

    /// Adds a piece of the stream, whose buffer is left empty.
    pub(crate) fn put(&mut self, piece: &mut Buffer) {
        self.discard();
        self.read += piece.filled as u64;
        if self.buffer.filled == 0 {
            core::mem::swap(&mut self.buffer, piece);
        } else {
            self.buffer.push(piece.bytes());
        }
        piece.clear();
    }

    /// Moves to the position of another cursor that was started here, and takes over the bytes that it could not read.
    pub(crate) fn follow(&mut self, part: &Cursor, unread: &[u8]) {
        self.discard();
        self.cursor.follow(part);
        self.buffer.push(unread);
        self.tried = unread.len();
        self.read += unread.len() as u64;
        self.spent += unread.len() as u64;
    }

    /// Drops the rest of a stream; the next one begins.
    pub(crate) fn restart(&mut self) {
        self.buffer.clear();
        self.cursor.restart();
        (self.tried, self.read, self.spent) = (0, 0, 0);
    }
}
