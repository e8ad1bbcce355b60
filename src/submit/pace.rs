//! How fast calls may follow each other: the limit of the API, and growing waits. The caller passes the time.

use core::time::Duration;

/// The number of calls that may be made at once.
const ROOM: u32 = 100;

/// The time until one more call may be made.
const REFILL: Duration = Duration::from_millis(600);

/// The API's limit as the client counts it: a leaky bucket of 100 calls that regains one every 0.6 s.
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
/// // If the server counts fewer, its count is used.
/// let mut bucket = Bucket::default();
/// bucket.correct(start, 0);
/// assert_eq!(bucket.wait(start), Duration::from_millis(600));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Bucket {
    /// When the bucket will be full again.
    full_at: Duration,
}

impl Bucket {
    /// The time to wait until a call may be made.
    pub fn wait(&self, now: Duration) -> Duration {
        self.full_at.saturating_sub(now.saturating_add(REFILL * (ROOM - 1)))
    }

    /// Counts a call.
    pub fn take(&mut self, now: Duration) {
        self.full_at = self.full_at.max(now).saturating_add(REFILL);
    }

    /// Corrects the count by the number of calls that the server still allows. A larger number changes nothing.
    pub fn correct(&mut self, now: Duration, remaining: u32) {
        self.full_at = self.full_at.max(now.saturating_add(REFILL * ROOM.saturating_sub(remaining)));
    }
}

/// The shortest first wait, and the longest.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(60);

/// Waits that double. Each is a random part, at least half, of its full length, so that callers that fail together do not
/// come back together.
pub(super) struct Backoff {
    state: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64) -> Backoff {
        Backoff { state: seed }
    }

    /// The wait after this number of failures in a row, from 1.
    pub(super) fn wait(&mut self, failures: u32) -> Duration {
        let whole = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
        let half = whole / 2;
        // A wait of at most a minute has fewer than 2^36 nanoseconds.
        let span = u64::try_from(half.as_nanos()).unwrap_or(u64::MAX).max(1);
        half + Duration::from_nanos(self.random() % span)
    }

    /// SplitMix64: this short generator is random enough to separate callers.
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }
}
