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
mod failure;
mod finding;
mod generate;
mod map;
mod output;
mod places;
mod record;
mod sample;
mod summary;

pub use call::call;
pub use cart_orders::{CartOrders, Known, Partner, SomeCartOrders, Unpaired, Unseen, cust_ref};
pub use check::{Check, Part};
pub use compare::{Compared, ComparisonSummary, compared, unused};
pub use explain::{Explained, cart_rules, explain};
pub use failure::Failure;
pub use finding::{Cells, Finding};
pub use generate::{Fault, Generated, plain_style};
pub use map::{DocumentPlace, Unmapped};
pub use output::{is_invisible, json};
pub use record::finding;
pub use sample::Sample;
pub use summary::{Counts, NO_CURRENCY, Summary, SummaryRecord, Sums, in_currency, is_unchecked};
