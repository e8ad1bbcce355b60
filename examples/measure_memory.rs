//! How much memory the containers of orders take, and how fast input is read that is hard to split into records.
//!
//! `cargo run --release --features bulk --example measure_memory` prints the peak memory of a process that reads 300 MB of
//! orders of 1 kB each in every container, one by one and on two threads; a number says how many MB otherwise.
//! `-- wrong` prints the peak memory of reading and checking one order of 8 MB, with nothing wrong and with ten findings on
//! each line. `-- packed COMMAND` prints the peak memory of the command `ordercharge` that checks 48 files, packed and not.
//! `-- hard` prints megabytes a second for input that is hard to split into records. Linux only: the peak comes from `/proc`,
//! and that of the command from `/usr/bin/time`.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use ordercharge::bulk::{Bulk, Finding, Task};
use ordercharge::{Document, Documents, Policy, Reader, Violation};

/// A container: its name, and what is before the first order, between two, and after the last one.
const CONTAINERS: [(&str, &str, &str, &str); 20] = [
    ("a line each", "", "\n", "\n"),
    ("one after the other", "", "", ""),
    ("a reply each", "{\"success_code\":true,\"response\":", "}\n{\"success_code\":true,\"response\":", "}\n"),
    ("[o, o]", "[", ",", "]"),
    ("[ o, o ] on lines", "[\n", ",\n", "\n]\n"),
    ("{\"orders\": [o, o]}", "{\"orders\":[", ",", "]}"),
    ("{\"orders\":, [o, o]} on lines", "{\"orders\":\n[\n", ",\n", "\n]\n}\n"),
    ("{\"success_code\", \"response\": [o, o]}", "{\"success_code\":true,\"response\":[", ",", "]}"),
    ("{\"response\": [o, o], \"success_code\"}", "{\"response\":[", ",", "],\"success_code\":true}"),
    ("the same on lines", "{\n\"response\":\n[\n", ",\n", "\n],\n\"success_code\":true\n}\n"),
    ("[[0], o] on lines", "[\n[0],\n", ",\n[0],\n", "\n]"),
    ("[{\"orders\": []}, o] on lines", "[\n{\"orders\":[]},\n", ",\n{\"orders\":[]},\n", "\n]"),
    ("[{\"orders\": [o]}, {\"orders\": [o]}]", "[{\"orders\":[", "]},{\"orders\":[", "]}]"),
    ("[{\"orders\": [o, o]}]", "[{\"orders\":[", ",", "]}]"),
    ("[{\"orders\": [o, o]}] on lines", "[\n{\"orders\":[\n", ",\n", "\n]}\n]"),
    ("[{\"response\": [o, o], \"success_code\"}]", "[{\"response\":[", ",", "],\"success_code\":true}]"),
    ("[[o], [o]]", "[[", "],[", "]]"),
    ("[[o, o]]", "[[", ",", "]]"),
    ("[[[o, o]]] on lines", "[\n[\n[\n", ",\n", "\n]\n]\n]"),
    ("[[o, o on lines, cut off", "[[\n", ",\n", ""),
];

/// An order of about 1 kB.
fn order() -> String {
    let line = r#"{"item":"SKU-4711","description":"what is sold on this line","quantity":2,"price":"12.34","extended_amount":"24.68"}"#;
    let lines = [line; 7].join(",");
    format!(
        r#"{{"cust_ref":"MEMORY","order_source":"Shop","sub_total":"172.76","grand_total":"172.76","items":[{lines}]}}"#
    )
}

/// The orders of a container, made as they are read.
struct Made {
    parts: Vec<String>,
    /// Which part is next, and how much of it has been given.
    next: usize,
    given: usize,
    left: u64,
}

impl Made {
    fn new(container: usize, bytes: u64) -> Result<Made, Box<dyn Error>> {
        let (_, before, between, after) = CONTAINERS.get(container).ok_or("no such container")?;
        let parts = vec![(*before).to_owned(), order() + between, order() + after];
        Ok(Made { parts, next: 0, given: 0, left: bytes })
    }
}

impl Read for Made {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(part) = self.parts.get(self.next).filter(|_| filled < into.len()) {
            let rest = part.as_bytes().get(self.given..).unwrap_or_default();
            let room = into.get_mut(filled..).unwrap_or_default();
            let count = rest.len().min(room.len());
            room.iter_mut().zip(rest).for_each(|(byte, next)| *byte = *next);
            filled += count;
            self.given += count;
            if count == rest.len() {
                self.left = self.left.saturating_sub(part.len() as u64);
                self.given = 0;
                // The order in the middle is repeated.
                self.next = if self.next == 0 || self.next == 1 && self.left > 0 { 1 } else { self.next + 1 };
            }
        }
        Ok(filled)
    }
}

