//! The identities of an order with their outcomes. Those of a right order are not kept in a list: each is made when it is
//! read, so that the report of a right order needs no memory of its own.

use core::fmt;

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::calculate::Reason;
use crate::order::{Field, FieldSet, Place};
use crate::policy::Policy;
use crate::rules::Rule;

/// The outcome of one identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The identity, OC101 to OC105.
    pub rule: Rule,
    /// The place of the amount.
    #[serde(rename = "path")]
    pub place: Place,
    /// Its outcome.
    #[serde(flatten)]
    pub outcome: IdentityOutcome,
}

/// Held, broken, or unchecked with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "lowercase")]
pub enum IdentityOutcome {
    /// It holds.
    Held,
    /// It does not hold: a violation says more.
    Broken,
    /// It could not be checked.
    Unchecked(Reason),
}

/// The identities of a report: OC101 of each line, then OC102 to OC105. Those of rules that are off are left out.
///
/// It reads like a list, and is one in serde. The entries of a right order are made when they are read.
///
/// ```
/// use ordercharge::{IdentityOutcome, Order, Policy, Rule, check};
///
/// let order = Order::from_json(br#"{"grand_total": 5, "items": [{"price": 5, "quantity": 1}]}"#)?;
/// let identities = check(&order, &Policy::default()).identities;
/// assert_eq!(identities.len(), 5);
/// let held: Vec<Rule> = identities
///     .iter()
///     .filter(|identity| identity.outcome == IdentityOutcome::Held)
///     .map(|identity| identity.rule)
///     .collect();
/// assert_eq!(held, [Rule::GrandTotal]);
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone)]
pub struct Identities(Kept);

#[derive(Clone)]
enum Kept {
    Listed(Vec<Identity>),
    Right(RightOrder),
}

impl Identities {
    /// The identities of a right order; `None` if they can only be kept in a list.
    #[inline]
    pub(crate) fn of_right(unchecked: Unchecked, policy: &Policy) -> Option<Identities> {
        unchecked.names_lines().then(|| Identities(Kept::Right(RightOrder::new(unchecked, policy))))
    }

    /// Each identity with its outcome, in the order of the rules, then of the lines.
    pub fn iter(&self) -> impl Iterator<Item = Identity> {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// The identity at an index.
    pub fn get(&self, at: usize) -> Option<Identity> {
        match &self.0 {
            Kept::Listed(listed) => listed.get(at).cloned(),
            Kept::Right(right) => right.get(at),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Listed(listed) => listed.len(),
            Kept::Right(right) => right.count(),
        }
    }

    /// Whether there are none, because their rules are off.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those that could not be checked, with the reason. The others are not copied.
    pub(crate) fn unchecked(&self) -> impl Iterator<Item = (Identity, Reason)> {
        let is_checked = |at: &usize| match &self.0 {
            Kept::Listed(listed) => {
                listed.get(*at).is_none_or(|identity| !matches!(identity.outcome, IdentityOutcome::Unchecked(_)))
            }
            Kept::Right(_) => false,
        };
        (0..self.len()).filter(move |at| !is_checked(at)).filter_map(|at| {
            let identity = self.get(at)?;
            let IdentityOutcome::Unchecked(reason) = &identity.outcome else { return None };
            let reason = reason.clone();
            Some((identity, reason))
        })
    }

    /// The number of those that are broken.
    pub(crate) fn broken(&self) -> usize {
        match &self.0 {
            Kept::Listed(listed) => {
                listed.iter().filter(|identity| identity.outcome == IdentityOutcome::Broken).count()
            }
            Kept::Right(_) => 0,
        }
    }

    /// The number of those that hold.
    pub(crate) fn held(&self) -> usize {
        match &self.0 {
            Kept::Listed(listed) => listed.iter().filter(|identity| identity.outcome == IdentityOutcome::Held).count(),
            Kept::Right(right) => right.count() - right.unchecked_count(),
        }
    }
}

impl Default for Identities {
    /// None.
    fn default() -> Identities {
        Vec::new().into()
    }
}

impl From<Vec<Identity>> for Identities {
    fn from(listed: Vec<Identity>) -> Identities {
        Identities(Kept::Listed(listed))
    }
}

impl PartialEq for Identities {
    fn eq(&self, other: &Identities) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Identities {}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Identities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Identities {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Identities::from)
    }
}

/// The identities of the header, with their fields.
const OF_HEADER: [(Rule, Field); 4] = [
    (Rule::SubTotal, Field::SubTotal),
    (Rule::SalesTax, Field::SalesTax),
    (Rule::OrderDiscount, Field::OrderDiscount),
    (Rule::GrandTotal, Field::GrandTotal),
];

