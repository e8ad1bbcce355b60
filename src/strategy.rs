//! Strategies of proptest for orders: right ones, ones with exactly one fault, their texts, and replies.
//!
//! They make what [`generate`] makes, from bytes that proptest draws and shrinks. Any bytes give an order of the same kind,
//! so shrinking keeps what a strategy promises, and no value is ever filtered out.
//!
//! A test that the orders of a cart become valid charges:
//!
//! ```
//! use ordercharge::generate::Params;
//! use ordercharge::{Order, Policy, check, strategy};
//! use proptest::prelude::*;
//!
//! /// An order of my cart; a real one would have more fields.
//! struct Cart { order: Order }
//!
//! /// The code under test.
//! fn to_cartrover(cart: &Cart) -> Order {
//!     cart.order.clone()
//! }
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(16))]
//!     # /*
//!     #[test]
//!     # */
//!     fn my_orders_become_valid_charges(order in strategy::consistent_order(Params::default())) {
//!         let sent = to_cartrover(&Cart { order });
//!         let report = check(&sent, &Policy::default());
//!         prop_assert!(report.violations.is_empty(), "{:?}", report.violations);
//!     }
//! }
//! # my_orders_become_valid_charges();
//! ```
//!
//! A test that a fault is noticed:
//!
//! ```
//! use ordercharge::{Mistake, Policy, check, strategy};
//! use proptest::prelude::*;
//!
//! proptest! {
//!     # #![proptest_config(ProptestConfig::with_cases(16))]
//!     # /*
//!     #[test]
//!     # */
//!     fn a_rounded_price_is_found(faulty in strategy::one_fault(Mistake::UnitPriceRounded)) {
//!         let report = check(&faulty.order, &Policy::default());
//!         let first = report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
//!         let mut mistakes = first.flat_map(|diagnosis| &diagnosis.mistakes);
//!         prop_assert!(mistakes.any(|made| made.mistake == Mistake::UnitPriceRounded));
//!     }
//! }
//! # a_rounded_price_is_found();
//! ```

use core::fmt::{self, Debug};

use ::proptest::collection::vec;
use ::proptest::num::u8::ANY;
use ::proptest::strategy::{NewTree, Strategy, ValueTree};
use ::proptest::test_runner::TestRunner;

use crate::generate::{self, BatchReply, Choices, Faulty, Label, Params, Style};
use crate::order::Order;
use crate::rules::Rule;

/// The number of bytes drawn for a value. A value that needs more continues with the simplest choices.
const BYTES: usize = 1024;

/// A right order, in which [`check`](crate::check()) finds nothing: see [`generate::consistent_order`].
///
/// Smaller orders have fewer lines, lower prices, and fewer other charges.
pub fn consistent_order(params: Params) -> impl Strategy<Value = Order> + Clone {
    Made(move |choices: &mut Choices<'_>| generate::consistent_order(&params, choices))
}

/// An order with exactly one fault, a broken rule or a mistake: see [`generate::one_fault`]. It keeps the fault while it
/// shrinks.
pub fn one_fault(label: impl Into<Label>) -> impl Strategy<Value = Faulty> + Clone {
    let label = label.into();
    Made(move |choices: &mut Choices<'_>| generate::one_fault(label, choices))
}

/// An order with any one fault. It keeps its label while it shrinks.
pub fn any_fault() -> impl Strategy<Value = Faulty> {
    // `select` would shrink to the first label.
    let label = (0..Label::all().count()).no_shrink();
    label.prop_flat_map(|number| {
        let label = Label::all().nth(number).unwrap_or(Label::Rule(Rule::GrandTotal));
        one_fault(label)
    })
}

/// Any style of writing an order. Smaller ones are plainer.
pub fn style() -> impl Strategy<Value = Style> + Clone {
    Made(Style::drawn)
}

/// An order as JSON, written in that style: see [`generate::json_text`].
pub fn json_text(order: Order, style: Style) -> impl Strategy<Value = String> + Clone {
    Made(move |choices: &mut Choices<'_>| generate::json_text(&order, &style, choices))
}

/// A reply to a batch of orders with these names: see [`generate::batch_reply`].
pub fn batch_reply<N: AsRef<str>>(cust_refs: impl IntoIterator<Item = N>) -> impl Strategy<Value = BatchReply> + Clone {
    let names: Vec<String> = cust_refs.into_iter().map(|name| name.as_ref().to_owned()).collect();
    Made(move |choices: &mut Choices<'_>| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        generate::batch_reply(&names, choices)
    })
}

/// A value made from choices.
#[derive(Clone)]
struct Made<F>(F);

impl<F> Debug for Made<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made")
    }
}

