//! `ordercharge compare`: orders compared with the orders of the cart that they were made from.

mod held;
mod render;
mod sorted;

use std::borrow::Cow;
use std::io::{ErrorKind, Write};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::Path;

use ordercharge::bulk::{self, Bulk, Delivery, Inspected, Task};
use ordercharge::{Error, Policy};
use ordercharge_carts::{Cart, Choice, Comparison, Corpus, Json, Kind, Node, Pair, Verdict, compare_by_value};

use crate::args;
use crate::cart::Known;
use crate::input::Source;
use crate::output::{self, Stop};
use held::Held;
use render::{Rendered, Report};

/// More threads are never of use, and each takes memory.
pub(crate) const MOST_THREADS: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(255);

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Compare, quiet: bool) -> Result<u8, Stop> {
    let known = args.cart.known()?;
    let choice = args.cart.choice();
    let sources = |path: &Path| {
        let inputs = vec![path.to_owned()];
        let input = args::Input {
            inputs,
            csv: Vec::new(),
            recursive: false,
            max_document: args.max_document,
            config: args::ConfigArgs::default(),
        };
        Source::all(&input)
    };
    let (cart, orders) = (sources(&args.cart_orders)?, sources(&args.orders)?);
    if cart.iter().chain(&orders).filter(|source| source.is_stdin()).count() > 1 {
        return Err(Stop::Failed("expected at most one of CART and ORDERS to be standard input (-)".into()));
    }
    let mut run = Run::new(args);
    let sample = if args.sorted {
        sorted::run(args, known, choice, &cart, &orders, &mut run)?
    } else {
        in_memory(args, known, choice, &cart, &orders, &mut run)?
    };
    let unused = args.cart.report_unused(known, sample.as_deref());
    run.broken |= unused;
    if run.corpus.pairs() == 0 && !run.broken {
        cart.iter().chain(&orders).for_each(|source| output::complain(&source.no_order()));
    }
    run.end(known, quiet)
}

/// A policy that checks nothing: orders are only read.
pub(crate) fn no_policy() -> Policy {
    let mut policy = Policy::default();
    policy.severities.extend(ordercharge::Rule::ALL.iter().map(|rule| (*rule, None)));
    policy
}

/// Keeps the cart's orders in memory, joins them by name, and compares on all threads.
fn in_memory(
    args: &args::Compare,
    known: Known,
    choice: Choice,
    cart: &[Source],
    orders: &[Source],
    run: &mut Run,
) -> Result<Option<Vec<u8>>, Stop> {
    let mut bulk = Bulk::new(no_policy());
    bulk.threads = args.threads.unwrap_or(bulk.threads).min(MOST_THREADS);
    bulk.max_document = args.max_document;
    bulk.clean_texts = true;
    let held = Held::read(&bulk, known, cart, run)?;
    let comparer = Comparer { held: &held, choice, report: run.report.plan(), sources: orders };
    let mut done = Ok(());
    bulk.run(orders.iter().map(Source::open), &comparer, |delivery| match run.take(delivery, orders) {
        Ok(flow) => flow,
        Err(stop) => {
            done = Err(stop);
            ControlFlow::Break(())
        }
    });
    done?;
    if !run.silent {
        for (cust_ref, cart) in held.unseen() {
            run.add(0, &Comparison::unmatched(cust_ref, cart, true))?;
        }
    }
    Ok(held.sample())
}

/// Why a document cannot be read, in words.
pub(crate) fn unreadable(sources: &[Source], found: &bulk::Finding<'_>, error: &Error) -> String {
    let source = sources.get(found.source);
    let error = source.map_or(Cow::Borrowed(error), |source| source.explained(error, found.position));
    format!("{}: {}", error.position().unwrap_or(found.position), error.reason())
}

/// The name of a source.
pub(crate) fn name(sources: &[Source], at: usize) -> String {
    sources.get(at).map(Source::name).unwrap_or_default()
}

/// Compares a pair. `text` is that of the CartRover order.
pub(crate) fn compared(
    cart: Option<&Cart>,
    choice: Choice,
    cart_json: &Json<'_>,
    cart_order: Node,
    json: &Json<'_>,
    text: &[u8],
) -> Comparison {
    match cart {
        Some(cart) => Pair { cart, json: cart_json, order: cart_order, choice }.compare(json, Node::ROOT),
        None => compare_by_value(cart_json, cart_order, text, json, Node::ROOT),
    }
}

