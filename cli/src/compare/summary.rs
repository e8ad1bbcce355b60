//! The summary of a comparison in words.

use ordercharge_records::ComparisonSummary;

use crate::output::brief;
use crate::phrases::orders_of;

/// The lines for people. `not_shown` is how many orders the report leaves out.
pub(super) fn in_words(summary: &ComparisonSummary, not_shown: u64) -> Vec<String> {
    let ComparisonSummary { same, different, unmatched, unmappable, .. } = summary;
    let pairs = orders_of(summary.pairs);
    let mut lines =
        vec![format!("{pairs}: {same} same, {different} different, {unmatched} unmatched, {unmappable} unmappable")];
    for field in &summary.fields {
        lines.push(format!("  {}", brief(&field.sentence)));
        lines.push(format!("    change: {}", brief(&field.remedy)));
    }
    if not_shown > 0 {
        let are = if not_shown == 1 { "order is" } else { "orders are" };
        lines.push(format!("  {not_shown} more {are} not shown; --max-shown N shows more, --format short lists all"));
    }
    lines
}
