//! The report of a submission: a line or a record for each order, the counts, the exit status.

use std::io::{self, Write};

use ordercharge::submit::{Outcome, Settled};
use serde::Serialize;

use crate::args::SubmitFormat;
use crate::output::{self, Stop, brief, visible};

/// The outcome of an order: from a session, or why it did not get to one.
#[derive(Clone)]
pub(super) enum Fate {
    /// It would be sent.
    Ready,
    /// The outcome from a session.
    Settled(Settled),
    /// It breaks these rules.
    Invalid(String),
    /// It cannot be settled later and is not sent, for this reason.
    Unfit(String),
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It could be sent, but others cannot.
    HeldBack,
}

impl Fate {
    fn name(&self) -> &'static str {
        match self {
            Fate::Ready => "ready",
            Fate::Settled(settled) => settled.outcome.name(),
            Fate::Invalid(_) => "invalid",
            Fate::Unfit(_) => "unfit",
            Fate::Unreadable(_) => "unreadable",
            Fate::HeldBack => "held-back",
        }
    }

    fn settled(&self) -> Option<&Settled> {
        match self {
            Fate::Settled(settled) => Some(settled),
            _ => None,
        }
    }

    fn message(&self) -> Option<&str> {
        match self {
            Fate::Ready => None,
            Fate::Settled(settled) => settled.outcome.message(),
            Fate::Invalid(why) | Fate::Unfit(why) | Fate::Unreadable(why) => Some(why),
            Fate::HeldBack => Some("not all orders can be sent"),
        }
    }
}

/// An order: its place and its name.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) source: usize,
    /// Of an order that is in an input.
    pub(super) line: Option<u64>,
    pub(super) index: u64,
    pub(super) cust_ref: Option<&'a str>,
}

#[derive(Serialize)]
struct Record<'a> {
    r#type: &'static str,
    source: &'a str,
    index: u64,
    line: Option<u64>,
    cust_ref: Option<&'a str>,
    outcome: &'static str,
    code: Option<&'a str>,
    message: Option<&'a str>,
    process_id: Option<&'a str>,
    earlier: bool,
}

/// The number of orders with each outcome.
#[derive(Clone, Copy, Default, Serialize)]
struct Counts {
    orders: u64,
    ready: u64,
    sent: u64,
    refused: u64,
    unsent: u64,
    unknown: u64,
    disputed: u64,
    invalid: u64,
    unfit: u64,
    unreadable: u64,
    held_back: u64,
    /// Of the journal, those that no input has. They are not among the others.
    journal_only: u64,
    /// Of those that are sent, how many were by an earlier run. The records say so of each.
    #[serde(skip)]
    sent_before: u64,
}

#[derive(Serialize)]
struct Summary<'a> {
    r#type: &'static str,
    complete: bool,
    #[serde(flatten)]
    counts: Counts,
    stopped: Option<&'a str>,
    exit: u8,
}

/// Reports the outcome of each order.
pub(super) struct Report {
    format: SubmitFormat,
    /// Of the sources.
    names: Vec<String>,
    out: Box<dyn Write + Send>,
    counts: Counts,
    /// The reader closed the output. The orders are still sent.
    silent: bool,
    failure: Option<io::Error>,
    /// An input could not be read, or the journal could not be written.
    pub(super) broken_off: bool,
}

impl Report {
    pub(super) fn new(format: SubmitFormat, names: Vec<String>) -> Report {
        let (out, counts) = (output::stdout(), Counts::default());
        Report { format, names, out, counts, silent: false, failure: None, broken_off: false }
    }

    /// Reports one order that is in the journal and in no input. It does not count as one of the run.
    pub(super) fn add_of_journal(&mut self, journal: &str, place: Place<'_>, settled: Settled) {
        self.counts.journal_only += 1;
        self.line(journal, place, &Fate::Settled(settled));
    }

    /// Reports one order.
    pub(super) fn add(&mut self, place: Place<'_>, fate: &Fate) {
        let source = self.names.get(place.source).cloned().unwrap_or_default();
        let counts = &mut self.counts;
        counts.orders += 1;
        *match fate.name() {
            "ready" => &mut counts.ready,
            "sent" => &mut counts.sent,
            "refused" => &mut counts.refused,
            "unsent" => &mut counts.unsent,
            "unknown" => &mut counts.unknown,
            "disputed" => &mut counts.disputed,
            "invalid" => &mut counts.invalid,
            "unfit" => &mut counts.unfit,
            "held-back" => &mut counts.held_back,
            _ => &mut counts.unreadable,
        } += 1;
        let before = |settled: &Settled| settled.earlier && settled.outcome == Outcome::Sent;
        counts.sent_before += u64::from(place.line.is_some() && fate.settled().is_some_and(before));
        self.line(&source, place, fate);
    }

