//! What is wrong with an order, sorted and placed as the model sorts and places the findings of its record, for the formats
//! that show the text of the order.

use ordercharge::{Diagnosis, Document, Position, Report, Severity, Violation};

use super::Finding;
use crate::model::errors_first;

/// One thing that is wrong.
pub(super) enum Listed<'r> {
    /// The first diagnosis, with what it explains.
    Diagnosis(&'r Diagnosis, Vec<&'r Violation>),
    /// What that does not explain.
    Violation(&'r Violation),
}

/// What a report finds; the first one is the headline.
pub(super) fn listed(report: &Report) -> Vec<Listed<'_>> {
    let (explained, others): (Vec<_>, Vec<_>) =
        report.violations.iter().partition(|violation| violation.diagnosis == Some(0));
    let mut listed: Vec<Listed<'_>> = Vec::with_capacity(others.len() + 1);
    listed.extend(report.diagnoses.first().map(|diagnosis| Listed::Diagnosis(diagnosis, explained)));
    listed.extend(others.into_iter().map(Listed::Violation));
    errors_first(&mut listed, Listed::severity);
    listed
}

impl Listed<'_> {
    pub(super) fn severity(&self) -> Severity {
        match self {
            Listed::Diagnosis(_, explained) => {
                explained.iter().map(|violation| violation.severity).max().unwrap_or(Severity::Warning)
            }
            Listed::Violation(violation) => violation.severity,
        }
    }

    /// Where it is: the field that it is about. A culprit that is unset has no place of its own; then it is the first violation
    /// that the diagnosis explains.
    pub(super) fn position(&self, finding: &Finding<'_>, document: &Document<'_>) -> Position {
        let span = match self {
            Listed::Violation(violation) => violation.span,
            Listed::Diagnosis(diagnosis, explained) => {
                let stated = diagnosis.culprits.first().filter(|culprit| culprit.stated.is_some());
                let own = stated.and_then(|culprit| {
                    let mut span = document.spans([&culprit.place]).into_iter().next()?;
                    finding.rows.into_iter().for_each(|rows| rows.place(&culprit.place, &mut span));
                    Some(span)
                });
                own.or_else(|| explained.iter().find_map(|violation| violation.span))
            }
        };
        span.map_or(finding.position, |span| span.start)
    }
}
