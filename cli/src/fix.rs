//! `ordercharge fix`: repairs orders. Only the bytes of the repaired amounts change.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use ordercharge::mapping::Mappings;
use ordercharge::{Applicability, Mistake, Order, Policies, Policy, Reader, Repair, RepairOptions, check, repair};
use ordercharge_records::{Sample, Sums, is_unchecked};

mod pending;

use crate::apart::{Output, keep_apart};
use crate::args;
use crate::choices::{choices, may_choose, reason};
use crate::config::Config;
use crate::diff;
use crate::edits;
use crate::excerpt;
use crate::file::{self, Snapshot, Target};
use crate::input::Source;
use crate::output::{self, Stop};
use crate::phrases::{orders_of, sums_in_words};
use pending::{Kept, Pending};

/// The counts of a run.
#[derive(Default)]
struct Done {
    orders: u64,
    repaired: u64,
    /// Amounts written.
    amounts: u64,
    /// How far grand totals were moved, by currency code.
    moved: Sums,
    invalid: u64,
    unreadable: u64,
    /// Valid orders without an identity that could be checked.
    unchecked: u64,
    /// Orders that --unsafe would repair.
    waiting: u64,
    /// Orders whose repair is withheld, by reason.
    withheld: BTreeMap<&'static str, u64>,
    /// The mistakes that --prefer could choose, with the number of orders.
    choices: BTreeMap<Mistake, u64>,
}

/// Which repairs are written.
struct Request {
    max_document: usize,
    policies: Policies,
    options: RepairOptions,
    /// With --edits, how they are printed.
    edits: Option<args::EditsFormat>,
    /// With --from-mapping, what is wrong with the mapping of each source.
    mappings: Option<Mappings>,
}

pub(crate) fn run(args: &args::Fix, config: &Config, quiet: bool) -> Result<u8, Stop> {
    let policies = config.policies(args.policy.get()?)?;
    let mut options = RepairOptions::default();
    options.applicability = if args.unsafe_too { Applicability::Unsafe } else { Applicability::Safe };
    options.prefer.clone_from(&args.prefer);
    if args.recalculate {
        (options.recalculate, options.applicability) = (true, Applicability::Unsafe);
    }
    let mut done = Done::default();
    let mut failed = false;
    let sources = args.input.sources()?;
    let output = args.output.as_deref().filter(|path| !file::is_stdout(path));
    keep_apart(
        &sources,
        &[config.also_read()],
        vec![output.map_or_else(Output::stdout, |path| Output::path("--output", path))],
    )?;
    // Standard input can be read only once: its text is kept for the second pass.
    let mut texts: Vec<Option<Text>> = sources.iter().map(|_| None).collect();
    let mut mappings = args.from_mapping.then(Mappings::default);
    if let Some(mappings) = &mut mappings {
        // Like `check`, so that both get the same result.
        let mut sample = Sample::default();
        for (number, (source, kept)) in sources.iter().zip(&mut texts).enumerate() {
            let mut take = |input: &mut dyn Read| {
                let mut reader = Reader::new(input).max_document(args.input.max_document);
                while let Ok(Some(record)) = reader.next_record() {
                    let Ok(document) = record.document else { continue };
                    let order = document.order();
                    let policy = policies.of(order);
                    let report = check(order, policy);
                    if report.violations.is_empty() {
                        mappings.add_valid(order.order_source.as_deref(), 1);
                        sample.add(number, document.position().offset, document.text());
                    } else {
                        mappings.add(order, &report, policy);
                    }
                }
            };
            // A failure to read is reported by the second pass.
            if !source.is_stdin() && !args.in_place {
                if let Ok(mut stream) = source.open() {
                    take(&mut stream);
                }
            } else if let Ok(text) = read(source, args.in_place) {
                take(&mut text.bytes.as_slice());
                *kept = source.is_stdin().then_some(text);
            }
        }
        sample.show(mappings, &policies);
    }
    let request = Request { max_document: args.input.max_document, policies, options, edits: args.edits, mappings };
    let exit = |done: &Done, failed: bool| match (failed || done.unreadable > 0 || done.orders == 0, done.invalid) {
        (true, _) => 2,
        (false, 0) => 0,
        (false, _) => 1,
    };
    let mut sink = match output {
        Some(path) => Sink::File(Target::open(path, None).map_err(Stop::Failed)?),
        None => Sink::Standard(output::stdout()),
    };
    for (source, kept) in sources.into_iter().zip(texts) {
        let before = done.orders;
        let ended = if args.diff || args.in_place {
            whole(&source, kept, args, &request, &mut done, &mut sink)
        } else {
            let input: io::Result<Box<dyn Read>> = match kept {
                Some(text) => Ok(Box::new(io::Cursor::new(text.bytes))),
                None => source.open().map(|stream| Box::new(stream) as _),
            };
            match input {
                Ok(input) => repair_all(input, &source, &request, &mut done, &mut |bytes| sink.write(bytes)),
                Err(error) => Ok(Some(cannot_read(&source, &error.to_string()))),
            }
        };
        match ended {
            Ok(None) if done.orders == before => {
                failed = true;
                output::complain(&source.no_order());
            }
            Ok(None) => {}
            // The other files are still repaired.
            Ok(Some(why)) => {
                failed = true;
                output::complain(&why);
            }
            Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(&done, failed))),
            Err(stop) => return Err(stop),
        }
    }
    match sink {
        // An incomplete result does not overwrite the file.
        Sink::File(target) if failed => target.abandon(),
        Sink::File(target) => target.finish().map_err(Stop::Failed)?,
        Sink::Standard(mut out) => match out.flush().map_err(|error| Stop::writing("standard output", &error)) {
            Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(&done, failed))),
            flushed => flushed?,
        },
    }
    if !quiet && done.orders > 0 {
        // If standard error is closed, the failure cannot be reported.
        let _ = writeln!(output::stderr(), "{}", done.in_words(args));
    }
    Ok(exit(&done, failed))
}

