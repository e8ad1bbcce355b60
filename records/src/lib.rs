//! The records of `ordercharge`: what a check reports, as JSON. The command and every binding print these, so their bytes
//! are the same everywhere.
//!
//! [`finding`] writes the record of one document. [`Check`] checks streams and rows and adds them up to a [`Summary`].
//! [`Compared`] is the record of an order that was compared with a cart's order; [`CartOrders`] finds that order.
//! [`call`](call()) reaches everything by name, with JSON in and out: bindings need no more than that.

mod call;
mod cart_orders;
mod check;
mod compare;
mod explain;
mod generate;
mod map;
mod output;
mod places;
mod record;
mod sample;
mod summary;

use ordercharge::{Document, Error, Place, Position, Report, Span};

pub use call::{Failure, call};
pub use cart_orders::{CartOrders, Known, Partner, SomeCartOrders, Unpaired, Unseen, cust_ref};
pub use check::{Check, Part};
pub use compare::{Compared, ComparisonSummary, compared, unused};
pub use explain::{Explained, cart_rules, explain};
pub use generate::{Fault, Generated, plain_style};
pub use map::{DocumentPlace, Unmapped};
pub use output::{is_invisible, json};
pub use sample::Sample;
pub use summary::{Counts, NO_CURRENCY, Summary, SummaryRecord, Sums, in_currency, is_unchecked};

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

/// Writes the record of a document, without a line end.
pub fn finding(out: &mut Vec<u8>, finding: &Finding<'_>) {
    record::finding(out, finding);
}
