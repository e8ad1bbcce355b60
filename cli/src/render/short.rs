//! One line for each finding, as compilers print them: a diagnosis with everything that it explains, and each violation that
//! no diagnosis of the first rank explains.

use std::io::{self, Write};

use super::{Finding, Format, Options, Page, ended, severity_explained};
use crate::output::{brief, visible};

pub(super) struct Short {
    all: bool,
}

impl Short {
    pub(super) fn new(options: &Options) -> Short {
        Short { all: options.all }
    }
}

impl Format for Short {
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        // Writing to memory does not fail.
        let _ = write(page.text(), finding, self.all);
    }
}

fn write(out: &mut Vec<u8>, finding: &Finding<'_>, all: bool) -> io::Result<()> {
    let source = visible(finding.source);
    let (document, report) = match &finding.outcome {
        Err(error) => {
            let at = error.position().unwrap_or(finding.position);
            let why = brief(&error.reason());
            return writeln!(out, "{source}:{}:{}: error: {why}", at.line, at.column);
        }
        Ok(found) => found,
    };
    let order = match &document.order().cust_ref {
        Some(cust_ref) => format!(" (order {})", brief(cust_ref)),
        None => String::new(),
    };
    if let Some(first) = report.diagnoses.first() {
        let explained = || report.violations.iter().filter(|violation| violation.diagnosis == Some(0));
        let at = explained().find_map(|violation| Some(violation.span?.start)).unwrap_or(finding.position);
        let mut codes: Vec<&str> = explained().map(|violation| violation.rule.code()).collect();
        codes.dedup();
        let breaks = if codes.is_empty() { String::new() } else { format!("; breaks {}", codes.join(", ")) };
        for diagnosis in report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first()) {
            let (kind, or) = if diagnosis == first { (severity_explained(report).name(), "") } else { ("note", "or ") };
            let path = diagnosis.culprits.first().map_or(String::new(), |culprit| culprit.place.to_string());
            let (names, path, what) = (diagnosis.names(), brief(&path), brief(&diagnosis.to_string()));
            let breaks = if or.is_empty() { breaks.as_str() } else { "" };
            writeln!(out, "{source}:{}:{}: {kind}[{names}] {path}: {or}{what}{breaks}{order}", at.line, at.column)?;
        }
    }
    for violation in report.violations.iter().filter(|violation| violation.diagnosis != Some(0)) {
        let at = violation.span.map_or(finding.position, |span| span.start);
        let (severity, rule, message) = (violation.severity, violation.rule, violation.message());
        let message = brief(&message);
        let place = brief(&violation.place.to_string());
        writeln!(out, "{source}:{}:{}: {severity}[{rule}] {place}: {message}{order}", at.line, at.column)?;
    }
    if !all {
        return Ok(());
    }
    let at = finding.position;
    if report.violations.is_empty() {
        writeln!(out, "{source}:{}:{}: valid: {}{order}", at.line, at.column, ended(report))?;
    }
    for (identity, reason) in report.unchecked() {
        let (rule, place) = (identity.rule, &identity.place);
        writeln!(out, "{source}:{}:{}: unchecked[{rule}] {place}: {reason}{order}", at.line, at.column)?;
    }
    Ok(())
}
