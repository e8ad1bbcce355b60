//! Finds the documents within a broken one.
//!
//! A document that was cut off after a `:`, a `[` or a `,` seems to contain the next lines, until something does not fit. That
//! part has been scanned as JSON. One more pass over it finds each line that begins with an object or an array of orders.

use crate::scan::{Halt, Scanner};
use crate::wire::{self, Hint};

/// A document within a broken one. It begins a line, or it is an entry of a list of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Swallowed {
    /// Where it begins in the window.
    pub(super) start: usize,
    /// How many objects and arrays of the broken document are around it.
    pub(super) level: usize,
    /// Whether it was still open where the stretch ends.
    pub(super) open: bool,
    /// It is an entry of a list that is wrapped: where both are broken, it is the wrapper that is.
    pub(super) is_wrapped: bool,
}

/// An object or array that is open.
#[derive(Clone, Copy)]
struct Frame {
    start: usize,
    is_object: bool,
    /// It begins a line, or it is an entry of a list of orders.
    begins: bool,
    /// A name was met that only an order has, or what wraps orders.
    is_document: bool,
    /// Only an order has such a name.
    is_order: bool,
    /// Its entries may be orders: a list of orders that begins a line or is wrapped.
    is_list: bool,
    /// It is an entry of a list that is wrapped, or that list.
    is_wrapped: bool,
}

impl Frame {
    fn document(&self, level: usize, open: bool) -> Swallowed {
        Swallowed { start: self.start, level, open, is_wrapped: self.is_wrapped }
    }
}

/// The documents that begin in a stretch of a window, in order, without the one that begins the stretch.
pub(super) fn swallowed(window: &[u8], start: usize, end: usize) -> Vec<Swallowed> {
    let mut found = Vec::new();
    walk(window, start, end, false, |document| {
        if document.start > start {
            found.push(document);
        }
    });
    // An object closes after those within it.
    found.sort_unstable_by_key(|document: &Swallowed| document.start);
    found
}

/// How deep [`is_document`] looks: what is nested deeper is part of something else, and a look stays short.
const SHALLOW: usize = 8;

/// Whether a document begins at a place, as far as its names show; `None` where they have not come yet.
pub(super) fn is_document(window: &[u8], start: usize) -> Option<bool> {
    let mut is_document = false;
    let ended = walk(window, start, window.len(), true, |_| is_document = true);
    if is_document { Some(true) } else { ended.then_some(false) }
}

/// Passes over a stretch that begins with a bracket. `found` gets each document when it ends, or at the end of the stretch;
/// with `first`, only the one that begins the stretch, once a name shows it. The result is whether something other than the
/// end of the stretch ended the pass.
fn walk(window: &[u8], start: usize, end: usize, first: bool, mut found: impl FnMut(Swallowed)) -> bool {
    let mut scan = Scanner::new(window.get(..end).unwrap_or(window), start);
    let mut open: Vec<Frame> = Vec::new();
    let (mut expects_name, mut opens_list) = (false, false);
    let ended = loop {
        let Ok(byte) = scan.peek() else { break false };
        let at = scan.at();
        match byte {
            b'{' | b'[' => {
                if first && open.len() >= SHALLOW {
                    break true;
                }
                let is_object = byte == b'{';
                let begins_line = at == start || window.get(..at).is_some_and(|before| before.ends_with(b"\n"));
                let (is_entry, is_wrapped) =
                    open.last().map_or((false, false), |list| (list.is_list, list.is_list && list.is_wrapped));
                open.push(Frame {
                    start: at,
                    is_object,
                    begins: begins_line || is_entry && is_object,
                    is_document: false,
                    is_order: false,
                    // A list that begins the stretch is nested in another one: had it been a document, its orders would have
                    // been read one by one.
                    is_list: !is_object && (opens_list || begins_line && (at > start || first)),
                    is_wrapped: opens_list || is_wrapped,
                });
                scan.take();
                (expects_name, opens_list) = (is_object, false);
            }
            b'}' | b']' => {
                scan.take();
                expects_name = false;
                let Some(frame) = open.pop() else { break true };
                if frame.begins && frame.is_document {
                    if let Some(list) = open.last_mut().filter(|list| list.is_list) {
                        list.is_document = true;
                    }
                    found(frame.document(open.len(), false));
                }
                if open.is_empty() {
                    break true;
                }
            }
            b',' => {
                scan.take();
                expects_name = open.last().is_some_and(|frame| frame.is_object);
            }
            b'"' => {
                let text = match scan.string() {
                    Ok(text) => text,
                    Err(halt) => break halt != Halt::Short,
                };
                let Some(frame) = open.last_mut().filter(|_| expects_name) else { continue };
                expects_name = false;
                let hint = wire::hint(&text.bytes());
                match scan.peek() {
                    Ok(b':') => scan.take(),
                    other => break other.is_ok(),
                }
                let value = scan.peek();
                let wraps = matches!(hint, Hint::Wrapper) && matches!(value, Ok(b'{' | b'['));
                opens_list = wraps && frame.begins && !frame.is_order && value == Ok(b'[');
                frame.is_order |= matches!(hint, Hint::Order);
                frame.is_document |= wraps || matches!(hint, Hint::Order | Hint::Reply);
                if first && frame.begins && frame.is_document {
                    found(frame.document(0, true));
                    return true;
                }
            }
            _ => scan.take(),
        }
    };
    for (level, frame) in open.iter().enumerate() {
        if frame.begins && frame.is_document && frame.is_object {
            found(frame.document(level, true));
        }
    }
    ended
}
