//! Findings on their way to the reader: one renderer a run, whatever the format.

mod human;
mod json;
mod short;

use std::io::{self, Write};

use ordercharge::{Document, Error, Position, Report};

use crate::args::{self, Format};
use crate::tally::Summary;

/// What was found of one document.
pub(crate) struct Finding<'a> {
    pub(crate) source: &'a str,
    pub(crate) index: u64,
    pub(crate) position: Position,
    pub(crate) outcome: Result<(&'a Document<'a>, Report), &'a Error>,
}

impl Finding<'_> {
    /// Whether there is anything to say about it.
    fn is_clean(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|(_, report)| report.violations.is_empty())
    }
}

/// How the totals of an order ended, in words.
fn ended(report: &Report) -> String {
    format!("{} totals hold, {} broken, {} not checked", report.held(), report.broken(), report.unchecked().count())
}

/// Writes findings in one of the formats.
pub(crate) struct Renderer {
    format: Format,
    all: bool,
    out: Box<dyn Write>,
    human: human::Human,
    /// Whether a record has been written.
    begun: bool,
}

impl Renderer {
    pub(crate) fn new(args: &args::Check, out: Box<dyn Write>, to_stderr: bool) -> Renderer {
        let choice = if to_stderr {
            anstream::AutoStream::choice(&io::stderr())
        } else {
            anstream::AutoStream::choice(&io::stdout())
        };
        let styled = !matches!(choice, anstream::ColorChoice::Never);
        let human = human::Human::new(styled, args.show_values, args.max_shown);
        Renderer { format: args.format, all: args.all, out, human, begun: false }
    }

    pub(crate) fn finding(&mut self, finding: &Finding<'_>) -> io::Result<()> {
        if finding.is_clean() && !self.all {
            return Ok(());
        }
        match self.format {
            Format::Human => self.human.finding(&mut self.out, finding, self.all),
            Format::Short => short::finding(&mut self.out, finding, self.all),
            Format::Ndjson | Format::Json => {
                self.separate()?;
                json::finding(&mut self.out, finding)
            }
        }
    }

    /// Ends the report.
    pub(crate) fn finish(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        match self.format {
            Format::Human | Format::Short => {}
            Format::Ndjson | Format::Json => {
                self.separate()?;
                serde_json::to_writer(&mut self.out, summary)?;
                self.out.write_all(if self.format == Format::Json { b"\n]\n" } else { b"\n" })?;
            }
        }
        self.out.flush()
    }

    /// Writes out what waits to be written.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// How many findings were not drawn.
    pub(crate) fn not_shown(&self) -> Option<u64> {
        Some(self.human.not_shown()).filter(|count| *count > 0)
    }

    /// Writes what stands between two records.
    fn separate(&mut self) -> io::Result<()> {
        let between: &[u8] = match (self.format, self.begun) {
            (Format::Json, false) => b"[\n",
            (Format::Json, true) => b",\n",
            (_, true) => b"\n",
            (_, false) => b"",
        };
        self.begun = true;
        self.out.write_all(between)
    }
}
