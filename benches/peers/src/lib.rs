//! What the programs share: their arguments, the lines of a file, and the sums of an order in `Decimal`.

pub mod arguments;
pub mod charges;
pub mod lines;

/// What a program of this folder ends with: there is nobody to handle an error but the person who reads it.
pub type Outcome = Result<(), Box<dyn std::error::Error>>;
