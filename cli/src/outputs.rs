//! All reports of a run: that on standard output and those of `--report`.

use std::io;
use std::path::Path;

use ordercharge::Policies;

use crate::apart::Output;
use crate::args::Reports;
use crate::columns;
use crate::file::{self, Identity};
use crate::model::{self, Gathered, Wants};
use crate::output::{self, Stop};
use crate::render::{Found, Options, Rendered, Renderer, Report, Row, Run};
use crate::sink::Sink;

/// What the reports of a run show, beside their format.
pub(crate) struct Shown<'a> {
    pub(crate) all: bool,
    pub(crate) show_values: bool,
    pub(crate) max_shown: u64,
    pub(crate) policies: &'a Policies,
}

/// The renderers of a run. They work on any thread.
pub(crate) struct Outputs {
    /// The first one is that of `--format`, if there is one.
    renderers: Vec<Renderer>,
    /// Whether the first one is the report of `--format`.
    standard: bool,
    all: bool,
    /// What is gathered; `None` if no format needs it.
    wants: Option<Wants>,
}

/// What some consecutive records give the outputs.
#[derive(Default)]
pub(crate) struct Part {
    rendered: Vec<Rendered>,
    gathered: Gathered,
    /// The size of the records that were gathered.
    size: usize,
    failure: Option<String>,
}

impl Part {
    /// Its approximate number of bytes.
    pub(crate) fn size(&self) -> usize {
        self.rendered.iter().map(Rendered::len).sum::<usize>() + self.size
    }
}

impl Outputs {
    /// The renderers that the arguments ask for. `to_stderr` says where the report of `standard` goes.
    pub(crate) fn new(standard: Option<&Row>, reports: &Reports, shown: &Shown<'_>, to_stderr: bool) -> Outputs {
        let renderer = |row: &Row, styled: bool| {
            let Shown { all, show_values, max_shown, policies } = *shown;
            let columns = columns::available(to_stderr);
            let policies = policies.clone();
            Renderer::new(row, Options { styled, columns, all, show_values, policies }, max_shown)
        };
        let choice = if to_stderr {
            anstream::AutoStream::choice(&io::stderr())
        } else {
            anstream::AutoStream::choice(&io::stdout())
        };
        let styled = !matches!(choice, anstream::ColorChoice::Never);
        let mut renderers: Vec<Renderer> = standard.iter().map(|row| renderer(row, styled)).collect();
        renderers.extend(reports.report.iter().map(|report| renderer(report.format, false)));
        let wants = renderers.iter().filter_map(Renderer::wants).reduce(Wants::or);
        Outputs { renderers, standard: standard.is_some(), all: shown.all, wants }
    }

    /// Adds one document to a part.
    pub(crate) fn found(&self, part: &mut Part, found: &Found<'_>) {
        if let Err(error) = self.try_found(part, found) {
            // A record that this command wrote can be read. If not, the run must not seem complete.
            part.failure.get_or_insert(format!("a record cannot be read: {error}"));
        }
    }

    fn try_found(&self, part: &mut Part, found: &Found<'_>) -> serde_json::Result<()> {
        if !self.all && found.is_clean() {
            return Ok(());
        }
        part.rendered.resize_with(self.renderers.len(), Rendered::default);
        for (renderer, rendered) in self.renderers.iter().zip(&mut part.rendered) {
            renderer.found(rendered, found)?;
        }
        if let Some(wants) = self.wants {
            part.gathered.add(found.record()?, wants);
            part.size += found.size();
        }
        Ok(())
    }

    /// The number of findings that the standard report does not show.
    pub(crate) fn not_shown(&self) -> u64 {
        self.standard_renderer().map_or(0, Renderer::not_shown)
    }

    /// Whether the standard report is for programs.
    pub(crate) fn is_for_programs(&self) -> bool {
        self.standard_renderer().is_some_and(Renderer::is_for_programs)
    }

    fn standard_renderer(&self) -> Option<&Renderer> {
        self.renderers.first().filter(|_| self.standard)
    }
}

/// How many of the reports go to standard output.
pub(crate) fn reports_to_stdout(reports: &Reports) -> usize {
    reports.report.iter().filter(|report| file::is_stdout(&report.path)).count()
}

/// Refuses a run in which several outputs beside the report of `--format` go to standard output.
pub(crate) fn only_one(to_stdout: usize) -> Result<(), Stop> {
    match to_stdout {
        0 | 1 => Ok(()),
        _ => Err(Stop::Failed(
            "expected only one of --report, --write-valid and --write-invalid to go to standard output".into(),
        )),
    }
}

/// The outputs of `--report`, to be kept apart from all others.
pub(crate) fn places(reports: &Reports) -> impl Iterator<Item = Output> {
    reports.report.iter().map(|report| Output::path("--report", &report.path))
}

