//! A fix mends what it says and touches nothing else: over every order of the tests that breaks something, and to the
//! byte where it matters how an amount is written.
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
    Amount, Applicability, Charge, Document, Documents, Edit, Field, Fix, Order, Outcome, Place, Policy, Report, Rule,
    Severity, check, fix,
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

/// The text after a fix, if there is one.
fn fixed(text: &str, allowed: Applicability) -> Option<String> {
    let document = order(text);
    let fix = fix(document.order(), &Policy::default(), allowed)?;
    Some(String::from_utf8(document.fixed(&fix)).unwrap())
}

#[test]
fn the_vendors_example() {
    let text = fs::read_to_string(path("tests/causes/pairs/vendor-example.json")).unwrap();
    assert_eq!(fixed(&text, Applicability::Safe), None);
    let mended = fixed(&text, Applicability::Unsafe).unwrap();
    let expected = text
        .replace("\"sub_total\": 14", "\"sub_total\": 13.8")
        .replace("\"grand_total\": 15", "\"grand_total\": 12.8,\n  \"sales_tax\": 1")
        .replace("\"extended_amount\": 9", "\"extended_amount\": 8.8");
    assert_eq!(mended, expected.trim_end());
    let report = order(&mended).check(&Policy::default());
    assert!(report.violations.is_empty(), "{:?}", report.violations);
    let document = order(&text);
    let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap();
    assert_eq!(fix.applicability, Applicability::Unsafe);
    assert_eq!(fix.moved(document.order()), Some("2.2".parse().unwrap()));
}

/// What a fix makes of a text: a part of it and what stands there afterwards.
enum Becomes {
    Nothing,
    Safely(&'static str, &'static str),
    Unsafely(&'static str, &'static str),
}

use Becomes::{Nothing, Safely, Unsafely};

fn assert_becomes(text: &str, becomes: &Becomes) {
    let (safe, all) = match becomes {
        Nothing => (None, None),
        Safely(old, new) | Unsafely(old, new) => {
            assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
            let mended = Some(text.replace(old, new));
            if matches!(becomes, Safely(..)) { (mended.clone(), mended) } else { (None, mended) }
        }
    };
    assert_eq!(fixed(text, Applicability::Safe), safe, "safe: {text}");
    assert_eq!(fixed(text, Applicability::Unsafe), all, "unsafe: {text}");
}