impl<T: Debug, F: Fn(&mut Choices<'_>) -> T + Clone> Strategy for Made<F> {
    type Tree = Shrinking<F>;
    type Value = T;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let bytes = vec(ANY, BYTES).new_tree(runner)?.current();
        Ok(Shrinking::new(bytes, self.0.clone()))
    }
}

/// The bytes of a value while they shrink.
struct Shrinking<F> {
    make: F,
    bytes: Vec<u8>,
    /// The bytes before the step that is being tried.
    before: Vec<u8>,
    step: Step,
}

/// The step that is tried next. Bytes of 0 make the simplest choice.
#[derive(Clone, Copy)]
enum Step {
    /// A number of bytes from an offset become 0.
    Clear {
        width: usize,
        at: usize,
    },
    /// A byte is halved repeatedly.
    Halve {
        at: usize,
    },
    /// A byte is decremented repeatedly.
    Lower {
        at: usize,
    },
    Done,
}

impl<F> Shrinking<F> {
    fn new<T>(mut bytes: Vec<u8>, make: F) -> Shrinking<F>
    where
        F: Fn(&mut Choices<'_>) -> T,
    {
        let mut choices = Choices::of(&bytes);
        make(&mut choices);
        // Bytes that are not used need not shrink.
        let used = bytes.len() - choices.bytes_left();
        bytes.truncate(used);
        let step = Step::Clear { width: used.next_power_of_two(), at: 0 };
        Shrinking { make, before: bytes.clone(), bytes, step }
    }

    /// Takes the step. Returns whether it changed anything.
    fn take(&mut self, step: Step) -> bool {
        self.before.clone_from(&self.bytes);
        let (at, width, smaller): (usize, usize, fn(u8) -> u8) = match step {
            Step::Clear { width, at } => (at, width, |_| 0),
            Step::Halve { at } => (at, 1, |byte| byte / 2),
            Step::Lower { at } => (at, 1, |byte| byte.saturating_sub(1)),
            Step::Done => return false,
        };
        self.bytes.iter_mut().skip(at).take(width).for_each(|byte| *byte = smaller(*byte));
        self.bytes != self.before
    }

    /// The step after one that failed, or that cannot be repeated.
    fn behind(&self, step: Step) -> Step {
        let last = |at: usize| at + 1 >= self.bytes.len();
        match step {
            Step::Clear { width, at } if at + width < self.bytes.len() => Step::Clear { width, at: at + width },
            Step::Clear { width: 0 | 1, .. } => Step::Halve { at: 0 },
            Step::Clear { width, .. } => Step::Clear { width: width / 2, at: 0 },
            Step::Halve { at } if last(at) => Step::Lower { at: 0 },
            Step::Halve { at } => Step::Halve { at: at + 1 },
            Step::Lower { at } if last(at) => Step::Done,
            Step::Lower { at } => Step::Lower { at: at + 1 },
            Step::Done => Step::Done,
        }
    }
}

impl<T: Debug, F: Fn(&mut Choices<'_>) -> T> ValueTree for Shrinking<F> {
    type Value = T;

    fn current(&self) -> T {
        (self.make)(&mut Choices::of(&self.bytes))
    }

    fn simplify(&mut self) -> bool {
        loop {
            let step = self.step;
            if let Step::Done = step {
                return false;
            }
            if self.take(step) {
                return true;
            }
            self.step = self.behind(step);
        }
    }

    fn complicate(&mut self) -> bool {
        // The previous value is restored, and then the next step is tried.
        let changes = self.bytes != self.before;
        self.bytes.clone_from(&self.before);
        self.step = self.behind(self.step);
        changes
    }
}
