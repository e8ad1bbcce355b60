//! `ordercharge compare`: orders compared with the orders of the cart that they were made from.

mod sorted;
mod summary;

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use ordercharge::bulk::{self, Bulk, Delivery, Inspected, Task};
use ordercharge::{Error, Policies, Position};
use ordercharge_carts::{Choice, Comparison, Corpus, Json, Node};
use ordercharge_records::{CartOrders, ComparisonSummary, SomeCartOrders, compared};

use crate::apart::{Output, keep_apart};
use crate::args;
use crate::cart::Known;
use crate::input::{self, Source};
use crate::output::{self, Problems, Stop};
use crate::outputs::{self, Outputs, Shown};
use crate::render::{Compared, Found};

/// What is compared, and how.
struct Inputs<'a> {
    args: &'a args::Compare,
    known: Known,
    choice: Choice,
    cart: &'a [Source],
    orders: &'a [Source],
}

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Compare, quiet: bool) -> Result<u8, Stop> {
    let known = args.cart.known()?;
    let sources = |path: &Path| {
        let inputs = vec![path.to_owned()];
        let input = args::Input {
            inputs,
            csv: Vec::new(),
            recursive: false,
            max_document: args.max_document,
            config: args::ConfigArgs::default(),
        };
        input.sources()
    };
    let mut sources_of_both = sources(&args.cart_orders)?;
    let carts = sources_of_both.len();
    sources_of_both.extend(sources(&args.orders)?);
    if sources_of_both.iter().filter(|source| source.is_stdin()).count() > 1 {
        return Err(Stop::Failed("expected at most one of CART and ORDERS to be standard input (-)".into()));
    }
    let others_to_stdout = outputs::reports_to_stdout(&args.reports);
    outputs::only_one(others_to_stdout)?;
    let to_stderr = others_to_stdout > 0;
    let mut places: Vec<Output> = outputs::places(&args.reports).collect();
    if !to_stderr {
        places.push(Output::stdout());
    }
    keep_apart(&sources_of_both, &[("table", args.cart.cart_table.as_deref())], places)?;
    let (cart, orders) = sources_of_both.split_at_checked(carts).unwrap_or_default();
    let inputs = Inputs { args, known, choice: args.cart.choice(), cart, orders };
    let policies = Policies::default();
    let shown = Shown { all: args.all, show_values: false, max_shown: args.max_shown, policies: &policies };
    let outputs = Outputs::new(Some(args.format), &args.reports, &shown, to_stderr);
    let writer = outputs::Writer::open(&outputs, Some(outputs::standard(to_stderr)), &args.reports)?;
    let mut run =
        Run { outputs: &outputs, writer, corpus: Corpus::default(), broken: false, problems: Problems::default() };
    let sample = if args.sorted { sorted::run(&inputs, &mut run)? } else { in_memory(&inputs, &mut run)? };
    let unused = args.cart.report_unused(known, sample.as_deref(), &mut run.problems);
    run.broken |= unused;
    // A run whose reader has had enough did not read all of them.
    if !run.writer.is_silent() {
        run.broken |= input::report_empty(&sources_of_both, &mut run.problems) > 0;
    }
    // A report for programs on standard error must be the only output there.
    run.end(known, quiet || (to_stderr && outputs.is_for_programs()))
}

/// Keeps the cart's orders in memory, joins them by name, and compares on all threads.
fn in_memory(inputs: &Inputs<'_>, run: &mut Run<'_>) -> Result<Option<Vec<u8>>, Stop> {
    let Inputs { args, orders, .. } = *inputs;
    let threads = args::threads(args.threads);
    let bulk = Bulk { threads, max_document: args.max_document, texts_only: true, ..Bulk::default() };
    let held = read_cart(&bulk, inputs, run);
    let comparer = Comparer { inputs, held: &held, outputs: run.outputs };
    let (mut done, mut index) = (Ok(()), 0);
    bulk.run(input::open_json(orders, bulk.threads.get()), &comparer, |delivery| {
        index += delivery.orders;
        match run.take(delivery, orders) {
            Ok(flow) => flow,
            Err(stop) => {
                done = Err(stop);
                ControlFlow::Break(())
            }
        }
    });
    done?;
    for left in held.unseen() {
        if run.writer.is_silent() {
            break;
        }
        let source = name(inputs.cart, left.source);
        run.add(&source, index, left.line, &Comparison::unmatched(left.cust_ref, left.cart, true))?;
        index += 1;
    }
    Ok(held.sample().map(<[u8]>::to_vec))
}

/// Reads the cart's orders on any thread.
struct Keeper<'a> {
    known: Known,
    sources: &'a [Source],
}

/// Some consecutive orders of the cart.
#[derive(Default)]
struct Kept {
    orders: SomeCartOrders<'static>,
    unreadable: Vec<String>,
}

impl Task for Keeper<'_> {
    type Part = Kept;

    fn found(&self, part: &mut Kept, found: bulk::Finding<'_>) {
        let line = found.position.line;
        let added = text(self.sources, &found).and_then(|text| match self.known.outline(text) {
            Some((top, cart)) => {
                part.orders.add_order(&top, Node::ROOT, cart, line);
                Ok(())
            }
            None => json(text, &found).map(|json| part.orders.add(self.known, &json, line)),
        });
        part.unreadable.extend(added.err());
    }

    fn size(&self, part: &Kept) -> usize {
        part.orders.size()
    }
}

