//! Why a cart's order cannot be mapped, with the figures.

use ordercharge::Amount;
use serde::Serialize;

/// A currency code as it may be shown. A string that is not three letters may say something about the customer.
pub(crate) fn shown_code<'c>(code: &'c str, otherwise: &'static str) -> &'c str {
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphabetic());
    if is_code { code } else { otherwise }
}

/// Why a cart's order cannot be mapped: what was expected, what was found, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Unmappable {
    /// The table has no figures of the kind that was asked for.
    #[error("expected a table with {variant} figures, found that {cart} has none")]
    NoVariant {
        /// The name of the cart.
        cart: String,
        /// The figures.
        variant: String,
    },
    /// There are no lines, and no sum of them.
    #[error("expected lines at {path}, found none")]
    NoLines {
        /// Where the table looks for them.
        path: String,
    },
    /// A figure that is always needed is missing.
    #[error("expected {part} at {path}, found none")]
    Missing {
        /// The part that it plays.
        part: String,
        /// Where the table looks for it.
        path: String,
    },
    /// A value is not an amount.
    #[error("expected an amount at {path}, found something else")]
    NotAnAmount {
        /// Its JSON Pointer.
        path: String,
    },
    /// An amount, or what must be computed from it, has more digits than can be held exactly.
    #[error("expected amounts of at most 28 digits, found more at {path}")]
    Inexact {
        /// The JSON Pointer of the amount, or the part.
        path: String,
    },
    /// Amounts are in two currencies.
    #[error("expected amounts in one currency, found {one} and {other} ({path})")]
    TwoCurrencies {
        /// The first currency; `something else` if it is not a code of three letters.
        one: String,
        /// The other one; like the first.
        other: String,
        /// The JSON Pointer of an amount in the other one.
        path: String,
    },
    /// The row of a line is not its quantity times its price.
    #[error("the cart's order disagrees with itself: {unit} * {quantity} = {expected}, but {path} states {stated}")]
    Row {
        /// The JSON Pointer of the line.
        path: String,
        /// The price of one item.
        unit: Amount,
        /// The quantity.
        quantity: Amount,
        /// Their product.
        expected: Amount,
        /// The row that is stated.
        stated: Amount,
    },
    /// The figures do not add up to the total.
    #[error("the cart's order disagrees with itself: {formula} = {sum}, but {path} states {stated} (off by {off})")]
    Disagrees {
        /// Where the total is.
        path: String,
        /// The figures with their names.
        formula: String,
        /// What they add up to.
        sum: Amount,
        /// The total that is stated.
        stated: Amount,
        /// The stated total minus the sum.
        off: Amount,
    },
    /// Two readings of the lines are possible, and there is no total to decide between them.
    #[error("expected a total that shows whether {path} is the price of a line or of one item, found none")]
    Ambiguous {
        /// The JSON Pointer of the line.
        path: String,
    },
    /// The charges cannot be made into an order that adds up.
    #[error("expected charges that make an order, found {what}")]
    NoOrder {
        /// What prevents it.
        what: String,
    },
}

impl Unmappable {
    /// Amounts in two currencies, which are shown only if they are codes. `path` is the place of an amount in the other one.
    pub(crate) fn two_currencies(one: &str, other: &str, path: String) -> Unmappable {
        let [one, other] = [one, other].map(|code| shown_code(code, "something else").to_owned());
        Unmappable::TwoCurrencies { one, other, path }
    }
}
