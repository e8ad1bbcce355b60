//! What is wrong at a place: the figures of each kind of violation, and the sentence made from them.

use core::fmt::{self, Write};
use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::amount::{Amount, InWords};
use crate::calculate::Working;
use crate::currency::may_be_shown;
use crate::order::{Field, Found, Place};

/// What is wrong, as data: the figures in the sentence of a [`Violation`](crate::Violation).
///
/// The name of a variant says what was found, so several rules may share one. In serde the variant is the member `type`.
///
/// ```
/// use ordercharge::{Order, Policy, ViolationKind, check};
///
/// let order = Order::from_json(br#"{"items": [{"price": 10, "discount": 30, "quantity": 5}]}"#)?;
/// let report = check(&order, &Policy::default());
/// let ViolationKind::ExceedsPrice { stated, price, .. } = &report.violations[0].kind else { unreachable!() };
/// assert_eq!((*stated, *price), (30.into(), 10.into()));
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ViolationKind {
    /// The stated amount is not what it is calculated to be.
    #[non_exhaustive]
    Differs {
        /// What the order states.
        stated: Amount,
        /// What it should be, and how that is calculated.
        working: Working,
    },
    /// `order_discount` is less than the `addl_discount` of the lines.
    #[non_exhaustive]
    LessThanLines {
        /// What the order states.
        stated: Amount,
        /// The sum over the lines, which is the least it can be.
        working: Working,
    },
    /// The price gives another `extended_amount`, but no price of 4 decimals gives the stated one.
    #[non_exhaustive]
    NoExactPrice {
        /// What the order states.
        stated: Amount,
        /// What the price gives.
        working: Working,
    },
    /// The stated sum holds, but no longer after every amount is rounded to the decimals that are kept.
    #[non_exhaustive]
    BreaksInStorage {
        /// What the order states.
        stated: Amount,
        /// The stated amount as it is kept.
        stored: Amount,
        /// What its terms give as they are kept.
        working: Working,
    },
    /// The field is not used, and holds an amount other than 0.
    #[non_exhaustive]
    NotUsed {
        /// What the order states.
        stated: Amount,
    },
    /// A discount is negative.
    #[non_exhaustive]
    NegativeDiscount {
        /// What the order states.
        stated: Amount,
    },
    /// An amount is negative.
    #[non_exhaustive]
    NegativeAmount {
        /// What the order states.
        stated: Amount,
    },
    /// A quantity is negative.
    #[non_exhaustive]
    NegativeQuantity {
        /// What the order states.
        stated: Amount,
    },
    /// A quantity is unset.
    QuantityUnset,
    /// A quantity is 0 or a fraction.
    #[non_exhaustive]
    OddQuantity {
        /// What the order states.
        stated: Amount,
    },
    /// A discount on an item is more than its price.
    #[non_exhaustive]
    ExceedsPrice {
        /// What the order states.
        stated: Amount,
        /// The price, which is the most it can be.
        price: Amount,
    },
    /// A discount on a line is more than the line costs with tax.
    #[non_exhaustive]
    ExceedsLine {
        /// What the order states.
        stated: Amount,
        /// What the line costs with tax, which is the most it can be.
        limit: Amount,
    },
    /// An amount has more decimals than are kept of it.
    #[non_exhaustive]
    ExcessDecimals {
        /// What the order states.
        stated: Amount,
        /// How many decimals are kept.
        kept: u32,
    },
    /// A charge field holds something that is not an amount.
    #[non_exhaustive]
    NotAnAmount {
        /// What it holds.
        found: Found,
    },
    /// An amount has more digits than can be held exactly.
    TooLong,
    /// What has to be calculated has more digits than can be held exactly.
    #[non_exhaustive]
    Incalculable {
        /// What the order states there, if anything.
        stated: Option<Amount>,
    },
    /// A field is there more than once.
    Duplicate,
    /// An amount is under another name of a field that is unset.
    #[non_exhaustive]
    Misnamed {
        /// What is under that name.
        stated: Amount,
        /// The field that seems to be meant.
        means: Field,
    },
    /// Amounts under other names of a field that is unset disagree.
    #[non_exhaustive]
    NamesDisagree {
        /// What is under that name; `None` where the name is there twice with different amounts.
        stated: Option<Amount>,
        /// The field that seems to be meant.
        means: Field,
        /// The names, with what each holds: at most one more than the sentence lists.
        names: Vec<(String, Option<Amount>)>,
    },
    /// A charge field holds an empty or blank string.
    Blank,
    /// An entry of `items` is not an object.
    #[non_exhaustive]
    NotALine {
        /// What it is.
        found: Found,
    },
    /// The order has no lines.
    #[non_exhaustive]
    NoLines {
        /// What `items` holds; `None` where it is unset.
        found: Option<Found>,
        /// Another field that seems to hold the lines.
        elsewhere: Option<String>,
    },
    /// The currency code is not in the table of ISO 4217.
    #[non_exhaustive]
    UnknownCurrency {
        /// The code.
        code: String,
    },
    /// Violations of the rule that are not listed, because the report lists a thousand of it. The place is that of the first.
    #[non_exhaustive]
    Further {
        /// How many there are.
        count: u64,
        /// By how much their amounts are off, added up without signs; `None` if that has more than 28 digits.
        off: Option<Amount>,
    },
}

