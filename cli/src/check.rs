//! `ordercharge check`: reports every record of every input, in order, and splits valid from invalid orders if asked.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use ordercharge::bulk::{self, Bulk, Delivery, Inspected, Task};
use ordercharge::{Document, Documents, Items, Policies};
use ordercharge_records::{Cells, Sample};

use crate::accept::{Accept, Accepted, BaselineRecord, WaiverRecord};
use crate::apart::{Output, keep_apart};
use crate::args;
use crate::config::Config;
use crate::file;
use crate::input::{self, Source};
use crate::model;
use crate::output::{self, Problems, Stop};
use crate::outputs::{self, Outputs, Shown};
use crate::progress::Progress;
use crate::render::{Finding, Found};
use crate::sink::Sink;
use crate::tally::{Counts, Tally};

/// Runs the command and returns the exit status.
pub(crate) fn run(args: &args::Check, config: &Config, quiet: bool) -> Result<u8, Stop> {
    let policies = config.policies(args.policy.get()?)?;
    // A baseline beside the orders is not an order.
    let baselines = [&args.baseline, &args.write_baseline];
    let baselines: Vec<&Path> = baselines.into_iter().filter_map(Option::as_deref).collect();
    let sources = args.input.sources_but(&baselines)?;
    let to_stdout = |path: &Option<PathBuf>| path.as_deref().is_some_and(file::is_stdout);
    let splits_to_stdout = [&args.write_valid, &args.write_invalid].into_iter().filter(|path| to_stdout(path)).count();
    let others_to_stdout = splits_to_stdout + outputs::reports_to_stdout(&args.reports);
    if splits_to_stdout == 2 {
        return Err(Stop::Failed("expected --write-valid and --write-invalid to go to different places".into()));
    }
    outputs::only_one(others_to_stdout)?;
    // If something else goes to standard output, the report of --format goes to standard error.
    let to_stderr = others_to_stdout > 0;
    let splits = [("--write-valid", &args.write_valid), ("--write-invalid", &args.write_invalid)];
    let mut outputs: Vec<Output> =
        splits.iter().filter_map(|(option, path)| Some(Output::path(option, path.as_deref()?))).collect();
    outputs.extend(outputs::places(&args.reports));
    outputs.extend(args.write_baseline.iter().map(|path| Output::path("--write-baseline", path)));
    if to_stdout(&args.write_baseline) {
        return Err(Stop::Failed("expected a file for --write-baseline, found standard output".into()));
    }
    if !to_stderr {
        outputs.push(Output::stdout());
    }
    let is_recording = args.write_baseline.is_some();
    let also = [config.also_read(), ("baseline", args.baseline.as_deref())];
    keep_apart(&sources, &also, outputs)?;
    let accept = Accept::new(config.waivers.clone(), args.today, args.baseline.as_deref(), is_recording);
    let accept = accept.map_err(Stop::Failed)?;
    let shown = Shown { all: args.all, show_values: args.show_values, max_shown: args.max_shown, policies: &policies };
    let checker = Checker {
        args,
        sources: &sources,
        names: sources.iter().map(Source::name).collect(),
        outputs: Outputs::new(Some(args.format), &args.reports, &shown, to_stderr),
        policies: policies.clone(),
        accept,
    };
    let mut bulk = Bulk::new(policies);
    bulk.threads = args::threads(args.threads);
    bulk.every = args.all;
    bulk.max_document = args.input.max_document;
    bulk.clean_texts = args.write_valid.is_some();
    bulk.clean_sample = Sample::REACH;

    let read = Arc::new(AtomicU64::new(0));
    let progress = Progress::new(!quiet && !args.no_progress, &sources, Arc::clone(&read));
    let mut run = Run {
        checker: &checker,
        tally: Tally::default(),
        reports: outputs::Writer::open(&checker.outputs, Some(outputs::standard(to_stderr)), &args.reports)?,
        valid: Sink::open(args.write_valid.as_deref())?,
        invalid: Sink::open(args.write_invalid.as_deref())?,
        progress,
        sample: Sample::default(),
        accepted: Accepted::default(),
        problems: Problems::default(),
        baseline: Sink::open(args.write_baseline.as_deref())?,
        ended_early: false,
    };
    let mut done = Ok(());
    let threads = bulk.threads.get();
    bulk.run(input::open_all(&sources, &read, threads), &checker, |delivery| match run.take(delivery) {
        Ok(flow) => flow,
        Err(stop) => {
            done = Err(stop);
            ControlFlow::Break(())
        }
    });
    run.progress.end();
    // A run that ended early did not read all sources.
    if done.is_ok() && !run.ended_early {
        run.tally.empty_sources = input::report_empty(&sources, &mut run.problems);
    }
    run.tally.summary.show_valid(&run.sample, &checker.policies);
    // If an input was not read completely, the output files are left as they were. Everything else is written first.
    done = done.and_then(|()| run.flush()).and_then(|()| run.reports.outcome());
    let whole = !run.tally.summary.is_broken_off() && run.tally.empty_sources == 0;
    if done.is_ok() {
        done = run.valid.finish(whole).and(run.invalid.finish(whole));
    }
    let whole = whole && !run.ended_early;
    if done.is_ok() && is_recording {
        done = run.accepted.write(&mut run.baseline).and_then(|()| run.baseline.finish(whole));
    }
    if let Err(Stop::Failed(why)) = &done {
        run.tally.summary.break_off();
        run.problems.complain(why);
    }
    // The reports are ended even if the work was not, so that they can be read as far as they go.
    let silent = run.reports.is_silent();
    let mut summary = String::new();
    let ended = run.reports.finish(|failure| {
        if let (Some(why), Ok(())) = (failure, &done) {
            run.tally.summary.break_off();
            run.problems.keep(why);
        }
        let accepted = checker.accepted_in(&run.accepted, config, whole);
        summary = output::json(&run.tally.record(args.max_invalid, accepted, run.problems.lines()))
            .map_err(|error| Stop::Failed(error.to_string()))?;
        Ok(summary.clone())
    });
    if matches!(done, Err(Stop::Failed(_))) {
        return Ok(2);
    }
    let exit = run.tally.exit(args.max_invalid);
    // The reader of the orders closed the pipe.
    if done.is_err() {
        return Err(Stop::BrokenPipe(exit));
    }
    ended?;
    if silent || run.reports.is_silent() {
        return Ok(exit);
    }
    // A report for machines on standard error must be the only output there.
    let alone = to_stderr && checker.outputs.is_for_programs();
    if !quiet && !alone {
        run.summarise(&summary);
    }
    Ok(exit)
}

