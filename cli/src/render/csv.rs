//! Violations and culprits as rows, for people with a spreadsheet.

use std::iter;

use ::csv::{Writer, WriterBuilder};
use ordercharge::{Amount, Place};

use super::words::plain;
use super::{Format, Found, Page};
use crate::model::{Alternative, Finding, Kind, Record, Region};
use crate::output::{Stop, visible};

pub(super) struct Csv;

/// The bytes that are kept before they are written.
const BUFFER: usize = 1024;

/// The columns.
const HEADER: [&str; 21] = [
    "kind",
    "severity",
    "source",
    "line",
    "column",
    "index",
    "cust_ref",
    "order_source",
    "currency",
    "diagnosis",
    "code",
    "name",
    "path",
    "order_line",
    "field",
    "stated",
    "expected",
    "right",
    "difference",
    "message",
    "remedy",
];

impl Format for Csv {
    fn begin(&self) -> Result<String, Stop> {
        Ok(HEADER.join(",") + "\n")
    }

    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        let record = found.record()?;
        let stated = record.stated();
        // One for all rows: each would set a buffer to zero.
        let mut out = WriterBuilder::new().buffer_capacity(BUFFER).from_writer(page.text());
        for finding in &record.findings {
            if finding.kind == Kind::Unreadable {
                write(&mut out, &Row::of(record, finding, Kind::Unreadable.name(), finding.region).cells());
            }
            for broken in &finding.broken {
                let kind = match finding.kind {
                    Kind::Difference => Kind::Difference,
                    _ => Kind::Violation,
                };
                let mut row = Row::of(record, finding, kind.name(), broken.region);
                row.severity = broken.severity.name();
                row.code = &broken.rule;
                row.name = &broken.name;
                row.path = &broken.path;
                row.stated = broken.stated;
                if finding.kind != Kind::Difference {
                    // The rule asks for this amount, but one of the other amounts may be the wrong one.
                    (row.expected, row.right) = (broken.expected, None);
                }
                row.difference = broken.difference;
                row.message = &broken.message;
                row.remedy = &broken.remedy;
                if finding.kind == Kind::Diagnosis {
                    row.diagnosis = "explained".to_owned();
                    // What to change is in the rows of the culprits.
                    row.remedy = "";
                }
                write(&mut out, &row.cells());
            }
            let others = finding.alternatives.iter().map(|other| (&other.culprits, Some(other)));
            let all = finding.alternatives.len() + 1;
            for (at, (culprits, other)) in iter::once((&finding.culprits, None)).chain(others).enumerate() {
                for culprit in culprits {
                    let own = stated.get(culprit.path.as_str()).map(|stated| stated.region);
                    let mut row = Row::of(record, finding, "culprit", own);
                    row.diagnosis = format!("{} of {all}", at + 1);
                    row.path = &culprit.path;
                    row.stated = culprit.stated;
                    row.right = culprit.right;
                    row.difference = culprit.difference();
                    if let Some(Alternative { name, message, remedy, .. }) = other {
                        row.names.clone_from(name);
                        (row.message, row.remedy) = (message, remedy);
                    }
                    write(&mut out, &row.cells());
                }
            }
        }
        Ok(())
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

/// A row, with what the finding says where it says nothing of its own.
struct Row<'a> {
    record: &'a Record,
    kind: &'static str,
    severity: &'static str,
    region: Option<Region>,
    code: &'a str,
    name: &'a str,
    names: String,
    path: &'a str,
    diagnosis: String,
    stated: Option<Amount>,
    expected: Option<Amount>,
    right: Option<Amount>,
    difference: Option<Amount>,
    message: &'a str,
    remedy: &'a str,
}

impl<'a> Row<'a> {
    fn of(record: &'a Record, finding: &'a Finding, kind: &'static str, region: Option<Region>) -> Row<'a> {
        Row {
            record,
            kind,
            severity: finding.severity.name(),
            region,
            code: "",
            name: "",
            names: finding.name(),
            path: &finding.path,
            diagnosis: String::new(),
            stated: finding.stated,
            expected: None,
            right: finding.right,
            difference: finding.difference,
            message: &finding.message,
            remedy: &finding.remedy,
        }
    }

    fn cells(&self) -> [String; HEADER.len()] {
        let Row { record, .. } = self;
        let amount = |amount: Option<Amount>| amount.map_or(String::new(), |sum| sum.to_string());
        let place = self.path.parse::<Place>().ok();
        let order_line = place.as_ref().and_then(Place::line).map(|line| line.saturating_add(1).to_string());
        let column = self.region.map_or(String::new(), |region| region.column.to_string());
        [
            self.kind.to_owned(),
            self.severity.to_owned(),
            cell(&record.source),
            self.region.map_or(record.line, |region| region.line).to_string(),
            column,
            record.index.to_string(),
            cell(record.cust_ref.as_deref().unwrap_or_default()),
            cell(record.order_source.as_deref().unwrap_or_default()),
            cell(record.currency.as_deref().unwrap_or_default()),
            self.diagnosis.clone(),
            cell(self.code),
            cell(if self.name.is_empty() { &self.names } else { self.name }),
            cell(self.path),
            order_line.unwrap_or_default(),
            cell(place.as_ref().map_or(self.path, Place::name)),
            amount(self.stated),
            amount(self.expected),
            amount(self.right),
            amount(self.difference),
            cell(&plain(self.message)),
            cell(&plain(self.remedy)),
        ]
    }
}

/// The content of a cell. A spreadsheet would run a string that begins like a formula: an apostrophe before it prevents that.
fn cell(text: &str) -> String {
    let text = visible(text);
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

fn write(out: &mut Writer<&mut Vec<u8>>, cells: &[impl AsRef<[u8]>; HEADER.len()]) {
    // Writing to memory does not fail.
    let _ = out.write_record(cells);
}
