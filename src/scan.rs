//! The JSON scanner: tokens with their bytes, validated strictly, and copied only if they have escapes.

mod message;

use std::borrow::Cow;

use wide::u8x16;

use crate::amount::{Amount, Digits};
use crate::error::{Error, Position};
pub(crate) use message::syntax_error;

/// How deep objects and arrays may stand within each other.
pub(crate) const MAX_DEPTH: u32 = 128;

/// What is expected where there are more.
pub(crate) const TOO_DEEP: Expected = &"at most 128 levels of objects and arrays";

/// Why scanning stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The bytes end before the value does. With more bytes it may continue.
    Short,
    /// The bytes are not JSON, whatever follows. It says what was expected at the position of the scanner.
    Bad(Expected),
}

/// A place where the text is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) expected: &'static str,
}

/// What was expected, in words. It is a thin pointer, so that a result with it fits two registers.
pub(crate) type Expected = &'static &'static str;

pub(crate) type Scan<T> = Result<T, Halt>;

/// A string as it is in the text, without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    raw: &'a [u8],
    /// The number of its escapes.
    escapes: usize,
}

impl<'a> Text<'a> {
    /// The text of a number.
    pub(crate) fn plain(raw: &'a [u8]) -> Text<'a> {
        Text { raw, escapes: 0 }
    }

    /// Its bytes in the text, if nothing is escaped.
    #[inline]
    pub(crate) fn unescaped(self) -> Option<&'a [u8]> {
        if self.escapes > 0 { None } else { Some(self.raw) }
    }

    /// Its characters, with escapes replaced.
    pub(crate) fn decode(self) -> Cow<'a, str> {
        // The scanner has checked that it is UTF-8 and that its escapes are complete.
        let raw = core::str::from_utf8(self.raw).unwrap_or_default();
        if self.escapes > 0 { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }
    }

    /// The same as bytes.
    #[inline]
    pub(crate) fn bytes(self) -> Cow<'a, [u8]> {
        match self.escapes {
            0 => Cow::Borrowed(self.raw),
            _ => Cow::Owned(self.decode().into_owned().into_bytes()),
        }
    }
}

