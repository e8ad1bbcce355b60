//! `ordercharge map`: CartRover orders made from a cart's orders.

use std::collections::BTreeMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use ordercharge::bulk::{self, Bulk, Delivery, Task};
use ordercharge_carts::{Cart, Choice, Json, Mapped, Node};
use ordercharge_records::Unmapped;

use crate::apart::{Output, keep_apart};
use crate::args;
use crate::cart::Known;
use crate::compare::{document, name};
use crate::file::{self, Target};
use crate::input::{self, Source};
use crate::output::{self, Problems, Stop, brief, visible};
use crate::phrases::orders_of;

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Map, quiet: bool) -> Result<u8, Stop> {
    let known = args.cart.known()?;
    let sources = args.input.sources()?;
    let mut outputs = vec![Output::stdout()];
    outputs.extend(args.report.iter().map(|path| Output::path("--report", path)));
    if args.report.as_deref().is_some_and(file::is_stdout) {
        return Err(Stop::Failed("expected a file for --report, found -: the orders go to standard output".into()));
    }
    keep_apart(&sources, &[("table", args.cart.cart_table.as_deref())], outputs)?;
    let threads = args::threads(args.threads);
    let bulk = Bulk { threads, max_document: args.input.max_document, texts_only: true, ..Bulk::default() };
    let mapper = Mapper { args, known, choice: args.cart.choice(), sources: &sources, sample: OnceLock::new() };
    let report = args.report.as_deref().map(|path| Target::open(path, None).map_err(Stop::Failed)).transpose()?;
    let mut run = Run { out: output::stdout(), report, counts: Counts::default() };
    let mut done = Ok(());
    let streams = input::open_json(&sources, bulk.threads.get());
    bulk.run(streams, &mapper, |delivery| match run.take(delivery, &sources) {
        Ok(()) => ControlFlow::Continue(()),
        Err(stop) => {
            done = Err(stop);
            ControlFlow::Break(())
        }
    });
    let exit = |counts: &Counts| if counts.broken { 2 } else { u8::from(counts.refused > 0) };
    match done {
        Ok(()) => {}
        Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(&run.counts))),
        Err(stop) => return Err(stop),
    }
    // `map` has no report that would keep them.
    let mut problems = Problems::default();
    run.counts.broken |= input::report_empty(&sources, &mut problems) > 0;
    let exit = match run.out.flush().map_err(|error| Stop::writing("standard output", &error)) {
        Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(&run.counts))),
        Err(stop) => return Err(stop),
        Ok(()) => exit(&run.counts),
    };
    let unused = args.cart.report_unused(known, mapper.sample.get().map(Vec::as_slice), &mut problems);
    if let Some(report) = run.report.take() {
        report.finish().map_err(Stop::Failed)?;
    }
    // Without any order, the errors say all.
    let any = run.counts.mapped + run.counts.refused > 0;
    if !quiet && any {
        let _ = writeln!(output::stderr(), "{}", run.counts.in_words().join("\n"));
    }
    Ok(if unused { 2 } else { exit })
}

/// Maps orders on any thread.
struct Mapper<'a> {
    args: &'a args::Map,
    known: Known,
    choice: Choice,
    sources: &'a [Source],
    /// The text of one document.
    sample: OnceLock<Vec<u8>>,
}

/// The results for some consecutive documents.
#[derive(Default)]
struct Part {
    orders: Vec<u8>,
    messages: Vec<u8>,
    records: Vec<u8>,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    mapped: u64,
    refused: u64,
    /// Something could not be read.
    broken: bool,
    /// By the name of a note: how many orders have it, and its message.
    notes: BTreeMap<String, (u64, String)>,
}

impl Task for Mapper<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let source = name(self.sources, found.source);
        let json = match document(self.sources, &found) {
            Ok(json) => json,
            Err(why) => return part.unreadable(&source, &why),
        };
        if self.args.cart.cart_table.is_some() {
            self.sample.get_or_init(|| json.text(Node::ROOT).as_bytes().to_vec());
        }
        for (order, cart) in self.known.orders(&json) {
            let mapped = cart.map(|cart| cart.map(&json, order, self.choice));
            match (cart, mapped) {
                (Some(cart), Some(Ok(mapped))) => self.mapped(part, &json, order, cart, &mapped),
                (_, refused) => {
                    let error = refused.and_then(Result::err);
                    let place = (source.as_str(), found.index, found.position.line);
                    let record = Unmapped::new(place, &json, order, cart, error.as_ref());
                    part.refused(&record, self.args.report.is_some());
                }
            }
        }
    }

    fn size(&self, part: &Part) -> usize {
        part.orders.len() + part.messages.len() + part.records.len()
    }
}

