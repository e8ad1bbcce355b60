//! The check: finds what is wrong with an order, diagnoses it and proposes a repair.

use crate::findings::{Findings, Violation, find};
use crate::mistakes::{Diagnosis, Mistake, search};
use crate::order::{Order, Place};
use crate::policy::Policy;
use crate::repair::{self, RepairOptions};
use crate::report::{Evidence, Report};
use crate::rules::Rule;

/// Checks an order. The report says which identities hold, which are broken, which could not be checked and why, and what
/// else is wrong.
///
/// The report is complete, in the order of the rules and then of the lines, and the same every time. The check never fails:
/// what cannot be calculated is part of the report (OC301 to OC303).
///
/// ```
/// use ordercharge::{Order, Policy, Rule, check};
///
/// let order = Order::from_json(br#"{
///     "sub_total": 14, "order_discount": 2, "grand_total": 15,
///     "items": [{"price": 14, "quantity": 1}]
/// }"#)?;
/// let report = check(&order, &Policy::default());
/// assert!(!report.is_valid());
/// let violation = &report.violations[0];
/// assert_eq!(violation.rule, Rule::GrandTotal);
/// assert_eq!(violation.place.to_string(), "/grand_total");
/// assert_eq!(violation.expected(), Some(12.into()));
/// assert_eq!(violation.working().unwrap().to_string(), "14 + 0 + 0 - 2 = 12");
/// # Ok::<(), ordercharge::Error>(())
/// ```
pub fn check(order: &Order, policy: &Policy) -> Report {
    let found = find(order, policy);
    if found.violations.is_empty() {
        return Report { identities: found.identities, ..Report::default() };
    }
    let known = if found.may_be_diagnosed(order) { search(order, policy) } else { None };
    let repair = repair::of_findings(order, policy, &found, known.as_ref(), &RepairOptions::default());
    let diagnoses = known.as_ref().map(|known| known.diagnoses(order)).unwrap_or_default();
    let evidence = Evidence(known.map(|known| known.stories.fits).unwrap_or_default());
    let Findings { mut violations, identities } = found;
    let left: Vec<Option<Findings>> =
        diagnoses.iter().map(|diagnosis| diagnosis.partial.then(|| find(&undone(order, diagnosis), policy))).collect();
    for violation in &mut violations {
        let explained = |(diagnosis, left): (&Diagnosis, &Option<Findings>)| match left {
            Some(left) => {
                !left.violations.iter().any(|still| still.rule == violation.rule && still.place == violation.place)
            }
            None => explains(diagnosis, violation),
        };
        violation.diagnosis = diagnoses.iter().zip(&left).position(explained);
    }
    Report { violations, identities, diagnoses, repair, evidence }
}

/// The order with the right amounts of a diagnosis.
fn undone(order: &Order, diagnosis: &Diagnosis) -> Order {
    let mut order = order.clone();
    for culprit in &diagnosis.culprits {
        if let Some(right) = culprit.right {
            order.put(&culprit.place, right);
        }
    }
    order
}

/// Whether undoing a diagnosis that explains every identity removes a violation.
fn explains(diagnosis: &Diagnosis, violation: &Violation) -> bool {
    let blamed = |place: &Place| diagnosis.culprits.iter().any(|culprit| culprit.place == *place);
    match violation.rule {
        rule if rule.is_identity() => true,
        Rule::MisnamedField => diagnosis.mistakes.iter().any(|made| made.mistake == Mistake::MisnamedField),
        _ => blamed(&violation.place),
    }
}
