//! `ordercharge fix`: repairs orders. Only the bytes of the repaired amounts change.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use ordercharge::mapping::Mappings;
use ordercharge::{Amount, Applicability, Documents, Mistake, Order, Policy, Repair, RepairOptions, check, repair};
use similar::TextDiff;

use crate::args;
use crate::choices::{choices, may_choose, reason};
use crate::excerpt;
use crate::input::Source;
use crate::output::{self, Stop};
use crate::sample::Sample;
use crate::tally::{add_to, orders_of, sums_in_words};

/// What was done.
#[derive(Default)]
struct Done {
    orders: u64,
    repaired: u64,
    /// Amounts written.
    amounts: u64,
    /// How far grand totals were moved, by currency code.
    moved: BTreeMap<String, Option<Amount>>,
    invalid: u64,
    unreadable: u64,
    /// Orders that --unsafe would repair.
    waiting: u64,
    /// Orders that are not repaired, by the reason.
    withheld: BTreeMap<&'static str, u64>,
    /// What --prefer could choose, with the number of orders.
    choices: BTreeMap<Mistake, u64>,
}

/// What is written.
struct Request {
    policy: Policy,
    options: RepairOptions,
    /// With --from-mapping, what is wrong with the mapping of each source.
    mappings: Option<Mappings>,
}

pub(crate) fn run(args: &args::Fix, quiet: bool) -> Result<u8, Stop> {
    let policy = args.policy.get()?;
    let mut options = RepairOptions::default();
    options.applicability = if args.unsafe_too { Applicability::Unsafe } else { Applicability::Safe };
    options.prefer.clone_from(&args.prefer);
    if args.recalculate {
        (options.recalculate, options.applicability) = (true, Applicability::Unsafe);
    }
    let mut done = Done::default();
    let mut failed = false;
    let mut together = Vec::new();
    let sources = Source::all(&args.input.inputs)?;
    // Standard input can be read only once: its text is kept for the second pass.
    let mut texts: Vec<Option<Vec<u8>>> = sources.iter().map(|_| None).collect();
    let mut mappings = args.from_mapping.then(Mappings::default);
    if let Some(mappings) = &mut mappings {
        // As `check` does it, so that both come to the same answer.
        let mut sample = Sample::default();
        for (number, (source, kept)) in sources.iter().zip(&mut texts).enumerate() {
            // A failure to read is reported by the second pass.
            let Ok(text) = read(source, args.in_place) else { continue };
            for document in Documents::new(&text).filter_map(|record| record.document.ok()) {
                let (order, report) = (document.order(), check(document.order(), &policy));
                if report.violations.is_empty() {
                    mappings.add_valid(order.order_source.as_deref(), 1);
                    sample.add(number, document.position().offset, document.text());
                } else {
                    mappings.add(order, &report, &policy);
                }
            }
            *kept = source.is_stdin().then_some(text);
        }
        sample.show(mappings, &policy);
    }
    let request = Request { policy, options, mappings };
    for (source, kept) in sources.into_iter().zip(texts) {
        let name = source.name();
        let text = match kept.map_or_else(|| read(&source, args.in_place), Ok) {
            Ok(text) => text,
            Err(why) => {
                failed = true;
                output::complain(&format!("cannot read {name}: {why}"));
                continue;
            }
        };
        let before = done.orders;
        let repaired = repair_all(&text, &name, &request, &mut done);
        if done.orders == before {
            failed = true;
            output::complain(&output::no_order(&name));
        }
        if args.diff {
            together.extend(diff(&name, &text, &repaired, args.show_values).into_bytes());
        } else if let (true, Source::File(path)) = (args.in_place, &source) {
            if repaired != text
                && let Err(why) = replace(path, &repaired)
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
    match &args.output {
        // An incomplete result does not overwrite the file.
        Some(_) if failed => {}
        Some(path) if path != Path::new("-") => replace(path, &together).map_err(Stop::Failed)?,
        _ => match output::print(&together) {
            Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(failed))),
            printed => drop(printed?),
        },
    }
    if !quiet && done.orders > 0 {
        // If standard error is closed, nobody can be informed.
        let _ = writeln!(output::stderr(), "{}", done.in_words(args));
    }
    Ok(exit(failed))
}

