//! The journal: writes the lines of a run, and reads what they say about each order.

use std::collections::HashMap;

use serde::Serialize;
use serde::de::IgnoredAny;

use super::boot::Boot;
use super::content::Content;
use super::error::SubmitError;
use super::fields::{entries, fields, text};
use super::parcel::Parcel;
use super::reply::{Judgement, Outcome};

/// How every journal begins.
const HEAD: &str = "{\"journal\":\"ordercharge\",\"version\":1,";

/// What a journal says about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The order's name.
    pub cust_ref: String,
    /// Its index in the run that sent it last.
    pub index: u64,
    /// The SHA-256 of the bytes that were sent last, in hexadecimal digits.
    pub sha256: String,
    /// Its state.
    pub state: State,
    /// `X-CartRover-Process-ID` of the call with this outcome.
    pub process_id: Option<String>,
    /// Whether it was not found after it was sent: it may still arrive.
    pub doubtful: bool,
    /// Whether the server has said something that contradicts "no such order": that it accepted an order of a name that was not
    /// sent, or that it has this one already.
    pub disputed: bool,
    /// When it was last sent or settled, in milliseconds since 1970.
    pub at: u64,
    /// When it was last sent, in milliseconds since 1970.
    pub sent_at: u64,
    /// How many milliseconds the call that sent it last could take; a journal of an earlier version does not say.
    pub within: Option<u64>,
    /// When that call ended, if it is known, in milliseconds since 1970.
    pub replied_at: Option<u64>,
    /// The start of the system on which `at` was written, if the journal says so.
    pub boot: Option<Boot>,
    /// What is compared when it is read back.
    pub content: Content,
}

/// What an order is sent as.
pub(super) struct Sending<'a> {
    pub(super) cust_ref: &'a str,
    pub(super) index: u64,
    pub(super) sha256: &'a str,
    pub(super) content: Content,
}

/// What a call leaves in doubt of an order.
#[derive(Clone, Copy, Default)]
pub(super) struct Doubt {
    /// It was read back, and is not there.
    pub(super) vain: bool,
    /// See [`Entry::disputed`].
    pub(super) disputed: bool,
    /// It is by the call that sent it, not by reading it back.
    pub(super) replied: bool,
}

/// The state of an order in a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It was about to be sent, and nothing was written after that: whether it was sent is unknown.
    Begun,
    /// An outcome was written.
    Settled(Outcome),
}

impl Entry {
    /// Its outcome; unknown if none was written.
    pub fn outcome(&self) -> Outcome {
        match &self.state {
            State::Begun => Outcome::unknown("the run ended before the outcome was recorded"),
            State::Settled(outcome) => outcome.clone(),
        }
    }

    /// Whether it must be read back before it may be sent: it is unknown or disputed.
    pub fn is_unknown(&self) -> bool {
        match &self.state {
            State::Begun => true,
            State::Settled(outcome) => outcome.is_open(),
        }
    }
}

/// The content of a journal: each order that was ever sent, in the order in which they were sent first.
///
/// ```
/// use ordercharge::submit::Ledger;
///
/// let journal = br#"{"journal":"ordercharge","version":1,"base_url":"https://api.cartrover.com"}
/// {"at":1795460000000,"step":"send","orders":[{"cust_ref":"A","index":0,"sha256":"00"},{"cust_ref":"B","index":1,"sha256":"01"}]}
/// {"at":1795460000900,"step":"reply","status":200,"process_id":"77","orders":[{"cust_ref":"A","outcome":"sent"},{"cust_ref":"B","outc"#;
/// let ledger = Ledger::read(journal)?;
/// // The last line is incomplete: its outcome is unknown.
/// assert!(ledger.entries().all(|entry| entry.is_unknown()));
/// assert!(ledger.torn() > 0);
/// # Ok::<(), ordercharge::submit::SubmitError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    base_url: Option<String>,
    entries: Vec<Entry>,
    places: HashMap<String, usize>,
    lines: u64,
    torn: usize,
    unended: bool,
    /// The start of the system that the last line was written on.
    boot: Option<Boot>,
    written_at: Option<u64>,
}

impl Ledger {
    /// Reads a journal. An incomplete last line is ignored.
    ///
    /// # Errors
    ///
    /// If any other line is damaged.
    pub fn read(journal: &[u8]) -> Result<Ledger, SubmitError> {
        let mut ledger = Ledger::default();
        for line in journal.split_inclusive(|byte| *byte == b'\n') {
            ledger.read_line(line)?;
        }
        Ok(ledger)
    }

