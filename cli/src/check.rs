//! `ordercharge check`: reports every record of every input, in order, and splits valid from invalid orders if asked.

use std::borrow::Cow;
use std::io::{ErrorKind, Write};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ordercharge::bulk::{self, Bulk, Delivery, Inspected, Task};
use ordercharge::{Document, Documents, Items, Policy};

use crate::args;
use crate::file::{self, Output, Target};
use crate::input::Source;
use crate::output::{self, Stop};
use crate::progress::Progress;
use crate::render::{Finding, Rendered, Renderer, Report};
use crate::sample::{self, Sample};
use crate::tally::{Clean, Counts, Tally};

/// More threads are never of use, and each takes memory.
const MOST_THREADS: NonZero<usize> = NonZero::<usize>::MIN.saturating_add(255);

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Check, quiet: bool) -> Result<u8, Stop> {
    let policy = args.policy.get()?;
    let sources = Source::all(&args.input)?;
    let to_stdout = |path: &Option<PathBuf>| path.as_deref().is_some_and(file::is_stdout);
    let split_to_stdout = to_stdout(&args.write_valid) || to_stdout(&args.write_invalid);
    if to_stdout(&args.write_valid) && to_stdout(&args.write_invalid) {
        return Err(Stop::Failed("expected --write-valid and --write-invalid to go to different places".into()));
    }
    let splits = [("--write-valid", &args.write_valid), ("--write-invalid", &args.write_invalid)];
    let mut outputs: Vec<Output> =
        splits.iter().filter_map(|(option, path)| Some(Output::path(option, path.as_deref()?))).collect();
    if !split_to_stdout {
        outputs.push(Output::stdout());
    }
    file::keep_apart(&sources, outputs)?;
    let checker = Checker {
        args,
        sources: &sources,
        names: sources.iter().map(Source::name).collect(),
        renderer: Renderer::new(args, &policy, split_to_stdout),
        policy: policy.clone(),
    };
    let mut bulk = Bulk::new(policy);
    bulk.threads = args.threads.unwrap_or(bulk.threads).min(MOST_THREADS);
    bulk.every = args.all;
    bulk.max_document = args.input.max_document;
    bulk.clean_texts = args.write_valid.is_some();
    bulk.clean_sample = sample::REACH;

    let read = Arc::new(AtomicU64::new(0));
    let progress = Progress::new(!quiet && !args.no_progress, &sources, Arc::clone(&read));
    let out = if split_to_stdout { output::stderr() } else { output::stdout() };
    let mut run = Run {
        checker: &checker,
        tally: Tally::new(),
        report: Report::new(out),
        valid: Split::open(args.write_valid.as_deref())?,
        invalid: Split::open(args.write_invalid.as_deref())?,
        progress,
        found: vec![0; sources.len()],
        failed: vec![false; sources.len()],
        sample: Sample::default(),
        silent: false,
        ended_early: false,
    };
    let mut done = Ok(());
    bulk.run(sources.iter().map(|source| source.open_counted(&read)), &checker, |delivery| match run.take(delivery) {
        Ok(flow) => flow,
        Err(stop) => {
            done = Err(stop);
            ControlFlow::Break(())
        }
    });
    run.progress.end();
    // A run that ended early did not read all sources.
    if done.is_ok() && !run.ended_early {
        for ((source, found), failed) in sources.iter().zip(&run.found).zip(&run.failed) {
            if *found == 0 && !failed {
                run.tally.empty_sources += 1;
                output::complain(&source.no_order());
            }
        }
    }
    run.sample.show(&mut run.tally.counts.mappings, &checker.policy);
    // If an input was not read completely, the output files are left as they were. Everything else is written first.
    done = done.and_then(|()| run.flush());
    let whole = !run.tally.broken_off && run.tally.empty_sources == 0;
    if done.is_ok() {
        done = run.valid.finish(whole).and(run.invalid.finish(whole));
    }
    if matches!(done, Err(Stop::Failed(_))) {
        run.tally.broken_off = true;
    }
    // The report is ended even if the work was not, so that it can be read as far as it goes.
    let ended =
        if run.silent { Ok(()) } else { run.report.finish(&checker.renderer, &run.tally.summary(args.max_invalid)) };
    if matches!(done, Err(Stop::Failed(_))) {
        return done.map(|()| 2);
    }
    let exit = run.tally.exit(args.max_invalid);
    // The reader of the orders closed the pipe.
    if done.is_err() {
        return Err(Stop::BrokenPipe(exit));
    }
    match ended {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(exit),
        Err(error) => return Err(Stop::writing("standard output", &error)),
        Ok(()) if run.silent => return Ok(exit),
        Ok(()) => {}
    }
    // A report for machines on standard error must be the only output there.
    let alone = split_to_stdout && checker.renderer.is_for_programs();
    if !quiet && !alone {
        run.summarise();
    }
    Ok(exit)
}

