//! Compares a CartRover order with the cart's order that it was made from, and makes right CartRover orders from a cart's.
//!
//! A cart is one table ([`Cart`]): it says which fields of its orders play which part in the charges. [`Cart::map`] makes
//! charges that are right by construction, after it has checked that the cart's own order adds up. [`Pair::compare`] says
//! for each amount of a CartRover order what it should be, and which place of the cart's order it was taken from;
//! [`compare_by_value`] says only the latter, for carts without a table. [`Corpus`] adds many comparisons up.
//!
//! ```
//! use ordercharge_carts::{Cart, Choice, Json, Unmappable, orders};
//!
//! let text = br##"{"order": {"name": "#1001", "currency": "USD", "subtotal_price": "28.71", "total_tax": "0.00",
//!     "total_price": "33.70", "shipping_lines": [{"price": "4.99"}],
//!     "line_items": [{"sku": "MUG", "quantity": 3, "price": "15.95", "discount_allocations": [{"amount": "19.14"}]}]}}"##;
//! let json = Json::parse(text)?;
//! for (order, cart) in orders(&json, None) {
//!     let mapped = cart.expect("a cart with a table").map(&json, order, Choice::default())?;
//!     assert_eq!(mapped.order.items[0].discount, "6.3800");
//!     assert_eq!(mapped.order.grand_total, "33.70");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Amounts are exact ([`ordercharge::Amount`]); the text of each number is kept until it is read as one. Nothing here does
//! input or output, and no input makes it panic.

mod json;
mod path;
mod nearest;
mod table;
mod detect;
mod tables;
mod exact;
mod unmappable;
mod figures;
mod map;
mod explain;
mod orders;
mod rules;
mod stated;
mod values;
mod calculated;
mod derived;
mod rights;
mod origin;
mod comparison;
mod compare;
mod by_value;
mod corpus;
mod markdown;
#[cfg(feature = "generate")]
pub mod generate;

pub use by_value::{compare_by_value, likeness};
pub use compare::Pair;
pub use comparison::{Comparison, Difference, Verdict};
pub use corpus::{Corpus, WrongField};
pub use explain::Source;
pub use json::{Children, Json, JsonError, Kind, Node};
pub use map::{Choice, Edited, Mapped, MappedLine, MappedOrder, Money, Remark};
pub use nearest::nearest;
pub use orders::{orders, outline, references};
pub use rules::CartRule;
pub use table::{Cart, TableError};
pub use unmappable::Unmappable;
pub use values::{How, is_field_name};
