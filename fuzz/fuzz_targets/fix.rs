//! Fixes: strictly better with nothing new, made once, and in the text nothing but the edited amounts is another.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use ordercharge::{Applicability, Charge, Document, Edit, Fix, Policy, check, fix};
use ordercharge_fuzz::{guards, order_text};

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let Ok(document) = Document::from_json(&text) else { return };
    let policy = Policy::default();
    let order = document.order();
    for allowed in [Applicability::Safe, Applicability::Unsafe] {
        let Some(found) = fix(order, &policy, allowed) else { continue };
        assert!(found.applicability <= allowed);
        guards::keeps_inputs(order, &found).expect("inputs are facts");
        if allowed == Applicability::Safe {
            guards::charges_nothing(order, &found).expect("a safe fix is safe");
        }
        let mended = found.apply(order);
        let text = document.fixed(&found);
        let again = Document::from_json(&text).expect("still an order");
        assert_eq!(again.order(), &mended);
        let known: BTreeSet<_> =
            check(order, &policy).violations.into_iter().map(|found| (found.rule, found.place)).collect();
        let left: BTreeSet<_> =
            check(&mended, &policy).violations.into_iter().map(|found| (found.rule, found.place)).collect();
        assert!(left.is_subset(&known) && left.len() < known.len());
        assert_eq!(fix(&mended, &policy, allowed), None);
        serde_json::from_str::<serde_json::Value>(&document.json_patch(&found)).expect("a JSON Patch");
        for edit in &found.edits {
            keeps_the_rest(&document, edit);
        }
        keeps_what_stands(&document, &found, &text);
    }
});

/// By itself, an edit changes the bytes of its amount, or adds some beside others.
fn keeps_the_rest(document: &Document<'_>, edit: &Edit) {
    let old = document.text();
    let new = document.fixed(&Fix { applicability: Applicability::Unsafe, edits: vec![edit.clone()] });
    let Some(range) = document.outline().value_at(&edit.place) else {
        let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
        let before = old.iter().zip(&new).take_while(same).count();
        let behind = old.iter().rev().zip(new.iter().rev()).take_while(same).count();
        assert!(before + behind >= old.len(), "{} is not only added", edit.place);
        return;
    };
    let (before, value, behind) = (&old[..range.start], &old[range.clone()], &old[range.end..]);
    assert!(new.starts_with(before) && new.ends_with(behind));
    let written = core::str::from_utf8(&new[before.len()..new.len() - behind.len()]).expect("an amount");
    let is_text = |value: &[u8]| value.starts_with(b"\"");
    assert_eq!(Charge::from_text(written.trim_matches('"')).amount(), Some(edit.value));
    if value != b"null" {
        assert_eq!(is_text(value), is_text(written.as_bytes()), "{}", edit.place);
    }
    // As many decimals as before, but for those of a float's tail.
    let decimals = |value: &[u8]| {
        let fraction = value.iter().skip_while(|byte| **byte != b'.').skip(1);
        fraction.take_while(|byte| byte.is_ascii_digit()).count()
    };
    assert!(decimals(value) > 9 || decimals(written.as_bytes()) >= decimals(value), "{}", edit.place);
}

/// All edits together, where each changes an amount that stands there: between these every byte is the same.
fn keeps_what_stands(document: &Document<'_>, fix: &Fix, new: &[u8]) {
    let cut = |document: &Document<'_>| -> Option<Vec<Vec<u8>>> {
        let outline = document.outline();
        let mut ranges = fix.edits.iter().map(|edit| outline.value_at(&edit.place)).collect::<Option<Vec<_>>>()?;
        ranges.sort_by_key(|range| range.start);
        let mut at = 0;
        let mut pieces = Vec::new();
        for range in ranges {
            pieces.push(document.text()[at..range.start].to_vec());
            at = range.end;
        }
        pieces.push(document.text()[at..].to_vec());
        Some(pieces)
    };
    if let Some(pieces) = cut(document) {
        let again = Document::from_json(new).expect("still an order");
        assert_eq!(cut(&again), Some(pieces));
    }
}
