//! The stages of a piece: it is read (one piece at a time), surveyed (on all threads), joined to the pieces before it (one at
//! a time), reported (on all threads), and delivered (one at a time).

use core::ops::ControlFlow;
use std::io::{self, Read};
use std::sync::Mutex;

use super::exit::{Exit, Exits, Gate, OnPanic, lock};
use super::split::{Guess, Piece, Splitter};
use super::survey::{Content, Room, Survey};
use super::{Bulk, Delivery, Finding, Inspected, Task};
use crate::stream::{Buffer, Feed, Step};

/// The state that the threads share.
pub(super) struct Line<'a, T, I, R, D> {
    bulk: &'a Bulk,
    exits: Exits<'a, T, D>,
    splitter: Mutex<Splitter<I, R>>,
    guess: Mutex<Guess>,
    /// The state of the stream up to which everything is known.
    joined: Gate<Feed>,
}

impl<T, I, R, D> Line<'_, T, I, R, D> {
    fn stop(&self) {
        self.exits.stop();
        self.joined.wake();
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
            exits: Exits::new(task, deliver),
            splitter: Mutex::new(Splitter::new(sources)),
            guess: Mutex::new(Guess::Lines),
            joined: Gate::new(Feed::with_fast_path(bulk.fast_path(), bulk.texts_only, bulk.max_document)),
        }
    }

    /// The work of one thread: takes pieces until there are none.
    pub(super) fn work(&self) {
        let _guard = OnPanic(|| self.stop());
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
        if self.exits.have_stopped() { None } else { splitter.next(buffer, &guess) }
    }

    /// Takes a piece through the stages; `None` if the run has stopped.
    fn piece(&self, piece: Piece, buffer: &mut Buffer, room: &mut Room, part: &mut T::Part) -> Option<()> {
        let whole = piece.last && piece.failure.is_none();
        let mut exit = self.exits.exit(part, piece.number, piece.source);
        exit.counts.bytes = buffer.bytes().len() as u64;
        // A single thread always knows the state of the stream.
        let joint = piece.joint.filter(|_| self.bulk.threads.get() > 1);
        let survey = joint.map(|joint| room.survey(self.bulk, buffer.bytes(), joint, piece.offset, whole));

        let mut joined = self.joined.enter(piece.number, self.exits.stopped())?;
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
                            let report = document.check(self.bulk.policies.of(document.order()));
                            Inspected::Checked(document, report)
                        }
                    };
                    let index = begin.index + entry.index;
                    let in_sample = self.bulk.is_in_sample(position.offset);
                    exit.found(Finding { source: piece.source, index, position, in_sample, outcome })?;
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
    fn in_line(&self, feed: &mut Feed, piece: &Piece, exit: &mut Exit<'_, 'a, T, D>) -> Option<()> {
        let mut guess = Guess::Lines;
        while let Step::Found(found) = feed.step(piece.last, piece.failure.is_none()) {
            exit.counts.orders += 1;
            let joint = feed.cursor.joint();
            let (index, position) = (found.index, found.position);
            if let Ok(range) = &found.content {
                guess.renew(joint, feed.text(range));
            }
            let outcome = match (found.clean, &found.content) {
                (_, Ok(range)) if self.bulk.texts_only => Inspected::Clean(feed.text(range)),
                (Some(unchecked), Ok(range)) => {
                    exit.counts.clean.add(unchecked, &self.bulk.policies, feed.plain_source());
                    if !self.bulk.is_clean_reported(position.offset) {
                        continue;
                    }
                    Inspected::Clean(feed.text(range))
                }
                _ => match feed.record(found).document {
                    Err(error) => Inspected::Unreadable(error),
                    Ok(document) => {
                        let report = document.check(self.bulk.policies.of(document.order()));
                        Inspected::Checked(document, report)
                    }
                },
            };
            let in_sample = self.bulk.is_in_sample(position.offset);
            exit.found(Finding { source: piece.source, index, position, in_sample, outcome })?;
        }
        *lock(&self.guess) = guess;
        Some(())
    }
}
