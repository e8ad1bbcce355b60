//! The choices of the generators: from a seed, or from bytes.

/// A sequence of choices. From a seed it never ends and is the same on every machine. From bytes it continues with the
/// simplest choice when they are used up.
///
/// Generators use these choices one after the other. So a seed always gives the same order, the bytes of a fuzzer give an
/// order, and fewer or smaller bytes give a simpler one.
///
/// ```
/// use ordercharge::generate::{Choices, Params, consistent_order};
///
/// let params = Params::default();
/// let order = consistent_order(&params, &mut Choices::seeded(7));
/// assert_eq!(order, consistent_order(&params, &mut Choices::seeded(7)));
/// assert_eq!(consistent_order(&params, &mut Choices::of(b"")).lines().len(), 1);
/// ```
#[derive(Clone, Debug)]
pub struct Choices<'a>(Source<'a>);

#[derive(Clone, Debug)]
enum Source<'a> {
    Seed(u64),
    Bytes(&'a [u8]),
}

impl Choices<'_> {
    /// The choices from a seed.
    pub fn seeded(seed: u64) -> Choices<'static> {
        // Neighbouring seeds start far from each other.
        Choices(Source::Seed(mixed(seed)))
    }

    /// The choices from bytes: one byte for a choice among at most 256, and so on.
    pub fn of(bytes: &[u8]) -> Choices<'_> {
        Choices(Source::Bytes(bytes))
    }

    /// A number below `end`; 0 if `end` is 0. Smaller bytes give smaller numbers.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        let (drawn, bits) = match &mut self.0 {
            Source::Seed(state) => {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                (mixed(*state), 64)
            }
            Source::Bytes(bytes) => {
                let needed = match end {
                    0..=1 => 0,
                    end => (end - 1).ilog2() / 8 + 1,
                };
                let (taken, rest) = bytes.split_at_checked(needed as usize).unwrap_or((bytes, &[]));
                *bytes = rest;
                let drawn = taken.iter().fold(0, |drawn, byte| drawn << 8 | u64::from(*byte));
                (drawn, 8 * taken.len())
            }
        };
        // Scales the drawn number from the range of its width to the range of `end`.
        ((u128::from(drawn) * u128::from(end)) >> bits) as u64
    }

    /// A number from `least` to `most`; `least` if that is greater.
    pub(super) fn between(&mut self, least: i128, most: i128) -> i128 {
        let count = u64::try_from(most.saturating_sub(least)).map_or(0, |more| more.saturating_add(1));
        least.saturating_add(self.below(count).into())
    }

    /// True in `percent` of a hundred cases; the simplest choice is false.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) + percent >= 100
    }

    /// One of several; the simplest choice is the first.
    pub(super) fn one_of<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        of.get(self.below(of.len() as u64) as usize)
    }

    /// One of several numbers; 0 if there are none.
    pub(super) fn number_of(&mut self, of: &[i128]) -> i128 {
        self.one_of(of).copied().unwrap_or_default()
    }

    /// The indices of a list in another order; the simplest choice keeps the order.
    pub(super) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            let other = at - self.below(at as u64 + 1) as usize;
            list.swap(at, other);
        }
    }

    /// The bytes that have not been used.
    #[cfg(feature = "proptest")]
    pub(crate) fn bytes_left(&self) -> usize {
        match &self.0 {
            Source::Seed(_) => 0,
            Source::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether choices follow that are not the simplest ones.
    pub(super) fn are_left(&self) -> bool {
        match &self.0 {
            Source::Seed(_) => true,
            Source::Bytes(bytes) => !bytes.is_empty(),
        }
    }
}

/// The mixing step of `SplitMix64`, by Sebastiano Vigna.
fn mixed(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
