//! The journal: the lines of a run as they are written, and what they say of each order once they are read again.

use std::collections::HashMap;

use super::error::SubmitError;
use super::json::{Json, pair, quote};
use super::parcel::Parcel;
use super::reply::{Judgement, Outcome};

/// How a journal begins, whatever follows.
const HEAD: &str = "{\"journal\":\"ordercharge\",\"version\":1,";

/// What a journal says of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The order's name.
    pub cust_ref: String,
    /// Its index in the run that sent it last.
    pub index: u64,
    /// The SHA-256 of the bytes that were sent last, in hexadecimal digits.
    pub sha256: String,
    /// What became of it.
    pub state: State,
    /// `X-CartRover-Process-ID` of the call that said so.
    pub process_id: Option<String>,
    /// Whether it was looked for in vain after it was sent: it may yet arrive.
    pub doubtful: bool,
    /// Whether the server has said something of it that an answer that there is none contradicts: that it took an order of
    /// a name that was not sent, or that it has this one already.
    pub disputed: bool,
    /// When it was last sent or settled, in milliseconds since 1970.
    pub at: u64,
}

/// What a call leaves in doubt of an order.
#[derive(Clone, Copy, Default)]
pub(super) struct Doubt {
    /// It was read back, and is not there.
    pub(super) vain: bool,
    /// See [`Entry::disputed`].
    pub(super) disputed: bool,
}

/// What became of an order, by a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// It was to be sent, and nothing was written after that: whether it was is unknown.
    Begun,
    /// An outcome was written.
    Settled(Outcome),
}

impl Entry {
    /// Its outcome; unknown where none was written.
    pub fn outcome(&self) -> Outcome {
        match &self.state {
            State::Begun => Outcome::unknown("the run ended before it was told"),
            State::Settled(outcome) => outcome.clone(),
        }
    }

    /// Whether it has to be read back before it may be sent.
    pub fn is_unknown(&self) -> bool {
        matches!(self.state, State::Begun | State::Settled(Outcome::Unknown { .. }))
    }
}

/// What a journal says: each order that was ever sent, in the order of their first sending.
///
/// ```
/// use ordercharge::submit::Ledger;
///
/// let journal = br#"{"journal":"ordercharge","version":1,"base_url":"https://api.cartrover.com"}
/// {"at":1795460000000,"step":"send","orders":[{"cust_ref":"A","index":0,"sha256":"00"},{"cust_ref":"B","index":1,"sha256":"01"}]}
/// {"at":1795460000900,"step":"reply","status":200,"process_id":"77","orders":[{"cust_ref":"A","outcome":"sent"},{"cust_ref":"B","outc"#;
/// let ledger = Ledger::read(journal)?;
/// // The last line was torn: what it would have said is unknown.
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
}

