//! Findings: runs the rules over an order and collects what is held, broken and unchecked.

use core::fmt;

use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculate::Working;
use crate::currency::Currency;
use crate::error::Position;
use crate::identities::{Identity, IdentityOutcome};
use crate::kind::ViolationKind;
use crate::order::{Order, Place};
use crate::policy::Policy;
use crate::predicates::{Case, Verdict};
use crate::rules::{Rule, Severity};

/// The most violations of one rule that are listed. A violation with its text in a record takes some 600 bytes, and an order
/// of a few megabytes can have hundreds of thousands; nobody reads so many of one kind.
pub(crate) const MOST_LISTED: usize = 1000;

/// What is wrong with an order, without a diagnosis.
pub(crate) fn find(order: &Order, policy: &Policy) -> Findings {
    let case = Case::new(order, &policy.options);
    let mut findings = Findings::default();
    // One identity for each line and one for each total of the header.
    findings.identities.reserve_exact(order.lines().len() + 4);
    for rule in Rule::ALL.iter().copied() {
        if let Some(severity) = policy.severity(rule) {
            let first = findings.violations.len();
            let mut further = Further::default();
            (rule.row().check)(&case, &mut |place, verdict| {
                let is_listed = findings.violations.len() - first < MOST_LISTED;
                findings.add(rule, severity, place, verdict, if is_listed { None } else { Some(&mut further) });
            });
            if !further.places.is_empty() {
                findings.further.push((rule, severity, further));
            }
        }
    }
    findings
}

/// Every violation of one rule, however many there are.
pub(crate) fn each_of(order: &Order, policy: &Policy, rule: Rule, mut each: impl FnMut(Place, ViolationKind)) {
    if policy.severity(rule).is_some() {
        let case = Case::new(order, &policy.options);
        (rule.row().check)(&case, &mut |place, verdict| {
            if let Verdict::Broken(kind) = verdict {
                each(place, kind);
            }
        });
    }
}

/// The answers of the predicates.
#[derive(Default)]
pub(crate) struct Findings {
    /// At most [`MOST_LISTED`] of each rule.
    pub(crate) violations: Vec<Violation>,
    /// The others, in the order of the rules.
    pub(crate) further: Vec<(Rule, Severity, Further)>,
    pub(crate) identities: Vec<Identity>,
}

/// The violations of a rule that are not listed.
pub(crate) struct Further {
    pub(crate) places: Vec<Place>,
    /// By how much their amounts are off, added up; `None` if that has too many digits.
    pub(crate) off: Option<Amount>,
}

impl Default for Further {
    fn default() -> Further {
        Further { places: Vec::new(), off: Some(Amount::ZERO) }
    }
}

impl Further {
    fn add(&mut self, place: Place, kind: &ViolationKind) {
        self.places.push(place);
        if let Some(off) = kind.difference() {
            self.off = self.off.and_then(|sum| sum.checked_add(off.abs()));
        }
    }

    /// What the report says of them.
    pub(crate) fn violation(&self, rule: Rule, severity: Severity) -> Option<Violation> {
        let kind = ViolationKind::Further { count: self.places.len() as u64, off: self.off };
        let place = self.places.first()?.clone();
        Some(Violation { rule, severity, place, span: None, kind, diagnosis: None })
    }
}

impl Findings {
    fn add(&mut self, rule: Rule, severity: Severity, place: Place, verdict: Verdict, further: Option<&mut Further>) {
        let outcome = match verdict {
            Verdict::Held => IdentityOutcome::Held,
            Verdict::Unchecked(reason) => IdentityOutcome::Unchecked(reason),
            Verdict::Broken(kind) => {
                let place = place.clone();
                match further {
                    Some(further) => further.add(place, &kind),
                    None => {
                        self.violations.push(Violation { rule, severity, place, span: None, kind, diagnosis: None });
                    }
                }
                IdentityOutcome::Broken
            }
        };
        if rule.is_identity() {
            self.identities.push(Identity { rule, place, outcome });
        }
    }

    /// The rule and the place of each violation, listed or not.
    pub(crate) fn places(&self) -> impl Iterator<Item = (Rule, &Place)> {
        let further =
            self.further.iter().flat_map(|(rule, _, further)| further.places.iter().map(|place| (*rule, place)));
        self.violations.iter().map(|violation| (violation.rule, &violation.place)).chain(further)
    }

    pub(crate) fn has(&self, rule: Rule) -> bool {
        self.violations.iter().any(|violation| violation.rule == rule)
    }

    pub(crate) fn has_broken_identity(&self) -> bool {
        self.violations.iter().any(|violation| violation.rule.is_identity())
    }

    /// Whether a mistake may explain some of it.
    pub(crate) fn may_be_diagnosed(&self, order: &Order) -> bool {
        let rules = [Rule::NegativeDiscount, Rule::NegativeAmount, Rule::MisnamedField];
        let asks = |violation: &Violation| violation.rule.is_identity() || rules.contains(&violation.rule);
        !order.lines().is_empty() && self.violations.iter().any(asks)
    }
}

/// The bytes of a value in the source that the order was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Span {
    /// The first byte.
    pub start: Position,
    /// The offset after the last byte.
    pub end: u64,
}

