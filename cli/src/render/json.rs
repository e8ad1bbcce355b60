//! The records and the summary as one JSON array.

use super::{Finding, Format, Page, record};
use crate::output;
use crate::tally::Summary;

pub(super) struct Json;

impl Format for Json {
    fn begin(&self) -> &'static str {
        "[\n"
    }

    fn finding(&self, page: &mut Page<'_>, finding: &Finding<'_>) {
        record::finding(page.text(), finding);
        // Another record always follows, if only the summary.
        page.text().extend_from_slice(b",\n");
    }

    fn end(&self, summary: &Summary<'_>) -> serde_json::Result<String> {
        Ok(output::json(summary)? + "\n]\n")
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}
