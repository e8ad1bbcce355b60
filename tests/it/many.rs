//! Orders with so much wrong that not all of it is listed.

use ordercharge::{Amount, Document, Policy, RepairOptions, Rule, ViolationKind, check, repair};

/// An order whose lines are all the same.
fn order(line: &str, lines: usize, header: &str) -> String {
    format!("{{{header}\"items\":[{}]}}", vec![line; lines].join(","))
}

fn report(text: &str) -> ordercharge::Report {
    Document::from_json(text.as_bytes()).unwrap().check(&Policy::default())
}

#[test]
fn a_thousand_violations_of_a_rule_are_listed_and_the_others_counted() {
    let line = r#"{"price":"2.00","quantity":1,"discount":"-1","extended_amount":"3.50"}"#;
    for (lines, further) in [(999, None), (1000, None), (1001, Some(1)), (1500, Some(500))] {
        let text = order(line, lines, "");
        let found = report(&text);
        for rule in [Rule::ExtendedAmount, Rule::NegativeDiscount] {
            let of_rule: Vec<_> = found.violations.iter().filter(|violation| violation.rule == rule).collect();
            assert_eq!(of_rule.len(), lines.min(1000) + usize::from(further.is_some()), "{rule}, {lines}");
            assert_eq!(of_rule.iter().map(|violation| violation.count()).sum::<u64>(), lines as u64);
            let last = of_rule.last().unwrap();
            let is_further = matches!(last.kind, ViolationKind::Further { .. });
            assert_eq!(is_further, further.is_some());
            if let Some(further) = further {
                let are = if further == 1 { "violation of this rule is" } else { "violations of this rule are" };
                assert_eq!(last.message(), format!("{further} further {are} not listed"));
                // It is at the first one that is not listed, and reads back as it is.
                assert_eq!(last.place.line(), Some(1000));
                let span = last.span.unwrap();
                assert!(["\"3.50\"", "\"-1\""].contains(&&text[span.start.offset as usize..span.end as usize]));
            }
        }
        let json = serde_json::to_string(&found).unwrap();
        let again: ordercharge::Report = serde_json::from_str(&json).unwrap();
        assert_eq!(again, found);
        // Nothing else depends on what is listed: each line is off by 0.50.
        assert_eq!(again.at_risk(), found.at_risk());
        let mut undiagnosed = again;
        undiagnosed.diagnoses.clear();
        assert_eq!(undiagnosed.at_risk(), Amount::new(50 * lines as i128, 2));
        assert_eq!((found.broken(), found.is_valid()), (lines, false));
        let rules: Vec<Rule> = found.violations.iter().map(|violation| violation.rule).collect();
        assert!(rules.is_sorted(), "in the order of the rules");
    }
}

/// Repairs and diagnoses see all violations, listed or not.
#[test]
fn what_is_not_listed_is_diagnosed_and_repaired() {
    let policy = Policy::default();
    let lines = 2500;
    let total = format!("\"sub_total\":\"{0}.00\",\"grand_total\":\"{0}.00\",", 92 * lines);
    let text = order(r#"{"price":"30.67","quantity":3,"extended_amount":"92.00"}"#, lines, &total);
    let found = report(&text);
    assert_eq!(found.violations.len(), 1001);
    assert!(found.violations.iter().all(|violation| violation.diagnosis == Some(0)));
    let edits = found.repair.unwrap().edits;
    assert_eq!(edits.len(), lines);
    assert!(edits.iter().all(|edit| edit.value == Amount::new(306_667, 4).unwrap()));
    // Float noise on every line is repaired safely, and nothing is left after one repair.
    let noise = r#"{"price":"20.00","quantity":2,"extended_amount":40.00000000000001}"#;
    let document = order(noise, lines, "");
    let order = ordercharge::Order::from_json(document.as_bytes()).unwrap();
    let repaired = repair(&order, &policy, &RepairOptions::default()).unwrap();
    assert_eq!(repaired.edits.len(), lines);
    assert!(check(&repaired.apply(&order), &policy).violations.is_empty());
    // What was wrong before may stay: only what is newly wrong stops a repair.
    let both = r#"{"price":"20.00","quantity":2,"extended_amount":40.00000000000001,"tax":"-1"}"#;
    let order = ordercharge::Order::from_json(self::order(both, lines, "").as_bytes()).unwrap();
    let repaired = repair(&order, &policy, &RepairOptions::default()).unwrap();
    assert_eq!(repaired.edits.len(), lines);
}

/// The oracle counts what is not listed.
#[test]
fn the_oracle_finds_as_many() {
    for line in ["{}", r#"{"price":"2.00","quantity":1,"discount":"-1","tax":"x","extended_amount":"3.50"}"#] {
        for lines in [1000, 1300] {
            crate::util::against::compare(order(line, lines, "").as_bytes()).unwrap();
        }
    }
}
