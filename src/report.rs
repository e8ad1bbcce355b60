//! The report: runs the rule table over an order and keeps what was held, broken and unchecked.

use core::fmt;
use std::borrow::Cow;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculate::Reason;
use crate::causes::{Broken, Cause, Certainty, Explanation, explain};
use crate::check::{Case, Detail, Fact, Verdict};
use crate::edit::{Applicability, Edit, Fix, renamed};
use crate::error::Position;
use crate::order::{Field, Order, Place};
use crate::policy::Policy;
use crate::rules::{Rule, Severity};

/// Checks an order: which identities hold, which are broken, which could not be checked and why, and what else is
/// wrong with it.
///
/// The report is complete, in the order of the rules and then of the lines, and the same every time. It never fails:
/// what cannot be calculated is said in the report (OC301 to OC303).
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
/// assert_eq!(violation.expected, Some(12.into()));
/// assert_eq!(violation.formula.as_deref(), Some("14 + 0 + 0 - 2 = 12"));
/// # Ok::<(), ordercharge::Error>(())
/// ```
pub fn check(order: &Order, policy: &Policy) -> Report {
    let case = Case::new(order, policy.rounding, &policy.tolerances);
    let mut findings = Findings::default();
    // One for each line and one for each total of the header.
    findings.report.identities.reserve_exact(order.lines().len() + 4);
    for rule in Rule::ALL.iter().copied() {
        let row = rule.row();
        let severity = policy.severity(rule);
        // What follows from a broken identity is told even where its rule is off.
        if severity.is_some() || row.identity {
            (row.check)(&case, &mut |place, verdict| findings.add(rule, severity, place, verdict));
        }
    }
    let Findings { mut report, broken } = findings;
    if report.violations.is_empty() {
        return report;
    }
    let explained = explain(&case.calculation, policy.rounding, &broken);
    // Both are in the order of the table, and the identities come first in it.
    let mut identities = report.violations.iter_mut().filter(|violation| violation.rule.is_identity()).peekable();
    for (broken, explained) in broken.iter().zip(explained) {
        if let Some(violation) = identities.next_if(|violation| violation.place == broken.place) {
            violation.causes = explained.explanations;
            violation.root = explained.root;
        }
    }
    let minor_unit = order.currency.decimals();
    for violation in &mut report.violations {
        violation.fix = violation.fix.take().or_else(|| suggest(order, violation, minor_unit));
    }
    report
}

/// What the predicates have answered so far.
#[derive(Default)]
struct Findings {
    report: Report,
    /// The broken identities, also those of rules that are off: something else may follow from them.
    broken: Vec<Broken>,
}

impl Findings {
    fn add(&mut self, rule: Rule, severity: Option<Severity>, place: Place, verdict: Verdict) {
        let outcome = match verdict {
            Verdict::Held => Outcome::Held,
            Verdict::Unchecked(reason) => Outcome::Unchecked(reason),
            Verdict::Broken(fact) => return self.add_broken(rule, severity, place, fact),
        };
        if severity.is_some() {
            self.report.identities.push(Identity { rule, place, outcome });
        }
    }

    fn add_broken(&mut self, rule: Rule, severity: Option<Severity>, place: Place, fact: Fact) {
        let identity = rule.is_identity();
        if let (true, Some(stated), Some(expected)) = (identity, fact.stated, fact.expected) {
            self.broken.push(Broken { place: place.clone(), stated, expected });
        }
        let Some(severity) = severity else { return };
        if identity {
            self.report.identities.push(Identity { rule, place: place.clone(), outcome: Outcome::Broken });
        }
        self.report.violations.push(Violation::new(rule, severity, place, &fact));
    }
}

/// What would mend a violation by itself: the expected amount in place of the stated one, the sign of a discount, a
/// balance of 0. A consequence is mended with its root.
fn suggest(order: &Order, violation: &Violation, minor_unit: u32) -> Option<Fix> {
    let edit = |place: Place, value, applicability| Some(Fix { applicability, edits: vec![Edit { place, value }] });
    match violation.rule {
        rule if rule.is_identity()
            && let Some(sign) = sign(order, violation) =>
        {
            edit(sign.place, sign.value, Applicability::Unsafe)
        }
        rule if rule.is_identity() && only_misnamed(violation) => {
            Some(Fix { applicability: Applicability::Unsafe, edits: renamed(order) })
                .filter(|fix| !fix.edits.is_empty())
        }
        Rule::Balance => edit(violation.place.clone(), Amount::ZERO, Applicability::Safe),
        // Without lines there is nothing to calculate from, and a negative discount is wrong by itself.
        Rule::SubTotal if order.lines().is_empty() => None,
        Rule::OrderDiscount if violation.stated?.is_negative() => None,
        rule if rule.is_identity() && violation.root.is_none() => {
            let tail = violation.difference.is_some_and(|off| is_tail(off, minor_unit));
            let applicability = if tail { Applicability::Safe } else { Applicability::Unsafe };
            edit(violation.place.clone(), violation.expected?, applicability)
        }
        _ => None,
    }
}

