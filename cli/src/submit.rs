//! `ordercharge submit` and `ordercharge reconcile`: send checked orders, and settle those that are unknown.

mod link;
mod report;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use ordercharge::submit::{
    Added, Client, Clock, Endpoint, FileJournal, Ledger, Outcome, Session, Settings, Settled, drive,
};
use ordercharge::{Checked, Policies, Reader, Severity, Violation};

use crate::apart::{Output, keep_apart};
use crate::args::{self, Link};
use crate::config::Config;
use crate::input::Source;
use crate::output::{self, Stop};
use report::{Fate, Place, Report};

/// Runs `submit` and returns the exit status.
pub(crate) fn run(args: &args::Submit, config: &Config, quiet: bool) -> Result<u8, Stop> {
    let sources = args.input.sources()?;
    let journal = args.journal.iter().map(|path| Output::path("--journal", path));
    keep_apart(&sources, &[config.also_read()], journal.chain([Output::stdout()]).collect())?;
    let names: Vec<String> = sources.iter().map(Source::name).collect();
    let endpoint = args.link.endpoint().map_err(failed)?;
    let policies = config.policies(args.policy.get()?)?;
    let settings =
        Settings { batch: args.batch.get(), retry_refused: args.retry_refused, ..link::settings(&args.link) };
    // Settings that cannot work are found before anything is read, and leave no journal.
    let credentials = if args.yes { Some(link::credentials(&args.link)?) } else { None };
    let rehearsal = || {
        let ledger = look_into(args)?;
        Session::rehearsal(endpoint.clone(), settings, ledger).map_err(failed)
    };
    let mut report = Report::new(args.format, names);
    let mut all = None;
    if args.all_or_nothing {
        let mut session = rehearsal()?;
        let Rehearsed { found, fine, whole } = rehearse(&sources, args.input.max_document, &policies, &mut session)?;
        if !(fine && whole) {
            let mut left = Left::of(session.ledger());
            for found in &found {
                left.meet(found);
                report.add(found.place(), &found.held_back());
            }
            report.broken_off = !whole;
            let words = left.report(session.ledger(), args.journal.as_deref(), &mut report);
            let words = format!("; nothing was sent: not all orders can be{words}");
            return report.finish(quiet, &words, None, None);
        }
        all = Some(found);
    }
    let Some(credentials) = credentials else {
        let mut session = rehearsal()?;
        let mut left = Left::of(session.ledger());
        let whole = each(&sources, args.input.max_document, &policies, |found| {
            left.meet(&found);
            let fate = found.fate(&mut session).unwrap_or(Fate::Ready);
            report.add(found.place(), &fate);
            Ok(())
        })?;
        report.broken_off = !whole;
        let words = left.report(session.ledger(), args.journal.as_deref(), &mut report);
        return report.finish(quiet, &format!("; nothing was sent: --yes sends{words}"), None, None);
    };
    // No journal is begun for orders that are not there, and nothing is sent of what turns out to be damaged at its end.
    for source in &sources {
        let whole = match source.path() {
            Some(path) => fs::metadata(path).and_then(|_| source.verify()),
            None => source.verify(),
        };
        whole.map_err(|error| Stop::Failed(format!("cannot read {}: {error}; nothing was sent", source.title())))?;
    }
    let (journal, ledger) = open(args)?;
    let left = Left::of(&ledger);
    if args.resume && left.0.is_empty() && !quiet {
        let path = output::visible(&journal.path().display().to_string());
        let _ = writeln!(output::stderr(), "{path} has no order of an earlier run: all orders are new");
    }
    let client = Client::new(&endpoint);
    let session = Session::new(endpoint, credentials, settings, ledger).map_err(failed)?;
    let mut run = Run { session, client, clock: Clock::start(), journal, places: HashMap::new(), left, report };
    let done = run.all(&sources, args.input.max_document, &policies, all);
    run.finish(quiet, done)
}