/// The lines of which one large order is made: nothing is wrong with it, or ten findings are on each.
const LINES: [(&str, &str); 2] = [
    (
        "nothing",
        r#"{"item":"SKU-4711","description":"what is sold on this line","quantity":2,"price":"12.34","extended_amount":"24.68"}"#,
    ),
    (
        "ten findings a line",
        r#"{"price":"-1.00001","discount":"-2.000001","quantity":"1.5","tax":"-0.001","addl_discount":"-3.00001","shipping_surcharge":"-0.001","extended_amount":"-9.12"}"#,
    ),
];

/// Reads and checks one order: its lines, its violations, and how many of these are listed.
fn check_one(line: &str, bytes: usize) -> Result<(usize, u64, usize), Box<dyn Error>> {
    let mut text = String::with_capacity(bytes + 100);
    text.push_str(r#"{"cust_ref":"MEMORY","items":["#);
    for at in 0..bytes / (line.len() + 1) {
        text.push_str(if at == 0 { "" } else { "," });
        text.push_str(line);
    }
    text.push_str("]}");
    let document = Document::from_json(text.as_bytes())?;
    let report = document.check(&Policy::default());
    let count = report.violations.iter().map(Violation::count).sum();
    Ok((document.order().lines().len(), count, report.violations.len()))
}

struct Count;

impl Task for Count {
    type Part = ();

    fn found(&self, (): &mut (), _: Finding<'_>) {}
}

/// How many records there are in a container, and how many of them are not orders.
fn read(source: Made, threads: usize) -> Result<(u64, u64), Box<dyn Error>> {
    let (mut records, mut faults) = (0, 0);
    if let Some(threads) = NonZero::new(threads) {
        Bulk { threads, ..Bulk::default() }.run([Ok(source)], &Count, |delivery| {
            records += delivery.orders;
            faults += delivery.orders - delivery.clean;
            ControlFlow::Continue(())
        });
    } else {
        let mut reader = Reader::new(source);
        while let Some(record) = reader.next_record()? {
            records += 1;
            faults += u64::from(record.document.is_err());
        }
    }
    Ok((records, faults))
}

/// The most memory that this process has had, in kB.
fn peak() -> Result<u64, Box<dyn Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM in /proc/self/status")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// How files are packed: the name, the program, and the end of their names.
const PACKINGS: [(&str, Option<&str>, &str); 3] =
    [("not packed", None, ""), ("gzip", Some("gzip"), ".gz"), ("zstd", Some("zstd"), ".zst")];

/// Prints the peak memory of a command that checks 48 files of orders of 1 kB.
fn packed(command: &str) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("ordercharge-memory-{}", std::process::id()));
    println!("| 48 files of 1.2 MB | peak MB, -j1 | -j2 | -j8 |\n| --- | ---: | ---: | ---: |");
    for (name, program, end) in PACKINGS {
        std::fs::create_dir_all(&folder)?;
        let text = vec![order(); 1_200_000 / order().len()].join("\n");
        let first = folder.join("0.ndjson");
        std::fs::write(&first, text)?;
        if let Some(program) = program {
            Command::new(program).arg("-q").arg(&first).status()?;
            // One of them keeps what it has packed.
            let _ = std::fs::remove_file(&first);
        }
        for number in 1..48 {
            std::fs::copy(folder.join(format!("0.ndjson{end}")), folder.join(format!("{number}.ndjson{end}")))?;
        }
        let peaks = ["-j1", "-j2", "-j8"].map(|threads| peak_of(command, threads, &folder));
        std::fs::remove_dir_all(&folder)?;
        let [one, two, eight] = peaks.map(|peak| peak.map(|kb| format!("{}.{}", kb / 1000, kb / 100 % 10)));
        println!("| {name} | {} | {} | {} |", one?, two?, eight?);
    }
    Ok(())
}

/// The most memory of a command that checks a folder, in kB.
fn peak_of(command: &str, threads: &str, folder: &Path) -> Result<u64, Box<dyn Error>> {
    let arguments = ["-f", "%M", command, "check", "-q", threads];
    let run = Command::new("/usr/bin/time").args(arguments).arg(folder).stdout(Stdio::null()).output()?;
    let said = String::from_utf8(run.stderr)?;
    Ok(said.trim().parse().map_err(|_| format!("expected a number of kB, found {said:?}"))?)
}

