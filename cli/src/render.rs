//! Prints findings: one renderer for each output of a run, in any format.
//!
//! A format is a file here that implements [`Format`], the `mod` line of that file, and a row in [`FORMATS`].

mod comparison;
mod csv;
mod fingerprint;
mod github;
mod gitlab;
mod html;
mod human;
mod json;
mod junit;
mod listed;
mod markdown;
mod metrics;
mod ndjson;
mod sarif;
mod short;
mod words;

use std::cell::OnceCell;
use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::Policies;
pub(crate) use ordercharge_records::Finding;
use serde::Serialize;

pub(crate) use self::comparison::Compared;

use crate::model::{self, Gathered, Record, Totals, Wants};
use crate::names::suggestion;
use crate::output::{self, Stop};
use crate::sink::Sink;

/// An output format. It shows what it gets from [`found`](Format::found), from [`finding`](Format::finding), or, at the end,
/// what was gathered.
pub(crate) trait Format: Sync {
    /// Adds one document by its record, on any thread. Pages are printed in the order of the input.
    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        if let Some(finding) = found.finding {
            self.finding(page, finding);
        }
        if let Some(compared) = found.compared {
            self.compared(page, compared);
        }
        Ok(())
    }

    /// Adds one document by its text and report, on any thread. Only `check` has them.
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        let _ = (page, finding);
    }

    /// Adds a comparison, on any thread. Only `compare` has them.
    fn compared(&self, page: &mut Page<'_>, compared: &Compared<'_>) {
        let _ = (page, compared);
    }

    /// The text before the first record.
    fn begin(&self) -> Result<String, Stop> {
        Ok(String::new())
    }

    /// What is written between two findings that [`Page::limited`] adds.
    fn separator(&self) -> &'static str {
        ""
    }

    /// The text after the last record.
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let _ = run;
        Ok(String::new())
    }

    /// Which records [`Run::gathered`] has to keep for it; `None` if it does not look at what is gathered.
    fn wants(&self) -> Option<Wants> {
        None
    }

    /// Whether programs read it. The summary in words then never goes to the same stream.
    fn is_for_programs(&self) -> bool {
        false
    }
}

/// A run that has ended.
pub(crate) struct Run<'a> {
    /// The JSON of the summary.
    pub(crate) summary: &'a str,
    pub(crate) totals: &'a Totals,
    pub(crate) gathered: &'a Gathered,
    /// How many findings this output shows, and how many it does not.
    pub(crate) shown: u64,
    pub(crate) left_out: u64,
}

/// The name and the help text of a format.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    /// How the name of a file of this format usually ends.
    pub(crate) extension: &'static str,
    /// Whether it is made from records alone, so that `report` can make it.
    pub(crate) from_records: bool,
    /// The most findings it shows; `None` if `--max-shown` says so.
    most: Option<u64>,
    make: fn(Options) -> Box<dyn Format>,
}

/// The formats; the first one is the default.
pub(crate) static FORMATS: &[Row] = &[
    Row {
        name: "human",
        about: "Source lines with carets and labels",
        extension: "txt",
        from_records: false,
        most: None,
        make: |options| Box::new(human::Human::new(options)),
    },
    Row {
        name: "short",
        about: "One line for each finding",
        extension: "txt",
        from_records: false,
        most: Some(u64::MAX),
        make: |options| Box::new(short::Short::new(&options)),
    },
    Row {
        name: "ndjson",
        about: "One JSON record for each order with a finding, then a summary",
        extension: "ndjson",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(ndjson::Ndjson),
    },
    Row {
        name: "json",
        about: "Like ndjson, but as one JSON array",
        extension: "json",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(json::Json),
    },
    Row {
        name: "html",
        about: "A page for people: what is wrong, what to change, the orders with the most money at risk",
        extension: "html",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(html::Html),
    },
    Row {
        name: "sarif",
        about: "SARIF 2.1.0, for code scanning",
        extension: "sarif",
        from_records: true,
        most: Some(sarif::MOST_RESULTS),
        make: |_| Box::new(sarif::Sarif::new()),
    },
    Row {
        name: "github",
        about: "Annotations of GitHub Actions: the ten orders with the most money at risk",
        extension: "txt",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(github::Github),
    },
    Row {
        name: "markdown",
        about: "A summary in Markdown, such as the step summary of a CI job",
        extension: "md",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(markdown::Markdown),
    },
    Row {
        name: "gitlab",
        about: "A code quality report of GitLab",
        extension: "json",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(gitlab::Gitlab),
    },
    Row {
        name: "junit",
        about: "JUnit XML: a test case for each of the first 1000 orders with a finding",
        extension: "xml",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(junit::Junit),
    },
    Row {
        name: "metrics",
        about: "The counts as OpenMetrics text",
        extension: "txt",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(metrics::Metrics),
    },
    Row {
        name: "csv",
        about: "A row for each violation and each wrong field",
        extension: "csv",
        from_records: true,
        most: Some(u64::MAX),
        make: |_| Box::new(csv::Csv),
    },
];

