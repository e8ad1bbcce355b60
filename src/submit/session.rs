//! `Session`: says what is to be done next to send orders, and records the results. It does no input or output.

use core::fmt;
use core::time::Duration;
use std::collections::{HashMap, VecDeque};

use super::boot::Boot;
use super::credentials::Credentials;
use super::endpoint::{Endpoint, Request};
use super::error::SubmitError;
use super::ledger::{Call, Entry, Ledger, Line, Mention, written};
use super::message::{says_duplicate, shown};
use super::pace::{Backoff, Bucket};
use super::parcel::{Parcel, Unfit};
use super::reply::{Breakdown, Outcome, Pace, Response, judge, read_back};
use super::settling::Unsettled;
use crate::checked::Checked;

/// The settings of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The most orders in one call (1, which is sent as an object; several are sent as an array).
    pub batch: usize,
    /// The limit (6) for how often an order is sent, how often it is read back in a row, and how many calls in a row may fail
    /// before the run stops.
    pub attempts: u32,
    /// The wait before an order whose outcome is unknown is read back (10 s): a slow server may still accept it. The answer that
    /// there is no such order counts only after the server has had as long again as the call took. If the run was killed, it
    /// counts only after the longest time of a call ([`super::Timeouts::longest_call`]) and this wait.
    pub settle_after: Duration,
    /// Whether new orders count against the API limit. Today the API exempts them.
    pub limit_new_orders: bool,
    /// Whether orders that were refused according to the journal are sent again unchanged.
    pub retry_refused: bool,
    /// A seed for the random part of waits, so that callers that fail together do not come back together.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            batch: 1,
            attempts: 6,
            settle_after: Duration::from_secs(10),
            limit_new_orders: false,
            retry_refused: false,
            seed: 0,
        }
    }
}

/// The outcome of an order, as a session reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The order's name.
    pub cust_ref: String,
    /// The index with which it was added. For an order that only the journal knows, its index in that run.
    pub index: u64,
    /// Its outcome.
    pub outcome: Outcome,
    /// `X-CartRover-Process-ID` of the call with this outcome.
    pub process_id: Option<String>,
    /// Whether the outcome is from an earlier run: it is in the journal, or only the journal knows the order.
    pub earlier: bool,
}

impl fmt::Display for Settled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.outcome)?;
        match &self.process_id {
            Some(id) => write!(f, " (process id {id})"),
            None => Ok(()),
        }
    }
}

/// What a journal says about an order.
impl From<&Entry> for Settled {
    fn from(entry: &Entry) -> Settled {
        Settled {
            cust_ref: entry.cust_ref.clone(),
            index: entry.index,
            outcome: entry.outcome(),
            process_id: entry.process_id.clone(),
            earlier: true,
        }
    }
}

/// What happens to an order that is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It waits to be sent.
    Waiting,
    /// It is not sent: it already has this outcome.
    Settled(Settled),
}

/// What is to be done next.
#[derive(Debug)]
pub enum Step {
    /// Append this line to the journal, wait until it is on the disk, and call [`Session::recorded`]. If that fails, end the run:
    /// what is unknown is read back when it is resumed.
    Record(String),
    /// Send this request once, and call [`Session::answered`].
    Send(Request),
    /// A request has been sent: call [`Session::answered`] first.
    Pending,
    /// Wait for this time.
    Wait(Duration),
    /// An order is settled, or stays unknown in this run.
    Settled(Settled),
    /// Nothing to do until an order is added or the session is closed.
    Idle,
    /// Everything has been reported.
    Done,
}

