//! `ordercharge check`: every record of every input, reported in order and split if asked.

use std::fs::File;
use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use ordercharge::{Policy, Reader};

use crate::args;
use crate::input::Source;
use crate::output::{self, Stop};
use crate::render::{Finding, Renderer};
use crate::tally::Tally;

/// Runs it: the exit status.
pub(crate) fn run(args: &args::Check, quiet: bool) -> Result<u8, Stop> {
    let sources = Source::all(&args.input.inputs)?;
    let to_stdout = |path: &Option<PathBuf>| path.as_deref() == Some(Path::new("-"));
    let split_to_stdout = to_stdout(&args.write_valid) || to_stdout(&args.write_invalid);
    if to_stdout(&args.write_valid) && to_stdout(&args.write_invalid) {
        return Err(Stop::Failed("expected --write-valid and --write-invalid to go to different places".into()));
    }
    keep_apart(args, &sources)?;
    let mut run = Run {
        args,
        policy: args.policy.get(),
        tally: Tally::new(),
        renderer: Renderer::new(
            args,
            if split_to_stdout { output::stderr() } else { output::stdout() },
            split_to_stdout,
        ),
        valid: Split::open(args.write_valid.as_deref())?,
        invalid: Split::open(args.write_invalid.as_deref())?,
        silent: false,
    };
    let done = run.sources(&sources);
    if matches!(done, Err(Stop::Failed(_))) {
        run.tally.broken_off = true;
    }
    // The report is ended even where the work was not, so that what there is of it can be read.
    let ended = if run.silent { Ok(()) } else { run.renderer.finish(&run.tally.summary(args.max_invalid)) };
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

struct Run<'a> {
    args: &'a args::Check,
    policy: Policy,
    tally: Tally,
    renderer: Renderer,
    valid: Split,
    invalid: Split,
    /// Nobody reads the report any more.
    silent: bool,
}

impl Run<'_> {
    fn sources(&mut self, sources: &[Source]) -> Result<(), Stop> {
        for source in sources {
            self.source(source)?;
            if self.silent && !self.splits() {
                break;
            }
        }
        self.valid.finish()?;
        self.invalid.finish()
    }

    /// Whether orders are written somewhere.
    fn splits(&self) -> bool {
        self.valid.to.is_some() || self.invalid.to.is_some()
    }

    /// Reads one input to its end. What cannot be opened or read costs no other input.
    fn source(&mut self, source: &Source) -> Result<(), Stop> {
        let name = source.name();
        let opened = source.open().map(Reader::new);
        let mut reader = match opened {
            Ok(reader) => reader,
            Err(error) => {
                self.break_off(&name, &error);
                return Ok(());
            }
        };
        loop {
            let record = match reader.next_record() {
                Ok(Some(record)) => record,
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.break_off(&name, &error);
                    return Ok(());
                }
            };
            // Counted over the whole run.
            let index = self.tally.orders();
            let finding = match &record.document {
                Ok(document) => {
                    let report = document.check(&self.policy);
                    self.tally.order(document.order(), &report, self.args.fail_on);
                    let split = if report.is_valid() { &mut self.valid } else { &mut self.invalid };
                    split.write(document.text())?;
                    Finding { source: &name, index, position: record.position, outcome: Ok((document, report)) }
                }
                Err(error) => {
                    self.tally.unreadable();
                    Finding { source: &name, index, position: record.position, outcome: Err(error) }
                }
            };
            if !self.silent {
                match self.renderer.finding(&finding) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => self.silent = true,
                    Err(error) => return Err(Stop::writing("standard output", &error)),
                    Ok(()) => {}
                }
            }
            // A reader that has had enough ends the work, unless the orders go on to somewhere else.
            if self.silent && !self.splits() {
                return Ok(());
            }
        }
    }

    fn break_off(&mut self, name: &str, error: &std::io::Error) {
        self.tally.broken_off = true;
        // What is in the buffer was found before.
        let _ = self.renderer.flush();
        output::complain(&format!("cannot read {name}: {error}"));
    }

    fn summarise(&self) {
        let mut lines = self.tally.in_words(self.args.all);
        if let Some(more) = self.renderer.not_shown() {
            lines.push(format!(
                "  {more} more findings are not drawn; --max-shown draws more, --format short lists all"
            ));
        }
        if self.args.statistics {
            lines.extend(self.tally.causes.table());
        }
        // If standard error is gone, there is nobody left to tell.
        let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
    }
}

/// Where one kind of orders is written to, each followed by a line end.
struct Split {
    place: String,
    to: Option<Box<dyn Write>>,
}

impl Split {
    fn open(path: Option<&Path>) -> Result<Split, Stop> {
        let place = path.map(|path| path.display().to_string()).unwrap_or_default();
        let to: Option<Box<dyn Write>> = match path {
            None => None,
            Some(path) if path == Path::new("-") => Some(output::stdout()),
            Some(path) => match File::create(path) {
                Ok(file) => Some(Box::new(BufWriter::with_capacity(64 * 1024, file))),
                Err(error) => return Err(Stop::writing(&place, &error)),
            },
        };
        Ok(Split { place, to })
    }

    fn write(&mut self, order: &[u8]) -> Result<(), Stop> {
        let Some(to) = &mut self.to else { return Ok(()) };
        let written = to.write_all(order).and_then(|()| to.write_all(b"\n"));
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
