//! One line for each finding, as compilers print them: a diagnosis with the rules that it explains, and each violation that no
//! diagnosis of the first rank explains.

use std::io::{self, Write};

use super::human::sentence;
use super::{Compared, Finding, Format, Options, Page, ended, severity_explained};
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

    fn compared(&self, page: &mut Page<'_>, compared: &Compared<'_>) {
        page.text().extend_from_slice(super::comparison::lines(compared).as_bytes());
    }
}

fn write(out: &mut Vec<u8>, finding: &Finding<'_>, all: bool) -> io::Result<()> {
    let source = visible(finding.source);
    let (document, report) = match &finding.outcome {
        Err(error) => {
            let at = error.position().unwrap_or(finding.position);
            let why = brief(&error.reason());
            return writeln!(out, "{source}:{}:{}: error: {why} [unreadable]", at.line, at.column);
        }
        Ok(found) => found,
    };
    let order = match &document.order().cust_ref {
        Some(cust_ref) => format!(" (order {})", brief(cust_ref)),
        None => String::new(),
    };
    let currency = &document.order().currency;
    if let Some(first) = report.diagnoses.first() {
        let explained = || report.violations.iter().filter(|violation| violation.diagnosis == Some(0));
        let at = explained().find_map(|violation| Some(violation.span?.start)).unwrap_or(finding.position);
        let mut codes: Vec<&str> = explained().map(|violation| violation.rule.code()).collect();
        codes.dedup();
        let breaks = if codes.is_empty() { String::new() } else { format!("; breaks {}", codes.join(", ")) };
        for diagnosis in report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first()) {
            let (kind, or) = if diagnosis == first { (severity_explained(report).name(), "") } else { ("note", "or ") };
            let (names, what) = (diagnosis.names(), brief(&diagnosis.message_in(currency)));
            let breaks = if or.is_empty() { breaks.as_str() } else { "" };
            writeln!(out, "{source}:{}:{}: {kind}: {or}{what} [{names}{breaks}]{order}", at.line, at.column)?;
        }
    }
    for violation in report.violations.iter().filter(|violation| violation.diagnosis != Some(0)) {
        let at = violation.span.map_or(finding.position, |span| span.start);
        let (severity, rule, message) = (violation.severity, violation.rule, brief(&sentence(violation, currency)));
        writeln!(out, "{source}:{}:{}: {severity}: {message} [{rule}]{order}", at.line, at.column)?;
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
        writeln!(out, "{source}:{}:{}: unchecked: {place}: {reason} [{rule}]{order}", at.line, at.column)?;
    }
    Ok(())
}
