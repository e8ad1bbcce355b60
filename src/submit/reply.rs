//! What came of a call, and what that makes of each order in it: pure functions, by how far the call came.

use core::fmt;
use std::collections::HashMap;

use super::json::Json;

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
#[derive(Clone, PartialEq, Eq)]
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

impl fmt::Display for Breakdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl core::error::Error for Breakdown {}

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
            match name.as_ref() {
                name if name.eq_ignore_ascii_case("X-CartRover-Process-ID") => response.process_id = Some(value),
                name if name.eq_ignore_ascii_case("X-CartRover-Api-Minute-Hits-Remaining") => {
                    response.hits_remaining = value.parse().ok();
                }
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

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has it.
    Sent,
    /// The server does not take it, and would not the next time.
    Refused {
        /// The `error_code`: `Invalid` or `Failure`; empty where the reply gives none for a single order of a batch.
        code: String,
        /// The server's message.
        message: String,
    },
    /// The server does not have it. It may be sent, or sent again.
    Unsent {
        /// Why.
        why: String,
    },
    /// The server may have it or not. It is not sent again before that is settled.
    Unknown {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// Its name: `sent`, `refused`, `unsent` or `unknown`.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::Sent => "sent",
            Outcome::Refused { .. } => "refused",
            Outcome::Unsent { .. } => "unsent",
            Outcome::Unknown { .. } => "unknown",
        }
    }

    /// The `error_code`, where there is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Outcome::Refused { code, .. } if !code.is_empty() => Some(code),
            _ => None,
        }
    }

    /// The server's message, or why.
    pub fn message(&self) -> Option<&str> {
        match self {
            Outcome::Sent => None,
            Outcome::Refused { message: why, .. } | Outcome::Unsent { why } | Outcome::Unknown { why } => Some(why),
        }
    }

    pub(super) fn unsent(why: impl Into<String>) -> Outcome {
        Outcome::Unsent { why: why.into() }
    }

    pub(super) fn unknown(why: impl Into<String>) -> Outcome {
        Outcome::Unknown { why: why.into() }
    }

    /// The same with other words.
    pub(super) fn reworded(self, word: impl Fn(&str) -> String) -> Outcome {
        match self {
            Outcome::Sent => Outcome::Sent,
            Outcome::Refused { code, message } => Outcome::Refused { code: word(&code), message: word(&message) },
            Outcome::Unsent { why } => Outcome::Unsent { why: word(&why) },
            Outcome::Unknown { why } => Outcome::Unknown { why: word(&why) },
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
    /// At once: the server has answered.
    Go,
    /// After a wait that grows: there was no usable reply.
    Later,
    /// After a wait that grows: the API limit is reached.
    Slower,
    /// Not at all: no call would be answered otherwise. Why.
    Stop(String),
}

/// What a call makes of its orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// One for each order, as they were sent.
    pub outcomes: Vec<Outcome>,
    /// How to go on.
    pub pace: Pace,
    /// What the reply names that was not sent.
    pub strangers: Vec<String>,
    /// Whether one of those is named as taken: it may be an order that was sent, under a name the server has made of its own.
    pub took_stranger: bool,
}

impl Judgement {
    fn all(count: usize, outcome: Outcome, pace: Pace) -> Judgement {
        Judgement { outcomes: vec![outcome; count], pace, strangers: Vec::new(), took_stranger: false }
    }
}

/// What the reply to new orders, or its absence, makes of each of them. They are given by `cust_ref`, as they were sent.
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
    let reply = match answer {
        Err(broken) if broken.phase.may_have_arrived() => {
            return Judgement::all(count, Outcome::unknown(&broken.why), Pace::Later);
        }
        Err(broken) => return Judgement::all(count, Outcome::unsent(&broken.why), Pace::Later),
        Ok(response) => Reply::read(response),
    };
    match reply {
        Reply::Unusable(why) => Judgement::all(count, Outcome::Unknown { why }, Pace::Later),
        Reply::Barred(why) => Judgement::all(count, Outcome::unknown(&why), Pace::Stop(why)),
        Reply::Odd(why) => Judgement::all(count, Outcome::Unknown { why }, Pace::Go),
        Reply::RateLimit(message) => Judgement::all(count, Outcome::unsent(limited(&message)), Pace::Slower),
        Reply::NotAllowed(why) => Judgement::all(count, Outcome::unsent(&why), Pace::Stop(why)),
        Reply::Error { code, message } => Judgement::all(count, Outcome::Refused { code, message }, Pace::Go),
        Reply::Success(body) => match named(&body) {
            Ok(names) => assign(cust_refs, names),
            Err(why) => Judgement::all(count, Outcome::unknown(why), Pace::Go),
        },
    }
}

