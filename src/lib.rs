//! Calculates and validates the charges of an order, exactly, by CartRover's Order Charge Field Definitions.
//!
//! An order states amounts that have to agree: each line's `extended_amount` with its price, discount and quantity, the
//! `sub_total` with the lines, the `grand_total` with everything. This crate says which amount is wrong, by how much,
//! why, and what it should be.
//!
//! # Checking
//!
//! [`Document::from_json`] reads one order and keeps its text, so that every finding has a line and a column;
//! [`Documents`] and [`Reader`] read many, in every container they come in. [`check`] does the same for an [`Order`]
//! from anywhere else: built in code, or through serde.
//!
//! ```
//! use ordercharge::{Document, Policy, Rule};
//!
//! let text = br#"{
//!     "sub_total": 14, "order_discount": 2, "tax": 1, "grand_total": 15,
//!     "items": [
//!         {"price": 4.4, "quantity": 2, "extended_amount": 9},
//!         {"price": "5.00", "quantity": 1, "extended_amount": 5}
//!     ]
//! }"#;
//! let report = Document::from_json(text)?.check(&Policy::default());
//!
//! let found: Vec<String> = report.violations.iter().map(ToString::to_string).collect();
//! assert_eq!(found, [
//!     "error[OC101] /items/0/extended_amount: extended_amount of line 1 is 9, expected 8.8 (over by 0.2)",
//!     "error[OC105] /grand_total: grand_total is 15, expected 12 (over by 3)",
//!     "warning[OC304] /tax: tax is not a charge field, so its 1 is lost; sales_tax is unset and seems to be meant",
//! ]);
//!
//! // The report also says what could not be checked, with the reason.
//! let (identity, reason) = report.unchecked().next().unwrap();
//! assert_eq!((identity.rule, reason.to_string()), (Rule::SalesTax, "no line sets tax".to_owned()));
//! # Ok::<(), ordercharge::Error>(())
//! ```
//!
//! With feature `bulk`, `ordercharge::bulk` checks millions of orders on all cores and reports in the order of the input.
//!
//! With feature `submit`, `ordercharge::submit` sends checked orders: no wrong one, none twice, none lost.
//!
//! A [`Policy`] changes severities, rounding and tolerances; [`Policies`] has one for each source of orders. [`Checked`]
//! proves that a check found no error, for code that must only accept checked orders.
//!
//! # Diagnosis and repair
//!
//! The report of a broken order has [`Diagnosis`]es ([`Report::diagnoses`]): the [`Mistake`]s that lead from a right order to
//! the stated amounts, with the fields to change. The diagnoses of the first rank are the most likely; if there are several,
//! the figures of the order cannot decide between them. [`repair()`] writes the first one if its right values are certain,
//! and otherwise says why not ([`Withheld`]). [`Document::repaired`] makes the edits in the text of the order.
//!
//! A hundred orders can answer what a single one leaves open: `ordercharge::mapping` adds up the orders of each source.
//!
//! # Calculating
//!
//! [`calculate`] gives every amount with the named terms that it comes from, [`complete`] fills in those that are unset, and
//! [`OrderBuilder`] makes an order that is right by construction.
//!
//! # Amounts
//!
//! An [`Amount`] is an exact decimal of at most 28 digits. It is read from the text of a JSON number or string, never
//! through a binary float, and its operations give the exact result or none. Only `extended_amount` is ever rounded, to
//! the minor unit of the order's currency. A [`Charge`] distinguishes an amount of 0, a field that is unset, and a field that
//! is unusable.
//!
//! # Orders to test with
//!
//! Feature `generate` has `ordercharge::generate`: right orders, and orders that are wrong in exactly one named way, from a
//! seed. Features `proptest` (`ordercharge::strategy`) and `arbitrary` (`ordercharge::arbitrary`) make them in property tests
//! and fuzz targets.
//!
//! # What cannot go wrong
//!
//! The crate does not panic on any input, has no `unsafe` code, and does no input or output of its own, except with feature
//! `submit-ureq`. An order that breaks rules gives a [`Report`]; an [`Error`] is for bytes that are not an order.

#![cfg_attr(docsrs, feature(doc_cfg))]

// Leaves: they use no other modules.
mod error;
mod text_form;
mod amount;
mod currency;

// The way of the data, as in docs/architecture.md: each module uses only modules above it. `.ci/layers` checks that.
mod scan;
mod extra;
mod order;
mod locate;
mod edit;
mod options;
mod calculate;
mod kind;
mod wire;
mod predicates;
mod rules;
mod policy;
mod identities;
mod findings;
mod fast_path;
mod mistakes;
mod repair;
mod report;
mod check;
mod document;
mod write;
pub mod mapping;
mod stream;
#[cfg(feature = "bulk")]
pub mod bulk;

// The modules on top.
mod build;
mod checked;
#[cfg(feature = "submit")]
pub mod submit;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "proptest")]
pub mod strategy;
#[cfg(feature = "arbitrary")]
pub mod arbitrary;

pub use amount::{Amount, AmountText, Rounding};
pub use build::{BuildError, OrderBuilder};
pub use calculate::{Formula, Origin, Reason, Term, Working, Workings, calculate, complete};
pub use check::check;
pub use checked::{Checked, Refused};
pub use currency::{Currency, Iso};
pub use document::{Document, Patch};
pub use edit::{Applicability, Edit};
pub use error::{Error, Position};
pub use extra::Extra;
pub use findings::{Span, Violation};
pub use identities::{Identities, Identity, IdentityOutcome};
pub use kind::ViolationKind;
pub use locate::Outline;
pub use mistakes::{Certainty, Culprit, Diagnosis, Mistake, MistakeAt};
pub use options::{Options, Tolerances};
pub use order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Place, Unusable};
pub use policy::{Policies, Policy};
pub use repair::{Repair, RepairOptions, Withheld, repair};
pub use report::Report;
pub use rules::{Rule, Severity};
pub use stream::{Documents, Reader, Record};

/// Runs the examples of the README as tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
