//! The progress bar of a long run on a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::input::Source;
use crate::tally::Tally;

/// A shorter run shows no progress.
const LONG: Duration = Duration::from_secs(1);

/// The progress of a run.
pub(crate) struct Progress {
    begun: Instant,
    wanted: bool,
    /// The number of bytes to read, if that is known.
    total: Option<u64>,
    read: Arc<AtomicU64>,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `read` counts the bytes of the sources that have been read.
    pub(crate) fn new(wanted: bool, sources: &[Source], read: Arc<AtomicU64>) -> Progress {
        let wanted = wanted && !ProgressDrawTarget::stderr().is_hidden();
        let total = sources.iter().map(Source::size).try_fold(0_u64, |sum, size| sum.checked_add(size?));
        Progress { begun: Instant::now(), wanted, total, read, bar: None }
    }

    /// Shows what has been counted so far, if the run is long.
    pub(crate) fn show(&mut self, tally: &Tally) {
        if !self.wanted || (self.bar.is_none() && self.begun.elapsed() < LONG) {
            return;
        }
        let (total, read, elapsed) = (self.total, self.read.load(Ordering::Relaxed), self.begun.elapsed());
        // The rate of the whole run: the bar only knows the time since it was drawn.
        let rate = u128::from(read) * 1000 / elapsed.as_millis().max(1);
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        let mut message =
            format!("{} orders, {} invalid, {}/s", tally.summary.orders(), tally.summary.invalid(), HumanBytes(rate));
        if let Some(left) = total.and_then(|total| total.saturating_sub(read).checked_div(rate)) {
            message.push_str(&format!(", {left} s left"));
        }
        let bar = self.bar.get_or_insert_with(|| bar(total));
        bar.set_position(read);
        bar.set_message(message);
    }

    /// Does something that may write to the terminal.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes it from the terminal.
    pub(crate) fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let (bar, template) = match total {
        Some(total) => (ProgressBar::new(total), "{bar:20} {bytes} of {total_bytes}, {msg}"),
        None => (ProgressBar::new_spinner(), "{bytes}, {msg}"),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