    /// Reads the next line of a journal, with the end of the line if it has one.
    pub fn read_line(&mut self, line: &[u8]) -> Result<(), SubmitError> {
        self.lines += 1;
        let (text, ended) = match line.strip_suffix(b"\n") {
            Some(text) => (text, true),
            None => (line, false),
        };
        let keys = ["journal", "version", "base_url", "at", "step", "within", "process_id", "boot", "orders"];
        let read = core::str::from_utf8(text).map_err(|_| "expected UTF-8, found other bytes".to_owned());
        let line = match read.and_then(|text| fields(text, keys).map_err(|fault| fault.to_string())) {
            Ok(line) => line,
            Err(why) => {
                if self.base_url.is_none() && (ended || !is_beginning(text)) {
                    return Err(SubmitError::journal(None, "expected a journal of a submission, found something else"));
                }
                // An incomplete line is not complete JSON.
                if ended || serde_json::from_slice::<IgnoredAny>(text).is_ok() {
                    return Err(SubmitError::journal(Some(self.lines), why));
                }
                self.torn = text.len();
                return Ok(());
            }
        };
        self.unended = !ended;
        self.take(line).map_err(|why| SubmitError::journal(Some(self.lines), why))
    }

    fn take(&mut self, line: [Option<&str>; 9]) -> Result<(), String> {
        let [.., boot, list] = line;
        let [journal, version, base_url, at, step, within, process_id, ..] = line.map(|value| value.and_then(text));
        if self.base_url.is_none() {
            if journal.as_deref() != Some("ordercharge") {
                return Err("expected the head of a journal of a submission, found something else".to_owned());
            }
            if version.as_deref() != Some("1") {
                return Err("expected a journal of version 1, found another one".to_owned());
            }
            self.base_url = Some(base_url.ok_or("expected a base_url, found none")?.into_owned());
            return Ok(());
        }
        let at = at.and_then(|at| at.parse().ok()).ok_or("expected a time, found none")?;
        let step = step.ok_or("expected a step, found none")?;
        let within = within.and_then(|within| within.parse().ok());
        let process_id = process_id.as_deref();
        self.boot = boot.and_then(|boot| serde_json::from_str(boot).ok());
        let list = list.ok_or("expected a list of orders, found none")?;
        let mut taken = Ok(());
        entries(list, |order| {
            if taken.is_ok() {
                taken = self.take_order(order, &step, at, within, process_id);
            }
        })
        .map_err(|_| "expected a list of orders, found something else")?;
        taken
    }

    fn take_order(
        &mut self,
        order: &str,
        step: &str,
        at: u64,
        within: Option<u64>,
        process_id: Option<&str>,
    ) -> Result<(), String> {
        let keys = ["cust_ref", "index", "sha256", "content", "outcome", "code", "message", "disputed"];
        let order = fields(order, keys).map_err(|fault| fault.to_string())?;
        let [cust_ref, index, sha256, _, outcome, code, message, _] = order.map(|value| value.and_then(text));
        let [_, _, _, content, _, _, _, disputed] = order;
        let cust_ref = cust_ref.ok_or("expected a cust_ref, found none")?;
        match step {
            "send" => {
                let index = index.and_then(|index| index.parse().ok()).ok_or("expected an index, found none")?;
                let sha256 = sha256.ok_or("expected a sha256, found none")?;
                let content = Content::read(content, &sha256);
                self.begin(Sending { cust_ref: &cust_ref, index, sha256: &sha256, content }, at, within);
            }
            "reply" | "read-back" => {
                let words = |said: Option<std::borrow::Cow<'_, str>>| said.unwrap_or_default().into_owned();
                let outcome = match outcome.as_deref() {
                    Some("sent") => Outcome::Sent,
                    Some("refused") => Outcome::Refused { code: words(code), message: words(message) },
                    Some("unsent") => Outcome::Unsent { why: words(message) },
                    Some("unknown") => Outcome::Unknown { why: words(message) },
                    Some("disputed") => Outcome::Disputed { why: words(message) },
                    _ => return Err("expected an outcome, found none that is known".to_owned()),
                };
                let replied = step == "reply";
                let vain = !replied && matches!(outcome, Outcome::Unsent { .. });
                let disputed = disputed.is_some_and(|disputed| disputed == "true");
                let doubt = Doubt { vain, disputed, replied };
                if !self.settle(&cust_ref, outcome, process_id.map(str::to_owned), at, doubt) {
                    return Err("expected the outcome of an order that was sent, found that of another one".to_owned());
                }
            }
            _ => return Err("expected the step send, reply or read-back, found another one".to_owned()),
        }
        Ok(())
    }

