//! What the error for a fault says: what was found, and the line up to there.

use super::Fault;
use crate::error::{Error, Position};

/// The error for a fault in the document that begins at `start`.
pub(crate) fn syntax_error(fault: Fault, text: &[u8], start: usize, position: Position) -> Error {
    let rest = text.get(fault.at..).unwrap_or_default();
    Error::syntax(fault.expected, describe(rest), position, &line_to(text, start, fault.at))
}

/// The most bytes of a line that are kept for a drawing.
const LINE_KEPT: usize = 160;

/// The line up to a place and the character there, without what is before `start`. Nothing after it is included: how much of
/// that is known depends on how a stream is cut into pieces.
fn line_to(text: &[u8], start: usize, at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let found = match rest.first() {
        None | Some(b'\n' | b'\r') => 0,
        // The continuation bytes of its character.
        Some(_) => 1 + rest.iter().skip(1).take(3).take_while(|byte| **byte & 0xC0 == 0x80).count(),
    };
    let before = text.get(start.max(at.saturating_sub(LINE_KEPT))..at).unwrap_or_default();
    let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    // A character that is cut at the front is left out.
    let cut = line.iter().take_while(|byte| **byte & 0xC0 == 0x80).count();
    let whole = [line.get(cut..).unwrap_or_default(), rest.get(..found).unwrap_or_default()].concat();
    String::from_utf8_lossy(&whole).into_owned()
}

/// The next character of the input, in words.
fn describe(rest: &[u8]) -> String {
    let head = rest.get(..4).unwrap_or(rest);
    let valid = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => core::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default(),
    };
    match (valid.chars().next(), head.first()) {
        (Some('\n' | '\r'), _) => "the end of the line".to_owned(),
        (Some(char), _) if char.is_control() => format!("the control character U+{:04X}", u32::from(char)),
        (Some(char), _) => format!("`{char}`"),
        (None, Some(byte)) => format!("the byte 0x{byte:02X}"),
        (None, None) => "the end of the input".to_owned(),
    }
}
