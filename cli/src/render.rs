//! Prints findings: one renderer for a run, in any format.
//!
//! A format is a file here that implements [`Format`], the `mod` line of that file, and a row in [`FORMATS`].

mod human;
mod json;
mod ndjson;
mod record;
mod short;

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::{Document, Error, Policy, Position, Severity};

use crate::args;
use crate::tally::Summary;

/// An output format.
pub(crate) trait Format: Sync {
    /// Adds the findings of one document, on any thread. Pages are printed in the order of the input.
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>);

    /// The text before the first record.
    fn begin(&self) -> &'static str {
        ""
    }

    /// The text after the last record.
    fn end(&self, summary: &Summary<'_>) -> serde_json::Result<String> {
        let _ = summary;
        Ok(String::new())
    }

    /// Whether programs read it. The summary in words then never goes to the same stream.
    fn is_for_programs(&self) -> bool {
        false
    }
}

/// The name and the help text of a format.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    make: fn(Options) -> Box<dyn Format>,
}

/// The formats; the first one is the default.
pub(crate) static FORMATS: &[Row] = &[
    Row {
        name: "human",
        about: "Source lines with carets and labels",
        make: |options| Box::new(human::Human::new(options)),
    },
    Row { name: "short", about: "One line for each finding", make: |options| Box::new(short::Short::new(&options)) },
    Row {
        name: "ndjson",
        about: "One JSON record for each order with a finding, then a summary",
        make: |_| Box::new(ndjson::Ndjson),
    },
    Row { name: "json", about: "Like ndjson, but as one JSON array", make: |_| Box::new(json::Json) },
];

/// The options of all formats.
pub(crate) struct Options {
    /// Whether the output shows colours.
    styled: bool,
    /// Whether orders without a finding are reported.
    all: bool,
    /// Whether values that may be personal are shown.
    show_values: bool,
    policy: Policy,
}

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
    /// The parts of `text` that count against `--max-shown`, in order.
    limited: Vec<Limited>,
    /// The number of findings in them.
    findings: u64,
}

/// A part of the output that is one finding, or an empty part where `findings` were left out.
struct Limited {
    start: usize,
    end: usize,
    findings: u64,
}

impl Rendered {
    /// Its approximate number of bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }
}

/// The most findings to show, and the number of those shown and found so far.
struct Limit {
    most: u64,
    shown: AtomicU64,
    found: AtomicU64,
}

/// The place a format writes to.
pub(crate) struct Page<'a> {
    rendered: &'a mut Rendered,
    limit: &'a Limit,
}

impl Page<'_> {
    /// The buffer for text that is always shown.
    fn text(&mut self) -> &mut Vec<u8> {
        &mut self.rendered.text
    }

    /// Adds a finding that counts against `--max-shown`, unless there are certainly enough before it.
    fn limited(&mut self, draw: impl FnOnce() -> String) {
        let Rendered { text, limited, findings } = &mut *self.rendered;
        let before = (*findings).max(self.limit.shown.load(Ordering::Relaxed));
        *findings += 1;
        let start = text.len();
        if before < self.limit.most {
            text.extend_from_slice(draw().as_bytes());
            limited.push(Limited { start, end: text.len(), findings: 1 });
            return;
        }
        match limited.last_mut() {
            Some(last) if last.start == start => last.findings += 1,
            _ => limited.push(Limited { start, end: start, findings: 1 }),
        }
    }
}

/// Renders findings in one of the formats, on any thread.
pub(crate) struct Renderer {
    format: Box<dyn Format>,
    all: bool,
    limit: Limit,
}

impl Renderer {
    pub(crate) fn new(args: &args::Check, policy: &Policy, to_stderr: bool) -> Renderer {
        let choice = if to_stderr {
            anstream::AutoStream::choice(&io::stderr())
        } else {
            anstream::AutoStream::choice(&io::stdout())
        };
        let styled = !matches!(choice, anstream::ColorChoice::Never);
        let options = Options { styled, all: args.all, show_values: args.show_values, policy: policy.clone() };
        let limit = Limit { most: args.max_shown, shown: AtomicU64::new(0), found: AtomicU64::new(0) };
        Renderer { format: (args.format.make)(options), all: args.all, limit }
    }

    pub(crate) fn finding(&self, rendered: &mut Rendered, finding: &Finding<'_>) {
        if self.all || !finding.is_clean() {
            self.format.finding(&mut Page { rendered, limit: &self.limit }, finding);
        }
    }

    /// The number of findings that were not shown.
    pub(crate) fn not_shown(&self) -> Option<u64> {
        let Limit { shown, found, .. } = &self.limit;
        Some(found.load(Ordering::Relaxed) - shown.load(Ordering::Relaxed)).filter(|count| *count > 0)
    }

    pub(crate) fn is_for_programs(&self) -> bool {
        self.format.is_for_programs()
    }
}

/// Writes rendered findings in their order.
pub(crate) struct Report {
    out: Box<dyn Write + Send>,
    begun: bool,
}

impl Report {
    pub(crate) fn new(out: Box<dyn Write + Send>) -> Report {
        Report { out, begun: false }
    }

    /// Writes the findings and empties their buffer.
    pub(crate) fn write(&mut self, renderer: &Renderer, rendered: &mut Rendered) -> io::Result<()> {
        self.begin(renderer)?;
        let Limit { most, shown, found } = &renderer.limit;
        let part = |from: usize, to: usize| rendered.text.get(from..to).unwrap_or_default();
        let mut at = 0;
        for limited in &rendered.limited {
            self.out.write_all(part(at, limited.start))?;
            at = limited.end;
            found.fetch_add(limited.findings, Ordering::Relaxed);
            if limited.end > limited.start && shown.load(Ordering::Relaxed) < *most {
                self.out.write_all(part(limited.start, limited.end))?;
                shown.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.out.write_all(part(at, rendered.text.len()))?;
        rendered.text.clear();
        rendered.limited.clear();
        rendered.findings = 0;
        Ok(())
    }

    /// Ends the report.
    pub(crate) fn finish(&mut self, renderer: &Renderer, summary: &Summary<'_>) -> io::Result<()> {
        self.begin(renderer)?;
        self.out.write_all(renderer.format.end(summary)?.as_bytes())?;
        self.out.flush()
    }

    /// Flushes what is buffered.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn begin(&mut self, renderer: &Renderer) -> io::Result<()> {
        let begun = std::mem::replace(&mut self.begun, true);
        if begun { Ok(()) } else { self.out.write_all(renderer.format.begin().as_bytes()) }
    }
}
