//! Measures `compare` against `check`: makes pairs of orders of all carts, two of a hundred wrong, and runs both commands on them.
//!
//! ```text
//! cargo run --release -p ordercharge-carts --features generate --example measure_pairs -- target/release/ordercharge 1000
//! ```
//!
//! The numbers are the megabytes of both sides (1000) and of the run without a table (100).

#![allow(clippy::print_stdout, clippy::float_arithmetic, reason = "an example prints, and no money is a float")]

use std::fs::{self, File};
use std::io::{BufWriter, Error, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ordercharge::Amount;
use ordercharge_carts::generate::{CARTS, cart_order};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The bytes of both sides, and the number of pairs.
struct Made {
    cart: u64,
    orders: u64,
    pairs: u64,
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let binary = args.next().ok_or("expected the path of the command `ordercharge`")?;
    let megabytes = |text: Option<String>, usual: u64| text.map_or(Ok(usual), |text| text.parse());
    let (all, without_table) = (megabytes(args.next(), 1000)?, megabytes(args.next(), 100)?);
    let dir = std::env::temp_dir().join(format!("ordercharge-pairs-{}", std::process::id()));
    fs::create_dir(&dir)?;
    let measured = measure(&binary, &dir, all, without_table);
    fs::remove_dir_all(&dir)?;
    measured
}

fn measure(binary: &str, dir: &Path, all: u64, without_table: u64) -> Result<()> {
    let (cart, orders) = (dir.join("cart.ndjson"), dir.join("orders.ndjson"));
    let made = make(&cart, &orders, all * 1_000_000)?;
    let in_mb = |bytes: u64| bytes as f64 / 1e6;
    println!(
        "{} pairs: {:.0} MB of cart orders, {:.0} MB of CartRover orders",
        made.pairs,
        in_mb(made.cart),
        in_mb(made.orders)
    );
    println!(
        "| command | MB | seconds | MB/s | relative to the first row | peak MB |\n| --- | --- | --- | --- | --- | --- |"
    );
    let mut check = None;
    let mut line = |name: &str, bytes: u64, (time, peak): (Duration, u64)| {
        let speed = in_mb(bytes) / time.as_secs_f64();
        let of = speed / *check.get_or_insert(speed);
        let (bytes, peak) = (in_mb(bytes), peak as f64 / 1e3);
        println!("| {name} | {bytes:.0} | {:.2} | {speed:.0} | {of:.2} | {peak:.1} |", time.as_secs_f64());
    };
    let both = made.cart + made.orders;
    line("`check` of both files", both, run(binary, &["check", "-q"], &[&cart, &orders])?);
    line("`check` of the CartRover orders", made.orders, run(binary, &["check", "-q"], &[&orders])?);
    line("`compare`", both, run(binary, &["compare", "-q"], &[&cart, &orders])?);
    line("`compare --sorted`", both, run(binary, &["compare", "-q", "--sorted"], &[&cart, &orders])?);
    line("`map`", made.cart, run(binary, &["map", "-q"], &[&cart])?);
    let made = make(&cart, &orders, without_table * 1_000_000)?;
    let none = run(binary, &["compare", "-q", "--cart", "none"], &[&cart, &orders])?;
    line("`compare --cart none`", made.cart + made.orders, none);
    Ok(())
}

/// Writes pairs, every fiftieth with a wrong total.
fn make(cart: &Path, orders: &Path, bytes: u64) -> Result<Made> {
    let (mut cart, mut orders) = (BufWriter::new(File::create(cart)?), BufWriter::new(File::create(orders)?));
    let mut made = Made { cart: 0, orders: 0, pairs: 0 };
    while made.cart + made.orders < bytes {
        // Each cart has its own numbers, so that no two orders have the same name.
        let name = CARTS.get((made.pairs % CARTS.len() as u64) as usize).ok_or("expected a cart")?;
        let mut pair = cart_order(name, 1, made.pairs).ok_or("expected an order of the cart")?;
        if made.pairs % 50 == 49 {
            let total: Amount = pair.order.grand_total.parse()?;
            pair.order.grand_total = total.checked_add(Amount::ONE).ok_or("expected a smaller total")?.to_string();
        }
        let order = serde_json::to_string(&pair.order)?;
        writeln!(cart, "{}", pair.cart_order)?;
        writeln!(orders, "{order}")?;
        made.cart += pair.cart_order.len() as u64 + 1;
        made.orders += order.len() as u64 + 1;
        made.pairs += 1;
    }
    cart.flush()?;
    orders.flush()?;
    Ok(made)
}

/// Runs the command twice, and returns the shorter time and the most memory in kilobytes (0 where `/proc` does not state it).
fn run(binary: &str, options: &[&str], inputs: &[&Path]) -> Result<(Duration, u64)> {
    let mut best: Option<Duration> = None;
    let mut peak = 0;
    for _ in 0..2 {
        let mut command = Command::new(binary);
        command.args(options);
        if options.first() != Some(&"map") {
            command.args(["--format", "ndjson"]);
        }
        let start = Instant::now();
        let mut child = command.args(inputs).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            peak = peak.max(high_water(child.id()));
            std::thread::sleep(Duration::from_millis(5));
        };
        let time = start.elapsed();
        // 1 says that orders differ.
        if !matches!(status.code(), Some(0 | 1)) {
            return Err(Error::other(format!("expected exit status 0 or 1, found {status}")).into());
        }
        best = Some(best.map_or(time, |best| best.min(time)));
    }
    Ok((best.unwrap_or_default(), peak))
}

/// The most memory that a process has used so far.
fn high_water(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse().ok()).unwrap_or_default()
}
