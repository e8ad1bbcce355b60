//! Prints comparisons, in any format.

use std::io::{self, Write};

use ordercharge_carts::{CartRule, Comparison, Corpus, Verdict, WrongField};
use serde::Serialize;

use crate::args::{self, CompareFormat};
use crate::output::{self, brief, visible};
use crate::tally::orders_of;

/// How one comparison is printed, on any thread.
#[derive(Clone)]
pub(super) struct Plan {
    format: CompareFormat,
    all: bool,
    source: String,
}

/// Comparisons as text.
#[derive(Default)]
pub(super) struct Rendered {
    text: Vec<u8>,
    /// Where each block of the human format ends: they count against `--max-shown`.
    blocks: Vec<usize>,
}

impl Rendered {
    /// Its approximate number of bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }
}

/// The record of a comparison.
#[derive(Serialize)]
struct Record<'a> {
    format: u32,
    r#type: &'static str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// The record that ends a report.
#[derive(Serialize)]
struct Summary<'a> {
    format: u32,
    r#type: &'static str,
    complete: bool,
    pairs: u64,
    same: u64,
    different: u64,
    unmatched: u64,
    unmappable: u64,
    fields: &'a [WrongField],
    exit: u8,
}

impl Plan {
    /// Appends a comparison.
    pub(super) fn write(&self, rendered: &mut Rendered, line: u64, comparison: &Comparison) {
        let out = &mut rendered.text;
        if comparison.verdict == Verdict::Same && !self.all {
            return;
        }
        match self.format {
            CompareFormat::Ndjson | CompareFormat::Json => {
                let record = Record { format: 1, r#type: "comparison", comparison };
                out.extend_from_slice(output::json(&record).unwrap_or_default().as_bytes());
                out.extend_from_slice(if self.format == CompareFormat::Ndjson { b"\n" } else { b",\n" });
            }
            CompareFormat::Short => self.short(out, line, comparison),
            CompareFormat::Human => {
                human(out, comparison);
                rendered.blocks.push(out.len());
            }
        }
    }

    fn short(&self, out: &mut Vec<u8>, line: u64, comparison: &Comparison) {
        let order = name(comparison);
        let place = if line == 0 { String::new() } else { format!("{}:{line}: ", visible(&self.source)) };
        if comparison.verdict == Verdict::Same {
            let _ = writeln!(out, "{place}same{order}");
        }
        for difference in &comparison.differences {
            let (rule, path, message) = (difference.rule, brief(&difference.path), brief(&difference.message));
            let path = if path.is_empty() { path } else { format!(" {path}") };
            let kind = if difference.rule == CartRule::Place { "note" } else { "error" };
            let _ = writeln!(out, "{place}{kind}[{rule}]{path}: {message}{order}");
        }
    }
}

/// The name of the order in brackets.
fn name(comparison: &Comparison) -> String {
    comparison.cust_ref.as_deref().map_or(String::new(), |name| format!(" (order {})", brief(name)))
}

/// One block: what differs in words, then the amounts in columns.
fn human(out: &mut Vec<u8>, comparison: &Comparison) {
    let order = comparison
        .cust_ref
        .as_deref()
        .map_or("an order without cust_ref".to_owned(), |name| format!("order {}", brief(name)));
    let cart = comparison.cart.as_deref().map_or(String::new(), |cart| format!(" ({})", visible(cart)));
    let count = comparison.differences.iter().filter(|difference| difference.rule != CartRule::Place).count();
    let (kind, title) = match comparison.verdict {
        Verdict::Same => ("same", "every charge is that of the cart's order".to_owned()),
        Verdict::Different if count == 1 => ("error", "1 charge differs from the cart's order".to_owned()),
        Verdict::Different => ("error", format!("{count} charges differ from the cart's order")),
        Verdict::Unmatched => ("error", "no partner".to_owned()),
        Verdict::Unmappable => ("error", "nothing to compare with".to_owned()),
    };
    let _ = writeln!(out, "{kind}: {order}{cart}: {title}");
    let width =
        |get: fn(&ordercharge_carts::Difference) -> usize| comparison.differences.iter().map(get).max().unwrap_or(0);
    let paths = width(|difference| difference.path.len()).min(40);
    let stated = width(|difference| difference.stated.as_deref().map_or(5, str::len)).min(24);
    for difference in &comparison.differences {
        if matches!(difference.rule, CartRule::Charge | CartRule::Place | CartRule::Currency) {
            let value = brief(difference.stated.as_deref().unwrap_or("unset"));
            let right =
                difference.right.as_deref().map_or(String::new(), |right| format!(", should be {}", brief(right)));
            let place = match (&difference.taken_from, difference.how) {
                (Some(place), Some(how)) => format!("  <- {} {}", brief(place), how.words()),
                _ => String::new(),
            };
            let path = brief(&difference.path);
            let _ = writeln!(out, "  {path:paths$}  {value:>stated$}{right}{place} [{}]", difference.rule);
        } else {
            let _ = writeln!(out, "  {} [{}]", brief(&difference.message), difference.rule);
        }
    }
    out.push(b'\n');
}

/// The report on standard output.
pub(super) struct Report {
    out: Box<dyn Write + Send>,
    plan: Plan,
    begun: bool,
    /// The most blocks to show, and how many there were.
    most: u64,
    blocks: u64,
}

impl Report {
    pub(super) fn new(args: &args::Compare) -> Report {
        let plan = Plan { format: args.format, all: args.all, source: args.orders.to_string_lossy().into_owned() };
        Report { out: output::stdout(), plan, begun: false, most: args.max_shown, blocks: 0 }
    }