#[test]
fn safe_fixes() {
    let cases = [
        // A blank sum is filled in, an absent one and `null` are not: nothing is wrong with those.
        (
            r#"{"sub_total": "", "grand_total": "12.85", "items": [{"price": "12.85", "quantity": 1}]}"#,
            Safely(r#""sub_total": """#, r#""sub_total": "12.85""#),
        ),
        (r#"{"items": [{"price": 12.85, "quantity": 1, "extended_amount": " "}]}"#, Safely(r#"" ""#, r#""12.85""#)),
        (r#"{"sub_total": null, "grand_total": 12.85, "items": [{"price": 12.85, "quantity": 1}]}"#, Nothing),
        // A blank input is not known.
        (r#"{"items": [{"price": 12.85, "discount": "", "quantity": 1}]}"#, Nothing),
        (r#"{"shipping_handling": "", "items": [{"price": 12.85, "quantity": 1}]}"#, Nothing),
        // The balance.
        (r#"{"balance": 5.00, "items": [{"price": 12.85, "quantity": 1}]}"#, Safely("5.00", "0.00")),
        (r#"{"balance": "-5", "items": [{"price": 12.85, "quantity": 1}]}"#, Safely(r#""-5""#, r#""0""#)),
        // Less than half a cent, from below and from above.
        (r#"{"grand_total": 12.854, "items": [{"price": 12.85, "quantity": 1}]}"#, Safely("12.854", "12.850")),
        (r#"{"grand_total": "12.8451", "items": [{"price": "12.85", "quantity": "1"}]}"#, Safely("12.8451", "12.8500")),
        // Half a cent is no tail.
        (r#"{"grand_total": 12.855, "items": [{"price": 12.85, "quantity": 1}]}"#, Unsafely("12.855", "12.850")),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// What is filled in is written as CartRover writes it, beside texts a text.
#[test]
fn blanks_are_filled_in_with_the_decimals_of_the_currency() {
    let cases = [
        (r#"{"items": [{"price": "4.40", "quantity": 2, "extended_amount": ""}]}"#, Safely(r#""""#, r#""8.80""#)),
        (
            r#"{"currency_code": "JPY", "items": [{"price": "44", "quantity": 2, "extended_amount": ""}]}"#,
            Safely(r#""""#, r#""88""#),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// The tax cannot be mended: as the lines have it, it has more decimals than are kept.
#[test]
fn what_cannot_be_mended_does_not_keep_the_rest_from_it() {
    let text = r#"{"balance": 5, "sales_tax": 2.26, "items": [
        {"price": 10, "quantity": 1, "tax": 1.125}, {"price": 10, "quantity": 1, "tax": 1.1349}]}"#;
    assert_becomes(text, &Safely(r#""balance": 5"#, r#""balance": 0"#));
}

/// The tail of a binary float goes, and not to sixteen zeros.
#[test]
fn float_tails() {
    let cases = [
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.3000000000000003}]}"#,
            Safely("3.3000000000000003", "3.30"),
        ),
        (
            r#"{"items": [{"price": 19.99, "quantity": 3, "extended_amount": "59.969999999999995"}]}"#,
            Safely("59.969999999999995", "59.97"),
        ),
        // Ten decimals are a tail, nine are how somebody writes amounts.
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.3000000001}]}"#,
            Safely("3.3000000001", "3.30"),
        ),
        (
            r#"{"items": [{"price": 1.1, "quantity": 3, "extended_amount": 3.300000001}]}"#,
            Safely("3.300000001", "3.300000000"),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// A blank amount that another name holds is not filled in with a calculated one; what other names mean hinders nothing else.
#[test]
fn blank_amounts_under_other_names() {
    let agrees = r#"{"sales_tax": "", "tax": "1.00", "items": [{"price": 14, "quantity": 1, "tax": 1}]}"#;
    assert_becomes(agrees, &Unsafely(r#""sales_tax": """#, r#""sales_tax": "1.00""#));
    let fix = fix(order(agrees).order(), &Policy::default(), Applicability::Unsafe).unwrap();
    assert_eq!(fix.applicability, Applicability::Unsafe);
    let differs = r#"{"sales_tax": "", "tax": "1.00", "items": [{"price": 14, "quantity": 1, "tax": 0.5}]}"#;
    assert_becomes(differs, &Nothing);
    let other = r#"{"sub_total": "", "sales_tax": 1, "tax": 1, "items": [{"price": 14, "quantity": 1}]}"#;
    assert_becomes(other, &Safely(r#""sub_total": """#, r#""sub_total": "14.00""#));
    let line = r#""items": [{"price": 14, "quantity": 1, "tax": 1, "addl_discount": 2}]"#;
    for (field, becomes) in [("sales_tax", "1.00"), ("order_discount", "2.00"), ("grand_total", "13.00")] {
        let text = format!(r#"{{"{field}": "", {line}}}"#);
        let expected = text.replace(r#""""#, &format!(r#""{becomes}""#));
        assert_eq!(fixed(&text, Applicability::Safe), Some(expected));
    }
}

/// What an identity gives is written as it is, also where it has more decimals than are kept: rounding it would break the identity.
#[test]
fn what_breaks_in_storage_is_not_rounded() {
    let text = r#"{"sub_total": 9, "sales_tax": 0.004, "shipping_handling": 0.004, "grand_total": 9.008,
        "items": [{"price": 4.4, "quantity": 2, "extended_amount": 9}]}"#;
    let mended = text
        .replace(r#""extended_amount": 9"#, r#""extended_amount": 8.8"#)
        .replace(r#""sub_total": 9"#, r#""sub_total": 8.8"#)
        .replace("9.008", "8.808");
    assert_eq!(fixed(text, Applicability::Unsafe), Some(mended));
}

/// A sub-total of more than the lines is no fault to mend where lines may be missing: in a reply, or with a filtered SKU.
#[test]
fn lines_that_are_left_out() {
    let order = |sub_total: &str, line: &str| {
        format!(r#"{{"sub_total": {sub_total}, "items": [{{"price": 14, "quantity": 1{line}}}]}}"#)
    };
    let reply = |order: &str| format!(r#"{{"success_code": true, "response": {order}}}"#);
    let filtered = r#", "filtered_sku": "Y""#;
    for (text, is_mended) in [
        (order("20", ""), true),
        (order("10", filtered), true),
        (reply(&order("10", "")), true),
        (order("20", filtered), false),
        (reply(&order("20", "")), false),
        // A tail is no line.
        (order("14.001", filtered), true),
        (reply(&order("14.001", "")), true),
    ] {
        let document = Documents::new(text.as_bytes()).next().unwrap().document.unwrap();
        let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe);
        assert_eq!(fix.is_some(), is_mended, "{text}: {fix:?}");
    }
}

/// A fix may be made by hand, for any order.
#[test]
fn amounts_are_added_to_empty_objects() {
    let edit = |place: &str, value: &str| Edit { place: place.parse().unwrap(), value: value.parse().unwrap() };
    let fix = Fix {
        applicability: Applicability::Unsafe,
        edits: vec![edit("/grand_total", "5"), edit("/items/1/price", "2.5"), edit("/items/7/price", "1")],
    };
    for (text, becomes, patch) in [
        (" {} ", r#"{"grand_total": 5}"#, r#"[{"op":"add","path":"/grand_total","value":5}]"#),
        (
            r#"{"items": [{}, {}]}"#,
            r#"{"items": [{}, {"price": 2.5}],"grand_total": 5}"#,
            r#"[{"op":"add","path":"/grand_total","value":5},{"op":"add","path":"/items/1/price","value":2.5}]"#,
        ),
    ] {
        let document = Document::from_json(text.as_bytes()).unwrap();
        assert_eq!(String::from_utf8(document.fixed(&fix)).unwrap(), becomes);
        assert_eq!(document.json_patch(&fix), patch);
    }
}

#[test]
fn numbers_stay_numbers_and_texts_texts() {
    let line =
        |amount: &str| format!(r#"{{"items": [{{"price": "4.40", "quantity": 2, "extended_amount": {amount}}}]}}"#);
    let amounts = [
        ("9", "8.8"),
        ("9.0", "8.8"),
        ("9.00", "8.80"),
        ("9.0000", "8.8000"),
        ("\"9\"", "\"8.8\""),
        ("\"9.00\"", "\"8.80\""),
        ("\" 9.00 \"", "\"8.80\""),
        ("\"+9.\"", "\"8.8\""),
        ("9e0", "8.8"),
        ("9E+0", "8.8"),
        ("90.0e-1", "8.8"),
        ("\"9.00E0\"", "\"8.80\""),
        ("-9.00", "8.80"),
    ];
    for (old, new) in amounts {
        assert_eq!(fixed(&line(old), Applicability::Safe), None, "{old}");
        assert_eq!(fixed(&line(old), Applicability::Unsafe), Some(line(new)), "{old}");
    }
}

#[test]
fn signs_of_discounts() {
    // The total takes the discount off: 62.20 + 7.45 - 6.22 = 63.43.
    let header = r#"{"sub_total": 62.20, "shipping_handling": 7.45, "order_discount": "-6.22", "grand_total": 63.43,
        "items": [{"price": 62.20, "quantity": 1}]}"#;
    assert_becomes(header, &Unsafely(r#""-6.22""#, r#""6.22""#));
    // (24.50 - 2.30) * 3 = 66.60.
    let line = r#"{"items": [{"price": 24.50, "discount": -2.30, "quantity": 3, "extended_amount": 66.60}]}"#;
    assert_becomes(line, &Unsafely("-2.30", "2.30"));
    // The total says that it was added: which of the two is wrong is not known.
    let consistent = r#"{"sub_total": 62.20, "discount_code": "X", "items": [
        {"price": 62.20, "discount": -2.30, "quantity": 1, "extended_amount": 64.50}]}"#;
    assert_eq!(fixed(consistent, Applicability::Safe), None);
    let mended = fixed(consistent, Applicability::Unsafe).unwrap();
    assert!(mended.contains(r#""discount": -2.30"#), "{mended}");
    // So it does where the total agrees with a discount below 0: 10 + 3 = 13.
    let agrees =
        r#"{"sub_total": 10, "order_discount": -3, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#;
    assert_becomes(agrees, &Nothing);
    // A positive discount that was added keeps its sign; the amount is what is wrong.
    let added = r#"{"items": [{"price": 24.50, "discount": 2.30, "quantity": 3, "extended_amount": 80.40}]}"#;
    assert_becomes(added, &Unsafely("80.40", "66.60"));
}

#[test]
fn sums_the_lines_give() {
    let cases = [
        (
            r#"{"sales_tax": "7.56", "items": [
                {"price": 15, "quantity": 2, "tax": 2.10}, {"price": 48, "quantity": 1, "tax": 3.36}]}"#,
            Unsafely(r#""7.56""#, r#""5.46""#),
        ),
        // No line sets tax: it is what it is.
        (r#"{"sales_tax": 7.56, "items": [{"price": 15, "quantity": 2}]}"#, Nothing),
        // The overall discount alone, as the total tells: 62.20 - 2.50 - 5.50 = 54.20.
        (
            r#"{"sub_total": 62.20, "order_discount": "2.50", "grand_total": 54.20, "items": [
                {"price": 62.20, "quantity": 1, "addl_discount": 5.50}]}"#,
            Unsafely(r#""2.50""#, r#""8.00""#),
        ),
        // Too little, and nothing tells of an overall discount: 62.20 - 5.50 = 56.70.
        (
            r#"{"sub_total": 62.20, "order_discount": 5.49, "grand_total": 56.70, "items": [
                {"price": 62.20, "quantity": 1, "addl_discount": 5.50}]}"#,
            Unsafely("5.49", "5.50"),
        ),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

#[test]
fn amounts_under_wrong_names_are_added() {
    let cases = [
        // In place of `null`, as the neighbours are written.
        (
            r#"{"sub_total": 10, "sales_tax": null, "tax": 1, "grand_total": 11, "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely("null", "1"),
        ),
        (
            r#"{"sub_total": "10.00", "sales_tax": null, "tax": 1, "grand_total": "11.00", "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely("null", r#""1.00""#),
        ),
        // Minified.
        (
            r#"{"sub_total":10,"tax":1,"grand_total":11,"items":[{"price":10,"quantity":1}]}"#,
            Unsafely(r#""grand_total":11"#, r#""grand_total":11,"sales_tax":1"#),
        ),
        (
            r#"{"items":[{"price":5,"qty":2,"extended_amount":10,"item":"A"}]}"#,
            Unsafely(r#""extended_amount":10"#, r#""extended_amount":10,"quantity":2"#),
        ),
        // Pretty, with what ends its lines.
        (
            "{\n  \"sub_total\": \"10.00\",\n  \"tax\": \"1.00\",\n  \"grand_total\": \"11.00\",\n  \"items\": [\n    {\"price\": 10, \"quantity\": 1}\n  ]\n}",
            Unsafely("\"11.00\"", "\"11.00\",\n  \"sales_tax\": \"1.00\""),
        ),
        (
            "{\r\n\t\"tax\" : 1,\r\n\t\"grand_total\" : 11,\r\n\t\"items\" : [{\"price\" : 10, \"quantity\" : 1}]\r\n}",
            Unsafely("\"grand_total\" : 11", "\"grand_total\" : 11,\r\n\t\"sales_tax\" : 1"),
        ),
        // What does not fit is not added as something else.
        (r#"{"Balance": 5, "items": [{"quantity": 1, "price": 2}]}"#, Nothing),
        (r#"{"total": 5, "sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4}]}"#, Nothing),
        (
            r#"{"tax": 5, "sub_total": 10, "grand_total": 15, "items": [{"quantity": 1, "price": 10, "tax": 3}]}"#,
            Nothing,
        ),
        (r#"{"sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4, "line_total": 9}]}"#, Nothing),
        (
            r#"{"discount": 1, "grand_total": 7.8, "sub_total": 8.8, "items": [{"quantity": 2, "price": 4.4, "addl_discount": 2}]}"#,
            Nothing,
        ),
        // What does is added beside it.
        (
            r#"{"tax": 1, "total": 5, "sub_total": 10, "items": [{"quantity": 1, "price": 10}]}"#,
            Unsafely(r#""sub_total": 10"#, r#""sub_total": 10, "sales_tax": 1"#),
        ),
        // Two names for one field are not chosen between.
        (r#"{"tax": 1, "total_tax": 2, "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

#[test]
fn names_and_texts_of_every_kind_are_left_alone() {
    let cases = [
        // An escaped name is the name; the escapes stay.
        (
            r#"{"grand\u005ftotal": 13, "note": "a \"grand_total\": 13\\", "items": [{"price": 10, "quantity": 1}]}"#,
            Unsafely(r#""grand\u005ftotal": 13"#, r#""grand\u005ftotal": 10"#),
        ),
        // The same name elsewhere is not the field.
        (
            r#"{"extra": {"grand_total": 14}, "grand_total": 13, "é": "ü", "items": [{"price": 10, "quantity": 1}, {"price": 0, "quantity": 1, "grand_total": 15}]}"#,
            Unsafely(": 13", ": 10"),
        ),
        // What cannot be used is not overwritten.
        (r#"{"grand_total": "ten", "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
        (r#"{"grand_total": 13, "grand_total": 14, "items": [{"price": 10, "quantity": 1}]}"#, Nothing),
        (r#"{"grand_total": 13, "items": [{"price": "ten", "quantity": 1}]}"#, Nothing),
    ];
    for (text, becomes) in cases {
        assert_becomes(text, &becomes);
    }
}

/// What is missing is the lines, not the money.
#[test]
fn without_lines_nothing_is_calculated() {
    for items in ["", r#", "items": null"#, r#", "items": []"#, r#", "items": {}"#, r#", "items": [7]"#] {
        assert_becomes(&format!(r#"{{"sub_total": 12, "grand_total": 13{items}}}"#), &Nothing);
    }
}

#[test]
fn a_rule_that_is_off_is_not_mended() {
    let text = r#"{"balance": 5, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#;
    let document = order(text);
    let mut policy = Policy::default();
    policy.severities.insert(Rule::GrandTotal, None);
    let mended = fix(document.order(), &policy, Applicability::Unsafe).unwrap();
    assert_eq!(mended.edits, [Edit { place: Place::Field(Field::Balance), value: Amount::ZERO }]);
    policy.severities.insert(Rule::Balance, None);
    assert_eq!(fix(document.order(), &policy, Applicability::Unsafe), None);
    // Nor is what it would fill in.
    let blank = order(r#"{"sub_total": "", "grand_total": "", "items": [{"price": 10, "quantity": 1}]}"#);
    let mended = fix(blank.order(), &policy, Applicability::Unsafe).unwrap();
    assert_eq!(mended.edits, [Edit { place: Place::Field(Field::SubTotal), value: 10.into() }]);
}

#[test]
fn how_much_money_moves() {
    let moved = |text: &str| {
        let document = order(text);
        fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap().moved(document.order()).unwrap()
    };
    let amount = |text: &str| text.parse::<Amount>().unwrap();
    assert_eq!(moved(r#"{"sub_total": 9, "grand_total": 13, "items": [{"price": 10, "quantity": 1}]}"#), amount("3"));
    assert_eq!(moved(r#"{"sub_total": 9, "grand_total": 10, "items": [{"price": 10, "quantity": 1}]}"#), amount("1"));
    assert_eq!(
        moved(
            r#"{"sub_total": 10, "items": [{"price": 6, "quantity": 1, "extended_amount": 5.5},
                {"price": 4, "quantity": 1, "extended_amount": 4.25}]}"#
        ),
        amount("0.75")
    );
    assert_eq!(moved(r#"{"balance": 5, "items": [{"price": 10, "quantity": 1}]}"#), Amount::ZERO);
}

#[test]
fn how_many_identities_ended_how() {
    let text = r#"{"sub_total": 14, "order_discount": 2, "grand_total": 15, "items": [{"price": 14, "quantity": 1}]}"#;
    let report = order(text).check(&Policy::default());
    assert_eq!((report.held(), report.broken(), report.unchecked().count()), (2, 1, 2));
    let reasons: Vec<String> = report.unchecked().map(|(_, reason)| reason.to_string()).collect();
    assert_eq!(reasons, ["/items/0/extended_amount is unset", "no line sets tax"]);
    let report = order(&text.replace(r#""price": 14"#, r#""price": 13"#)).check(&Policy::default());
    assert_eq!((report.held(), report.broken(), report.unchecked().count()), (1, 2, 2));
}

#[test]
fn patches() {
    let text = r#"{"sub_total": "10.00", "tax": "1.00", "grand_total": 12, "items": [{"price": 10, "quantity": 1}]}"#;
    let document = order(text);
    let fix = fix(document.order(), &Policy::default(), Applicability::Unsafe).unwrap();
    let patch: Value = serde_json::from_str(&document.json_patch(&fix)).unwrap();
    let expected = serde_json::json!([
        {"op": "add", "path": "/sales_tax", "value": 1},
        {"op": "replace", "path": "/grand_total", "value": 11},
    ]);
    assert_eq!(patch, expected);
}

/// What a violation alone would be mended by.
#[test]
fn what_mends_a_violation_by_itself() {
    let mends = |text: &str, code: &str| {
        let report = order(text).check(&Policy::default());
        let found = report.violations.into_iter().find(|found| found.rule.code() == code).unwrap();
        found.fix.map(|fix| {
            let edits: Vec<String> = fix.edits.iter().map(|edit| format!("{} {}", edit.place, edit.value)).collect();
            format!("{} {}", fix.applicability.name(), edits.join(", "))
        })
    };
    let line = r#""items": [{"price": 10, "quantity": 1}]"#;
    let negative = |extended_amount: &str| {
        format!(
            r#"{{"items": [{{"price": 10, "discount": -1, "quantity": 3, "extended_amount": {extended_amount}}}]}}"#
        )
    };
    let cases = [
        (format!(r#"{{"balance": 5, {line}}}"#), "OC106", Some("safe /balance 0")),
        (format!(r#"{{"sub_total": 11, {line}}}"#), "OC102", Some("unsafe /sub_total 10")),
        // Less than half a minor unit off, and just that.
        (format!(r#"{{"sub_total": 10.0049, {line}}}"#), "OC102", Some("safe /sub_total 10")),
        (format!(r#"{{"sub_total": 9.9951, {line}}}"#), "OC102", Some("safe /sub_total 10")),
        (format!(r#"{{"sub_total": 10.005, {line}}}"#), "OC102", Some("unsafe /sub_total 10")),
        (r#"{"sub_total": 11, "items": []}"#.to_owned(), "OC102", None),
        (format!(r#"{{"order_discount": -1, {line}}}"#), "OC104", None),
        (
            r#"{"order_discount": 2, "items": [{"price": 10, "quantity": 1, "addl_discount": 3}]}"#.to_owned(),
            "OC104",
            Some("unsafe /order_discount 3"),
        ),
        // The sign is the exact cause: 10 - 1 = 9.
        (format!(r#"{{"order_discount": -1, "grand_total": 9, {line}}}"#), "OC105", Some("unsafe /order_discount 1")),
        (negative("27"), "OC101", Some("unsafe /items/0/discount 1")),
        // Here something else is: 11 for each of three.
        (negative("11"), "OC101", Some("unsafe /items/0/extended_amount 33")),
        (format!(r#"{{"tax": 1, "grand_total": 11, {line}}}"#), "OC105", Some("unsafe /sales_tax 1")),
        // It follows from the sub-total.
        (format!(r#"{{"sub_total": 11, "grand_total": 10, {line}}}"#), "OC105", None),
        (format!(r#"{{"quantity": 1, "shipping_handling": -1, {line}}}"#), "OC202", None),
    ];
    for (text, code, expected) in cases {
        assert_eq!(mends(&text, code).as_deref(), expected, "{text}");
    }
}
