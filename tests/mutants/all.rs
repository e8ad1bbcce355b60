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
#[path = "../causes.rs"]
mod causes;
#[path = "../fixes.rs"]
mod fixes;
#[path = "../generate.rs"]
mod generate;
#[path = "../mended.rs"]
mod mended;
#[path = "../oracle.rs"]
mod oracle;
#[path = "../properties.rs"]
mod properties;
#[path = "../rules.rs"]
mod rules;
#[path = "../strategy.rs"]
mod strategy;
#[path = "../told.rs"]
mod told;
#[path = "../value.rs"]
mod value;
#[path = "../wire.rs"]
mod wire;
