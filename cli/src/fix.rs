//! `ordercharge fix`: repairs orders. Only the bytes of the repaired amounts change.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use ordercharge::mapping::Mappings;
use ordercharge::{Applicability, Documents, Mistake, Order, Policies, Policy, Repair, RepairOptions, check, repair};
use ordercharge_records::{Sample, Sums, is_unchecked};

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
    let mut together = Vec::new();
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
            // A failure to read is reported by the second pass.
            let Ok(text) = read(source, args.in_place) else { continue };
            for document in Documents::new(&text.bytes)
                .max_document(args.input.max_document)
                .filter_map(|record| record.document.ok())
            {
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
            *kept = source.is_stdin().then_some(text);
        }
        sample.show(mappings, &policies);
    }
    let request = Request { max_document: args.input.max_document, policies, options, edits: args.edits, mappings };
    for (source, kept) in sources.into_iter().zip(texts) {
        let name = source.name();
        let text = match kept.map_or_else(|| read(&source, args.in_place), Ok) {
            Ok(text) => text,
            Err(why) => {
                failed = true;
                output::complain(&format!("cannot read {}: {why}", source.title()));
                continue;
            }
        };
        let before = done.orders;
        let Text { bytes: text, before: as_read } = text;
        let Repaired { text: repaired, edits } = repair_all(&text, &source, &request, &mut done)?;
        if done.orders == before {
            failed = true;
            output::complain(&source.no_order());
        }
        if args.edits.is_some() {
            together.extend(edits);
        } else if args.diff {
            together.extend(shown(&name, &text, &repaired, args.show_values).into_bytes());
        } else if let (true, Some(path)) = (args.in_place, source.path()) {
            if repaired != text
                && let Err(why) = replace(path, &repaired, as_read)
            {
                // The other files are still written.
                failed = true;
                output::complain(&why);
            }
        } else {
            together.extend(repaired);
        }
    }
    let exit = |failed: bool| match (failed || done.unreadable > 0 || done.orders == 0, done.invalid) {
        (true, _) => 2,
        (false, 0) => 0,
        (false, _) => 1,
    };
    match output {
        // An incomplete result does not overwrite the file.
        Some(path) if failed => file::not_written(path),
        Some(path) => replace(path, &together, None).map_err(Stop::Failed)?,
        None => match output::print(&together) {
            Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(failed))),
            printed => drop(printed?),
        },
    }
    if !quiet && done.orders > 0 {
        // If standard error is closed, the failure cannot be reported.
        let _ = writeln!(output::stderr(), "{}", done.in_words(args));
    }
    Ok(exit(failed))
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

/// The text with its orders repaired, and the records of the edits if they are asked for.
struct Repaired {
    text: Vec<u8>,
    edits: Vec<u8>,
}

fn repair_all(text: &[u8], source: &Source, request: &Request, done: &mut Done) -> Result<Repaired, Stop> {
    let mut repaired = Vec::with_capacity(text.len());
    let mut edits = Vec::new();
    let mut at = 0;
    for record in Documents::new(text).max_document(request.max_document) {
        done.orders += 1;
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
        }
        match found.filter(|repair| !repair.edits.is_empty()) {
            None => {
                done.end(order, policy);
                if options.applicability == Applicability::Safe {
                    let unsafe_too = repair(order, policy, &RepairOptions::default());
                    done.waiting += u64::from(unsafe_too.is_some_and(|repair| !repair.edits.is_empty()));
                }
            }
            Some(repair) => {
                let after = repair.apply(order);
                done.repaired += 1;
                done.amounts += repair.edits.len() as u64;
                if let Some(moved) = repair.moved(order) {
                    done.moved.add(&order.currency, Some(moved));
                }
                done.end(&after, policy);
                let start = document.position().offset as usize;
                repaired.extend_from_slice(text.get(at..start).unwrap_or_default());
                repaired.extend_from_slice(&document.repaired(&repair));
                at = start + document.text().len();
            }
        }
    }
    repaired.extend_from_slice(text.get(at..).unwrap_or_default());
    Ok(Repaired { text: repaired, edits })
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
