//! What came of a call, and what that makes of each order in it: pure functions, by how far the call came.

use core::fmt;
use std::borrow::Cow;
use std::collections::HashMap;

use super::content::Content;
use super::fields::{Fault, entries, fields, kind, text};
use super::message::{LONGEST_WORDS, cut, says_absent, words};
use crate::scan::check_json;

/// How far a call came before it broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The name of the host was being looked up.
    Resolve,
    /// A connection was being made, or was made and nothing of the body had been handed to it.
    Connect,
    /// TLS was being agreed on.
    Tls,
    /// The body was being sent, or had been: in doubt, this one.
    Send,
    /// A reply had begun.
    Reply,
}

impl Phase {
    /// Whether any of the orders may have arrived.
    pub fn may_have_arrived(self) -> bool {
        matches!(self, Phase::Send | Phase::Reply)
    }
}

/// A call that broke off without a whole reply.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Breakdown {
    /// How far it came.
    pub phase: Phase,
    /// Why it broke off: lower case, without secrets.
    pub why: String,
    /// The status of the reply, if that far.
    pub status: Option<u16>,
    /// `X-CartRover-Process-ID`, if that far.
    pub process_id: Option<String>,
}

impl Breakdown {
    /// A call that broke off before any reply.
    pub fn new(phase: Phase, why: impl Into<String>) -> Breakdown {
        Breakdown { phase, why: why.into(), status: None, process_id: None }
    }
}

/// What a server may have put into a header stays out.
impl fmt::Debug for Breakdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breakdown({:?}: {})", self.phase, self.why)
    }
}

/// A whole reply: its status, its body, and the headers that matter.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status. It is not the verdict: replies say `success_code` in their body.
    pub status: u16,
    /// `X-CartRover-Process-ID`, which support asks for.
    pub process_id: Option<String>,
    /// `X-CartRover-Api-Minute-Hits-Remaining`: the calls that can still be made at once.
    pub hits_remaining: Option<u32>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// A reply with its headers, of which those that matter are kept. Letter case does not count in their names.
    pub fn new<N: AsRef<str>, V: AsRef<[u8]>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: Vec<u8>,
    ) -> Response {
        let mut response = Response { status, process_id: None, hits_remaining: None, body };
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_ref()).trim().to_owned();
            match name.as_ref().to_ascii_lowercase().as_str() {
                "x-cartrover-process-id" => response.process_id = Some(value),
                "x-cartrover-api-minute-hits-remaining" => response.hits_remaining = value.parse().ok(),
                _ => {}
            }
        }
        response
    }
}

/// The body may hold personal data, and a header whatever a server has put into it.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("hits_remaining", &self.hits_remaining)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The outcome of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has it.
    Sent,
    /// The server has refused it, and would refuse it again.
    Refused {
        /// The `error_code`: `Invalid` or `Failure`; empty if the reply has none for a single order of a batch.
        code: String,
        /// The server's message.
        message: String,
    },
    /// The server does not have it. It may be sent, or sent again.
    Unsent {
        /// The reason.
        why: String,
    },
    /// The server may or may not have it. It is not sent again before that is settled.
    Unknown {
        /// The reason.
        why: String,
    },
    /// The server has another order of its name, or contradicts itself about it. It is not sent again: a person has to decide.
    Disputed {
        /// The reason.
        why: String,
    },
}