impl Ledger {
    /// Reads a journal. A last line that was not written to its end is left out; any other line that is not as it was
    /// written is an error.
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
        let damaged = |why: String| SubmitError::journal(Some(self.lines), why);
        let json = match Json::read(text) {
            Ok(json) => json,
            // What was torn while it was begun: nothing else may be taken for a torn journal.
            Err(_) if !ended && self.base_url.is_none() && !is_beginning(text) => {
                return Err(SubmitError::journal(None, "expected a journal of a submission, found something else"));
            }
            Err(_) if !ended => {
                self.torn = line.len();
                return Ok(());
            }
            Err(_) if self.base_url.is_none() => {
                return Err(SubmitError::journal(None, "expected a journal of a submission, found something else"));
            }
            Err(why) => return Err(damaged(why)),
        };
        self.unended = !ended;
        self.take(&json).map_err(|why| SubmitError::journal(Some(self.lines), why))
    }

    fn take(&mut self, json: &Json) -> Result<(), String> {
        if self.base_url.is_none() {
            if json.text_at("journal") != Some("ordercharge") {
                return Err("expected the head of a journal of a submission, found something else".to_owned());
            }
            if json.text_at("version") != Some("1") {
                return Err("expected a journal of version 1, found another one".to_owned());
            }
            let base_url = json.text_at("base_url").ok_or("expected a base_url, found none")?;
            self.base_url = Some(base_url.to_owned());
            return Ok(());
        }
        let at = json.text_at("at").and_then(|at| at.parse().ok()).ok_or("expected a time, found none")?;
        let step = json.text_at("step").ok_or("expected a step, found none")?;
        let orders = json.get("orders").and_then(Json::list).ok_or("expected a list of orders, found none")?;
        for order in orders {
            let cust_ref = order.text_at("cust_ref").ok_or("expected a cust_ref, found none")?;
            match step {
                "send" => {
                    let index = order.text_at("index").and_then(|index| index.parse().ok());
                    let index = index.ok_or("expected an index, found none")?;
                    let sha256 = order.text_at("sha256").ok_or("expected a sha256, found none")?;
                    self.begin(cust_ref, index, sha256, at);
                }
                "reply" | "read-back" => {
                    let words = |key| order.text_at(key).unwrap_or_default().to_owned();
                    let outcome = match order.text_at("outcome") {
                        Some("sent") => Outcome::Sent,
                        Some("refused") => Outcome::Refused { code: words("code"), message: words("message") },
                        Some("unsent") => Outcome::Unsent { why: words("message") },
                        Some("unknown") => Outcome::Unknown { why: words("message") },
                        _ => return Err("expected an outcome, found none that is known".to_owned()),
                    };
                    let process_id = json.text_at("process_id").map(str::to_owned);
                    let vain = step == "read-back" && matches!(outcome, Outcome::Unsent { .. });
                    let disputed = matches!(order.get("disputed"), Some(Json::Bool(true)));
                    if !self.settle(cust_ref, outcome, process_id, at, Doubt { vain, disputed }) {
                        return Err(
                            "expected the outcome of an order that was sent, found that of another one".to_owned()
                        );
                    }
                }
                _ => return Err("expected the step send, reply or read-back, found another one".to_owned()),
            }
        }
        Ok(())
    }

    /// An order is about to be sent.
    pub(super) fn begin(&mut self, cust_ref: &str, index: u64, sha256: &str, at: u64) {
        let known = self.get(cust_ref);
        let entry = Entry {
            doubtful: known.is_some_and(|known| known.doubtful && known.sha256 == sha256),
            cust_ref: cust_ref.to_owned(),
            index,
            sha256: sha256.to_owned(),
            state: State::Begun,
            process_id: None,
            disputed: false,
            at,
        };
        match self.places.get(cust_ref).and_then(|place| self.entries.get_mut(*place)) {
            Some(known) => *known = entry,
            None => {
                self.places.insert(cust_ref.to_owned(), self.entries.len());
                self.entries.push(entry);
            }
        }
    }

    /// What became of an order: whether it is known.
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
        entry.state = State::Settled(outcome);
        entry.process_id = process_id;
        entry.at = at;
        entry.doubtful |= doubt.vain;
        entry.disputed |= doubt.disputed;
        true
    }

    /// Each order that was ever sent.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// What it says of one order.
    pub fn get(&self, cust_ref: &str) -> Option<&Entry> {
        self.places.get(cust_ref).and_then(|place| self.entries.get(*place))
    }

    /// Where the orders were sent, if anything was.
    pub fn base_url(&self) -> Option<&str> {
        self.base_url.as_deref()
    }

    /// The bytes at the end that are no whole line. They have to be cut off before a line is written.
    pub fn torn(&self) -> usize {
        self.torn
    }

    /// Whether the last line is whole, but for the end of the line. It has to be ended before another is written.
    pub fn is_unended(&self) -> bool {
        self.unended && self.torn == 0
    }

    pub(super) fn set_base_url(&mut self, base_url: &str) {
        self.base_url = Some(base_url.to_owned());
    }
}

/// Whether a text may be the beginning of a journal.
pub(super) fn is_beginning(text: &[u8]) -> bool {
    text.starts_with(HEAD.as_bytes()) || HEAD.as_bytes().starts_with(text)
}

/// The line a journal begins with.
pub(super) fn head_line(base_url: &str) -> String {
    let mut line = HEAD.to_owned();
    pair(&mut line, "base_url", Some(base_url));
    line.push_str("}\n");
    line
}

/// The line before orders are sent.
pub(super) fn send_line(at: u64, parcels: &[Parcel]) -> String {
    let mut line = format!("{{\"at\":{at},\"step\":\"send\",\"orders\":[");
    for (place, parcel) in parcels.iter().enumerate() {
        line.push_str(if place > 0 { ",{" } else { "{" });
        pair(&mut line, "cust_ref", Some(&parcel.cust_ref));
        line.push_str(&format!(",\"index\":{},", parcel.index));
        pair(&mut line, "sha256", Some(&parcel.sha256));
        line.push('}');
    }
    line.push_str("]}\n");
    line
}

/// The line after a call: `reply` or `read-back`.
pub(super) fn outcome_line(
    at: u64,
    step: &str,
    (status, process_id): (Option<u16>, Option<&str>),
    cust_refs: &[&str],
    judgement: &Judgement,
    disputed: impl Fn(&Outcome) -> bool,
) -> String {
    let status = status.map_or("null".to_owned(), |status| status.to_string());
    let mut line = format!("{{\"at\":{at},\"step\":\"{step}\",\"status\":{status},");
    pair(&mut line, "process_id", process_id);
    line.push_str(",\"orders\":[");
    for (place, (cust_ref, outcome)) in cust_refs.iter().zip(&judgement.outcomes).enumerate() {
        line.push_str(if place > 0 { ",{" } else { "{" });
        pair(&mut line, "cust_ref", Some(cust_ref));
        line.push(',');
        pair(&mut line, "outcome", Some(outcome.name()));
        for (key, value) in [("code", outcome.code()), ("message", outcome.message())] {
            if value.is_some() {
                line.push(',');
                pair(&mut line, key, value);
            }
        }
        line.push_str(if disputed(outcome) { ",\"disputed\":true}" } else { "}" });
    }
    line.push(']');
    if !judgement.strangers.is_empty() {
        line.push_str(",\"strangers\":[");
        for (place, stranger) in judgement.strangers.iter().enumerate() {
            if place > 0 {
                line.push(',');
            }
            quote(&mut line, stranger);
        }
        line.push(']');
    }
    line.push_str("}\n");
    line
}