impl Mapper<'_> {
    fn mapped(&self, part: &mut Part, json: &Json<'_>, order: Node, cart: &Cart, mapped: &Mapped) {
        part.counts.mapped += 1;
        part.orders.extend_from_slice(output::json(&mapped.order).unwrap_or_default().as_bytes());
        part.orders.push(b'\n');
        for note in &mapped.notes {
            let known = part.counts.notes.entry(note.name.clone()).or_insert_with(|| (0, note.message.clone()));
            known.0 += 1;
        }
        if !self.args.explain {
            return;
        }
        let name = mapped
            .order
            .cust_ref
            .as_deref()
            .map_or("an order without a name".to_owned(), |name| format!("order {}", brief(name)));
        let mut text = format!("{name} ({}):\n", visible(cart.name()));
        let sources = mapped.sources(cart, json, order, self.choice);
        let width = |get: fn(&ordercharge_carts::Source) -> usize| sources.iter().map(get).max().unwrap_or(0);
        let (paths, amounts) = (width(|source| source.path.len()), width(|source| source.amount.len()));
        for source in &sources {
            let from = if source.taken_from.is_empty() {
                String::new()
            } else {
                format!("  <- {}", brief(&source.taken_from.join(", ")))
            };
            let (path, amount, how) = (&source.path, &source.amount, &source.arithmetic);
            text.push_str(&format!("  {path:paths$}  {amount:>amounts$} = {how}{from}\n"));
        }
        for note in &mapped.notes {
            text.push_str(&format!("  note: {} [{}]\n", brief(&note.message), visible(&note.name)));
        }
        part.messages.extend_from_slice(text.as_bytes());
    }
}

impl Part {
    fn unreadable(&mut self, source: &str, why: &str) {
        self.counts.broken = true;
        self.messages.extend_from_slice(format!("error: {}: {}\n", visible(source), visible(why)).as_bytes());
    }

    fn refused(&mut self, record: &Unmapped<'_>, report: bool) {
        self.counts.refused += 1;
        let name = record.cust_ref.as_deref().map_or("an order".to_owned(), |name| format!("order {}", brief(name)));
        let cart = record.cart.map_or(String::new(), |cart| format!(" ({cart})"));
        let (source, line, why) = (visible(record.source), record.line, brief(&record.message));
        self.messages.extend_from_slice(format!("error: {source}:{line}: {name}{cart}: {why}\n").as_bytes());
        if report {
            self.records.extend_from_slice(output::json(record).unwrap_or_default().as_bytes());
            self.records.push(b'\n');
        }
    }
}

/// Writes the results in the order of the input.
struct Run {
    out: Box<dyn Write + Send>,
    report: Option<Target>,
    counts: Counts,
}

impl Run {
    fn take(&mut self, delivery: Delivery<'_, Part>, sources: &[Source]) -> Result<(), Stop> {
        input::note(sources, &delivery);
        let part = std::mem::take(delivery.part);
        self.counts.mapped += part.counts.mapped;
        self.counts.refused += part.counts.refused;
        self.counts.broken |= part.counts.broken;
        for (name, (count, message)) in part.counts.notes {
            self.counts.notes.entry(name).or_insert_with(|| (0, message)).0 += count;
        }
        if let Some((source, error)) = delivery.failure {
            self.counts.broken = true;
            output::complain(&format!("cannot read {}: {error}", name(sources, source)));
        }
        self.out.write_all(&part.orders).map_err(|error| Stop::writing("standard output", &error))?;
        if !part.messages.is_empty() {
            let mut err = output::stderr();
            let _ = err.write_all(&part.messages).and_then(|()| err.flush());
        }
        if let Some(report) = &mut self.report {
            report.write(&part.records).map_err(Stop::Failed)?;
        }
        Ok(())
    }
}

impl Counts {
    fn in_words(&self) -> Vec<String> {
        let total = orders_of(self.mapped + self.refused);
        let mut lines = vec![format!("{total}: {} mapped, {} not mapped", self.mapped, self.refused)];
        for (name, (count, message)) in &self.notes {
            lines.push(format!("  {}: {} [{}]", orders_of(*count), brief(message), visible(name)));
        }
        lines
    }
}
