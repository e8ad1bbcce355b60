//! The edits of `fix` for programs: a record for each order, with the amounts or with a JSON Patch.

use ordercharge::{Amount, Document, Place, Repair};
use serde::Serialize;

use crate::args::EditsFormat;
use crate::output;

/// What both kinds of record begin with.
#[derive(Serialize)]
struct Order<'a> {
    format: u32,
    r#type: &'static str,
    source: &'a str,
    index: u64,
    line: u64,
    cust_ref: Option<&'a str>,
}

/// The record of an order with the amounts that change.
#[derive(Serialize)]
struct Record<'a> {
    #[serde(flatten)]
    order: Order<'a>,
    applicability: &'static str,
    edits: Vec<Change<'a>>,
    withheld: Option<&'static str>,
}

#[derive(Serialize)]
struct Change<'a> {
    path: &'a Place,
    stated: Option<Amount>,
    value: String,
}

/// Appends the record of an order. A patch needs no record where nothing is written.
pub(crate) fn record(
    out: &mut Vec<u8>,
    format: EditsFormat,
    source: &str,
    index: u64,
    document: &Document<'_>,
    repair: &Repair,
) -> serde_json::Result<()> {
    let r#type = match format {
        EditsFormat::Ndjson => "repair",
        EditsFormat::JsonPatch => "patch",
    };
    let line = document.position().line;
    let order = Order { format: 1, r#type, source, index, line, cust_ref: document.order().cust_ref.as_deref() };
    let text = match format {
        EditsFormat::Ndjson => {
            let edits = repair.edits.iter().map(|edit| Change {
                path: &edit.place,
                stated: document.order().charge_at(&edit.place).amount(),
                value: format!("{:.*}", edit.decimals as usize, edit.value),
            });
            output::json(&Record {
                order,
                applicability: repair.applicability.name(),
                edits: edits.collect(),
                withheld: repair.withheld.map(|why| why.name()),
            })?
        }
        EditsFormat::JsonPatch if repair.edits.is_empty() => return Ok(()),
        EditsFormat::JsonPatch => {
            let head = output::json(&order)?;
            let head = head.strip_suffix('}').unwrap_or_default();
            format!("{head},\"patch\":{}}}", document.json_patch(repair))
        }
    };
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
    Ok(())
}
