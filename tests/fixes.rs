//! A fix mends what it says and touches nothing else: over every order of the tests that breaks something. What it makes of
//! single ones stands in `mended.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

#[path = "util/guards.rs"]
mod guards;
#[allow(dead_code, reason = "no committed file is compared here")]
mod util;

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ordercharge::{
    Amount, Applicability, Charge, Edit, Fix, Order, Outcome, Place, Policy, Report, Rule, Severity, check, fix,
};
use serde_json::Value;
use util::{order, path};

const BOTH: [Applicability; 2] = [Applicability::Safe, Applicability::Unsafe];

/// An order of the tests that breaks something.
struct Case {
    title: String,
    text: String,
}

/// Every order in a directory and those within, by its path.
fn texts(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            found.push(path);
        }
    }
}

fn cases() -> Vec<Case> {
    let mut files = Vec::new();
    texts(&path("tests/causes"), &mut files);
    let of_causes = files.len();
    texts(&path("tests/cases"), &mut files);
    let breaks = |file: &Path| file.file_name().unwrap().to_str().unwrap().starts_with("breaks-");
    let mut at = 0;
    files.retain(|file| {
        at += 1;
        at <= of_causes || breaks(file)
    });
    files.sort();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let case = |file: PathBuf| Case {
        title: file.strip_prefix(root).unwrap().display().to_string(),
        text: fs::read_to_string(&file).unwrap(),
    };
    files.into_iter().map(case).collect()
}

/// A fix that was made.
struct Mended<'a> {
    title: String,
    allowed: Applicability,
    /// The text of the order before.
    text: &'a str,
    order: Order,
    before: Report,
    fix: Fix,
    /// The text after.
    fixed: String,
    after: Report,
}

fn mend<'a>(case: &'a Case, allowed: Applicability) -> Option<Mended<'a>> {
    let document = order(&case.text);
    let policy = Policy::default();
    let fix = fix(document.order(), &policy, allowed)?;
    let fixed = String::from_utf8(document.fixed(&fix)).unwrap();
    let after = order(&fixed).check(&policy);
    Some(Mended {
        title: format!("{} ({})", case.title, allowed.name()),
        allowed,
        text: std::str::from_utf8(document.text()).unwrap(),
        before: document.check(&policy),
        order: document.into_order(),
        fix,
        fixed,
        after,
    })
}

