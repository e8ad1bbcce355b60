//! Options: how amounts are calculated and compared, as one value.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use crate::amount::{Amount, Round};
use crate::text_form::named;

/// How the exact product of a line, which may have more decimals than the currency, becomes an `extended_amount`.
///
/// ```
/// use ordercharge::Rounding;
///
/// assert_eq!("half-even".parse(), Ok(Rounding::HalfEven));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rounding {
    /// Any rounding to the nearest minor unit is right, and a tie may go either way. Calculated amounts round ties away
    /// from zero.
    #[default]
    Nearest,
    /// To the nearest minor unit, ties away from zero.
    HalfUp,
    /// To the nearest minor unit, ties to the even digit.
    HalfEven,
    /// Towards zero: the excess decimals are cut off.
    Down,
    /// No rounding: only the exact product is right.
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

impl Rounding {
    /// The `extended_amount` that an exact product becomes.
    pub(crate) fn apply(self, exact: Amount, decimals: u32) -> Amount {
        match self {
            Rounding::Nearest | Rounding::HalfUp => exact.rounded(decimals, Round::HalfUp),
            Rounding::HalfEven => exact.rounded(decimals, Round::HalfEven),
            Rounding::Down => exact.rounded(decimals, Round::Down),
            Rounding::Exact => exact,
        }
    }
}

/// How far a stated amount may be off while its identity still holds. By default all are 0: the identities are exact.
///
/// With serde, the keys are the names of the rules (`sales-tax`) or their codes (`OC103`), and a negative tolerance is an
/// error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tolerances {
    /// For OC101.
    #[serde(alias = "OC101", deserialize_with = "not_negative")]
    pub extended_amount: Amount,
    /// For OC102.
    #[serde(alias = "OC102", deserialize_with = "not_negative")]
    pub sub_total: Amount,
    /// For OC103.
    #[serde(alias = "OC103", deserialize_with = "not_negative")]
    pub sales_tax: Amount,
    /// For OC104.
    #[serde(alias = "OC104", deserialize_with = "not_negative")]
    pub order_discount: Amount,
    /// For OC105.
    #[serde(alias = "OC105", deserialize_with = "not_negative")]
    pub grand_total: Amount,
}

fn not_negative<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Amount, D::Error> {
    let tolerance = Amount::deserialize(deserializer)?;
    if tolerance.is_negative() {
        return Err(D::Error::custom(format_args!("expected a tolerance of 0 or more, found {tolerance}")));
    }
    Ok(tolerance)
}

/// How amounts are calculated and compared. The default follows the definitions.
///
/// ```
/// use ordercharge::{Options, Order, Rounding, calculate};
///
/// let order = Order::from_json(br#"{"items": [{"price": 0.125, "quantity": 1}]}"#)?;
/// let options = Options { rounding: Rounding::HalfEven, ..Options::default() };
/// let sub_total = calculate(&order, &options).sub_total.unwrap();
/// assert_eq!(sub_total.result, "0.12".parse()?);
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, DeriveDeserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// How an extended amount is rounded to the minor unit (OC101, and amounts that are calculated).
    pub rounding: Rounding,
    /// How far each identity may be off.
    pub tolerances: Tolerances,
}

impl From<Rounding> for Options {
    /// The default options with another rounding.
    fn from(rounding: Rounding) -> Options {
        Options { rounding, ..Options::default() }
    }
}