impl Outcome {
    /// Its name: `sent`, `refused`, `unsent`, `unknown` or `disputed`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Sent => "sent",
            Outcome::Refused { .. } => "refused",
            Outcome::Unsent { .. } => "unsent",
            Outcome::Unknown { .. } => "unknown",
            Outcome::Disputed { .. } => "disputed",
        }
    }

    /// The `error_code`, if there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Outcome::Refused { code, .. } if !code.is_empty() => Some(code),
            _ => None,
        }
    }

    /// The server's message, or the reason.
    pub fn message(&self) -> Option<&str> {
        match self {
            Outcome::Sent => None,
            Outcome::Refused { message: why, .. }
            | Outcome::Unsent { why }
            | Outcome::Unknown { why }
            | Outcome::Disputed { why } => Some(why),
        }
    }

    pub(super) fn unsent(why: impl Into<String>) -> Outcome {
        Outcome::Unsent { why: why.into() }
    }

    pub(super) fn unknown(why: impl Into<String>) -> Outcome {
        Outcome::Unknown { why: why.into() }
    }

    pub(super) fn disputed(why: impl Into<String>) -> Outcome {
        Outcome::Disputed { why: why.into() }
    }

    /// Whether it must be read back before anything else.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Outcome::Unknown { .. } | Outcome::Disputed { .. })
    }

    /// This outcome with another message.
    pub(super) fn reworded(self, word: impl Fn(&str) -> String) -> Outcome {
        match self {
            Outcome::Sent => Outcome::Sent,
            Outcome::Refused { code, message } => Outcome::Refused { code: word(&code), message: word(&message) },
            Outcome::Unsent { why } => Outcome::Unsent { why: word(&why) },
            Outcome::Unknown { why } => Outcome::Unknown { why: word(&why) },
            Outcome::Disputed { why } => Outcome::Disputed { why: word(&why) },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for words in [self.code(), self.message()].into_iter().flatten() {
            write!(f, ": {words}")?;
        }
        Ok(())
    }
}

/// How to go on after a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Continue at once: the server has answered.
    Go,
    /// Continue after a growing wait: there was no usable reply.
    Later,
    /// Continue after a growing wait: the API limit is reached.
    Slower,
    /// Stop for this reason: every other call would get the same answer.
    Stop(String),
}

/// The result of a call for its orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The outcome of each order, in the order in which they were sent.
    pub outcomes: Vec<Outcome>,
    /// How to continue.
    pub pace: Pace,
    /// The first twenty names in the reply that were not sent.
    pub strangers: Vec<String>,
    /// Whether the reply lists one of those as accepted: it may be an order that was sent, under a name made by the server.
    pub took_stranger: bool,
}

impl Judgement {
    fn all(count: usize, outcome: Outcome, pace: Pace) -> Judgement {
        Judgement { outcomes: vec![outcome; count], pace, strangers: Vec::new(), took_stranger: false }
    }
}

/// Judges the reply to new orders, or its absence: returns the outcome of each order. `cust_refs` has the names in the order
/// in which they were sent.
///
/// ```
/// use ordercharge::submit::{Breakdown, Outcome, Phase, Response, judge};
///
/// let body = br#"{"success_code": true, "response": {"success": [{"cust_ref": "A"}],
///     "failed": [{"cust_ref": "B", "message": "OrderDuplicate"}]}}"#;
/// let judged = judge(&["A", "B", "C"], &Ok(Response::new(200, [("X-CartRover-Process-ID", "77")], body.to_vec())));
/// assert_eq!(judged.outcomes[0], Outcome::Sent);
/// assert_eq!(judged.outcomes[1].to_string(), "refused: OrderDuplicate");
/// assert_eq!(judged.outcomes[2].to_string(), "unknown: the reply leaves the order out");
///
/// let closed = Breakdown::new(Phase::Send, "the connection was closed");
/// assert_eq!(judge(&["A"], &Err(closed)).outcomes[0].name(), "unknown");
/// let nobody = Breakdown::new(Phase::Connect, "the connection was refused");
/// assert_eq!(judge(&["A"], &Err(nobody)).outcomes[0].name(), "unsent");
/// ```
pub fn judge(cust_refs: &[&str], answer: &Result<Response, Breakdown>) -> Judgement {
    let count = cust_refs.len();
    match Reply::of(answer) {
        Err(NoReply { why, pace, may_have_arrived: true }) => Judgement::all(count, Outcome::Unknown { why }, pace),
        Err(NoReply { why, pace, may_have_arrived: false }) => Judgement::all(count, Outcome::Unsent { why }, pace),
        Ok(Reply::Error { code, message }) if count == 1 => {
            Judgement::all(1, Outcome::Refused { code, message }, Pace::Go)
        }
        // The error names no order: some orders may have been accepted before one failed.
        Ok(Reply::Error { code, message }) => {
            let why =
                format!("the call failed as a whole, which says nothing of its {count} orders: {code}: {message}");
            Judgement::all(count, Outcome::Unknown { why }, Pace::Go)
        }
        Ok(Reply::Success { response, cust_ref }) => assign(response, cust_ref, cust_refs)
            .unwrap_or_else(|why| Judgement::all(count, Outcome::unknown(why), Pace::Go)),
    }
}

