//! A JSON document as a flat list of nodes that keep the text of every number: no value passes through a binary float.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// A JSON document: its text and its nodes in the order of the text. Node 0 is the whole document.
///
/// ```
/// use ordercharge_carts::Json;
///
/// let json = Json::parse(br#"{"total": {"value": 1.10, "currency": "EUR"}}"#)?;
/// let value = json.at("/total/value").unwrap();
/// assert_eq!(json.text(value), "1.10");
/// assert_eq!(json.pointer(value), "/total/value");
/// # Ok::<(), ordercharge_carts::JsonError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Json<'a> {
    source: &'a str,
    nodes: Vec<Entry>,
}

/// The number of a node of a [`Json`] document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    /// The whole document.
    pub const ROOT: Node = Node(0);
}

/// The kind of a JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A value: where its text is, where its key is, and the nodes around it.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The text of the value. That of a string is without its quotes.
    start: u32,
    end: u32,
    /// The text of the key without its quotes; empty in an array.
    key_start: u32,
    key_end: u32,
    /// The first node after this value and what is in it.
    next: u32,
    parent: u32,
    kind: Kind,
    /// Whether the key, or the string, has escapes.
    key_escapes: bool,
    escapes: bool,
}

/// Why bytes are not a JSON document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at byte {offset}")]
pub struct JsonError {
    /// What would be right at this place.
    pub expected: &'static str,
    /// The place, in bytes from 0.
    pub offset: usize,
}

/// More nesting than this is refused.
const DEEPEST: usize = 128;

impl<'a> Json<'a> {
    /// Reads one JSON document.
    ///
    /// # Errors
    ///
    /// If the bytes are not one JSON document in UTF-8, are 4 GiB or more, or have more than 128 levels.
    pub fn parse(text: &'a [u8]) -> Result<Json<'a>, JsonError> {
        let source =
            std::str::from_utf8(text).map_err(|error| JsonError { expected: "UTF-8", offset: error.valid_up_to() })?;
        if u32::try_from(text.len()).is_err() {
            return Err(JsonError { expected: "less than 4 GiB", offset: 0 });
        }
        // A value takes about fourteen bytes in the documents that carts send.
        let mut nodes = Vec::with_capacity(text.len() / 12);
        Parser { text, at: 0, nodes: &mut nodes }.document()?;
        Ok(Json { source, nodes })
    }

    fn entry(&self, node: Node) -> Option<&Entry> {
        self.nodes.get(node.0 as usize)
    }

    /// The kind of a value.
    pub fn kind(&self, node: Node) -> Kind {
        self.entry(node).map_or(Kind::Null, |entry| entry.kind)
    }

    fn slice(&self, start: u32, end: u32) -> &'a str {
        self.source.get(start as usize..end as usize).unwrap_or_default()
    }

    /// The text of a value as it is written; that of a string is without its quotes and with its escapes.
    pub fn text(&self, node: Node) -> &'a str {
        self.entry(node).map_or("", |entry| self.slice(entry.start, entry.end))
    }

    /// The value of a string.
    pub fn string(&self, node: Node) -> Cow<'a, str> {
        match self.entry(node) {
            Some(entry) if entry.escapes => Cow::Owned(unescaped(self.text(node))),
            _ => Cow::Borrowed(self.text(node)),
        }
    }

    /// The key of a value in its object; empty in an array.
    pub fn key(&self, node: Node) -> Cow<'a, str> {
        match self.entry(node) {
            Some(entry) if entry.key_escapes => Cow::Owned(unescaped(self.slice(entry.key_start, entry.key_end))),
            Some(entry) => Cow::Borrowed(self.slice(entry.key_start, entry.key_end)),
            None => Cow::Borrowed(""),
        }
    }

    /// The value that contains this one.
    pub fn parent(&self, node: Node) -> Option<Node> {
        if node == Node::ROOT { None } else { self.entry(node).map(|entry| Node(entry.parent)) }
    }

    /// The values directly in an array or object.
    pub fn children(&self, node: Node) -> Children<'_> {
        match self.entry(node) {
            Some(entry) if matches!(entry.kind, Kind::Array | Kind::Object) => {
                Children { nodes: &self.nodes, at: node.0 + 1, end: entry.next }
            }
            _ => Children { nodes: &self.nodes, at: 0, end: 0 },
        }
    }

    /// A value and everything in it, in the order of the text.
    pub fn within(&self, node: Node) -> impl Iterator<Item = Node> + use<'a> {
        let range = self.range(node);
        (range.start.0..range.end.0).map(Node)
    }

    /// The nodes of a value and of everything in it.
    pub(crate) fn range(&self, node: Node) -> Range<Node> {
        node..Node(self.entry(node).map_or(node.0, |entry| entry.next))
    }

    /// The member of an object; the last one if the key is there several times.
    pub fn get(&self, node: Node, key: &str) -> Option<Node> {
        if self.kind(node) != Kind::Object {
            return None;
        }
        let mut found = None;
        for child in self.children(node) {
            let Some(entry) = self.entry(child) else { continue };
            let (start, end) = (entry.key_start as usize, entry.key_end as usize);
            let same = if entry.key_escapes {
                unescaped(self.slice(entry.key_start, entry.key_end)) == key
            } else {
                // Most keys differ in their length already.
                end - start == key.len() && self.source.as_bytes().get(start..end) == Some(key.as_bytes())
            };
            if same {
                found = Some(child);
            }
        }
        found
    }

    /// The value at a JSON Pointer.
    pub fn at(&self, pointer: &str) -> Option<Node> {
        pointer.split('/').skip(1).try_fold(Node::ROOT, |node, step| match self.kind(node) {
            Kind::Array => self.children(node).nth(step.parse().ok()?),
            _ => self.get(node, &step.replace("~1", "/").replace("~0", "~")),
        })
    }

    /// The JSON Pointer of a value.
    pub fn pointer(&self, node: Node) -> String {
        self.place(node, false)
    }

    /// The JSON Pointer of a value with `*` for each place in an array.
    pub fn pattern(&self, node: Node) -> String {
        self.place(node, true)
    }

    fn place(&self, node: Node, pattern: bool) -> String {
        let mut steps = Vec::new();
        let mut at = node;
        while let Some(parent) = self.parent(at) {
            steps.push(match self.kind(parent) {
                Kind::Array if pattern => "*".to_owned(),
                Kind::Array => self.children(parent).take_while(|child| *child != at).count().to_string(),
                _ => self.key(at).replace('~', "~0").replace('/', "~1"),
            });
            at = parent;
        }
        steps.iter().rev().fold(String::new(), |all, step| all + "/" + step)
    }
}

