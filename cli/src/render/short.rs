//! A line for each finding, as compilers print them.

use std::io::{self, Write};

use super::{Finding, ended};
use crate::output::{brief, visible};

pub(super) fn finding(out: &mut Vec<u8>, finding: &Finding<'_>, all: bool) -> io::Result<()> {
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
    for violation in &report.violations {
        let at = violation.span.map_or(finding.position, |span| span.start);
        let (severity, rule, message) = (violation.severity, violation.rule, brief(&violation.message));
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
