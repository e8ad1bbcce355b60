//! Orders by the million, checked on all cores, reported in the order of the input. Feature `bulk`.
//!
//! [`Bulk::run`] reads sources in the containers that [`Reader`](crate::Reader) reads, checks every order, and hands
//! what it finds to a [`Task`], which makes parts of a report from it: on any thread, each part of consecutive orders. The
//! parts are then delivered one at a time, in the order of the input. Who is slow to take them slows the reading: at no
//! time is there more in memory than a piece of the input and a part for each thread, and the largest single order.
//!
//! Nearly all orders are seen to be right by a quick look that allocates nothing; any doubt is left to
//! [`Document::check`], so that the reports are the same as without it.
//!
//! ```
//! use ordercharge::bulk::{Bulk, Finding, Inspected, Task};
//!
//! /// Gathers the names of invalid orders.
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

mod line;
mod split;
mod survey;

use core::num::NonZero;
use core::ops::ControlFlow;
use std::io::{self, Read};

use crate::document::Document;
use crate::error::{Error, Position};
use crate::policy::Policy;
use crate::quick::Unchecked;
use crate::report::Report;
use crate::wire::read_source;

/// How orders are checked by the million.
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
    /// What is asked of every order.
    pub policy: Policy,
    /// How many threads work, the calling one among them; unless set, as many as there are cores.
    pub threads: NonZero<usize>,
    /// Whether every order gets a report, also those with nothing wrong: then nothing is left to the quick look.
    pub every: bool,
    /// Whether orders with nothing wrong are told too, as [`Inspected::Clean`].
    pub clean_texts: bool,
    /// Orders with nothing wrong that begin within that many bytes of their source are reported too, as
    /// [`Inspected::Clean`]: a sample that is the same on any number of threads. 0 unless it is set.
    pub clean_sample: u64,
}

impl Default for Bulk {
    fn default() -> Self {
        Bulk::new(Policy::default())
    }
}

/// What becomes of the records.
pub trait Task: Sync {
    /// A part of the result: what is made of some consecutive records.
    type Part: Default + Send;

    /// Takes a record into the part: an order with a finding, or a document that cannot be read. Called on any thread, in
    /// the order of the input within the part.
    fn found(&self, part: &mut Self::Part, found: Finding<'_>);

    /// About how many bytes a part holds. Large parts are delivered early, so that they stay bounded.
    fn size(&self, part: &Self::Part) -> usize {
        let _ = part;
        0
    }
}

/// A record that something is said of.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finding<'a> {
    /// The number of its source, from 0.
    pub source: usize,
    /// Its number in the run, from 0; what cannot be read has one too.
    pub index: u64,
    /// Where it begins in its source.
    pub position: Position,
    /// What it is.
    pub outcome: Inspected<'a>,
}

/// What a record is.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "one lives at a time, and a box would be an allocation for each order")]
pub enum Inspected<'a> {
    /// An order and what the check found.
    Checked(Document<'a>, Report),
    /// The text of an order with nothing wrong, if [`Bulk::clean_texts`] asks for them.
    Clean(&'a [u8]),
    /// Something that cannot be read as an order.
    Unreadable(Error),
}

/// A part of the result whose turn has come.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delivery<'a, P> {
    /// What the task has made. It is used again: take out what is in it.
    pub part: &'a mut P,
    /// The number of the source that its records are in.
    pub source: usize,
    /// How many records it stands for, those with nothing wrong included.
    pub orders: u64,
    /// How many of them have nothing wrong and got no report.
    pub clean: u64,
    /// How many identities of those could not be checked.
    pub unchecked: u64,
    /// Of how many of those no identity could be checked at all.
    pub unchecked_orders: u64,
    /// How many of those each `order_source` has. Sources beyond the first few hundred are not told apart.
    pub clean_sources: Vec<(Option<String>, u64)>,
    /// How many bytes were read for it.
    pub bytes: u64,
    /// The source that ended too early, and why: it could not be opened, or not be read to its end.
    pub failure: Option<(usize, io::Error)>,
}

/// Orders with nothing wrong.
#[derive(Debug, Default)]
struct Clean {
    orders: u64,
    unchecked: u64,
    unchecked_orders: u64,
    /// By the JSON text of their `order_source`.
    sources: Vec<(Vec<u8>, u64)>,
}

/// The most sources of a piece that are told apart.
const MOST_SOURCES: usize = 256;

impl Clean {
    fn add(&mut self, unchecked: Unchecked, policy: &Policy, source: &[u8]) {
        self.orders += 1;
        self.unchecked += unchecked.count(policy);
        self.unchecked_orders += u64::from(unchecked.is_all(policy));
        // Nearly always the same as before.
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

    /// The sources by what their texts say.
    fn named_sources(&self) -> Vec<(Option<String>, u64)> {
        let named = self.sources.iter().map(|(text, count)| (read_source(text), *count));
        let mut sources: std::collections::BTreeMap<Option<String>, u64> = std::collections::BTreeMap::new();
        named.for_each(|(name, count)| *sources.entry(name).or_default() += count);
        sources.into_iter().collect()
    }
}

impl Bulk {
    /// Checks by a policy, with as many threads as there are cores.
    pub fn new(policy: Policy) -> Bulk {
        let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        Bulk { policy, threads, every: false, clean_texts: false, clean_sample: 0 }
    }

    /// Reads and checks all sources, one after the other. `deliver` gets the parts in the order of the input; breaking
    /// off there ends the run.
    ///
    /// A source that cannot be opened or read to its end is a failure of a delivery and costs no other source.
    pub fn run<R, I, T, D>(&self, sources: I, task: &T, deliver: D)
    where
        R: Read + Send,
        I: IntoIterator<Item = io::Result<R>, IntoIter: Send>,
        T: Task,
        D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()> + Send,
    {
        let line = line::Line::new(self, task, sources.into_iter(), deliver);
        std::thread::scope(|scope| {
            for _ in 1..self.threads.get() {
                // Where the system has no more threads to give, those there are do the work.
                if std::thread::Builder::new().spawn_scoped(scope, || line.work()).is_err() {
                    break;
                }
            }
            line.work();
        });
    }
}
