//! How amounts are rounded.

use crate::text_form::named;

/// How an exact amount loses the decimals that are too many, such as those of a product that a currency does not have. A tie
/// is an amount exactly half way between two that remain.
///
/// ```
/// use ordercharge::Rounding;
///
/// assert_eq!("half-even".parse(), Ok(Rounding::HalfEven));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rounding {
    /// To the nearest amount. Of a stated amount either way is right for a tie; calculated amounts round ties away from
    /// zero.
    #[default]
    Nearest,
    /// To the nearest amount, ties away from zero (2.5 to 3, -2.5 to -3).
    HalfUp,
    /// To the nearest amount, ties to the even digit (2.5 to 2, 3.5 to 4).
    HalfEven,
    /// Towards zero: the excess decimals are cut off.
    Down,
    /// No rounding: only the exact amount is right.
    Exact,
}

named!(
    Rounding,
    "rounding",
    Nearest = "nearest",
    HalfUp = "half-up",
    HalfEven = "half-even",
    Down = "down",
    Exact = "exact"
);