/// The values directly in an array or object.
#[derive(Clone, Debug)]
pub struct Children<'j> {
    nodes: &'j [Entry],
    at: u32,
    end: u32,
}

impl Iterator for Children<'_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        if self.at >= self.end {
            return None;
        }
        let node = Node(self.at);
        // A node is never its own successor.
        self.at = self.nodes.get(self.at as usize).map_or(self.end, |entry| entry.next.max(self.at + 1));
        Some(node)
    }
}

/// The text of a string without its escapes. The parser has checked them.
fn unescaped(text: &str) -> String {
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
struct Parser<'a, 'n> {
    text: &'a [u8],
    at: usize,
    nodes: &'n mut Vec<Entry>,
}

impl Parser<'_, '_> {
    fn document(&mut self) -> Result<(), JsonError> {
        // A byte order mark is allowed.
        if self.text.starts_with(b"\xEF\xBB\xBF") {
            self.at = 3;
        }
        let mut open: Vec<u32> = Vec::new();
        let (mut key, mut key_escapes) = ((0, 0), false);
        'value: loop {
            // A value follows, or an empty array or object ends.
            self.blanks();
            let parent = open.last().copied().unwrap_or_default();
            let here = self.nodes.len() as u32;
            let start = self.at as u32;
            let mut entry = Entry {
                start,
                end: start,
                key_start: key.0,
                key_end: key.1,
                next: here + 1,
                parent,
                kind: Kind::Null,
                key_escapes,
                escapes: false,
            };
            match self.peek() {
                Some(byte @ (b'{' | b'[')) => {
                    if open.len() >= DEEPEST {
                        return self.fault("at most 128 levels");
                    }
                    self.at += 1;
                    entry.kind = if byte == b'{' { Kind::Object } else { Kind::Array };
                    self.nodes.push(entry);
                    open.push(here);
                    self.blanks();
                    if self.peek() != Some(if byte == b'{' { b'}' } else { b']' }) {
                        (key, key_escapes) = if byte == b'{' { self.key()? } else { ((0, 0), false) };
                        continue 'value;
                    }
                }
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
                Some(b't') => self.word(entry, b"true", Kind::Bool)?,
                Some(b'f') => self.word(entry, b"false", Kind::Bool)?,
                Some(b'n') => self.word(entry, b"null", Kind::Null)?,
                _ => return self.fault("a value"),
            }
            // After a value: another one, or the end of what it is in.
            loop {
                self.blanks();
                let Some(parent) = open.last().copied() else {
                    return if self.at == self.text.len() { Ok(()) } else { self.fault("the end of the document") };
                };
                let next = self.nodes.len() as u32;
                let Some(container) = self.nodes.get_mut(parent as usize) else { return self.fault("a value") };
                let is_object = container.kind == Kind::Object;
                match self.text.get(self.at) {
                    Some(b'}') if is_object => {}
                    Some(b']') if !is_object => {}
                    Some(b',') if parent + 1 < next => {
                        self.at += 1;
                        self.blanks();
                        (key, key_escapes) = if is_object { self.key()? } else { ((0, 0), false) };
                        continue 'value;
                    }
                    _ if is_object => return self.fault("`,` or `}`"),
                    _ => return self.fault("`,` or `]`"),
                }
                self.at += 1;
                (container.end, container.next) = (self.at as u32, next);
                open.pop();
            }
        }
    }

    fn fault<T>(&self, expected: &'static str) -> Result<T, JsonError> {
        Err(JsonError { expected, offset: self.at })
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
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
    fn key(&mut self) -> Result<((u32, u32), bool), JsonError> {
        if self.peek() != Some(b'"') {
            return self.fault("a key");
        }
        let (start, end, escapes) = self.string()?;
        self.blanks();
        if self.peek() != Some(b':') {
            return self.fault("`:`");
        }
        self.at += 1;
        Ok(((start, end), escapes))
    }

    /// A string: where its text begins and ends, and whether it has escapes.
    fn string(&mut self) -> Result<(u32, u32, bool), JsonError> {
        self.at += 1;
        let start = self.at as u32;
        let mut escapes = false;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let end = self.at as u32;
                    self.at += 1;
                    return Ok((start, end, escapes));
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

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source)
    }
}
