//! Violations and culprits as rows, for people with a spreadsheet.

use ::csv::WriterBuilder;
use ordercharge::Amount;

use super::{Format, Found, Page};
use crate::model::{Finding, Kind, Record, Region};
use crate::output::{Stop, visible};

pub(super) struct Csv;

/// The columns.
const HEADER: [&str; 17] = [
    "kind",
    "severity",
    "source",
    "line",
    "column",
    "index",
    "cust_ref",
    "order_source",
    "currency",
    "code",
    "name",
    "path",
    "stated",
    "right",
    "difference",
    "message",
    "remedy",
];

impl Format for Csv {
    fn begin(&self) -> Result<String, Stop> {
        Ok(String::from_utf8_lossy(&line(&HEADER.map(str::to_owned))).into_owned())
    }

    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        let record = found.record()?;
        let stated = record.stated();
        for finding in &record.findings {
            if finding.kind == Kind::Unreadable {
                page.text().extend(Row::of(record, finding, Kind::Unreadable.name(), finding.region).line());
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
                row.amounts = [broken.stated, broken.expected, broken.difference];
                row.message = &broken.message;
                row.remedy = &broken.remedy;
                page.text().extend(row.line());
            }
            for culprit in &finding.culprits {
                let own = stated.get(culprit.path.as_str()).map(|stated| stated.region);
                let mut row = Row::of(record, finding, "culprit", own);
                row.path = &culprit.path;
                let off = culprit.stated.zip(culprit.right).and_then(|(stated, right)| stated.checked_sub(right));
                row.amounts = [culprit.stated, culprit.right, off];
                page.text().extend(row.line());
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
    amounts: [Option<Amount>; 3],
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
            amounts: [finding.stated, finding.right, finding.difference],
            message: &finding.message,
            remedy: &finding.remedy,
        }
    }

    fn line(&self) -> Vec<u8> {
        let Row { record, .. } = self;
        let [stated, right, difference] =
            self.amounts.map(|amount| amount.map_or(String::new(), |sum| sum.to_string()));
        let column = self.region.map_or(String::new(), |region| region.column.to_string());
        line(&[
            self.kind.to_owned(),
            self.severity.to_owned(),
            cell(&record.source),
            self.region.map_or(record.line, |region| region.line).to_string(),
            column,
            record.index.to_string(),
            cell(record.cust_ref.as_deref().unwrap_or_default()),
            cell(record.order_source.as_deref().unwrap_or_default()),
            cell(record.currency.as_deref().unwrap_or_default()),
            cell(self.code),
            cell(if self.name.is_empty() { &self.names } else { self.name }),
            cell(self.path),
            stated,
            right,
            difference,
            cell(self.message),
            cell(self.remedy),
        ])
    }
}

/// The content of a cell. A spreadsheet would run a string that begins like a formula: an apostrophe before it prevents that.
fn cell(text: &str) -> String {
    let text = visible(text);
    let formula = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    if text.trim_start().starts_with(formula) { format!("'{text}") } else { text }
}

fn line(cells: &[String; HEADER.len()]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}
