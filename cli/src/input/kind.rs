//! What an input is if it is not JSON, or not orders, by its first bytes, and what to do about it.

use std::io::{self, Cursor, Read};

use super::Stream;
use super::csv::Csv;

/// The most bytes that are looked at.
const HEAD: usize = 16 * 1024;

/// What an input is instead of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// With an article: `an Excel workbook`.
    what: &'static str,
    /// What it should be: `JSON`, or `orders`.
    instead_of: &'static str,
    /// What the user can do.
    remedy: &'static str,
    /// Where the first byte that is not blank is.
    pub(super) at: u64,
}

impl Kind {
    /// Whether it is a file of this command.
    pub(super) fn is_own(self) -> bool {
        self.instead_of == "orders"
    }

    /// In words: `this is XML, not JSON: export the orders as JSON`.
    pub(super) fn in_words(self) -> String {
        format!("this is {}, not {}: {}", self.what, self.instead_of, self.remedy)
    }
}

/// What the first bytes of an input show.
#[derive(Debug)]
pub(super) enum Seen {
    /// JSON, or nothing that is known.
    Other,
    /// There is nothing to read.
    Empty,
    /// Text. JSON may follow, so it is read.
    Text(Kind),
    /// Rows that orders are made of.
    Csv(Csv),
    /// Bytes in which no order can be found.
    Binary(Kind),
}