/// Reads tokens from the front of the input.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    /// The bytes that have not been read.
    rest: &'a [u8],
    /// The number of line ends that were read. In JSON they are blanks, so the scanner sees each of them.
    lines: u64,
    /// The offset after the last line end.
    line_start: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Scanner<'a> {
        Scanner { bytes, rest: bytes.get(at..).unwrap_or_default(), lines: 0, line_start: 0 }
    }

    /// The number of bytes that have been read.
    #[inline]
    pub(crate) fn at(&self) -> usize {
        self.bytes.len() - self.rest.len()
    }

    /// The number of line ends read since the last call, and where the last line begins.
    pub(crate) fn take_lines(&mut self) -> (u64, usize) {
        (core::mem::take(&mut self.lines), self.line_start)
    }

    /// Reads the end of an object, if its `}` is next.
    #[inline(always)]
    pub(crate) fn ends_object(&mut self) -> bool {
        let ends = self.rest.first() == Some(&b'}');
        if ends {
            self.take();
        }
        ends
    }

    /// The number of line ends read since they were last taken.
    #[inline]
    pub(crate) fn lines(&self) -> u64 {
        self.lines
    }

    /// The bytes from `start` to the position of the scanner.
    pub(crate) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at()).unwrap_or_default()
    }

    /// Goes to a place in the text.
    fn go_to(&mut self, at: usize) {
        self.rest = self.bytes.get(at..).unwrap_or_default();
    }

    #[cold]
    pub(crate) fn bad<T>(&self, expected: Expected) -> Scan<T> {
        Err(Halt::Bad(expected))
    }

    /// Where reading stopped. A text that is too short ends where more was expected.
    pub(crate) fn fault(&self, halt: Halt) -> Fault {
        match halt {
            Halt::Bad(expected) => Fault { at: self.at(), expected },
            Halt::Short => Fault { at: self.bytes.len(), expected: "more of the order" },
        }
    }

    /// The next byte that is not a blank. It is not consumed.
    #[inline(always)]
    pub(crate) fn peek(&mut self) -> Scan<u8> {
        match self.rest {
            [byte, ..] if *byte > b' ' => Ok(*byte),
            // A single blank is as common as none.
            [b' ', byte, ..] if *byte > b' ' => {
                self.take();
                Ok(*byte)
            }
            _ => self.peek_over_blanks(),
        }
    }

    fn peek_over_blanks(&mut self) -> Scan<u8> {
        loop {
            match self.rest {
                [b'\n', rest @ ..] => {
                    self.rest = rest;
                    self.lines += 1;
                    self.line_start = self.at();
                }
                [b' ' | b'\r' | b'\t', rest @ ..] => self.rest = rest,
                [byte, ..] => return Ok(*byte),
                [] => return Err(Halt::Short),
            }
        }
    }

    /// Consumes the byte that `peek` has returned.
    #[inline(always)]
    pub(crate) fn take(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    #[inline(always)]
    fn here(&self) -> Scan<u8> {
        self.rest.first().copied().ok_or(Halt::Short)
    }

    /// Begins an object, whose `{` is next. Returns whether a key follows.
    #[inline]
    pub(crate) fn open_object(&mut self) -> Scan<bool> {
        self.take();
        self.more_after_open(b'}')
    }

    /// Begins an array, whose `[` is next. Returns whether an entry follows.
    #[inline]
    pub(crate) fn open_array(&mut self) -> Scan<bool> {
        self.take();
        self.more_after_open(b']')
    }

    #[inline]
    fn more_after_open(&mut self, close: u8) -> Scan<bool> {
        let empty = self.peek()? == close;
        if empty {
            self.take();
        }
        Ok(!empty)
    }

    /// Continues after a value of an object. Returns whether another key follows.
    #[inline(always)]
    pub(crate) fn more_in_object(&mut self) -> Scan<bool> {
        self.more(b'}', &"`,` or `}`")
    }

    /// Continues after an entry of an array. Returns whether another one follows.
    #[inline(always)]
    pub(crate) fn more_in_array(&mut self) -> Scan<bool> {
        self.more(b']', &"`,` or `]`")
    }

    #[inline(always)]
    fn more(&mut self, close: u8, expected: Expected) -> Scan<bool> {
        let next = self.peek()?;
        if next != b',' && next != close {
            return self.bad(expected);
        }
        self.take();
        Ok(next == b',')
    }

    /// Reads a key of an object and the colon after it.
    #[inline]
    pub(crate) fn key(&mut self) -> Scan<Text<'a>> {
        self.peek()?;
        if let [b'"', rest @ ..] = self.rest
            && let Some((raw, [b'"', b':', rest @ ..])) = rest.split_at_checked(plain_run(rest))
        {
            self.rest = rest;
            return Ok(Text { raw, escapes: 0 });
        }
        self.key_anyhow()
    }

    /// Consumes predicted bytes, if exactly those come next. The mask has one bit for each of them.
    #[inline(always)]
    pub(crate) fn predicted(&mut self, text: &[u8; KEY_BLOCK], mask: u32, len: u8) -> bool {
        if let Some(next) = self.rest.first_chunk::<KEY_BLOCK>()
            && same(next, text) & mask == mask
            && let Some(rest) = self.rest.get(usize::from(len)..)
        {
            self.rest = rest;
            return true;
        }
        false
    }

    /// The same, however it is written.
    #[cold]
    fn key_anyhow(&mut self) -> Scan<Text<'a>> {
        if self.peek()? != b'"' {
            return self.bad(&"a field name in quotes");
        }
        let key = self.string()?;
        if self.peek()? != b':' {
            return self.bad(&"`:`");
        }
        self.take();
        Ok(key)
    }

    /// Reads a string, whose opening quote is next.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Scan<Text<'a>> {
        let text = self.rest.get(1..).unwrap_or_default();
        let end = plain_run(text);
        match text.split_at_checked(end) {
            Some((raw, [b'"', rest @ ..])) => {
                self.rest = rest;
                Ok(Text { raw, escapes: 0 })
            }
            _ => self.string_beyond(end),
        }
    }

    /// Reads a string with other than plain characters, after the given number of plain ones.
    #[cold]
    fn string_beyond(&mut self, plain: usize) -> Scan<Text<'a>> {
        let start = self.at() + 1;
        let mut escapes = 0;
        let mut ascii = true;
        self.go_to(start + plain);
        loop {
            match self.here()? {
                b'"' => break,
                b'\\' => {
                    escapes += 1;
                    self.escape()?;
                }
                0x80.. => {
                    ascii = false;
                    self.take();
                }
                _ => return self.bad(&"no control character within a string"),
            }
            let plain = if ascii { plain_run(self.rest) } else { wide_run(self.rest) };
            self.rest = self.rest.get(plain..).unwrap_or_default();
        }
        let raw = self.since(start);
        if !ascii && let Err(error) = core::str::from_utf8(raw) {
            self.go_to(start + error.valid_up_to());
            return self.bad(&"UTF-8");
        }
        self.take();
        Ok(Text { raw, escapes })
    }

    /// Reads an escape, whose backslash is next.
    fn escape(&mut self) -> Scan<()> {
        self.take();
        match self.here()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                self.take();
                Ok(())
            }
            b'u' => match self.unicode_unit()? {
                0xD800..=0xDBFF => {
                    for byte in *b"\\u" {
                        if self.here()? != byte {
                            return self.bad(&"the second half of a surrogate pair");
                        }
                        if byte == b'\\' {
                            self.take();
                        }
                    }
                    let second = self.at();
                    if !matches!(self.unicode_unit()?, 0xDC00..=0xDFFF) {
                        self.go_to(second);
                        return self.bad(&"the second half of a surrogate pair");
                    }
                    Ok(())
                }
                0xDC00..=0xDFFF => {
                    self.go_to(self.at() - 4);
                    self.bad(&"no second half of a surrogate pair without a first")
                }
                _ => Ok(()),
            },
            _ => self.bad(&"an escape JSON knows"),
        }
    }

    /// Reads the four digits of a `\u`, whose `u` is next.
    fn unicode_unit(&mut self) -> Scan<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            self.take();
            match char::from(self.here()?).to_digit(16) {
                Some(digit) => unit = unit * 16 + digit,
                None => return self.bad(&"four hexadecimal digits"),
            }
        }
        self.take();
        Ok(unit)
    }

    /// Reads a number, or a string that is one, as nearly all amounts are written: at most 18 digits, with an optional minus
    /// sign and point. Consumes nothing of any other value.
    #[inline(always)]
    pub(crate) fn plain_amount(&mut self) -> Option<Amount> {
        let (quoted, text) = self.unquoted()?;
        let (amount, rest) = Amount::read_front(text)?;
        self.rest = match rest {
            [b'"', rest @ ..] if quoted => rest,
            [b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t', ..] if !quoted => rest,
            _ => return None,
        };
        Some(amount)
    }

    /// Like [`Self::plain_amount`], without a sign. It does not check what follows: the caller's check for a separator rejects
    /// `1e5`.
    #[inline(always)]
    pub(crate) fn plain_digits(&mut self) -> Option<Digits> {
        let (quoted, text) = self.unquoted()?;
        let (digits, rest) = Digits::read_front(text)?;
        self.rest = if quoted { rest.strip_prefix(b"\"")? } else { rest };
        Some(digits)
    }

    /// Whether a quote is next, and the bytes after it.
    #[inline(always)]
    fn unquoted(&mut self) -> Option<(bool, &'a [u8])> {
        self.peek().ok()?;
        Some(match self.rest {
            [b'"', rest @ ..] => (true, rest),
            rest => (false, rest),
        })
    }

    /// Reads `null`. Consumes nothing of any other value.
    #[inline(always)]
    pub(crate) fn null(&mut self) -> Option<()> {
        self.peek().ok()?;
        self.rest = self.rest.strip_prefix(b"null")?;
        Some(())
    }

    /// Reads a number, whose sign or first digit is next, and returns its text.
    #[inline(always)]
    pub(crate) fn number(&mut self) -> Scan<&'a [u8]> {
        // Nearly all numbers are digits without a leading zero, or a single zero.
        let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if let Some((text, rest @ [b',' | b'}' | b']', ..])) = self.rest.split_at_checked(digits)
            && (digits == 1 || !text.starts_with(b"0"))
        {
            self.rest = rest;
            return Ok(text);
        }
        self.number_anyhow()
    }

    fn number_anyhow(&mut self) -> Scan<&'a [u8]> {
        let start = self.rest;
        if self.here()? == b'-' {
            self.take();
        }
        if self.here()? == b'0' {
            self.take();
        } else {
            self.digits()?;
        }
        if self.here()? == b'.' {
            self.take();
            self.digits()?;
        }
        if matches!(self.here()?, b'e' | b'E') {
            self.take();
            if matches!(self.here()?, b'+' | b'-') {
                self.take();
            }
            self.digits()?;
        }
        Ok(start.get(..start.len() - self.rest.len()).unwrap_or_default())
    }

    #[inline(always)]
    fn digits(&mut self) -> Scan<()> {
        if !self.here()?.is_ascii_digit() {
            return self.bad(&"a digit");
        }
        while self.here()?.is_ascii_digit() {
            self.take();
        }
        Ok(())
    }

    /// Any value, as `skip` has it; those with nothing within at once.
    #[inline(always)]
    pub(crate) fn skip_value(&mut self, depth: u32) -> Scan<()> {
        match self.peek()? {
            b'"' => self.string().map(drop),
            b'0'..=b'9' => self.number().map(drop),
            _ => match self.rest {
                [b'n', b'u', b'l', b'l', rest @ ..] | [b't', b'r', b'u', b'e', rest @ ..] => {
                    self.rest = rest;
                    Ok(())
                }
                _ => self.skip(depth).map(drop),
            },
        }
    }

    /// Any value of a text that is known to be JSON: its bytes. Within objects and arrays, only strings and brackets are
    /// looked at.
    pub(crate) fn pass(&mut self) -> Scan<&'a [u8]> {
        let first = self.peek()?;
        let start = self.at();
        if !matches!(first, b'{' | b'[') {
            self.skip_value(0)?;
            return Ok(self.since(start));
        }
        let mut open = 0_usize;
        loop {
            let plain = run(self.rest, brackets);
            self.rest = self.rest.get(plain..).unwrap_or_default();
            match self.here()? {
                b'"' => drop(self.string()?),
                byte => {
                    self.take();
                    open = if matches!(byte, b'{' | b'[') { open + 1 } else { open.saturating_sub(1) };
                    if open == 0 {
                        return Ok(self.since(start));
                    }
                }
            }
        }
    }

    /// Walks over the object or the array that is next: each key, which is empty in an array, with the bytes of its value.
    pub(crate) fn parts(&mut self, mut each: impl FnMut(Text<'a>, &'a [u8])) -> Scan<()> {
        let is_object = self.peek()? == b'{';
        let mut more = if is_object { self.open_object()? } else { self.open_array()? };
        while more {
            let key = if is_object { self.key()? } else { Text::plain(b"") };
            each(key, self.skip(1)?);
            more = if is_object { self.more_in_object()? } else { self.more_in_array()? };
        }
        Ok(())
    }

    /// Reads `true`, `false` or `null`.
    pub(crate) fn word(&mut self, word: &'static str) -> Scan<()> {
        for byte in word.bytes() {
            if self.here()? != byte {
                return self.bad(&"a value");
            }
            self.take();
        }
        Ok(())
    }

    /// Like [`Scanner::skip`], but gives up at `end`, a place in the text: `None` where the value goes on to there.
    pub(crate) fn skip_within(&mut self, depth: u32, end: usize) -> Scan<Option<()>> {
        let Some(bytes) = self.bytes.get(..end) else { return self.skip(depth).map(|_| Some(())) };
        let mut part = Scanner { bytes, rest: bytes.get(self.at()..).unwrap_or_default(), ..*self };
        let skipped = part.skip(depth);
        let at = part.at();
        self.go_to(at);
        (self.lines, self.line_start) = (part.lines, part.line_start);
        match skipped {
            Ok(_) => Ok(Some(())),
            Err(Halt::Short) => Ok(None),
            Err(halt) => Err(halt),
        }
    }

    /// Any value, not looked at but checked to be JSON: its bytes. `depth` is how many objects and arrays are open.
    pub(crate) fn skip(&mut self, depth: u32) -> Scan<&'a [u8]> {
        self.peek()?;
        let start = self.at();
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
                        return self.bad(TOO_DEEP);
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
                _ => return self.bad(&"a value"),
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

