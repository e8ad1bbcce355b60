//! What a run found, as data. Every format of a report shows this and nothing else, whether it comes from a check or from
//! saved records.
//!
//! A [`Record`] is one document with its [`Finding`]s; [`Totals`] are the counts of the run; [`Gathered`] is what the
//! formats of a fixed size keep of many records. `order` and `summary` read the contract of `docs/output.md`,
//! `comparison` that of `docs/carts.md`. `accepted` says what waivers and a baseline accept.

mod accepted;
mod comparison;
mod descriptor;
mod finding;
mod gathered;
mod order;
mod summary;

pub(crate) use accepted::Remark;
pub(crate) use comparison::{Compared, WrongField};
pub(crate) use descriptor::{Descriptor, descriptors};
pub(crate) use finding::{Alternative, Broken, Finding, Kind, Record, Region, Stated, Verdict, by_path, errors_first};
pub(crate) use gathered::{Gathered, Wants};
pub(crate) use summary::Totals;

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The version of the records that are read.
const FORMAT: u32 = 1;

/// A line of saved records.
#[derive(Debug)]
pub(crate) enum Saved {
    Record(Record),
    Totals(Totals),
}

/// What an order has and a record has not.
#[derive(Deserialize)]
struct Order {
    #[serde(rename = "items")]
    _items: IgnoredAny,
}

/// What a record says about itself.
#[derive(Deserialize)]
struct Head {
    format: u32,
    r#type: String,
    /// Only the summary of a comparison has it.
    pairs: Option<u64>,
}

impl Saved {
    /// Reads the JSON of one record. The message says what is wrong with it.
    pub(crate) fn read(text: &[u8]) -> Result<Saved, String> {
        let fault = |error: serde_json::Error| {
            format!("expected a record of `check` or `compare --format ndjson`, found: {error}")
        };
        let head: Head = serde_json::from_slice(text).map_err(|error| match serde_json::from_slice::<Order>(text) {
            Ok(_) => "this is an order, not a record: make records with `ordercharge check --format ndjson`".to_owned(),
            Err(_) => fault(error),
        })?;
        if head.format != FORMAT {
            return Err(format!("expected records of format {FORMAT}, found format {}", head.format));
        }
        match head.r#type.as_str() {
            "order" => record(text).map(Saved::Record).map_err(fault),
            "comparison" => comparison(text).map(Saved::Record).map_err(fault),
            "summary" => head.totals(text).map(Saved::Totals).map_err(fault),
            other => Err(format!("expected a record of type order, comparison or summary, found type {other:?}")),
        }
    }
}

/// The record of an order, from its own JSON.
pub(crate) fn record(text: &[u8]) -> serde_json::Result<Record> {
    serde_json::from_slice(text).map(order::OrderRecord::record)
}

/// The record of a comparison, from its own JSON.
pub(crate) fn comparison(text: &[u8]) -> serde_json::Result<Record> {
    serde_json::from_slice(text).map(comparison::ComparisonRecord::record)
}

impl Head {
    /// The counts of a run, from the JSON of its summary.
    fn totals(&self, text: &[u8]) -> serde_json::Result<Totals> {
        match self.pairs {
            Some(_) => serde_json::from_slice(text).map(comparison::ComparisonSummary::totals),
            None => serde_json::from_slice(text),
        }
    }
}

/// The counts of a run, from the JSON of its summary.
pub(crate) fn totals(text: &str) -> serde_json::Result<Totals> {
    serde_json::from_str::<Head>(text)?.totals(text.as_bytes())
}
