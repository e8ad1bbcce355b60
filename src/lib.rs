#![doc = "Calculates and validates the charges of an order: exact, explained, by CartRover's Order Charge Field Definitions."]

// Leaves: they use nothing of ours but each other.
mod amount;
mod currency;
mod error;

// The way of the data, each using only what stands above it.
mod build;
mod calculate;
mod check;
mod checked;
mod document;
mod edit;
mod locate;
mod order;
mod policy;
mod report;
mod rules;
mod scan;
mod stream;
mod wire;

pub use amount::{Amount, Round};
pub use build::OrderBuilder;
pub use calculate::{Formula, Origin, Reason, Rounding, Term, Working, Workings, calculate, complete};
pub use check::Tolerances;
pub use checked::{Checked, Refused};
pub use currency::{Currency, Iso};
pub use document::Document;
pub use error::{Error, Position};
pub use order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Place, Unusable};
pub use policy::Policy;
pub use report::{Identity, Outcome, Report, Span, Terms, Violation, check};
pub use rules::{Rule, Severity};
pub use stream::{Documents, Reader, Record};
