//! When an order whose outcome is unknown is read back, and from when on "there is no such order" counts.

use core::time::Duration;

use super::boot::Boot;
use super::endpoint::Timeouts;
use super::ledger::Ledger;
use super::parcel::Parcel;
use super::reply::Outcome;

/// An order whose outcome is to be found out by reading it back.
#[derive(Default)]
pub(super) struct Unsettled {
    pub(super) cust_ref: String,
    /// When it is read back next.
    pub(super) due: Duration,
    /// The time from which the answer that there is no such order counts. Before it, the server may still process the order.
    pub(super) sure: Duration,
    /// The time after such an answer until it is read back again.
    pub(super) pause: Duration,
    pub(super) tries: u32,
    /// The answer of the server when the order was sent again. It counts if the order is not there.
    pub(super) refusal: Option<Outcome>,
    /// The order itself, which may have to be sent. Without it, only the journal knows the order so far.
    pub(super) parcel: Option<Parcel>,
}

/// The shortest pause before an order that was not found is read back again. It doubles each time.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

impl Unsettled {
    /// An order that has become unknown by a call that took so long: a slow server may be slow again.
    pub(super) fn after(
        parcel: Parcel,
        refusal: Option<Outcome>,
        now: Duration,
        lasted: Duration,
        settle_after: Duration,
    ) -> Unsettled {
        Unsettled {
            cust_ref: parcel.cust_ref.clone(),
            due: now.saturating_add(settle_after),
            sure: now.saturating_add(settle_after.max(lasted)),
            pause: settle_after.max(SHORTEST_PAUSE),
            tries: 0,
            refusal,
            parcel: Some(parcel),
        }
    }

    /// Sets when an order that an earlier run left unknown is read back, and from when the answer that there is no such order
    /// counts.
    ///
    /// If that run was killed, its call may still be running: the journal says when it began and how long it could last. A clock
    /// that was set forward must not shorten that: the start of the system shows by how much it was set since, and the file when
    /// the journal was last written. If the time to count from is in the future, it is counted from now. Reading back without a
    /// usable answer changes nothing.
    pub(super) fn resume(
        &mut self,
        ledger: &Ledger,
        boot: Option<Boot>,
        settle_after: Duration,
        timeouts: Timeouts,
        now: Duration,
    ) {
        let Some(entry) = ledger.get(&self.cust_ref) else { return };
        let set = boot.zip(entry.boot).map_or(0, |(now, then)| now.set_forward_since(then));
        let last = entry.at.saturating_add(set).max(ledger.written_at().unwrap_or_default());
        let from = |wait: Duration| Duration::from_millis(last).min(now).saturating_add(wait);
        self.pause = settle_after.max(SHORTEST_PAUSE);
        (self.due, self.sure) = match entry.replied_at {
            None => {
                // A journal of an earlier version does not say what the timeouts were.
                let unsaid = || timeouts.longest_call().max(Timeouts::default().longest_call());
                let longest = entry.within.map_or_else(unsaid, Duration::from_millis);
                let due = now.saturating_add(settle_after);
                (due, from(longest.saturating_add(settle_after)).max(due))
            }
            Some(replied_at) => {
                let lasted = Duration::from_millis(replied_at.saturating_sub(entry.sent_at));
                (from(settle_after), from(settle_after.max(lasted)))
            }
        };
    }
}