/// The most names that the sentence on names that disagree lists. Every name has such a sentence.
pub(crate) const LISTED_NAMES: usize = 5;

impl ViolationKind {
    /// What the order states at the place; `None` if that is not an amount.
    pub fn stated(&self) -> Option<Amount> {
        use ViolationKind::*;
        match self {
            Differs { stated, .. }
            | LessThanLines { stated, .. }
            | NoExactPrice { stated, .. }
            | BreaksInStorage { stated, .. }
            | NotUsed { stated }
            | NegativeDiscount { stated }
            | NegativeAmount { stated }
            | NegativeQuantity { stated }
            | OddQuantity { stated }
            | ExceedsPrice { stated, .. }
            | ExceedsLine { stated, .. }
            | ExcessDecimals { stated, .. }
            | Misnamed { stated, .. } => Some(*stated),
            Incalculable { stated } | NamesDisagree { stated, .. } => *stated,
            QuantityUnset
            | NotAnAmount { .. }
            | TooLong
            | Duplicate
            | Blank
            | NotALine { .. }
            | NoLines { .. }
            | UnknownCurrency { .. }
            | Further { .. } => None,
        }
    }

    /// How the expected amount is calculated, for the kinds that compare amounts.
    pub fn working(&self) -> Option<&Working> {
        use ViolationKind::*;
        match self {
            Differs { working, .. }
            | LessThanLines { working, .. }
            | NoExactPrice { working, .. }
            | BreaksInStorage { working, .. } => Some(working),
            _ => None,
        }
    }

    /// What should be at the place, if that is known.
    pub fn expected(&self) -> Option<Amount> {
        match self {
            ViolationKind::NotUsed { .. } => Some(Amount::ZERO),
            kind => kind.working().map(|working| working.result),
        }
    }

    /// `stated - expected`, if both are known and the difference has at most 28 digits.
    pub fn difference(&self) -> Option<Amount> {
        self.stated()?.checked_sub(self.expected()?)
    }

