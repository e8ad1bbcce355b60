//! Repairs: afterwards every identity that can be checked holds and nothing is newly wrong; a second repair writes nothing;
//! only charge fields are edited, each once; and only the edited amounts change in the text.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use ordercharge::mapping::Mappings;
use ordercharge::{Applicability, Charge, Document, Edit, Policy, Repair, RepairOptions, check, repair};
use ordercharge_fuzz::order_text;

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let Ok(document) = Document::from_json(&text) else { return };
    let policy = Policy::default();
    let order = document.order();
    let report = check(order, &policy);
    let mut mappings = Mappings::default();
    mappings.add(order, &report, &policy);
    let mut safe = RepairOptions::default();
    safe.applicability = Applicability::Safe;
    let mut recalculate = RepairOptions::default();
    recalculate.recalculate = true;
    let mut mapping = RepairOptions::default();
    mapping.mapping = mappings.mistakes_of(order.order_source.as_deref());
    assert_eq!(repair(order, &policy, &RepairOptions::default()), report.repair);
    let mut all = vec![safe, RepairOptions::default(), recalculate, mapping];
    for diagnosis in &report.diagnoses {
        let mistakes: Vec<_> = diagnosis.mistakes.iter().map(|made| made.mistake).collect();
        let (mut preferred, mut mapped) = (RepairOptions::default(), RepairOptions::default());
        (preferred.prefer, mapped.mapping) = (mistakes.clone(), mistakes);
        all.extend([preferred, mapped]);
    }
    for options in all {
        let Some(found) = repair(order, &policy, &options) else { continue };
        assert!(found.applicability <= options.applicability);
        assert_eq!(found.edits.is_empty(), found.withheld.is_some());
        if found.edits.is_empty() {
            continue;
        }
        let places: BTreeSet<_> = found.edits.iter().map(|edit| &edit.place).collect();
        assert_eq!(places.len(), found.edits.len());
        for edit in &found.edits {
            let stated = order.charge_at(&edit.place);
            // Only what is calculated anew takes the place of what is not an amount.
            assert!(edit.place.field().is_some(), "{}", edit.place);
            assert!(!stated.is_unusable() || options.recalculate, "{}, {options:?}", edit.place);
            assert_ne!(stated.amount(), Some(edit.value), "{}", edit.place);
        }
        let repaired = found.apply(order);
        let text = document.repaired(&found);
        let again = Document::from_json(&text).expect("still an order");
        assert_eq!(again.order(), &repaired);
        let known: BTreeSet<_> = report.violations.iter().map(|found| (found.rule, found.place.clone())).collect();
        let after = check(&repaired, &policy);
        assert_eq!(after.broken(), 0);
        let left: BTreeSet<_> = after.violations.into_iter().map(|found| (found.rule, found.place)).collect();
        assert!(left.is_subset(&known));
        let again = repair(&repaired, &policy, &options).filter(|again| !again.edits.is_empty());
        assert!(again.is_none(), "repaired twice, {options:?}: {found:?}, then {again:?}");
        serde_json::from_str::<serde_json::Value>(&document.json_patch(&found)).expect("a JSON Patch");
        for edit in &found.edits {
            keeps_the_rest(&document, edit, &found);
        }
        keeps_what_is_there(&document, &found, &text);
    }
});

/// By itself, an edit changes the bytes of its amount, or adds some beside others.
fn keeps_the_rest(document: &Document<'_>, edit: &Edit, found: &Repair) {
    let old = document.text();
    let mut alone = found.clone();
    alone.edits = vec![edit.clone()];
    let new = document.repaired(&alone);
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

/// All edits together, where each changes an amount that is there: between these every byte is the same.
fn keeps_what_is_there(document: &Document<'_>, found: &Repair, new: &[u8]) {
    let cut = |document: &Document<'_>| -> Option<Vec<Vec<u8>>> {
        let outline = document.outline();
        let mut ranges = found.edits.iter().map(|edit| outline.value_at(&edit.place)).collect::<Option<Vec<_>>>()?;
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
