//! Reads the text of a JSON document into nodes.

use wide::u8x16;

use super::{Entry, JsonError, Kind, Tag};

/// More nesting than this is refused.
const DEEPEST: usize = 128;

/// How much of a document becomes nodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    All,
    /// The document and the values directly in it. What is in these is passed over and not checked.
    Top,
}

/// The text of a string without its escapes. The parser has checked them.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let unit = |from: usize| u32::from_str_radix(after.get(from..from + 4)?, 16).ok();
        let mut used = 1;
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                used = 5;
                let high = unit(1).unwrap_or(0xFFFD);
                let low = after.get(5..7).filter(|next| *next == "\\u").and_then(|_| unit(7));
                let code = match (high, low) {
                    (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                        used = 11;
                        0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
                    }
                    _ => high,
                };
                out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(char) => out.push(char),
            None => used = 0,
        }
        rest = after.get(used..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// Reads a document from bytes that are UTF-8.
pub(super) struct Parser<'a, 'n> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) nodes: &'n mut Vec<Entry>,
}

/// The key of a value; that of a value in an array is empty.
#[derive(Clone, Copy)]
struct Key {
    start: u32,
    end: u32,
    tag: Tag,
    escapes: bool,
}

const NO_KEY: Key = Key { start: 0, end: 0, tag: Tag(0), escapes: false };

/// An object or array that has not ended.
#[derive(Clone, Copy)]
struct Open {
    node: u32,
    is_object: bool,
}

