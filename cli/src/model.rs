//! What a run found, as data. Every format of a report shows this and nothing else, whether it comes from a check or from
//! saved records.
//!
//! A [`Record`] is one document with its [`Finding`]s; [`Totals`] are the counts of the run; [`Gathered`] is what the
//! formats of a fixed size keep of many records. `order` and `summary` read the contract of `docs/output.md`.

mod descriptor;
mod finding;
mod gathered;
mod order;
mod summary;

pub(crate) use descriptor::{Descriptor, descriptors};
pub(crate) use finding::{Finding, Kind, Record, Region, Verdict};
pub(crate) use gathered::{Gathered, Wants};
pub(crate) use summary::Totals;

use serde::Deserialize;

/// The version of the records that are read.
const FORMAT: u32 = 1;

/// A line of saved records.
#[derive(Debug)]
pub(crate) enum Saved {
    Record(Record),
    Totals(Totals),
}

/// What a record says about itself.
#[derive(Deserialize)]
struct Head {
    format: u32,
    r#type: String,
}

impl Saved {
    /// Reads the JSON of one record. The message says what is wrong with it.
    pub(crate) fn read(text: &[u8]) -> Result<Saved, String> {
        let fault = |error: serde_json::Error| format!("expected a record of `check --format ndjson`, found: {error}");
        let head: Head = serde_json::from_slice(text).map_err(fault)?;
        if head.format != FORMAT {
            return Err(format!("expected records of format {FORMAT}, found format {}", head.format));
        }
        match head.r#type.as_str() {
            "order" => serde_json::from_slice(text)
                .map(|order: order::OrderRecord| Saved::Record(order.record()))
                .map_err(fault),
            "summary" => serde_json::from_slice(text)
                .map(|summary: summary::SummaryRecord| Saved::Totals(summary.totals()))
                .map_err(fault),
            other => Err(format!("expected a record of type order or summary, found type {other:?}")),
        }
    }
}

/// The record of an order, from its own JSON.
pub(crate) fn record(text: &[u8]) -> serde_json::Result<Record> {
    serde_json::from_slice(text).map(order::OrderRecord::record)
}

/// The counts of a run, from the JSON of its summary.
pub(crate) fn totals(text: &str) -> serde_json::Result<Totals> {
    serde_json::from_str(text).map(summary::SummaryRecord::totals)
}