/// Reads a whole input: every byte that is not repaired is written as it was.
fn read(source: &Source, in_place: bool) -> Result<Vec<u8>, String> {
    if in_place && source.is_stdin() {
        return Err("expected a file to write back to, found standard input".to_owned());
    }
    let (mut stream, packed) = source.open_packed(&Arc::default()).map_err(|error| error.to_string())?;
    if in_place && packed {
        return Err("expected a file that is not packed to write back to, found gzip".to_owned());
    }
    let mut text = Vec::new();
    stream.read_to_end(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

/// The text with its orders repaired.
fn repair_all(text: &[u8], name: &str, request: &Request, done: &mut Done) -> Vec<u8> {
    let mut repaired = Vec::with_capacity(text.len());
    let mut at = 0;
    for record in Documents::new(text) {
        done.orders += 1;
        let document = match record.document {
            Ok(document) => document,
            Err(error) => {
                done.unreadable += 1;
                output::complain(&format!("{name}: {error}"));
                continue;
            }
        };
        let order = document.order();
        let mut options = request.options.clone();
        if let Some(mappings) = &request.mappings {
            options.mapping = mappings.mistakes_of(order.order_source.as_deref());
        }
        let found = repair(order, &request.policy, &options);
        done.note(order, &request.policy, &options, found.as_ref());
        match found.filter(|repair| !repair.edits.is_empty()) {
            None => {
                done.invalid += u64::from(!check(order, &request.policy).is_valid());
                if options.applicability == Applicability::Safe {
                    let unsafe_too = repair(order, &request.policy, &RepairOptions::default());
                    done.waiting += u64::from(unsafe_too.is_some_and(|repair| !repair.edits.is_empty()));
                }
            }
            Some(repair) => {
                let after = repair.apply(order);
                done.repaired += 1;
                done.amounts += repair.edits.len() as u64;
                if let Some(moved) = repair.moved(order) {
                    add_to(&mut done.moved, &order.currency, Some(moved));
                }
                done.invalid += u64::from(!check(&after, &request.policy).is_valid());
                let start = document.position().offset as usize;
                repaired.extend_from_slice(text.get(at..start).unwrap_or_default());
                repaired.extend_from_slice(&document.repaired(&repair));
                at = start + document.text().len();
            }
        }
    }
    repaired.extend_from_slice(text.get(at..).unwrap_or_default());
    repaired
}

/// What would change, as a unified diff. Orders hold personal data: unless all values are shown, only charges and what
/// identifies them are.
fn diff(name: &str, before: &[u8], after: &[u8], show_values: bool) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (excerpt::whole(before, show_values), excerpt::whole(after, show_values));
    let name = output::visible(name);
    let lines = TextDiff::from_lines(&before, &after);
    lines.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// Writes a file in one step: the old content is kept until all of the new content is written.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("cannot write to {}: {error}", path.display());
    let regular = fs::metadata(path).map_or(true, |known| known.is_file());
    if !regular {
        // A pipe or a device is written to, not replaced.
        return File::create(path).and_then(|mut file| file.write_all(bytes)).map_err(failed);
    }
    // Through a link, the file it names is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    let written = File::create_new(&part).and_then(|mut file| {
        // Set before anything is written: the copy must not be readable by more users than the file.
        if let Ok(known) = fs::metadata(&path) {
            file.set_permissions(known.permissions())?;
        }
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&part, &path)
    });
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        failed(error)
    })
}

impl Done {
    /// Notes why an order is not repaired, and what could be chosen.
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
        let verb = if args.diff { "would be repaired" } else { "repaired" };
        let moved = if self.moved.is_empty() {
            "no grand total moved".to_owned()
        } else {
            format!("grand totals moved by {}", sums_in_words(&self.moved))
        };
        let written = if args.diff { "to write" } else { "written" };
        let mut words = format!(
            "{} of {} {verb}: {} {written}, {moved}; {} still invalid, {} unreadable",
            self.repaired,
            orders_of(self.orders),
            plural(self.amounts, "amount"),
            self.invalid,
            self.unreadable
        );
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
