//! What leaves the command: standard output, standard error, and what stops it.

use std::io::{self, BufWriter, IsTerminal, Write};

/// Why a command ends before its work is done.
pub(crate) enum Stop {
    /// The reader of the output closed it; the exit status by what was found so far.
    BrokenPipe(u8),
    /// The work cannot go on.
    Failed(String),
}

impl Stop {
    /// A failure to write to a place.
    pub(crate) fn writing(place: &str, error: &io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::BrokenPipe(0),
            _ => Stop::Failed(format!("cannot write to {place}: {error}")),
        }
    }
}

/// Standard output: by lines on a terminal, in blocks elsewhere.
pub(crate) fn stdout() -> Box<dyn Write + Send> {
    let stdout = io::stdout();
    if stdout.is_terminal() { Box::new(stdout) } else { Box::new(BufWriter::with_capacity(64 * 1024, stdout)) }
}

/// Standard error, in one piece.
pub(crate) fn stderr() -> Box<dyn Write + Send> {
    Box::new(BufWriter::new(io::stderr()))
}

/// Prints bytes to standard output.
pub(crate) fn print(bytes: &[u8]) -> Result<u8, Stop> {
    let mut out = stdout();
    let written = out.write_all(bytes).and_then(|()| out.flush());
    written.map(|()| 0).map_err(|error| Stop::writing("standard output", &error))
}

/// Reports on standard error what went wrong. If that fails too, nobody can be informed.
pub(crate) fn complain(why: &str) {
    let _ = writeln!(io::stderr(), "error: {}", visible(why));
}

/// The message for a source that holds no order.
pub(crate) fn no_order(name: &str) -> String {
    format!("no order found in {name}: expected a JSON order, a list of orders, or lines of them")
}

/// A string of the input or the system; characters that are invisible, or that a terminal obeys, are shown by number.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for char in text.chars() {
        if is_invisible(char) {
            shown.extend(char.escape_unicode());
        } else {
            shown.push(char);
        }
    }
    shown
}

/// Like [`visible`], but cut to a length that fits a line.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        None => visible(text),
        Some((end, _)) => visible(text.get(..end).unwrap_or_default()) + "...",
    }
}

/// Control characters, and those that change direction or take no room.
pub(crate) fn is_invisible(char: char) -> bool {
    let formats = ['\u{200B}'..='\u{200F}', '\u{2028}'..='\u{202E}', '\u{2060}'..='\u{206F}', '\u{FEFF}'..='\u{FEFF}'];
    char.is_control() || formats.iter().any(|range| range.contains(&char))
}
