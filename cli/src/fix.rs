//! `ordercharge fix`: orders mended, every byte but the amounts as it was.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

use ordercharge::{Amount, Applicability, Documents, Policy, fix};
use similar::TextDiff;

use crate::args;
use crate::input::Source;
use crate::output::{self, Stop};

/// What was done.
#[derive(Default)]
struct Done {
    orders: u64,
    mended: u64,
    /// Amounts written.
    amounts: u64,
    moved: Option<Amount>,
    invalid: u64,
    unreadable: u64,
    /// Orders that unsafe fixes would mend.
    waiting: u64,
}

pub(crate) fn run(args: &args::Fix, quiet: bool) -> Result<u8, Stop> {
    let policy = args.policy.get();
    let allowed = if args.unsafe_too { Applicability::Unsafe } else { Applicability::Safe };
    let mut done = Done { moved: Some(Amount::ZERO), ..Done::default() };
    let mut failed = false;
    let mut together = Vec::new();
    for source in Source::all(&args.input.inputs)? {
        let name = source.name();
        let text = match read(&source, args.in_place) {
            Ok(text) => text,
            Err(why) => {
                failed = true;
                output::complain(&format!("cannot read {name}: {why}"));
                continue;
            }
        };
        let mended = mend(&text, &name, &policy, allowed, &mut done);
        if args.diff {
            together.extend(diff(&name, &text, &mended).into_bytes());
        } else if let (true, Source::File(path)) = (args.in_place, &source) {
            if mended != text
                && let Err(why) = replace(path, &mended)
            {
                // It costs no other file.
                failed = true;
                output::complain(&why);
            }
        } else {
            together.extend(mended);
        }
    }
    let exit = |failed: bool| match (failed || done.unreadable > 0 || done.orders == 0, done.invalid) {
        (true, _) => 2,
        (false, 0) => 0,
        (false, _) => 1,
    };
    match &args.output {
        // Nothing is overwritten by less than what was asked for.
        Some(_) if failed => {}
        Some(path) if path != Path::new("-") => replace(path, &together).map_err(Stop::Failed)?,
        _ => match output::print(&together) {
            Err(Stop::BrokenPipe(_)) => return Err(Stop::BrokenPipe(exit(failed))),
            printed => drop(printed?),
        },
    }
    if !quiet && done.orders > 0 {
        // If standard error is gone, there is nobody left to tell.
        let _ = writeln!(output::stderr(), "{}", done.in_words(args));
    }
    Ok(exit(failed))
}

/// A whole input: what is to be written back as it was has to be known as a whole.
fn read(source: &Source, in_place: bool) -> Result<Vec<u8>, String> {
    if in_place && source.is_stdin() {
        return Err("expected a file to write back to, found standard input".to_owned());
    }
    let (mut stream, packed) = source.open_told(&Arc::default()).map_err(|error| error.to_string())?;
    if in_place && packed {
        return Err("expected a file that is not packed to write back to, found gzip".to_owned());
    }
    let mut text = Vec::new();
    stream.read_to_end(&mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

/// The text with its orders mended.
fn mend(text: &[u8], name: &str, policy: &Policy, allowed: Applicability, done: &mut Done) -> Vec<u8> {
    let mut mended = Vec::with_capacity(text.len());
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
        match fix(order, policy, allowed) {
            None => done.invalid += u64::from(!document.check(policy).is_valid()),
            Some(fix) => {
                let after = fix.apply(order);
                done.mended += 1;
                done.amounts += fix.edits.len() as u64;
                done.moved = done.moved.and_then(|sum| sum.checked_add(fix.moved(order)?));
                done.invalid += u64::from(!ordercharge::check(&after, policy).is_valid());
                let start = document.position().offset as usize;
                mended.extend_from_slice(text.get(at..start).unwrap_or_default());
                mended.extend_from_slice(&document.fixed(&fix));
                at = start + document.text().len();
            }
        }
        if allowed == Applicability::Safe && fix(order, policy, Applicability::Unsafe) != fix(order, policy, allowed) {
            done.waiting += 1;
        }
    }
    mended.extend_from_slice(text.get(at..).unwrap_or_default());
    mended
}

/// What would change, as a unified diff.
fn diff(name: &str, before: &[u8], after: &[u8]) -> String {
    if before == after {
        return String::new();
    }
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let name = output::visible(name);
    let lines = TextDiff::from_lines(before.as_ref(), after.as_ref());
    lines.unified_diff().header(&format!("a/{name}"), &format!("b/{name}")).to_string()
}

/// Writes a file in one step: what stood there stands until all of it is written.
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
        // Before anything is in it: who may not read the file may not read its copy.
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
    fn in_words(&self, args: &args::Fix) -> String {
        let plural = |count: u64, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
        let verb = if args.diff { "would be mended" } else { "mended" };
        let moved = self.moved.map_or("more than can be held".to_owned(), |moved| format!("{moved:.2}"));
        let mut words = format!(
            "{} of {} {verb}: {} written, {moved} moved; {} still invalid, {} unreadable",
            self.mended,
            plural(self.orders, "order"),
            plural(self.amounts, "amount"),
            self.invalid,
            self.unreadable
        );
        if self.waiting > 0 {
            words.push_str(&format!("\n  {} more may be mended with --unsafe", plural(self.waiting, "order")));
        }
        words
    }
}
