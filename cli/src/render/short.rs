//! One line for each finding, as compilers print them: a diagnosis with the rules that it explains, and each violation that no
//! diagnosis of the first rank explains.

use std::io::{self, Write};

use super::listed::{Listed, listed};
use super::{Compared, Finding, Format, Options, Page, ended};
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
    for item in listed(report) {
        let (at, severity) = (item.position(finding, document), item.severity());
        let place = format!("{source}:{}:{}", at.line, at.column);
        match item {
            Listed::Violation(violation) => {
                let message = brief(&violation.message_in(currency));
                writeln!(out, "{place}: {severity}: {message} [{}]{order}", violation.rule)?;
            }
            Listed::Diagnosis(diagnosis, explained) => {
                let mut codes: Vec<&str> = explained.iter().map(|violation| violation.rule.code()).collect();
                codes.dedup();
                let breaks = if codes.is_empty() { String::new() } else { format!("; breaks {}", codes.join(", ")) };
                let (names, what) = (diagnosis.names(), brief(&diagnosis.message_in(currency)));
                writeln!(out, "{place}: {severity}: {what} [{names}{breaks}]{order}")?;
                for rival in report.diagnoses.iter().skip(1).filter(|rival| rival.is_first()) {
                    let (names, what) = (rival.names(), brief(&rival.message_in(currency)));
                    writeln!(out, "{place}: note: or {what} [{names}]{order}")?;
                }
            }
        }
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