/// Sends orders: says what is to be done next, and gets the results from the caller.
///
/// An order is recorded in the journal before it is sent, and its outcome before it is reported. There is at most one call at
/// a time. Orders that have become unknown are settled before anything new is sent. An order that was unknown is sent alone
/// the next time, so that an order that breaks the server does not break others.
///
/// The documentation of the module shows the loop around it.
pub struct Session {
    endpoint: Endpoint,
    credentials: Credentials,
    settings: Settings,
    ledger: Ledger,
    /// The index of each name of this run.
    seen: HashMap<String, u64>,
    /// To be sent.
    waiting: VecDeque<Parcel>,
    /// Orders to be read back, and the earliest time for that.
    unsettled: VecDeque<Unsettled>,
    reported: VecDeque<Settled>,
    stage: Stage,
    bucket: Bucket,
    backoff: Backoff,
    /// The earliest time of the next call.
    ready_at: Duration,
    /// When the last orders were sent.
    posted_at: Duration,
    /// The latest time that was passed in, and a correction for later times: a clock that has gone back continues from where it
    /// was.
    latest: Duration,
    ahead: Duration,
    /// The start of the system, by the clock of this run.
    boot: Option<Boot>,
    /// The number of calls in a row without a usable reply, counted separately for sending and reading back. An answer to reading
    /// back does not reset the count of sending: it shows that the server is up, not that it accepts orders.
    vain_sends: u32,
    vain_reads: u32,
    /// Whether the time is known from which unknown orders of an earlier run wait.
    begun: bool,
    closing: bool,
    stopped: Option<String>,
    rehearsal: bool,
}

enum Stage {
    Ready,
    /// A line is being written. Then the batch that it announces is sent, if there is one.
    Recording(String, Vec<Parcel>),
    /// A batch is recorded, and may be sent.
    Recorded(Vec<Parcel>),
    /// A request has been sent.
    Sending(Vec<Parcel>),
    /// The first order of the queue is being read back.
    ReadingBack,
}

impl Session {
    /// Makes a session. The ledger is empty, or the content of the journal of the run to resume.
    ///
    /// # Errors
    ///
    /// If the ledger belongs to another base URL.
    pub fn new(
        endpoint: Endpoint,
        credentials: Credentials,
        settings: Settings,
        ledger: Ledger,
    ) -> Result<Session, SubmitError> {
        if let Some(other) = ledger.base_url()
            && other != endpoint.base_url()
        {
            return Err(SubmitError::journal(
                None,
                format!("expected a journal of {}, found one of {other:?}", endpoint.base_url()),
            ));
        }
        // `due` and `sure` are set once the time is known.
        let unsettled = |entry: &Entry| Unsettled { cust_ref: entry.cust_ref.clone(), ..Unsettled::default() };
        Ok(Session {
            unsettled: ledger.entries().filter(|entry| entry.is_unknown()).map(unsettled).collect(),
            endpoint,
            credentials,
            settings,
            ledger,
            seen: HashMap::new(),
            waiting: VecDeque::new(),
            reported: VecDeque::new(),
            stage: Stage::Ready,
            bucket: Bucket::default(),
            backoff: Backoff::new(settings.seed),
            ready_at: Duration::ZERO,
            posted_at: Duration::ZERO,
            latest: Duration::ZERO,
            ahead: Duration::ZERO,
            boot: None,
            vain_sends: 0,
            vain_reads: 0,
            begun: false,
            closing: false,
            stopped: None,
            rehearsal: false,
        })
    }

    /// Makes a session that sends nothing. For each order that is added it says what would happen, and keeps none.
    pub fn rehearsal(endpoint: Endpoint, settings: Settings, ledger: Ledger) -> Result<Session, SubmitError> {
        let session = Session::new(endpoint, Credentials::none(), settings, ledger)?;
        Ok(Session { rehearsal: true, ..session })
    }

    /// Sets when the system was started, by the clock of this run, so that a clock that was set since a killed run is noticed.
    /// The journal records it. It is set before the first step.
    pub fn set_boot(&mut self, boot: Option<Boot>) {
        self.boot = boot;
    }