/// Looks at every fix that can be made of the orders of the tests.
fn every_fix(look: impl Fn(&Mended<'_>) -> Result<(), String>) {
    let (mut failures, mut seen) = (Vec::new(), [0, 0]);
    for case in cases() {
        for (allowed, seen) in BOTH.into_iter().zip(&mut seen) {
            let Some(mended) = mend(&case, allowed) else { continue };
            *seen += 1;
            if let Err(failure) = look(&mended) {
                failures.push(format!("{}: {failure}\n{:?}\n{}", mended.title, mended.fix.edits, mended.fixed));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {seen:?}:\n{}\n", failures.len(), failures.join("\n"));
    assert!(seen[0] > 10 && seen[1] > 100, "{seen:?} fixes were looked at");
}

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

fn faults(report: &Report) -> BTreeSet<(Rule, Place, Severity)> {
    report.violations.iter().map(|found| (found.rule, found.place.clone(), found.severity)).collect()
}

#[test]
fn the_order_is_strictly_better() {
    every_fix(|mended| {
        let (before, after) = (faults(&mended.before), faults(&mended.after));
        let new: Vec<_> = after.difference(&before).collect();
        ensure(new.is_empty(), || format!("new: {new:?}"))?;
        ensure(after.len() < before.len(), || "no better".to_owned())?;
        let unchecked = mended.after.unchecked().count();
        ensure(unchecked <= mended.before.unchecked().count(), || "less is checked than before".to_owned())
    });
}

#[test]
fn what_had_a_fix_holds() {
    every_fix(|mended| {
        let ended = |rule: Rule, place: &Place| {
            let mut identities = mended.after.identities.iter();
            identities.find(|identity| identity.rule == rule && identity.place == *place).map(|found| &found.outcome)
        };
        // Where all edits together would bring something new, those that do not are made alone.
        let all_edits = mended.before.violations.iter().filter_map(|found| found.fix.as_ref());
        let partly = all_edits.flat_map(|fix| &fix.edits).any(|edit| {
            mended
                .before
                .violations
                .iter()
                .any(|found| found.rule == Rule::ExcessPrecision && found.place == edit.place)
        });
        if partly {
            return Ok(());
        }
        for found in &mended.before.violations {
            let fixable = found.fix.as_ref().is_some_and(|fix| fix.applicability <= mended.allowed);
            if found.rule.is_identity() && (fixable || (found.root.is_some() && mended.allowed > Applicability::Safe)) {
                let outcome = ended(found.rule, &found.place);
                ensure(outcome == Some(&Outcome::Held), || format!("{} {}: {outcome:?}", found.rule, found.place))?;
            }
        }
        for edit in &mended.fix.edits {
            let identities = mended.after.identities.iter().filter(|identity| identity.place == edit.place);
            let broken = identities.filter(|identity| identity.outcome == Outcome::Broken).count();
            ensure(broken == 0, || format!("{} was edited and is broken", edit.place))?;
        }
        Ok(())
    });
}

#[test]
fn a_second_fix_finds_nothing() {
    every_fix(|mended| {
        let again = fix(order(&mended.fixed).order(), &Policy::default(), mended.allowed);
        ensure(again.is_none(), || format!("again: {again:?}"))
    });
}

#[test]
fn applied_and_written_it_is_the_same() {
    every_fix(|mended| {
        let applied = mended.fix.apply(&mended.order);
        ensure(applied == *order(&mended.fixed).order(), || "apply says something else".to_owned())?;
        let checked = faults(&check(&applied, &Policy::default()));
        ensure(checked == faults(&mended.after), || "checks otherwise".to_owned())?;
        let places: BTreeSet<&Place> = mended.fix.edits.iter().map(|edit| &edit.place).collect();
        ensure(places.len() == mended.fix.edits.len(), || "two edits at one place".to_owned())?;
        let idle = mended.fix.edits.iter().find(|edit| mended.order.charge_at(&edit.place) == edit.value.into());
        ensure(idle.is_none(), || format!("changes nothing: {idle:?}"))
    });
}

#[test]
fn undone_it_is_the_text_it_was() {
    every_fix(|mended| {
        let undone = undo(mended.text, &mended.fixed, &mended.fix);
        ensure(undone == mended.text, || format!("undone:\n{undone}"))
    });
}

#[test]
fn no_other_member_changes() {
    every_fix(|mended| {
        // What has numbers beyond its range, serde_json does not read; the bytes have been compared.
        let Ok(mut before) = serde_json::from_str::<Value>(mended.text) else { return Ok(()) };
        let mut after: Value = serde_json::from_str(&mended.fixed).unwrap();
        for edit in &mended.fix.edits {
            for value in [&mut before, &mut after] {
                let object = match edit.place.line() {
                    None => value,
                    Some(at) => &mut value["items"][at],
                };
                object.as_object_mut().unwrap().remove(edit.place.name());
            }
        }
        ensure(before == after, || "another member changed".to_owned())
    });
}

#[test]
fn amounts_are_written_as_they_were() {
    every_fix(|mended| {
        let (before, after) = (tree(mended.text), tree(&mended.fixed));
        for edit in &mended.fix.edits {
            let new = &mended.fixed[at(&after, &edit.place).unwrap().span.clone()];
            let content = new.trim_matches('"');
            ensure(content.parse() == Ok(edit.value), || format!("{new} is not {}", edit.value))?;
            ensure(!content.contains(['e', 'E', '+']), || format!("{new} is not written plainly"))?;
            let Some(old) = at(&before, &edit.place).map(|old| &mended.text[old.span.clone()]) else { continue };
            if old == "null" {
                continue;
            }
            ensure(old.starts_with('"') == new.starts_with('"'), || format!("{old} becomes {new}"))?;
            let Charge::Amount(was) = mended.order.charge_at(&edit.place) else { continue };
            let exponent = old.contains(['e', 'E']);
            let tail = was.checked_sub(edit.value).is_some_and(|off| off.abs() < half_a_minor_unit(&mended.order));
            if !exponent && !tail {
                let wanted = decimals(old).max(edit.value.decimals() as usize);
                ensure(decimals(content) == wanted, || format!("{old} becomes {new}"))?;
            }
        }
        Ok(())
    });
}

fn decimals(text: &str) -> usize {
    text.trim_matches(['"', ' ']).split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

fn half_a_minor_unit(order: &Order) -> Amount {
    Amount::new(5, order.currency.decimals() + 1).unwrap()
}

#[test]
fn a_safe_fix_changes_nothing_anyone_was_charged() {
    every_fix(|mended| match mended.allowed {
        Applicability::Safe => guards::charges_nothing(&mended.order, &mended.fix),
        Applicability::Unsafe => Ok(()),
    });
}

#[test]
fn inputs_are_facts() {
    every_fix(|mended| guards::keeps_inputs(&mended.order, &mended.fix));
}

/// What a violation says would mend it by itself does.
#[test]
fn the_fix_of_a_violation_mends_it() {
    let mut failures = Vec::new();
    for case in cases() {
        let document = order(&case.text);
        for found in document.check(&Policy::default()).violations {
            let Some(fix) = &found.fix else { continue };
            let after = order(std::str::from_utf8(&document.fixed(fix)).unwrap()).check(&Policy::default());
            if after.violations.iter().any(|other| other.rule == found.rule && other.place == found.place) {
                failures.push(format!("{}: {found}: {fix:?}", case.title));
            }
        }
    }
    assert!(failures.is_empty(), "\n{}\n", failures.join("\n"));
}

#[test]
fn what_is_right_or_only_doubtful_has_no_fix() {
    let mut files = Vec::new();
    texts(&path("tests/cases"), &mut files);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let document = order(&text);
        let policy = Policy::default();
        if document.check(&policy).violations.is_empty() {
            for allowed in BOTH {
                assert_eq!(fix(document.order(), &policy, allowed), None, "{}", file.display());
            }
        }
    }
}

/// A value of a JSON text: where it stands, and what is in it. A second reader, with nothing of the library's.
struct Node {
    span: Range<usize>,
    members: Vec<(String, Node)>,
    entries: Vec<Node>,
}

fn tree(text: &str) -> Node {
    node(text, &mut 0)
}

fn blanks(text: &str, at: &mut usize) -> u8 {
    let bytes = text.as_bytes();
    while bytes[*at].is_ascii_whitespace() {
        *at += 1;
    }
    bytes[*at]
}

/// The end of the string that begins at `at`.
fn string(text: &str, at: &mut usize) -> Range<usize> {
    let start = *at;
    *at += 1;
    while text.as_bytes()[*at] != b'"' {
        *at += if text.as_bytes()[*at] == b'\\' { 2 } else { 1 };
    }
    *at += 1;
    start..*at
}

fn node(text: &str, at: &mut usize) -> Node {
    let first = blanks(text, at);
    let start = *at;
    let (mut members, mut entries) = (Vec::new(), Vec::new());
    match first {
        b'"' => {
            string(text, at);
        }
        b'{' | b'[' => {
            *at += 1;
            while !matches!(blanks(text, at), b'}' | b']') {
                if text.as_bytes()[*at] == b',' {
                    *at += 1;
                    blanks(text, at);
                }
                if first == b'[' {
                    entries.push(node(text, at));
                } else {
                    let name = serde_json::from_str(&text[string(text, at)]).unwrap();
                    assert_eq!(blanks(text, at), b':');
                    *at += 1;
                    members.push((name, node(text, at)));
                }
            }
            *at += 1;
        }
        _ => *at += text[start..].find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap(),
    }
    Node { span: start..*at, members, entries }
}

/// The last member of that name, with its number.
fn member<'a>(object: &'a Node, name: &str) -> Option<(usize, &'a Node)> {
    object.members.iter().enumerate().rfind(|(_, (other, _))| other == name).map(|(at, (_, value))| (at, value))
}

fn object<'a>(root: &'a Node, place: &Place) -> &'a Node {
    place.line().map_or(root, |line| &member(root, "items").unwrap().1.entries[line])
}

fn at<'a>(root: &'a Node, place: &Place) -> Option<&'a Node> {
    member(object(root, place), place.name()).map(|(_, value)| value)
}

/// The fixed text with the old values put back, and what was added cut out.
fn undo(text: &str, fixed: &str, fix: &Fix) -> String {
    let (before, mut undone) = (tree(text), fixed.to_owned());
    for Edit { place, .. } in &fix.edits {
        let now = tree(&undone);
        let (number, value) = member(object(&now, place), place.name()).expect("the edited member");
        let (range, old) = match at(&before, place) {
            Some(old) => (value.span.clone(), &text[old.span.clone()]),
            None => {
                let object = object(&now, place);
                let start = if number == 0 { object.span.start + 1 } else { object.members[number - 1].1.span.end };
                (start..value.span.end, "")
            }
        };
        undone.replace_range(range, old);
    }
    undone
}
