//! How the cost of an order grows with its lines, with its faults, and with bytes that are not charges.
//!
//! `cargo run --release --example measure_growth -- 100000` measures orders of up to 100 000 lines; the default is 10 000. What
//! matters is that the time for each line stays the same, not how long it is.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ordercharge::{Document, Policy, Violation};

/// An order of one line with `fields` unused fields, and one wrong amount after them.
fn wide_order(fields: usize) -> String {
    let mut text = String::from("{\"cust_ref\": \"GROWTH\"");
    for at in 0..fields {
        let _ = write!(text, ", \"custom_field_{at}\": \"what a sender keeps there, number {at}\"");
    }
    text + ", \"items\": [{\"quantity\": 2, \"price\": \"4.40\", \"extended_amount\": \"9.00\"}]}"
}

/// An order of `lines` lines; `wrong` says whether the extended amount of a line is off by a cent.
fn order(lines: usize, wrong: impl Fn(usize) -> bool) -> String {
    let mut text = String::from("{\"cust_ref\": \"GROWTH\", \"items\": [");
    for at in 0..lines {
        let cents = (at % 900 + 100) * 2 + usize::from(wrong(at));
        // Writing to memory does not fail.
        let _ = write!(
            text,
            "{}{{\"item\": \"SKU-{at}\", \"quantity\": 2, \"price\": \"{}.{:02}\", \"extended_amount\": \"{}.{:02}\"}}",
            if at == 0 { "" } else { "," },
            (at % 900 + 100) / 100,
            (at % 900 + 100) % 100,
            cents / 100,
            cents % 100
        );
    }
    text + "]}"
}

/// The shortest of some runs.
fn time(mut run: impl FnMut()) -> Duration {
    let once = |run: &mut dyn FnMut()| {
        let begun = Instant::now();
        run();
        begun.elapsed()
    };
    (0..5).map(|_| once(&mut run)).min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let most = std::env::args().nth(1).map_or(Ok(10_000), |most| most.parse())?;
    let policy = Policy::default();
    println!("nanoseconds for each line: read, and checked with places, diagnoses and repairs\n");
    println!("| lines | read | nothing wrong | one wrong | one of ten wrong | all wrong |");
    println!("| ---: | ---: | ---: | ---: | ---: | ---: |");
    let mut lines = 10;
    while lines <= most {
        let each = |time: Duration| time.as_nanos() as usize / lines;
        let clean = order(lines, |_| false);
        let mut row = vec![each(time(|| drop(black_box(Document::from_json(clean.as_bytes())))))];
        for apart in [usize::MAX, lines, 10, 1] {
            let text = order(lines, |at| apart < usize::MAX && at % apart == 0);
            let document = Document::from_json(text.as_bytes())?;
            // A report lists a thousand and counts the others.
            let found: u64 = document.check(&policy).violations.iter().map(Violation::count).sum();
            assert_eq!(found, if apart == usize::MAX { 0 } else { lines.div_ceil(apart) as u64 });
            row.push(each(time(|| drop(black_box(document.check(&policy))))));
        }
        let row: Vec<String> = row.iter().map(ToString::to_string).collect();
        println!("| {lines} | {} |", row.join(" | "));
        lines *= 10;
    }

    println!("\nnanoseconds for each kilobyte of an order with one wrong amount after `fields` other fields\n");
    println!("| fields | kilobytes | read | checked, with its place |");
    println!("| ---: | ---: | ---: | ---: |");
    let mut fields = 10;
    while fields <= most {
        let text = wide_order(fields);
        let document = Document::from_json(text.as_bytes())?;
        assert_eq!(document.check(&policy).violations.len(), 1);
        let each = |time: Duration| time.as_nanos() as usize * 1000 / text.len();
        let read = each(time(|| drop(black_box(Document::from_json(text.as_bytes())))));
        let checked = each(time(|| drop(black_box(document.check(&policy)))));
        println!("| {fields} | {} | {read} | {checked} |", text.len() / 1000);
        fields *= 10;
    }
    Ok(())
}
