//! Checks millions of orders on all cores and reports in the order of the input. Feature `bulk`.
//!
//! [`Bulk::run`] reads sources in the containers that [`Reader`](crate::Reader) reads, checks every order, and passes the
//! findings to a [`Task`]. On any thread, the task makes a part of a report from consecutive orders. The parts are delivered
//! one at a time, in the order of the input. A slow consumer slows reading down. Memory holds at most one piece of input and
//! one part per thread, and the largest single order.
//!
//! A fast path that allocates nothing accepts nearly all valid orders; any doubt is left to [`Document::check`], so that the
//! reports are the same as without it.
//!
//! [`Bulk::run_rows`] checks rows instead, each of which is one record: the values of a column, or the messages of a queue.
//!
//! ```
//! use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
//!
//! /// Collects the names of invalid orders.
//! struct Names;
//!
//! impl Task for Names {
//!     type Part = Vec<String>;
//!
//!     fn found(&self, part: &mut Vec<String>, found: Finding<'_>) {
//!         if let Inspected::Checked(document, report) = found.outcome
//!             && !report.is_valid()
//!         {
//!             part.extend(document.order().cust_ref.clone());
//!         }
//!     }
//! }
//!
//! let text = r#"{"cust_ref": "A", "items": [{"quantity": 1, "price": "2.00", "extended_amount": "2.00"}]}
//! {"cust_ref": "B", "items": [{"quantity": 2, "price": "2.00", "extended_amount": "2.00"}]}
//! "#;
//! let (mut orders, mut invalid) = (0, Vec::new());
//! Bulk::default().run([Ok(text.as_bytes())], &Names, |delivery| {
//!     orders += delivery.orders;
//!     invalid.append(delivery.part);
//!     std::ops::ControlFlow::Continue(())
//! });
//! assert_eq!((orders, invalid), (2, vec!["B".to_owned()]));
//! ```

mod exit;
mod line;
mod rows;
mod split;
mod survey;

use core::num::NonZero;
use core::ops::ControlFlow;
use std::borrow::Cow;
use std::io::{self, Read};

use crate::document::Document;
use crate::error::{Error, Position};
use crate::identities::{RightOrder, Unchecked};
use crate::policy::{Policies, Policy};
use crate::report::Report;
use crate::stream::MAX_DOCUMENT;
use crate::wire::read_source;

/// The settings of a bulk check.
///
/// ```
/// use ordercharge::bulk::Bulk;
/// use ordercharge::Policy;
///
/// let mut bulk = Bulk::new(Policy::default());
/// bulk.threads = std::num::NonZero::new(2).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Bulk {
    /// The policies of the check, by the source of the orders.
    pub policies: Policies,
    /// The number of threads, including the calling one. By default, the number of cores.
    pub threads: NonZero<usize>,
    /// Whether every order gets a report, also valid ones. The fast path is then not used.
    pub every: bool,
    /// Whether orders without a finding are passed to the task too, as [`Inspected::Clean`].
    pub clean_texts: bool,
    /// Whether orders are only separated and not checked: each is passed to the task as [`Inspected::Clean`]. None counts as
    /// [`clean`](Delivery::clean).
    pub texts_only: bool,
    /// Orders without a finding that begin within this number of bytes of their source are passed to the task too, as
    /// [`Inspected::Clean`]. This sample is the same on any number of threads. 0 by default.
    pub clean_sample: u64,
    /// The most bytes that one document may take, as in [`Reader::max_document`](crate::Reader::max_document).
    pub max_document: usize,
}

impl Default for Bulk {
    fn default() -> Self {
        Bulk::new(Policy::default())
    }
}

/// What is done with the records.
pub trait Task: Sync {
    /// A part of the result, made from some consecutive records.
    type Part: Default + Send;

    /// Adds a record to the part: an order with a finding, or a document that cannot be read. Called on any thread, in the order
    /// of the input within the part.
    fn found(&self, part: &mut Self::Part, found: Finding<'_>);

    /// The approximate number of bytes that a part holds. Large parts are delivered early, so that their size stays limited.
    fn size(&self, part: &Self::Part) -> usize {
        let _ = part;
        0
    }
}

/// A record that is reported.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finding<'a> {
    /// The number of its source, from 0.
    pub source: usize,
    /// Its number in the run, from 0. Documents that cannot be read are counted too.
    pub index: u64,
    /// Where it begins in its source, or in its row.
    pub position: Position,
    /// Whether it begins within the first [`Bulk::clean_sample`] bytes.
    pub in_sample: bool,
    /// The result of its check.
    pub outcome: Inspected<'a>,
}

/// The result of checking a record.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives at a time, and a box would be an allocation for each order")]
pub enum Inspected<'a> {
    /// An order and what the check found.
    Checked(Document<'a>, Report),
    /// The text of an order without a finding, if [`Bulk::clean_texts`] is set; of any order, if [`Bulk::texts_only`] is.
    Clean(&'a [u8]),
    /// A document that cannot be read as an order.
    Unreadable(Error),
}

/// A part of the result that is delivered.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivery<'a, P> {
    /// The part that the task has made. It is used again, so take its content out.
    pub part: &'a mut P,
    /// The number of the source that its records are in.
    pub source: usize,
    /// The number of its records, including those without a finding.
    pub orders: u64,
    /// The number of records without a finding, which got no report.
    pub clean: u64,
    /// The number of identities of those that could not be checked.
    pub unchecked: u64,
    /// The number of those without any identity that could be checked.
    pub unchecked_orders: u64,
    /// The number of those for each `order_source`. Sources after the first few hundred are counted together.
    pub clean_sources: Vec<(Option<String>, u64)>,
    /// The number of bytes that were read for it.
    pub bytes: u64,
    /// The source that ended too early, and why: it could not be opened or read to its end.
    pub failure: Option<(usize, io::Error)>,
}