    /// Adds an order to be sent.
    ///
    /// # Errors
    ///
    /// Why the order is not sent; it is then not part of the session.
    pub fn add(&mut self, index: u64, order: &Checked) -> Result<Added, Unfit> {
        let mut parcel = Parcel::pack(index, order)?;
        if let Some(first) = self.seen.get(&parcel.cust_ref) {
            return Err(Unfit::Twice { first: *first });
        }
        let known = self.ledger.get(&parcel.cust_ref);
        let same = known.is_none_or(|entry| entry.sha256 == parcel.sha256);
        // An order that was sent under its name before may still arrive.
        parcel.doubtful = known.is_some_and(|entry| entry.doubtful);
        let earlier = known.map(|entry| Settled { index, ..Settled::from(entry) });
        let outcome = earlier.as_ref().map(|earlier| &earlier.outcome);
        // An order that was refused with others is sent alone: the reason may have been one of the others.
        parcel.alone = matches!(outcome, Some(Outcome::Refused { .. }));
        let stays = match outcome {
            None | Some(Outcome::Unsent { .. }) => false,
            // It may have been corrected.
            Some(Outcome::Refused { .. }) => same && !self.settings.retry_refused,
            Some(_) => true,
        };
        if stays && !same {
            return Err(Unfit::Changed);
        }
        self.seen.insert(parcel.cust_ref.clone(), index);
        if let Some(earlier) = earlier.filter(|_| stays) {
            let waits = earlier.outcome.is_open() && self.hold(parcel);
            return Ok(if waits { Added::Waiting } else { Added::Settled(earlier) });
        }
        if let Some(why) = &self.stopped {
            return Ok(Added::Settled(parcel.not_tried(why)));
        }
        if !self.rehearsal {
            self.waiting.push_back(parcel);
        }
        Ok(Added::Waiting)
    }

    /// Keeps an order that is to be read back, because it may have to be sent again. Returns whether it is to be read back.
    fn hold(&mut self, parcel: Parcel) -> bool {
        let order = self.unsettled.iter_mut().find(|order| order.cust_ref == parcel.cust_ref);
        let waits = order.is_some();
        if let Some(order) = order.filter(|_| !self.rehearsal) {
            order.parcel = Some(parcel);
        }
        waits
    }

    /// Says that no more orders come: waiting orders are sent even if they do not fill a batch.
    pub fn close(&mut self) {
        self.closing = true;
    }

    /// Whether a batch is waiting. Add more orders only after [`Session::step`] has returned `Idle`.
    pub fn is_full(&self) -> bool {
        let held = self.unsettled.iter().filter(|order| order.parcel.is_some()).count();
        self.waiting.len() + held >= self.settings.batch
    }

    /// Why the run has stopped early, if it has.
    pub fn stopped(&self) -> Option<&str> {
        self.stopped.as_deref()
    }

