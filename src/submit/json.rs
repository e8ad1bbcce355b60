//! JSON as replies and journals hold it: read into a tree, strictly, by the scanner; written a text at a time.

use std::collections::BTreeMap;

use crate::document::BYTE_ORDER_MARK;
use crate::error::Position;
use crate::scan::{Halt, MAX_DEPTH, Scan, Scanner, syntax_error};

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// The text of a number, as it stands there.
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Reads a whole text. An object that has a key twice is refused: readers differ on which one wins.
    pub(super) fn read(text: &[u8]) -> Result<Json, String> {
        let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 };
        let mut scan = Scanner::new(text, mark);
        let read = value(&mut scan, 0).and_then(|json| match scan.peek() {
            Err(_) => Ok(json),
            Ok(_) => scan.bad(&"the end of the text"),
        });
        read.map_err(|halt| match halt {
            Halt::Short => "expected JSON, found the end of the text before its end".to_owned(),
            Halt::Bad(_) => {
                let fault = scan.fault(halt);
                let position = Position::START.after(text.get(..fault.at).unwrap_or_default());
                syntax_error(fault, text, position).to_string()
            }
        })
    }

    /// The value of a key; `null` counts as none.
    pub(super) fn get(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(fields) => fields.get(key).filter(|value| **value != Json::Null),
            _ => None,
        }
    }

    /// The text of a string or a number: names arrive as both.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) | Json::Number(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string or a number under a key.
    pub(super) fn text_at(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Json::text)
    }

    /// The entries of an array.
    pub(super) fn list(&self) -> Option<&[Json]> {
        match self {
            Json::List(entries) => Some(entries),
            _ => None,
        }
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a text",
            Json::List(_) => "an array",
            Json::Object(_) => "an object",
        }
    }
}

fn value(scan: &mut Scanner<'_>, depth: u32) -> Scan<Json> {
    Ok(match scan.peek()? {
        b'{' | b'[' if depth >= MAX_DEPTH => return scan.bad(&"at most 128 levels of objects and arrays"),
        b'{' => {
            let mut fields = BTreeMap::new();
            let mut more = scan.open_object()?;
            while more {
                let key = scan.key()?.decode().into_owned();
                let value = value(scan, depth + 1)?;
                if fields.insert(key, value).is_some() {
                    return scan.bad(&"each key once in an object");
                }
                more = scan.more_in_object()?;
            }
            Json::Object(fields)
        }
        b'[' => {
            let mut entries = Vec::new();
            let mut more = scan.open_array()?;
            while more {
                entries.push(value(scan, depth + 1)?);
                more = scan.more_in_array()?;
            }
            Json::List(entries)
        }
        b'"' => Json::Text(scan.string()?.decode().into_owned()),
        b't' => scan.word("true").map(|()| Json::Bool(true))?,
        b'f' => scan.word("false").map(|()| Json::Bool(false))?,
        b'n' => scan.word("null").map(|()| Json::Null)?,
        b'-' | b'0'..=b'9' => Json::Number(String::from_utf8_lossy(scan.number()?).into_owned()),
        _ => return scan.bad(&"a value"),
    })
}

/// Writes a text as a JSON string. What would end a line, be obeyed by a terminal or not be seen is escaped.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// Writes a key and its text, or null.
pub(super) fn pair(out: &mut String, key: &str, value: Option<&str>) {
    quote(out, key);
    out.push(':');
    match value {
        Some(text) => quote(out, text),
        None => out.push_str("null"),
    }
}