/// What the reply to reading an order back, or its absence, makes of it: `Sent` where it is found, `Unsent` where the
/// server answers that there is none, and nothing else (or in the words of
/// [`Endpoint::absent`](super::Endpoint::absent)), `Unknown` else.
///
/// ```
/// use ordercharge::submit::{Endpoint, Response, judge_read_back};
///
/// let absent = Endpoint::default().absent;
/// let head = [("X-CartRover-Process-ID", "77")];
/// let reply = |body: &str| Ok(Response::new(200, head, body.as_bytes().to_vec()));
/// let found = reply(r#"{"success_code": true, "response": {"cust_ref": "A"}}"#);
/// assert_eq!(judge_read_back("A", &found, &absent).outcomes[0].name(), "sent");
/// assert_eq!(judge_read_back("B", &found, &absent).outcomes[0].name(), "unknown");
/// let none = reply(r#"{"success_code": false, "error_code": "Failure", "message": "Order not found"}"#);
/// assert_eq!(judge_read_back("A", &none, &absent).outcomes[0].name(), "unsent");
/// ```
pub fn judge_read_back(cust_ref: &str, answer: &Result<Response, Breakdown>, absent: &[String]) -> Judgement {
    let one = |outcome, pace| Judgement::all(1, outcome, pace);
    let reply = match answer {
        Err(broken) => return one(Outcome::unknown(&broken.why), Pace::Later),
        Ok(response) => Reply::read(response),
    };
    match reply {
        Reply::Unusable(why) => one(Outcome::Unknown { why }, Pace::Later),
        Reply::Barred(why) => one(Outcome::unknown(&why), Pace::Stop(why)),
        Reply::Odd(why) => one(Outcome::Unknown { why }, Pace::Go),
        Reply::RateLimit(message) => one(Outcome::unknown(limited(&message)), Pace::Slower),
        Reply::NotAllowed(why) => one(Outcome::unknown(&why), Pace::Stop(why)),
        Reply::Error { message, .. } if says_absent(&message, cust_ref, absent) => {
            one(Outcome::unsent("the server has no order of this name"), Pace::Go)
        }
        Reply::Error { code, message } => {
            one(Outcome::unknown(format!("reading it back was refused: {code}: {message}")), Pace::Go)
        }
        Reply::Success(body) => {
            let orders = match body.get("response") {
                Some(Json::List(orders)) => orders.as_slice(),
                Some(order @ Json::Object(_)) => core::slice::from_ref(order),
                _ => &[],
            };
            let is_it = |order: &Json| order.text_at("cust_ref") == Some(cust_ref);
            if !orders.is_empty() && orders.iter().all(is_it) {
                one(Outcome::Sent, Pace::Go)
            } else {
                one(Outcome::unknown("reading it back gave no order, or others"), Pace::Go)
            }
        }
    }
}

/// What a server says where there is no order of a name, the name itself and [`FILLERS`] left out.
const ABSENT: [&str; 17] = [
    "order not found",
    "ordernotfound",
    "no order found",
    "no matching order",
    "no matching order found",
    "no such order",
    "order does not exist",
    "order doesn't exist",
    "order not exist",
    "order could not found",
    "order cannot found",
    "order can not found",
    "no order exists",
    "could not find order",
    "cannot find order",
    "unable to find order",
    "unknown order",
];

/// Words that change nothing about what such a message says.
const FILLERS: [&str; 21] = [
    "a",
    "an",
    "any",
    "be",
    "by",
    "error",
    "failure",
    "for",
    "id",
    "in",
    "is",
    "named",
    "number",
    "of",
    "reference",
    "that",
    "the",
    "this",
    "was",
    "with",
    "your",
];

