//! JSON text as the scanner sees it: tokens with their bytes, validated strictly, never copied unless escaped.

use std::borrow::Cow;

/// How deep objects and arrays may stand within each other.
pub(crate) const MAX_DEPTH: u32 = 128;

/// Why scanning stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The bytes end before the value does: with more of them it may go on.
    Short,
    /// They are no JSON, whatever follows.
    Bad(Fault),
}

/// A place where the text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

pub(crate) type Scan<T> = Result<T, Halt>;

/// A string as it stands in the text, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    escaped: bool,
}

impl<'a> Text<'a> {
    /// The text of a number.
    pub(crate) fn plain(raw: &'a [u8]) -> Text<'a> {
        Text { raw, escaped: false }
    }

    /// Whether its first character leaves it possible that it is a number.
    pub(crate) fn may_be_number(self) -> bool {
        let first = self.raw.iter().find(|byte| **byte != b' ');
        matches!(first, Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'\\'))
    }

    /// The characters it stands for.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        // The scanner has seen that it is UTF-8 and that its escapes are whole.
        let raw = core::str::from_utf8(self.raw).unwrap_or_default();
        if self.escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }

    /// The same as bytes.
    #[inline]
    pub(crate) fn bytes(self) -> Cow<'a, [u8]> {
        match self.escaped {
            false => Cow::Borrowed(self.raw),
            true => Cow::Owned(self.decode().into_owned().into_bytes()),
        }
    }
}

