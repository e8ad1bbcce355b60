//! What is known of names that were read before. Orders of one sender have the same names in the same order: the next
//! one is foreseen from the last, and only compared.

use super::names::{self, Key};
use crate::order::Level;
use crate::scan::{FORESEEN, Scan, Scanner, Text};

/// The names of headers and of lines.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pub(super) header: Names,
    pub(super) lines: Names,
}

/// The names of one kind of object. There is room for a fixed number of them; when it is full it is emptied.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The first is none: it stands for where an object begins.
    known: Vec<Known>,
    /// Where each known name is, by its hash.
    slots: Vec<u16>,
}

/// A name that was read.
#[derive(Debug)]
struct Known {
    /// The name in its quotes, and a colon.
    text: [u8; FORESEEN],
    len: u8,
    /// A bit for each byte of it.
    mask: u32,
    key: Key,
    /// The name that came behind it last, if any did.
    next: u16,
}

impl Known {
    const NONE: Known = Known { text: [0; FORESEEN], len: 0, mask: u32::MAX, key: Key::Other, next: 0 };

    fn name(&self) -> &[u8] {
        self.text.get(1..usize::from(self.len).saturating_sub(2)).unwrap_or_default()
    }
}

const MOST: usize = 512;
const SLOTS: usize = 1024;

/// How far an object has been read: the name that came last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trail(u16);

impl Names {
    /// The next name of an object, and what it is.
    #[inline(always)]
    pub(super) fn next<'a>(
        &mut self,
        level: Level,
        scan: &mut Scanner<'a>,
        trail: &mut Trail,
    ) -> Scan<(Key, Text<'a>)> {
        let next = self.known.get(usize::from(trail.0)).map_or(0, |last| last.next);
        if next > 0
            && let Some(known) = self.known.get(usize::from(next))
            && let Some(name) = scan.foreseen(&known.text, known.mask, known.len)
        {
            trail.0 = next;
            return Ok((known.key, name));
        }
        let name = scan.key()?;
        Ok((self.find(level, name, trail), name))
    }

    /// What a name is that was not foreseen.
    fn find(&mut self, level: Level, name: Text<'_>, trail: &mut Trail) -> Key {
        let Some(raw) = name.unescaped() else { return names::key(level, &name.bytes()) };
        // The last byte a name may have is the one before its quote and the colon.
        if raw.len() + 3 > FORESEEN {
            return names::key(level, raw);
        }
        let slot = hash(raw);
        let at = self.slots.get(slot).copied().unwrap_or(0);
        let at = match self.known.get(usize::from(at)) {
            Some(known) if at > 0 && known.name() == raw => at,
            _ => self.learn(level, raw, slot, trail),
        };
        if let Some(last) = self.known.get_mut(usize::from(trail.0)) {
            last.next = at;
        }
        trail.0 = at;
        self.known.get(usize::from(at)).map_or(Key::Other, |known| known.key)
    }

    #[cold]
    fn learn(&mut self, level: Level, name: &[u8], slot: usize, trail: &mut Trail) -> u16 {
        if self.known.is_empty() || self.known.len() > MOST {
            self.known.clear();
            self.known.push(Known::NONE);
            self.slots.clear();
            self.slots.resize(SLOTS, 0);
            *trail = Trail::default();
        }
        let len = name.len() + 3;
        let mut text = [0; FORESEEN];
        let whole = [b"\"", name, b"\":"].concat();
        if let Some(room) = text.get_mut(..len) {
            room.copy_from_slice(&whole);
        }
        let at = self.known.len() as u16;
        let mask = u32::MAX >> (FORESEEN - len);
        self.known.push(Known { text, len: len as u8, mask, key: names::key(level, name), next: 0 });
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = at;
        }
        at
    }
}

/// Which slot a name belongs to: from its length, its first eight bytes and its last eight.
fn hash(name: &[u8]) -> usize {
    let (first, last) = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => (name.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
    };
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> (u64::BITS - SLOTS.ilog2())) as usize
}
