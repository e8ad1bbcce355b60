//! A call that could not be done.

use crate::output::{self, Message};

/// Why a call could not be done: a name is unknown, or the options are not understood. A wrong or unreadable order is not a
/// failure: it gives a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(String);

impl core::fmt::Display for Failure {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Failure {}

impl Failure {
    /// A failure with this message.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure(message.into())
    }

    /// The failure as a record.
    pub fn record(&self) -> String {
        output::json(&Message::new("failure", &self.0)).unwrap_or_default()
    }
}