    pub(super) fn plan(&self) -> Plan {
        self.plan.clone()
    }

    pub(super) fn write(&mut self, rendered: &Rendered) -> io::Result<()> {
        self.begin()?;
        let room = usize::try_from(self.most.saturating_sub(self.blocks)).unwrap_or(usize::MAX);
        self.blocks += rendered.blocks.len() as u64;
        let end = match rendered.blocks.get(room) {
            None => rendered.text.len(),
            // The block with this number does not fit: all before it do.
            Some(_) => room.checked_sub(1).and_then(|last| rendered.blocks.get(last)).copied().unwrap_or_default(),
        };
        self.out.write_all(rendered.text.get(..end).unwrap_or_default())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn begin(&mut self) -> io::Result<()> {
        let begun = std::mem::replace(&mut self.begun, true);
        if !begun && self.plan.format == CompareFormat::Json { self.out.write_all(b"[\n") } else { Ok(()) }
    }

    /// Writes the summary, in the formats for programs.
    pub(super) fn end(&mut self, corpus: &Corpus, fields: &[WrongField], complete: bool, exit: u8) -> io::Result<()> {
        self.begin()?;
        if matches!(self.plan.format, CompareFormat::Ndjson | CompareFormat::Json) {
            let summary = Summary {
                format: 1,
                r#type: "summary",
                complete,
                pairs: corpus.pairs(),
                same: corpus.count(Verdict::Same),
                different: corpus.count(Verdict::Different),
                unmatched: corpus.count(Verdict::Unmatched),
                unmappable: corpus.count(Verdict::Unmappable),
                fields,
                exit,
            };
            self.out.write_all(output::json(&summary)?.as_bytes())?;
            self.out.write_all(if self.plan.format == CompareFormat::Json { b"\n]\n" } else { b"\n" })?;
        }
        self.out.flush()
    }

    /// The number of comparisons that were not shown.
    pub(super) fn not_shown(&self) -> u64 {
        self.blocks.saturating_sub(self.most)
    }
}

/// The lines of the summary.
pub(super) fn in_words(corpus: &Corpus, fields: &[WrongField], not_shown: u64) -> Vec<String> {
    let count = |verdict| corpus.count(verdict);
    let mut lines = vec![format!(
        "{}: {} same, {} different, {} unmatched, {} unmappable",
        orders_of(corpus.pairs()),
        count(Verdict::Same),
        count(Verdict::Different),
        count(Verdict::Unmatched),
        count(Verdict::Unmappable)
    )];
    for field in fields {
        lines.push(format!("  {}", brief(&field.sentence)));
        lines.push(format!("    change: {}", brief(&field.remedy)));
    }
    if not_shown > 0 {
        lines.push(format!(
            "  {not_shown} more orders are not shown; --max-shown N shows more, --format short lists all"
        ));
    }
    lines
}