/// Checks records and renders what is found, on any thread.
struct Checker<'a> {
    args: &'a args::Check,
    sources: &'a [Source],
    /// The names of the sources.
    names: Vec<String>,
    policies: Policies,
    accept: Accept,
    outputs: Outputs,
}

impl Checker<'_> {
    /// What the summary record says about what was accepted.
    fn accepted_in(
        &self,
        accepted: &Accepted,
        config: &Config,
        whole: bool,
    ) -> (Option<WaiverRecord<'_>>, Option<BaselineRecord>) {
        let Checker { accept, args, .. } = self;
        let baseline = args.write_baseline.as_deref().or(args.baseline.as_deref());
        (accept.waivers_of(config.path(), accepted, whole), accept.baseline_of(baseline, accepted, whole))
    }
}

/// The findings in some consecutive records.
#[derive(Default)]
struct Part {
    reports: outputs::Part,
    counts: Counts,
    /// The orders for `--write-valid` and `--write-invalid`, one on each line.
    valid: Vec<u8>,
    invalid: Vec<u8>,
    sample: Sample,
    accepted: Accepted,
}

impl Task for Checker<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let name = self.names.get(found.source).map(String::as_str).unwrap_or_default();
        let mut room = Vec::new();
        let (mut found, rows) = match self.sources.get(found.source) {
            Some(source) => source.reported(found, &mut room),
            None => (found, None),
        };
        let (index, position) = (found.index, found.position);
        let outcome = match &mut found.outcome {
            Inspected::Clean(text) => {
                part.sample.add(found.source, position.offset, text);
                if self.args.write_valid.is_some() {
                    keep(&mut part.valid, text);
                }
                return;
            }
            Inspected::Unreadable(error) => {
                part.counts.unreadable();
                Err(&*error)
            }
            Inspected::Checked(document, report) => {
                let is_accepted = self.accept.apply(document, report, &mut part.accepted);
                let policy = self.policies.of(document.order());
                part.counts.order(document.order(), report, policy, self.args.fail_on);
                // An order with accepted findings is not right, so it contradicts no mistake of a mapping.
                if report.violations.is_empty() && !is_accepted {
                    part.sample.add(found.source, position.offset, document.text());
                }
                match report.is_valid() {
                    true if self.args.write_valid.is_some() => keep_order(&mut part.valid, document),
                    false if self.args.write_invalid.is_some() => keep_order(&mut part.invalid, document),
                    _ => {}
                }
                Ok((&*document, &*report))
            }
        };
        let finding =
            Finding { source: name, index, position, outcome, rows: rows.as_ref().map(|rows| rows as &dyn Cells) };
        self.outputs.found(&mut part.reports, &Found::checked(&finding));
    }

    fn size(&self, part: &Part) -> usize {
        part.reports.size() + part.valid.len() + part.invalid.len() + part.sample.size() + part.accepted.size()
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
    reports: outputs::Writer<'a>,
    valid: Sink,
    invalid: Sink,
    progress: Progress,
    sample: Sample,
    accepted: Accepted,
    problems: Problems,
    /// `--write-baseline`.
    baseline: Sink,
    /// The run ended before all sources were read.
    ended_early: bool,
}

