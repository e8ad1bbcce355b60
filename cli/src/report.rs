//! `ordercharge report`: makes reports from saved records, without checking again.

use std::io::{BufRead, BufReader, Read};

use ordercharge::Policies;

use crate::apart::{Output, keep_apart};
use crate::args;
use crate::input::Source;
use crate::model::Saved;
use crate::output::Stop;
use crate::outputs::{self, Outputs, Part, Shown, Writer};
use crate::render::Found;

/// The most bytes that one record may take.
const MOST: u64 = 1 << 30;
/// A part with more bytes is written before the next record.
const LARGE: usize = 256 * 1024;

/// Runs the command and returns the exit status of the check that wrote the records.
pub(crate) fn run(args: &args::Report) -> Result<u8, Stop> {
    if let Some(report) = args.reports.report.iter().find(|report| !report.format.from_records) {
        let name = report.format.name;
        return Err(Stop::Failed(format!(
            "expected a format that is made from records: {name} needs the orders, use check"
        )));
    }
    let source = Source::records(&args.records);
    let mut places: Vec<Output> = outputs::places(&args.reports).collect();
    let others_to_stdout = outputs::reports_to_stdout(&args.reports);
    outputs::only_one(others_to_stdout)?;
    let to_stderr = args.format.is_some() && others_to_stdout > 0;
    if args.format.is_some() && !to_stderr {
        places.push(Output::stdout());
    }
    keep_apart(std::slice::from_ref(&source), &[], places)?;
    let policies = Policies::default();
    // What the check did not report is not in the records.
    let shown = Shown { all: true, show_values: false, max_shown: u64::MAX, policies: &policies };
    let outputs = Outputs::new(args.format, &args.reports, &shown, to_stderr);
    let standard = args.format.map(|_| outputs::standard(to_stderr));
    let mut writer = Writer::open(&outputs, standard, &args.reports)?;
    let mut part = Part::default();
    let mut summary = None;
    let name = source.title();
    let cannot = |why: String| Stop::Failed(format!("cannot read {name}: {why}"));
    let mut lines = Lines::new(source.open().map_err(|error| cannot(error.to_string()))?);
    while let Some(text) = lines.next().map_err(cannot)? {
        let at_line = |why: String| cannot(format!("line {}: {why}", lines.number));
        if summary.is_some() {
            return Err(at_line("expected nothing after the summary: the records of one run only".to_owned()));
        }
        match Saved::read(&text).map_err(at_line)? {
            Saved::Record(record) => outputs.found(&mut part, &Found::saved(text, record)),
            Saved::Totals(totals) => summary = Some((text, totals.exit)),
        }
        if part.size() >= LARGE {
            writer.write(&mut part)?;
        }
    }
    let Some((summary, exit)) = summary else {
        let name = source.title();
        return Err(Stop::Failed(format!(
            "expected a summary at the end of {name}: the run that wrote it was cut short"
        )));
    };
    writer.write(&mut part)?;
    // What was saved stays as it is.
    writer.finish(|_| Ok(String::from_utf8_lossy(&summary).into_owned()))?;
    Ok(exit)
}

/// The records of a file, one on each line; also those of `--format json`, which are the same with an array around them.
struct Lines<R> {
    from: R,
    /// The line that was read last.
    number: u64,
}

impl<R: Read> Lines<BufReader<R>> {
    fn new(from: R) -> Lines<BufReader<R>> {
        Lines { from: BufReader::with_capacity(LARGE, from), number: 0 }
    }

    /// The next record.
    fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.from).take(MOST).read_until(b'\n', &mut line).map_err(|error| error.to_string())?;
            self.number += 1;
            if read as u64 == MOST {
                return Err(format!("line {}: expected a record of less than {MOST} bytes", self.number));
            }
            let text = line.trim_ascii();
            let text = text.strip_suffix(b",").unwrap_or(text);
            match text {
                b"[" | b"]" => {}
                b"" if read > 0 => {}
                b"" => return Ok(None),
                text => return Ok(Some(text.to_vec())),
            }
        }
    }
}
