//! What `ordercharge` is compared with: a slow reader on `serde_json` and a check in unbounded exact arithmetic, both
//! written from the specification alone, and a writer of orders that are hard to read and to check.
//!
//! It uses no type or function of `ordercharge`, and is slow.

mod books;
mod currency;
mod derive;
mod exact;
mod misnamed;
mod names;
mod policy;
mod reader;
mod verdict;
mod writer;

pub use num_rational::BigRational;

pub use books::Why;
pub use currency::minor_unit;
pub use derive::{Derived, derive};
pub use exact::{decimals, held, power_of_ten, rounded, shown};
pub use policy::{Policy, Rounding, Severity};
pub use reader::{Charge, Currency, Decimal, Fields, Items, Line, Order, Refused, read};
pub use verdict::{Finding, Outcome, Verdict, judge};
pub use writer::write;