    /// An order is about to be sent, by a call that takes no longer than `within` milliseconds.
    pub(super) fn begin(&mut self, order: Sending<'_>, at: u64, within: Option<u64>) {
        let Sending { cust_ref, index, sha256, content } = order;
        let entry = Entry {
            // Whatever was sent under its name before may arrive yet.
            doubtful: self.get(cust_ref).is_some_and(|known| known.doubtful),
            cust_ref: cust_ref.to_owned(),
            index,
            sha256: sha256.to_owned(),
            state: State::Begun,
            process_id: None,
            disputed: false,
            at,
            sent_at: at,
            within,
            replied_at: None,
            boot: self.boot,
            content,
        };
        match self.places.get(cust_ref).and_then(|place| self.entries.get_mut(*place)) {
            Some(known) => *known = entry,
            None => {
                self.places.insert(cust_ref.to_owned(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// Records the outcome of an order. Returns whether the order is known.
    pub(super) fn settle(
        &mut self,
        cust_ref: &str,
        outcome: Outcome,
        process_id: Option<String>,
        at: u64,
        doubt: Doubt,
    ) -> bool {
        let Some(entry) = self.places.get(cust_ref).and_then(|place| self.entries.get_mut(*place)) else {
            return false;
        };
        entry.doubtful |= doubt.vain;
        entry.replied_at = if doubt.replied { Some(at) } else { entry.replied_at };
        entry.disputed |= doubt.disputed || matches!(outcome, Outcome::Disputed { .. });
        entry.state = State::Settled(outcome);
        entry.process_id = process_id;
        (entry.at, entry.boot) = (at, self.boot);
        true
    }

    /// Each order that was ever sent.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The entry of one order.
    pub fn get(&self, cust_ref: &str) -> Option<&Entry> {
        self.places.get(cust_ref).and_then(|place| self.entries.get(*place))
    }

    /// Where the orders were sent, if anything was.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// The number of bytes at the end that are not a complete line. They must be cut off before a line is written.
    pub fn torn(&self) -> usize {
        self.torn
    }

    /// Whether the last line is complete but has no line end. It must be ended before another one is written.
    pub fn is_unended(&self) -> bool {
        self.unended && self.torn == 0
    }

    /// When the journal was last written to, if it is a file: in milliseconds since 1970, by the clock of the system.
    pub fn written_at(&self) -> Option<u64> {
        self.written_at
    }

    #[cfg(feature = "submit-ureq")]
    pub(super) fn set_written_at(&mut self, at: u64) {
        self.written_at = Some(at);
    }

    pub(super) fn set_base_url(&mut self, base_url: &str) {
        self.base_url = Some(base_url.to_owned());
    }
}

/// Whether a text may be the beginning of a journal.
pub(super) fn is_beginning(text: &[u8]) -> bool {
    text.starts_with(HEAD.as_bytes()) || HEAD.as_bytes().starts_with(text)
}

/// A line of a journal. Line ends, terminal commands and invisible characters are escaped.
fn line(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut line = String::with_capacity(json.len() + 1);
    for char in json.chars() {
        // Such characters are in strings only.
        if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') {
            line.push_str(&format!("\\u{:04x}", u32::from(char)));
        } else {
            line.push(char);
        }
    }
    line.push('\n');
    line
}

/// The line a journal begins with.
pub(super) fn head_line(base_url: &str) -> String {
    #[derive(Serialize)]
    struct Head<'a> {
        journal: &'static str,
        version: u32,
        base_url: &'a str,
    }
    line(&Head { journal: "ordercharge", version: 1, base_url })
}

/// The line before orders are sent.
pub(super) fn send_line(at: u64, boot: Option<Boot>, within: u64, parcels: &[Parcel]) -> String {
    #[derive(Serialize)]
    struct Send<'a> {
        at: u64,
        step: &'static str,
        within: u64,
        orders: Vec<Order<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        boot: Option<Boot>,
    }
    #[derive(Serialize)]
    struct Order<'a> {
        cust_ref: &'a str,
        index: u64,
        sha256: &'a str,
        content: &'a Content,
    }
    fn order(Parcel { cust_ref, index, sha256, content, .. }: &Parcel) -> Order<'_> {
        Order { cust_ref, index: *index, sha256, content }
    }
    line(&Send { at, step: "send", within, orders: parcels.iter().map(order).collect(), boot })
}

/// The line after a call: `reply` or `read-back`. `disputed` says whether each order is disputed.
pub(super) fn outcome_line(
    at: u64,
    boot: Option<Boot>,
    step: &str,
    (status, process_id): (Option<u16>, Option<&str>),
    cust_refs: &[&str],
    judgement: &Judgement,
    disputed: &[bool],
) -> String {
    #[derive(Serialize)]
    struct Reply<'a> {
        at: u64,
        step: &'a str,
        status: Option<u16>,
        process_id: Option<&'a str>,
        orders: Vec<Order<'a>>,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        strangers: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        boot: Option<Boot>,
    }
    #[derive(Serialize)]
    struct Order<'a> {
        cust_ref: &'a str,
        outcome: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str>,
        #[serde(skip_serializing_if = "core::ops::Not::not")]
        disputed: bool,
    }
    let orders = cust_refs.iter().zip(&judgement.outcomes).enumerate().map(|(at, (cust_ref, outcome))| Order {
        cust_ref,
        outcome: outcome.name(),
        code: outcome.code(),
        message: outcome.message(),
        disputed: disputed.get(at).is_some_and(|disputed| *disputed),
    });
    line(&Reply { at, step, status, process_id, orders: orders.collect(), strangers: &judgement.strangers, boot })
}
