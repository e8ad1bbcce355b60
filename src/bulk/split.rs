//! Cuts sources into pieces that can be checked independently, at places that no record seems to span.

use std::io::{self, Read};

use crate::stream::{Buffer, Joint};

/// The number of bytes that are read at once.
const PIECE: usize = 256 * 1024;

/// The form of the stream, which decides where it may be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Documents begin lines.
    Lines,
    /// An array of orders. Each begins with the same bytes, which include its first key.
    Entries { joint: Joint, lead: Vec<u8> },
}

impl Guess {
    /// The form of the stream at a place after an order with this text.
    pub(super) fn renew(&mut self, joint: Joint, order: &[u8]) {
        match (joint.entry().and_then(|joint| Some((joint, lead(order)?))), self) {
            (Some((joint, lead)), Guess::Entries { joint: known, lead: same }) => {
                *known = joint;
                same.clear();
                same.extend_from_slice(lead);
            }
            (Some((joint, lead)), guess) => *guess = Guess::Entries { joint, lead: lead.to_vec() },
            (None, guess) => *guess = Guess::Lines,
        }
    }

    /// The last place after `from` where the stream may be cut, and what a cursor must know there.
    fn cut(&self, bytes: &[u8], from: usize) -> Option<(usize, Joint)> {
        match self {
            Guess::Lines => cut_lines(bytes, from).map(|at| (at, Joint::LINE)),
            Guess::Entries { joint, lead } => {
                let at = cut_entries(bytes, from, lead)?;
                let begins_line = bytes.get(..at).is_some_and(|before| before.ends_with(b"\n"));
                Some((at, Joint { begins_line, ..*joint }))
            }
        }
    }
}

/// The bytes from the brace of an order to the end of its first key.
fn lead(order: &[u8]) -> Option<&[u8]> {
    const MOST: usize = 64;
    let head = order.get(..order.len().min(MOST))?;
    let open = head.iter().position(|byte| *byte == b'"')?;
    let name = head.get(open + 1..)?.iter().position(|byte| *byte == b'"')?;
    head.get(..open + name + 2)
}

/// The start of a line that begins with a bracket; or the end, if a line ends there, so that no one waits for the next line.
fn cut_lines(bytes: &[u8], from: usize) -> Option<usize> {
    if bytes.ends_with(b"\n") {
        return Some(bytes.len());
    }
    // The last byte before may have been a line end, which is now followed by a bracket.
    let from = from.saturating_sub(1);
    let starts = bytes.get(from..)?.windows(2).rposition(|pair| matches!(pair, b"\n{" | b"\n["));
    starts.map(|at| from + at + 1)
}

/// The beginning of an order after a comma.
fn cut_entries(bytes: &[u8], from: usize, lead: &[u8]) -> Option<usize> {
    let from = from.saturating_sub(lead.len());
    let (mut end, first) = (bytes.len(), lead.first()?);
    while let Some(at) = bytes.get(from..end)?.iter().rposition(|byte| byte == first) {
        let at = from + at;
        let (before, behind) = bytes.split_at_checked(at)?;
        if behind.starts_with(lead) && before.trim_ascii_end().ends_with(b",") {
            return Some(at);
        }
        end = at;
    }
    None
}

/// A piece of a source. Its bytes are in the buffer that it was read into.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its number in the run.
    pub(super) number: u64,
    /// The number of its source.
    pub(super) source: usize,
    /// Where it begins in the source.
    pub(super) offset: u64,
    /// The state in which a cursor seems to reach it.
    pub(super) joint: Option<Joint>,
    pub(super) first: bool,
    /// Nothing follows.
    pub(super) last: bool,
    /// The error, if reading failed.
    pub(super) failure: Option<io::Error>,
}

/// Reads the sources one after the other, a piece at a time.
pub(super) struct Splitter<I, R> {
    sources: I,
    open: Option<Open<R>>,
    source: usize,
    number: u64,
}

/// A source that is being read.
struct Open<R> {
    source: R,
    /// Where the next piece begins.
    offset: u64,
    joint: Option<Joint>,
    /// Its bytes that were read together with the previous piece.
    carry: Buffer,
}

impl<R: Read, I: Iterator<Item = io::Result<R>>> Splitter<I, R> {
    pub(super) fn new(sources: I) -> Splitter<I, R> {
        Splitter { sources, open: None, source: 0, number: 0 }
    }

    /// Reads the next piece into the buffer.
    pub(super) fn next(&mut self, buffer: &mut Buffer, guess: &Guess) -> Option<Piece> {
        buffer.clear();
        let (number, source, first) = (self.number, self.source, self.open.is_none());
        let mut piece = Piece { number, source, offset: 0, joint: None, first, last: false, failure: None };
        let open = match &mut self.open {
            Some(open) => Ok(open),
            None => self.sources.next()?.map(|source| self.open.insert(Open::new(source))),
        };
        if let Err(error) = open.and_then(|open| open.read(buffer, guess, &mut piece)) {
            piece.last = true;
            piece.failure = Some(error);
        }
        self.number += 1;
        if piece.last {
            self.source += 1;
            self.open = None;
        }
        Some(piece)
    }
}

impl<R: Read> Open<R> {
    fn new(source: R) -> Open<R> {
        Open { source, offset: 0, joint: Some(Joint::START), carry: Buffer::default() }
    }

    /// Reads until the piece can be cut or is large. Bytes that have arrived do not wait for more.
    fn read(&mut self, buffer: &mut Buffer, guess: &Guess, piece: &mut Piece) -> io::Result<()> {
        (piece.offset, piece.joint) = (self.offset, self.joint);
        // The bytes are copied and the buffers not swapped: the buffer of a thread stays in the cache of its core.
        buffer.push(self.carry.bytes());
        self.carry.clear();
        loop {
            let before = buffer.bytes().len();
            if buffer.fill(&mut self.source, PIECE)? == 0 {
                piece.last = true;
                return Ok(());
            }
            let cut = guess.cut(buffer.bytes(), before);
            if let Some((at, joint)) = cut.filter(|(at, _)| *at > 0) {
                buffer.split_off(at, &mut self.carry);
                self.joint = Some(joint);
            } else if buffer.bytes().len() >= PIECE {
                self.joint = None;
            } else {
                continue;
            }
            self.offset += buffer.bytes().len() as u64;
            return Ok(());
        }
    }
}