/// Checks records and renders what is found, on any thread.
struct Checker<'a> {
    args: &'a args::Check,
    sources: &'a [Source],
    /// The names of the sources.
    names: Vec<String>,
    policy: Policy,
    renderer: Renderer,
}

/// The findings in some consecutive records.
#[derive(Default)]
struct Part {
    rendered: Rendered,
    counts: Counts,
    /// The orders for `--write-valid` and `--write-invalid`, one on each line.
    valid: Vec<u8>,
    invalid: Vec<u8>,
    sample: Sample,
}

impl Task for Checker<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let name = self.names.get(found.source).map(String::as_str).unwrap_or_default();
        let (index, position) = (found.index, found.position);
        let explained;
        let outcome = match &found.outcome {
            Inspected::Clean(text) => {
                part.sample.add(found.source, position.offset, text);
                if self.args.write_valid.is_some() {
                    keep(&mut part.valid, text);
                }
                return;
            }
            Inspected::Unreadable(error) => {
                part.counts.unreadable += 1;
                let source = self.sources.get(found.source);
                explained = source.map_or(Cow::Borrowed(error), |source| source.explained(error, position));
                Err(&*explained)
            }
            Inspected::Checked(document, report) => {
                part.counts.order(document.order(), report, &self.policy, self.args.fail_on);
                if report.violations.is_empty() {
                    part.sample.add(found.source, position.offset, document.text());
                }
                match report.is_valid() {
                    true if self.args.write_valid.is_some() => keep_order(&mut part.valid, document),
                    false if self.args.write_invalid.is_some() => keep_order(&mut part.invalid, document),
                    _ => {}
                }
                Ok((document, report))
            }
        };
        self.renderer.finding(&mut part.rendered, &Finding { source: name, index, position, outcome });
    }

    fn size(&self, part: &Part) -> usize {
        part.rendered.len() + part.valid.len() + part.invalid.len() + part.sample.len()
    }
}

/// Appends an order so that it is read as one order again. An entry of an array that looks like a container is put into an
/// array.
fn keep_order(texts: &mut Vec<u8>, document: &Document<'_>) {
    let text = document.text();
    if document.order().items == Items::Unset && !stands_alone(text) {
        keep(texts, &[b"[", text, b"]"].concat());
    } else {
        keep(texts, text);
    }
}

/// Whether these bytes are read as one order and nothing else.
fn stands_alone(text: &[u8]) -> bool {
    let mut records = Documents::new(text);
    records.next().and_then(|record| record.document.ok()).is_some_and(|document| document.text() == text)
        && records.next().is_none()
}

/// Appends an order and a line end.
fn keep(texts: &mut Vec<u8>, text: &[u8]) {
    texts.extend_from_slice(text);
    texts.push(b'\n');
}

/// Writes the findings in the order of the input.
struct Run<'a> {
    checker: &'a Checker<'a>,
    tally: Tally,
    report: Report,
    valid: Split,
    invalid: Split,
    progress: Progress,
    /// The number of records of each source.
    found: Vec<u64>,
    /// Which sources could not be read to their end.
    failed: Vec<bool>,
    sample: Sample,
    /// The reader of the report closed the pipe.
    silent: bool,
    /// The run ended before all sources were read.
    ended_early: bool,
}

