//! The output of the command: standard output, standard error, and the reasons to stop.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use ordercharge_records::is_invisible;
pub(crate) use ordercharge_records::json;

/// Why a command stops before its work is done.
pub(crate) enum Stop {
    /// The reader closed the output. The exit status follows from what was found so far.
    BrokenPipe(u8),
    /// The work cannot go on.
    Failed(String),
}

impl Stop {
    /// A failure to write to an output.
    pub(crate) fn writing(place: &str, error: &io::Error) -> Stop {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Stop::BrokenPipe(0),
            _ => Stop::Failed(format!("cannot write to {place}: {error}")),
        }
    }
}

/// Standard output, buffered by lines on a terminal and in blocks elsewhere.
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

/// Prints help or the version, or says on standard error what is wrong with the arguments: the exit status.
pub(crate) fn answer(error: &clap::Error) -> Result<u8, Stop> {
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| io::stdout().flush());
        return printed.map(|()| 0).map_err(|error| Stop::writing("standard output", &error));
    }
    // The names of files may come as arguments, by a pattern of the shell.
    let plain = error.render().to_string();
    let shown = plain.lines().map(visible).collect::<Vec<_>>().join("\n") + "\n";
    let _ = if shown == plain { error.print() } else { io::stderr().write_all(shown.as_bytes()) };
    Ok(2)
}

/// Whether standard error is a file that the run reads.
static MUTE: AtomicBool = AtomicBool::new(false);

/// Writes no error from now on: standard error is a file that the run reads.
pub(crate) fn mute() {
    MUTE.store(true, Ordering::Relaxed);
}

/// Reports on standard error what went wrong. If that fails too, the failure cannot be reported.
pub(crate) fn complain(why: &str) {
    if !MUTE.load(Ordering::Relaxed) {
        let _ = writeln!(io::stderr(), "error: {}", visible(why));
    }
}

/// What could not be done in a run: said on standard error at once, and kept for the reports.
#[derive(Default)]
pub(crate) struct Problems {
    first: Vec<String>,
    more: u64,
}

impl Problems {
    /// The most that are kept: those of a run over many files that cannot be read.
    const MOST: usize = 10;

    /// Reports what went wrong.
    pub(crate) fn complain(&mut self, why: &str) {
        complain(why);
        self.keep(why);
    }

    /// Keeps what is said elsewhere.
    pub(crate) fn keep(&mut self, why: &str) {
        if self.first.len() < Problems::MOST {
            self.first.push(visible(why));
        } else {
            self.more += 1;
        }
    }

    /// All of them, in a line each; of many, the first ones.
    pub(crate) fn lines(&self) -> Vec<String> {
        let more = match self.more {
            0 => None,
            1 => Some("one more error is not listed here".to_owned()),
            more => Some(format!("{more} more errors are not listed here")),
        };
        self.first.iter().cloned().chain(more).collect()
    }
}

/// A string of the input or the system as it may be shown: characters that are invisible, or that a terminal obeys, are
/// shown by number.
pub(crate) fn visible(text: &str) -> String {
    // Nearly no text has others, and a test of all bytes without an early exit is quicker.
    if text.bytes().fold(true, |all, byte| all & matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
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

/// A character that is drawn: one that [`visible`] shows by number is a sign of one column here, so that what
/// is pointed at keeps its place.
pub(crate) fn drawn(char: char) -> char {
    match char {
        '\t' => ' ',
        char if is_invisible(char) => char::REPLACEMENT_CHARACTER,
        char => char,
    }
}

/// Like [`visible`], but cut to a length that fits on a line.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 300;
    match text.char_indices().nth(MOST) {
        None => visible(text),
        Some((end, _)) => visible(text.get(..end).unwrap_or_default()) + "...",
    }
}