/// Reads tokens off the front of a text.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The line ends that were read over: within JSON they are blanks, so each of them is seen.
    lines: u64,
    /// Behind the last of them.
    line_start: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Scanner<'a> {
        Scanner { bytes, at, lines: 0, line_start: 0 }
    }

    /// How many bytes have been read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// How many line ends have been read over since this was asked last, and where the last line begins.
    pub(crate) fn take_lines(&mut self) -> (u64, usize) {
        (core::mem::take(&mut self.lines), self.line_start)
    }

    /// The bytes from there to where the scanner stands.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn bad<T>(&self, expected: &'static str) -> Scan<T> {
        Err(Halt::Bad(Fault { at: self.at, expected }))
    }

    /// The next byte that is no blank; it is not taken.
    #[inline]
    pub(crate) fn peek(&mut self) -> Scan<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b'\n') => {
                    self.at += 1;
                    self.lines += 1;
                    self.line_start = self.at;
                }
                Some(b' ' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Halt::Short),
            }
        }
    }

    /// Takes the byte that `peek` has shown.
    #[inline]
    pub(crate) fn take(&mut self) {
        self.at += 1;
    }

    #[inline]
    fn here(&self) -> Scan<u8> {
        self.bytes.get(self.at).copied().ok_or(Halt::Short)
    }

    /// Begins an object, whose `{` is next: whether a key follows.
    #[inline]
    pub(crate) fn open_object(&mut self) -> Scan<bool> {
        self.take();
        self.more_after_open(b'}')
    }

    /// Begins an array, whose `[` is next: whether an entry follows.
    pub(crate) fn open_array(&mut self) -> Scan<bool> {
        self.take();
        self.more_after_open(b']')
    }

    fn more_after_open(&mut self, close: u8) -> Scan<bool> {
        let empty = self.peek()? == close;
        if empty {
            self.take();
        }
        Ok(!empty)
    }

    /// Behind a value of an object: whether another key follows.
    #[inline]
    pub(crate) fn more_in_object(&mut self) -> Scan<bool> {
        self.more(b'}', "`,` or `}`")
    }

    /// Behind an entry of an array: whether another one follows.
    #[inline]
    pub(crate) fn more_in_array(&mut self) -> Scan<bool> {
        self.more(b']', "`,` or `]`")
    }

    #[inline]
    fn more(&mut self, close: u8, expected: &'static str) -> Scan<bool> {
        match self.peek()? {
            b',' => {
                self.take();
                Ok(true)
            }
            byte if byte == close => {
                self.take();
                Ok(false)
            }
            _ => self.bad(expected),
        }
    }

    /// A key of an object and the colon behind it.
    #[inline]
    pub(crate) fn key(&mut self) -> Scan<Text<'a>> {
        if self.peek()? != b'"' {
            return self.bad("a field name in quotes");
        }
        let key = self.string()?;
        if self.peek()? != b':' {
            return self.bad("`:`");
        }
        self.take();
        Ok(key)
    }

    /// A string, whose opening quote is next.
    #[inline]
    pub(crate) fn string(&mut self) -> Scan<Text<'a>> {
        let start = self.at + 1;
        let end = plain_run(self.bytes, start);
        if self.bytes.get(end) != Some(&b'"') {
            return self.string_beyond(start, end);
        }
        self.at = end + 1;
        Ok(Text { raw: self.bytes.get(start..end).unwrap_or_default(), escaped: false })
    }

    /// A string that is more than plain characters; `at` is the first that is not.
    fn string_beyond(&mut self, start: usize, at: usize) -> Scan<Text<'a>> {
        let mut escaped = false;
        let mut ascii = true;
        self.at = at;
        loop {
            match self.here()? {
                b'"' => break,
                b'\\' => {
                    escaped = true;
                    self.escape()?;
                }
                0x80.. => {
                    ascii = false;
                    self.at += 1;
                }
                _ => return self.bad("no control character within a string"),
            }
            self.at = if ascii { plain_run(self.bytes, self.at) } else { wide_run(self.bytes, self.at) };
        }
        let raw = self.since(start);
        if !ascii && let Err(error) = core::str::from_utf8(raw) {
            self.at = start + error.valid_up_to();
            return self.bad("UTF-8");
        }
        self.at += 1;
        Ok(Text { raw, escaped })
    }

    /// An escape, whose backslash is next.
    fn escape(&mut self) -> Scan<()> {
        self.at += 1;
        match self.here()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.at += 1;
                Ok(())
            }
            b'u' => {
                let unit = self.unicode_unit()?;
                match unit {
                    0xD800..=0xDBFF => {
                        for byte in *b"\\u" {
                            if self.here()? != byte {
                                return self.bad("the second half of a surrogate pair");
                            }
                            self.at += 1;
                        }
                        self.at -= 1;
                        let second = self.at;
                        if !matches!(self.unicode_unit()?, 0xDC00..=0xDFFF) {
                            self.at = second;
                            return self.bad("the second half of a surrogate pair");
                        }
                        Ok(())
                    }
                    0xDC00..=0xDFFF => {
                        self.at -= 4;
                        self.bad("no second half of a surrogate pair without a first")
                    }
                    _ => Ok(()),
                }
            }
            _ => self.bad("an escape JSON knows"),
        }
    }

    /// The four digits of a `\u`, whose `u` is next.
    fn unicode_unit(&mut self) -> Scan<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            self.at += 1;
            match char::from(self.here()?).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => return self.bad("four hexadecimal digits"),
            }
        }
        self.at += 1;
        Ok(unit)
    }

    /// A number, whose sign or first digit is next: its text.
    #[inline]
    pub(crate) fn number(&mut self) -> Scan<&'a [u8]> {
        let start = self.at;
        if self.here()? == b'-' {
            self.at += 1;
        }
        if self.here()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.here()? == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.here()?, b'e' | b'E') {
            self.at += 1;
            if matches!(self.here()?, b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(self.since(start))
    }

    #[inline]
    fn digits(&mut self) -> Scan<()> {
        if !self.here()?.is_ascii_digit() {
            return self.bad("a digit");
        }
        while self.here()?.is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    /// `true`, `false` or `null`.
    pub(crate) fn word(&mut self, word: &'static str) -> Scan<()> {
        for byte in word.bytes() {
            if self.here()? != byte {
                return self.bad("a value");
            }
            self.at += 1;
        }
        Ok(())
    }

    /// Any value, not looked at but checked to be JSON: its bytes. `depth` is how many objects and arrays are open.
    pub(crate) fn skip(&mut self, depth: u32) -> Scan<&'a [u8]> {
        self.peek()?;
        let start = self.at;
        // One bit for each open object (1) or array (0), the innermost lowest.
        let (mut kinds, mut open) = (0_u128, 0_u32);
        loop {
            let opened = match self.peek()? {
                b'"' => {
                    self.string()?;
                    false
                }
                b'-' | b'0'..=b'9' => {
                    self.number()?;
                    false
                }
                byte @ (b'{' | b'[') => {
                    if depth + open >= MAX_DEPTH {
                        return self.bad("at most 128 levels of objects and arrays");
                    }
                    let object = byte == b'{';
                    self.take();
                    let more = self.more_after_open(if object { b'}' } else { b']' })?;
                    if more {
                        kinds = kinds << 1 | u128::from(object);
                        open += 1;
                    }
                    more
                }
                b't' => self.word("true").map(|()| false)?,
                b'f' => self.word("false").map(|()| false)?,
                b'n' => self.word("null").map(|()| false)?,
                _ => return self.bad("a value"),
            };
            if !opened {
                loop {
                    if open == 0 {
                        return Ok(self.since(start));
                    }
                    let more = if kinds & 1 == 1 { self.more_in_object()? } else { self.more_in_array()? };
                    if more {
                        break;
                    }
                    kinds >>= 1;
                    open -= 1;
                }
            }
            if kinds & 1 == 1 {
                self.key()?;
            }
        }
    }
}

