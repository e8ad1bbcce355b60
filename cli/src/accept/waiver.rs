//! Waivers: findings that are accepted until a day, for a reason.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use ordercharge::{Mistake, Order, Report, Rule};
use toml::Spanned;
use toml::de::DeValue;

use crate::config_file::{File, kind_of};
use crate::date::Date;
use crate::names::{parse_mistake, parse_rules, suggestion};

/// The keys of a waiver.
const KEYS: &[&str] = &["cust_ref", "source", "rule", "mistake", "reason", "until"];

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
    /// Reads a waiver of a configuration file. An error has the place of the key or the value that is wrong.
    pub(crate) fn read(file: &File, written: &Spanned<DeValue<'_>>) -> Result<Waiver, String> {
        let entries = file.table(written)?;
        if let Some((key, _)) = entries.iter().find(|(key, _)| !KEYS.contains(&&**key.get_ref())) {
            let near = suggestion(key.get_ref(), KEYS.iter().copied());
            let why = format!(
                "no key of a waiver is called {:?}{near} (docs/configuration.md lists all keys)",
                key.get_ref()
            );
            return Err(file.message(&key.span(), &why));
        }
        let value = |name: &str| entries.iter().find(|(key, _)| key.get_ref() == name).map(|(_, value)| value);
        let wrong = |value: &Spanned<DeValue<'_>>, why: &str| file.message(&value.span(), why);
        let found = |value: &Spanned<DeValue<'_>>, name: &str, expected: &str| {
            let kind = kind_of(value.get_ref());
            wrong(value, &format!("expected {expected} for {name}, found {kind}"))
        };
        let text = |name: &str| {
            let text = |value| text_of(value).map(|text| (value, text)).ok_or_else(|| found(value, name, "a string"));
            value(name).map(text)
        };
        let names = |name: &str| match value(name) {
            None => Ok(Vec::new()),
            Some(value) => match value.get_ref() {
                DeValue::Array(list) => {
                    let one = |one| text_of(one).ok_or_else(|| found(one, name, "a list of strings"));
                    list.iter().map(one).collect()
                }
                _ => text_of(value)
                    .map(|name| vec![name])
                    .ok_or_else(|| found(value, name, "a string or a list of strings")),
            },
        };
        let (cust_refs, sources) = (names("cust_ref")?, names("source")?);
        if cust_refs.is_empty() && sources.is_empty() {
            return Err(wrong(written, "expected cust_ref or source in the waiver, to say for which orders it is"));
        }
        let (what, name) = match (text("rule").transpose()?, text("mistake").transpose()?) {
            (Some((at, name)), None) => (What::Rules(parse_rules(&name).map_err(|why| wrong(at, &why))?.0), name),
            (None, Some((at, name))) => (What::Mistake(parse_mistake(&name).map_err(|why| wrong(at, &why))?), name),
            (None, None) => {
                return Err(wrong(written, "expected rule or mistake in the waiver, to say what it accepts"));
            }
            (Some(_), Some((at, _))) => {
                return Err(wrong(at, "expected either rule or mistake in the waiver, found both"));
            }
        };
        let Some((at, reason)) = text("reason").transpose()? else {
            return Err(wrong(written, "expected a reason in the waiver, such as reason = \"Ticket 1017\""));
        };
        if reason.trim().is_empty() {
            return Err(wrong(at, "expected a reason in the waiver, found a blank one"));
        }
        let until = match value("until") {
            None => Err(wrong(written, "expected the last day of the waiver, such as until = 2026-12-31")),
            Some(value) => match value.get_ref() {
                DeValue::Datetime(day) => Date::of_toml(day)
                    .ok_or_else(|| wrong(value, &format!("expected a date such as 2026-12-31 for until, found {day}"))),
                DeValue::String(text) if text.parse::<Date>().is_ok() => {
                    Err(wrong(value, &format!("write the date without quotes: until = {text}")))
                }
                _ => Err(found(value, "until", "a date such as 2026-12-31")),
            },
        }?;
        Ok(Waiver { line: file.line(written.span().start), until, reason, cust_refs, sources, what, name })
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

/// The text of a string.
fn text_of(value: &Spanned<DeValue<'_>>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.to_string()),
        _ => None,
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
