//! Annotations of GitHub Actions for the orders with the most money at risk, and one that counts the others.

use super::words::{counts, money, plain, sentence, title};
use super::{Format, Run};
use crate::annotation::{annotation, error};
use crate::model::{Record, Remark, Verdict, Wants};
use crate::output::{Stop, brief};

/// GitHub shows ten annotations of a step.
const SHOWN: usize = 10;

pub(super) struct Github;

impl Format for Github {
    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        let shown: Vec<&Record> = run.gathered.worst().take(SHOWN).collect();
        // GitHub shows the first ten of a kind: those that say why the run failed come first.
        let mut text: String = run.totals.errors.iter().map(|why| error(why)).collect();
        text.extend(run.totals.remarks().iter().map(remark));
        text.extend(shown.iter().map(|record| of_order(record)));
        let others = run.gathered.records - shown.len() as u64;
        let mut message = counts(run.totals);
        for line in run.totals.accepted() {
            message = format!("{message}; {line}");
        }
        if !run.totals.at_risk.is_empty() {
            message = format!("{message}; money at risk: {}", money(run.totals));
        }
        if others > 0 {
            let are = if others == 1 { "one more has a finding and is" } else { "more have a finding and are" };
            let count = if others == 1 { String::new() } else { format!("{others} ") };
            message = format!("{message}; {count}{are} not shown here");
        }
        text.push_str(&annotation("notice", &[("title", "ordercharge")], &message));
        Ok(text)
    }

    fn wants(&self) -> Option<Wants> {
        Some(Wants { worst: SHOWN, first: 0 })
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}

/// The annotation of an order: its first finding, and how many there are.
fn of_order(record: &Record) -> String {
    let Some(finding) = record.findings.first() else { return String::new() };
    let kind = if record.verdict == Verdict::Valid { "warning" } else { "error" };
    let line = finding.line(record).to_string();
    let column = finding.region.map(|region| region.column.to_string());
    let title = title(record);
    let mut properties = vec![("file", record.source.as_str()), ("line", &line)];
    properties.extend(column.as_deref().map(|column| ("col", column)));
    properties.push(("title", &title));
    let mut message = format!("{}\nchange: {}", sentence(finding), brief(&plain(&finding.remedy)));
    let others = record.findings.iter().skip(1).map(|other| brief(&other.message));
    others.take(SHOWN).for_each(|other| message.push_str(&format!("\nalso: {other}")));
    annotation(kind, &properties, &message)
}

/// The annotation of a waiver.
fn remark(remark: &Remark<'_>) -> String {
    let line = remark.line.map(|line| line.to_string());
    let mut properties = vec![("file", remark.file)];
    properties.extend(line.as_deref().map(|line| ("line", line)));
    properties.push(("title", "ordercharge"));
    annotation("warning", &properties, &remark.message)
}
