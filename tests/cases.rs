//! The cases of `tests/rules`, `tests/mistakes` and `tests/stories`: each heading of their pages is a test.
//!
//! `cargo test --test cases OC105` runs those of one rule, `cargo test --test cases rules::OC105::breaks::tax-left-out`
//! runs one. With `ORDERCHARGE_BLESS=1` the verdicts are rewritten first. `tests/README.md` has the format of a page.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

#[path = "it/util/pages.rs"]
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::{env, fs};

use libtest_mimic::{Arguments, Trial};
use ordercharge::{Certainty, Document, IdentityOutcome, Mistake, Policy, Report, Rule};
use pages::{Case, Page, pages};

/// A folder of pages, and what their cases must fulfil.
struct Folder {
    name: &'static str,
    /// What the pages say of an order.
    verdict: fn(&Report) -> String,
    /// What a case promises besides its verdict.
    holds: fn(&Page, &Case) -> Result<(), String>,
    /// What a page promises beside its cases.
    is_complete: fn(&Page) -> Result<(), String>,
    /// The names of all pages.
    names: fn() -> BTreeSet<String>,
}

const FOLDERS: [Folder; 3] = [
    Folder {
        name: "rules",
        verdict: violations_and_identities,
        holds: keeps_its_promise,
        is_complete: has_every_promise,
        names: || Rule::ALL.iter().map(|rule| rule.code().to_owned()).collect(),
    },
    Folder {
        name: "mistakes",
        verdict: diagnoses,
        holds: |_, _| Ok(()),
        is_complete: begins_with_the_example,
        names: || Mistake::ALL.iter().map(ToString::to_string).collect(),
    },
    Folder {
        name: "stories",
        verdict: diagnoses,
        holds: claims_no_more_than_is_known,
        is_complete: |_| Ok(()),
        names: || ["header", "lines", "several"].into_iter().map(str::to_owned).collect(),
    },
];

fn main() -> ExitCode {
    // `tests/mutants/run` gives this option to all test programs; here no test takes long.
    let mut arguments = Arguments::from_iter(env::args().filter(|argument| argument != "--fail-fast"));
    // A line for each of a thousand cases would hide what other test programs say.
    arguments.quiet |= arguments.filter.is_none() && arguments.format.is_none();
    if env::var_os("ORDERCHARGE_BLESS").is_some_and(|bless| bless == "1") {
        add_pages_of_mistakes();
        FOLDERS.iter().for_each(bless);
    }
    libtest_mimic::run(&arguments, FOLDERS.iter().flat_map(trials).collect()).exit_code()
}

fn trials(folder: &'static Folder) -> Vec<Trial> {
    let trial = |name: String, test: Box<dyn Fn() -> Result<(), String> + Send>| {
        Trial::test(name, move || test().map_err(Into::into))
    };
    let mut trials = vec![trial(format!("{}::are_all_there", folder.name), Box::new(|| are_all_there(folder)))];
    for page in pages(folder.name).into_iter().map(Arc::new) {
        let of_page = Arc::clone(&page);
        let name = format!("{}::{}::is_complete", folder.name, page.name);
        trials.push(trial(name, Box::new(move || (folder.is_complete)(&of_page))));
        for (index, case) in page.cases.iter().enumerate() {
            let page = Arc::clone(&page);
            trials.push(trial(case.name.clone(), Box::new(move || is_right(folder, &page, &page.cases[index]))));
        }
    }
    trials
}

/// Each row of the table has a page, and there are no others.
fn are_all_there(folder: &Folder) -> Result<(), String> {
    let pages: BTreeSet<String> = pages(folder.name).into_iter().map(|page| page.name).collect();
    let names = (folder.names)();
    let differing: Vec<&String> = pages.symmetric_difference(&names).collect();
    if differing.is_empty() { Ok(()) } else { Err(format!("not both a page and a row of the table: {differing:?}")) }
}

/// The order of a case, checked.
fn report(case: &Case, text: &str) -> Report {
    let document = Document::from_json(text.as_bytes());
    document.unwrap_or_else(|error| panic!("{}: {error}\n{text}", case.name)).check(&Policy::default())
}

fn is_right(folder: &Folder, page: &Page, case: &Case) -> Result<(), String> {
    if !case.why.ends_with(['.', ':']) {
        return Err("a sentence below the heading says why the case is there".to_owned());
    }
    for order in &case.orders {
        let now = (folder.verdict)(&report(case, order));
        let committed = case.verdict.as_deref().unwrap_or_default();
        if committed != now {
            return Err(format!(
                "{order}the page says:\n{committed}the library says now:\n{now}\
                 if that is meant, run the tests again with ORDERCHARGE_BLESS=1 and read the differences before you \
                 commit them"
            ));
        }
    }
    (folder.holds)(page, case)
}

