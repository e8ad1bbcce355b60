//! Reports: a report that is written and read back is equal, and so is every place, rule, reason and mistake in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ordercharge::{Document, Mistake, Place, Policy, Report, Rule};
use ordercharge_fuzz::order_text;

fuzz_target!(|bytes: &[u8]| {
    let text = order_text(bytes);
    let Ok(document) = Document::from_json(&text) else { return };
    let report = document.check(&Policy::default());
    let json = serde_json::to_string(&report).expect("reports are plain data");
    assert_eq!(serde_json::from_str::<Report>(&json).expect("and read back"), report);
    let value = serde_json::to_value(&report).expect("as a value too");
    assert_eq!(serde_json::from_value::<Report>(value).expect("and read back"), report);

    for (identity, reason) in report.unchecked() {
        assert_eq!(reason.to_string().parse(), Ok(reason));
        reads_back(identity.rule, &identity.place);
    }
    for violation in &report.violations {
        reads_back(violation.rule, &violation.place);
        assert!(violation.to_string().contains(violation.rule.code()));
        assert!(violation.diagnosis.is_none_or(|index| index < report.diagnoses.len()));
        for amount in [violation.stated(), violation.expected(), violation.difference()].into_iter().flatten() {
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
    for diagnosis in &report.diagnoses {
        for made in &diagnosis.mistakes {
            assert_eq!(made.mistake.to_string().parse::<Mistake>().as_ref(), Ok(&made.mistake));
        }
        let culprits = diagnosis.culprits.iter().map(|culprit| &culprit.place);
        for place in culprits.chain(&diagnosis.witnesses) {
            assert_eq!(place.to_string().parse().as_ref(), Ok(place));
        }
        assert!(diagnosis.rank > 0 && !diagnosis.to_string().is_empty() && !diagnosis.remedy().is_empty());
    }
    assert!(report.diagnoses.is_sorted_by_key(|diagnosis| diagnosis.rank));
    let valid = report.violations.iter().all(|violation| violation.severity != ordercharge::Severity::Error);
    assert_eq!(report.is_valid(), valid);
    report.at_risk();
});

fn reads_back(rule: Rule, place: &Place) {
    assert_eq!(rule.code().parse(), Ok(rule));
    assert_eq!(rule.name().parse(), Ok(rule));
    assert_eq!(place.to_string().parse().as_ref(), Ok(place));
}