/// One thing that is wrong.
///
/// `Display` prints it as `error[OC105] /grand_total: grand_total is 15, expected 12 (over by 3)`. In serde it has the keys
/// of a record of the command (`docs/output.md`), which follow from `kind`, and `kind` itself, from which it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The rule that is broken.
    pub rule: Rule,
    /// Its severity under the policy of the check.
    pub severity: Severity,
    /// The place.
    pub place: Place,
    /// The place in the text, if the order was read from one: the value, or the object that lacks it.
    pub span: Option<Span>,
    /// What is wrong, with its figures.
    pub kind: ViolationKind,
    /// The index of the first of the report's diagnoses that explains it.
    pub diagnosis: Option<usize>,
}

impl Violation {
    /// What the order states at the place, if that is an amount.
    pub fn stated(&self) -> Option<Amount> {
        self.kind.stated()
    }

    /// How many violations it stands for: 1, unless it is of the kind [`Further`](ViolationKind::Further).
    pub fn count(&self) -> u64 {
        match self.kind {
            ViolationKind::Further { count, .. } => count,
            _ => 1,
        }
    }

    /// What it should be, if that is known.
    pub fn expected(&self) -> Option<Amount> {
        self.kind.expected()
    }

    /// `stated - expected`, if both are known and the difference has at most 28 digits.
    pub fn difference(&self) -> Option<Amount> {
        self.kind.difference()
    }

    /// How the expected amount is calculated. `Display` prints the formula with its operands: `14 + 0 + 0 - 2 = 12`.
    pub fn working(&self) -> Option<&Working> {
        self.kind.working()
    }

    /// The violation in one sentence. Amounts are written as short as they can be.
    pub fn message(&self) -> String {
        self.sentence(None)
    }

    /// Like [`message`](Violation::message), but money is written with the decimals of the order's currency, as people
    /// write it, and what was a binary float is also shown rounded.
    ///
    /// ```
    /// use ordercharge::{Order, Policy, check};
    ///
    /// let order = Order::from_json(br#"{"currency_code": "USD", "balance": 5, "items": [{"quantity": 1}]}"#)?;
    /// let report = check(&order, &Policy::default());
    /// let message = report.violations[0].message_in(&order.currency);
    /// assert_eq!(message, "balance is 5.00, expected 0 or nothing: CartRover does not use it");
    /// # Ok::<(), ordercharge::Error>(())
    /// ```
    pub fn message_in(&self, currency: &Currency) -> String {
        self.sentence(Some(currency.decimals()))
    }

    /// Writes what [`message_in`](Violation::message_in) returns.
    pub fn write_in(&self, currency: &Currency, out: &mut impl fmt::Write) -> fmt::Result {
        self.kind.write(&self.place, Some(currency.decimals()), out)
    }

    fn sentence(&self, decimals: Option<u32>) -> String {
        let mut message = String::with_capacity(96);
        // Writing to a string does not fail.
        let _ = self.kind.write(&self.place, decimals, &mut message);
        message
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: ", self.severity, self.rule, self.place)?;
        self.kind.write(&self.place, None, f)
    }
}

/// The operands of a formula by name, as an object.
struct Terms<'a>(Option<&'a Working>);

impl Serialize for Terms<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.into_iter().flat_map(Working::named_terms))
    }
}

/// A violation in serde: every key is always there.
#[derive(Serialize)]
struct Written<'a> {
    rule: Rule,
    name: &'static str,
    severity: Severity,
    path: &'a Place,
    line: Option<u64>,
    column: Option<u64>,
    byte_start: Option<u64>,
    byte_end: Option<u64>,
    stated: Option<Amount>,
    expected: Option<Amount>,
    difference: Option<Amount>,
    formula: Option<String>,
    terms: Terms<'a>,
    message: String,
    diagnosis: Option<usize>,
    kind: &'a ViolationKind,
}

impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let start = self.span.map(|span| span.start);
        let written = Written {
            rule: self.rule,
            name: self.rule.name(),
            severity: self.severity,
            path: &self.place,
            line: start.map(|start| start.line),
            column: start.map(|start| start.column),
            byte_start: start.map(|start| start.offset),
            byte_end: self.span.map(|span| span.end),
            stated: self.stated(),
            expected: self.expected(),
            difference: self.difference(),
            formula: self.working().map(ToString::to_string),
            terms: Terms(self.working()),
            message: self.message(),
            diagnosis: self.diagnosis,
            kind: &self.kind,
        };
        written.serialize(serializer)
    }
}

/// The keys that are read back: the others follow from them.
#[derive(Deserialize)]
#[serde(rename = "Violation")]
struct Read {
    rule: Rule,
    severity: Severity,
    path: Place,
    line: Option<u64>,
    column: Option<u64>,
    byte_start: Option<u64>,
    byte_end: Option<u64>,
    diagnosis: Option<usize>,
    kind: ViolationKind,
}

impl<'de> Deserialize<'de> for Violation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        let span = match (read.line, read.column, read.byte_start, read.byte_end) {
            (Some(line), Some(column), Some(offset), Some(end)) => {
                Some(Span { start: Position { offset, line, column }, end })
            }
            (None, None, None, None) => None,
            _ => return Err(D::Error::custom("expected line, column, byte_start and byte_end, or none of them")),
        };
        let Read { rule, severity, path: place, kind, diagnosis, .. } = read;
        Ok(Violation { rule, severity, place, span, kind, diagnosis })
    }
}
