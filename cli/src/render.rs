//! Prints findings: one renderer for a run, in any format.

mod human;
mod json;
mod short;

use std::io::{self, Write};

use ordercharge::{Document, Error, Policy, Position, Severity};

use crate::args::{self, Format};
use crate::output;
use crate::tally::Summary;

/// The findings of one document.
pub(crate) struct Finding<'a> {
    pub(crate) source: &'a str,
    pub(crate) index: u64,
    pub(crate) position: Position,
    pub(crate) outcome: Result<(&'a Document<'a>, &'a ordercharge::Report), &'a Error>,
}

impl Finding<'_> {
    /// Whether there is anything to report about it.
    fn is_clean(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|(_, report)| report.violations.is_empty())
    }
}

/// How many totals of an order hold, are broken or were not checked, in words.
fn ended(report: &ordercharge::Report) -> String {
    format!("{} totals hold, {} broken, {} not checked", report.held(), report.broken(), report.unchecked().count())
}

/// The severity of what the first diagnosis of a report explains.
fn severity_explained(report: &ordercharge::Report) -> Severity {
    let explained = report.violations.iter().filter(|violation| violation.diagnosis == Some(0));
    explained.map(|violation| violation.severity).max().unwrap_or(Severity::Warning)
}

/// Some consecutive findings in an output format.
#[derive(Default)]
pub(crate) struct Rendered {
    /// As bytes that follow each other.
    text: Vec<u8>,
    /// For people: the findings that are shown, and the number of the others.
    drawn: human::Drawn,
}

impl Rendered {
    /// Its approximate number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len() + self.drawn.len()
    }
}

/// Renders findings in one of the formats, on any thread.
pub(crate) struct Renderer {
    format: Format,
    all: bool,
    human: human::Human,
}

impl Renderer {
    pub(crate) fn new(args: &args::Check, policy: &Policy, to_stderr: bool) -> Renderer {
        let choice = if to_stderr {
            anstream::AutoStream::choice(&io::stderr())
        } else {
            anstream::AutoStream::choice(&io::stdout())
        };
        let styled = !matches!(choice, anstream::ColorChoice::Never);
        let human = human::Human::new(styled, args.show_values, args.max_shown, policy.clone());
        Renderer { format: args.format, all: args.all, human }
    }

    pub(crate) fn finding(&self, rendered: &mut Rendered, finding: &Finding<'_>) {
        if finding.is_clean() && !self.all {
            return;
        }
        let Rendered { text, drawn } = rendered;
        // Writing to memory does not fail.
        let _ = match self.format {
            Format::Human => self.human.finding(drawn, finding, self.all),
            Format::Short => short::finding(text, finding, self.all),
            Format::Ndjson | Format::Json => {
                json::finding(text, finding);
                text.extend_from_slice(self.separator());
                Ok(())
            }
        };
    }

    /// The number of findings that were not shown.
    pub(crate) fn not_shown(&self) -> Option<u64> {
        Some(self.human.not_shown()).filter(|count| *count > 0)
    }

    /// What follows a record. There is always another record: the last one is the summary.
    fn separator(&self) -> &'static [u8] {
        if self.format == Format::Json { b",\n" } else { b"\n" }
    }
}

/// Writes rendered findings in their order.
pub(crate) struct Report {
    format: Format,
    out: Box<dyn Write + Send>,
    begun: bool,
}

impl Report {
    pub(crate) fn new(format: Format, out: Box<dyn Write + Send>) -> Report {
        Report { format, out, begun: false }
    }

    /// Writes the findings and empties their buffer.
    pub(crate) fn write(&mut self, renderer: &Renderer, rendered: &mut Rendered) -> io::Result<()> {
        self.begin()?;
        let written = self.out.write_all(&rendered.text);
        rendered.text.clear();
        written.and(renderer.human.write(&mut self.out, &mut rendered.drawn))
    }

    /// Ends the report.
    pub(crate) fn finish(&mut self, summary: &Summary<'_>) -> io::Result<()> {
        self.begin()?;
        match self.format {
            Format::Human | Format::Short => {}
            Format::Ndjson | Format::Json => {
                self.out.write_all(output::json(summary)?.as_bytes())?;
                self.out.write_all(if self.format == Format::Json { b"\n]\n" } else { b"\n" })?;
            }
        }
        self.out.flush()
    }

    /// Flushes what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn begin(&mut self) -> io::Result<()> {
        let begun = std::mem::replace(&mut self.begun, true);
        if self.format == Format::Json && !begun { self.out.write_all(b"[\n") } else { Ok(()) }
    }
}
