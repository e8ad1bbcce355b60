//! The source lines of a finding, prepared for display: long lines are cut to the fields that matter, values that may be
//! personal are masked, control characters are made visible.

use std::borrow::Cow;
use std::ops::Range;

use ordercharge::{Documents, Field};
use ordercharge_carts::is_field_name;

use crate::columns::columns;
use crate::output::{drawn, visible};

/// A range of bytes to point at.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) range: Range<usize>,
    pub(crate) label: String,
    pub(crate) primary: bool,
}

/// Lines of an order, and the marks in them.
#[derive(Debug)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// The number of lines of the order before them.
    pub(crate) first_line: usize,
    pub(crate) marks: Vec<Mark>,
}

/// Replaces the part of a long line that is left out.
const GAP: &str = "...";
/// Replaces a value that is not shown.
const MASK: &str = "…";
/// The names other than charge fields whose values are always shown.
const SHOWN: &[&str] = &["currency_code", "cust_ref", "item"];

/// Whether a name is that of a charge.
fn is_charge(name: &str) -> bool {
    Field::ALL.iter().any(|field| field.name() == name)
}

/// The most characters of a charge that is shown although it is not an amount.
const MOST_OF_CHARGE: usize = 24;

/// Whether a JSON value may be a charge, also one with a currency or a comma. Any other string is masked even in a field for
/// charges: a mapping may have put anything there.
fn may_be_charge(value: &str) -> bool {
    let Some(text) = value.strip_prefix('"') else { return true };
    let text = text.strip_suffix('"').unwrap_or(text);
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    let others = |char: char| char.is_alphanumeric() || " .,-+/%'$€£¥₹₩₽฿₫₺".contains(char);
    letters <= 3 && text.chars().count() <= MOST_OF_CHARGE && text.chars().all(others)
}

/// A value of the text without parts, or a name that is masked.
struct Scalar {
    /// Where its name begins, or, in an array, the value.
    start: usize,
    value: Range<usize>,
    shown: bool,
}

/// The text of an order with its values.
pub(crate) struct Text<'a> {
    text: Cow<'a, str>,
    scalars: Vec<Scalar>,
    /// Where its lines begin.
    lines: Vec<usize>,
}

