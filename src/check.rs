//! The check: finds what is wrong with an order, diagnoses it and proposes a repair.

use core::slice;
use std::collections::BTreeSet;

use crate::fast_path;
use crate::findings::{Findings, find};
use crate::identities::Identities;
use crate::mistakes::{Diagnosis, Mistake, search};
use crate::order::{Order, Place};
use crate::policy::Policy;
use crate::repair::{self, RepairOptions};
use crate::report::{Evidence, Report};
use crate::rules::Rule;

/// Checks an order. The report says which identities hold, which are broken, which could not be checked and why, and what
/// else is wrong.
///
/// The report is in the order of the rules and then of the lines, and the same every time. It is complete, except that it lists
/// at most 1000 violations of each rule and gives the number of the others. The check never fails:
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
    let accepted = fast_path::accept_order(order, &policy.options);
    match accepted.and_then(|unchecked| Identities::of_right(unchecked, policy)) {
        Some(identities) => Report { identities, ..Report::default() },
        None => check_fully(order, policy),
    }
}

fn check_fully(order: &Order, policy: &Policy) -> Report {
    let found = find(order, policy);
    if found.violations.is_empty() {
        return Report { identities: found.identities.into(), ..Report::default() };
    }
    let known = if found.may_be_diagnosed(order) { search(order, policy) } else { None };
    let repair = repair::of_findings(order, policy, &found, known.as_ref(), &RepairOptions::default());
    let diagnoses = known.as_ref().map(|known| known.diagnoses(order)).unwrap_or_default();
    let evidence = Evidence(known.map(|known| known.stories.fits).unwrap_or_default());
    let Findings { mut violations, further, identities } = found;
    // Only made when a violation is not explained by an earlier diagnosis: a partial one needs another check.
    let mut explained: Vec<Option<Explained<'_>>> = diagnoses.iter().map(|_| None).collect();
    let mut first_of = |rule: Rule, places: &[Place]| {
        explained.iter_mut().zip(&diagnoses).position(|(explained, diagnosis)| {
            // A diagnosis that is not partial explains every identity.
            if rule.is_identity() && !diagnosis.partial {
                return true;
            }
            let explained = explained.get_or_insert_with(|| Explained::new(order, policy, diagnosis));
            places.iter().all(|place| explained.has(rule, place))
        })
    };
    for violation in &mut violations {
        violation.diagnosis = first_of(violation.rule, slice::from_ref(&violation.place));
    }
    for (rule, severity, further) in further {
        if let Some(mut violation) = further.violation(rule, severity) {
            violation.diagnosis = first_of(rule, &further.places);
            let after = violations.partition_point(|listed| listed.rule <= rule);
            violations.insert(after, violation);
        }
    }
    Report { violations, identities: identities.into(), diagnoses, repair, evidence }
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

/// What a diagnosis explains. Sets, since an order may have as many violations and culprits as lines.
enum Explained<'d> {
    /// All but these, of a partial one.
    AllBut(BTreeSet<(Rule, Place)>),
    /// Besides every identity, what is at the places that it blames.
    Blamed { places: BTreeSet<&'d Place>, misnamed: bool },
}

impl<'d> Explained<'d> {
    fn new(order: &Order, policy: &Policy, diagnosis: &'d Diagnosis) -> Explained<'d> {
        if diagnosis.partial {
            let left = find(&undone(order, diagnosis), policy);
            return Explained::AllBut(left.places().map(|(rule, place)| (rule, place.clone())).collect());
        }
        Explained::Blamed {
            places: diagnosis.culprits.iter().map(|culprit| &culprit.place).collect(),
            misnamed: diagnosis.mistakes.iter().any(|made| made.mistake == Mistake::MisnamedField),
        }
    }

    /// Whether undoing the diagnosis removes the violation of a rule at a place.
    fn has(&self, rule: Rule, place: &Place) -> bool {
        match self {
            Explained::AllBut(left) => !left.contains(&(rule, place.clone())),
            Explained::Blamed { misnamed, .. } if rule == Rule::MisnamedField => *misnamed,
            Explained::Blamed { places, .. } => places.contains(place),
        }
    }
}