/// A whole input: every byte that is not repaired is written as it was.
struct Text {
    bytes: Vec<u8>,
    /// The state of the file before it was read, if it is written back.
    before: Option<Snapshot>,
}

fn read(source: &Source, in_place: bool) -> Result<Text, String> {
    let mut bytes = Vec::new();
    let mut before = None;
    let read = if in_place {
        let Some(path) = source.path() else {
            // An argument that leads to no file says why.
            let why = if source.is_stdin() { None } else { source.open().err() };
            let stdin = "expected a file to write back to, found standard input";
            return Err(why.map_or_else(|| stdin.to_owned(), |why| why.to_string()));
        };
        file::remove_leftover(path);
        // Checked before it is opened: a pipe would wait for its other end.
        if fs::metadata(path).is_ok_and(|known| !known.is_file()) {
            return Err("expected a file to write back to, found a pipe or a device".to_owned());
        }
        let file = File::open(path).map_err(|error| error.to_string())?;
        before = Some(Snapshot::of(&file).map_err(|error| error.to_string())?);
        source.open_in_place(file).and_then(|mut stream| stream.read_to_end(&mut bytes))
    } else {
        source.open().and_then(|mut stream| stream.read_to_end(&mut bytes))
    };
    read.map(|_| Text { bytes, before }).map_err(|error| error.to_string())
}

/// Where the result goes.
enum Sink {
    Standard(Box<dyn Write + Send>),
    File(Target),
}

impl Sink {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self {
            Sink::Standard(out) => out.write_all(bytes).map_err(|error| Stop::writing("standard output", &error)),
            Sink::File(target) => target.write(bytes).map_err(Stop::Failed),
        }
    }
}

fn cannot_read(source: &Source, why: &str) -> String {
    format!("cannot read {}: {why}", source.title())
}

/// Repairs a whole input, to write it back or to show what changes: then the texts before and after are compared. Why it could not
/// be read or written, if so.
fn whole(
    source: &Source,
    kept: Option<Text>,
    args: &args::Fix,
    request: &Request,
    done: &mut Done,
    sink: &mut Sink,
) -> Result<Option<String>, Stop> {
    let text = match kept.map_or_else(|| read(source, args.in_place), Ok) {
        Ok(text) => text,
        Err(why) => return Ok(Some(cannot_read(source, &why))),
    };
    let mut repaired = Vec::with_capacity(text.bytes.len());
    let ended = repair_all(text.bytes.as_slice(), source, request, done, &mut |bytes| {
        repaired.extend_from_slice(bytes);
        Ok(())
    });
    if !matches!(ended, Ok(None)) {
        return ended;
    }
    if args.diff {
        let changes = shown(&source.name(), &text.bytes, &repaired, args.show_values);
        return sink.write(changes.as_bytes()).map(|()| None);
    }
    Ok(match source.path() {
        Some(path) if repaired != text.bytes => replace(path, &repaired, text.before).err(),
        _ => None,
    })
}

