//! The journal: writes the lines of a run, and reads what they say about each order.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::boot::Boot;
use super::content::Content;
use super::error::SubmitError;
use super::parcel::Parcel;
use super::reply::Outcome;

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
        // An incomplete line is not complete JSON.
        if !ended
            && serde_json::from_slice::<IgnoredAny>(text).is_err()
            && (self.base_url.is_some() || is_beginning(text))
        {
            self.torn = text.len();
            return Ok(());
        }
        self.unended = !ended;
        let damaged = |why: &str| SubmitError::journal(Some(self.lines), why);
        if self.base_url.is_none() {
            let Some(head) = serde_json::from_slice::<Head>(text).ok().filter(|head| head.journal == NAME) else {
                return Err(SubmitError::journal(None, "expected a journal of a submission, found something else"));
            };
            if head.version != VERSION {
                return Err(damaged("expected a journal of version 1, found another one"));
            }
            self.base_url = Some(head.base_url.into_owned());
            return Ok(());
        }
        // The parser sees a single line, so its line number is always 1 and is left out of the message.
        let line = serde_json::from_slice(text)
            .map_err(|error| damaged(&error.to_string().replace(" at line 1 column", " at column")))?;
        self.take(line).map_err(|why| SubmitError::journal(Some(self.lines), why))
    }

    /// Takes in what a line says, whether it was read or is about to be written.
    pub(super) fn take(&mut self, line: Line) -> Result<(), &'static str> {
        let Line { at, step, within, process_id, boot, .. } = line;
        let process_id = process_id.flatten();
        for order in line.orders {
            let known = self.places.get(&order.cust_ref).and_then(|place| self.entries.get_mut(*place));
            if step == Call::Send {
                let sha256 = order.sha256.ok_or("expected a sha256, found none")?;
                let entry = Entry {
                    // Whatever was sent under its name before may arrive yet.
                    doubtful: known.as_ref().is_some_and(|known| known.doubtful),
                    index: order.index.ok_or("expected an index, found none")?,
                    content: order.content.unwrap_or_default().with_salt(&sha256),
                    cust_ref: order.cust_ref,
                    sha256,
                    state: State::Begun,
                    process_id: None,
                    disputed: false,
                    at,
                    sent_at: at,
                    within,
                    replied_at: None,
                    boot,
                };
                match known {
                    Some(known) => *known = entry,
                    None => {
                        self.places.insert(entry.cust_ref.clone(), self.entries.len());
                        self.entries.push(entry);
                    }
                }
                continue;
            }
            let outcome = order.outcome().ok_or("expected an outcome, found none that is known")?;
            let known = known.ok_or("expected the outcome of an order that was sent, found that of another one")?;
            match step {
                Call::Reply => known.replied_at = Some(at),
                _ => known.doubtful |= matches!(outcome, Outcome::Unsent { .. }),
            }
            known.disputed |= order.disputed || matches!(outcome, Outcome::Disputed { .. });
            known.state = State::Settled(outcome);
            known.process_id.clone_from(&process_id);
            (known.at, known.boot) = (at, boot);
        }
        Ok(())
    }

    /// Begins the journal: its first line.
    pub(super) fn begin(&mut self, base_url: &str) -> String {
        self.base_url = Some(base_url.to_owned());
        written(&Head { journal: NAME.into(), version: VERSION, base_url: base_url.into() })
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
}

/// Whether a text may be the beginning of a journal.
pub(super) fn is_beginning(text: &[u8]) -> bool {
    text.starts_with(HEAD.as_bytes()) || HEAD.as_bytes().starts_with(text)
}

const NAME: &str = "ordercharge";
const VERSION: u32 = 1;

/// The first line of a journal.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    journal: Cow<'a, str>,
    version: u32,
    base_url: Cow<'a, str>,
}

/// What a line is about.
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Call {
    /// Orders are about to be sent.
    #[default]
    Send,
    /// What became of them.
    Reply,
    /// An order was read back.
    ReadBack,
}

/// Any other line of a journal.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) at: u64,
    pub(super) step: Call,
    /// How many milliseconds the call can take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) within: Option<u64>,
    /// Of a call that was made: it is `null` if the call had none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<Option<u16>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) process_id: Option<Option<String>>,
    pub(super) orders: Vec<Mention>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) strangers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) boot: Option<Boot>,
}

/// What a line says of an order.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Mention {
    cust_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Content>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    disputed: bool,
}

impl Mention {
    /// An order that is about to be sent.
    pub(super) fn sending(parcel: &Parcel) -> Mention {
        Mention {
            cust_ref: parcel.cust_ref.clone(),
            index: Some(parcel.index),
            sha256: Some(parcel.sha256.clone()),
            content: Some(parcel.content.clone()),
            ..Mention::default()
        }
    }

    /// What became of an order. `disputed` is [`Entry::disputed`].
    pub(super) fn settled(cust_ref: &str, outcome: &Outcome, disputed: bool) -> Mention {
        Mention {
            cust_ref: cust_ref.to_owned(),
            outcome: Some(outcome.name().to_owned()),
            code: outcome.code().map(str::to_owned),
            message: outcome.message().map(str::to_owned),
            disputed,
            ..Mention::default()
        }
    }

    fn outcome(&self) -> Option<Outcome> {
        let why = self.message.clone().unwrap_or_default();
        Some(match self.outcome.as_deref()? {
            "sent" => Outcome::Sent,
            "refused" => Outcome::Refused { code: self.code.clone().unwrap_or_default(), message: why },
            "unsent" => Outcome::Unsent { why },
            "unknown" => Outcome::Unknown { why },
            "disputed" => Outcome::Disputed { why },
            _ => return None,
        })
    }
}

/// A line as it is written. Line ends, terminal commands and invisible characters are escaped.
pub(super) fn written(line: &impl Serialize) -> String {
    let json = serde_json::to_string(line).unwrap_or_default();
    let mut text = String::with_capacity(json.len() + 1);
    for char in json.chars() {
        // Such characters are in strings only.
        if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') {
            text.push_str(&format!("\\u{:04x}", u32::from(char)));
        } else {
            text.push(char);
        }
    }
    text.push('\n');
    text
}
