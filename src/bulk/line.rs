//! The stages of a piece: it is read (one piece at a time), surveyed (on all threads), joined to the pieces before it (one at
//! a time), reported (on all threads), and delivered (one at a time).

use core::ops::ControlFlow;
use core::sync::atomic::{AtomicBool, Ordering};
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::split::{Guess, Piece, Splitter};
use super::survey::{Content, Room, Survey};
use super::{Bulk, Clean, Delivery, Finding, Inspected, Task};
use crate::stream::{Buffer, Feed, Step};

/// A part with more bytes is delivered before its piece is done.
const LARGE: usize = 256 * 1024;

/// The state that the threads share.
pub(super) struct Line<'a, T, I, R, D> {
    bulk: &'a Bulk,
    task: &'a T,
    splitter: Mutex<Splitter<I, R>>,
    guess: Mutex<Guess>,
    /// The state of the stream up to which everything is known.
    joined: Gate<Feed>,
    deliver: Gate<D>,
    stopped: AtomicBool,
}

/// No state behind these locks is left half changed, even if a task panics.
fn lock<S>(mutex: &Mutex<S>) -> MutexGuard<'_, S> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stage that takes one piece at a time, in their order.
struct Gate<S> {
    queue: Mutex<Queue<S>>,
    moved: Condvar,
}

struct Queue<S> {
    /// The number of the piece whose turn it is.
    next: u64,
    what: S,
}

impl<S> Gate<S> {
    fn new(what: S) -> Gate<S> {
        Gate { queue: Mutex::new(Queue { next: 0, what }), moved: Condvar::new() }
    }

    /// Waits for the turn of a piece; `None` if the run has stopped.
    fn enter(&self, number: u64, stopped: &AtomicBool) -> Option<MutexGuard<'_, Queue<S>>> {
        let waiting = |queue: &mut Queue<S>| queue.next != number && !stopped.load(Ordering::Relaxed);
        let queue = self.moved.wait_while(lock(&self.queue), waiting).unwrap_or_else(PoisonError::into_inner);
        (!stopped.load(Ordering::Relaxed)).then_some(queue)
    }

    /// Ends the turn.
    fn leave(&self, mut queue: MutexGuard<'_, Queue<S>>) {
        queue.next += 1;
        drop(queue);
        self.moved.notify_all();
    }

    /// Wakes all waiting threads, so that they see that the run has stopped.
    fn wake(&self) {
        drop(lock(&self.queue));
        self.moved.notify_all();
    }
}

/// Stops the run if its thread panics. Only the code of a task can panic.
struct StopOnPanic<'l, 'a, T, I, R, D>(&'l Line<'a, T, I, R, D>);

impl<T, I, R, D> Drop for StopOnPanic<'_, '_, T, I, R, D> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

impl<T, I, R, D> Line<'_, T, I, R, D> {
    fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.joined.wake();
        self.deliver.wake();
    }
}

