//! Many orders: every container they come in, one record after the other, and on after what cannot be read.

mod cursor;
mod recover;

#[cfg(feature = "bulk")]
use core::ops::Range;
use std::borrow::Cow;
use std::io::{self, Read};

use crate::document::Document;
use crate::error::{Error, Position};
#[cfg(feature = "bulk")]
use crate::options::Options;
use crate::order::Order;
use crate::wire::Reading;

#[cfg(feature = "bulk")]
pub(crate) use cursor::Joint;
#[cfg(feature = "bulk")]
pub(crate) use cursor::MAX_DOCUMENT;
pub(crate) use cursor::{Cursor, Found, Step};

/// One document of a stream: an order, or why there is none.
#[derive(Debug)]
#[non_exhaustive]
pub struct Record<'a> {
    /// Its number in the stream, from 0; what cannot be read has one too.
    pub index: u64,
    /// Where it begins.
    pub position: Position,
    /// The order, or why it cannot be read. The error's own position is where reading failed.
    pub document: Result<Document<'a>, Error>,
}

/// The orders of a text: one order, an array of orders, `{"orders": [...]}`, a reply of the API
/// (`{"success_code": true, "response": ...}`), and any of these one after the other, by lines or not.
///
/// What cannot be read is a record of its own, and reading goes on behind it: at the next line that begins with `{`
/// or `[`. A document that was cut off may take the next lines for a part of itself: those of them that begin with an order
/// or a list of orders, by the names in it, are read too.
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
    fn record<'a>(self, text: &'a [u8], order: Cow<'a, Order>) -> Record<'a> {
        let Found { index, position, content, clean: _ } = self;
        let document = content.map(|range| Document::new(order, text.get(range).unwrap_or_default(), position));
        Record { index, position, document }
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        match self.cursor.step(self.text, true, &mut self.reading) {
            Step::Found(found) => Some(found.record(self.text, Cow::Owned(core::mem::take(&mut self.reading.order)))),
            Step::Short | Step::End => None,
        }
    }
}

/// The orders of anything that can be read, of any length: held in memory is no more than the largest single order
/// and a buffer.
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
    /// The source has nothing more to give.
    ended: bool,
    /// Why, if it failed: told once what it gave before has been read.
    failure: Option<io::Error>,
}

impl<R: Read> Reader<R> {
    /// The orders of a source. It is read in large pieces: it needs no buffer of its own.
    pub fn new(source: R) -> Reader<R> {
        Reader { source, feed: Feed::default(), ended: false, failure: None }
    }

    /// Sets the most bytes that one document may take: one order, with its lines, or whatever else is in its place. It is
    /// 256 000 000 unless set. The lines of an order may take four times as much
    /// memory, and a thousand lines are always read.
    ///
    /// A longer document is a record that cannot be read ([`Error::is_too_long`]), and reading goes on behind it, at the next
    /// line that begins with an order by the names in it.
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

    /// The next order, or why it cannot be read; `None` at the end. An error of the source ends the stream, once all
    /// that came before it has been read.
    ///
    /// The room of one order is used again for the next: in the long run, reading allocates nothing.
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

/// How much is read at once.
const CHUNK: usize = 256 * 1024;

/// Reads what there is, however often a signal comes between.
fn read_once(source: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Bytes that were read, and room for more.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    /// Behind what is filled there is room that has been used before.
    bytes: Vec<u8>,
    filled: usize,
}

impl Buffer {
    /// What was read.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or_default()
    }

    /// Reads once, up to about `most` bytes: how many came. The buffer grows with what it holds, so that a large order
    /// is copied a few times only.
    pub(crate) fn fill(&mut self, source: &mut impl Read, most: usize) -> io::Result<usize> {
        let room = most.max(self.filled / 2);
        if self.bytes.len() - self.filled < room / 2 {
            self.bytes.resize(self.filled + room, 0);
        }
        let read = read_once(source, self.bytes.get_mut(self.filled..).unwrap_or_default())?;
        self.filled += read;
        Ok(read)
    }

    /// Forgets bytes at the front.
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

    /// Moves the bytes from a place on to another buffer.
    pub(crate) fn split_off(&mut self, at: usize, into: &mut Buffer) {
        into.clear();
        into.push(self.bytes().get(at..).unwrap_or_default());
        self.filled = self.filled.min(at);
    }
}

/// The part of a stream that is being looked at: bytes come in at one end, records are found at the other.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    pub(crate) buffer: Buffer,
    pub(crate) cursor: Cursor,
    reading: Reading,
    /// How much of the buffer has been looked through in vain.
    tried: usize,
    /// Bytes read so far, and bytes looked through in vain: the second stays within a few times the first.
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

    /// What was found last, with its order and its text.
    pub(crate) fn record(&self, found: Found) -> Record<'_> {
        found.record(self.buffer.bytes(), Cow::Borrowed(&self.reading.order))
    }

    /// Whether enough has come to look through the pending bytes again. A slow source is looked at whenever it gives
    /// something, but the time spent on that stays in proportion to what was read.
    fn worth_trying(&self) -> bool {
        let pending = self.buffer.filled - self.cursor.at;
        self.tried == 0 || pending >= 2 * self.tried || self.spent + pending as u64 <= 4 * self.read + CHUNK as u64
    }

    /// Drops what has been read.
    fn discard(&mut self) {
        let read = self.cursor.discard(self.buffer.bytes());
        self.buffer.discard(read);
    }

    /// Reads once: how many bytes came.
    fn fill(&mut self, source: &mut impl Read) -> io::Result<usize> {
        let read = self.buffer.fill(source, CHUNK)?;
        self.read += read as u64;
        Ok(read)
    }
}

#[cfg(feature = "bulk")]
impl Feed {
    /// Orders get a quick look first, by these options, if any.
    pub(crate) fn looking(look: Option<Options>, max_document: usize) -> Feed {
        let mut feed = Feed { reading: Reading::looking(look), ..Feed::default() };
        feed.cursor.set_limit(max_document);
        feed
    }

    /// The bytes of what was found last.
    pub(crate) fn text(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.bytes().get(range.clone()).unwrap_or_default()
    }

    /// The JSON text of `order_source` of the order that was found right at a glance last.
    pub(crate) fn source_at_glance(&self) -> &[u8] {
        self.reading.source_at_glance(self.buffer.bytes())
    }

    /// Whether all bytes so far have been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.cursor.at == self.buffer.filled
    }

    /// Takes in a piece of the stream, which is left empty.
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

    /// Goes where another cursor has come to, which was begun here, and takes over the bytes it could not read.
    pub(crate) fn follow(&mut self, part: &Cursor, unread: &[u8]) {
        self.discard();
        self.cursor.follow(part);
        self.buffer.push(unread);
        self.tried = unread.len();
        self.read += unread.len() as u64;
        self.spent += unread.len() as u64;
    }

    /// Drops what is left of a stream; the next one begins.
    pub(crate) fn restart(&mut self) {
        self.buffer.clear();
        self.cursor.restart();
        (self.tried, self.read, self.spent) = (0, 0, 0);
    }
}
