//! The findings as a code quality report of GitLab: an array of issues. GitLab reads a part of what Code Climate specifies;
//! `type`, `categories` and the end of the lines are for others that read it.

use ordercharge::Severity;
use serde::Serialize;

use super::fingerprint::fingerprint;
use super::words::sentence;
use super::{Format, Found, Page, Run};
use crate::model::Kind;
use crate::output::{Stop, visible};

pub(super) struct Gitlab;

#[derive(Serialize)]
struct Issue {
    #[serde(rename = "type")]
    kind: &'static str,
    categories: [&'static str; 1],
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u64,
    end: u64,
}

impl Format for Gitlab {
    fn begin(&self) -> Result<String, Stop> {
        Ok("[\n".to_owned())
    }

    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        let record = found.record()?;
        for finding in &record.findings {
            let line = finding.line(record);
            let order = record.cust_ref.as_deref().map_or(String::new(), |name| format!(" (order {name})"));
            page.limited_json(|| Issue {
                kind: "issue",
                categories: ["Bug Risk"],
                description: visible(&format!("{}{order}", sentence(finding))),
                check_name: finding.name(),
                fingerprint: fingerprint(record, finding),
                severity: match (finding.kind, finding.severity) {
                    (Kind::Unreadable, _) => "critical",
                    (_, Severity::Error) => "major",
                    (_, Severity::Warning) => "minor",
                },
                location: Location { path: record.source.clone(), lines: Lines { begin: line, end: line } },
            })?;
        }
        Ok(())
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        Ok(if run.shown == 0 { "]\n" } else { "\n]\n" }.to_owned())
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}
