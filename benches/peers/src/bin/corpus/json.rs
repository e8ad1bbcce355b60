//! JSON as a source writes it.

use crate::source::{Escape, Form, Source};

/// Writes one value after the other into a buffer.
pub struct Json<'a> {
    pub out: &'a mut Vec<u8>,
    pub source: &'a Source,
}

impl Json<'_> {
    /// Opens an object or an array.
    pub fn open(&mut self, bracket: u8) {
        self.out.push(bracket);
    }

    pub fn close(&mut self, bracket: u8) {
        self.out.push(bracket);
    }

    /// Goes on to the next entry: there is a comma, unless a bracket was just opened.
    pub fn next(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[') | None) {
            self.out.push(b',');
            self.blank();
        }
    }

    pub fn key(&mut self, name: &str) {
        self.next();
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.blank();
    }

    fn blank(&mut self) {
        if self.source.spaced {
            self.out.push(b' ');
        }
    }

    pub fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    pub fn text(&mut self, text: &str) {
        self.out.push(b'"');
        for char in text.chars() {
            match char {
                '"' | '\\' => self.out.extend_from_slice(&[b'\\', char as u8]),
                '\n' => self.out.extend_from_slice(b"\\n"),
                '/' if self.source.escape == Escape::NonAsciiAndSlash => self.out.extend_from_slice(b"\\/"),
                _ if char.is_ascii() => self.out.push(char as u8),
                _ if self.source.escape == Escape::Least => {
                    self.out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => {
                    for unit in char.encode_utf16(&mut [0; 2]) {
                        self.raw(&format!("\\u{unit:04x}"));
                    }
                }
            }
        }
        self.out.push(b'"');
    }

    /// A whole number, with zeros in front up to that width.
    pub fn digits(&mut self, number: u64, width: usize) {
        self.raw(&format!("{number:0width$}"));
    }

    /// How many of the last decimal.
    pub fn amount(&mut self, units: i128, scale: usize, form: Form) {
        let mut digits = [b'0'; 40];
        let mut from = digits.len();
        let mut rest = units.unsigned_abs();
        while rest > 0 || from > digits.len() - scale - 1 {
            from -= 1;
            digits[from] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let (whole, decimals) = digits[from..].split_at(digits.len() - from - scale);
        let significant = decimals.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        let quote = |out: &mut Vec<u8>| {
            if form.quoted {
                out.push(b'"')
            }
        };
        quote(self.out);
        if units < 0 {
            self.out.push(b'-');
        }
        self.out.extend_from_slice(whole);
        let shown = significant.max(form.decimals);
        if shown > 0 {
            self.out.push(b'.');
            self.out.extend_from_slice(&decimals[..shown.min(scale)]);
            self.out.resize(self.out.len() + shown.saturating_sub(scale), b'0');
        }
        quote(self.out);
    }
}