    /// Writes what there is to say of an order.
    fn line(&mut self, source: &str, place: Place<'_>, fate: &Fate) {
        let settled = fate.settled();
        let line = match self.format {
            SubmitFormat::Ndjson => serde_json::to_string(&Record {
                r#type: "submission",
                source,
                index: place.index,
                line: place.line,
                cust_ref: place.cust_ref,
                outcome: fate.name(),
                code: settled.and_then(|settled| settled.outcome.code()),
                message: fate.message(),
                process_id: settled.and_then(|settled| settled.process_id.as_deref()),
                earlier: settled.is_some_and(|settled| settled.earlier),
            })
            .unwrap_or_default(),
            SubmitFormat::Human if matches!(fate, Fate::Ready) => return,
            SubmitFormat::Human if settled.is_some_and(|settled| settled.outcome == Outcome::Sent) => return,
            SubmitFormat::Human => {
                let at = place.line.map_or_else(String::new, |line| format!(":{line}"));
                let nameless = if matches!(fate, Fate::Unreadable(_)) { "a document" } else { "order without a name" };
                let name = place.cust_ref.map_or_else(|| nameless.to_owned(), brief);
                let what = match settled {
                    Some(settled) => settled.to_string(),
                    None => format!("{}: {}", fate.name(), fate.message().unwrap_or_default()),
                };
                format!("{}{at}: {name}: {}", visible(source), visible(&what))
            }
        };
        self.write(&line);
    }

    fn write(&mut self, line: &str) {
        if self.silent {
            return;
        }
        // Each line is written at once: the next call may take long.
        if let Err(error) = writeln!(self.out, "{line}").and_then(|()| self.out.flush()) {
            self.silent = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.failure = Some(error);
            }
        }
    }

    /// The exit status that follows from the reported outcomes.
    fn exit(&self) -> u8 {
        let Counts { orders, refused, unsent, unknown, disputed, invalid, unfit, unreadable, .. } = self.counts;
        if unknown + disputed > 0 {
            3
        } else if unreadable + unsent > 0 || orders == 0 || self.broken_off || self.failure.is_some() {
            2
        } else {
            u8::from(refused + invalid + unfit > 0)
        }
    }

    /// The exit status of a journal whose orders were reported: what is not with the server has been settled as that.
    pub(super) fn reconciled(&self) -> u8 {
        match self.counts {
            Counts { unknown: 1.., .. } | Counts { disputed: 1.., .. } => 3,
            _ if self.broken_off || self.failure.is_some() => 2,
            Counts { refused, unsent, .. } => u8::from(refused + unsent > 0),
        }
    }

    /// Ends the report with a summary and returns the exit status. `exit` sets it if it does not follow from the orders.
    pub(super) fn finish(
        mut self,
        quiet: bool,
        words: &str,
        stopped: Option<&str>,
        exit: Option<u8>,
    ) -> Result<u8, Stop> {
        let mut exit = exit.unwrap_or_else(|| self.exit());
        if self.format == SubmitFormat::Ndjson {
            let summary = Summary { r#type: "summary", complete: !self.broken_off, counts: self.counts, stopped, exit };
            self.write(&serde_json::to_string(&summary).unwrap_or_default());
        }
        if let Some(error) = self.failure.take() {
            exit = exit.max(2);
            output::complain(&format!("cannot write to standard output: {error}"));
        }
        if !quiet {
            let mut lines = vec![format!("{}{words}", self.counts.in_words())];
            lines.extend(stopped.map(|why| format!("  the run has stopped: {}", visible(why))));
            // If standard error is closed, the failure cannot be reported.
            let _ = writeln!(output::stderr(), "{}", lines.join("\n"));
        }
        Ok(exit)
    }
}

impl Counts {
    fn in_words(&self) -> String {
        let kinds = [
            (self.ready, "would be sent"),
            (self.sent, "sent"),
            (self.refused, "refused"),
            (self.unsent, "not sent"),
            (self.unknown, "unknown"),
            (self.disputed, "disputed"),
            (self.invalid, "invalid"),
            (self.unfit, "unfit to be sent"),
            (self.unreadable, "unreadable"),
            (self.held_back, "held back"),
        ];
        let said = kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let mut said: Vec<String> = said.collect();
        if self.sent_before > 0 {
            said.push(format!("{} of them sent before", self.sent_before));
        }
        let orders = if self.orders == 1 { "1 order".to_owned() } else { format!("{} orders", self.orders) };
        if self.orders == 0 {
            "no order found".to_owned()
        } else if said.is_empty() {
            orders
        } else {
            format!("{orders}: {}", said.join(", "))
        }
    }
}
