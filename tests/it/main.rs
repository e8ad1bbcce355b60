//! The integration tests, as one program: it is linked once, and its helpers are written once.
//!
//! A module is a subject. `cargo test --test it repair::` runs one of them. `submit` needs feature `submit-ureq`; `bulk`,
//! `lookahead`, `recovery` and `rows` need feature `bulk`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod util;

mod amount;
#[cfg(feature = "bulk")]
mod bulk;
mod calculate;
mod fast_path;
mod generate;
#[cfg(feature = "bulk")]
mod lookahead;
mod many;
mod mapping;
mod mistake_pages;
mod mistakes;
mod oracle;
mod properties;
mod public_cases;
#[cfg(feature = "bulk")]
mod recovery;
mod repair;
#[cfg(feature = "bulk")]
mod rows;
mod rules;
mod strategy;
#[cfg(feature = "submit-ureq")]
mod submit;
mod unknown_stories;
mod value;
mod wire;