    /// The current content of the journal.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Returns what is to be done next. `now` is the time since 1970 from a steady clock. If the clock goes back, no time has
    /// passed; if it leaps ahead, waits end too early.
    pub fn step(&mut self, now: Duration) -> Step {
        let now = self.time(now);
        if self.rehearsal {
            return if self.closing { Step::Done } else { Step::Idle };
        }
        if !core::mem::replace(&mut self.begun, true) {
            for order in &mut self.unsettled {
                order.resume(&self.ledger, self.boot, self.settings.settle_after, self.endpoint.timeouts, now);
            }
            self.unsettled.make_contiguous().sort_by_key(|order| order.due);
        }
        match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Recording(line, parcels) => {
                self.stage = Stage::Recording(line.clone(), parcels);
                return Step::Record(line);
            }
            Stage::Recorded(parcels) => return self.post(now, parcels),
            pending @ (Stage::Sending(_) | Stage::ReadingBack) => {
                self.stage = pending;
                return Step::Pending;
            }
            Stage::Ready => {}
        }
        if let Some(settled) = self.reported.pop_front() {
            return Step::Settled(settled);
        }
        if let Some(why) = self.stopped.clone() {
            return match self.give_up(&why) {
                Some(settled) => Step::Settled(settled),
                None if self.closing => Step::Done,
                None => Step::Idle,
            };
        }
        if !self.unsettled.is_empty() {
            return self.read_back(now);
        }
        if self.closing && self.waiting.is_empty() {
            return Step::Done;
        }
        let again = self.waiting.front().is_some_and(|parcel| parcel.tries > 0);
        if self.closing || again || self.waiting.len() >= self.settings.batch.max(1) {
            return self.send(now);
        }
        Step::Idle
    }

    /// Says that the line of the last [`Step::Record`] is on the disk.
    pub fn recorded(&mut self) {
        self.stage = match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Recording(_, parcels) if parcels.is_empty() => Stage::Ready,
            Stage::Recording(_, parcels) => Stage::Recorded(parcels),
            // No line was to be written.
            other => other,
        };
    }

    /// Passes the result of the last [`Step::Send`].
    pub fn answered(&mut self, now: Duration, answer: Result<Response, Breakdown>) {
        let now = self.time(now);
        let answer = answer.map_err(|broken| Breakdown { why: shown(&broken.why, &self.credentials), ..broken });
        let (status, process_id, remaining) = match &answer {
            Ok(response) => (Some(response.status), &response.process_id, response.hits_remaining),
            Err(broken) => (broken.status, &broken.process_id, None),
        };
        if let Some(remaining) = remaining {
            self.bucket.correct(now, remaining);
        }
        let process_id = process_id.as_deref().map(|id| shown(id, &self.credentials));
        let line = Line { status: Some(status), process_id: Some(process_id), ..self.line(now, Call::Reply) };
        match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Sending(parcels) => self.sent(now, parcels, line, &answer),
            Stage::ReadingBack => self.was_read_back(now, Line { step: Call::ReadBack, ..line }, &answer),
            // No request has been sent, so there is nothing to answer.
            other => self.stage = other,
        }
    }

    /// Sends the next batch: first the line that says so.
    fn send(&mut self, now: Duration) -> Step {
        let wait = self.wait(now, self.settings.limit_new_orders);
        if !wait.is_zero() {
            return Step::Wait(wait);
        }
        if self.ledger.base_url().is_none() {
            let head = self.ledger.begin(self.endpoint.base_url());
            return self.write(head, Vec::new());
        }
        // An order that may have made a batch fail is sent alone.
        let together = self.waiting.iter().take_while(|parcel| !parcel.alone).count().max(1);
        let mut parcels: Vec<Parcel> = self.waiting.drain(..together.min(self.settings.batch.max(1))).collect();
        for parcel in &mut parcels {
            parcel.tries += 1;
        }
        let within = Some(millis(self.endpoint.timeouts.longest_call()));
        let orders = parcels.iter().map(Mention::sending).collect();
        self.record(Line { within, orders, ..self.line(now, Call::Send) }, parcels)
    }

    /// A line with the current time.
    fn line(&self, now: Duration, step: Call) -> Line {
        Line { at: millis(now), step, boot: self.boot, ..Line::default() }
    }

    /// Records what a line says, in the ledger as in the journal.
    fn record(&mut self, line: Line, parcels: Vec<Parcel>) -> Step {
        let text = written(&line);
        // A line is refused only if it names an order that was never sent.
        let _ = self.ledger.take(line);
        self.write(text, parcels)
    }

    fn write(&mut self, line: String, parcels: Vec<Parcel>) -> Step {
        self.stage = Stage::Recording(line.clone(), parcels);
        Step::Record(line)
    }

    /// Sends the recorded batch.
    fn post(&mut self, now: Duration, parcels: Vec<Parcel>) -> Step {
        if self.settings.limit_new_orders {
            self.bucket.take(now);
        }
        let request = self.endpoint.submit(&self.credentials, parcels.iter().map(|parcel| parcel.text.as_slice()));
        self.stage = Stage::Sending(parcels);
        self.posted_at = now;
        Step::Send(request)
    }

    /// The time to wait before a call.
    fn wait(&self, now: Duration, limited: bool) -> Duration {
        let limit = if limited { self.bucket.wait(now) } else { Duration::ZERO };
        limit.max(self.ready_at.saturating_sub(now))
    }

    /// Handles the result of a batch.
    fn sent(&mut self, now: Duration, parcels: Vec<Parcel>, mut line: Line, answer: &Result<Response, Breakdown>) {
        let names: Vec<&str> = parcels.iter().map(|parcel| parcel.cust_ref.as_str()).collect();
        let judgement = judge(&names, answer);
        // An answer that leaves every order unknown is no more useful than no answer.
        let useless = judgement.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown { .. }));
        let pace = if judgement.pace == Pace::Go && useless { Pace::Later } else { judgement.pace };
        self.vain_sends = self.pace(now, pace, self.vain_sends);
        line.strangers = judgement.strangers.iter().map(|name| shown(name, &self.credentials)).collect();
        let mut outcomes = Vec::with_capacity(parcels.len());
        for (parcel, outcome) in parcels.iter().zip(judgement.outcomes) {
            // A message is judged before it is cut.
            let is_duplicate = matches!(&outcome, Outcome::Refused { message, .. } if says_duplicate(message));
            let (mut outcome, mut refusal) = (self.clean(outcome), None);
            // An order that was not found may have arrived late. Then this is not a refusal, whatever its words are.
            if parcel.doubtful && matches!(outcome, Outcome::Refused { .. }) {
                let unknown = Outcome::unknown(format!("sent again after its outcome was unknown, {outcome}"));
                refusal = Some(core::mem::replace(&mut outcome, unknown));
            }
            let has_it = refusal.is_some() && is_duplicate;
            let disputed = matches!(outcome, Outcome::Unknown { .. }) && (judgement.took_stranger || has_it);
            line.orders.push(Mention::settled(&parcel.cust_ref, &outcome, disputed));
            outcomes.push((outcome, refusal));
        }
        self.record(line, Vec::new());
        // A slow server may be slow again.
        let lasted = now.saturating_sub(self.posted_at);
        let mut again = Vec::new();
        for (parcel, (outcome, refusal)) in parcels.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Unsent { .. } if parcel.tries < self.settings.attempts && self.stopped.is_none() => {
                    again.push(parcel);
                }
                Outcome::Unknown { .. } => {
                    let settle_after = self.settings.settle_after;
                    self.queue(Unsettled::after(parcel, refusal, now, lasted, settle_after));
                }
                _ => self.reported.extend(self.settled(&parcel.cust_ref, Some(parcel.index))),
            }
        }
        for parcel in again.into_iter().rev() {
            self.waiting.push_front(parcel);
        }
    }

    /// The orders that are due first come first.
    fn queue(&mut self, order: Unsettled) {
        let place = self.unsettled.partition_point(|other| other.due <= order.due);
        self.unsettled.insert(place, order);
    }

    /// The time on a clock that does not go back.
    fn time(&mut self, now: Duration) -> Duration {
        let time = now.saturating_add(self.ahead);
        self.ahead += self.latest.saturating_sub(time);
        self.latest = self.latest.max(time);
        self.latest
    }

    /// Reads the next order back whose outcome is unknown.
    fn read_back(&mut self, now: Duration) -> Step {
        let Some(order) = self.unsettled.front() else { return Step::Idle };
        let wait = self.wait(now, true).max(order.due.saturating_sub(now));
        if !wait.is_zero() {
            return Step::Wait(wait);
        }
        self.bucket.take(now);
        self.stage = Stage::ReadingBack;
        Step::Send(self.endpoint.read_back(&self.credentials, &order.cust_ref))
    }

    /// Handles the result of reading an order back.
    fn was_read_back(&mut self, now: Duration, mut line: Line, answer: &Result<Response, Breakdown>) {
        let Some(mut order) = self.unsettled.pop_front() else { return };
        let entry = self.ledger.get(&order.cust_ref);
        let content = entry.map(|entry| entry.content.clone()).unwrap_or_default();
        let disputed = entry.is_some_and(|entry| entry.disputed);
        let (outcome, pace) = read_back(&order.cust_ref, &content, answer, &self.endpoint.absent);
        let mut outcome = self.clean(outcome);
        let trouble = matches!(pace, Pace::Later | Pace::Slower);
        self.vain_reads = self.pace(now, pace, self.vain_reads);
        order.tries += 1;
        if trouble && order.tries < self.settings.attempts && self.stopped.is_none() {
            // Reading changes nothing: it may be tried again.
            self.unsettled.push_front(order);
            return;
        }
        let is_absent = matches!(outcome, Outcome::Unsent { .. });
        if is_absent && now < order.sure && self.stopped.is_none() {
            // It may still arrive.
            let due = now.saturating_add(order.pause).min(order.sure);
            self.queue(Unsettled { due, pause: order.pause.saturating_mul(2), tries: 0, ..order });
            return;
        }
        if is_absent && disputed {
            outcome = Outcome::disputed(
                "the server has no order of this name, but said before that it took one that was not sent, or had this one",
            );
        } else if is_absent {
            outcome = order.refusal.unwrap_or(outcome);
        }
        if outcome == Outcome::Sent {
            self.vain_sends = 0;
        }
        line.orders = vec![Mention::settled(&order.cust_ref, &outcome, false)];
        self.record(line, Vec::new());
        match order.parcel {
            Some(mut parcel) if matches!(outcome, Outcome::Unsent { .. }) && parcel.tries < self.settings.attempts => {
                parcel.alone = true;
                parcel.doubtful = true;
                // Behind those before it that came to the same.
                let place = self.waiting.iter().take_while(|parcel| parcel.alone && parcel.doubtful).count();
                self.waiting.insert(place, parcel);
            }
            parcel => self.reported.extend(self.settled(&order.cust_ref, parcel.map(|parcel| parcel.index))),
        }
    }

    /// Waits or stops as a reply requires, after this number of calls without a usable reply. Returns the new number.
    fn pace(&mut self, now: Duration, pace: Pace, vain: u32) -> u32 {
        // Six waits for the limit take the minute in which all of it comes back.
        let longer = match pace {
            Pace::Go => return 0,
            Pace::Stop(why) => {
                self.stopped = Some(shown(&why, &self.credentials));
                return vain;
            }
            Pace::Later => 0,
            Pace::Slower => {
                self.bucket.correct(now, 0);
                2
            }
        };
        let vain = vain.saturating_add(1);
        self.ready_at = now.saturating_add(self.backoff.wait(vain + longer));
        if vain >= self.settings.attempts {
            self.stopped = Some(match vain {
                1 => "there was no usable reply".to_owned(),
                count => format!("there was no usable reply {count} times in a row"),
            });
        }
        vain
    }

    /// The next order of a run that has stopped.
    fn give_up(&mut self, why: &str) -> Option<Settled> {
        if let Some(order) = self.unsettled.pop_front() {
            return self.settled(&order.cust_ref, order.parcel.map(|parcel| parcel.index));
        }
        let parcel = self.waiting.pop_front()?;
        let last = self.settled(&parcel.cust_ref, Some(parcel.index)).filter(|_| parcel.tries > 0);
        let last = last.filter(|last| matches!(last.outcome, Outcome::Unsent { .. }));
        Some(last.unwrap_or_else(|| parcel.not_tried(why)))
    }

    /// What the journal says about an order. `index` is the one it was added with; `None` if this run
    /// did not add it.
    fn settled(&self, cust_ref: &str, index: Option<u64>) -> Option<Settled> {
        let settled = Settled::from(self.ledger.get(cust_ref)?);
        Some(match index {
            Some(index) => Settled { index, earlier: false, ..settled },
            None => settled,
        })
    }

    /// An outcome without secrets and without long words.
    fn clean(&self, outcome: Outcome) -> Outcome {
        outcome.reworded(|words| shown(words, &self.credentials))
    }
}

impl Parcel {
    /// It is not tried any more.
    fn not_tried(self, why: &str) -> Settled {
        let outcome = Outcome::unsent(format!("the run has stopped: {why}"));
        Settled { cust_ref: self.cust_ref, index: self.index, outcome, process_id: None, earlier: false }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("endpoint", &self.endpoint)
            .field("settings", &self.settings)
            .field("waiting", &self.waiting.len())
            .field("unsettled", &self.unsettled.len())
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

/// A time as the journal writes it.
fn millis(now: Duration) -> u64 {
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
