//! `ordercharge check`: every record of every input, reported in order and split if asked.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ordercharge::bulk::{Bulk, Delivery, Found, Outcome, Task};
use ordercharge::{Document, Documents, Items};

use crate::args;
use crate::input::Source;
use crate::output::{self, Stop};
use crate::progress::Progress;
use crate::render::{Finding, Rendered, Renderer, Report};
use crate::tally::{Counts, Tally};

/// Runs it: the exit status.
pub(crate) fn run(args: &args::Check, quiet: bool) -> Result<u8, Stop> {
    let sources = Source::all(&args.input.inputs)?;
    let to_stdout = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    let split_to_stdout = to_stdout(&args.write_valid) || to_stdout(&args.write_invalid);
    if to_stdout(&args.write_valid) && to_stdout(&args.write_invalid) {
        return Err(Stop::Failed("expected --write-valid and --write-invalid to go to different places".into()));
    }
    keep_apart(args, &sources)?;
    let teller = Teller {
        args,
        names: sources.iter().map(Source::name).collect(),
        renderer: Renderer::new(args, split_to_stdout),
    };
    let mut bulk = Bulk::new(args.policy.get());
    bulk.threads = args.threads.unwrap_or(bulk.threads);
    bulk.every = args.all;
    bulk.clean_texts = args.write_valid.is_some();

    let read = Arc::new(AtomicU64::new(0));
    let progress = Progress::new(!quiet && !args.no_progress, &sources, Arc::clone(&read));
    let out = if split_to_stdout { output::stderr() } else { output::stdout() };
    let mut run = Run {
        teller: &teller,
        tally: Tally::new(),
        report: Report::new(args.format, out),
        valid: Split::open(args.write_valid.as_deref())?,
        invalid: Split::open(args.write_invalid.as_deref())?,
        progress,
        silent: false,
    };
    let mut done = Ok(());
    bulk.run(sources.iter().map(|source| source.open_counted(&read)), &teller, |delivery| match run.take(delivery) {
        Ok(flow) => flow,
        Err(stop) => {
            done = Err(stop);
            ControlFlow::Break(())
        }
    });
    run.progress.end();
    if done.is_ok() {
        done = run.valid.finish().and(run.invalid.finish());
    }
    if matches!(done, Err(Stop::Failed(_))) {
        run.tally.broken_off = true;
    }
    // The report is ended even where the work was not, so that what there is of it can be read.
    let ended = if run.silent { Ok(()) } else { run.report.finish(&run.tally.summary(args.max_invalid)) };
    if matches!(done, Err(Stop::Failed(_))) {
        return done.map(|()| 2);
    }
    let exit = run.tally.exit(args.max_invalid);
    // Whoever read the orders that go on has had enough.
    if done.is_err() {
        return Err(Stop::BrokenPipe(exit));
    }
    match ended {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
        Err(error) => return Err(Stop::writing("standard output", &error)),
        Ok(()) if run.silent => return Ok(exit),
        Ok(()) => {}
    }
    // A report for machines on standard error stands alone there.
    let alone = split_to_stdout && matches!(args.format, args::Format::Ndjson | args::Format::Json);
    if !quiet && !alone {
        run.summarise();
    }
    Ok(exit)
}

/// No output may be an input, or another output: it would be emptied before it is read.
fn keep_apart(args: &args::Check, sources: &[Source]) -> Result<(), Stop> {
    let same = |a: &Path, b: &Path| a == b || same_file::is_same_file(a, b).unwrap_or(false);
    let outputs: Vec<&Path> =
        [&args.write_valid, &args.write_invalid].into_iter().filter_map(|path| path.as_deref()).collect();
    let inputs = sources.iter().filter_map(|source| match source {
        Source::File(path) => Some(path.as_path()),
        Source::Stdin => None,
    });
    for input in inputs {
        if let Some(output) = outputs.iter().find(|output| same(output, input)) {
            return Err(Stop::Failed(format!("expected to write to another file than the input {}", output.display())));
        }
    }
    match outputs.as_slice() {
        // A device may take both.
        [valid, invalid] if same(valid, invalid) && !valid.starts_with("/dev") => {
            Err(Stop::Failed("expected --write-valid and --write-invalid to go to different places".into()))
        }
        _ => Ok(()),
    }
}

/// Says what there is to say of records, on any thread.
struct Teller<'a> {
    args: &'a args::Check,
    /// The names of the sources.
    names: Vec<String>,
    renderer: Renderer,
}

/// What is said of some consecutive records.
#[derive(Default)]
struct Told {
    rendered: Rendered,
    counts: Counts,
    /// The texts of orders to be written elsewhere, a line each.
    valid: Vec<u8>,
    invalid: Vec<u8>,
}

