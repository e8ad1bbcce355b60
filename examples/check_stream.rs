//! Checks every order of a file, whatever container it is in, and counts the broken rules.
//!
//! Run it with `cargo run --example check_stream samples/orders.ndjson`.

use std::collections::BTreeMap;
use std::fs::File;

use ordercharge::{Policy, Reader, Rule};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "samples/orders.ndjson".to_owned());
    let policy = Policy::default();
    let mut reader = Reader::new(File::open(path)?);
    let mut orders = 0_u32;
    let mut broken: BTreeMap<Rule, u32> = BTreeMap::new();
    while let Some(record) = reader.next_record()? {
        orders += 1;
        match record.document {
            Ok(document) => {
                for violation in document.check(&policy).violations {
                    *broken.entry(violation.rule).or_default() += 1;
                }
            }
            // A document that cannot be read does not affect the others.
            Err(error) => show(&format!("record {}: {error}", record.index)),
        }
    }
    show(&format!("{orders} orders"));
    for (rule, count) in broken {
        show(&format!("{count} {rule} {}", rule.name()));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "an example shows its result")]
fn show(line: &str) {
    println!("{line}");
}
