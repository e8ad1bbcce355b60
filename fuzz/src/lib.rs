//! What the fuzz targets share: orders from any bytes, the answers of the library and of the oracle, and a source in pieces.

use std::borrow::Cow;
use std::io::{Error, ErrorKind, Read, Result};

#[path = "../../tests/it/util/against.rs"]
pub mod against;
#[path = "../../tests/it/util/faulty.rs"]
pub mod faulty;
#[path = "../../tests/it/util/in_doubt.rs"]
pub mod in_doubt;

/// An order's text: the bytes themselves where they are one, else what the writer makes of them. So seeds are plain
/// orders, and whatever else a fuzzer tries is an order too.
pub fn order_text(bytes: &[u8]) -> Cow<'_, [u8]> {
    match ordercharge::Document::from_json(bytes) {
        Ok(_) => Cow::Borrowed(bytes),
        Err(_) => Cow::Owned(ordercharge_oracle::write(bytes).into_bytes()),
    }
}

/// A source that gives its bytes in pieces of sizes that look random, with a signal between some of them.
pub struct Pieces<'a> {
    bytes: &'a [u8],
    state: u64,
    most: u64,
    fails: bool,
}

impl<'a> Pieces<'a> {
    /// `seed` gives the sizes, and how large they are at most.
    pub fn new(bytes: &'a [u8], seed: u64) -> Pieces<'a> {
        Pieces { bytes, state: seed | 1, most: 1 << (seed >> 8 & 7), fails: false }
    }

    /// The same source, ending with an error.
    pub fn failing(self) -> Pieces<'a> {
        Pieces { fails: true, ..self }
    }

    fn roll(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let roll = self.roll();
        if roll >> 32 & 7 == 0 {
            return Err(ErrorKind::Interrupted.into());
        }
        if self.bytes.is_empty() && self.fails {
            return Err(Error::other("the source fails"));
        }
        let most = (1 + roll % self.most) as usize;
        let most = most.min(into.len());
        self.bytes.read(&mut into[..most])
    }
}
