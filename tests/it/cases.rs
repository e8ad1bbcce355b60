//! One directory of small orders for every rule: what holds, what breaks, and both to the last digit. See
//! `tests/cases/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use ordercharge::{IdentityOutcome, Policy, Report, Rule};

use crate::util::{compare, order, path};

/// What the name of a case promises of its rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The rule is not broken.
    Holds,
    /// The rule is broken.
    Breaks,
    /// Not broken, by the last digit or letter.
    BoundaryHolds,
    /// Broken, by the last digit or letter.
    BoundaryBreaks,
    /// The identity cannot be checked.
    Unchecked,
    /// This rule is broken and nothing else; where it cannot be broken by itself, also the rule it drags along.
    Alone(Option<Rule>),
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        let kinds = [
            ("boundary-holds-", Kind::BoundaryHolds),
            ("boundary-breaks-", Kind::BoundaryBreaks),
            ("holds-", Kind::Holds),
            ("breaks-", Kind::Breaks),
            ("unchecked-", Kind::Unchecked),
        ];
        match (name, name.strip_prefix("with-")) {
            ("alone", _) => Some(Kind::Alone(None)),
            (_, Some(code)) => {
                Rule::ALL.iter().copied().find(|rule| rule.code() == code).map(|too| Kind::Alone(Some(too)))
            }
            _ => {
                let promise =
                    |(prefix, _): &(&str, Kind)| name.strip_prefix(prefix).is_some_and(|what| !what.is_empty());
                kinds.into_iter().find(promise).map(|(_, kind)| kind)
            }
        }
    }
}

struct Case {
    rule: Rule,
    name: String,
    path: PathBuf,
    text: String,
}

impl Case {
    fn title(&self) -> String {
        format!("{}/{}", directory(self.rule), self.name)
    }

    fn kind(&self) -> Kind {
        Kind::of(&self.name).unwrap_or_else(|| panic!("{}: no kind of case begins like this", self.title()))
    }

    fn report(&self) -> Report {
        order(&self.text).check(&Policy::default())
    }
}

fn root() -> PathBuf {
    path("tests/cases")
}

/// The directory of a rule.
fn directory(rule: Rule) -> String {
    format!("{}-{}", rule.code(), rule.name())
}