/// Counts of orders without a finding.
#[derive(Debug, Default)]
struct Clean {
    orders: u64,
    unchecked: u64,
    unchecked_orders: u64,
    /// By the JSON text of their `order_source`.
    sources: Vec<(Vec<u8>, u64)>,
}

/// The most sources of a piece that are counted separately.
const MOST_SOURCES: usize = 256;

impl Clean {
    fn add(&mut self, unchecked: Unchecked, policies: &Policies, source: &[u8]) {
        let policy = match policies.sources.is_empty() {
            true => &policies.base,
            false => policies.of_source(read_source(source).as_deref()),
        };
        self.orders += 1;
        let identities = RightOrder::new(unchecked, policy);
        let unchecked = identities.unchecked_count();
        self.unchecked += unchecked as u64;
        self.unchecked_orders += u64::from(unchecked == identities.count());
        // Nearly always the source of the previous order.
        let known = match self.sources.last() {
            Some((last, _)) if last == source => self.sources.len().checked_sub(1),
            _ => self.sources.iter().position(|(known, _)| known == source),
        };
        if let Some((_, count)) = known.and_then(|at| self.sources.get_mut(at)) {
            *count += 1;
        } else if self.sources.len() < MOST_SOURCES {
            self.sources.push((source.to_vec(), 1));
        }
    }

    /// The counts by the values of the texts.
    fn named_sources(&self) -> Vec<(Option<String>, u64)> {
        let named = self.sources.iter().map(|(text, count)| (read_source(text).map(Cow::into_owned), *count));
        let mut sources: std::collections::BTreeMap<Option<String>, u64> = std::collections::BTreeMap::new();
        named.for_each(|(name, count)| *sources.entry(name).or_default() += count);
        sources.into_iter().collect()
    }
}

impl Bulk {
    /// A bulk check with a policy, or with policies by source, on as many threads as there are cores.
    pub fn new(policies: impl Into<Policies>) -> Bulk {
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Bulk {
            policies: policies.into(),
            threads,
            every: false,
            clean_texts: false,
            texts_only: false,
            clean_sample: 0,
            max_document: MAX_DOCUMENT,
        }
    }

    /// Reads and checks all sources, one after the other. `deliver` gets the parts in the order of the input and ends the run by
    /// returning `Break`.
    ///
    /// A source that cannot be opened or read to its end is reported as the failure of a delivery; the other sources are still
    /// checked.
    pub fn run<R, I, T, D>(&self, sources: I, task: &T, deliver: D)
    where
        R: Read + Send,
        I: IntoIterator<Item = io::Result<R>, IntoIter: Send>,
        T: Task,
        D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()> + Send,
    {
        let line = line::Line::new(self, task, sources.into_iter(), deliver);
        self.on_threads(|| line.work());
    }

    /// Checks rows: strings that each hold one order, such as the values of a column. Row 7 is record 7, whatever is in it: an
    /// empty row, a row with two orders and a row that ends too early are each one record that cannot be read. Every row is
    /// judged as [`Document::from_json`] judges it, so [`max_document`](Bulk::max_document) plays no part.
    ///
    /// Positions are counted from the start of the row. All rows have the source number 0;
    /// [`clean_sample`](Bulk::clean_sample) counts their bytes as if they followed one another.
    ///
    /// ```
    /// use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
    ///
    /// /// Collects the numbers of the rows that cannot be read.
    /// struct Unreadable;
    ///
    /// impl Task for Unreadable {
    ///     type Part = Vec<u64>;
    ///
    ///     fn found(&self, part: &mut Vec<u64>, found: Finding<'_>) {
    ///         if let Inspected::Unreadable(_) = found.outcome {
    ///             part.push(found.index);
    ///         }
    ///     }
    /// }
    ///
    /// let rows = [r#"{"items": [{"quantity": 1}]}"#, "", r#"{"items": ["#, r#"{"items": [{"quantity": 2}]}"#];
    /// let mut unreadable = Vec::new();
    /// Bulk::default().run_rows(&rows, &Unreadable, |delivery| {
    ///     unreadable.append(delivery.part);
    ///     std::ops::ControlFlow::Continue(())
    /// });
    /// assert_eq!(unreadable, [1, 2]);
    /// ```
    pub fn run_rows<B, T, D>(&self, rows: &[B], task: &T, deliver: D)
    where
        B: AsRef<[u8]> + Sync,
        T: Task,
        D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()> + Send,
    {
        let rows = rows::Rows::new(self, rows, task, deliver);
        self.on_threads(|| rows.work());
    }

    /// Does the work on all threads.
    fn on_threads(&self, work: impl Fn() + Sync) {
        if self.threads.get() == 1 {
            return work();
        }
        std::thread::scope(|scope| {
            for _ in 1..self.threads.get() {
                // If the system gives no more threads, the existing ones do the work.
                if std::thread::Builder::new().spawn_scoped(scope, &work).is_err() {
                    break;
                }
            }
            work();
        });
    }
}