/// Whether a message says that there is no such order, and nothing else; or has the words of `absent` in their order,
/// anything at a `*`. The order's own name is left out, and a message that names a path is about the path.
fn says_absent(message: &str, cust_ref: &str, absent: &[String]) -> bool {
    let without = message.replace(cust_ref, " ").to_lowercase();
    if without.contains('/') {
        return false;
    }
    // A name may be one of the words: then it is left out once.
    let once = message.match_indices(cust_ref).filter_map(|(at, name)| {
        Some([message.get(..at)?, " ", message.get(at + name.len()..)?].concat().to_lowercase())
    });
    let says = |words: &str| {
        let mut parts = words.split('*').map(|part| part.trim().to_lowercase()).filter(|part| !part.is_empty());
        parts.try_fold(without.as_str(), |rest, part| rest.split_once(part.as_str()).map(|(_, rest)| rest)).is_some()
    };
    [without.clone()].into_iter().chain(once).any(|said| ABSENT.contains(&gist(&said).as_str()))
        || absent.iter().filter(|words| words.contains(char::is_alphanumeric)).any(|words| says(words))
}

/// The words of a message that count, in their order.
fn gist(message: &str) -> String {
    let words = message.split(|char: char| !char.is_alphanumeric() && !matches!(char, '\'' | '_'));
    let words = words.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty());
    let counting = words.filter(|word| !FILLERS.contains(word) && !matches!(*word, "cust_ref" | "custref" | "s"));
    let singular = counting.map(|word| if word == "orders" { "order" } else { word });
    singular.collect::<Vec<_>>().join(" ")
}

fn limited(message: &str) -> String {
    format!("the API limit is reached: {message}")
}

/// A reply, by its shape.
enum Reply {
    /// It says nothing about the orders: the call may have come to anything.
    Unusable(String),
    /// It is an answer, but not one of those that are published.
    Odd(String),
    RateLimit(String),
    /// Nor is it, and its status says that no other call would be answered otherwise.
    Barred(String),
    /// The credentials do not open this door.
    NotAllowed(String),
    Error {
        code: String,
        message: String,
    },
    Success(Json),
}

impl Reply {
    fn read(response: &Response) -> Reply {
        match Reply::read_body(response) {
            Reply::Unusable(why) | Reply::Odd(why) if matches!(response.status, 401 | 403) => Reply::Barred(why),
            reply => reply,
        }
    }

    fn read_body(response: &Response) -> Reply {
        let status = response.status;
        match status {
            200..=299 | 400..=499 => {}
            300..=399 => {
                return Reply::Unusable(format!(
                    "the server answered with a redirect (status {status}), which is not followed"
                ));
            }
            _ => return Reply::Unusable(format!("the server answered with status {status}")),
        }
        let body = match Json::read(&response.body) {
            Ok(body @ Json::Object(_)) => body,
            Ok(other) => {
                return Reply::unusable(status, &format!("expected an object as reply, found {}", other.kind()));
            }
            Err(why) => return Reply::unusable(status, &format!("the reply is no JSON: {why}")),
        };
        let code = body.text_at("error_code").unwrap_or_default().to_owned();
        let message = body.get("message").map(words).unwrap_or_default();
        match body.get("success_code") {
            Some(Json::Bool(true)) if body.get("error_code").is_some() => {
                Reply::Odd("the reply says both success and an error".to_owned())
            }
            Some(Json::Bool(true)) if status >= 400 => {
                Reply::Odd(format!("the reply says success under status {status}"))
            }
            Some(Json::Bool(true)) => Reply::Success(body),
            // An error that says what became of single orders contradicts itself.
            Some(Json::Bool(false))
                if body.get("response").is_some_and(|response| *response != Json::List(Vec::new())) =>
            {
                Reply::Odd("the reply says both an error and what became of orders".to_owned())
            }
            Some(Json::Bool(false)) => match code.as_str() {
                "RateLimit" => Reply::RateLimit(message),
                "Invalid" | "Failure" if matches!(status, 401 | 403) => {
                    Reply::NotAllowed(format!("the server does not take the credentials (status {status}): {message}"))
                }
                "Invalid" | "Failure" => Reply::Error { code, message },
                _ => {
                    Reply::Odd(format!("expected error_code Invalid, Failure or RateLimit, found `{code}`: {message}"))
                }
            },
            Some(other) => {
                Reply::unusable(status, &format!("expected true or false as success_code, found {}", other.kind()))
            }
            None => Reply::unusable(status, "expected success_code in the reply, found none"),
        }
    }