impl Parser<'_, '_> {
    pub(super) fn document(&mut self, depth: Depth) -> Result<(), JsonError> {
        // A byte order mark is allowed.
        if self.text.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
        // How many objects and arrays are open, and the innermost of them.
        let mut open = 0;
        let mut within = Open { node: 0, is_object: false };
        let mut key = NO_KEY;
        'value: loop {
            // A value follows, or an empty array or object ends.
            let here = self.nodes.len() as u32;
            let byte = self.next();
            let start = self.at as u32;
            let mut entry = Entry {
                start,
                end: start,
                key_start: key.start,
                key_end: key.end,
                next: here + 1,
                parent: within.node,
                key_tag: key.tag,
                kind: Kind::Null,
                key_escapes: key.escapes,
                escapes: false,
            };
            match byte {
                Some(b'"') => {
                    let (start, end, escapes) = self.string()?;
                    (entry.start, entry.end, entry.escapes, entry.kind) = (start, end, escapes, Kind::String);
                    self.nodes.push(entry);
                }
                Some(b'-' | b'0'..=b'9') => {
                    self.number()?;
                    (entry.end, entry.kind) = (self.at as u32, Kind::Number);
                    self.nodes.push(entry);
                }
                Some(byte @ (b'{' | b'[')) => {
                    if open >= DEEPEST {
                        return self.fault("at most 128 levels");
                    }
                    let is_object = byte == b'{';
                    entry.kind = if is_object { Kind::Object } else { Kind::Array };
                    if depth == Depth::Top && open > 0 {
                        self.pass_over()?;
                        entry.end = self.at as u32;
                        self.nodes.push(entry);
                    } else {
                        self.at += 1;
                        self.nodes.push(entry);
                        within = Open { node: here, is_object };
                        open += 1;
                        if self.next() != Some(if is_object { b'}' } else { b']' }) {
                            key = if is_object { self.key()? } else { NO_KEY };
                            continue 'value;
                        }
                    }
                }
                Some(b't') => self.word(entry, b"true", Kind::Bool)?,
                Some(b'f') => self.word(entry, b"false", Kind::Bool)?,
                Some(b'n') => self.word(entry, b"null", Kind::Null)?,
                _ => return self.fault("a value"),
            }
            // After a value: another one, or the end of what it is in.
            loop {
                let byte = self.next();
                if open == 0 {
                    return if byte.is_none() { Ok(()) } else { self.fault("the end of the document") };
                }
                let next = self.nodes.len() as u32;
                match byte {
                    Some(b',') if within.node + 1 < next => {
                        self.at += 1;
                        key = if within.is_object { self.key()? } else { NO_KEY };
                        continue 'value;
                    }
                    Some(b'}') if within.is_object => {}
                    Some(b']') if !within.is_object => {}
                    _ if within.is_object => return self.fault("`,` or `}`"),
                    _ => return self.fault("`,` or `]`"),
                }
                self.at += 1;
                open -= 1;
                let Some(container) = self.nodes.get_mut(within.node as usize) else { return self.fault("a value") };
                (container.end, container.next) = (self.at as u32, next);
                let outer = container.parent;
                let is_object = self.nodes.get(outer as usize).is_some_and(|outer| outer.kind == Kind::Object);
                within = Open { node: outer, is_object };
            }
        }
    }

    /// Passes over an object or array that was checked before.
    fn pass_over(&mut self) -> Result<(), JsonError> {
        let mut passage = Passage::default();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = match rest.first_chunk::<16>() {
                Some(block) => passage.block(block),
                None if rest.is_empty() => return self.fault("the end of the value"),
                None => passage.bytes(rest),
            };
            match end {
                Some(end) => {
                    self.at += end;
                    return Ok(());
                }
                None => self.at += rest.len().min(16),
            }
        }
    }

    fn fault<T>(&self, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError { expected, offset: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next byte that is not a blank.
    #[inline(always)]
    fn next(&mut self) -> Option<u8> {
        loop {
            match self.text.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                byte => return byte.copied(),
            }
        }
    }

    fn word(&mut self, mut entry: Entry, word: &'static [u8], kind: Kind) -> Result<(), JsonError> {
        if !self.text.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            return self.fault("a value");
        }
        self.at += word.len();
        (entry.end, entry.kind) = (self.at as u32, kind);
        self.nodes.push(entry);
        Ok(())
    }

    /// A key and the colon after it.
    fn key(&mut self) -> Result<Key, JsonError> {
        if self.next() != Some(b'"') {
            return self.fault("a key");
        }
        let (start, end, escapes) = self.string()?;
        if self.next() != Some(b':') {
            return self.fault("`:`");
        }
        self.at += 1;
        let text = self.text.get(start as usize..end as usize).unwrap_or_default();
        let tag = if escapes {
            Tag::of(unescaped(std::str::from_utf8(text).unwrap_or_default()).as_bytes())
        } else {
            Tag::of(text)
        };
        Ok(Key { start, end, tag, escapes })
    }

    /// A string: where its text begins and ends, and whether it has escapes.
    #[inline(always)]
    fn string(&mut self) -> Result<(u32, u32, bool), JsonError> {
        let start = self.at + 1;
        // Nearly all strings are short and without escapes.
        let text = self.text.get(start..).unwrap_or_default();
        let plain = plain_run(text);
        if text.get(plain) == Some(&b'"') {
            self.at = start + plain + 1;
            return Ok((start as u32, (start + plain) as u32, false));
        }
        self.string_beyond(start, plain)
    }

    /// A string after some plain characters.
    #[cold]
    fn string_beyond(&mut self, start: usize, plain: usize) -> Result<(u32, u32, bool), JsonError> {
        self.at = start + plain;
        let mut escapes = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return Ok((start as u32, end as u32, escapes));
                }
                Some(b'\\') => {
                    escapes = true;
                    self.at += 1;
                    match self.peek() {
                        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                        Some(b'u') => {
                            let digits = self.text.get(self.at + 1..self.at + 5);
                            if !digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                                return self.fault("four hexadecimal digits");
                            }
                            self.at += 5;
                        }
                        _ => return self.fault("an escape"),
                    }
                }
                Some(0..0x20) | None => return self.fault("the end of the string"),
                Some(_) => self.at += 1,
            }
            self.at += plain_run(self.text.get(self.at..).unwrap_or_default());
        }
    }

    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return self.fault("a digit");
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), JsonError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }
}

/// How an object or array is passed over.
#[derive(Default)]
struct Passage {
    /// How many objects and arrays are open.
    open: u32,
    in_string: bool,
    /// Whether the last byte was a backslash that escapes the next one.
    escaped: bool,
}