/// Whether amounts under wrong names are the whole of the exact cause.
fn only_misnamed(violation: &Violation) -> bool {
    violation.causes.first().is_some_and(|first| {
        first.certainty == Certainty::Exact && first.causes.iter().all(|cause| *cause == Cause::MisnamedField)
    })
}

/// The sign of a negative discount, where that is the exact cause.
pub(crate) fn sign(order: &Order, violation: &Violation) -> Option<Edit> {
    let first = violation.causes.first()?;
    if !first.causes.contains(&Cause::DiscountSign) || first.certainty != Certainty::Exact {
        return None;
    }
    let place = match violation.place.line() {
        Some(at) => Place::LineField(at, Field::Discount),
        None => Place::Field(Field::OrderDiscount),
    };
    let discount = order.charge_at(&place).amount()?;
    discount.is_negative().then(|| Edit { place, value: discount.negated() })
}

/// Whether a difference is less than half a minor unit.
pub(crate) fn is_tail(off: Amount, minor_unit: u32) -> bool {
    Amount::new(5, minor_unit + 1).is_some_and(|half| off.abs() < half)
}

/// What a check found.
///
/// It serialises with serde, amounts as texts, and reads back as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What is wrong, in the order of the rules, then of the lines.
    pub violations: Vec<Violation>,
    /// How each identity (OC101 to OC105) ended: silence is no verdict.
    pub identities: Vec<Identity>,
}

impl Report {
    /// Whether nothing of severity error was found.
    pub fn is_valid(&self) -> bool {
        self.of(Severity::Error).next().is_none()
    }

    /// The violations of one severity.
    pub fn of(&self, severity: Severity) -> impl Iterator<Item = &Violation> {
        self.violations.iter().filter(move |violation| violation.severity == severity)
    }

    /// How many identities hold.
    pub fn held(&self) -> usize {
        self.identities.iter().filter(|identity| identity.outcome == Outcome::Held).count()
    }

    /// How many identities are broken.
    pub fn broken(&self) -> usize {
        self.identities.iter().filter(|identity| identity.outcome == Outcome::Broken).count()
    }

    /// The identities that could not be checked, with the reason.
    pub fn unchecked(&self) -> impl Iterator<Item = (&Identity, &Reason)> {
        self.identities.iter().filter_map(|identity| match &identity.outcome {
            Outcome::Unchecked(reason) => Some((identity, reason)),
            _ => None,
        })
    }

    /// The money at risk: how far `grand_total` is off where it is broken, else how far the lines and the sub-total
    /// are. What follows from another fault is not counted again. `None` where the sum cannot be held.
    pub fn at_risk(&self) -> Option<Amount> {
        // A total that follows from a wrong tax or discount is where that shows.
        let of_header = [Place::Field(Field::SalesTax), Place::Field(Field::OrderDiscount)];
        let counts = |root: &Option<Place>| root.as_ref().is_none_or(|root| of_header.contains(root));
        let roots = || self.violations.iter().filter(|violation| counts(&violation.root));
        let off = |rules: &[Rule]| {
            roots()
                .filter(|violation| rules.contains(&violation.rule))
                .filter_map(|violation| violation.difference)
                .try_fold(Amount::ZERO, |sum, off| sum.checked_add(off.abs()))
        };
        if roots().any(|violation| violation.rule == Rule::GrandTotal) {
            off(&[Rule::GrandTotal])
        } else {
            off(&[Rule::ExtendedAmount, Rule::SubTotal])
        }
    }
}

/// How one identity ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The identity, OC101 to OC105.
    pub rule: Rule,
    /// The amount it is about.
    #[serde(rename = "path")]
    pub place: Place,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Held, broken, or unchecked with a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", content = "reason", rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Held,
    /// It does not: a violation says more.
    Broken,
    /// It could not be checked.
    Unchecked(Reason),
}

/// The bytes of a text that a violation is about, counted in the source the order was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: Position,
    /// Behind the last byte.
    pub end: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule that is broken.
    pub rule: Rule,
    /// How much it weighs under the policy of the check.
    pub severity: Severity,
    /// Where.
    pub place: Place,
    /// Where in the text, for an order that was read from one: the value, or the object that lacks it.
    pub span: Option<Span>,
    /// What the order states there.
    pub stated: Option<Amount>,
    /// What it should be.
    pub expected: Option<Amount>,
    /// `stated - expected`.
    pub difference: Option<Amount>,
    /// The formula with its operands: `14 + 0 + 0 - 2 = 12`.
    pub formula: Option<String>,
    /// The operands by name.
    pub terms: Terms,
    /// All of it in a sentence.
    pub message: String,
    /// Why the stated amount may be what it is, the most plausible first; empty for rules other than the identities,
    /// and where no cause is known.
    pub causes: Vec<Explanation>,
    /// Where the fault is that this one follows from.
    pub root: Option<Place>,
    /// What would mend this violation by itself, the rest of the order left as it stands. Several such edits together may
    /// not agree: [`fix()`](crate::fix()) finds those that mend the order.
    pub fix: Option<Fix>,
}

