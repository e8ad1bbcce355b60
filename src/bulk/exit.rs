//! The way out of a run: parts are delivered one at a time, in the order of the input.

use core::ops::ControlFlow;
use core::sync::atomic::{AtomicBool, Ordering};
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{Clean, Delivery, Finding, Task};

/// A part with more bytes is delivered before its piece is done.
const LARGE: usize = 256 * 1024;

/// No state behind these locks is left half changed, even if a task panics.
pub(super) fn lock<S>(mutex: &Mutex<S>) -> MutexGuard<'_, S> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stage that takes one piece at a time, in their order.
pub(super) struct Gate<S> {
    queue: Mutex<Queue<S>>,
    moved: Condvar,
}

pub(super) struct Queue<S> {
    /// The number of the piece whose turn it is.
    next: u64,
    pub(super) what: S,
}

impl<S> Gate<S> {
    pub(super) fn new(what: S) -> Gate<S> {
        Gate { queue: Mutex::new(Queue { next: 0, what }), moved: Condvar::new() }
    }

    /// Waits for the turn of a piece; `None` if the run has stopped.
    pub(super) fn enter(&self, number: u64, stopped: &AtomicBool) -> Option<MutexGuard<'_, Queue<S>>> {
        let waiting = |queue: &mut Queue<S>| queue.next != number && !stopped.load(Ordering::Relaxed);
        let queue = self.moved.wait_while(lock(&self.queue), waiting).unwrap_or_else(PoisonError::into_inner);
        (!stopped.load(Ordering::Relaxed)).then_some(queue)
    }

    /// Ends the turn.
    pub(super) fn leave(&self, mut queue: MutexGuard<'_, Queue<S>>) {
        queue.next += 1;
        drop(queue);
        self.moved.notify_all();
    }

    /// Wakes all waiting threads, so that they see that the run has stopped.
    pub(super) fn wake(&self) {
        drop(lock(&self.queue));
        self.moved.notify_all();
    }
}

/// Does something if its thread panics. Only the code of a task can panic.
pub(super) struct OnPanic<F: Fn()>(pub(super) F);

impl<F: Fn()> Drop for OnPanic<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            (self.0)();
        }
    }
}

/// What the threads share to deliver their parts.
pub(super) struct Exits<'a, T, D> {
    task: &'a T,
    gate: Gate<D>,
    stopped: AtomicBool,
}

impl<'a, T, D> Exits<'a, T, D> {
    pub(super) fn new(task: &'a T, deliver: D) -> Exits<'a, T, D> {
        Exits { task, gate: Gate::new(deliver), stopped: AtomicBool::new(false) }
    }

    /// Whether the run has stopped.
    pub(super) fn stopped(&self) -> &AtomicBool {
        &self.stopped
    }

    pub(super) fn have_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Stops the run. The caller holds no turn.
    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        self.gate.wake();
    }
}

impl<'a, T: Task, D> Exits<'a, T, D> {
    /// The exit of the piece with this number.
    pub(super) fn exit<'l>(&'l self, part: &'l mut T::Part, number: u64, source: usize) -> Exit<'l, 'a, T, D> {
        Exit { exits: self, part, number, source, counts: Counts::default(), turn: None }
    }
}

/// The counts of a part.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) orders: u64,
    pub(super) clean: Clean,
    pub(super) bytes: u64,
}

/// The delivery of one piece.
pub(super) struct Exit<'l, 'a, T: Task, D> {
    exits: &'l Exits<'a, T, D>,
    part: &'l mut T::Part,
    number: u64,
    source: usize,
    pub(super) counts: Counts,
    /// It keeps its turn until the piece is done.
    turn: Option<MutexGuard<'l, Queue<D>>>,
}

impl<T, D> Exit<'_, '_, T, D>
where
    T: Task,
    D: FnMut(Delivery<'_, T::Part>) -> ControlFlow<()>,
{
    pub(super) fn found(&mut self, found: Finding<'_>) -> Option<()> {
        self.exits.task.found(self.part, found);
        if self.exits.task.size(self.part) < LARGE { Some(()) } else { self.deliver(None) }
    }

    fn deliver(&mut self, failure: Option<(usize, io::Error)>) -> Option<()> {
        let turn = match &mut self.turn {
            Some(turn) => turn,
            None => self.turn.insert(self.exits.gate.enter(self.number, &self.exits.stopped)?),
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
            self.exits.stopped.store(true, Ordering::Relaxed);
            return None;
        }
        Some(())
    }

    /// Delivers the rest and lets the next piece follow.
    pub(super) fn leave(mut self, failure: Option<(usize, io::Error)>) -> Option<()> {
        self.deliver(failure)?;
        self.turn.take().map(|turn| self.exits.gate.leave(turn))
    }
}