    /// Writes the sentence; with `decimals`, money has at least that many. The most frequent one is written without format
    /// strings, which take twice as long.
    pub(crate) fn write(&self, place: &Place, decimals: Option<u32>, out: &mut impl Write) -> fmt::Result {
        use ViolationKind::*;
        let name = place.in_words();
        let money = |amount: &Amount| InWords { amount: *amount, decimals };
        match self {
            Differs { stated, working } => {
                place.write_in_words(out)?;
                out.write_str(" is ")?;
                money(stated).write(out)?;
                out.write_str(", expected ")?;
                money(&working.result).write(out)?;
                self.write_off(decimals, out)
            }
            LessThanLines { stated, working } => {
                let (stated, least) = (money(stated), money(&working.result));
                write!(out, "{name} is {stated}, expected at least the lines' addl_discount of {least}")?;
                self.write_off(decimals, out)
            }
            NoExactPrice { stated, working } => {
                let stated = money(stated);
                write!(out, "{name} is {stated}, but the price gives {}", money(&working.result))?;
                self.write_off(decimals, out)?;
                write!(out, ": no price of 4 decimals gives {stated}")
            }
            BreaksInStorage { stated, stored, working } => {
                let (sum, kept) = (money(&working.result), money(stored));
                if stated == stored {
                    write!(out, "{name} is {kept}, which is right as stated, but its terms as stored give {sum}")
                } else {
                    let stated = money(stated);
                    write!(
                        out,
                        "{name} is {stated}, which is right as stated, but it is stored as {kept}, and its terms as stored give {sum}"
                    )
                }
            }
            NotUsed { stated } => {
                write!(out, "{name} is {}, expected 0 or nothing: CartRover does not use it", money(stated))
            }
            NegativeDiscount { stated } => {
                write!(out, "{name} is {}, expected no minus sign: a discount is subtracted", money(stated))
            }
            NegativeAmount { stated } => write!(out, "{name} is {}, expected 0 or more", money(stated)),
            NegativeQuantity { stated } => write!(out, "{name} is {stated}, expected 0 or more"),
            QuantityUnset => write!(out, "{name} is unset, expected the number of items ordered"),
            OddQuantity { stated } => write!(out, "{name} is {stated}, expected a whole number other than 0"),
            ExceedsPrice { stated, price } => {
                let (stated, price) = (money(stated), money(price));
                write!(out, "{name} is {stated}, expected at most the price of the item, {price}")
            }
            ExceedsLine { stated, limit } => {
                let (stated, limit) = (money(stated), money(limit));
                write!(out, "{name} is {stated}, expected at most {limit}, which the line costs with tax")
            }
            ExcessDecimals { stated, kept } => {
                if let Some(meant) = stated.without_float_error() {
                    let meant = money(&meant);
                    return write!(
                        out,
                        "{name} is {stated}, which is {meant} sent as a binary float: CartRover keeps {kept} decimals"
                    );
                }
                let has = stated.decimals();
                let word = if has == 1 { "decimal" } else { "decimals" };
                write!(out, "{name} is {stated}, with {has} {word}: CartRover keeps {kept}")
            }
            NotAnAmount { found } => write!(out, "{name} holds {}, expected an amount", found.name()),
            TooLong => write!(
                out,
                "{name} has more than 28 digits, or more than 28 decimals, when written out, and cannot be held exactly"
            ),
            Incalculable { .. } => write!(
                out,
                "{name} cannot be calculated exactly: the result has more than 28 digits, or more than 28 decimals"
            ),
            Duplicate => {
                write!(out, "{name} is in its object more than once: parsers differ on which one counts")
            }
            Misnamed { stated, means } => {
                let decimals = decimals.filter(|_| *means != Field::Quantity);
                let lost = InWords { amount: *stated, decimals };
                write!(
                    out,
                    "{name} is not a charge field, so its {lost} is lost; {means} is unset and seems to be meant"
                )
            }
            NamesDisagree { means, names, .. } => {
                write_names(names, decimals.filter(|_| *means != Field::Quantity), out)?;
                let meant = place.line().map_or(Place::Field(*means), |line| Place::LineField(line, *means));
                write!(out, " disagree; {} is unset and seems to be meant", meant.in_words())
            }
            Blank => write!(out, "{name} is an empty string: it counts as unset"),
            NotALine { found } => {
                let at = place.line().unwrap_or_default();
                write!(out, "line {} is {}, expected an object", at + 1, found.name())
            }
            NoLines { found, elsewhere } => {
                let is = match found {
                    None => "unset",
                    Some(Found::Array) => "empty",
                    Some(found) => found.name(),
                };
                match (elsewhere, found) {
                    (Some(field), _) => write!(out, "items is {is}; the lines seem to be in `{field}`"),
                    (None, Some(Found::Array)) => out.write_str("items is empty, expected at least one line"),
                    (None, _) => write!(out, "items is {is}, expected an array of lines"),
                }
            }
            Further { count: 1, .. } => out.write_str("1 further violation of this rule is not listed"),
            Further { count, .. } => write!(out, "{count} further violations of this rule are not listed"),
            UnknownCurrency { code } => {
                out.write_str("currency_code")?;
                if may_be_shown(code) {
                    write!(out, " {code:?}")?;
                }
                out.write_str(" is not an ISO 4217 code: two decimals are assumed")
            }
        }
    }

    /// Writes by how much the stated amount is off, if that has at most 28 digits.
    fn write_off(&self, decimals: Option<u32>, out: &mut impl Write) -> fmt::Result {
        let Some(off) = self.difference() else { return Ok(()) };
        out.write_str(if off.is_negative() { " (short by " } else { " (over by " })?;
        InWords { amount: off.abs(), decimals }.write(out)?;
        out.write_char(')')
    }
}

/// Writes names that disagree: `tax 1 and total_tax 2`.
fn write_names(names: &[(String, Option<Amount>)], decimals: Option<u32>, out: &mut impl Write) -> fmt::Result {
    if let [(name, _)] = names {
        return write!(out, "the amounts of {name}");
    }
    let shown = |(name, amount): &(String, Option<Amount>)| match amount {
        Some(amount) => format!("{name} {}", InWords { amount: *amount, decimals }),
        None => format!("{name} (with different amounts)"),
    };
    let (listed, last) = match names {
        _ if names.len() > LISTED_NAMES => (names.get(..LISTED_NAMES).unwrap_or_default(), Cow::Borrowed("others")),
        [listed @ .., last] => (listed, Cow::Owned(shown(last))),
        [] => (names, Cow::Borrowed("")),
    };
    let listed: Vec<String> = listed.iter().map(shown).collect();
    write!(out, "{} and {last}", listed.join(", "))
}
