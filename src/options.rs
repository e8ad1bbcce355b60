//! Options: how amounts are calculated and compared, as one value.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use crate::amount::{Amount, Rounding};

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

// The fast path uses the rounding, and may ignore tolerances, with which more holds. A new option stops the build here: if it can
// break what holds without it, `fast_path::accept` has to leave such orders to the full check.
const _: fn(Options) = |Options { rounding: _, tolerances: _ }| {};

impl From<Rounding> for Options {
    /// The default options with another rounding.
    fn from(rounding: Rounding) -> Options {
        Options { rounding, ..Options::default() }
    }
}