impl Run<'_> {
    fn take(&mut self, delivery: Delivery<'_, Part>) -> Result<ControlFlow<()>, Stop> {
        self.tally.add(std::mem::take(&mut delivery.part.counts));
        self.tally.clean(&delivery, self.checker.args.fail_on);
        input::note(self.checker.sources, &delivery);
        let part = delivery.part;
        self.sample.append(&mut part.sample);
        self.accepted.append(&mut part.accepted);
        self.valid.write(&part.valid)?;
        self.invalid.write(&part.invalid)?;
        // The part is used again.
        part.valid.clear();
        part.invalid.clear();
        let reports = &mut self.reports;
        self.progress.aside(|| reports.write(&mut part.reports))?;
        if let Some((source, error)) = delivery.failure {
            // The buffered findings come before the failure.
            let _ = self.reports.flush();
            let name = self.checker.sources.get(source).map(Source::title).unwrap_or_default();
            let problems = &mut self.problems;
            self.progress.aside(|| problems.complain(&format!("cannot read {name}: {error}")));
        }
        self.progress.show(&self.tally);
        // A closed output ends the work, unless orders are also written elsewhere.
        let splits = self.valid.is_somewhere() || self.invalid.is_somewhere();
        self.ended_early = self.reports.is_silent() && !splits;
        Ok(if self.ended_early { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Flushes what is buffered.
    fn flush(&mut self) -> Result<(), Stop> {
        self.reports.flush()?;
        self.valid.flush().and(self.invalid.flush())
    }

    /// Prints the summary in words. `summary` is the JSON of its record.
    fn summarise(&self, summary: &str) {
        let args = self.checker.args;
        // Without any order, the errors say all.
        let mut lines = if self.tally.summary.orders() > 0 { self.tally.in_words(args.all) } else { Vec::new() };
        if let Ok(totals) = model::totals(summary) {
            lines.extend(totals.accepted().iter().map(|line| format!("  {line}")));
            lines.extend(totals.remarks().iter().map(|remark| format!("  {}", remark.in_words())));
        }
        lines.extend(self.checker.sources.iter().filter_map(Source::remark));
        let more = self.checker.outputs.not_shown();
        if more > 0 {
            let are = if more == 1 { "order with findings is" } else { "orders with findings are" };
            lines.push(format!("  {more} more {are} not shown; --max-shown N shows more, --format short lists all"));
        }
        if !lines.is_empty() {
            // If standard error is closed, the failure cannot be reported.
            let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
        }
    }
}