/// The content of the journal, for a dry run.
fn look_into(args: &args::Submit) -> Result<Ledger, Stop> {
    match &args.journal {
        Some(path) if args.resume => FileJournal::inspect(path).map_err(failed),
        Some(path) if path.exists() => {
            Err(Stop::Failed(format!("expected a new journal, found {}; --resume continues it", path.display())))
        }
        _ => Ok(Ledger::default()),
    }
}

fn open(args: &args::Submit) -> Result<(FileJournal, Ledger), Stop> {
    let path = args.journal.as_deref().unwrap_or(Path::new(""));
    if args.resume {
        return FileJournal::resume(path).map_err(failed);
    }
    FileJournal::create(path).map(|journal| (journal, Ledger::default())).map_err(|error| match path.exists() {
        true => Stop::Failed(format!("{error} (--resume continues it)")),
        false => failed(error),
    })
}

fn failed(error: ordercharge::submit::SubmitError) -> Stop {
    Stop::Failed(error.to_string())
}

/// A record of an input: a checked order, or the reason why it is not one.
struct Found {
    index: u64,
    source: usize,
    line: u64,
    cust_ref: Option<String>,
    order: Result<Checked, Fate>,
}

impl Found {
    /// Its outcome, if that is known before it is sent.
    fn fate(&self, session: &mut Session) -> Option<Fate> {
        match &self.order {
            Err(fate) => Some(fate.clone()),
            Ok(order) => match session.add(self.index, order) {
                Ok(Added::Waiting) => None,
                Ok(Added::Settled(settled)) => Some(Fate::Settled(settled)),
                Err(why) => Some(Fate::Unfit(why.to_string())),
            },
        }
    }

    fn held_back(&self) -> Fate {
        self.order.as_ref().err().cloned().unwrap_or(Fate::HeldBack)
    }

    fn place(&self) -> Place<'_> {
        Place { source: self.source, line: Some(self.line), index: self.index, cust_ref: self.cust_ref.as_deref() }
    }
}

/// The most errors that are named for one order.
const MOST_ERRORS: usize = 10;

/// Reads and checks every order. Returns whether every input was read to its end and holds an order.
fn each(
    sources: &[Source],
    max_document: usize,
    policies: &Policies,
    mut go: impl FnMut(Found) -> Result<(), Stop>,
) -> Result<bool, Stop> {
    let (mut index, mut whole) = (0, true);
    for (source, input) in sources.iter().enumerate() {
        let before = index;
        let cannot = |error: &io::Error| output::complain(&format!("cannot read {}: {error}", input.title()));
        let mut reader = match input.open() {
            Ok(stream) => Reader::new(stream).max_document(max_document),
            Err(error) => {
                whole = false;
                cannot(&error);
                continue;
            }
        };
        loop {
            let record = match reader.next_record() {
                Ok(Some(record)) => record,
                Ok(None) if index == before => {
                    whole = false;
                    output::complain(&input.no_order());
                    break;
                }
                Ok(None) => break,
                Err(error) => {
                    whole = false;
                    cannot(&error);
                    break;
                }
            };
            let line = record.position.line;
            let (cust_ref, order) = match record.document {
                Err(error) => {
                    let error = input.explained(&error, record.position);
                    (None, Err(Fate::Unreadable(error.to_string())))
                }
                Ok(document) => {
                    let cust_ref = document.order().cust_ref.clone();
                    let policy = policies.of(document.order());
                    let order = Checked::document(document, policy).map_err(|refused| {
                        let mut errors = refused.report.of(Severity::Error);
                        let said: Vec<String> = errors.by_ref().take(MOST_ERRORS).map(ToString::to_string).collect();
                        let more = match errors.map(Violation::count).sum::<u64>() {
                            0 => String::new(),
                            more => format!("; and {more} more, which `ordercharge check` lists"),
                        };
                        Fate::Invalid(said.join("; ") + &more)
                    });
                    (cust_ref, order)
                }
            };
            go(Found { index, source, line, cust_ref, order })?;
            index += 1;
        }
    }
    Ok(whole)
}