/// Judges the reply to reading an order back, or its absence. The outcome is `Sent` if the order is found, `Disputed` if an
/// order of its name with other `content` is found, `Unsent` if the server answers only that there is no such order (or in the
/// words of [`Endpoint::absent`](super::Endpoint::absent)), and `Unknown` otherwise.
///
/// ```
/// use ordercharge::submit::{Content, Endpoint, Response, judge_read_back};
///
/// let (any, absent) = (Content::default(), Endpoint::default().absent);
/// let head = [("X-CartRover-Process-ID", "77")];
/// let reply = |body: &str| Ok(Response::new(200, head, body.as_bytes().to_vec()));
/// let found = reply(r#"{"success_code": true, "response": {"cust_ref": "A"}}"#);
/// assert_eq!(judge_read_back("A", &any, &found, &absent).outcomes[0].name(), "sent");
/// assert_eq!(judge_read_back("B", &any, &found, &absent).outcomes[0].name(), "unknown");
/// let none = reply(r#"{"success_code": false, "error_code": "Failure", "message": "Order not found"}"#);
/// assert_eq!(judge_read_back("A", &any, &none, &absent).outcomes[0].name(), "unsent");
/// ```
pub fn judge_read_back(
    cust_ref: &str,
    content: &Content,
    answer: &Result<Response, Breakdown>,
    absent: &[String],
) -> Judgement {
    let (outcome, pace) = read_back(cust_ref, content, answer, absent);
    Judgement::all(1, outcome, pace)
}

/// Like [`judge_read_back`], but for the session: the outcome and the pace of a single order.
pub(super) fn read_back(
    cust_ref: &str,
    content: &Content,
    answer: &Result<Response, Breakdown>,
    absent: &[String],
) -> (Outcome, Pace) {
    match Reply::of(answer) {
        Err(NoReply { why, pace, .. }) => (Outcome::Unknown { why }, pace),
        Ok(Reply::Error { message, .. }) if says_absent(&message, cust_ref, absent) => {
            (Outcome::unsent("the server has no order of this name"), Pace::Go)
        }
        Ok(Reply::Error { code, message }) => {
            (Outcome::unknown(format!("reading it back was refused: {code}: {message}")), Pace::Go)
        }
        Ok(Reply::Success { response, .. }) => (found(response, cust_ref, content), Pace::Go),
    }
}

fn limited(message: &str) -> String {
    format!("the API limit is reached: {message}")
}

/// What came of a call that says nothing about single orders.
struct NoReply {
    why: String,
    pace: Pace,
    /// Whether orders that were sent may have arrived.
    may_have_arrived: bool,
}

/// A reply about orders: the texts of its values.
enum Reply<'a> {
    Error { code: String, message: String },
    Success { response: Option<&'a str>, cust_ref: Option<&'a str> },
}

