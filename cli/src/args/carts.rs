//! The arguments of `compare` and `map`.

use std::num::NonZero;
use std::path::PathBuf;

use clap::Parser;

use super::{Input, Reports, formats, parse_size, parse_threads};
use crate::cart::CartArgs;
use crate::render::{self, FORMATS};

/// Compare orders with the cart's orders that they were made from.
///
/// For each amount that is not what the cart's order says, this reports the right amount and the place of the cart's order
/// that the wrong one was taken from. Orders are joined by `cust_ref`, which may be any name that the cart has for the order
/// (id, number); lines by SKU and quantity, else in their order. Without a table for the cart (`--cart none`, or a cart that no
/// table describes) amounts are looked up by value.
///
/// The cart's orders are kept in memory: as many bytes as they have, and about 100 more for each order. With `--sorted` at most
/// 10000 of them are.
///
/// Exit status: 0 every order is the same; 1 at least one differs, has no partner or cannot be compared; 2 bad usage, an
/// unreadable document, no order at all, or an input or output error.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge compare shopify-orders.json cartrover-orders.ndjson
  ordercharge compare --format ndjson --all cart.ndjson.gz orders.ndjson.gz
  ordercharge compare --report html=report.html --report sarif=report.sarif cart.json orders.json
  ordercharge compare --cart-table my.toml cart.json orders.json
  ordercharge compare --cart none cart.json orders.json")]
pub(crate) struct Compare {
    /// The cart's orders: a file, a directory or a pattern, or `-` for standard input.
    #[arg(value_name = "CART")]
    pub(crate) cart_orders: PathBuf,
    /// The CartRover orders: a file, a directory or a pattern, or `-` for standard input.
    #[arg(value_name = "ORDERS")]
    pub(crate) orders: PathBuf,
    #[command(flatten)]
    pub(crate) cart: CartArgs,
    /// How to report on standard output.
    #[arg(long, value_parser = formats(), default_value = FORMATS.first().map(|row| row.name))]
    pub(crate) format: &'static render::Row,
    #[command(flatten)]
    pub(crate) reports: Reports,
    /// Report every pair, not only those that differ.
    #[arg(long)]
    pub(crate) all: bool,
    /// Both inputs list the same orders in the same order (some may be missing on either side). Memory then stays small, and one
    /// thread is used.
    #[arg(long)]
    pub(crate) sorted: bool,
    /// Show at most N orders in the human format. Counts and exit status stay the same.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) max_shown: u64,
    /// Read documents of at most SIZE: a number of bytes, or one with a unit such as 64MB or 1GiB.
    #[arg(long, value_name = "SIZE", default_value = "256MB", value_parser = parse_size)]
    pub(crate) max_document: usize,
    /// Use N threads, at most 256. The default is the number of cores. The report does not depend on N.
    #[arg(short = 'j', long, value_name = "N", value_parser = parse_threads)]
    pub(crate) threads: Option<NonZero<usize>>,
}

/// Make CartRover orders from a cart's orders.
///
/// Each order is printed on a line, in the order of the input, with charges that are right by construction. If the cart's own
/// order does not add up, it is not mapped: standard error says by how much it is off, and with which figures.
///
/// Exit status: 0 all orders were mapped; 1 at least one was not; 2 bad usage, an unreadable document, no order at all, or an
/// input or output error.
#[derive(Parser)]
#[command(after_help = "Examples:
  ordercharge map shopify-orders.json > orders.ndjson
  ordercharge map --explain order.json
  ordercharge map --cart-table my.toml --report refused.ndjson cart.ndjson | ordercharge check")]
pub(crate) struct Map {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) cart: CartArgs,
    /// Explain on standard error where each amount comes from: its arithmetic, and the places in the cart's order.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Write a JSON record for each order that was not mapped to this file.
    #[arg(long, value_name = "PATH")]
    pub(crate) report: Option<PathBuf>,
    /// Use N threads, at most 256. The default is the number of cores. The output does not depend on N.
    #[arg(short = 'j', long, value_name = "N", value_parser = parse_threads)]
    pub(crate) threads: Option<NonZero<usize>>,
}
