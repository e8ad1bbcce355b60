//! The report: runs the rule table over an order and keeps what was held, broken and unchecked.

use core::fmt;
use std::borrow::Cow;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculate::Reason;
use crate::check::{Case, Fact, Verdict};
use crate::error::Position;
use crate::mistakes::{Diagnosis, Fit, Mistake, search};
use crate::order::{Field, Order, Place};
use crate::policy::Policy;
use crate::repair::{self, Repair, RepairOptions};
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

/// Whether undoing a diagnosis that explains every identity puts a violation right.
fn explains(diagnosis: &Diagnosis, violation: &Violation) -> bool {
    let blamed = |place: &Place| diagnosis.culprits.iter().any(|culprit| culprit.place == *place);
    match violation.rule {
        rule if rule.is_identity() => true,
        Rule::MisnamedField => diagnosis.mistakes.iter().any(|made| made.mistake == Mistake::MisnamedField),
        _ => blamed(&violation.place),
    }
}

/// What is wrong with an order, without the reason why.
pub(crate) fn find(order: &Order, policy: &Policy) -> Findings {
    let case = Case::new(order, &policy.options);
    let mut findings = Findings::default();
    // One for each line and one for each total of the header.
    findings.identities.reserve_exact(order.lines().len() + 4);
    for rule in Rule::ALL.iter().copied() {
        if let Some(severity) = policy.severity(rule) {
            (rule.row().check)(&case, &mut |place, verdict| findings.add(rule, severity, place, verdict));
        }
    }
    findings
}

/// What the predicates have answered.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) violations: Vec<Violation>,
    identities: Vec<Identity>,
}

impl Findings {
    fn add(&mut self, rule: Rule, severity: Severity, place: Place, verdict: Verdict) {
        let outcome = match verdict {
            Verdict::Held => Outcome::Held,
            Verdict::Unchecked(reason) => Outcome::Unchecked(reason),
            Verdict::Broken(fact) => {
                self.violations.push(Violation::new(rule, severity, place.clone(), &fact));
                Outcome::Broken
            }
        };
        if rule.is_identity() {
            self.identities.push(Identity { rule, place, outcome });
        }
    }

    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.violations.iter().any(|violation| violation.rule == rule)
    }

    pub(crate) fn has_broken_identity(&self) -> bool {
        self.violations.iter().any(|violation| violation.rule.is_identity())
    }

    /// Whether a mistake may explain something of it.
    pub(crate) fn may_be_diagnosed(&self, order: &Order) -> bool {
        let rules = [Rule::NegativeDiscount, Rule::NegativeAmount, Rule::MisnamedField];
        let asks = |violation: &Violation| violation.rule.is_identity() || rules.contains(&violation.rule);
        !order.lines().is_empty() && self.violations.iter().any(asks)
    }
}

/// What a check found.
///
/// It serialises with serde, amounts as texts, and reads back as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What is wrong, in the order of the rules, then of the lines.
    pub violations: Vec<Violation>,
    /// How each identity (OC101 to OC105) ended: silence is not a verdict.
    pub identities: Vec<Identity>,
    /// What may have happened, best first; empty where no known mistake explains the order.
    pub diagnoses: Vec<Diagnosis>,
    /// What `fix --unsafe` would write, or why it writes nothing; `None` where nothing is to be repaired.
    pub repair: Option<Repair>,
    /// What [`mapping`](crate::mapping) adds up. It is not written, and a report that was read back has none.
    #[serde(skip)]
    pub(crate) evidence: Evidence,
}

/// Every set of mistakes that explains the order. It says nothing that the diagnoses do not follow from, so reports are
/// equal whatever they have of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence(pub(crate) Vec<Fit>);

impl PartialEq for Evidence {
    fn eq(&self, _: &Evidence) -> bool {
        true
    }
}

impl Eq for Evidence {}

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

    /// The money at risk: by how much the diagnoses of the first rank change `grand_total`, where they blame it, the
    /// largest of them. Where there is no diagnosis, how far `grand_total` is off, else the lines and `sub_total`. 0 for
    /// an order whose total is right; `None` where the sum cannot be held.
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
            broken
                .filter_map(|violation| violation.difference)
                .try_fold(Amount::ZERO, |sum, off| sum.checked_add(off.abs()))
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
    /// The first of the report's diagnoses that explains it, counted from 0.
    pub diagnosis: Option<usize>,
}

impl Violation {
    fn new(rule: Rule, severity: Severity, place: Place, fact: &Fact) -> Violation {
        let message = (rule.row().says)(&place, fact);
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
                // Writing to a string does not fail.
                let _ = working.write(&mut formula);
                formula
            }),
            terms: Terms(fact.working.as_ref().map(|working| working.named_terms().collect()).unwrap_or_default()),
            message,
            diagnosis: None,
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
    diagnosis: Option<usize>,
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
            diagnosis: self.diagnosis,
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
            diagnosis: written.diagnosis,
        })
    }
}