impl<'a> Reply<'a> {
    fn of(answer: &'a Result<Response, Breakdown>) -> Result<Reply<'a>, NoReply> {
        let response = answer.as_ref().map_err(|broken| NoReply {
            why: broken.why.clone(),
            pace: Pace::Later,
            may_have_arrived: broken.phase.may_have_arrived(),
        })?;
        Reply::read(response).map_err(|none| match response.status {
            // Every other call would get the same answer.
            401 | 403 if none.pace != Pace::Slower => NoReply { pace: Pace::Stop(none.why.clone()), ..none },
            _ => none,
        })
    }

    fn read(reply: &'a Response) -> Result<Reply<'a>, NoReply> {
        let status = reply.status;
        let unknown = |why: String, pace| NoReply { why, pace, may_have_arrived: true };
        // It is an answer, but not a documented one.
        let odd = |why: &str| Err(unknown(why.to_owned(), Pace::Go));
        let unusable = |why: &str| match status {
            200 => unknown(why.to_owned(), Pace::Later),
            _ => unknown(format!("{why} (status {status})"), Pace::Later),
        };
        let of_status = match status {
            200..=299 | 400..=499 => None,
            300..=399 => Some(format!("a redirect (status {status}), which is not followed")),
            _ => Some(format!("status {status}")),
        };
        if let Some(what) = of_status {
            return Err(unknown(format!("the server answered with {what}"), Pace::Later));
        }
        let body = core::str::from_utf8(&reply.body).map_err(|_| unusable("the reply is not UTF-8"))?;
        let body = body.strip_prefix('\u{FEFF}').unwrap_or(body);
        // Values that are not needed must be correct JSON too.
        check_json(body).map_err(|error| unusable(&format!("the reply is not JSON: {error}")))?;
        let keys = ["success_code", "error_code", "message", "response", "cust_ref"];
        let [success, error_code, message, response, cust_ref] =
            fields(body, keys).map_err(|fault| unusable(&format!("the reply cannot be used: {fault}")))?;
        let code = error_code.map(code_of).unwrap_or_default();
        let message = message.map(words).unwrap_or_default();
        match success {
            Some("true") if error_code.is_some() => odd("the reply says both success and an error"),
            Some("true") if status >= 400 => odd(&format!("the reply says success under status {status}")),
            Some("true") => Ok(Reply::Success { response, cust_ref }),
            // An error that has outcomes of single orders contradicts itself.
            Some("false") if response.is_some_and(|response| !is_empty_list(response)) => {
                odd("the reply says both an error and what became of orders")
            }
            Some("false") => match code.as_str() {
                "RateLimit" => Err(NoReply { why: limited(&message), pace: Pace::Slower, may_have_arrived: false }),
                "Invalid" | "Failure" if matches!(status, 401 | 403) => {
                    let why = format!("the server does not take the credentials (status {status}): {message}");
                    Err(NoReply { why, pace: Pace::Go, may_have_arrived: false })
                }
                "Invalid" | "Failure" => Ok(Reply::Error { code, message }),
                _ => odd(&format!("expected error_code Invalid, Failure or RateLimit, found `{code}`: {message}")),
            },
            Some(other) => {
                let found = kind(other).unwrap_or_default();
                Err(unusable(&format!("expected true or false as success_code, found {found}")))
            }
            None => Err(unusable("expected success_code in the reply, found none")),
        }
    }
}

fn is_empty_list(value: &str) -> bool {
    let mut empty = true;
    entries(value, |_| empty = false).is_ok() && empty
}

/// An `error_code`, which is empty if it is neither a string nor a number.
fn code_of(value: &str) -> String {
    cut(&text(value).unwrap_or_default(), LONGEST_WORDS).to_owned()
}

/// The most strangers that are named.
const MOST_STRANGERS: usize = 20;

/// Assigns to each order what a reply says about it, by `cust_ref`, then by position. The reply is about one order, or about
/// a batch, which may fail in part.
fn assign(response: Option<&str>, cust_ref: Option<&str>, cust_refs: &[&str]) -> Result<Judgement, &'static str> {
    let mut slots = Slots {
        places: cust_refs.iter().enumerate().map(|(at, name)| (*name, at)).collect(),
        outcomes: vec![None; cust_refs.len()],
        ..Slots::default()
    };
    let Some(response) = response else {
        let name = cust_ref.and_then(text).ok_or("the reply says success, but not of which order")?;
        slots.fill(Some(name), None, Outcome::Sent);
        return Ok(slots.judgement());
    };
    let [success, failed] =
        fields(response, ["success", "failed"]).map_err(|_| "the reply says success, but lists no orders")?;
    for (list, is_taken) in [(success, true), (failed, false)] {
        let read = list.map_or(Ok(()), |list| entries(list, |entry| slots.take(entry, is_taken)));
        read.map_err(|_| "the reply lists orders, but not as an array")?;
    }
    if slots.twice { Err("the reply names an order in two ways") } else { Ok(slots.judgement()) }
}

/// Whether a reply to reading an order back has that order.
fn found(response: Option<&str>, cust_ref: &str, content: &Content) -> Outcome {
    let (mut ours, mut others, mut difference) = (0, 0, None);
    let mut look = |order: &str| {
        let name = fields(order, ["cust_ref"]).ok().and_then(|[name]| name).and_then(text);
        if name.is_none_or(|name| name != cust_ref) {
            others += 1;
        } else if let Some(other) = content.difference(order) {
            difference = Some(other);
        } else {
            ours += 1;
        }
    };
    match response {
        Some(order) if kind(order) == Some("an object") => look(order),
        // Any other value has no order.
        Some(list) => entries(list, look).unwrap_or_default(),
        None => {}
    }
    match (others, ours, difference) {
        (0, 1.., _) => Outcome::Sent,
        (0, 0, Some(difference)) => Outcome::disputed(format!(
            "the server has an order of this name that differs from what was sent in its {difference}"
        )),
        _ => Outcome::unknown("reading it back gave no order, or others"),
    }
}

/// What the reply says about each order, as it is read.
#[derive(Default)]
struct Slots<'a> {
    places: HashMap<&'a str, usize>,
    outcomes: Vec<Option<Outcome>>,
    strangers: Vec<String>,
    took_stranger: bool,
    twice: bool,
}

