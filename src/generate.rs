//! Orders to test with: right ones, and ones that are wrong in exactly one named way.
//!
//! Code that maps, stores or sends orders needs orders to be tested with. These are made from [`Choices`]: a seed, or the
//! bytes of a fuzzer. Feature `proptest` has them as strategies, feature `arbitrary` as types for fuzz targets.
//!
//! | | |
//! | --- | --- |
//! | [`consistent_order`] | an order without a finding |
//! | [`one_fault`] | an order with one fault, with its rule or mistake, its place, its difference, and the original order |
//! | [`plausible_order`] | a right order as shops make them: usual tax rates, percentages off, bundles |
//! | [`with_mistake`] | such an order with a mistake of the table made in it, whatever its diagnosis is |
//! | [`json_text`] | an order as JSON, in any of the ways it may be written |
//! | [`batch_reply`] | what the API might answer to a batch |
//!
//! ```
//! use ordercharge::generate::{Choices, Params, Style, consistent_order, json_text};
//! use ordercharge::{Document, Policy};
//!
//! let mut choices = Choices::seeded(42);
//! let order = consistent_order(&Params::default(), &mut choices);
//! let text = json_text(&order, &Style::drawn(&mut choices), &mut choices);
//! let document = Document::from_json(text.as_bytes())?;
//! assert_eq!(document.order(), &order);
//! assert!(document.check(&Policy::default()).violations.is_empty());
//! # Ok::<(), ordercharge::Error>(())
//! ```

mod choices;
mod fault;
mod mistake;
mod order;
mod reply;
mod text;

pub use choices::Choices;
pub use fault::{Faulty, Label, one_fault, try_one_fault};
pub use mistake::{Mistaken, plausible_order, with_mistake};
pub use order::{Params, Presence, consistent_order};
pub use reply::{Answer, BatchReply, batch_reply};
pub use text::{Amounts, Blanks, Style, json_text};