/// Everything there is.
struct Rehearsed {
    /// Orders that cannot be sent have the reason.
    found: Vec<Found>,
    /// Whether all of it can be sent.
    fine: bool,
    /// Whether every input was read to its end.
    whole: bool,
}

fn rehearse(
    sources: &[Source],
    max_document: usize,
    policies: &Policies,
    session: &mut Session,
) -> Result<Rehearsed, Stop> {
    let (mut all, mut fine) = (Vec::new(), true);
    let whole = each(sources, max_document, policies, |mut found| {
        match found.fate(session) {
            // It will be sent, or has been.
            None | Some(Fate::Ready) => {}
            Some(Fate::Settled(settled)) if settled.outcome == Outcome::Sent => {}
            Some(fate) => {
                found.order = Err(fate);
                fine = false;
            }
        }
        all.push(found);
        Ok(())
    })?;
    Ok(Rehearsed { found: all, fine, whole })
}

/// A run that sends.
struct Run {
    session: Session,
    client: Client,
    clock: Clock,
    journal: FileJournal,
    /// The source and the line of each order that waits.
    places: HashMap<u64, (usize, u64)>,
    left: Left,
    report: Report,
}

/// The orders of a journal that no input has had yet.
#[derive(Default)]
struct Left(HashSet<String>);

impl Left {
    fn of(ledger: &Ledger) -> Left {
        Left(ledger.entries().map(|entry| entry.cust_ref.clone()).collect())
    }

    fn meet(&mut self, found: &Found) {
        if let Some(cust_ref) = &found.cust_ref {
            self.0.remove(cust_ref);
        }
    }

    /// Reports what is left, as the journal has it: in words for the summary. Where inputs were not read to their
    /// end, nobody knows what else they have.
    fn report(&self, ledger: &Ledger, journal: Option<&Path>, report: &mut Report) -> String {
        if report.broken_off {
            return String::new();
        }
        let source = journal.unwrap_or(Path::new("")).display().to_string();
        let mut names = Vec::new();
        for entry in ledger.entries().filter(|entry| self.0.contains(&entry.cust_ref)) {
            let place = Place { source: 0, line: None, index: entry.index, cust_ref: Some(&entry.cust_ref) };
            report.add_of_journal(&source, place, entry.into());
            names.push(output::brief(&entry.cust_ref));
        }
        let more = match names.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        match names.len() {
            0 => String::new(),
            1 => format!("; 1 order is in the journal only: {}", names.join("")),
            count => {
                names.truncate(MOST_NAMES);
                format!("; {count} orders are in the journal only: {}{more}", names.join(", "))
            }
        }
    }
}

/// The most names in a summary.
const MOST_NAMES: usize = 20;

impl Run {
    /// Sends all orders that were collected, or all orders of the inputs.
    fn all(
        &mut self,
        sources: &[Source],
        max_document: usize,
        policies: &Policies,
        all: Option<Vec<Found>>,
    ) -> Result<(), Stop> {
        // Orders that are unknown in the journal are settled first, whether the inputs have them or not.
        self.go()?;
        match all {
            Some(all) => all.iter().try_for_each(|found| self.add(found))?,
            None => self.report.broken_off = !each(sources, max_document, policies, |found| self.add(&found))?,
        }
        self.session.close();
        self.go()
    }

    fn add(&mut self, found: &Found) -> Result<(), Stop> {
        self.left.meet(found);
        match found.fate(&mut self.session) {
            Some(fate) => self.report.add(found.place(), &fate),
            None => {
                self.places.insert(found.index, (found.source, found.line));
            }
        }
        if self.session.is_full() { self.go() } else { Ok(()) }
    }