/// The `cust_ref` of an order.
pub(crate) fn cust_ref(json: &Json<'_>) -> Option<String> {
    let node = json.get(Node::ROOT, "cust_ref")?;
    let text = json.string(node).trim().to_owned();
    (matches!(json.kind(node), Kind::String | Kind::Number) && !text.is_empty()).then_some(text)
}

/// Compares orders on any thread.
struct Comparer<'h> {
    sources: &'h [Source],
    held: &'h Held,
    choice: Choice,
    report: render::Plan,
}

/// The results for some consecutive orders.
#[derive(Default)]
struct Part {
    rendered: Rendered,
    corpus: Corpus,
    unreadable: Vec<String>,
}

impl Task for Comparer<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let text = match &found.outcome {
            Inspected::Clean(text) => text,
            Inspected::Checked(document, _) => document.text(),
            Inspected::Unreadable(error) => return part.unreadable.push(unreadable(self.sources, &found, error)),
        };
        let json = match Json::parse(text) {
            Ok(json) => json,
            Err(error) => return part.unreadable.push(format!("{}: {error}", found.position)),
        };
        let cust_ref = cust_ref(&json);
        let comparison = match self.held.partner(cust_ref.as_deref()) {
            Some((cart_text, cart)) => match Json::parse(cart_text) {
                Ok(cart_json) => compared(cart, self.choice, &cart_json, Node::ROOT, &json, text),
                // It was read before.
                Err(_) => Comparison::unmatched(cust_ref, cart, false),
            },
            None => Comparison::unmatched(cust_ref, None, false),
        };
        self.report.write(&mut part.rendered, found.position.line, &comparison);
        part.corpus.add(&comparison);
    }

    fn size(&self, part: &Part) -> usize {
        part.rendered.len()
    }
}

/// What comes of a run: the report, and the sums.
struct Run {
    report: Report,
    corpus: Corpus,
    /// Something could not be read.
    broken: bool,
    /// The reader of the report closed the pipe.
    silent: bool,
}

impl Run {
    fn new(args: &args::Compare) -> Run {
        Run { report: Report::new(args), corpus: Corpus::default(), broken: false, silent: false }
    }

    /// Reports what cannot be read.
    fn unreadable(&mut self, source: &str, why: &str) {
        self.broken = true;
        let _ = self.report.flush();
        output::complain(&format!("{source}: {why}"));
    }

    /// Adds the result of one pair.
    fn add(&mut self, line: u64, comparison: &Comparison) -> Result<(), Stop> {
        let mut text = Rendered::default();
        self.report.plan().write(&mut text, line, comparison);
        self.corpus.add(comparison);
        self.print(&text)
    }

    fn print(&mut self, text: &Rendered) -> Result<(), Stop> {
        if self.silent {
            return Ok(());
        }
        match self.report.write(text) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.silent = true;
                Ok(())
            }
            Err(error) => Err(Stop::writing("standard output", &error)),
            Ok(()) => Ok(()),
        }
    }

    fn take(&mut self, delivery: Delivery<'_, Part>, sources: &[Source]) -> Result<ControlFlow<()>, Stop> {
        let part = std::mem::take(delivery.part);
        self.print(&part.rendered)?;
        self.corpus.merge(part.corpus);
        let own = name(sources, delivery.source);
        for why in part.unreadable {
            self.unreadable(&own, &why);
        }
        if let Some((source, error)) = delivery.failure {
            self.unreadable(&name(sources, source), &format!("cannot read it: {error}"));
        }
        Ok(if self.silent { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn exit(&self) -> u8 {
        if self.broken || self.corpus.pairs() == 0 {
            2
        } else {
            u8::from(self.corpus.count(Verdict::Same) < self.corpus.pairs())
        }
    }

    /// Ends the report and prints the summary.
    fn end(mut self, known: Known, quiet: bool) -> Result<u8, Stop> {
        let exit = self.exit();
        let fields = self.corpus.fields(self.table(known));
        if self.silent {
            return Ok(exit);
        }
        match self.report.end(&self.corpus, &fields, !self.broken, exit) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
            Err(error) => return Err(Stop::writing("standard output", &error)),
            Ok(()) => {}
        }
        // Without any order, the errors say all.
        if !quiet && self.corpus.pairs() > 0 {
            let lines = render::in_words(&self.corpus, &fields, self.report.not_shown());
            let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
        }
        Ok(exit)
    }

    /// The table that says what fields should be: the one that was asked for, or the one of all orders that differ.
    fn table(&self, known: Known) -> Option<&'static Cart> {
        match known {
            Known::Table(cart) => Some(cart),
            Known::None => None,
            Known::Detected => self.corpus.only_cart().and_then(Cart::named),
        }
    }
}