/// Repairs the orders of an input and writes it, or the records of the edits if they are asked for. Every byte that is not repaired
/// is written as it was. Why the input could not be read to its end, if so.
fn repair_all(
    input: impl Read,
    source: &Source,
    request: &Request,
    done: &mut Done,
    write: &mut dyn FnMut(&[u8]) -> Result<(), Stop>,
) -> Result<Option<String>, Stop> {
    let pending = RefCell::new(Pending::default());
    let mut reader = Reader::new(Kept { source: input, pending: &pending }).max_document(request.max_document);
    let as_it_was = |offset: u64, write: &mut dyn FnMut(&[u8]) -> Result<(), Stop>| {
        let mut pending = pending.borrow_mut();
        if request.edits.is_none() {
            write(pending.before(offset))?;
        }
        pending.pass(offset);
        Ok::<(), Stop>(())
    };
    let mut edits = Vec::new();
    loop {
        let record = match reader.next_record() {
            Ok(Some(record)) => record,
            Ok(None) => break,
            Err(error) => return Ok(Some(cannot_read(source, &error.to_string()))),
        };
        done.orders += 1;
        as_it_was(record.position.offset, write)?;
        let document = match record.document {
            Ok(document) => document,
            Err(error) => {
                done.unreadable += 1;
                output::complain(&format!("{}: {}", source.name(), source.explained(&error, record.position)));
                continue;
            }
        };
        let order = document.order();
        let policy = request.policies.of(order);
        let mut options = request.options.clone();
        if let Some(mappings) = &request.mappings {
            options.mapping = mappings.mistakes_of(order.order_source.as_deref());
        }
        let found = repair(order, policy, &options);
        done.note(order, policy, &options, found.as_ref());
        if let (Some(format), Some(repair)) = (request.edits, &found) {
            edits::record(&mut edits, format, &source.name(), done.orders - 1, &document, repair)
                .map_err(|error| Stop::Failed(error.to_string()))?;
            write(&edits)?;
            edits.clear();
        }
        let end = document.position().offset + document.text().len() as u64;
        match found.filter(|repair| !repair.edits.is_empty()) {
            None => {
                done.end(order, policy);
                if options.applicability == Applicability::Safe {
                    let unsafe_too = repair(order, policy, &RepairOptions::default());
                    done.waiting += u64::from(unsafe_too.is_some_and(|repair| !repair.edits.is_empty()));
                }
                as_it_was(end, write)?;
            }
            Some(repair) => {
                let after = repair.apply(order);
                done.repaired += 1;
                done.amounts += repair.edits.len() as u64;
                if let Some(moved) = repair.moved(order) {
                    done.moved.add(&order.currency, Some(moved));
                }
                done.end(&after, policy);
                if request.edits.is_none() {
                    write(&document.repaired(&repair))?;
                }
                pending.borrow_mut().pass(end);
            }
        }
    }
    as_it_was(u64::MAX, write)?;
    Ok(None)
}

/// The changes as a unified diff. Orders hold personal data, so only charges and ids are shown, unless all values are asked
/// for.
fn shown(name: &str, before: &[u8], after: &[u8], show_values: bool) -> String {
    if before == after {
        return String::new();
    }
    let name = output::visible(name);
    let (before, after) = (excerpt::whole(before, show_values), excerpt::whole(after, show_values));
    format!("--- a/{name}\n+++ b/{name}\n{}", diff::unified(&before, &after))
}

/// Writes a file in one step: the old content is kept until all of the new content is written.
fn replace(path: &Path, bytes: &[u8], before: Option<Snapshot>) -> Result<(), String> {
    let mut target = Target::open(path, before)?;
    target.write(bytes)?;
    target.finish()
}

impl Done {
    /// Counts the verdict of an order after its repair.
    fn end(&mut self, order: &Order, policy: &Policy) {
        let report = check(order, policy);
        self.invalid += u64::from(!report.is_valid());
        self.unchecked += u64::from(is_unchecked(&report));
    }

    /// Counts why the repair of an order is withheld, and what could be chosen.
    fn note(&mut self, order: &Order, policy: &Policy, options: &RepairOptions, repair: Option<&Repair>) {
        let Some(why) = repair.and_then(|repair| repair.withheld) else { return };
        let report = check(order, policy);
        let choices = if may_choose(&report, why) { choices(order, &report, policy, options) } else { Vec::new() };
        *self.withheld.entry(reason(why, !choices.is_empty())).or_default() += 1;
        for mistake in choices {
            *self.choices.entry(mistake).or_default() += 1;
        }
    }

    fn in_words(&self, args: &args::Fix) -> String {
        let plural = |count: u64, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
        let only_shown = args.diff || args.edits.is_some();
        let verb = if only_shown { "would be repaired" } else { "repaired" };
        let moved = if self.moved.is_empty() {
            "no grand total moved".to_owned()
        } else {
            format!("grand totals moved by {}", sums_in_words(&self.moved))
        };
        let written = if only_shown { "to write" } else { "written" };
        let mut words = format!(
            "{} of {} {verb}: {} {written}, {moved}; {} still invalid, {} unreadable",
            self.repaired,
            orders_of(self.orders),
            plural(self.amounts, "amount"),
            self.invalid,
            self.unreadable
        );
        if self.unchecked > 0 {
            words.push_str(&format!("\n  no total could be checked of {}", orders_of(self.unchecked)));
        }
        if self.waiting > 0 {
            words.push_str(&format!("\n  --unsafe would repair {}", plural(self.waiting, "more order")));
        }
        for (why, count) in &self.withheld {
            words.push_str(&format!("\n  repair withheld for {}: {why}", orders_of(*count)));
        }
        let mut choices: Vec<(&Mistake, &u64)> = self.choices.iter().collect();
        choices.sort_by_key(|(mistake, count)| (std::cmp::Reverse(**count), **mistake));
        for (mistake, count) in choices.into_iter().take(MOST_CHOICES) {
            words.push_str(&format!("\n    --prefer {mistake} would repair {}", orders_of(*count)));
        }
        words
    }
}

/// The most choices that are listed.
const MOST_CHOICES: usize = 8;
