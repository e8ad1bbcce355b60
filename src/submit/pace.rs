//! How fast calls may follow each other: the API's limit, and waits that grow. Time is passed in.

use core::time::Duration;

/// How many calls may be made at once.
const ROOM: u32 = 100;

/// How long it takes until one more may be made.
const REFILL: Duration = Duration::from_millis(600);

/// The API's limit as it is seen from here: a leaky bucket of 100 calls that gets one back every 0.6 s.
///
/// ```
/// use core::time::Duration;
/// use ordercharge::submit::Bucket;
///
/// let (mut bucket, start) = (Bucket::default(), Duration::from_secs(5));
/// for _ in 0..100 {
///     assert_eq!(bucket.wait(start), Duration::ZERO);
///     bucket.take(start);
/// }
/// assert_eq!(bucket.wait(start), Duration::from_millis(600));
/// assert_eq!(bucket.wait(start + Duration::from_millis(600)), Duration::ZERO);
///
/// // The server knows better, where it counts fewer.
/// let mut bucket = Bucket::default();
/// bucket.correct(start, 0);
/// assert_eq!(bucket.wait(start), Duration::from_millis(600));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    /// When all of the room will be free again.
    full_at: Duration,
}

impl Bucket {
    /// How long to wait until a call may be made.
    pub fn wait(&self, now: Duration) -> Duration {
        self.full_at.saturating_sub(now.saturating_add(REFILL * (ROOM - 1)))
    }

    /// A call is made.
    pub fn take(&mut self, now: Duration) {
        self.full_at = self.full_at.max(now).saturating_add(REFILL);
    }

    /// The server says that only so many calls can still be made at once. That it counts more changes nothing.
    pub fn correct(&mut self, now: Duration, remaining: u32) {
        self.full_at = self.full_at.max(now.saturating_add(REFILL * ROOM.saturating_sub(remaining)));
    }
}

/// The shortest first wait, and the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double, each somewhere between its half and its whole, so that many who fail at once do not come back at
/// once.
pub(super) struct Backoff {
    state: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Backoff {
        Backoff { state: seed }
    }

    /// The wait after so many failures in a row, from 1.
    pub(super) fn wait(&mut self, failures: u32) -> Duration {
        let whole = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
        let half = whole / 2;
        // A wait of at most a minute has fewer than 2^36 nanoseconds.
        let span = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_nanos(self.random() % span)
    }

    /// SplitMix64: a generator of a few lines is random enough to part callers.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