impl<'a> Text<'a> {
    /// `text` is one order, known to be JSON.
    pub(crate) fn new(text: &'a [u8], show_values: bool) -> Text<'a> {
        let text = String::from_utf8_lossy(text);
        let scalars = scalars(&text, show_values);
        let lines = [0].into_iter().chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        Text { text, scalars, lines }
    }

    /// Whether it is one line that takes more columns.
    pub(crate) fn is_long_line(&self, room: usize) -> bool {
        self.lines.len() == 1 && columns(&self.text) > room
    }

    /// A value as it may be shown.
    pub(crate) fn shown(&self, range: Range<usize>) -> String {
        let value = self.text.get(range.clone()).unwrap_or_default();
        let own = self.scalars.iter().find(|scalar| scalar.value == range);
        match (own, value.as_bytes().first()) {
            (_, Some(b'{')) => "an object".to_owned(),
            (_, Some(b'[')) => "an array".to_owned(),
            (Some(scalar), _) if !scalar.shown && !may_be_charge(value) => MASK.to_owned(),
            _ => visible(value),
        }
    }

    /// The lines the marks are in. Lines of more than `room` characters are cut to what is marked.
    pub(crate) fn excerpt(&self, mut marks: Vec<Mark>, room: usize) -> Excerpt {
        let (text, scalars) = (self.text.as_ref(), self.scalars.as_slice());
        marks.sort_by_key(|mark| (mark.range.start, !mark.primary));
        marks.dedup_by(|later, earlier| later.range == earlier.range);
        let (from, to) = match (marks.first(), marks.iter().map(|mark| mark.range.end).max()) {
            (Some(first), Some(last)) => (first.range.start, last),
            _ => (0, 0),
        };
        let first_line = self.lines.partition_point(|start| *start <= from).saturating_sub(1);
        let mut writer = Writer { out: String::new(), marks, placed: Vec::new(), room };
        let mut starts = self.lines.iter().skip(first_line).peekable();
        while let Some(start) = starts.next() {
            let line_end = starts.peek().map_or(text.len(), |next| **next - 1);
            writer.line(text, *start..line_end, scalars);
            if line_end >= to {
                break;
            }
            writer.out.push('\n');
        }
        Excerpt { text: writer.out, first_line, marks: writer.placed }
    }
}

/// A whole input with its orders prepared for display, line by line. Everything that is not part of an order is masked, except
/// its punctuation.
pub(crate) fn whole(text: &[u8], show_values: bool) -> String {
    let mut writer =
        Writer { out: String::with_capacity(text.len()), marks: Vec::new(), placed: Vec::new(), room: usize::MAX };
    let mut at = 0;
    for record in Documents::new(text) {
        let Ok(document) = record.document else { continue };
        let start = document.position().offset as usize;
        writer.around(text.get(at..start).unwrap_or_default(), show_values);
        let order = Text::new(document.text(), show_values);
        let mut from = 0;
        for line in order.text.split_inclusive('\n') {
            let end = line.trim_end_matches(['\r', '\n']).len();
            writer.copy(&order.text, from..from + end, &order.scalars, &[]);
            writer.out.push_str(if line.ends_with('\n') { "\n" } else { "" });
            from += line.len();
        }
        at = start + document.text().len();
    }
    writer.around(text.get(at..).unwrap_or_default(), show_values);
    writer.out
}

/// The end of a line that is not JSON, as it may be shown. Nothing is known of its strings and words, so only punctuation, the
/// names of charges and the last character stay, which the message names too.
pub(crate) fn broken_line(line: &str, show_values: bool) -> String {
    let last = line.char_indices().next_back().map_or(0, |(at, _)| at);
    let (before, found) = line.split_at(last);
    if show_values {
        return line.chars().map(drawn).collect();
    }
    let mut shown = String::new();
    let mut rest = before;
    while let Some(char) = rest.chars().next() {
        let length = match char {
            '"' => {
                let end = string_end(rest.as_bytes(), 0);
                let (string, after) = rest.split_at(end.min(rest.len()));
                let name = string.trim_matches('"');
                if after.trim_start().starts_with(':') && (SHOWN.contains(&name) || is_charge(name) || name == "items")
                {
                    shown.push_str(string);
                } else {
                    shown.push_str(if string.len() > 1 && string.ends_with('"') { "\"…\"" } else { "\"…" });
                }
                string.len()
            }
            '{' | '}' | '[' | ']' | ':' | ',' | ' ' | '\t' => {
                shown.push(drawn(char));
                char.len_utf8()
            }
            char => {
                shown.push_str(if shown.ends_with(MASK) { "" } else { MASK });
                char.len_utf8()
            }
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    shown.extend(found.chars().map(drawn));
    shown
}

/// Copies lines and records the new places of the marks.
struct Writer {
    out: String,
    marks: Vec<Mark>,
    placed: Vec<Mark>,
    /// The most characters of a line that is shown whole.
    room: usize,
}

impl Writer {
    /// Copies the text around orders.
    fn around(&mut self, text: &[u8], show_values: bool) {
        for char in String::from_utf8_lossy(text).chars() {
            match char {
                '\r' | '\u{FEFF}' => {}
                '{' | '}' | '[' | ']' | ':' | ',' | '"' | ' ' | '\n' => self.out.push(char),
                _ if show_values => self.out.push(drawn(char)),
                _ if self.out.ends_with(MASK) => {}
                _ => self.out.push_str(MASK),
            }
        }
    }

    fn line(&mut self, text: &str, line: Range<usize>, scalars: &[Scalar]) {
        let near = |mark: &Mark| mark.range.start >= line.start && mark.range.start < line.end.max(line.start + 1);
        let marks: Vec<Mark> = self.marks.iter().filter(|mark| near(mark)).cloned().collect();
        if marks.is_empty() && line.len() > self.room {
            // Nothing is shown here; only the line numbers continue.
            return;
        }
        if line.len() <= self.room {
            self.copy(text, line, scalars, &marks);
            return;
        }
        let mut at = line.start;
        for piece in pieces(&marks, scalars, &line, self.room) {
            if piece.start > at {
                self.out.push_str(if at == line.start { "... " } else { " ... " });
            }
            self.copy(text, piece.clone(), scalars, &marks);
            at = piece.end;
        }
        if at < line.end {
            self.out.push(' ');
            self.out.push_str(GAP);
        }
    }

    /// Copies a range of the text.
    fn copy(&mut self, text: &str, range: Range<usize>, scalars: &[Scalar], marks: &[Mark]) {
        let mut placing: Vec<(usize, usize)> = Vec::new();
        let mut at = range.start;
        let first = scalars.partition_point(|scalar| scalar.value.end <= range.start);
        let masked =
            scalars.get(first..).unwrap_or_default().iter().take_while(|scalar| scalar.value.start < range.end);
        // The marked value is an amount, or is where an amount should be.
        let marked = |scalar: &&Scalar| {
            marks.iter().any(|mark| mark.range == scalar.value)
                && text.get(scalar.value.clone()).is_some_and(may_be_charge)
        };
        let mut masked = masked.filter(|scalar| !scalar.shown && !marked(scalar)).peekable();
        while at < range.end {
            let beginning = marks.iter().enumerate().filter(|(_, mark)| mark.range.start == at);
            placing.extend(beginning.map(|(nth, _)| (nth, self.out.len())));
            if let Some(scalar) = masked.next_if(|scalar| scalar.value.start <= at) {
                let quote = text.get(at..).is_some_and(|rest| rest.starts_with('"'));
                self.out.push_str(if quote { "\"…\"" } else { MASK });
                at = scalar.value.end;
            } else {
                let Some(char) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
                self.out.push(drawn(char));
                at += char.len_utf8();
            }
            let ended = |(nth, _): &(usize, usize)| marks.get(*nth).is_some_and(|mark| mark.range.end <= at);
            for (nth, start) in placing.extract_if(.., |placed| ended(placed)) {
                self.placed.extend(marks.get(nth).map(|mark| Mark { range: start..self.out.len(), ..mark.clone() }));
            }
        }
        // A mark that continues after this range is cut at its end.
        for (nth, start) in placing {
            self.placed.extend(marks.get(nth).map(|mark| Mark { range: start..self.out.len(), ..mark.clone() }));
        }
    }
}

/// The parts of a long line that are shown: each marked value with its name; for an object or array, its beginning.
fn pieces(marks: &[Mark], scalars: &[Scalar], line: &Range<usize>, room: usize) -> Vec<Range<usize>> {
    let mut pieces: Vec<Range<usize>> = Vec::new();
    for mark in marks {
        let at = scalars.partition_point(|scalar| scalar.value.start < mark.range.start);
        let own = scalars.get(at).filter(|scalar| scalar.value == mark.range);
        let piece = match own {
            Some(scalar) => scalar.start..scalar.value.end,
            None => {
                let at = scalars.partition_point(|scalar| scalar.start < mark.range.start);
                let following = scalars.iter().skip(at).take(3);
                let near = following.map(|scalar| scalar.value.end).next_back().unwrap_or(mark.range.end);
                mark.range.start..near.min(mark.range.start + room).max(mark.range.start + 1)
            }
        };
        let piece = piece.start.max(line.start)..piece.end.min(line.end);
        match pieces.last_mut() {
            // A comma and a blank between two are not worth a gap.
            Some(last) if piece.start <= last.end + 2 => last.end = last.end.max(piece.end),
            _ => pieces.push(piece),
        }
    }
    pieces
}

/// Every scalar of a JSON text, in order. The charges and ids of the header and of the lines are shown. In other objects these
/// names mean something else.
fn scalars(text: &str, show_values: bool) -> Vec<Scalar> {
    let bytes = text.as_bytes();
    let mut scalars = Vec::new();
    let mut name: Option<Range<usize>> = None;
    let (mut at, mut depth, mut in_items) = (0, 0_usize, false);
    while let Some(first) = bytes.get(at).copied() {
        let label = |name: &Range<usize>| text.get(name.start + 1..name.end.saturating_sub(1)).unwrap_or_default();
        let end = match first {
            b'"' => string_end(bytes, at),
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                let more = bytes.get(at..).unwrap_or_default();
                at + more.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(more.len())
            }
            b'{' | b'[' => {
                if depth == 1 {
                    in_items = first == b'[' && name.as_ref().is_some_and(|name| label(name) == "items");
                }
                name = None;
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' => {
                name = None;
                depth = depth.saturating_sub(1);
                at += 1;
                continue;
            }
            _ => {
                at += 1;
                continue;
            }
        };
        let after = bytes.get(end..).unwrap_or_default();
        if first == b'"' && after.trim_ascii_start().first() == Some(&b':') {
            if !show_values && !is_field_name(label(&(at..end))) {
                scalars.push(Scalar { start: at, value: at..end, shown: false });
            }
            name = Some(at..end);
        } else {
            let own = name.take();
            let start = own.as_ref().map_or(at, |own| own.start);
            let of_order = depth == 1 || (depth == 3 && in_items);
            let value = text.get(at..end).unwrap_or_default();
            let is_known = |own: &Range<usize>| {
                let name = label(own);
                SHOWN.contains(&name) || (is_charge(name) && may_be_charge(value))
            };
            let known = of_order && own.as_ref().is_some_and(is_known);
            let word = matches!(first, b't' | b'f' | b'n');
            scalars.push(Scalar { start, value: at..end, shown: show_values || word || known });
        }
        at = end;
    }
    scalars
}

/// The place after the closing quote of the string that opens at `at`.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut escaped = false;
    let rest = bytes.get(at + 1..).unwrap_or_default();
    let close = rest.iter().position(|byte| {
        let close = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        close
    });
    close.map_or(bytes.len(), |close| at + 1 + close + 1)
}
