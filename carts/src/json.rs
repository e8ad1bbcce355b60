//! A JSON document as a flat list of nodes that keep the text of every number: no value passes through a binary float.

mod parser;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use parser::{Depth, Parser, unescaped};

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
    /// For each node its place in the array that it is in. Only a place in words needs them.
    positions: OnceLock<Vec<u32>>,
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
    /// The tag of the key without its escapes.
    key_tag: Tag,
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

/// A few bits of a key. Keys with different tags differ, so that nearly all keys of an object are passed over by comparing two
/// numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tag(u32);

impl Tag {
    /// One of its bytes.
    pub(crate) fn byte(self) -> usize {
        (self.0 & 0xFF) as usize
    }

    pub(crate) fn of(key: &[u8]) -> Tag {
        let four = |bytes: Option<&[u8; 4]>| u64::from(u32::from_le_bytes(bytes.copied().unwrap_or_default()));
        // The first and the last bytes, which overlap in a short key.
        let (first, last) = match (key.first_chunk::<8>(), key.last_chunk::<8>()) {
            (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
            _ if key.len() >= 4 => (four(key.first_chunk()), four(key.last_chunk())),
            _ => (key.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), 0),
        };
        let mixed = (first ^ last.rotate_left(29) ^ (key.len() as u64) << 57).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Tag((mixed >> 32) as u32)
    }
}

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
        Parser { text, at: 0, nodes: &mut nodes }.document(Depth::All)?;
        Ok(Json { source, nodes, positions: OnceLock::new() })
    }

    /// Reads one JSON document that was checked before, without what is in the values of its top: their objects and arrays seem
    /// empty.
    pub(crate) fn parse_top(text: &'a [u8]) -> Option<Json<'a>> {
        let source = std::str::from_utf8(text).ok().filter(|text| u32::try_from(text.len()).is_ok())?;
        let mut nodes = Vec::with_capacity(64);
        Parser { text, at: 0, nodes: &mut nodes }.document(Depth::Top).ok()?;
        Some(Json { source, nodes, positions: OnceLock::new() })
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

    /// The bytes of a value in the document; those of a string are with its quotes.
    pub fn span(&self, node: Node) -> Range<usize> {
        let Some(entry) = self.entry(node) else { return 0..0 };
        let quote = usize::from(entry.kind == Kind::String);
        (entry.start as usize).saturating_sub(quote)..entry.end as usize + quote
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

    /// The values directly in an object, with the tags of their keys.
    pub(crate) fn tagged_children(&self, node: Node) -> impl Iterator<Item = (Node, Tag)> {
        self.children(node).filter_map(|child| Some((child, self.entry(child)?.key_tag)))
    }

    /// Numbers of the patterns of values.
    pub(crate) fn pattern_numbers<'j>(&'j self) -> PatternNumbers<'j, 'a> {
        PatternNumbers { json: self, numbers: HashMap::new(), last: None }
    }

    /// The place of a value in the array that it is in, from 0.
    fn position(&self, node: Node) -> u32 {
        let positions = self.positions.get_or_init(|| {
            let mut positions = vec![0; self.nodes.len()];
            let arrays = self.within(Node::ROOT).filter(|node| self.kind(*node) == Kind::Array);
            for (at, child) in arrays.flat_map(|array| (0..).zip(self.children(array))) {
                if let Some(position) = positions.get_mut(child.0 as usize) {
                    *position = at;
                }
            }
            positions
        });
        positions.get(node.0 as usize).copied().unwrap_or_default()
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
        self.tagged(node, key, Tag::of(key.as_bytes()))
    }

    /// Like [`Json::get`], for a key whose tag is known.
    pub(crate) fn tagged(&self, node: Node, key: &str, tag: Tag) -> Option<Node> {
        let object = self.entry(node).filter(|object| object.kind == Kind::Object)?;
        let first = node.0 as usize + 1;
        let members = self.nodes.get(first..object.next as usize)?;
        let (mut found, mut at) = (None, 0);
        while let Some(entry) = members.get(at) {
            if entry.key_tag == tag && self.key(Node((first + at) as u32)) == key {
                found = Some(Node((first + at) as u32));
            }
            // A node is never its own successor.
            at = (entry.next as usize).wrapping_sub(first).max(at + 1);
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
                Kind::Array => self.position(at).to_string(),
                _ => self.key(at).replace('~', "~0").replace('/', "~1"),
            });
            at = parent;
        }
        steps.iter().rev().fold(String::new(), |all, step| all + "/" + step)
    }
}

/// Numbers of the patterns of values: equal for values with the same pattern, and for no others.
pub(crate) struct PatternNumbers<'j, 'a> {
    json: &'j Json<'a>,
    /// By the number of the parent's pattern and the key, which is none in an array.
    numbers: HashMap<(u32, Option<Cow<'a, str>>), u32>,
    /// The last parent with its pattern: the next value often has the same one.
    last: Option<(Node, (u32, bool))>,
}

impl PatternNumbers<'_, '_> {
    /// The number of the pattern of a value, and whether an array is in it.
    pub(crate) fn of(&mut self, node: Node) -> (u32, bool) {
        let Some(parent) = self.json.parent(node) else { return (0, false) };
        let (before, in_list) = match self.last {
            Some((last, known)) if last == parent => known,
            _ => {
                let known = self.of(parent);
                self.last = Some((parent, known));
                known
            }
        };
        let is_entry = self.json.kind(parent) == Kind::Array;
        let key = (!is_entry).then(|| self.json.key(node));
        // There are fewer patterns than nodes, whose numbers have 32 bits.
        let next = self.numbers.len() as u32 + 1;
        (*self.numbers.entry((before, key)).or_insert(next), in_list || is_entry)
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

impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source)
    }
}
