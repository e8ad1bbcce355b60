//! The records and the summary as one JSON array.

use super::{Format, Found, Page, Run};
use crate::output::Stop;

pub(super) struct Json;

impl Format for Json {
    fn begin(&self) -> Result<String, Stop> {
        Ok("[\n".to_owned())
    }

    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        found.write(page.text())?;
        // Another record always follows, if only the summary.
        page.text().extend_from_slice(b",\n");
        Ok(())
    }

    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        Ok(run.summary.to_owned() + "\n]\n")
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}