/// Input that is hard to split into records, each of about `bytes` bytes.
fn hard(bytes: usize) -> Vec<(&'static str, String)> {
    let lines: [(&str, &str); 12] = [
        ("`[` on each line", "[\n"),
        ("`{\"a\":` on each line", "{\"a\":\n"),
        ("`{\"a\":[` on each line", "{\"a\":[\n"),
        ("`[1,` on each line", "[1,\n"),
        ("`[{\"cust_ref\":1},` on each line", "[{\"cust_ref\":1},\n"),
        ("`{\"cust_ref\":1,\"items\":[` on each line", "{\"cust_ref\":1,\"items\":[\n"),
        ("`{\"orders\":[` on each line", "{\"orders\":[\n"),
        ("`[{\"orders\":[` on each line", "[{\"orders\":[\n"),
        ("`{\"orders\":[],\"x\":` on each line", "{\"orders\":[],\"x\":\n"),
        ("`[[0],` on each line", "[[0],\n"),
        ("`{\"a\":1},` on each line", "{\"a\":1},\n"),
        ("`{\"response\":[{` on each line", "{\"response\":[{\n"),
    ];
    let repeated = |line: &str| line.repeat(bytes / line.len());
    let mut texts: Vec<(&str, String)> = lines.iter().map(|(name, line)| (*name, repeated(line))).collect();
    texts.push(("`{` and then `{\"a\":1},` on each line", format!("{{\"b\":[\n{}", repeated("{\"a\":1},\n"))));
    texts.push(("`[` and then `[0],` on each line", format!("[\n{}", repeated("[0],\n"))));
    texts
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["child", container, megabytes, threads] => {
            let source = Made::new(container.parse()?, megabytes.parse::<u64>()? * 1_000_000)?;
            let (records, faults) = read(source, threads.parse()?)?;
            println!("{} {records} {faults}", peak()?);
        }
        ["wrong-child", line, megabytes] => {
            let (_, line) = LINES.get(line.parse::<usize>()?).ok_or("no such line")?;
            let (lines, violations, listed) = check_one(line, megabytes.parse::<usize>()? * 1_000_000)?;
            println!("{} {lines} {violations} {listed}", peak()?);
        }
        ["wrong", megabytes @ ..] => {
            let megabytes = megabytes.first().copied().unwrap_or("8");
            println!("| what is wrong | lines | violations | listed | peak MB |\n| --- | ---: | ---: | ---: | ---: |");
            for (number, (name, _)) in LINES.iter().enumerate() {
                let child = Command::new(std::env::current_exe()?)
                    .args(["wrong-child", &number.to_string(), megabytes])
                    .output()?;
                let printed = String::from_utf8(child.stdout)?;
                let figures: Vec<u64> = printed.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
                let [peak, lines, violations, listed] = figures.as_slice() else {
                    return Err("a run has failed".into());
                };
                println!("| {name} | {lines} | {violations} | {listed} | {}.{} |", peak / 1000, peak / 100 % 10);
            }
        }
        ["packed", command] => packed(command)?,
        ["hard", megabytes @ ..] => {
            let megabytes: usize = megabytes.first().map_or(Ok(1), |number| number.parse())?;
            println!("| text | records | MB/s |\n| --- | ---: | ---: |");
            for (name, text) in hard(megabytes * 1_000_000) {
                let begun = Instant::now();
                let records = Documents::new(text.as_bytes()).count();
                let micros = begun.elapsed().as_micros().max(1);
                println!("| {name} | {records} | {} |", text.len() as u128 / micros);
            }
        }
        megabytes => {
            let megabytes = megabytes.first().copied().unwrap_or("300");
            println!("| container | records | not orders | peak MB, one by one | peak MB, two threads |");
            println!("| --- | ---: | ---: | ---: | ---: |");
            for (number, (name, ..)) in CONTAINERS.iter().enumerate() {
                let mut row = Vec::new();
                for threads in ["0", "2"] {
                    let child = Command::new(std::env::current_exe()?)
                        .args(["child", &number.to_string(), megabytes, threads])
                        .output()?;
                    let printed = String::from_utf8(child.stdout)?;
                    row.push(printed.split_whitespace().map(str::parse).collect::<Result<Vec<u64>, _>>()?);
                }
                let [one, two] = row.as_slice() else { return Err("two runs".into()) };
                let tenths = |run: &[u64]| run.first().map(|peak| format!("{}.{}", peak / 1000, peak / 100 % 10));
                let (one_peak, two_peak) = tenths(one).zip(tenths(two)).ok_or("a run has failed")?;
                let [_, records, faults] = one.as_slice() else { return Err("three figures".into()) };
                println!("| `{name}` | {records} | {faults} | {one_peak} | {two_peak} |");
            }
        }
    }
    Ok(())
}
