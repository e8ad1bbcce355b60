//! Waivers: findings that are accepted until a day, for a reason.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use ordercharge::{Mistake, Order, Report, Rule};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use toml::Spanned;
use toml::value::Datetime;

use crate::args::{parse_mistake, parse_rules};
use crate::date::Date;

/// A waiver as it is written in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    #[serde(default, deserialize_with = "one_or_more")]
    cust_ref: Vec<String>,
    #[serde(default, deserialize_with = "one_or_more")]
    source: Vec<String>,
    rule: Option<String>,
    mistake: Option<String>,
    reason: String,
    until: Datetime,
}

/// A string, or a list of strings.
fn one_or_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a list of strings")
        }

        fn visit_str<E>(self, name: &str) -> Result<Vec<String>, E> {
            Ok(vec![name.to_owned()])
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Vec<String>, A::Error> {
            let mut all = Vec::new();
            while let Some(name) = names.next_element()? {
                all.push(name);
            }
            Ok(all)
        }
    }

    deserializer.deserialize_any(Names)
}

/// A waiver of the configuration.
#[derive(Clone)]
pub(crate) struct Waiver {
    /// The line that it begins on.
    pub(crate) line: usize,
    pub(crate) until: Date,
    pub(crate) reason: String,
    cust_refs: Vec<String>,
    sources: Vec<String>,
    what: What,
    /// The name of the rule or mistake, as it is written.
    name: String,
}

#[derive(Clone)]
enum What {
    Rules(Vec<Rule>),
    Mistake(Mistake),
}

impl Waiver {
    /// Checks what is written, apart from its types. The error is in words; the place is that of the waiver.
    pub(crate) fn new(written: &Spanned<Written>, line: usize) -> Result<Waiver, String> {
        let Written { cust_ref, source, rule, mistake, reason, until } = written.get_ref();
        if cust_ref.is_empty() && source.is_empty() {
            return Err("expected cust_ref or source in the waiver, to say for which orders it is".to_owned());
        }
        let (what, name) = match (rule, mistake) {
            (Some(rule), None) => (What::Rules(parse_rules(rule)?.0), rule),
            (None, Some(mistake)) => (What::Mistake(parse_mistake(mistake)?), mistake),
            _ => return Err("expected either rule or mistake in the waiver".to_owned()),
        };
        if reason.trim().is_empty() {
            return Err("expected a reason in the waiver, found a blank one".to_owned());
        }
        let until = Date::of_toml(until)
            .ok_or_else(|| format!("expected a date such as 2026-12-31 for until, found {until}"))?;
        Ok(Waiver {
            line,
            until,
            reason: reason.clone(),
            cust_refs: cust_ref.clone(),
            sources: source.clone(),
            what,
            name: name.clone(),
        })
    }

    /// What it is for, in words.
    pub(crate) fn subject(&self) -> String {
        let some = |names: &[String]| match names {
            [one] => one.clone(),
            names => format!("{} and {} more", names.first().map_or("", String::as_str), names.len().saturating_sub(1)),
        };
        match (self.cust_refs.is_empty(), self.sources.is_empty()) {
            (false, true) => format!("{} of {}", self.name, some(&self.cust_refs)),
            (false, false) => format!("{} of {} of {}", self.name, some(&self.cust_refs), some(&self.sources)),
            _ => format!("{} of {}", self.name, some(&self.sources)),
        }
    }
}

/// The waivers that hold on a day, found by the orders that they are for.
#[derive(Default)]
pub(crate) struct Waivers {
    all: Vec<Waiver>,
    expired: Vec<Waiver>,
    /// Which of them have waived something.
    used: Vec<AtomicBool>,
    by_cust_ref: HashMap<String, Vec<usize>>,
    /// Those that name no `cust_ref`.
    by_source: HashMap<String, Vec<usize>>,
}

