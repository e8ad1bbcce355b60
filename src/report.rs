//! The report: what a check found, diagnosed and repaired.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculate::Reason;
use crate::findings::Violation;
use crate::identities::{Identities, Identity};
use crate::kind::ViolationKind;
use crate::mistakes::{Diagnosis, Fit};
use crate::order::{Field, Place};
use crate::repair::Repair;
use crate::rules::{Rule, Severity};

/// The result of a check.
///
/// `Display` prints a line for each violation and for each diagnosis of the first rank, and a summary. Iterating over it
/// gives its violations. It can be written and read with serde; amounts are strings.
///
/// ```
/// use ordercharge::{Order, Policy, check};
///
/// let report = check(&Order::from_json(br#"{"balance": 5, "items": [{"quantity": -1}]}"#)?, &Policy::default());
/// let rules: Vec<&str> = report.into_iter().map(|violation| violation.rule.code()).collect();
/// assert_eq!(rules, ["OC106", "OC203"]);
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// What is wrong, in the order of the rules, then of the lines. Of each rule, the first 1000 are listed; of more, one entry of
    /// the kind [`Further`](ViolationKind::Further) gives the number.
    pub violations: Vec<Violation>,
    /// The outcome of each identity (OC101 to OC105), also of those that hold or could not be checked.
    pub identities: Identities,
    /// What may have happened, best first; empty if no known mistake explains the order.
    pub diagnoses: Vec<Diagnosis>,
    /// What `fix --unsafe` would write, or why it writes nothing; `None` if there is nothing to repair.
    pub repair: Option<Repair>,
    /// What [`mapping`](crate::mapping) adds up. It is not serialised, and a report that was read back has none.
    #[serde(skip)]
    pub(crate) evidence: Evidence,
}

/// Every set of mistakes that explains the order. The diagnoses follow from it, so it is not compared when reports are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence(pub(crate) Vec<Fit>);

impl PartialEq for Evidence {
    fn eq(&self, _: &Evidence) -> bool {
        true
    }
}

impl Eq for Evidence {}

impl Report {
    /// Whether there is no violation of severity error.
    pub fn is_valid(&self) -> bool {
        self.of(Severity::Error).next().is_none()
    }

    /// The violations of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(move |violation| violation.severity == severity)
    }

    /// The number of identities that hold.
    pub fn held(&self) -> usize {
        self.identities.held()
    }

    /// The number of identities that are broken.
    pub fn broken(&self) -> usize {
        self.identities.broken()
    }

    /// The identities that could not be checked, with the reason.
    pub fn unchecked(&self) -> impl Iterator<Item = (Identity, Reason)> {
        self.identities.unchecked()
    }

    /// The money at risk: the largest amount by which a diagnosis of the first rank changes `grand_total`. Without a diagnosis,
    /// how far `grand_total` is off, else the lines and `sub_total`. 0 for an order whose total is right; `None` if the sum has
    /// more than 28 digits.
    pub fn at_risk(&self) -> Option<Amount> {
        let first = || self.diagnoses.iter().filter(|diagnosis| diagnosis.is_first() && !diagnosis.partial);
        if first().next().is_some() {
            let total = Place::Field(Field::GrandTotal);
            let culprits = first().flat_map(|diagnosis| &diagnosis.culprits).filter(|culprit| culprit.place == total);
            return culprits
                .filter_map(|culprit| Some((culprit.stated?, culprit.right?)))
                .try_fold(Amount::ZERO, |most, (stated, right)| Some(most.max(stated.checked_sub(right)?.abs())));
        }
        let off = |rules: &[Rule]| {
            let broken = self.violations.iter().filter(|violation| rules.contains(&violation.rule));
            broken.map(off_by).try_fold(Amount::ZERO, |sum, off| sum.checked_add(off?))
        };
        if self.violations.iter().any(|violation| violation.rule == Rule::GrandTotal) {
            off(&[Rule::GrandTotal])
        } else {
            off(&[Rule::ExtendedAmount, Rule::SubTotal])
        }
    }

    /// Whether `fix --unsafe` would write something.
    pub fn is_repairable(&self) -> bool {
        self.repair.as_ref().is_some_and(|repair| !repair.edits.is_empty())
    }
}

/// By how much the amounts of a violation are off; `None` if that has too many digits. A single difference of so many digits
/// does not count.
fn off_by(violation: &Violation) -> Option<Amount> {
    match violation.kind {
        ViolationKind::Further { off, .. } => off,
        _ => Some(violation.difference().map_or(Amount::ZERO, Amount::abs)),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.violations.iter().try_for_each(|violation| writeln!(f, "{violation}"))?;
        let first = self.diagnoses.iter().filter(|diagnosis| diagnosis.is_first());
        first.into_iter().try_for_each(|diagnosis| writeln!(f, "diagnosis: {diagnosis}"))?;
        let (held, broken, unchecked) = (self.held(), self.broken(), self.unchecked().count());
        let verdict = if self.is_valid() { "valid" } else { "invalid" };
        write!(f, "{verdict}; identities: {held} held, {broken} broken, {unchecked} unchecked")
    }
}

impl IntoIterator for Report {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.violations.into_iter()
    }
}

impl<'a> IntoIterator for &'a Report {
    type Item = &'a Violation;
    type IntoIter = core::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.violations.iter()
    }
}