/// Rewrites the verdicts of all pages. Where orders that share a verdict differ, the test still fails.
fn bless(folder: &Folder) {
    for page in pages(folder.name) {
        let verdict = |case: &Case| (folder.verdict)(&report(case, &case.orders[0]));
        let text = page.with_verdicts(&page.cases.iter().map(verdict).collect::<Vec<_>>());
        if text != page.text {
            fs::write(&page.path, text).unwrap();
        }
    }
}

/// What a heading promises of the page's rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Promise {
    /// The rule is not broken.
    Holds,
    /// The rule is broken.
    Breaks,
    /// Not broken, by the last digit or letter.
    HoldsAtTheBoundary,
    /// Broken, by the last digit or letter.
    BreaksAtTheBoundary,
    /// The identity cannot be checked.
    Unchecked,
    /// This rule is broken and nothing else; where it cannot be broken by itself, also the rule it drags along.
    Alone(Option<Rule>),
}

impl Promise {
    fn of(case: &Case) -> Option<Promise> {
        let (promise, what) = case.heading.split_once(": ").unwrap_or((&case.heading, ""));
        match (promise, what) {
            ("Alone", "") => Some(Promise::Alone(None)),
            (_, "") => {
                let code = promise.strip_prefix("Alone with ")?;
                Rule::ALL.iter().copied().find(|rule| rule.code() == code).map(|too| Promise::Alone(Some(too)))
            }
            ("Holds", _) => Some(Promise::Holds),
            ("Breaks", _) => Some(Promise::Breaks),
            ("Holds at the boundary", _) => Some(Promise::HoldsAtTheBoundary),
            ("Breaks at the boundary", _) => Some(Promise::BreaksAtTheBoundary),
            ("Unchecked", _) => Some(Promise::Unchecked),
            _ => None,
        }
    }
}

/// The rule of a page.
fn rule(page: &Page) -> Result<Rule, String> {
    page.name.parse().map_err(|_| format!("no rule is called {}", page.name))
}

/// The page has its rule's name, and a case for each promise.
fn has_every_promise(page: &Page) -> Result<(), String> {
    let rule = rule(page)?;
    let title = format!("{} {}", rule.code(), rule.name());
    if page.title != title {
        return Err(format!("the title is {}, not {title}", page.title));
    }
    let mut promises: BTreeMap<Option<Promise>, usize> = BTreeMap::new();
    for case in &page.cases {
        *promises.entry(Promise::of(case)).or_default() += 1;
    }
    let count = |promise| promises.get(&Some(promise)).copied().unwrap_or_default();
    let alone: usize = promises.iter().filter(|(of, _)| matches!(of, Some(Promise::Alone(_)))).map(|(_, n)| n).sum();
    let complete = count(Promise::Holds) > 0
        && count(Promise::Breaks) > 0
        && count(Promise::HoldsAtTheBoundary) > 0
        && count(Promise::BreaksAtTheBoundary) > 0
        && alone == 1
        && (count(Promise::Unchecked) > 0) == rule.is_identity();
    if complete { Ok(()) } else { Err(format!("not a case for each promise: {promises:?}")) }
}

/// What the heading promises is true, and no identity is passed over in silence.
fn keeps_its_promise(page: &Page, case: &Case) -> Result<(), String> {
    let rule = rule(page)?;
    let promise = Promise::of(case).ok_or("no promise begins like this heading")?;
    for text in &case.orders {
        let report = report(case, text);
        let broken: BTreeSet<Rule> = report.violations.iter().map(|found| found.rule).collect();
        let breaks = broken.contains(&rule);
        let ended = |expected: fn(&IdentityOutcome) -> bool| {
            report.identities.iter().any(|identity| identity.rule == rule && expected(&identity.outcome))
        };
        let held = !rule.is_identity() || ended(|outcome| *outcome == IdentityOutcome::Held);
        let unchecked = ended(|outcome| matches!(outcome, IdentityOutcome::Unchecked(_)));
        let is_kept = match promise {
            Promise::Holds | Promise::HoldsAtTheBoundary => !breaks && held && !unchecked,
            Promise::Breaks | Promise::BreaksAtTheBoundary => breaks,
            Promise::Unchecked => !breaks && unchecked,
            Promise::Alone(too) => broken == BTreeSet::from_iter([rule].into_iter().chain(too)),
        };
        if !is_kept {
            return Err(format!("the heading is not true:\n{text}{}", violations_and_identities(&report)));
        }
        says_how_each_identity_ended(text, &report)?;
    }
    Ok(())
}