    /// Does the steps of the session.
    fn go(&mut self) -> Result<(), Stop> {
        let Run { session, client, clock, journal, places, report, .. } = self;
        let path = journal.path().display().to_string();
        let settle = |settled: Settled| {
            // An order that only the journal knows is reported when an input has it, or by `reconcile`.
            if settled.earlier {
                return;
            }
            let (source, line) = places.remove(&settled.index).unwrap_or_default();
            let cust_ref = settled.cust_ref.clone();
            let place = Place { source, line: Some(line), index: settled.index, cust_ref: Some(&cust_ref) };
            report.add(place, &Fate::Settled(settled));
        };
        drive(session, client, clock, |line| journal.append(line), settle)
            .map_err(|error| Stop::Failed(format!("cannot write to the journal {path}: {error}")))
    }

    fn finish(mut self, quiet: bool, done: Result<(), Stop>) -> Result<u8, Stop> {
        let unknown_of = |ledger: &Ledger| ledger.entries().filter(|entry| entry.is_unknown()).count();
        let mut unknown = unknown_of(self.session.ledger());
        let mut exit = None;
        let mut words = String::new();
        if let Err(stop) = done {
            self.report.broken_off = true;
            if let Stop::Failed(why) = stop {
                output::complain(&why);
            }
            // Outcomes that could not be written are not reported: only the file counts.
            unknown = FileJournal::inspect(self.journal.path()).map_or(unknown, |ledger| unknown_of(&ledger));
            exit = Some(2);
            words.push_str("; the rest is not reported, because the journal could not be written");
        }
        if unknown > 0 {
            exit = Some(3);
            let elsewhere = self.session.ledger().base_url().filter(|url| *url != Endpoint::default().base_url());
            words.push_str(&format!(
                "; {unknown} of the journal unknown: settle them with `ordercharge reconcile {}{}`",
                output::visible(&self.journal.path().display().to_string()),
                elsewhere.map_or_else(String::new, |url| format!(" --base-url {}", output::visible(url)))
            ));
        }
        words.push_str(&self.left.report(self.session.ledger(), Some(self.journal.path()), &mut self.report));
        let stopped = self.session.stopped().map(str::to_owned);
        self.report.finish(quiet, &words, stopped.as_deref(), exit)
    }
}

/// Runs `reconcile` and returns the exit status.
pub(crate) fn reconcile(args: &args::Reconcile, quiet: bool) -> Result<u8, Stop> {
    let endpoint = args.link.endpoint().map_err(failed)?;
    let (mut journal, ledger) = FileJournal::resume(&args.journal).map_err(failed)?;
    let mut session = settle(&args.link, endpoint.clone(), ledger)?;
    session.close();
    let client = Client::new(&endpoint);
    let done = drive(&mut session, &client, &Clock::start(), |line| journal.append(line), |_| {});
    let mut report = Report::new(args.format, vec![args.journal.display().to_string()]);
    if let Err(error) = &done {
        report.broken_off = true;
        output::complain(&format!("cannot write to the journal {}: {error}", args.journal.display()));
    }
    for entry in session.ledger().entries() {
        let place = Place { source: 0, line: None, index: entry.index, cust_ref: Some(&entry.cust_ref) };
        report.add(place, &Fate::Settled(entry.into()));
    }
    let exit = report.reconciled();
    report.finish(quiet, "", session.stopped(), Some(exit))
}

/// A session over a journal. It needs credentials only if something is unknown.
fn settle(link: &Link, endpoint: Endpoint, ledger: Ledger) -> Result<Session, Stop> {
    let settings = link::settings(link);
    if ledger.entries().any(|entry| entry.is_unknown()) {
        let credentials = link::credentials(link)?;
        return Session::new(endpoint, credentials, settings, ledger).map_err(failed);
    }
    Session::rehearsal(endpoint, settings, ledger).map_err(failed)
}
