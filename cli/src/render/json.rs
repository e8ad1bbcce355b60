//! The record of one document, as JSON.

use std::io;

use ordercharge::{Place, Reason, Report, Rule, Violation};
use serde::Serialize;

use super::Finding;

#[derive(Serialize)]
struct Record<'a> {
    r#type: &'static str,
    source: &'a str,
    index: u64,
    line: u64,
    cust_ref: Option<&'a str>,
    verdict: &'static str,
    error: Option<String>,
    violations: &'a [Violation],
    identities: Identities<'a>,
}

#[derive(Default, Serialize)]
struct Identities<'a> {
    held: usize,
    broken: usize,
    unchecked: Vec<Unchecked<'a>>,
}

#[derive(Serialize)]
struct Unchecked<'a> {
    rule: Rule,
    path: &'a Place,
    reason: &'a Reason,
}

impl<'a> Identities<'a> {
    fn of(report: &'a Report) -> Identities<'a> {
        let unchecked = report.unchecked();
        Identities {
            held: report.held(),
            broken: report.broken(),
            unchecked: unchecked
                .map(|(identity, reason)| Unchecked { rule: identity.rule, path: &identity.place, reason })
                .collect(),
        }
    }
}

/// Writes it, without a line end.
pub(super) fn finding(out: &mut Vec<u8>, finding: &Finding<'_>) -> io::Result<()> {
    let mut record = Record {
        r#type: "order",
        source: finding.source,
        index: finding.index,
        line: finding.position.line,
        cust_ref: None,
        verdict: "unreadable",
        error: None,
        violations: &[],
        identities: Identities::default(),
    };
    match &finding.outcome {
        Err(error) => record.error = Some(error.to_string()),
        Ok((document, report)) => {
            record.cust_ref = document.order().cust_ref.as_deref();
            record.verdict = if report.is_valid() { "valid" } else { "invalid" };
            record.violations = &report.violations;
            record.identities = Identities::of(report);
        }
    }
    serde_json::to_writer(out, &record).map_err(io::Error::from)
}
