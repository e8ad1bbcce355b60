//! JSON of replies and orders, read one level at a time: some fields of an object, the entries of an array.
//! The text of each value stays as it is, so that no number passes through a binary float. Values that are not requested are
//! not built: a reply of many small values needs no more memory than its text.

use std::borrow::Cow;

use crate::scan::Scanner;

/// Why the JSON is not the object or the array that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// It is another kind of value.
    #[error("expected {expected}, found {found}")]
    Kind { expected: &'static str, found: &'static str },
    /// A requested field is there more than once: readers differ on which one counts.
    #[error("expected `{0}` once, found it twice")]
    Twice(&'static str),
    /// It is not JSON.
    #[error("expected JSON, found something else")]
    Syntax,
}

/// The fields of an object with these keys, each with the text of its value. `null` counts as absent; other fields are
/// skipped.
pub(super) fn fields<'a, const N: usize>(
    object: &'a str,
    keys: [&'static str; N],
) -> Result<[Option<&'a str>; N], Fault> {
    let (mut values, mut twice) = ([None; N], None);
    walk(object, "an object", |key, value| {
        for (known, slot) in keys.iter().zip(&mut values).filter(|(known, _)| **known == key) {
            twice = twice.or(slot.replace(value).map(|_| *known));
        }
    })?;
    match twice {
        Some(key) => Err(Fault::Twice(key)),
        None => Ok(values.map(|value| value.filter(|value| *value != "null"))),
    }
}

/// Walks over the entries of an array, each with its text.
pub(super) fn entries<'a>(array: &'a str, mut each: impl FnMut(&'a str)) -> Result<(), Fault> {
    walk(array, "an array", |_, entry| each(entry))
}

fn walk<'a>(json: &'a str, expected: &'static str, mut each: impl FnMut(&str, &'a str)) -> Result<(), Fault> {
    let found = kind(json).unwrap_or("nothing");
    // The error shows nothing of the value: it may be personal, or a secret.
    if found != expected {
        return Err(Fault::Kind { expected, found });
    }
    let mut scan = Scanner::new(json.as_bytes(), 0);
    let read = scan.parts(|key, value| each(&key.decode(), core::str::from_utf8(value).unwrap_or_default()));
    let is_whole = read.is_ok() && scan.peek().is_err();
    if is_whole { Ok(()) } else { Err(Fault::Syntax) }
}

/// The kind of value that the JSON begins with, in words; `None` if it is empty.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    Some(match text.trim_start_matches([' ', '\t', '\r', '\n']).as_bytes().first()? {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a string",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        b'-' | b'0'..=b'9' => "a number",
        _ => "something that is not JSON",
    })
}

/// The text of a string or of a number: names arrive as both.
pub(super) fn text(value: &str) -> Option<Cow<'_, str>> {
    match kind(value)? {
        "a string" => Some(Scanner::new(value.as_bytes(), 0).string().ok()?.decode()),
        "a number" => Some(Cow::Borrowed(value)),
        _ => None,
    }
}