impl Passage {
    /// Reads a block. Returns how much of it belongs to the value, if the value ends in it.
    #[inline(always)]
    fn block(&mut self, bytes: &[u8; 16]) -> Option<usize> {
        let block = u8x16::new(*bytes);
        if self.escaped || bits(block, b'\\') != 0 {
            return self.bytes(bytes);
        }
        // One bit for each byte that is in a string, or is its opening quote.
        let mut inside = bits(block, b'"');
        for shift in [1, 2, 4, 8] {
            inside ^= inside << shift;
        }
        inside = (inside ^ if self.in_string { 0xFFFF } else { 0 }) & 0xFFFF;
        self.in_string = inside & 0x8000 != 0;
        // Square brackets differ from curly ones in one bit.
        let curly = block | u8x16::splat(0x20);
        let opening = bits(curly, b'{') & !inside;
        let mut brackets = opening | (bits(curly, b'}') & !inside);
        while brackets != 0 {
            let bit = brackets & brackets.wrapping_neg();
            self.open = if opening & bit != 0 { self.open + 1 } else { self.open.saturating_sub(1) };
            if self.open == 0 {
                return Some(bit.trailing_zeros() as usize + 1);
            }
            brackets ^= bit;
        }
        None
    }

    /// The same for any number of bytes, one by one.
    #[cold]
    fn bytes(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = !self.in_string,
                b'{' | b'[' if !self.in_string => self.open += 1,
                b'}' | b']' if !self.in_string => {
                    self.open = self.open.saturating_sub(1);
                    if self.open == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// The number of bytes before a quote, a backslash or a control character.
#[inline(always)]
fn plain_run(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((block, more)) = rest.split_first_chunk::<16>() {
        let block = u8x16::new(*block);
        let control = block.min(u8x16::splat(0x1F)).simd_eq(block);
        let special = block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\')) | control;
        let marks = special.to_bitmask();
        if marks != 0 {
            return text.len() - rest.len() + marks.trailing_zeros() as usize;
        }
        rest = more;
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    text.len() - rest.len() + rest.iter().position(special).unwrap_or(rest.len())
}

/// One bit for each byte of a block that is equal to another one.
#[inline(always)]
fn bits(block: u8x16, byte: u8) -> u32 {
    block.simd_eq(u8x16::splat(byte)).to_bitmask()
}

#[cfg(test)]
mod tests {
    use crate::json::{Json, Kind, Node};

    type Member<'j> = (std::borrow::Cow<'j, str>, Kind, &'j str);

    fn members<'j>(json: &'j Json<'_>) -> Vec<Member<'j>> {
        json.children(Node::ROOT).map(|node| (json.key(node), json.kind(node), json.text(node))).collect()
    }

    #[test]
    fn the_top_has_the_members_of_the_whole_document() -> Result<(), Box<dyn std::error::Error>> {
        // Strings with brackets, quotes and backslashes at every place of a block of sixteen bytes.
        let values =
            ["{}", "[]", r#"{"k":"]}"}"#, r#"["\"}]",[{}],"\\",{"a":"\\\""}]"#, r#"{"a":[{"b":{"c":["{é"]}}]}"#];
        for pad in 0..40 {
            for value in values {
                let (key, text) = ("k".repeat(pad), "é".repeat(pad));
                let text =
                    format!("{{\"{key}\" : {value},\"z\":\"{text}\\n\",\"n\":-1.5e3,\n\"t\":true,\"last\":{value} }}");
                let whole = Json::parse(text.as_bytes())?;
                let top = Json::parse_top(text.as_bytes()).ok_or("expected the top")?;
                assert_eq!(members(&top), members(&whole));
                assert_eq!(whole.get(Node::ROOT, "last").map(|last| whole.text(last)), Some(value));
                assert_eq!(top.get(Node::ROOT, "t").map(|node| top.text(node)), Some("true"));
            }
        }
        Ok(())
    }
}
