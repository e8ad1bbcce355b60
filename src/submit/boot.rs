//! `Boot`: when the system was started, so that a clock that is set between two runs is noticed.

use serde::{Deserialize, Serialize};

/// The start of the system that a run is on, by the clock of that run.
///
/// Two runs since the same start agree on its time, unless the clock was set between them: the difference is by how much.
///
/// ```
/// use ordercharge::submit::Boot;
///
/// let id = "1c0d7d5e-5f0e-4b43-9d0c-6d6d3b1f2a77";
/// let (before, now) = (Boot::new(id, 1_795_400_000_000), Boot::new(id, 1_795_407_200_000));
/// assert_eq!(now.set_forward_since(before), 7_200_000);
/// assert_eq!(before.set_forward_since(now), 0);
/// assert_eq!(now.set_forward_since(Boot::new("another start", 1_795_400_000_000)), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    id: u64,
    began: u64,
}

impl Boot {
    /// The start with this unique name, and its time in milliseconds since 1970.
    pub fn new(name: &str, began: u64) -> Boot {
        // FNV-1a. It need not be safe from anybody: who can write to a journal can write anything to it.
        let id = name
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
        Boot { id, began }
    }

    /// By how many milliseconds the clock was set forward since an earlier run, as far as that is known: 0 if the system was
    /// started again.
    pub fn set_forward_since(self, earlier: Boot) -> u64 {
        if self.id == earlier.id { self.began.saturating_sub(earlier.began) } else { 0 }
    }
}
