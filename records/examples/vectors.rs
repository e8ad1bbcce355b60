//! Prints the vectors that every binding is tested with: a JSON object a line, with the `name` of a case, its `order`, the
//! `record` of a check, and the text `fixed` with its repair.
//!
//! The cases are the JSON blocks of the pages in `tests/rules`, `tests/mistakes` and `tests/public`, and input that
//! is not an order.

use std::error::Error;
use std::fs;
use std::io::{Write, stdout};
use std::path::{Path, PathBuf};

use ordercharge_records::{call, json};
use serde::Serialize;

#[derive(Serialize)]
struct Vector<'a> {
    name: &'a str,
    order: &'a str,
    record: &'a str,
    fixed: String,
}

#[derive(serde::Deserialize)]
struct Fixed {
    text: String,
}

const ODD: &[&str] = &[
    "",
    " ",
    "null",
    "7",
    "[]",
    "{}",
    "{}{}",
    "{",
    "{\"items\": [",
    "{\"success_code\": false, \"error_code\": \"E\"}",
    "\u{FEFF}{\"items\": [{\"quantity\": 1}]}",
    "{\"cust_ref\": \"\\u0000\u{202E}\u{1F600}<b>\", \"balance\": 5, \"items\": [{\"quantity\": -1}]}",
    "{\"sub_total\": 12345678901234567890123456789, \"items\": [{\"quantity\": 1e-30, \"price\": \"0x10\"}]}",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut cases: Vec<(String, String)> =
        (1..).zip(ODD).map(|(number, text)| (format!("odd {number}"), (*text).to_owned())).collect();
    for folder in ["rules", "mistakes", "public"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(folder);
        let mut pages: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        pages.sort();
        for page in pages {
            let name = page.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read_to_string(&page)?;
            let blocks = text.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
            cases.extend(
                (1..).zip(blocks).map(|(number, block)| (format!("{name} {number}"), block.trim_end().to_owned())),
            );
        }
    }
    let mut out = stdout().lock();
    for (name, order) in &cases {
        let record = call("check", order.as_bytes(), "")?;
        let fixed: Fixed = serde_json::from_slice(&call("fix", order.as_bytes(), "{\"unsafe\": true}")?)?;
        let vector = Vector { name, order, record: core::str::from_utf8(&record)?, fixed: fixed.text };
        writeln!(out, "{}", json(&vector)?)?;
    }
    Ok(())
}
