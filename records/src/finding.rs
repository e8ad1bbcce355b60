//! The findings of one document, as plain data.

use ordercharge::{Document, Error, Place, Position, Report, Span};

/// The findings of one document.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The name of its source.
    pub source: &'a str,
    /// Its number in the whole run, from 0.
    pub index: u64,
    /// Where it begins in its source.
    pub position: Position,
    /// The order with its report, or why it cannot be read.
    pub outcome: Result<(&'a Document<'a>, &'a Report), &'a Error>,
    /// Where its fields are in a source that is not JSON.
    pub rows: Option<&'a dyn Cells>,
}

/// Where the fields of an order are in a source that is not JSON, such as the rows of a table.
pub trait Cells: core::fmt::Debug {
    /// Moves the span of a place in the order to its cell.
    fn place(&self, place: &Place, span: &mut Span);
    /// The line of the cell of a place and the name of its column; `None` if it has no cell. If it has two, `again` asks for the
    /// second one.
    fn cell(&self, place: &Place, again: bool) -> Option<(u64, String)>;
}

impl Finding<'_> {
    /// Whether there is nothing to report about it.
    pub fn is_clean(&self) -> bool {
        self.outcome.as_ref().is_ok_and(|(_, report)| report.violations.is_empty())
    }
}
