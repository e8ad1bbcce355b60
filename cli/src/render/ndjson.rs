//! A JSON record on each line, then the summary.

use super::{Format, Found, Page, Run};
use crate::output::Stop;

pub(super) struct Ndjson;

impl Format for Ndjson {
    fn found(&self, page: &mut Page<'_>, found: &Found<'_>) -> serde_json::Result<()> {
        found.write(page.text())?;
        page.text().push(b'\n');
        Ok(())
    }

    fn end(&self, run: &Run<'_>) -> Result<String, Stop> {
        Ok(run.summary.to_owned() + "\n")
    }

    fn is_for_programs(&self) -> bool {
        true
    }
}