/// Reads the cart's orders into memory.
fn read_cart(bulk: &Bulk, inputs: &Inputs<'_>, run: &mut Run<'_>) -> CartOrders<'static> {
    let Inputs { known, cart: sources, .. } = *inputs;
    let mut orders = CartOrders::default();
    bulk.run(input::open_json(sources, bulk.threads.get()), &Keeper { known, sources }, |delivery| {
        input::note(sources, &delivery);
        let mut part = std::mem::take(delivery.part);
        run.failures(&mut part.unreadable, delivery.source, delivery.failure, sources);
        orders.append(part.orders, delivery.source);
        ControlFlow::Continue(())
    });
    orders
}

/// The JSON of a document, or why it cannot be read, in words.
pub(crate) fn document<'t>(sources: &[Source], found: &'t bulk::Finding<'_>) -> Result<Json<'t>, String> {
    json(text(sources, found)?, found)
}

/// The text of a document, or why it cannot be read, in words.
fn text<'t>(sources: &[Source], found: &'t bulk::Finding<'_>) -> Result<&'t [u8], String> {
    match &found.outcome {
        Inspected::Clean(text) => Ok(text),
        Inspected::Checked(document, _) => Ok(document.text()),
        Inspected::Unreadable(error) => Err(match sources.get(found.source) {
            Some(source) => unreadable(source, found.position, error),
            None => error.to_string(),
        }),
    }
}

/// The JSON of the text of a document.
fn json<'t>(text: &'t [u8], found: &bulk::Finding<'_>) -> Result<Json<'t>, String> {
    Json::parse(text).map_err(|error| format!("{}: {error}", found.position))
}

/// Why a document cannot be read, in words.
fn unreadable(source: &Source, at: Position, error: &Error) -> String {
    let error = source.explained(error, at);
    format!("{}: {}", error.position().unwrap_or(at), error.reason())
}

/// The name of a source.
pub(crate) fn name(sources: &[Source], at: usize) -> String {
    sources.get(at).map(Source::name).unwrap_or_default()
}

/// Compares orders on any thread.
struct Comparer<'a> {
    inputs: &'a Inputs<'a>,
    held: &'a CartOrders<'static>,
    outputs: &'a Outputs,
}

/// The results for some consecutive orders.
#[derive(Default)]
struct Part {
    reports: outputs::Part,
    corpus: Corpus,
    unreadable: Vec<String>,
}

impl Task for Comparer<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let Inputs { orders, choice, .. } = *self.inputs;
        let json = match document(orders, &found) {
            Ok(json) => json,
            Err(why) => return part.unreadable.push(why),
        };
        let comparison = compared(&json, self.held.partner(&json, found.index), choice);
        let source = name(orders, found.source);
        let compared = Compared::new(&source, found.index, found.position.line, &comparison);
        self.outputs.found(&mut part.reports, &Found::compared(&compared));
        part.corpus.add(&comparison);
    }

    fn size(&self, part: &Part) -> usize {
        part.reports.size()
    }
}

/// What comes of a run: the reports, and the sums.
struct Run<'a> {
    outputs: &'a Outputs,
    writer: outputs::Writer<'a>,
    corpus: Corpus,
    /// Something could not be read.
    broken: bool,
    problems: Problems,
}

impl Run<'_> {
    /// Reports what cannot be read.
    fn unreadable(&mut self, source: &str, why: &str) {
        self.broken = true;
        // What was found before is written before.
        let _ = self.writer.flush();
        self.problems.complain(&format!("{source}: {why}"));
    }

    /// Adds the result of one pair.
    fn add(&mut self, source: &str, index: u64, line: u64, comparison: &Comparison) -> Result<(), Stop> {
        let mut part = outputs::Part::default();
        self.outputs.found(&mut part, &Found::compared(&Compared::new(source, index, line, comparison)));
        self.corpus.add(comparison);
        self.writer.write(&mut part)
    }

    fn take(&mut self, delivery: Delivery<'_, Part>, sources: &[Source]) -> Result<ControlFlow<()>, Stop> {
        input::note(sources, &delivery);
        let part = delivery.part;
        self.writer.write(&mut part.reports)?;
        self.corpus.merge(std::mem::take(&mut part.corpus));
        self.failures(&mut part.unreadable, delivery.source, delivery.failure, sources);
        Ok(if self.writer.is_silent() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Reports the documents of a source that cannot be read, then the source that cannot be read further.
    fn failures(
        &mut self,
        documents: &mut Vec<String>,
        source: usize,
        failure: Option<(usize, std::io::Error)>,
        sources: &[Source],
    ) {
        for why in documents.drain(..) {
            self.unreadable(&name(sources, source), &why);
        }
        if let Some((source, error)) = failure {
            self.unreadable(&name(sources, source), &format!("cannot read it: {error}"));
        }
    }

    /// Ends the reports and prints the summary.
    fn end(self, known: Known, quiet: bool) -> Result<u8, Stop> {
        let Run { outputs, mut writer, corpus, mut broken, mut problems } = self;
        let mut summary = ComparisonSummary::new(&corpus, known, broken);
        writer.finish(|failure| {
            failure.into_iter().for_each(|why| problems.keep(why));
            broken |= failure.is_some();
            summary = ComparisonSummary::new(&corpus, known, broken);
            summary.errors = problems.lines();
            output::json(&summary).map_err(|error| Stop::Failed(error.to_string()))
        })?;
        // Without any order, the errors say all.
        if !quiet && !writer.is_silent() && corpus.pairs() > 0 {
            let lines = summary::in_words(&summary, outputs.not_shown());
            let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
        }
        Ok(summary.exit)
    }
}