/// The format with this name, or a message that suggests one.
pub(crate) fn format(name: &str) -> Result<&'static Row, String> {
    FORMATS.iter().find(|row| row.name == name).ok_or_else(|| {
        let names = || FORMATS.iter().map(|row| row.name);
        let near = suggestion(name, names());
        format!("no format is called {name:?}{near} (formats: {})", names().collect::<Vec<_>>().join(", "))
    })
}

/// The options of all formats.
pub(crate) struct Options {
    /// Whether the output shows colours.
    pub(crate) styled: bool,
    /// The columns of the output.
    pub(crate) columns: usize,
    /// Whether orders without a finding are reported.
    pub(crate) all: bool,
    /// Whether values that may be personal are shown.
    pub(crate) show_values: bool,
    pub(crate) policies: Policies,
}

/// One document for the formats: from a check, from a comparison, or from saved records. Its record is made when the first format asks for it.
pub(crate) struct Found<'a> {
    /// What the check found.
    finding: Option<&'a Finding<'a>>,
    /// What the comparison found. For a saved record, both are `None`.
    compared: Option<&'a Compared<'a>>,
    text: OnceCell<Vec<u8>>,
    record: OnceCell<Record>,
}

impl<'a> Found<'a> {
    pub(crate) fn checked(finding: &'a Finding<'a>) -> Found<'a> {
        Found { finding: Some(finding), compared: None, text: OnceCell::new(), record: OnceCell::new() }
    }

    pub(crate) fn compared(compared: &'a Compared<'a>) -> Found<'a> {
        Found { finding: None, compared: Some(compared), text: OnceCell::new(), record: OnceCell::new() }
    }

    /// A saved record with its own JSON.
    pub(crate) fn saved(text: Vec<u8>, record: Record) -> Found<'static> {
        Found { finding: None, compared: None, text: text.into(), record: record.into() }
    }

    /// Appends the JSON of the record.
    fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        if let Some(text) = self.text.get() {
            out.extend_from_slice(text);
        } else if let Some(finding) = self.finding {
            ordercharge_records::finding(out, finding);
        } else if let Some(compared) = self.compared {
            out.extend_from_slice(output::json(compared)?.as_bytes());
        }
        Ok(())
    }

    /// The record. It is always read from its JSON, so that saved records give the same report.
    pub(crate) fn record(&self) -> serde_json::Result<&Record> {
        if let Some(record) = self.record.get() {
            return Ok(record);
        }
        let text = match self.text.get() {
            Some(text) => text,
            None => {
                let mut text = Vec::with_capacity(2048);
                self.write(&mut text)?;
                self.text.get_or_init(|| text)
            }
        };
        let record = if self.compared.is_some() { model::comparison(text)? } else { model::record(text)? };
        Ok(self.record.get_or_init(|| record))
    }

    /// The number of bytes of its JSON, if that has been made.
    pub(crate) fn size(&self) -> usize {
        self.text.get().map_or(0, Vec::len)
    }

    /// Whether there is anything to report about it.
    pub(crate) fn is_clean(&self) -> bool {
        match (self.finding, self.compared) {
            (Some(finding), _) => finding.is_clean(),
            (None, Some(compared)) => compared.is_same(),
            (None, None) => self.record.get().is_some_and(|record| record.findings.is_empty()),
        }
    }
}

