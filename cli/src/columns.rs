//! The width of the terminal, the width of a string in it, and how a string is broken into lines.

use std::env;
use std::io;

use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthStr;

/// The columns of an output that is not a terminal.
const USUAL: usize = 100;
/// Drawings need at least the first number of columns. Sentences use at most the second: longer lines are hard to read.
const LEAST: usize = 40;
const MOST: usize = 160;

/// The number of columns to draw for: COLUMNS if it is set, else those of the terminal, else 100.
pub(crate) fn available(to_stderr: bool) -> usize {
    let asked = env::var("COLUMNS").ok().and_then(|columns| columns.trim().parse::<usize>().ok());
    let of_terminal = || {
        let size = if to_stderr { terminal_size_of(io::stderr()) } else { terminal_size_of(io::stdout()) };
        size.map(|(Width(columns), _)| usize::from(columns))
    };
    asked.filter(|columns| *columns > 0).or_else(of_terminal).unwrap_or(USUAL).clamp(LEAST, MOST)
}

/// The width of a string without control characters, in columns. Wide characters, such as Chinese ones, take two.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// Breaks a string at its blanks into lines of at most `first` and then `others` columns. A longer word is cut.
pub(crate) fn wrapped(text: &str, first: usize, others: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut line, mut used) = (String::new(), 0);
    let room = |lines: &Vec<String>| if lines.is_empty() { first.max(1) } else { others.max(1) };
    for word in text.split(' ') {
        let length = columns(word);
        let blank = usize::from(used > 0);
        if used + blank + length <= room(&lines) {
            line.push_str(if blank > 0 { " " } else { "" });
            line.push_str(word);
            used += blank + length;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for char in word.chars() {
            let width = columns(char.encode_utf8(&mut [0; 4]));
            if used > 0 && used + width > room(&lines) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(char);
            used += width;
        }
    }
    lines.push(line);
    lines
}

/// The longest end of a string that fits into this number of columns.
pub(crate) fn tail(text: &str, most: usize) -> &str {
    let mut used = 0;
    let start = text.char_indices().rev().find_map(|(at, char)| {
        used += columns(char.encode_utf8(&mut [0; 4]));
        (used > most).then_some(at + char.len_utf8())
    });
    text.get(start.unwrap_or(0)..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{columns, tail, wrapped};

    #[test]
    fn texts_are_broken_at_blanks_and_long_words_are_cut() {
        assert_eq!(wrapped("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrapped("one abcdefghijkl", 7, 5), ["one", "abcde", "fghij", "kl"]);
        assert_eq!(wrapped("", 7, 5), [""]);
        assert_eq!(wrapped("合計 は 正しくない", 8, 6), ["合計 は", "正しく", "ない"]);
        assert_eq!(wrapped("合計", 1, 1), ["合", "計"], "a character that does not fit has a line of its own");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((columns("合計"), columns("é"), columns("e\u{301}")), (4, 1, 1));
        assert_eq!(tail("a合計b", 3), "計b");
        assert_eq!(tail("a合計b", 2), "b");
        assert_eq!(tail("ab", 9), "ab");
    }
}