/// Whether this is the summary of a step of GitHub Actions. Other commands of the step write to it too, so that it is not
/// replaced.
fn is_step_summary(path: &Path) -> bool {
    let known = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|known| !known.is_empty());
    known
        .and_then(|known| Identity::of_path(Path::new(&known)))
        .is_some_and(|known| Identity::of_path(path) == Some(known))
}

/// Writes the reports of a run in the order of the input.
pub(crate) struct Writer<'a> {
    outputs: &'a Outputs,
    /// `None` if its reader has closed the pipe.
    reports: Vec<Option<Report>>,
    gathered: Gathered,
    /// Why a report cannot be written. The others still are.
    failure: Option<String>,
}

impl<'a> Writer<'a> {
    /// Opens the reports. `standard` is where that of `--format` goes.
    pub(crate) fn open(outputs: &'a Outputs, standard: Option<Sink>, reports: &Reports) -> Result<Writer<'a>, Stop> {
        let mut sinks: Vec<Sink> = standard.into_iter().collect();
        for report in &reports.report {
            let path: &Path = &report.path;
            sinks.push(if is_step_summary(path) { Sink::append(path)? } else { Sink::open(Some(path))? });
        }
        let reports = sinks.into_iter().map(|sink| Some(Report::new(sink))).collect();
        Ok(Writer { outputs, reports, gathered: Gathered::default(), failure: None })
    }

    /// Writes a part and empties it.
    pub(crate) fn write(&mut self, part: &mut Part) -> Result<(), Stop> {
        if let Some(failure) = part.failure.take() {
            return Err(Stop::Failed(failure));
        }
        if let Some(wants) = self.outputs.wants {
            self.gathered.merge(std::mem::take(&mut part.gathered), wants);
        }
        part.size = 0;
        part.rendered.resize_with(self.reports.len(), Rendered::default);
        let rendered = &mut part.rendered;
        self.each(|at, report, renderer| match rendered.get_mut(at) {
            Some(rendered) => report.write(renderer, rendered),
            None => Ok(()),
        })?;
        // The part is used again, so findings that nobody reads are removed.
        part.rendered.iter_mut().for_each(Rendered::clear);
        Ok(())
    }

    /// Whether nobody reads any of the reports.
    pub(crate) fn is_silent(&self) -> bool {
        self.reports.iter().all(Option::is_none)
    }

    /// Flushes what is buffered.
    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        self.each(|_, report, _| report.flush())
    }

    /// Whether all reports could be written so far.
    pub(crate) fn outcome(&self) -> Result<(), Stop> {
        self.failure.clone().map_or(Ok(()), |why| Err(Stop::Failed(why)))
    }

    /// Ends all reports. `summary` makes the JSON of the summary record; it gets once why a report
    /// could not be written, if so.
    pub(crate) fn finish(&mut self, mut summary: impl FnMut(Option<&str>) -> Result<String, Stop>) -> Result<(), Stop> {
        let gathered = std::mem::take(&mut self.gathered);
        let (mut done, mut said) = (Ok(()), false);
        // Reports that are made of what was gathered are written only now, and may fail: the others then say so.
        for is_gathered in [true, false] {
            let failure = self.failure.as_deref().filter(|_| !said);
            said |= failure.is_some();
            let summary = summary(failure)?;
            let totals = model::totals(&summary)
                .map_err(|error| Stop::Failed(format!("the summary cannot be read: {error}")))?;
            let ended = self.each(|_, report, renderer| {
                if renderer.wants().is_some() != is_gathered {
                    return Ok(());
                }
                let (shown, left_out) = (renderer.shown(), renderer.not_shown());
                report
                    .finish(renderer, &Run { summary: &summary, totals: &totals, gathered: &gathered, shown, left_out })
            });
            done = done.and(ended);
        }
        done.and_then(|()| self.outcome())
    }

    /// Does something with each report that is read. A report that cannot be written is given up: a file then stays as it
    /// was. Only if that is the one of `--format`, the run stops.
    fn each(&mut self, mut act: impl FnMut(usize, &mut Report, &Renderer) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut done = Ok(());
        for (at, (slot, renderer)) in self.reports.iter_mut().zip(&self.outputs.renderers).enumerate() {
            let Some(report) = slot else { continue };
            match act(at, report, renderer) {
                Ok(()) => continue,
                Err(Stop::BrokenPipe(_)) => {}
                Err(Stop::Failed(why)) => {
                    if at == 0 && self.outputs.standard {
                        done = Err(Stop::Failed(why.clone()));
                    }
                    self.failure.get_or_insert(why);
                }
            }
            *slot = None;
        }
        done
    }
}

/// Where the report of `--format` goes.
pub(crate) fn standard(to_stderr: bool) -> Sink {
    Sink::Stream(if to_stderr { output::stderr() } else { output::stdout() })
}
