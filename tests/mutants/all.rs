//! All tests of the library in one program: for a mutant it is linked once, not once for each file.
#![allow(clippy::duplicate_mod, reason = "each file of tests brings its helpers, as it does when built by itself")]

#[path = "../amount.rs"]
mod amount;
#[path = "../bulk.rs"]
mod bulk;
#[path = "../calculate.rs"]
mod calculate;
#[path = "../cases.rs"]
mod cases;
#[path = "../generate.rs"]
mod generate;
#[path = "../mapping.rs"]
mod mapping;
#[path = "../mistake_pages.rs"]
mod mistake_pages;
#[path = "../mistakes.rs"]
mod mistakes;
#[path = "../oracle.rs"]
mod oracle;
#[path = "../properties.rs"]
mod properties;
#[path = "../public_cases.rs"]
mod public_cases;
#[path = "../repair.rs"]
mod repair;
#[path = "../rules.rs"]
mod rules;
#[path = "../strategy.rs"]
mod strategy;
#[path = "../value.rs"]
mod value;
#[path = "../wire.rs"]
mod wire;