fn says_how_each_identity_ended(text: &str, report: &Report) -> Result<(), String> {
    let document = Document::from_json(text.as_bytes()).map_err(|error| error.to_string())?;
    let lines = document.order().lines().iter().filter(|line| line.not_an_object.is_none()).count();
    let reported = |rule: Rule| report.identities.iter().filter(|identity| identity.rule == rule).count();
    let of_header = [Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal];
    let complete = reported(Rule::ExtendedAmount) == lines && of_header.into_iter().all(|rule| reported(rule) == 1);
    let broken = Rule::ALL.iter().copied().filter(|rule| rule.is_identity()).all(|rule| {
        let ends = report.identities.iter().filter(|end| end.rule == rule && end.outcome == IdentityOutcome::Broken);
        let found = report.violations.iter().filter(|found| found.rule == rule);
        ends.map(|end| end.place).eq(found.map(|found| found.place.clone()))
    });
    if complete && broken {
        Ok(())
    } else {
        Err(format!("an identity is not reported:\n{text}{}", violations_and_identities(report)))
    }
}

/// A line for every violation, then one for every identity.
fn violations_and_identities(report: &Report) -> String {
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
    for identity in report.identities.iter() {
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

/// What is diagnosed of an order, and what would be written.
fn diagnoses(report: &Report) -> String {
    let mut text = String::new();
    for violation in &report.violations {
        writeln!(text, "{violation}").unwrap();
    }
    for diagnosis in &report.diagnoses {
        let certainty = if diagnosis.partial { "partial" } else { diagnosis.certainty.name() };
        writeln!(text, "{}. {} ({certainty}): {diagnosis}", diagnosis.rank, diagnosis.names()).unwrap();
    }
    match &report.repair {
        None => writeln!(text, "nothing to repair").unwrap(),
        Some(repair) => {
            if let Some(withheld) = repair.withheld {
                writeln!(text, "repair withheld: {withheld}").unwrap();
            }
            for edit in &repair.edits {
                writeln!(text, "repair: {edit}").unwrap();
            }
        }
    }
    text
}

/// Whether a story that is no row of the table is left alone as its heading says: nothing is claimed for certain, and nothing is
/// written.
fn claims_no_more_than_is_known(_: &Page, case: &Case) -> Result<(), String> {
    for text in &case.orders {
        let report = report(case, text);
        let first = || report.diagnoses.iter().filter(|diagnosis| diagnosis.is_first() && !diagnosis.partial);
        let is_kept = match case.heading.split_once(": ") {
            Some(("No known mistake", _)) => first().count() == 0,
            Some(("Not certain", _)) => {
                first().count() > 0 && first().all(|diagnosis| diagnosis.certainty == Certainty::Likely)
            }
            _ => return Err("no promise begins like this heading".to_owned()),
        };
        if !is_kept || report.is_valid() || report.repair.is_some_and(|repair| !repair.edits.is_empty()) {
            return Err(format!("more is claimed than the heading says:\n{text}"));
        }
    }
    Ok(())
}

/// How the page of a mistake begins: its name, what it is, and the order that shows it.
fn beginning(mistake: Mistake) -> String {
    let example = mistake.example().unwrap_or_else(|| panic!("{mistake} has no example"));
    format!("# {mistake}\n\n{}\n\n```json\n{example}\n```\n", mistake.explanation())
}

fn begins_with_the_example(page: &Page) -> Result<(), String> {
    let mistake = page.name.parse::<Mistake>().map_err(|error| error.to_string())?;
    let beginning = beginning(mistake);
    if page.text.starts_with(&beginning) { Ok(()) } else { Err(format!("the page does not begin with\n{beginning}")) }
}

/// Writes the pages of new mistakes, and the beginnings of the others.
fn add_pages_of_mistakes() {
    for mistake in Mistake::ALL {
        let path = format!("{}/tests/mistakes/{mistake}.md", env!("CARGO_MANIFEST_DIR"));
        let text = fs::read_to_string(&path).unwrap_or_default();
        let rest = text.split_once("\n```json\n").and_then(|(_, rest)| rest.split_once("\n```\n"));
        let text = beginning(*mistake) + rest.map_or("", |(_, rest)| rest);
        fs::write(path, text).unwrap();
    }
}