impl Task for Teller<'_> {
    type Part = Told;

    fn found(&self, told: &mut Told, found: Found<'_>) {
        let name = self.names.get(found.source).map(String::as_str).unwrap_or_default();
        let (index, position) = (found.index, found.position);
        let outcome = match &found.outcome {
            Outcome::Clean(text) => return keep(&mut told.valid, text),
            Outcome::Unreadable(error) => {
                told.counts.unreadable += 1;
                Err(error)
            }
            Outcome::Checked(document, report) => {
                told.counts.order(document.order(), report, self.args.fail_on);
                match report.is_valid() {
                    true if self.args.write_valid.is_some() => keep_order(&mut told.valid, document),
                    false if self.args.write_invalid.is_some() => keep_order(&mut told.invalid, document),
                    _ => {}
                }
                Ok((document, report))
            }
        };
        self.renderer.finding(&mut told.rendered, &Finding { source: name, index, position, outcome });
    }

    fn size(&self, told: &Told) -> usize {
        told.rendered.len() + told.valid.len() + told.invalid.len()
    }
}

/// Appends an order so that it is read as one again: an entry of an array that looks like a container stays an entry.
fn keep_order(texts: &mut Vec<u8>, document: &Document<'_>) {
    let text = document.text();
    if document.order().items == Items::Unset && !stands_alone(text) {
        keep(texts, &[b"[", text, b"]"].concat());
    } else {
        keep(texts, text);
    }
}

/// Whether a text is read as one order, and just that.
fn stands_alone(text: &[u8]) -> bool {
    let mut records = Documents::new(text);
    records.next().and_then(|record| record.document.ok()).is_some_and(|document| document.text() == text)
        && records.next().is_none()
}

/// Appends the text of an order and a line end.
fn keep(texts: &mut Vec<u8>, text: &[u8]) {
    texts.extend_from_slice(text);
    texts.push(b'\n');
}

/// Writes what was told, in the order of the input.
struct Run<'a> {
    teller: &'a Teller<'a>,
    tally: Tally,
    report: Report,
    valid: Split,
    invalid: Split,
    progress: Progress,
    /// Nobody reads the report any more.
    silent: bool,
}

impl Run<'_> {
    fn take(&mut self, delivery: Delivery<'_, Told>) -> Result<ControlFlow<()>, Stop> {
        let told = delivery.part;
        self.tally.add(std::mem::take(&mut told.counts));
        self.tally.clean(delivery.clean, delivery.unchecked);
        self.valid.write(&mut told.valid)?;
        self.invalid.write(&mut told.invalid)?;
        if !self.silent {
            let written = self.progress.aside(|| self.report.write(&self.teller.renderer, &mut told.rendered));
            match written {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.silent = true,
                Err(error) => return Err(Stop::writing("standard output", &error)),
                Ok(()) => {}
            }
        }
        if self.silent {
            // The part is used again: what nobody reads must not pile up in it.
            told.rendered = Rendered::default();
        }
        if let Some((source, error)) = delivery.failure {
            self.tally.broken_off = true;
            // What is in the buffer was found before.
            let _ = self.report.flush();
            let name = self.teller.names.get(source).map(String::as_str).unwrap_or_default();
            self.progress.aside(|| output::complain(&format!("cannot read {name}: {error}")));
        }
        self.progress.show(&self.tally);
        // A reader that has had enough ends the work, unless the orders go on to somewhere else.
        let splits = self.valid.to.is_some() || self.invalid.to.is_some();
        Ok(if self.silent && !splits { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn summarise(&self) {
        let args = self.teller.args;
        let mut lines = self.tally.in_words(args.all);
        if let Some(more) = self.teller.renderer.not_shown() {
            lines.push(format!(
                "  {more} more findings are not drawn; --max-shown draws more, --format short lists all"
            ));
        }
        if args.statistics {
            lines.extend(self.tally.counts.causes.table());
        }
        // If standard error is gone, there is nobody left to tell.
        let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
    }
}

/// Where one kind of orders is written to, each followed by a line end.
struct Split {
    place: String,
    to: Option<Box<dyn Write + Send>>,
}

impl Split {
    fn open(path: Option<&Path>) -> Result<Split, Stop> {
        let place = path.map(|path| path.display().to_string()).unwrap_or_default();
        let to: Option<Box<dyn Write + Send>> = match path {
            None => None,
            Some(path) if path == Path::new("-") => Some(output::stdout()),
            Some(path) => match File::create(path) {
                Ok(file) => Some(Box::new(BufWriter::with_capacity(64 * 1024, file))),
                Err(error) => return Err(Stop::writing(&place, &error)),
            },
        };
        Ok(Split { place, to })
    }

    /// Writes orders, and leaves their room empty.
    fn write(&mut self, orders: &mut Vec<u8>) -> Result<(), Stop> {
        let written = self.to.as_mut().map_or(Ok(()), |to| to.write_all(orders));
        orders.clear();
        written.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> Stop {
        // Standard output may be closed by its reader; a file or a pipe of its own that breaks is a failure.
        match (error.kind(), self.place.as_str()) {
            (ErrorKind::BrokenPipe, "-") => Stop::BrokenPipe(0),
            _ => Stop::Failed(format!("cannot write to {}: {error}", self.place)),
        }
    }

    fn finish(&mut self) -> Result<(), Stop> {
        let Some(to) = &mut self.to else { return Ok(()) };
        to.flush().map_err(|error| self.failed(&error))
    }
}