/// A row of the table: what the first bytes are, what they show, and what to do.
type Row = (&'static [u8], &'static str, &'static str);

const EXPORT: &str = "export the orders as JSON";
const NO_ORDERS: &str = "name a file with orders";
const UNPACK: &str = "unpack it first (gzip and zstd are read as they are)";
const TABLE: &str = "write its orders as JSON or NDJSON";

/// Files whose first bytes show that they hold no JSON.
const BINARY: &[Row] = &[
    (b"%PDF-", "a PDF document", EXPORT),
    (b"PAR1\x15", "a Parquet file", TABLE),
    (b"ARROW1\0\0", "an Arrow file", TABLE),
    (b"Obj\x01", "an Avro file", TABLE),
    (b"SQLite format 3\0", "an SQLite database", TABLE),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an Excel or Word file", EXPORT),
    (b"\x89PNG\r\n\x1A\n", "a PNG image", EXPORT),
    (b"\xFF\xD8\xFF", "a JPEG image", EXPORT),
    (b"GIF87a", "a GIF image", EXPORT),
    (b"GIF89a", "a GIF image", EXPORT),
    (b"II*\0", "a TIFF image", EXPORT),
    (b"MM\0*", "a TIFF image", EXPORT),
    (b"\x7FELF", "a program", NO_ORDERS),
    (b"MZ\x90\0", "a program", NO_ORDERS),
    (b"\xCF\xFA\xED\xFE", "a program", NO_ORDERS),
    (b"\xCA\xFE\xBA\xBE", "a program", NO_ORDERS),
    (b"\0asm", "a program", NO_ORDERS),
    (b"PK\x03\x04", "a ZIP archive", UNPACK),
    (b"PK\x05\x06", "a ZIP archive", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"1AY&SY", "data packed by bzip2", UNPACK),
    (b"\xFD7zXZ\0", "data packed by xz", UNPACK),
    (b"\x04\x22\x4D\x18", "data packed by LZ4", UNPACK),
    (b"\xFF\x06\0\0sNaPpY", "data packed by Snappy", UNPACK),
];

const REPORT: &str = "`ordercharge report` makes reports from records";

/// Files of this command, which are often beside the orders.
const OWN: &[Row] = &[
    (br#"{"format":1,"type":"order","source":""#, "a file of records of ordercharge", REPORT),
    (br#"{"format":1,"type":"comparison","source":""#, "a file of records of ordercharge", REPORT),
    (br#"{"format":1,"type":"summary","complete":"#, "a file of records of ordercharge", REPORT),
    (b"[\n{\"format\":1,\"type\":\"order\",\"source\":\"", "a file of records of ordercharge", REPORT),
    (b"[\n{\"format\":1,\"type\":\"comparison\",\"source\":\"", "a file of records of ordercharge", REPORT),
    (b"[\n{\"format\":1,\"type\":\"summary\",\"complete\":", "a file of records of ordercharge", REPORT),
    (br#"{"format":1,"type":"repair","source":""#, "a file of edits of ordercharge", NO_ORDERS),
    (br#"{"format":1,"type":"patch","source":""#, "a file of edits of ordercharge", NO_ORDERS),
    (br#"{"format":1,"type":"baseline"}"#, "a baseline of ordercharge", "name it with --baseline"),
    (b"kind,severity,source,line,column,", "a report of ordercharge", NO_ORDERS),
];

/// The file of this command that begins with these bytes.
fn own(head: &[u8], at: u64) -> Option<Kind> {
    let (_, what, remedy) = OWN.iter().find(|(known, ..)| head.starts_with(known))?;
    Some(Kind { what, instead_of: "orders", remedy, at })
}

/// Whether a file of this command may begin with these bytes and go on.
fn begins_own(head: &[u8]) -> bool {
    !head.is_empty() && OWN.iter().any(|(known, ..)| known.len() > head.len() && known.starts_with(head))
}

const UTF_8: &str = "convert it to UTF-8, for example by `iconv -f UTF-16 -t UTF-8`";
const UTF_8_OF_32: &str = "convert it to UTF-8, for example by `iconv -f UTF-32 -t UTF-8`";

/// What bytes are that begin at the first one which is not blank. `at` is its place.
fn kind(head: &[u8], at: u64) -> Seen {
    let kind = |what, remedy| Kind { what, instead_of: "JSON", remedy, at };
    let (binary, text) =
        (|what, remedy| Seen::Binary(kind(what, remedy)), |what, remedy| Seen::Text(kind(what, remedy)));
    // The byte order marks, or a first character that has zeros around it.
    match head {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [1..=0x7F, 0, 0, 0, ..] | [0, 0, 0, 1..=0x7F, ..] => {
            return binary("text in UTF-32", UTF_8_OF_32);
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [1..=0x7F, 0, 1..=0x7F, 0, ..] | [0, 1..=0x7F, 0, 1..=0x7F, ..] => {
            return binary("text in UTF-16", UTF_8);
        }
        [] => return Seen::Empty,
        [b'{' | b'[', ..] => return Seen::Other,
        _ => {}
    }
    if head.starts_with(b"PK") && holds(head, b"[Content_Types].xml") {
        return binary("an Excel or Word file", EXPORT);
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return binary("a WebP image", EXPORT);
    }
    if head.get(257..262) == Some(b"ustar") {
        return binary("a tar archive", UNPACK);
    }
    // The magic number of bzip2 comes after its level.
    let magic = match head {
        [b'B', b'Z', b'h', b'1'..=b'9', magic @ ..] => magic,
        head => head,
    };
    if let Some((_, what, remedy)) = BINARY.iter().find(|(known, ..)| magic.starts_with(known)) {
        return binary(what, remedy);
    }
    let begins = |what: &[u8]| head.get(..what.len()).is_some_and(|start| start.eq_ignore_ascii_case(what));
    if begins(b"<!doctype html") || begins(b"<html") {
        return text("HTML", "it may be an error page: look at it, and fetch the orders as JSON");
    }
    if head.starts_with(b"<") && head.get(1).is_some_and(|byte| byte.is_ascii_alphabetic() || b"?!".contains(byte)) {
        return text("XML", EXPORT);
    }
    if head.starts_with(b"HTTP/") {
        return text("an HTTP reply with its headers", "save only its body (curl without -i)");
    }
    if head.starts_with(b"ISA*") || head.starts_with(b"UNB+") || head.starts_with(b"UNA:") {
        return text("EDI", EXPORT);
    }
    if is_yaml(head) {
        return text("YAML", "convert it to JSON, for example by `yq -o json`");
    }
    Seen::Other
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Whether the first line is that of a YAML document: `---`, `%YAML` or `name:`.
fn is_yaml(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii();
    let line = line.strip_prefix(b"- ").unwrap_or(line);
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let after = line.get(name.len() + 1..);
    line == b"---"
        || line.starts_with(b"%YAML")
        || (is_name && after.is_some_and(|rest| rest.first().is_none_or(|byte| *byte == b' ')))
}

/// Where the first byte is that is neither blank nor part of a byte order mark.
fn first(head: &[u8]) -> usize {
    let mark = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let blank = head.iter().skip(mark).take_while(|byte| byte.is_ascii_whitespace()).count();
    mark + blank
}

/// Text that seems to be CSV with unknown names of columns.
pub(super) fn csv(head: &[u8]) -> Seen {
    let remedy = "give its columns the names of CartRover's fields, or map them (`--csv`, docs/csv.md)";
    Seen::Text(Kind { what: "CSV", instead_of: "JSON", remedy, at: first(head) as u64 })
}

/// Names an input of no known kind: text or binary data. What may be JSON, even with its beginning cut off, is `Other`.
pub(super) fn unknown(head: &[u8]) -> Seen {
    let at = first(head);
    let rest = head.get(at..).unwrap_or_default();
    let mut lines = rest.split(|byte| *byte == b'\n');
    let line = lines.next().unwrap_or_default();
    let literal = |word: &&str| line.starts_with(word.as_bytes());
    // JSON has none of these, whatever was cut off.
    let is_text = !rest.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace());
    let may_be_json = matches!(line.first(), None | Some(b'"' | b'-' | b'0'..=b'9'))
        || ["true", "false", "null"].iter().any(literal)
        || line.iter().any(|byte| br#"{}[]""#.contains(byte))
        || lines.any(|line| matches!(line.trim_ascii_start(), [b'{' | b'[', ..]));
    if may_be_json && is_text {
        return Seen::Other;
    }
    let what = if is_text { "text" } else { "binary data" };
    Seen::Text(Kind { what, instead_of: "JSON", remedy: EXPORT, at: at as u64 })
}

/// Reads the first bytes of a stream. Returns the whole stream, what kind it is, and, if it is text, those bytes.
pub(super) fn look(mut stream: Stream) -> io::Result<(Stream, Seen, Vec<u8>)> {
    let mut head = Vec::new();
    let mut more = 2;
    loop {
        let before = head.len();
        if let Err(error) = stream.by_ref().take(more as u64).read_to_end(&mut head) {
            // What came before the failure is returned first.
            return Ok((Box::new(Cursor::new(head).chain(Failed(Some(error)))), Seen::Other, Vec::new()));
        }
        let ended = head.len() - before < more;
        let at = first(&head);
        let rest = head.get(at..).unwrap_or_default();
        let seen = match rest {
            // As soon as an order or a list seems to begin, nobody waits for more bytes.
            rest if own(rest, at as u64).is_some() => own(rest, at as u64).map(Seen::Binary),
            rest if begins_own(rest) && !ended => None,
            [b'{' | b'[', next, ..] if *next != 0 => Some(Seen::Other),
            [] if !ended && head.len() >= HEAD => Some(Seen::Other),
            rest if ended || head.len() >= HEAD => Some(kind(rest, at as u64)),
            _ => None,
        };
        more = match rest {
            [] | [_] => 2,
            // An order that begins like a file of this command is not kept waiting for bytes that do not come.
            rest if begins_own(rest) => 1,
            _ => HEAD.saturating_sub(head.len()),
        };
        if let Some(seen) = seen {
            let text = if matches!(rest, [b'{' | b'[', ..]) { Vec::new() } else { head.clone() };
            return Ok((Box::new(Cursor::new(head).chain(stream)), seen, text));
        }
    }
}

/// A stream that fails at its next byte.
struct Failed(Option<io::Error>);

impl Read for Failed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn seen(bytes: &[u8]) -> String {
        let (mut stream, seen, _) = look(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
        let mut read = Vec::new();
        stream.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes, "a stream is returned as it was");
        match seen {
            Seen::Other => "other".to_owned(),
            Seen::Empty => "empty".to_owned(),
            Seen::Csv(_) => "CSV".to_owned(),
            Seen::Text(kind) => format!("text: {}", kind.what),
            Seen::Binary(kind) => format!("binary: {}", kind.what),
        }
    }

    #[test]
    fn json_is_never_taken_for_something_else() {
        for json in ["{}", "[]", " \n\t[{}]", "\u{FEFF}\r\n{\"a\": 1}", "1", "\"text\"", "null", "-1", "{", "["] {
            assert_eq!(seen(json.as_bytes()), "other", "{json:?}");
        }
    }

    /// A pipe on which nothing follows for now.
    struct Pipe(Cursor<Vec<u8>>);

    impl Read for Pipe {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read(room)?;
            assert!(read > 0, "the reader would wait");
            Ok(read)
        }
    }

    #[test]
    fn nobody_waits_for_bytes_after_an_order() {
        for order in ["{}", "{\"f\":1}", "{\"format\":1}", "{\"format\":1,\"type\":\"x\"}", "[1]", "[\n{\"format\":2}]"]
        {
            let (_, seen, _) = look(Box::new(Pipe(Cursor::new(order.as_bytes().to_vec())))).unwrap();
            assert!(matches!(seen, Seen::Other), "{order}");
        }
    }

    #[test]
    fn what_is_not_json_is_named() {
        let utf_16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(seen(&utf_16("{\"a\": 1}", u16::to_le_bytes)), "binary: text in UTF-16");
        assert_eq!(seen(&utf_16("\u{FEFF}[1]", u16::to_be_bytes)), "binary: text in UTF-16");
        assert_eq!(seen(&utf_16("[]", u16::to_be_bytes)), "binary: text in UTF-16");
        assert_eq!(seen(b"{\0\0\0}\0\0\0"), "binary: text in UTF-32");
        for (bytes, expected) in [
            (&b""[..], "empty"),
            (b"\xEF\xBB\xBF \r\n", "empty"),
            (b"\n<?xml version=\"1.0\"?><orders/>", "text: XML"),
            (b"<!DOCTYPE HTML><title>502</title>", "text: HTML"),
            (b"HTTP/1.1 200 OK\r\n\r\n{}", "text: an HTTP reply with its headers"),
            (b"---\ncust_ref: A\n", "text: YAML"),
            (b"- cust_ref: A\n", "text: YAML"),
            (b"cust_ref:\n", "text: YAML"),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", "binary: a PNG image"),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", "binary: a JPEG image"),
            (b"GIF89a\x01\0", "binary: a GIF image"),
            (b"RIFF\x24\0\0\0WEBPVP8 ", "binary: a WebP image"),
            (b"\x7FELF\x02\x01\x01\0", "binary: a program"),
            (b"MZ\x90\0\x03\0\0\0", "binary: a program"),
            (b"{\"format\":1,\"type\":\"order\",\"source\":\"a\"}", "binary: a file of records of ordercharge"),
            (b"[\n{\"format\":1,\"type\":\"summary\",\"complete\":true}", "binary: a file of records of ordercharge"),
            (b"{\"format\":1,\"type\":\"baseline\"}\n", "binary: a baseline of ordercharge"),
            (b"{\"format\":1,\"type\":\"order\",\"items\":[]}", "other"),
            (b"kind,severity,source,line,column,index\n", "binary: a report of ordercharge"),
            (b"12:30 started\n{}", "other"),
            (b"https://example.com", "other"),
            (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", "binary: an Excel or Word file"),
            (b"PK\x03\x04\x14\0orders.json", "binary: a ZIP archive"),
            (b"BZh91AY&SY", "binary: data packed by bzip2"),
            (b"BZh is not a name", "other"),
        ] {
            assert_eq!(seen(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