/// How many totals of an order hold, are broken or were not checked, in words.
fn ended(report: &ordercharge::Report) -> String {
    format!("{} totals hold, {} broken, {} not checked", report.held(), report.broken(), report.unchecked().count())
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

    /// Removes everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.limited.clear();
        self.findings = 0;
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

    /// Like [`limited`](Page::limited), for a finding that is an object of JSON.
    fn limited_json<T: Serialize>(&mut self, make: impl FnOnce() -> T) -> serde_json::Result<()> {
        let mut done = Ok(());
        self.limited(|| {
            output::json(&make()).unwrap_or_else(|error| {
                done = Err(error);
                String::new()
            })
        });
        done
    }
}

/// Renders findings in one of the formats, on any thread.
pub(crate) struct Renderer {
    format: Box<dyn Format>,
    limit: Limit,
}

impl Renderer {
    /// `max_shown` is the limit of formats that have none of their own.
    pub(crate) fn new(row: &Row, options: Options, max_shown: u64) -> Renderer {
        let most = row.most.unwrap_or(max_shown);
        let limit = Limit { most, shown: AtomicU64::new(0), found: AtomicU64::new(0) };
        Renderer { format: (row.make)(options), limit }
    }

    pub(crate) fn found(&self, rendered: &mut Rendered, found: &Found<'_>) -> serde_json::Result<()> {
        self.format.found(&mut Page { rendered, limit: &self.limit }, found)
    }

    /// The number of findings that were shown.
    pub(crate) fn shown(&self) -> u64 {
        self.limit.shown.load(Ordering::Relaxed)
    }

    /// The number of findings that were not shown.
    pub(crate) fn not_shown(&self) -> u64 {
        let Limit { shown, found, .. } = &self.limit;
        found.load(Ordering::Relaxed) - shown.load(Ordering::Relaxed)
    }

    pub(crate) fn is_for_programs(&self) -> bool {
        self.format.is_for_programs()
    }

    pub(crate) fn wants(&self) -> Option<Wants> {
        self.format.wants()
    }
}

/// Writes rendered findings in their order.
pub(crate) struct Report {
    sink: Sink,
    begun: bool,
}

impl Report {
    pub(crate) fn new(sink: Sink) -> Report {
        Report { sink, begun: false }
    }

    /// Writes the findings and empties their buffer.
    pub(crate) fn write(&mut self, renderer: &Renderer, rendered: &mut Rendered) -> Result<(), Stop> {
        self.begin(renderer)?;
        let Limit { most, shown, found } = &renderer.limit;
        let separator = renderer.format.separator().as_bytes();
        let part = |from: usize, to: usize| rendered.text.get(from..to).unwrap_or_default();
        let mut at = 0;
        for limited in &rendered.limited {
            self.sink.write(part(at, limited.start))?;
            at = limited.end;
            found.fetch_add(limited.findings, Ordering::Relaxed);
            let before = shown.load(Ordering::Relaxed);
            if limited.end > limited.start && before < *most {
                if before > 0 && !separator.is_empty() {
                    self.sink.write(separator)?;
                }
                self.sink.write(part(limited.start, limited.end))?;
                shown.fetch_add(1, Ordering::Relaxed);
            }
        }
        self.sink.write(part(at, rendered.text.len()))?;
        rendered.clear();
        Ok(())
    }

    /// Writes the end of the report, and puts a file in its place.
    pub(crate) fn finish(&mut self, renderer: &Renderer, run: &Run<'_>) -> Result<(), Stop> {
        self.begin(renderer)?;
        self.sink.write(renderer.format.end(run)?.as_bytes())?;
        self.sink.finish(true)
    }

    /// Flushes what is buffered.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        self.sink.flush()
    }

    fn begin(&mut self, renderer: &Renderer) -> Result<(), Stop> {
        let begun = std::mem::replace(&mut self.begun, true);
        if begun { Ok(()) } else { self.sink.write(renderer.format.begin()?.as_bytes()) }
    }
}