impl Slots<'_> {
    /// Reads an entry of a list: an order that was accepted, or one that failed.
    fn take(&mut self, entry: &str, is_taken: bool) {
        let keys = ["cust_ref", "index_pos", "error_code", "message"];
        let read = fields(entry, keys);
        self.twice |= matches!(read, Err(Fault::Twice(_)));
        let [name, position, code, message] = read.unwrap_or_default();
        let position = position.and_then(text).and_then(|position| position.parse().ok());
        let outcome = match code.map(code_of) {
            _ if is_taken => Outcome::Sent,
            Some(code) if code == "RateLimit" => Outcome::unsent(limited(&message.map(words).unwrap_or_default())),
            code => {
                Outcome::Refused { code: code.unwrap_or_default(), message: message.map(words).unwrap_or_default() }
            }
        };
        self.fill(name.and_then(text), position, outcome);
    }

    fn fill(&mut self, name: Option<Cow<'_, str>>, position: Option<usize>, outcome: Outcome) {
        let at = match &name {
            Some(name) => self.places.get(&**name).copied(),
            None => position,
        };
        if let Some(slot) = at.and_then(|at| self.outcomes.get_mut(at)) {
            *slot = Some(match slot.take() {
                // It is reported once, however often the reply does it.
                Some(other @ Outcome::Unknown { .. }) => other,
                Some(other) if other.name() != outcome.name() => {
                    Outcome::unknown(format!("the reply says both {other} and {outcome}"))
                }
                _ => outcome,
            });
            return;
        }
        self.took_stranger |= outcome == Outcome::Sent;
        if self.strangers.len() < MOST_STRANGERS {
            self.strangers.push(match (name, position) {
                (Some(name), _) => cut(&name, LONGEST_WORDS).to_owned(),
                (None, Some(position)) => format!("the order at position {position}"),
                (None, None) => "an order without a name".to_owned(),
            });
        }
    }

    fn judgement(self) -> Judgement {
        let limited = self.outcomes.iter().flatten().any(|outcome| matches!(outcome, Outcome::Unsent { .. }));
        let left_out = || Outcome::unknown("the reply leaves the order out");
        let outcomes = self.outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(left_out)).collect();
        let pace = if limited { Pace::Slower } else { Pace::Go };
        Judgement { outcomes, pace, strangers: self.strangers, took_stranger: self.took_stranger }
    }
}