/// The number of bytes before the first one that is not plain in a string: a quote, a backslash, a control character or a
/// byte beyond ASCII.
#[inline(always)]
fn plain_run(bytes: &[u8]) -> usize {
    // The highest bit of a byte beyond ASCII already marks it.
    run(bytes, |block| specials(block) | block)
}

/// Like the function above, but bytes beyond ASCII are plain too.
fn wide_run(bytes: &[u8]) -> usize {
    run(bytes, specials)
}

/// The number of bytes before the first one that is marked by its highest bit, in blocks.
#[inline(always)]
fn run(bytes: &[u8], mark: impl Fn(u8x16) -> u8x16) -> usize {
    let mut rest = bytes;
    while let Some((block, more)) = rest.split_first_chunk::<16>() {
        let marks = mark(u8x16::new(*block)).to_bitmask();
        if marks != 0 {
            return bytes.len() - rest.len() + marks.trailing_zeros() as usize;
        }
        rest = more;
    }
    let marks = mark(u8x16::new(last_block(rest))).to_bitmask();
    bytes.len() - rest.len() + marks.trailing_zeros() as usize
}

/// The quotes and brackets of a block.
#[inline(always)]
fn brackets(block: u8x16) -> u8x16 {
    // Square brackets differ from curly ones in only one bit.
    let curly = block | u8x16::splat(0x20);
    block.simd_eq(u8x16::splat(b'"')) | curly.simd_eq(u8x16::splat(b'{')) | curly.simd_eq(u8x16::splat(b'}'))
}