impl Violation {
    /// Whether several causes fit equally well: the numbers cannot choose between them.
    pub fn is_ambiguous(&self) -> bool {
        match self.causes.as_slice() {
            [first, second, ..] => {
                self.root.is_none()
                    && first.causes.len() == second.causes.len()
                    && first.certainty == second.certainty
                    && first.message != second.message
            }
            _ => false,
        }
    }

    fn new(rule: Rule, severity: Severity, place: Place, fact: &Fact) -> Violation {
        let message = (rule.row().says)(&place, fact);
        let fix = match fact.detail {
            Detail::Means(field) => fact.stated.map(|value| {
                let place = place.line().map_or(Place::Field(field), |line| Place::LineField(line, field));
                Fix { applicability: Applicability::Unsafe, edits: vec![Edit { place, value }] }
            }),
            _ => None,
        };
        Violation {
            rule,
            severity,
            place,
            span: None,
            stated: fact.stated,
            expected: fact.expected,
            difference: fact.difference(),
            formula: fact.working.as_ref().map(|working| {
                let mut formula = String::with_capacity(64);
                // Writing to a text does not fail.
                let _ = working.write(&mut formula);
                formula
            }),
            terms: Terms(fact.working.as_ref().map(|working| working.named_terms().collect()).unwrap_or_default()),
            message,
            causes: Vec::new(),
            root: None,
            fix,
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}", self.severity, self.rule, self.place, self.message)
    }
}

/// Named operands, in the order of the formula. They serialise as an object; since some readers sort its keys, two are
/// equal whatever their order.
#[derive(Clone, Debug, Default)]
pub struct Terms(pub Vec<(Cow<'static, str>, Amount)>);

impl PartialEq for Terms {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |terms: &Terms| {
            let mut terms = terms.0.clone();
            terms.sort();
            terms
        };
        self.0 == other.0 || sorted(self) == sorted(other)
    }
}

impl Eq for Terms {}

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        self.0.iter().try_for_each(|(name, amount)| map.serialize_entry(name, amount))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TermsVisitor;

        impl<'de> Visitor<'de> for TermsVisitor {
            type Value = Terms;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of amounts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Terms, A::Error> {
                let mut terms = Vec::new();
                while let Some(term) = entries.next_entry()? {
                    terms.push(term);
                }
                Ok(Terms(terms))
            }
        }

        deserializer.deserialize_map(TermsVisitor)
    }
}

/// A violation as it is written: every key is always there.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Violation")]
struct Written<'a> {
    rule: Rule,
    name: Cow<'a, str>,
    severity: Severity,
    path: Cow<'a, Place>,
    line: Option<u64>,
    column: Option<u64>,
    byte_start: Option<u64>,
    byte_end: Option<u64>,
    stated: Option<Amount>,
    expected: Option<Amount>,
    difference: Option<Amount>,
    formula: Option<Cow<'a, str>>,
    terms: Cow<'a, Terms>,
    message: Cow<'a, str>,
    causes: Cow<'a, [Explanation]>,
    root: Option<Cow<'a, Place>>,
    fix: Option<Cow<'a, Fix>>,
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let start = self.span.map(|span| span.start);
        let written = Written {
            rule: self.rule,
            name: Cow::Borrowed(self.rule.name()),
            severity: self.severity,
            path: Cow::Borrowed(&self.place),
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
            byte_start: start.map(|start| start.offset),
            byte_end: self.span.map(|span| span.end),
            stated: self.stated,
            expected: self.expected,
            difference: self.difference,
            formula: self.formula.as_deref().map(Cow::Borrowed),
            terms: Cow::Borrowed(&self.terms),
            message: Cow::Borrowed(&self.message),
            causes: Cow::Borrowed(&self.causes),
            root: self.root.as_ref().map(Cow::Borrowed),
            fix: self.fix.as_ref().map(Cow::Borrowed),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Violation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        if written.name != written.rule.name() {
            return Err(de::Error::custom(format_args!("{} is not called {:?}", written.rule, written.name)));
        }
        let span = match (written.line, written.column, written.byte_start, written.byte_end) {
            (Some(line), Some(column), Some(offset), Some(end)) => {
                Some(Span { start: Position { offset, line, column }, end })
            }
            (None, None, None, None) => None,
            _ => return Err(de::Error::custom("expected line, column, byte_start and byte_end, or none of them")),
        };
        Ok(Violation {
            rule: written.rule,
            severity: written.severity,
            place: written.path.into_owned(),
            span,
            stated: written.stated,
            expected: written.expected,
            difference: written.difference,
            formula: written.formula.map(Cow::into_owned),
            terms: written.terms.into_owned(),
            message: written.message.into_owned(),
            causes: written.causes.into_owned(),
            root: written.root.map(Cow::into_owned),
            fix: written.fix.map(Cow::into_owned),
        })
    }
}