impl<'a, T, I, R, D> Line<'a, T, I, R, D>
where
    R: Read,
    I: Iterator<Item = io::Result<R>>,
    T: Task,
    D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()>,
{
    pub(super) fn new(bulk: &'a Bulk, task: &'a T, sources: I, deliver: D) -> Line<'a, T, I, R, D> {
        Line {
            bulk,
            task,
            splitter: Mutex::new(Splitter::new(sources)),
            guess: Mutex::new(Guess::Lines),
            joined: Gate::new(Feed::with_fast_path(bulk.fast_path(), bulk.max_document)),
            deliver: Gate::new(deliver),
            stopped: AtomicBool::new(false),
        }
    }

    /// The work of one thread: takes pieces until there are none.
    pub(super) fn work(&self) {
        let _guard = StopOnPanic(self);
        let mut buffer = Buffer::default();
        let mut room = Room::new(self.bulk);
        let mut part = T::Part::default();
        while let Some(piece) = self.next(&mut buffer) {
            if self.piece(piece, &mut buffer, &mut room, &mut part).is_none() {
                // This thread holds no turn here, so the waiting threads can be woken.
                return self.stop();
            }
        }
    }

    fn next(&self, buffer: &mut Buffer) -> Option<Piece> {
        let mut splitter = lock(&self.splitter);
        // Copied, since reading may take long.
        let guess = lock(&self.guess).clone();
        if self.stopped.load(Ordering::Relaxed) { None } else { splitter.next(buffer, &guess) }
    }

    /// Takes a piece through the stages; `None` if the run has stopped.
    fn piece(&self, piece: Piece, buffer: &mut Buffer, room: &mut Room, part: &mut T::Part) -> Option<()> {
        let whole = piece.last && piece.failure.is_none();
        let mut exit = Exit {
            line: self,
            part,
            number: piece.number,
            source: piece.source,
            counts: Counts::default(),
            turn: None,
        };
        exit.counts.bytes = buffer.bytes().len() as u64;
        // A single thread always knows the state of the stream.
        let joint = piece.joint.filter(|_| self.bulk.threads.get() > 1);
        let survey = joint.map(|joint| room.survey(self.bulk, buffer.bytes(), joint, piece.offset, whole));

        let mut joined = self.joined.enter(piece.number, &self.stopped)?;
        let feed = &mut joined.what;
        if piece.first {
            feed.restart();
        }
        match survey {
            Some(survey) if feed.is_empty() && Some(feed.cursor.joint()) == joint => {
                let begin = feed.cursor.clone();
                let Survey { cursor, read, entries, clean } = survey;
                feed.follow(&cursor, buffer.bytes().get(read..).unwrap_or_default());
                self.joined.leave(joined);
                exit.counts.orders = cursor.index;
                exit.counts.clean = clean;
                for entry in &entries {
                    let position = begin.place(entry.position);
                    let outcome = match &entry.content {
                        Content::Clean(range) => {
                            Inspected::Clean(buffer.bytes().get(range.clone()).unwrap_or_default())
                        }
                        Content::Unreadable(error) => {
                            Inspected::Unreadable(error.clone().moved(|position| begin.place(position)))
                        }
                        Content::Doubtful { range, from_reply, kept } => {
                            let text = buffer.bytes().get(range.clone()).unwrap_or_default();
                            let document = room.document(text, *from_reply, *kept, position);
                            let report = document.check(&self.bulk.policy);
                            Inspected::Checked(document, report)
                        }
                    };
                    exit.found(Finding { source: piece.source, index: begin.index + entry.index, position, outcome })?;
                }
                room.put_back(entries);
            }
            survey => {
                // The guess was wrong, or there was none.
                if let Some(survey) = survey {
                    room.put_back(survey.entries);
                }
                feed.put(buffer);
                self.in_line(feed, &piece, &mut exit)?;
                self.joined.leave(joined);
            }
        }
        exit.leave(piece.failure.map(|failure| (piece.source, failure)))
    }

    /// Reads on from the known state of the stream; the following pieces wait.
    fn in_line(&self, feed: &mut Feed, piece: &Piece, exit: &mut Exit<'_, 'a, T, I, R, D>) -> Option<()> {
        let mut guess = Guess::Lines;
        while let Step::Found(found) = feed.step(piece.last, piece.failure.is_none()) {
            exit.counts.orders += 1;
            let joint = feed.cursor.joint();
            let (index, position) = (found.index, found.position);
            if let Ok(range) = &found.content {
                guess.renew(joint, feed.text(range));
            }
            let outcome = match (found.clean, &found.content) {
                (Some(unchecked), Ok(range)) => {
                    exit.counts.clean.add(unchecked, &self.bulk.policy, feed.plain_source());
                    if !self.bulk.is_clean_reported(position) {
                        continue;
                    }
                    Inspected::Clean(feed.text(range))
                }
                _ => match feed.record(found).document {
                    Err(error) => Inspected::Unreadable(error),
                    Ok(document) => {
                        let report = document.check(&self.bulk.policy);
                        Inspected::Checked(document, report)
                    }
                },
            };
            exit.found(Finding { source: piece.source, index, position, outcome })?;
        }
        *lock(&self.guess) = guess;
        Some(())
    }
}

/// The counts of a part.
#[derive(Default)]
struct Counts {
    orders: u64,
    clean: Clean,
    bytes: u64,
}

/// The delivery of one piece.
struct Exit<'l, 'a, T: Task, I, R, D> {
    line: &'l Line<'a, T, I, R, D>,
    part: &'l mut T::Part,
    number: u64,
    source: usize,
    counts: Counts,
    /// It keeps its turn until the piece is done.
    turn: Option<MutexGuard<'l, Queue<D>>>,
}

impl<T, I, R, D> Exit<'_, '_, T, I, R, D>
where
    T: Task,
    D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()>,
{
    fn found(&mut self, found: Finding<'_>) -> Option<()> {
        self.line.task.found(self.part, found);
        if self.line.task.size(self.part) < LARGE { Some(()) } else { self.deliver(None) }
    }

    fn deliver(&mut self, failure: Option<(usize, io::Error)>) -> Option<()> {
        let turn = match &mut self.turn {
            Some(turn) => turn,
            None => self.turn.insert(self.line.deliver.enter(self.number, &self.line.stopped)?),
        };
        let Counts { orders, clean, bytes } = core::mem::take(&mut self.counts);
        let clean_sources = clean.named_sources();
        let Clean { orders: clean, unchecked, unchecked_orders, .. } = clean;
        let delivery = Delivery {
            part: self.part,
            source: self.source,
            orders,
            clean,
            unchecked,
            unchecked_orders,
            clean_sources,
            bytes,
            failure,
        };
        if (turn.what)(delivery).is_break() {
            self.line.stopped.store(true, Ordering::Relaxed);
            return None;
        }
        Some(())
    }

    /// Delivers the rest and lets the next piece follow.
    fn leave(mut self, failure: Option<(usize, io::Error)>) -> Option<()> {
        self.deliver(failure)?;
        self.turn.take().map(|turn| self.line.deliver.leave(turn))
    }
}