/// What stands in a directory, by name.
fn entries(path: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn cases_of(rule: Rule) -> Vec<Case> {
    let directory = root().join(directory(rule));
    let case = |file: String| {
        let name = file.strip_suffix(".json")?.to_owned();
        let path = directory.join(&file);
        let text = fs::read_to_string(&path).unwrap();
        Some(Case { rule, name, path, text })
    };
    entries(&directory).into_iter().filter_map(case).collect()
}

fn cases() -> impl Iterator<Item = Case> {
    Rule::ALL.iter().copied().flat_map(cases_of)
}

/// A report as a text: a line for every violation, then one for every identity.
fn verdict(report: &Report) -> String {
    let mut text = String::new();
    for found in &report.violations {
        write!(text, "{} {} {}", found.severity, found.rule, found.place).unwrap();
        let amounts = [("stated", found.stated()), ("expected", found.expected()), ("difference", found.difference())];
        for (name, amount) in amounts {
            if let Some(amount) = amount {
                write!(text, " {name} {amount}").unwrap();
            }
        }
        if let Some(working) = found.working() {
            write!(text, ": {working}").unwrap();
        }
        text.push('\n');
    }
    for identity in &report.identities {
        let (rule, place) = (identity.rule, &identity.place);
        match &identity.outcome {
            IdentityOutcome::Held => writeln!(text, "held {rule} {place}"),
            IdentityOutcome::Broken => writeln!(text, "broken {rule} {place}"),
            IdentityOutcome::Unchecked(reason) => writeln!(text, "unchecked {rule} {place}: {reason}"),
        }
        .unwrap();
    }
    text
}

fn all_pass(failures: impl IntoIterator<Item = String>) {
    let failures: Vec<String> = failures.into_iter().collect();
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn every_rule_has_its_directory() {
    let directories: BTreeSet<String> =
        entries(&root()).into_iter().filter(|name| root().join(name).is_dir()).collect();
    let rules: BTreeSet<String> = Rule::ALL.iter().copied().map(directory).collect();
    assert_eq!(directories, rules);
}

#[test]
fn every_rule_has_every_kind_of_case() {
    all_pass(Rule::ALL.iter().copied().filter_map(|rule| {
        let mut kinds: BTreeMap<Kind, usize> = BTreeMap::new();
        for case in cases_of(rule) {
            *kinds.entry(case.kind()).or_default() += 1;
        }
        let alone: usize =
            kinds.iter().filter(|(kind, _)| matches!(kind, Kind::Alone(_))).map(|(_, count)| count).sum();
        let count = |kind| kinds.get(&kind).copied().unwrap_or_default();
        let complete = count(Kind::Holds) > 0
            && count(Kind::Breaks) > 0
            && count(Kind::BoundaryHolds) > 0
            && count(Kind::BoundaryBreaks) > 0
            && alone == 1
            && (count(Kind::Unchecked) > 0) == rule.is_identity();
        (!complete).then(|| format!("{}: not every kind of case: {kinds:?}", directory(rule)))
    }));
}

#[test]
fn every_verdict_is_as_committed() {
    all_pass(cases().filter_map(|case| compare(&case.path.with_extension("verdict"), &verdict(&case.report())).err()));
}

#[test]
fn every_name_tells_the_truth() {
    all_pass(cases().filter_map(|case| {
        let report = case.report();
        let broken: BTreeSet<Rule> = report.violations.iter().map(|found| found.rule).collect();
        let breaks = broken.contains(&case.rule);
        let ended = |expected: fn(&IdentityOutcome) -> bool| {
            report.identities.iter().any(|identity| identity.rule == case.rule && expected(&identity.outcome))
        };
        let held = !case.rule.is_identity() || ended(|outcome| *outcome == IdentityOutcome::Held);
        let unchecked = ended(|outcome| matches!(outcome, IdentityOutcome::Unchecked(_)));
        let true_name = match case.kind() {
            Kind::Holds | Kind::BoundaryHolds => !breaks && held && !unchecked,
            Kind::Breaks | Kind::BoundaryBreaks => breaks,
            Kind::Unchecked => !breaks && unchecked,
            Kind::Alone(too) => broken == BTreeSet::from_iter([case.rule].into_iter().chain(too)),
        };
        (!true_name).then(|| format!("{}: not so:\n{}", case.title(), verdict(&report)))
    }));
}

#[test]
fn silence_is_no_verdict() {
    all_pass(cases().filter_map(|case| {
        let document = order(&case.text);
        let lines = document.order().lines().iter().filter(|line| line.not_an_object.is_none()).count();
        let report = document.check(&Policy::default());
        let told = |rule: Rule| report.identities.iter().filter(|identity| identity.rule == rule).count();
        let of_header = [Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal];
        let complete = told(Rule::ExtendedAmount) == lines && of_header.into_iter().all(|rule| told(rule) == 1);
        let broken = Rule::ALL.iter().copied().filter(|rule| rule.is_identity()).all(|rule| {
            let ends =
                report.identities.iter().filter(|end| end.rule == rule && end.outcome == IdentityOutcome::Broken);
            let found = report.violations.iter().filter(|found| found.rule == rule);
            ends.map(|end| &end.place).eq(found.map(|found| &found.place))
        });
        (!complete || !broken).then(|| format!("{}: an identity went untold:\n{}", case.title(), verdict(&report)))
    }));
}

/// Every verdict has its case, and nothing else lies about; that every case has its verdict is seen where they are
/// compared.
#[test]
fn no_file_is_stray() {
    for rule in Rule::ALL.iter().copied() {
        let files = entries(&root().join(directory(rule)));
        for file in &files {
            let known = match file.rsplit_once('.') {
                Some((name, "json")) => Kind::of(name).is_some(),
                Some((name, "verdict")) => files.contains(&format!("{name}.json")),
                _ => false,
            };
            assert!(known, "{}/{file}: stray", directory(rule));
        }
    }
}