/// The largest number of predicted bytes: a key with the bytes around it.
pub(crate) const KEY_BLOCK: usize = 32;

/// One bit for each byte in which two blocks are equal.
#[inline(always)]
fn same(a: &[u8; KEY_BLOCK], b: &[u8; KEY_BLOCK]) -> u32 {
    let half = |bytes: &[u8; KEY_BLOCK], from: usize| {
        let half = bytes.get(from..).and_then(|half| half.first_chunk::<16>());
        u8x16::new(half.copied().unwrap_or_default())
    };
    let equal = |from: usize| half(a, from).simd_eq(half(b, from)).to_bitmask();
    equal(0) | equal(16) << 16
}

/// The last bytes, as if a quote followed them.
#[cold]
fn last_block(rest: &[u8]) -> [u8; 16] {
    core::array::from_fn(|at| rest.get(at).copied().unwrap_or(b'"'))
}

/// The quotes, backslashes and control characters of a block.
#[inline(always)]
fn specials(block: u8x16) -> u8x16 {
    let control = block.min(u8x16::splat(0x1F)).simd_eq(block);
    block.simd_eq(u8x16::splat(b'"')) | block.simd_eq(u8x16::splat(b'\\')) | control
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

/// Whether the bytes are one JSON value, apart from blanks around it.
pub(crate) fn check_json(text: &str) -> Result<(), Error> {
    // A number ends where something else begins.
    let text = [text.as_bytes(), b"\n"].concat();
    let mut scan = Scanner::new(&text, 0);
    let read = scan.skip(0).and_then(|_| match scan.peek() {
        Err(_) => Ok(()),
        Ok(_) => scan.bad(&"the end of the text"),
    });
    read.map_err(|halt| {
        let fault = scan.fault(halt);
        syntax_error(fault, &text, 0, Position::START.after(text.get(..fault.at).unwrap_or_default()))
    })
}
