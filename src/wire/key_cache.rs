//! The key cache. Orders of one sender have the same keys in the same order, so the next key is predicted from the last one
//! and only compared.

use super::names::{self, Key};
use crate::order::Level;
use crate::scan::{KEY_BLOCK, Scan, Scanner, Text};

/// The cached keys of headers and of lines.
#[derive(Debug, Default)]
pub(super) struct KeyCache {
    pub(super) header: Keys,
    pub(super) lines: Keys,
}

/// The cached keys of one kind of object. Their number is limited; a full cache is emptied.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Entries 0 and 1 are sentinels: the start of an object, and a key that is not cached.
    known: Vec<CachedKey>,
    /// The index of each cached key, by its hash.
    slots: Vec<u16>,
}

/// A key with the bytes around it. It fills one cache line of the processor.
#[derive(Debug)]
#[repr(align(64))]
struct CachedKey {
    /// The bytes from the end of the previous value, or from the brace of the object, to the value. Only the quoted name and the
    /// colon if that is too long or contains line ends, which must be counted.
    text: [u8; KEY_BLOCK],
    len: u8,
    whole: bool,
    /// One bit for each of the bytes.
    mask: u32,
    key: Key,
    /// The key that followed it last, if any, and the one before that.
    next: u16,
    other: u16,
}

impl CachedKey {
    const NONE: CachedKey =
        CachedKey { text: [0; KEY_BLOCK], len: 0, whole: false, mask: u32::MAX, key: Key::Other, next: 0, other: 0 };

    fn text(&self) -> &[u8] {
        self.text.get(..usize::from(self.len)).unwrap_or_default()
    }
}

const MOST: usize = 512;
const SLOTS: usize = 1024;

/// How far an object has been read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    /// The key that was read last.
    last: u16,
    /// The key that is predicted to follow.
    next: u16,
}

/// The state before an object. Only a key predicted from here includes the brace.
const START: u16 = 0;
/// The state after a key that is not cached.
const WITHIN: u16 = 1;

impl Keys {
    /// The state before an object.
    pub(super) fn start(&self) -> Trail {
        self.trail(START)
    }

    fn trail(&self, last: u16) -> Trail {
        Trail { last, next: self.known.get(usize::from(last)).map_or(START, |last| last.next) }
    }

    /// The next key of an object and its meaning; `None` at the end of the object. At the start of the trail, the `{` of the
    /// object is next. The spelling of the key is returned only if it seems to mean another one.
    #[inline(always)]
    pub(super) fn next<'a>(
        &mut self,
        level: Level,
        scan: &mut Scanner<'a>,
        trail: &mut Trail,
    ) -> Scan<Option<(Key, Text<'a>)>> {
        if let Some(known) = self.known.get(usize::from(trail.next))
            && known.whole
            && scan.predicted(&known.text, known.mask, known.len)
        {
            *trail = Trail { last: trail.next, next: known.next };
            return Ok(Some((known.key, Text::plain(b""))));
        }
        if trail.last != START && scan.ends_object() {
            return Ok(None);
        }
        self.next_anyhow(level, scan, trail)
    }

    /// The slow path of the function above: for a key that was not predicted.
    fn next_anyhow<'a>(
        &mut self,
        level: Level,
        scan: &mut Scanner<'a>,
        trail: &mut Trail,
    ) -> Scan<Option<(Key, Text<'a>)>> {
        // Senders leave out different keys, and their orders alternate.
        if let Some(CachedKey { other, .. }) = self.known.get(usize::from(trail.last))
            && let Some(known) = self.known.get(usize::from(*other))
            && known.whole
            && scan.predicted(&known.text, known.mask, known.len)
        {
            let (last, key) = (*other, known.key);
            self.link(trail.last, last);
            *trail = self.trail(last);
            return Ok(Some((key, Text::plain(b""))));
        }
        scan.peek()?;
        let (before, first_line) = (scan.at(), scan.lines());
        let more = if trail.last == START { scan.open_object()? } else { scan.more_in_object()? };
        if !more {
            return Ok(None);
        }
        scan.peek()?;
        if trail.next != START
            && let Some(known) = self.known.get(usize::from(trail.next))
            && !known.whole
            && scan.predicted(&known.text, known.mask, known.len)
        {
            *trail = Trail { last: trail.next, next: known.next };
            return Ok(Some((known.key, Text::plain(b""))));
        }
        let (start, line) = (scan.at(), scan.lines());
        let name = scan.key()?;
        let (short, short_line) = (scan.since(start), scan.lines());
        scan.peek()?;
        let whole = scan.since(before);
        let key = match name.unescaped() {
            Some(raw) if whole.len() <= KEY_BLOCK && scan.lines() == first_line => {
                self.find(level, raw, whole, true, trail)
            }
            Some(raw) if short.len() <= KEY_BLOCK && short_line == line => self.find(level, raw, short, false, trail),
            _ => {
                *trail = self.trail(WITHIN);
                names::key(level, &name.bytes())
            }
        };
        Ok(Some((key, name)))
    }

    /// The meaning of a key that was not predicted.
    fn find(&mut self, level: Level, name: &[u8], text: &[u8], whole: bool, trail: &mut Trail) -> Key {
        let slot = hash(text);
        let at = self.slots.get(slot).copied().unwrap_or(0);
        let at = match self.known.get(usize::from(at)) {
            Some(known) if at > 0 && known.text() == text => at,
            _ => self.learn(names::key(level, name), text, whole, slot, trail),
        };
        let key = self.known.get(usize::from(at)).map_or(Key::Other, |known| known.key);
        // The reader needs the spelling of these keys. They are not cached, because a predicted key is returned without its spelling.
        if !matches!(key, Key::Meant(_) | Key::ItemsElsewhere) {
            self.link(trail.last, at);
        }
        *trail = self.trail(at);
        key
    }

    /// Records that a key followed another one.
    fn link(&mut self, last: u16, next: u16) {
        if let Some(last) = self.known.get_mut(usize::from(last))
            && last.next != next
        {
            last.other = last.next;
            last.next = next;
        }
    }

    #[cold]
    fn learn(&mut self, key: Key, text: &[u8], whole: bool, slot: usize, trail: &mut Trail) -> u16 {
        if self.known.is_empty() || self.known.len() > MOST {
            self.known.clear();
            // The two sentinels.
            self.known.extend([CachedKey::NONE, CachedKey::NONE]);
            self.slots.clear();
            self.slots.resize(SLOTS, 0);
            trail.last = trail.last.min(WITHIN);
        }
        let mut known = CachedKey { len: text.len() as u8, whole, key, ..CachedKey::NONE };
        known.mask = u32::MAX >> (KEY_BLOCK - text.len());
        if let Some(room) = known.text.get_mut(..text.len()) {
            room.copy_from_slice(text);
        }
        let at = self.known.len() as u16;
        self.known.push(known);
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = at;
        }
        at
    }
}

/// The slot of a key: a hash of its length, its first eight bytes and its last eight.
fn hash(text: &[u8]) -> usize {
    let (first, last) = match (text.first_chunk::<8>(), text.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (text.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ text.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
