//! The summary of a run as it is saved (`docs/output.md`), in the form that all formats share.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::accepted::{Baseline, Waivers};
use super::comparison::Compared;

/// The counts of a run: the summary record of `check`, as far as formats show it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Totals {
    /// Whether everything was read and written to its end.
    pub(crate) complete: bool,
    pub(crate) exit: u8,
    /// How many documents there are.
    pub(crate) orders: u64,
    /// How many there are of each verdict and, beyond the verdicts, how many valid orders could not be checked.
    pub(crate) valid: u64,
    pub(crate) invalid: u64,
    pub(crate) unreadable: u64,
    pub(crate) unchecked: u64,
    /// The number of violations of each rule.
    pub(crate) violations: BTreeMap<String, u64>,
    /// By currency code; `None` if the sum has too many digits.
    pub(crate) at_risk: BTreeMap<String, Option<String>>,
    pub(crate) repairable: u64,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) waivers: Option<Waivers>,
    pub(crate) baseline: Option<Baseline>,
    /// What could not be read or written, in a line each.
    pub(crate) errors: Vec<String>,
    /// Of a comparison with a cart's orders; `valid` then counts the same orders and `invalid` all others.
    #[serde(skip)]
    pub(crate) compared: Option<Compared>,
}

/// What is wrong with the mapping of one source.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Mapping {
    pub(crate) order_source: Option<String>,
    pub(crate) orders: u64,
    pub(crate) broken: u64,
    pub(crate) mistakes: Vec<MappingMistake>,
    pub(crate) unexplained: u64,
    pub(crate) sentence: String,
    pub(crate) remedy: String,
}

/// A mistake of a mapping.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MappingMistake {
    pub(crate) name: String,
    pub(crate) explained: u64,
}
