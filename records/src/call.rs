//! Calls every function by name, with JSON in and out.

use std::num::NonZero;
use std::ops::ControlFlow;

use ordercharge::{
    Applicability, Document, Documents, Mistake, Policy, Position, Repair, RepairOptions, check, repair,
};
use serde::{Deserialize, Serialize};

use crate::{Check, Failure, Finding, Summary, compare, explain, finding, generate, map, output};

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct CheckOptions {
    policy: Policy,
    source: String,
    all: bool,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions { policy: Policy::default(), source: "-".to_owned(), all: false }
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FixOptions {
    policy: Policy,
    r#unsafe: bool,
    prefer: Vec<Mistake>,
    recalculate: bool,
}

/// The result of `fix`.
#[derive(Serialize)]
struct Fixed {
    format: u32,
    r#type: &'static str,
    /// The text. Every byte but those of the repaired amounts is as it was.
    text: String,
    orders: u64,
    repaired: u64,
    /// How many orders are still wrong, and how many documents cannot be read.
    invalid: u64,
    unreadable: u64,
    /// The repairs of the orders with something to repair.
    repairs: Vec<Repaired>,
}

#[derive(Serialize)]
struct Repaired {
    index: u64,
    #[serde(flatten)]
    repair: Repair,
}

/// Calls a function by its name. `options` is a JSON object, or empty.
///
/// | function | input | options | result |
/// | --- | --- | --- | --- |
/// | `check` | one order | `policy`, `source` | its record |
/// | `check_all` | orders in any container | `policy`, `source`, `all` | records, each on a line, then the summary |
/// | `fix` | orders in any container | `policy`, `unsafe`, `prefer`, `recalculate` | a record with the repaired `text` and the `repairs` |
/// | `compare` | one order | `cart_order` or `cart_length`, `cart`, `cart_table`, `edited`, `money`, `source`, `cart_source`, `places` | the record of its comparison with the cart's order |
/// | `compare_all` | orders in any container | those of `compare`, with `all` instead of `places` | records, each on a line, then the summary |
/// | `map` | a cart's orders in any container | `cart`, `cart_table`, `edited`, `money`, `source` | a record for each: its CartRover order as `text`, or why there is none |
/// | `explain` | the name of a rule, a mistake or a finding of `compare`, or nothing | | a list of what they mean |
/// | `generate` | | `count`, `seed`, `fault`, `labels` | orders, each on a line |
/// | `version` | | | `{"version": "..."}` |
///
/// ```
/// let record = ordercharge_records::call("check", br#"{"items": [{"quantity": -1}]}"#, "")?;
/// assert!(record.starts_with(br#"{"format":1,"type":"order","source":"-","index":0,"line":1"#));
/// # Ok::<(), ordercharge_records::Failure>(())
/// ```
///
/// The texts of a cart's orders (`cart_order`) and of a table (`cart_table`) are options. Texts that may not be UTF-8 go into the
/// input: `cart_length` says how many bytes of the cart's text come before the other one. In `compare`, the only order of the
/// cart's text is compared whatever its name; `compare_all` joins orders by their names. `places` adds the key of that name:
/// the bytes of the cart's order that was compared (`cart_order`), and for each of the `differences` the bytes of the values at its
/// `path` and at its `taken_from`, in the text that each is in. A place is `[start, end]`, or null if there is nothing.
///
/// # Errors
///
/// If there is no such function, or the options or the name to explain are not understood. `compare` fails if one of its two
/// orders cannot be read, or if the cart's order does not have a path of the table that is not `optional`.
pub fn call(function: &str, input: &[u8], options: &str) -> Result<Vec<u8>, Failure> {
    match function {
        "check" => check_one(input, &read(options)?),
        "check_all" => check_all(input, read(options)?),
        "fix" => fix(input, read(options)?),
        "explain" => {
            let name = core::str::from_utf8(input).map_err(|_| Failure::new("expected a name in UTF-8"))?;
            let explained = explain(name.trim()).map_err(|error| {
                let reason = error.reason().replace("no rule is called", "no rule or mistake is called");
                Failure::new(reason)
            })?;
            written(&explained)
        }
        "compare" => compare::one(input, &read(options)?),
        "compare_all" => compare::all(input, &read(options)?),
        "map" => map::all(input, &read(options)?),
        "generate" => generate::orders(&read(options)?),
        "version" => written(&Version { version: env!("CARGO_PKG_VERSION") }),
        other => Err(Failure::new(format!(
            "no function is called {other:?}: expected check, check_all, fix, compare, compare_all, map, explain, generate or version"
        ))),
    }
}

#[derive(Serialize)]
struct Version {
    version: &'static str,
}

fn read<'a, T: Default + Deserialize<'a>>(options: &'a str) -> Result<T, Failure> {
    if options.trim().is_empty() {
        return Ok(T::default());
    }
    serde_json::from_str(options).map_err(|error| Failure::new(format!("expected options as a JSON object: {error}")))
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    output::json(value).map(String::into_bytes).map_err(|error| Failure::new(error.to_string()))
}

fn check_one(text: &[u8], options: &CheckOptions) -> Result<Vec<u8>, Failure> {
    if options.all {
        return Err(compare::only_in("all", "check_all"));
    }
    let mut record = Vec::new();
    let read = Document::from_json(text);
    let report = read.as_ref().ok().map(|document| document.check(&options.policy));
    let position = match &read {
        Ok(document) => document.position(),
        Err(_) => Position::START,
    };
    let outcome = match (&read, &report) {
        (Ok(document), Some(report)) => Ok((document, report)),
        (Err(error), _) => Err(error),
        // A document that was read has a report.
        (Ok(_), None) => return Ok(record),
    };
    finding(&mut record, &Finding { source: &options.source, index: 0, position, outcome, rows: None });
    Ok(record)
}

fn check_all(text: &[u8], options: CheckOptions) -> Result<Vec<u8>, Failure> {
    let CheckOptions { policy, source, all } = options;
    let check = Check { sources: vec![source], policies: policy.into(), all };
    let mut bulk = check.bulk();
    bulk.threads = NonZero::<usize>::MIN;
    let (mut records, mut summary) = (Vec::new(), Summary::default());
    bulk.run([Ok(text)], &check, |mut delivery| {
        check.take(&mut delivery, &mut summary, &mut records);
        ControlFlow::Continue(())
    });
    records.extend_from_slice(summary.json().map_err(|error| Failure::new(error.to_string()))?.as_bytes());
    records.push(b'\n');
    Ok(records)
}

fn fix(text: &[u8], options: FixOptions) -> Result<Vec<u8>, Failure> {
    let FixOptions { policy, r#unsafe, prefer, recalculate } = options;
    if recalculate && (r#unsafe || !prefer.is_empty()) {
        return Err(Failure::new("expected `recalculate` alone: it trusts the inputs and uses no diagnosis"));
    }
    if !prefer.is_empty() && !r#unsafe {
        return Err(Failure::new("expected `unsafe` with `prefer`: a diagnosis is written only then"));
    }
    let mut how = RepairOptions::default();
    how.applicability = if r#unsafe || recalculate { Applicability::Unsafe } else { Applicability::Safe };
    (how.prefer, how.recalculate) = (prefer, recalculate);
    let mut fixed = Fixed {
        format: 1,
        r#type: "fixed",
        text: String::new(),
        orders: 0,
        repaired: 0,
        invalid: 0,
        unreadable: 0,
        repairs: Vec::new(),
    };
    let (mut after, mut at) = (Vec::with_capacity(text.len()), 0);
    for record in Documents::new(text) {
        fixed.orders += 1;
        let Ok(document) = record.document else {
            fixed.unreadable += 1;
            continue;
        };
        let order = document.order();
        let Some(repair) = repair(order, &policy, &how) else {
            fixed.invalid += u64::from(!check(order, &policy).is_valid());
            continue;
        };
        fixed.invalid += u64::from(!check(&repair.apply(order), &policy).is_valid());
        if !repair.edits.is_empty() {
            fixed.repaired += 1;
            let start = document.position().offset as usize;
            after.extend_from_slice(text.get(at..start).unwrap_or_default());
            after.extend_from_slice(&document.repaired(&repair));
            at = start + document.text().len();
        }
        fixed.repairs.push(Repaired { index: record.index, repair });
    }
    after.extend_from_slice(text.get(at..).unwrap_or_default());
    fixed.text = String::from_utf8(after)
        .map_err(|_| Failure::new("expected orders in UTF-8: the command repairs files with other bytes"))?;
    written(&fixed)
}