impl Run<'_> {
    fn take(&mut self, delivery: Delivery<'_, Part>) -> Result<ControlFlow<()>, Stop> {
        let part = delivery.part;
        if let Some(count) = self.found.get_mut(delivery.source) {
            *count += delivery.orders;
        }
        self.tally.add(std::mem::take(&mut part.counts));
        let clean = Clean {
            orders: delivery.clean,
            unchecked: delivery.unchecked,
            unchecked_orders: delivery.unchecked_orders,
            sources: &delivery.clean_sources,
        };
        self.tally.clean(&clean, self.checker.args.fail_on);
        self.sample.append(&mut part.sample);
        self.valid.write(&mut part.valid)?;
        self.invalid.write(&mut part.invalid)?;
        if !self.silent {
            let written = self.progress.aside(|| self.report.write(&self.checker.renderer, &mut part.rendered));
            match written {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => self.silent = true,
                Err(error) => return Err(Stop::writing("standard output", &error)),
                Ok(()) => {}
            }
        }
        if self.silent {
            // The part is used again, so findings that nobody reads are removed.
            part.rendered = Rendered::default();
        }
        if let Some((source, error)) = delivery.failure {
            self.tally.broken_off = true;
            if let Some(failed) = self.failed.get_mut(source) {
                *failed = true;
            }
            // The buffered findings come before the failure.
            let _ = self.report.flush();
            let name = self.checker.names.get(source).map(String::as_str).unwrap_or_default();
            self.progress.aside(|| output::complain(&format!("cannot read {name}: {error}")));
        }
        self.progress.show(&self.tally);
        // A closed output ends the work, unless orders are also written elsewhere.
        let splits = self.valid.is_somewhere() || self.invalid.is_somewhere();
        self.ended_early = self.silent && !splits;
        Ok(if self.ended_early { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Flushes what is buffered.
    fn flush(&mut self) -> Result<(), Stop> {
        match if self.silent { Ok(()) } else { self.report.flush() } {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.silent = true,
            Err(error) => return Err(Stop::writing("standard output", &error)),
            Ok(()) => {}
        }
        self.valid.flush().and(self.invalid.flush())
    }

    fn summarise(&self) {
        let args = self.checker.args;
        let mut lines = self.tally.in_words(args.all);
        if let Some(more) = self.checker.renderer.not_shown() {
            lines.push(format!(
                "  {more} more findings are not shown; --max-shown N shows more, --format short lists all"
            ));
        }
        // If standard error is closed, the failure cannot be reported.
        let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
    }
}

/// The output for valid or invalid orders, each followed by a line end.
enum Split {
    Nowhere,
    Stdout(Box<dyn Write + Send>),
    File(Target),
}

impl Split {
    fn open(path: Option<&Path>) -> Result<Split, Stop> {
        match path {
            None => Ok(Split::Nowhere),
            Some(path) if file::is_stdout(path) => Ok(Split::Stdout(output::stdout())),
            Some(path) => Target::open(path, None).map(Split::File).map_err(Stop::Failed),
        }
    }

    fn is_somewhere(&self) -> bool {
        !matches!(self, Split::Nowhere)
    }

    /// Writes orders and empties their buffer.
    fn write(&mut self, orders: &mut Vec<u8>) -> Result<(), Stop> {
        let written = match self {
            Split::Nowhere => Ok(()),
            Split::Stdout(out) => out.write_all(orders).map_err(|error| Stop::writing("standard output", &error)),
            Split::File(target) => target.write(orders).map_err(Stop::Failed),
        };
        orders.clear();
        written
    }

    fn flush(&mut self) -> Result<(), Stop> {
        match self {
            Split::Nowhere => Ok(()),
            Split::Stdout(out) => out.flush().map_err(|error| Stop::writing("standard output", &error)),
            Split::File(target) => target.flush().map_err(Stop::Failed),
        }
    }

    /// Ends the output. A file gets its new content only if that is `whole`.
    fn finish(&mut self, whole: bool) -> Result<(), Stop> {
        match std::mem::replace(self, Split::Nowhere) {
            Split::Nowhere | Split::Stdout(_) => Ok(()),
            Split::File(target) if whole => target.finish().map_err(Stop::Failed),
            Split::File(target) => {
                target.abandon();
                Ok(())
            }
        }
    }
}
