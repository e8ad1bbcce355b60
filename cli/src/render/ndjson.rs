//! A JSON record on each line, then the summary.

use super::{Finding, Format, Page, record};
use crate::output;
use crate::tally::Summary;

pub(super) struct Ndjson;

impl Format for Ndjson {
    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        record::finding(page.text(), finding);
        page.text().push(b'\n');
    }

    fn end(&self, summary: &Summary<'_>) -> serde_json::Result<String> {
        Ok(output::json(summary)? + "\n")
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}