/// Where the first byte from `at` stands that is not plain within a string: a quote, a backslash, a control
/// character or a byte beyond ASCII.
#[inline]
fn plain_run(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |block| specials(block) | block)
}

/// The same, bytes beyond ASCII being plain too.
fn wide_run(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |block| specials(block) & !block)
}

/// Where the first byte from `at` stands that is marked, eight at a time. A mark is the highest bit of a byte; those
/// behind the first one may be wrong.
#[inline(always)]
fn run(bytes: &[u8], at: usize, marks: impl Fn(u64) -> u64) -> usize {
    let mut at = at;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let marked = marks(u64::from_le_bytes(*block)) & HIGH;
        if marked != 0 {
            return at + (marked.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    // What is left is read as if blanks stood behind it, which are plain.
    let rest = bytes.get(at..).unwrap_or_default();
    let last = rest.iter().rev().fold(ONES * u64::from(b' '), |block, byte| block << 8 | u64::from(*byte));
    let marked = marks(last) & HIGH;
    at + rest.len().min((marked.trailing_zeros() / 8) as usize)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Marks the quotes, backslashes and control characters among eight bytes: subtracting borrows into the highest bit of
/// a byte that is too small.
#[inline(always)]
fn specials(block: u64) -> u64 {
    let quote = block ^ (ONES * b'"' as u64);
    let backslash = block ^ (ONES * b'\\' as u64);
    quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES) | block.wrapping_sub(ONES * 0x20)
}

/// Replaces the escapes of a string the scanner has validated.
fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            text.push(char);
            continue;
        }
        match chars.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let first = hex(&mut chars);
                let code = if (0xD800..0xDC00).contains(&first) {
                    chars.next();
                    chars.next();
                    let second = hex(&mut chars);
                    0x10000 + ((first & 0x3FF) << 10 | second & 0x3FF)
                } else {
                    first
                };
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(same) => text.push(same),
            None => {}
        }
    }
    text
}

fn hex(chars: &mut core::str::Chars<'_>) -> u32 {
    chars.by_ref().take(4).filter_map(|char| char.to_digit(16)).fold(0, |code, digit| code << 4 | digit)
}
