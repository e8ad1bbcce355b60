//! The summary of a comparison: as a record, and in words.

use ordercharge_carts::{Corpus, Verdict, WrongField};
use serde::Serialize;

use crate::output::brief;
use crate::tally::orders_of;

/// The record that ends a report.
#[derive(Serialize)]
pub(super) struct Summary<'a> {
    format: u32,
    r#type: &'static str,
    complete: bool,
    pairs: u64,
    same: u64,
    different: u64,
    unmatched: u64,
    unmappable: u64,
    fields: &'a [WrongField],
    exit: u8,
}

impl<'a> Summary<'a> {
    pub(super) fn new(corpus: &Corpus, fields: &'a [WrongField], complete: bool, exit: u8) -> Summary<'a> {
        Summary {
            format: 1,
            r#type: "summary",
            complete,
            pairs: corpus.pairs(),
            same: corpus.count(Verdict::Same),
            different: corpus.count(Verdict::Different),
            unmatched: corpus.count(Verdict::Unmatched),
            unmappable: corpus.count(Verdict::Unmappable),
            fields,
            exit,
        }
    }

    /// The lines for people. `not_shown` is how many orders the report leaves out.
    pub(super) fn in_words(&self, not_shown: u64) -> Vec<String> {
        let Summary { same, different, unmatched, unmappable, .. } = self;
        let pairs = orders_of(self.pairs);
        let mut lines = vec![format!(
            "{pairs}: {same} same, {different} different, {unmatched} unmatched, {unmappable} unmappable"
        )];
        for field in self.fields {
            lines.push(format!("  {}", brief(&field.sentence)));
            lines.push(format!("    change: {}", brief(&field.remedy)));
        }
        if not_shown > 0 {
            lines.push(format!(
                "  {not_shown} more orders are not shown; --max-shown N shows more, --format short lists all"
            ));
        }
        lines
    }
}