    fn unusable(status: u16, why: &str) -> Reply {
        match status {
            200 => Reply::Unusable(why.to_owned()),
            _ => Reply::Unusable(format!("{why} (status {status})")),
        }
    }
}

/// A message, whatever it is made of.
fn words(message: &Json) -> String {
    match message {
        Json::List(parts) => parts.iter().map(words).collect::<Vec<_>>().join("; "),
        Json::Object(parts) => {
            parts.iter().map(|(key, part)| format!("{key}: {}", words(part))).collect::<Vec<_>>().join("; ")
        }
        Json::Bool(said) => said.to_string(),
        other => other.text().unwrap_or_default().to_owned(),
    }
}

/// What a reply says of one order.
struct Named<'a> {
    cust_ref: Option<&'a str>,
    position: Option<usize>,
    outcome: Outcome,
}

/// What a success says of single orders: that of one order, or that of a batch, which may fail in part.
fn named(body: &Json) -> Result<Vec<Named<'_>>, &'static str> {
    let Some(response) = body.get("response") else {
        let name = body.text_at("cust_ref").ok_or("the reply says success, but not of which order")?;
        return Ok(vec![Named { cust_ref: Some(name), position: None, outcome: Outcome::Sent }]);
    };
    if !matches!(response, Json::Object(_)) {
        return Err("the reply says success, but lists no orders");
    }
    let entries = |key| match response.get(key) {
        None => Ok(&[][..]),
        Some(list) => list.list().ok_or("the reply lists orders, but not as an array"),
    };
    let name = |entry, outcome| Named {
        cust_ref: Json::text_at(entry, "cust_ref"),
        position: entry.text_at("index_pos").and_then(|position| position.parse().ok()),
        outcome,
    };
    let sent = entries("success")?.iter().map(|entry| name(entry, Outcome::Sent));
    let failed = entries("failed")?.iter().map(|entry| {
        let code = entry.text_at("error_code").unwrap_or_default();
        let message = entry.get("message").map(words).unwrap_or_default();
        name(
            entry,
            match code {
                "RateLimit" => Outcome::unsent(limited(&message)),
                code => Outcome::Refused { code: code.to_owned(), message },
            },
        )
    });
    Ok(sent.chain(failed).collect())
}

/// Gives each order what is said of it: by `cust_ref`, then by position.
fn assign(cust_refs: &[&str], names: Vec<Named<'_>>) -> Judgement {
    let places: HashMap<&str, usize> = cust_refs.iter().enumerate().map(|(at, name)| (*name, at)).collect();
    let mut outcomes: Vec<Option<Outcome>> = vec![None; cust_refs.len()];
    let (mut strangers, mut took_stranger) = (Vec::new(), false);
    for Named { cust_ref, position, outcome } in names {
        let at = match cust_ref {
            Some(name) => places.get(name).copied(),
            None => position,
        };
        match at.and_then(|at| outcomes.get_mut(at)) {
            Some(slot) => {
                *slot = Some(match slot.take() {
                    Some(other) if other.name() != outcome.name() => {
                        Outcome::unknown(format!("the reply says both {other} and {outcome}"))
                    }
                    _ => outcome,
                });
            }
            None => {
                took_stranger |= outcome == Outcome::Sent;
                strangers.push(match (cust_ref, position) {
                    (Some(name), _) => name.to_owned(),
                    (None, Some(position)) => format!("the order at position {position}"),
                    (None, None) => "an order without a name".to_owned(),
                });
            }
        }
    }
    let limited = outcomes.iter().flatten().any(|outcome| matches!(outcome, Outcome::Unsent { .. }));
    let left_out = || Outcome::unknown("the reply leaves the order out");
    let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(left_out)).collect();
    Judgement { outcomes, pace: if limited { Pace::Slower } else { Pace::Go }, strangers, took_stranger }
}
