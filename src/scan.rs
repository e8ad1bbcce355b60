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
    /// The characters it stands for.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        // The scanner has seen that it is UTF-8 and that its escapes are whole.
        let raw = core::str::from_utf8(self.raw).unwrap_or_default();
        if self.escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }

    /// The same as bytes.
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
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Scanner<'a> {
        Scanner { bytes, at }
    }

    /// How many bytes have been read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// The bytes from there to where the scanner stands.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    pub(crate) fn bad<T>(&self, expected: &'static str) -> Scan<T> {
        Err(Halt::Bad(Fault { at: self.at, expected }))
    }

    /// The next byte that is no blank; it is not taken.
    pub(crate) fn peek(&mut self) -> Scan<u8> {
        loop {
            match self.bytes.get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Halt::Short),
            }
        }
    }

    /// Takes the byte that `peek` has shown.
    pub(crate) fn take(&mut self) {
        self.at += 1;
    }

    fn here(&self) -> Scan<u8> {
        self.bytes.get(self.at).copied().ok_or(Halt::Short)
    }

    /// Begins an object, whose `{` is next: whether a key follows.
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
    pub(crate) fn more_in_object(&mut self) -> Scan<bool> {
        self.more(b'}', "`,` or `}`")
    }

    /// Behind an entry of an array: whether another one follows.
    pub(crate) fn more_in_array(&mut self) -> Scan<bool> {
        self.more(b']', "`,` or `]`")
    }

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
    pub(crate) fn string(&mut self) -> Scan<Text<'a>> {
        let start = self.at + 1;
        let mut escaped = false;
        let mut ascii = true;
        self.at = start;
        loop {
            self.at = plain_run(self.bytes, self.at);
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
    pub(crate) fn number(&mut self) -> Scan<&'a str> {
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
        Ok(core::str::from_utf8(self.since(start)).unwrap_or_default())
    }

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
/// character or a byte beyond ASCII. Blocks of 16 are compared as a whole, which the compiler turns into vectors.
fn plain_run(bytes: &[u8], at: usize) -> usize {
    const BLOCK: usize = 16;
    let special = |byte: u8| byte == b'"' || byte == b'\\' || !(0x20..0x80).contains(&byte);
    let mut at = at;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        if block.iter().fold(false, |any, byte| any | special(*byte)) {
            break;
        }
        at += BLOCK;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| special(*byte)).unwrap_or(rest.len())
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
