//! `Session`: says what is to be done next to send orders, and records the results. It does no input or output.

use core::fmt;
use core::time::Duration;
use std::collections::{HashMap, HashSet, VecDeque};

use super::boot::Boot;
use super::credentials::Credentials;
use super::endpoint::{Endpoint, Request};
use super::error::SubmitError;
use super::ledger::{Doubt, Ledger, State, head_line, outcome_line, send_line};
use super::message::{says_duplicate, shown};
use super::pace::{Backoff, Bucket};
use super::parcel::{Parcel, Unfit};
use super::reply::{Breakdown, Judgement, Outcome, Pace, Response, judge, judge_read_back};
use super::settling::{SHORTEST_PAUSE, Unsettled, resumed};
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
    unsettled_names: HashSet<String>,
    /// Those of them that may have to be sent.
    held: HashMap<String, Parcel>,
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
    /// A line is being written.
    Recording(String, Next),
    /// A batch is recorded, and may be sent.
    Recorded(Vec<Parcel>),
    /// A request has been sent.
    Sending(Vec<Parcel>),
    ReadingBack(Unsettled),
}

/// What follows a line.
enum Next {
    Nothing,
    Send(Vec<Parcel>),
    Report(Vec<Settled>),
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
        let unknown = ledger.entries().filter(|entry| entry.is_unknown());
        let unsettled: VecDeque<Unsettled> = unknown
            .map(|entry| Unsettled {
                cust_ref: entry.cust_ref.clone(),
                // Both are set when the time is known.
                due: Duration::ZERO,
                sure: Duration::ZERO,
                pause: settings.settle_after.max(SHORTEST_PAUSE),
                tries: 0,
                earlier: true,
                refusal: None,
            })
            .collect();
        Ok(Session {
            unsettled_names: unsettled.iter().map(|order| order.cust_ref.clone()).collect(),
            endpoint,
            credentials,
            settings,
            ledger,
            seen: HashMap::new(),
            waiting: VecDeque::new(),
            unsettled,
            held: HashMap::new(),
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
        // An order that was refused with others is sent alone: the reason may have been one of the others.
        parcel.alone = known.is_some_and(|entry| matches!(entry.state, State::Settled(Outcome::Refused { .. })));
        let earlier = match known.map(|entry| (&entry.state, entry)) {
            None | Some((State::Settled(Outcome::Unsent { .. }), _)) => None,
            // It may have been corrected.
            Some((State::Settled(Outcome::Refused { .. }), _)) if !same || self.settings.retry_refused => None,
            Some(_) if !same => return Err(Unfit::Changed),
            Some(_) if self.unsettled_names.contains(&parcel.cust_ref) => {
                self.seen.insert(parcel.cust_ref.clone(), index);
                if self.rehearsal {
                    return Ok(Added::Waiting);
                }
                self.held.insert(parcel.cust_ref.clone(), parcel);
                return Ok(Added::Waiting);
            }
            Some((_, entry)) => Some((entry.outcome(), entry.process_id.clone())),
        };
        if self.rehearsal && earlier.is_none() {
            self.seen.insert(parcel.cust_ref, index);
            return Ok(Added::Waiting);
        }
        self.seen.insert(parcel.cust_ref.clone(), index);
        Ok(match (earlier, self.stopped.as_deref()) {
            (Some((outcome, process_id)), _) => {
                Added::Settled(Settled { earlier: true, ..parcel.settled(outcome, process_id) })
            }
            (None, Some(why)) => Added::Settled(parcel.settled(not_tried(why), None)),
            (None, None) => {
                self.waiting.push_back(parcel);
                Added::Waiting
            }
        })
    }

    /// Says that no more orders come: waiting orders are sent even if they do not fill a batch.
    pub fn close(&mut self) {
        self.closing = true;
    }

    /// Whether a batch is waiting. Add more orders only after [`Session::step`] has returned `Idle`.
    pub fn is_full(&self) -> bool {
        self.waiting.len() + self.held.len() >= self.settings.batch
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
                if let Some(entry) = self.ledger.get(&order.cust_ref) {
                    (order.due, order.sure) = resumed(
                        entry,
                        self.ledger.written_at(),
                        self.boot,
                        self.settings.settle_after,
                        self.endpoint.timeouts,
                        now,
                    );
                }
            }
            self.unsettled.make_contiguous().sort_by_key(|order| order.due);
        }
        match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Recording(line, next) => return self.record(line, next),
            Stage::Recorded(parcels) => return self.post(now, parcels),
            pending @ (Stage::Sending(_) | Stage::ReadingBack(_)) => {
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
        match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Recording(_, Next::Nothing) => {}
            Stage::Recording(_, Next::Send(parcels)) => self.stage = Stage::Recorded(parcels),
            Stage::Recording(_, Next::Report(settled)) => self.reported.extend(settled),
            // No line was to be written.
            other => self.stage = other,
        }
    }

    /// Passes the result of the last [`Step::Send`].
    pub fn answered(&mut self, now: Duration, answer: Result<Response, Breakdown>) {
        let now = self.time(now);
        let answer = answer.map_err(|broken| Breakdown { why: shown(&broken.why, &self.credentials), ..broken });
        let (status, process_id, remaining) = match &answer {
            Ok(response) => (Some(response.status), &response.process_id, response.hits_remaining),
            Err(broken) => (broken.status, &broken.process_id, None),
        };
        let process_id = process_id.as_deref().map(|id| shown(id, &self.credentials));
        if let Some(remaining) = remaining {
            self.bucket.correct(now, remaining);
        }
        let from = (status, process_id);
        match core::mem::replace(&mut self.stage, Stage::Ready) {
            Stage::Sending(parcels) => self.sent(now, parcels, from, &answer),
            Stage::ReadingBack(order) => self.was_read_back(now, order, from, &answer),
            // No request has been sent, so there is nothing to answer.
            other => self.stage = other,
        }
    }

    /// Sends the next batch: first the line that says so.
    fn send(&mut self, now: Duration) -> Step {
        if let Some(wait) = self.wait(now, self.settings.limit_new_orders) {
            return Step::Wait(wait);
        }
        if self.ledger.base_url().is_none() {
            self.ledger.set_base_url(self.endpoint.base_url());
            return self.record(head_line(self.endpoint.base_url()), Next::Nothing);
        }
        let within = millis(self.endpoint.timeouts.longest_call());
        // An order that may have made a batch fail is sent alone.
        let together = self.waiting.iter().take_while(|parcel| !parcel.alone).count().max(1);
        let mut parcels: Vec<Parcel> = self.waiting.drain(..together.min(self.settings.batch.max(1))).collect();
        for parcel in &mut parcels {
            parcel.tries += 1;
            self.ledger.begin(parcel.sending(), millis(now), Some(within));
        }
        let line = send_line(millis(now), self.boot, within, &parcels);
        self.record(line, Next::Send(parcels))
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

    fn record(&mut self, line: String, next: Next) -> Step {
        self.stage = Stage::Recording(line.clone(), next);
        Step::Record(line)
    }

    /// The time to wait before a call, if any.
    fn wait(&self, now: Duration, limited: bool) -> Option<Duration> {
        let limit = if limited { self.bucket.wait(now) } else { Duration::ZERO };
        Some(limit.max(self.ready_at.saturating_sub(now))).filter(|wait| !wait.is_zero())
    }

    /// Handles the result of a batch.
    fn sent(
        &mut self,
        now: Duration,
        parcels: Vec<Parcel>,
        from: (Option<u16>, Option<String>),
        answer: &Result<Response, Breakdown>,
    ) {
        let names: Vec<&str> = parcels.iter().map(|parcel| parcel.cust_ref.as_str()).collect();
        let judged = judge(&names, answer);
        // A message is judged before it is cut.
        let is_duplicate = |outcome: &Outcome| match outcome {
            Outcome::Refused { message, .. } => says_duplicate(message),
            _ => false,
        };
        let duplicates: Vec<bool> = judged.outcomes.iter().map(is_duplicate).collect();
        let mut judgement = self.cleaned(judged);
        // An answer that leaves every order unknown is no more useful than no answer.
        let useless = judgement.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Unknown { .. }));
        let pace = if judgement.pace == Pace::Go && useless { &Pace::Later } else { &judgement.pace };
        self.vain_sends = self.pace(now, pace, self.vain_sends);
        let (mut disputed, mut refusals) = (Vec::with_capacity(parcels.len()), Vec::with_capacity(parcels.len()));
        for ((outcome, parcel), is_duplicate) in judgement.outcomes.iter_mut().zip(&parcels).zip(duplicates) {
            let (mut has_it, mut refusal) = (false, None);
            // An order that was not found may have arrived late. Then this is not a refusal, whatever its words are.
            if parcel.doubtful && matches!(outcome, Outcome::Refused { .. }) {
                has_it = is_duplicate;
                let unknown = Outcome::unknown(format!("sent again after its outcome was unknown, {outcome}"));
                refusal = Some(core::mem::replace(outcome, unknown));
            }
            disputed.push(matches!(outcome, Outcome::Unknown { .. }) && (judgement.took_stranger || has_it));
            refusals.push(refusal);
        }
        let line =
            outcome_line(millis(now), self.boot, "reply", (from.0, from.1.as_deref()), &names, &judgement, &disputed);
        let lasted = now.saturating_sub(self.posted_at);
        let mut outcomes = Vec::new();
        let mut again = Vec::new();
        let doubts = disputed.into_iter().zip(refusals);
        for ((parcel, outcome), (disputed, refusal)) in parcels.into_iter().zip(judgement.outcomes).zip(doubts) {
            let doubt = Doubt { vain: false, disputed, replied: true };
            self.ledger.settle(&parcel.cust_ref, outcome.clone(), from.1.clone(), millis(now), doubt);
            match outcome {
                Outcome::Unsent { .. } if parcel.tries < self.settings.attempts && self.stopped.is_none() => {
                    again.push(parcel);
                }
                Outcome::Unknown { .. } => {
                    self.unsettle(&parcel.cust_ref, now, lasted, refusal);
                    self.held.insert(parcel.cust_ref.clone(), parcel);
                }
                outcome => outcomes.push(parcel.settled(outcome, from.1.clone())),
            }
        }
        for parcel in again.into_iter().rev() {
            self.waiting.push_front(parcel);
        }
        self.record(line, Next::Report(outcomes));
    }

    /// Records that an order has become unknown by a call of this duration: a slow server may be slow again.
    fn unsettle(&mut self, cust_ref: &str, now: Duration, lasted: Duration, refusal: Option<Outcome>) {
        let settle_after = self.settings.settle_after;
        self.unsettled_names.insert(cust_ref.to_owned());
        self.queue(Unsettled {
            cust_ref: cust_ref.to_owned(),
            due: now.saturating_add(settle_after),
            sure: now.saturating_add(settle_after.max(lasted)),
            pause: settle_after.max(SHORTEST_PAUSE),
            tries: 0,
            earlier: false,
            refusal,
        });
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
        let due = self.unsettled.front().map_or(now, |order| order.due);
        let wait = due.saturating_sub(now);
        if let Some(wait) = self.wait(now, true).into_iter().chain([wait]).max().filter(|wait| !wait.is_zero()) {
            return Step::Wait(wait);
        }
        let Some(order) = self.unsettled.pop_front() else { return Step::Idle };
        self.bucket.take(now);
        let request = self.endpoint.read_back(&self.credentials, &order.cust_ref);
        self.stage = Stage::ReadingBack(order);
        Step::Send(request)
    }

    /// Handles the result of reading an order back.
    fn was_read_back(
        &mut self,
        now: Duration,
        order: Unsettled,
        from: (Option<u16>, Option<String>),
        answer: &Result<Response, Breakdown>,
    ) {
        let entry = self.ledger.get(&order.cust_ref);
        let content = entry.map(|entry| entry.content.clone()).unwrap_or_default();
        let disputed = entry.is_some_and(|entry| entry.disputed);
        let mut judgement = self.cleaned(judge_read_back(&order.cust_ref, &content, answer, &self.endpoint.absent));
        self.vain_reads = self.pace(now, &judgement.pace, self.vain_reads);
        let tries = order.tries + 1;
        let trouble = matches!(judgement.pace, Pace::Later | Pace::Slower);
        if trouble && tries < self.settings.attempts && self.stopped.is_none() {
            // Reading changes nothing: it may be tried again.
            self.unsettled.push_front(Unsettled { tries, ..order });
            return;
        }
        let is_absent = judgement.outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unsent { .. }));
        if is_absent && now < order.sure && self.stopped.is_none() {
            // It may still arrive.
            let due = now.saturating_add(order.pause).min(order.sure);
            self.queue(Unsettled { due, pause: order.pause.saturating_mul(2), tries: 0, ..order });
            return;
        }
        if is_absent && disputed {
            let why = "the server has no order of this name, but said before that it took one that was not sent, or had this one";
            judgement.outcomes = vec![Outcome::disputed(why)];
        } else if is_absent && let Some(refusal) = &order.refusal {
            judgement.outcomes = vec![refusal.clone()];
        }
        if judgement.outcomes.contains(&Outcome::Sent) {
            self.vain_sends = 0;
        }
        let names = [order.cust_ref.as_str()];
        let line =
            outcome_line(millis(now), self.boot, "read-back", (from.0, from.1.as_deref()), &names, &judgement, &[]);
        let outcome = judgement.outcomes.into_iter().next().unwrap_or_else(|| Outcome::unknown("no answer"));
        self.unsettled_names.remove(&order.cust_ref);
        let vain = matches!(outcome, Outcome::Unsent { .. });
        let doubt = Doubt { vain, disputed: false, replied: false };
        self.ledger.settle(&order.cust_ref, outcome.clone(), from.1.clone(), millis(now), doubt);
        let outcomes = match self.held.remove(&order.cust_ref) {
            Some(mut parcel) if matches!(outcome, Outcome::Unsent { .. }) && parcel.tries < self.settings.attempts => {
                parcel.alone = true;
                parcel.doubtful = true;
                // Behind those before it that came to the same.
                let place = self.waiting.iter().take_while(|parcel| parcel.alone && parcel.doubtful).count();
                self.waiting.insert(place, parcel);
                None
            }
            Some(parcel) => Some(parcel.settled(outcome, from.1)),
            None => self.ledger.get(&order.cust_ref).map(|entry| Settled {
                cust_ref: order.cust_ref.clone(),
                index: entry.index,
                outcome,
                process_id: from.1,
                earlier: order.earlier,
            }),
        };
        self.record(line, Next::Report(outcomes.into_iter().collect()));
    }

    /// Waits or stops as a reply requires, after this number of calls without a usable reply. Returns the new number.
    fn pace(&mut self, now: Duration, pace: &Pace, vain: u32) -> u32 {
        match pace {
            Pace::Go => return 0,
            Pace::Stop(why) => self.stopped = Some(why.clone()),
            Pace::Later | Pace::Slower => {
                let vain = vain.saturating_add(1);
                // Six waits for the limit take the minute in which all of it comes back.
                let slower = *pace == Pace::Slower;
                self.ready_at = now.saturating_add(self.backoff.wait(vain + if slower { 2 } else { 0 }));
                if slower {
                    self.bucket.correct(now, 0);
                }
                if vain >= self.settings.attempts {
                    self.stopped = Some(match vain {
                        1 => "there was no usable reply".to_owned(),
                        count => format!("there was no usable reply {count} times in a row"),
                    });
                }
                return vain;
            }
        }
        vain
    }

    /// The next order of a run that has stopped.
    fn give_up(&mut self, why: &str) -> Option<Settled> {
        if let Some(order) = self.unsettled.pop_front() {
            self.unsettled_names.remove(&order.cust_ref);
            let entry = self.ledger.get(&order.cust_ref)?;
            let (outcome, process_id) = (entry.outcome(), entry.process_id.clone());
            return Some(match self.held.remove(&order.cust_ref) {
                Some(parcel) => parcel.settled(outcome, process_id),
                None => {
                    let (cust_ref, index, earlier) = (order.cust_ref, entry.index, order.earlier);
                    Settled { cust_ref, index, outcome, process_id, earlier }
                }
            });
        }
        let parcel = self.waiting.pop_front()?;
        let last = self.ledger.get(&parcel.cust_ref).map(|entry| (entry.outcome(), entry.process_id.clone()));
        Some(match last {
            Some((outcome @ Outcome::Unsent { .. }, process_id)) if parcel.tries > 0 => {
                parcel.settled(outcome, process_id)
            }
            _ => parcel.settled(not_tried(why), None),
        })
    }

    fn cleaned(&self, judgement: Judgement) -> Judgement {
        let clean = |words: &str| shown(words, &self.credentials);
        Judgement {
            outcomes: judgement.outcomes.into_iter().map(|outcome| outcome.reworded(clean)).collect(),
            pace: match judgement.pace {
                Pace::Stop(why) => Pace::Stop(clean(&why)),
                pace => pace,
            },
            strangers: judgement.strangers.iter().map(|name| clean(name)).collect(),
            took_stranger: judgement.took_stranger,
        }
    }
}

impl Parcel {
    fn settled(self, outcome: Outcome, process_id: Option<String>) -> Settled {
        Settled { cust_ref: self.cust_ref, index: self.index, outcome, process_id, earlier: false }
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

/// The outcome of an order that is not tried any more.
fn not_tried(why: &str) -> Outcome {
    Outcome::unsent(format!("the run has stopped: {why}"))
}

/// A time as the journal writes it.
fn millis(now: Duration) -> u64 {
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}
