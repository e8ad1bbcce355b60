//! The lines of a file, in pieces large enough that reading is not what is measured.

use std::fs::File;
use std::io::Read;

use crate::Outcome;

const PIECE: usize = 1 << 20;

/// Calls `take` with whole lines, as many at a time as were read, each with its line end.
pub fn in_pieces(path: &str, mut take: impl FnMut(&[u8]) -> Outcome) -> Outcome {
    let mut file = File::open(path)?;
    let mut held = vec![0; PIECE];
    let mut full = 0;
    loop {
        if full == held.len() {
            held.resize(2 * full, 0);
        }
        let read = file.read(&mut held[full..])?;
        full += read;
        if read == 0 {
            return if full > 0 { take(&held[..full]) } else { Ok(()) };
        }
        if let Some(end) = memchr::memrchr(b'\n', &held[full - read..full]) {
            let end = full - read + end + 1;
            take(&held[..end])?;
            held.copy_within(end..full, 0);
            full -= end;
        }
    }
}

/// Calls `take` with every line that is not blank, without its line end.
pub fn each(path: &str, mut take: impl FnMut(&[u8]) -> Outcome) -> Outcome {
    in_pieces(path, |piece| {
        let mut rest = piece;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = rest[..end].trim_ascii();
            if !line.is_empty() {
                take(line)?;
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        Ok(())
    })
}