/// What is unset in a right order, so that some of its identities could not be checked. All others hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unchecked {
    /// The number of lines.
    lines: usize,
    /// The number of those whose OC101 could not be checked.
    unchecked_lines: usize,
    /// Those of them without an extended amount, a bit for each of the first 64. The others have no price.
    without_extended_amount: u64,
    without_price: u64,
    /// The fields of the header that are set.
    set: FieldSet,
    no_line_tax: bool,
}

impl Unchecked {
    /// Adds a line. OC101 could be checked, or not because this field is unset.
    #[inline(always)]
    pub(crate) fn add_line(&mut self, unset: Option<Field>) {
        if let Some(field) = unset {
            self.unchecked_lines += 1;
            let bit = u32::try_from(self.lines).ok().and_then(|at| 1_u64.checked_shl(at)).unwrap_or_default();
            match field {
                Field::Price => self.without_price |= bit,
                _ => self.without_extended_amount |= bit,
            }
        }
        self.lines += 1;
    }

    /// Adds the header: the fields that are set, and whether no line sets a tax.
    #[inline(always)]
    pub(crate) fn add_header(&mut self, set: FieldSet, no_line_tax: bool) {
        (self.set, self.no_line_tax) = (set, no_line_tax);
    }

    pub(crate) fn has_lines(&self) -> bool {
        self.lines > 0
    }

    /// Whether it says which lines could not be checked.
    fn names_lines(&self) -> bool {
        self.unchecked_lines == 0 || self.lines <= 64
    }

    /// Why the identity of a line could not be checked.
    fn on_line(&self, at: usize) -> Option<Reason> {
        let has = |bits: u64| at < 64 && bits >> at & 1 != 0;
        let unset = |field| Some(Reason::Unset(Place::LineField(at, field)));
        if has(self.without_extended_amount) {
            unset(Field::ExtendedAmount)
        } else if has(self.without_price) {
            unset(Field::Price)
        } else {
            None
        }
    }

    /// Why an identity of the header could not be checked.
    fn in_header(&self, field: Field) -> Option<Reason> {
        if field == Field::SalesTax && self.no_line_tax {
            Some(Reason::NoLineTax)
        } else if self.set.has(field) {
            None
        } else {
            Some(Reason::Unset(Place::Field(field)))
        }
    }
}

/// The identities of a right order under a policy.
#[derive(Clone, Copy)]
pub(crate) struct RightOrder {
    unchecked: Unchecked,
    /// Whether OC101 is on, and each of the identities of the header.
    lines_on: bool,
    header_on: [bool; 4],
}

impl RightOrder {
    #[inline]
    pub(crate) fn new(unchecked: Unchecked, policy: &Policy) -> RightOrder {
        // Nearly always all are on.
        let all = policy.severities.is_empty();
        let is_on = |rule| all || policy.severity(rule).is_some();
        let [(first, _), (second, _), (third, _), (fourth, _)] = OF_HEADER;
        RightOrder {
            unchecked,
            lines_on: is_on(Rule::ExtendedAmount),
            header_on: [is_on(first), is_on(second), is_on(third), is_on(fourth)],
        }
    }

    /// The number of identities.
    pub(crate) fn count(&self) -> usize {
        self.lines() + self.header().count()
    }

    /// The number of those that could not be checked.
    pub(crate) fn unchecked_count(&self) -> usize {
        let of_lines = if self.lines_on { self.unchecked.unchecked_lines } else { 0 };
        of_lines + self.header().filter(|(_, field)| self.unchecked.in_header(*field).is_some()).count()
    }

    fn lines(&self) -> usize {
        if self.lines_on { self.unchecked.lines } else { 0 }
    }

    fn header(&self) -> impl Iterator<Item = (Rule, Field)> {
        OF_HEADER.into_iter().zip(self.header_on).filter_map(|(identity, is_on)| is_on.then_some(identity))
    }

    fn get(&self, at: usize) -> Option<Identity> {
        let (rule, place, unchecked) = match at.checked_sub(self.lines()) {
            None => {
                let place = Place::LineField(at, Field::ExtendedAmount);
                (Rule::ExtendedAmount, place, self.unchecked.on_line(at))
            }
            Some(at) => {
                let (rule, field) = self.header().nth(at)?;
                (rule, Place::Field(field), self.unchecked.in_header(field))
            }
        };
        let outcome = unchecked.map_or(IdentityOutcome::Held, IdentityOutcome::Unchecked);
        Some(Identity { rule, place, outcome })
    }
}