impl Waivers {
    pub(crate) fn new(waivers: Vec<Waiver>, today: Date) -> Waivers {
        // The last day counts.
        let (all, expired): (Vec<_>, Vec<_>) = waivers.into_iter().partition(|waiver| waiver.until >= today);
        let used = all.iter().map(|_| AtomicBool::new(false)).collect();
        let mut waivers = Waivers { expired, used, ..Waivers::default() };
        for (at, waiver) in all.iter().enumerate() {
            let (index, names) = match waiver.cust_refs.is_empty() {
                false => (&mut waivers.by_cust_ref, &waiver.cust_refs),
                true => (&mut waivers.by_source, &waiver.sources),
            };
            names.iter().for_each(|name| index.entry(name.clone()).or_default().push(at));
        }
        waivers.all = all;
        waivers
    }

    /// Whether none holds.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn expired(&self) -> &[Waiver] {
        &self.expired
    }

    /// Those that hold and have waived nothing.
    pub(crate) fn unused(&self) -> impl Iterator<Item = &Waiver> {
        self.all.iter().zip(&self.used).filter(|(_, used)| !used.load(Ordering::Relaxed)).map(|(waiver, _)| waiver)
    }

    /// Which diagnoses of a report are waived, and which violations.
    pub(crate) fn judge(&self, order: &Order, report: &Report) -> Waived {
        let source = order.order_source.as_deref();
        let of = |index: &HashMap<String, Vec<usize>>, name: Option<&str>| -> Vec<usize> {
            name.and_then(|name| index.get(name)).cloned().unwrap_or_default()
        };
        let is_of_source = |waiver: &Waiver| {
            waiver.sources.is_empty() || source.is_some_and(|source| waiver.sources.iter().any(|name| name == source))
        };
        let mut holding = of(&self.by_source, source);
        holding.extend(of(&self.by_cust_ref, order.cust_ref.as_deref()));
        let holding: Vec<(usize, &Waiver)> = holding
            .into_iter()
            .filter_map(|at| Some((at, self.all.get(at)?)))
            .filter(|(_, waiver)| is_of_source(waiver))
            .collect();
        let mistakes: BTreeSet<Mistake> = holding
            .iter()
            .filter_map(|(_, waiver)| match waiver.what {
                What::Mistake(mistake) => Some(mistake),
                What::Rules(_) => None,
            })
            .collect();
        // A diagnosis of two mistakes is waived if both are.
        let diagnoses: Vec<bool> = report
            .diagnoses
            .iter()
            .map(|diagnosis| {
                let mut made = diagnosis.mistakes.iter();
                !diagnosis.mistakes.is_empty() && made.all(|made| mistakes.contains(&made.mistake))
            })
            .collect();
        let waives = |at: usize, of: &Rule, diagnosis: Option<usize>, waiver: &Waiver| {
            let used = match &waiver.what {
                What::Rules(rules) => rules.contains(of),
                What::Mistake(mistake) => self.explains(report, &diagnoses, of, diagnosis, *mistake),
            };
            if used && let Some(flag) = self.used.get(at) {
                flag.store(true, Ordering::Relaxed);
            }
            used
        };
        let violations = report
            .violations
            .iter()
            .map(|violation| {
                // Each is asked, since each that applies counts as used.
                let waives =
                    |(at, waiver): &(usize, &Waiver)| waives(*at, &violation.rule, violation.diagnosis, waiver);
                holding.iter().filter(|one| waives(one)).count() > 0
            })
            .collect();
        Waived { diagnoses, violations }
    }

    /// Whether a waived diagnosis with this mistake explains a violation: the first one that does, or for a broken identity
    /// also another of the same rank. The figures cannot choose between those, but who wrote the waiver has.
    fn explains(&self, report: &Report, waived: &[bool], rule: &Rule, first: Option<usize>, mistake: Mistake) -> bool {
        let Some(diagnosis) = first.and_then(|first| report.diagnoses.get(first)) else { return false };
        report.diagnoses.iter().zip(waived).enumerate().any(|(at, (other, waived))| {
            let equal = rule.is_identity() && !diagnosis.partial && !other.partial && other.rank == diagnosis.rank;
            *waived && (Some(at) == first || equal) && other.mistakes.iter().any(|made| made.mistake == mistake)
        })
    }
}

/// What waivers accept of a report.
pub(crate) struct Waived {
    pub(crate) diagnoses: Vec<bool>,
    pub(crate) violations: Vec<bool>,
}
