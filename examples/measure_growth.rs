//! How the cost of an order grows with its lines and with what is wrong with it.
//!
//! `cargo run --release --example measure_growth -- 100000` goes up to orders of so many lines; without a number, to
//! 10 000. Read how the time for a line stays the same, not how long it is.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, Instant};

use ordercharge::{Document, Policy};

/// An order of so many lines; `wrong` says of a line whether its extended amount is a cent off.
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
    println!("nanoseconds for each line: read, and checked with places, causes and fixes\n");
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
            let found = document.check(&policy).violations.len();
            assert_eq!(found, if apart == usize::MAX { 0 } else { lines.div_ceil(apart) });
            row.push(each(time(|| drop(black_box(document.check(&policy))))));
        }
        let row: Vec<String> = row.iter().map(ToString::to_string).collect();
        println!("| {lines} | {} |", row.join(" | "));
        lines *= 10;
    }
    Ok(())
}
