//! Cuts sources into pieces that can be looked at by themselves, where a guess says that no record spans the cut.

use std::io::{self, Read};

use crate::stream::{Buffer, Joint};

/// How much is read at once.
const PIECE: usize = 256 * 1024;

/// What the stream looks like, and so where it may be cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Documents begin lines.
    Lines,
    /// An array of orders: each begins with the same bytes, its first name among them.
    Entries { joint: Joint, lead: Vec<u8> },
}

impl Guess {
    /// How the stream looks at a place, the last order there having been this text.
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

    /// The last place behind `from` to cut at, and what a cursor has to know there.
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

/// From the brace of an order to the end of its first name.
fn lead(order: &[u8]) -> Option<&[u8]> {
    const MOST: usize = 64;
    let head = order.get(..order.len().min(MOST))?;
    let open = head.iter().position(|byte| *byte == b'"')?;
    let name = head.get(open + 1..)?.iter().position(|byte| *byte == b'"')?;
    head.get(..open + name + 2)
}

/// A line that begins with a bracket; or the end, if it is a line's too: then nobody has to wait for the next line.
fn cut_lines(bytes: &[u8], from: usize) -> Option<usize> {
    if bytes.ends_with(b"\n") {
        return Some(bytes.len());
    }
    // A line end that was the last byte before may have got its bracket now.
    let from = from.saturating_sub(1);
    let starts = bytes.get(from..)?.windows(2).rposition(|pair| matches!(pair, b"\n{" | b"\n["));
    starts.map(|at| from + at + 1)
}

/// The beginning of an order behind a comma.
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

/// A piece of a source; its bytes stand in the buffer it was read into.
#[derive(Debug)]
pub(super) struct Piece {
    /// Its number in the run.
    pub(super) number: u64,
    /// The number of its source.
    pub(super) source: usize,
    /// Where it begins in the source.
    pub(super) offset: u64,
    /// Where the cursor seems to stand when it comes to it.
    pub(super) joint: Option<Joint>,
    pub(super) first: bool,
    /// Nothing follows.
    pub(super) last: bool,
    /// Because of this, if it failed.
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
    /// The bytes of it that were read with the last one.
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

    /// Reads until the piece can be cut off or is large. What has come is not kept waiting for more.
    fn read(&mut self, buffer: &mut Buffer, guess: &Guess, piece: &mut Piece) -> io::Result<()> {
        (piece.offset, piece.joint) = (self.offset, self.joint);
        // Copied, not swapped: a thread keeps its buffer, which stays in the cache of its core.
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
