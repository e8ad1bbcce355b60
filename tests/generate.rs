//! What the generators promise.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use ordercharge::generate::{
    Answer, Choices, Faulty, Label, Mistake, Params, Presence, Style, batch_reply, consistent_order, json_text,
    mistaken, one_fault, try_one_fault,
};
use ordercharge::{
    Amount, Applicability, Cause, Charge, Currency, Documents, Field, Order, Place, Policy, Report, Rule, check, fix,
};

const SEEDS: u64 = 400;

fn checked(order: &Order) -> Report {
    check(order, &Policy::default())
}

fn charges(order: &Order) -> Vec<(Place, Charge)> {
    order.charges().collect()
}

#[test]
fn a_consistent_order_holds_whatever_the_parameters() {
    let presence = [Presence::Never, Presence::Sometimes, Presence::Always];
    let pick = |number: u64| presence[(number % 3) as usize];
    for seed in 0..20 * SEEDS {
        let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8;
        let mut params = Params {
            fine_prices: pick(mixed),
            unit_discounts: pick(mixed / 3),
            addl_discounts: pick(mixed / 9),
            line_taxes: pick(mixed / 27),
            header_tax: pick(mixed / 81),
            surcharges: pick(mixed / 243),
            shipping: pick(mixed / 729),
            overall_discount: pick(mixed / 2187),
            left_off: pick(mixed / 6561),
            ..Params::default()
        };
        match mixed % 7 {
            0 => params.prices = 0..=3,
            1 => params.prices = u32::MAX..=u32::MAX,
            2 => params.quantities = 0..=u32::MAX,
            3 => params.currencies = ["JPY", "KWD", "CLF", "XXX", "ZZZ"].map(Currency::from_code).to_vec(),
            4 => params.currencies.clear(),
            5 => params.lines = 0..=0,
            _ => {}
        }
        let order = consistent_order(&params, &mut Choices::seeded(seed));
        let report = checked(&order);
        assert!(report.violations.is_empty(), "seed {seed}: {:?}\n{order:?}", report.violations);
        assert!(!order.lines().is_empty(), "seed {seed}");
    }
}

#[test]
fn what_is_always_there_is_there() {
    for seed in 0..SEEDS {
        let params = Params {
            lines: 2..=3,
            unit_discounts: Presence::Always,
            addl_discounts: Presence::Always,
            line_taxes: Presence::Always,
            surcharges: Presence::Always,
            shipping: Presence::Always,
            overall_discount: Presence::Always,
            left_off: Presence::Never,
            ..Params::default()
        };
        let order = consistent_order(&params, &mut Choices::seeded(seed));
        let something = |charge: Charge| charge.amount().is_some_and(|amount| !amount.is_zero());
        assert!((2..=3).contains(&order.lines().len()));
        for line in order.lines() {
            assert!([line.discount, line.addl_discount, line.tax, line.shipping_surcharge].map(something) == [true; 4]);
        }
        let of_lines =
            order.lines().iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(line.addl_discount.amount()?));
        assert!(something(order.shipping_handling) && order.order_discount.amount() > of_lines, "{order:?}");
    }
}

/// Nothing is wrong with it, but that a total that is floored later is negative.
fn holds(order: &Order, causes: &[Cause]) -> bool {
    let negative = causes.contains(&Cause::FlooredAtZero);
    checked(order).violations.iter().all(|found| negative && found.rule == Rule::NegativeGrandTotal)
}

fn faults(label: Label) -> Vec<Faulty> {
    (0..SEEDS).map(|seed| one_fault(label, &mut Choices::seeded(seed))).collect()
}

#[test]
fn a_broken_rule_is_the_only_one() {
    for rule in Rule::ALL.iter().copied() {
        let companions: BTreeSet<Rule> = rule.example_also_breaks().iter().copied().collect();
        for faulty in faults(rule.into()) {
            assert!(checked(&faulty.original).violations.is_empty());
            let report = checked(&faulty.order);
            let of_rule: Vec<_> = report.violations.iter().filter(|found| found.rule == rule).collect();
            let [found] = of_rule.as_slice() else { panic!("{rule}: {report:?}") };
            assert_eq!(
                (&found.place, found.difference),
                (&faulty.place, faulty.difference),
                "{rule}: {:?}",
                faulty.order
            );
            assert_eq!((faulty.rule, faulty.cause), (rule, None));
            let others: BTreeSet<Rule> =
                report.violations.iter().map(|found| found.rule).filter(|other| *other != rule).collect();
            let allowed = if rule == Rule::BreaksInStorage { companions.clone() } else { BTreeSet::new() };
            assert!(others.is_subset(&allowed), "{rule}: {:?}\n{:?}", report.violations, faulty.order);
        }
    }
}

#[test]
fn a_cause_is_told_before_any_other() {
    for cause in Cause::ALL.iter().copied() {
        let mut places = BTreeSet::new();
        for faulty in faults(cause.into()) {
            assert!(holds(&faulty.original, &[cause]));
            let report = checked(&faulty.order);
            let found = report
                .violations
                .iter()
                .find(|found| found.place == faulty.place && found.rule == faulty.rule)
                .unwrap();
            assert_eq!(found.causes[0].causes, [cause]);
            assert_eq!((found.difference, faulty.cause), (faulty.difference, Some(cause)));
            let stated = faulty.order.charge_at(&faulty.place).amount().unwrap();
            assert_eq!(stated.checked_sub(faulty.difference.unwrap()), found.expected, "{cause}");
            places.insert(faulty.place.name().to_owned());
            // What else is found follows from it, is its root, or comes with it by nature.
            for other in report.violations.iter().filter(|other| other.place != faulty.place) {
                let follows = other.root.as_ref() == Some(&faulty.place) || found.root.as_ref() == Some(&other.place);
                let by_nature = match cause {
                    Cause::CorrectedAmount => found.root.is_some(),
                    Cause::MisnamedField => other.rule == Rule::MisnamedField,
                    Cause::FloatNoise | Cause::MinorUnits => other.rule == Rule::ExcessPrecision,
                    Cause::DiscountSign => {
                        other.rule == Rule::NegativeDiscount || other.causes.iter().any(|told| told.causes == [cause])
                    }
                    // One mistake, seen at several places.
                    _ => other.causes.iter().any(|told| told.causes == [cause]),
                };
                assert!(follows || by_nature, "{cause}: {other}\n{:?}\n{:?}", report.violations, faulty.order);
            }
        }
        let ways: BTreeSet<_> = Mistake::of(cause).map(|mistake| mistake.field().name().to_owned()).collect();
        assert_eq!(places, ways, "{cause}");
    }
}

#[test]
fn fewer_than_one_draw_in_a_hundred_is_given_up() {
    let mut given_up = BTreeMap::new();
    for label in Label::all() {
        let of = 5 * SEEDS;
        let failed = (0..of).filter(|seed| try_one_fault(label, &mut Choices::seeded(*seed)).is_none()).count() as u64;
        if failed * 100 > of {
            given_up.insert(label, (failed, of));
        }
    }
    assert!(given_up.is_empty(), "{given_up:?}");
}

#[test]
fn fixing_a_fault_restores_the_order() {
    let mut mended: BTreeMap<Label, u64> = BTreeMap::new();
    for label in Label::all() {
        for faulty in faults(label) {
            let Some(found) = fix(&faulty.order, &Policy::default(), Applicability::Unsafe) else { continue };
            let after = found.apply(&faulty.order);
            *mended.entry(label).or_default() += 1;
            if label == Cause::OrderDiscountOnEveryLine.into() && faulty.place == Place::Field(Field::OrderDiscount) {
                assert_eq!(checked(&after).broken(), 0);
                continue;
            }
            assert_eq!(charges(&after), charges(&faulty.original), "{label}: {:?}\n{:?}", faulty.order, found);
        }
    }
    for rule in
        [Rule::ExtendedAmount, Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal, Rule::Balance]
    {
        assert_eq!(mended.get(&rule.into()), Some(&SEEDS), "{rule} can always be mended");
    }
}

#[test]
fn any_bytes_are_choices_and_keep_the_label() {
    for label in Label::all() {
        for seed in 0..SEEDS / 10 {
            let mut bytes: Vec<u8> =
                (0..200).map(|at| (seed.wrapping_mul(0x9E37_79B9) >> (at % 24)) as u8 ^ at as u8).collect();
            while !bytes.is_empty() {
                let faulty = one_fault(label, &mut Choices::of(&bytes));
                let told = match label {
                    Label::Rule(rule) => faulty.rule == rule,
                    Label::Cause(cause) => faulty.cause == Some(cause),
                };
                assert!(told && checked(&faulty.order).violations.iter().any(|found| found.place == faulty.place));
                // As shrinking does: shorter, and smaller.
                bytes.truncate(bytes.len() / 2);
                bytes.iter_mut().for_each(|byte| *byte /= 2);
            }
        }
    }
}

#[test]
fn a_text_is_read_as_the_order_it_was_made_from() {
    for seed in 0..20 * SEEDS {
        let mut choices = Choices::seeded(seed);
        let labels: Vec<Label> = Label::all().collect();
        let order = match labels.get((seed % 80) as usize) {
            Some(label) => one_fault(*label, &mut choices).order,
            None => consistent_order(&Params::default(), &mut choices),
        };
        let text = json_text(&order, &Style::drawn(&mut choices), &mut choices);
        let records: Vec<_> = Documents::new(text.as_bytes()).collect();
        let [record] = records.as_slice() else { panic!("{text}") };
        assert_eq!(record.document.as_ref().unwrap().order(), &order, "{text}");
        serde_json::from_str::<serde::de::IgnoredAny>(&text).unwrap();
    }
}

#[test]
fn the_simplest_choices_are_the_simplest_order() {
    let order = consistent_order(&Params::default(), &mut Choices::of(b""));
    let text = json_text(&order, &Style::default(), &mut Choices::of(b""));
    assert_eq!(
        text,
        r#"{"cust_ref": "G000000", "currency_code": "USD", "sub_total": 0.99, "order_discount": 0, "grand_total": 0.99, "items": [{"quantity": 1, "price": 0.99, "extended_amount": 0.99}]}"#
    );
}

#[test]
fn labels_are_read_as_they_print() {
    for label in Label::all() {
        assert_eq!(label.to_string().parse(), Ok(label));
    }
    assert_eq!("sub-total".parse(), Ok(Label::Rule(Rule::SubTotal)));
    assert!("OC999".parse::<Label>().is_err());
}

#[test]
fn several_mistakes_are_all_there() {
    let ways: Vec<Mistake> = Cause::ALL.iter().flat_map(|cause| Mistake::of(*cause)).collect();
    let mut made = 0;
    for (at, first) in ways.iter().enumerate() {
        for (other, second) in ways.iter().enumerate().filter(|(other, _)| (at + other) % 5 == 0) {
            let Some(found) = mistaken(&[*first, *second], &mut Choices::seeded((at * 100 + other) as u64)) else {
                continue;
            };
            assert_eq!(found.places.len(), 2);
            assert!(
                holds(&found.original, &[first.cause(), second.cause()]),
                "{first:?} {second:?}: {:?}",
                found.original
            );
            made += u32::from(checked(&found.order).broken() > 0);
        }
    }
    assert!(made > 500, "{made}");
}

#[test]
fn a_reply_says_of_each_order_what_it_is_said_to() {
    let names: Vec<String> = (0..20).map(|at| format!("A{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut kinds = BTreeSet::new();
    for seed in 0..SEEDS {
        let reply = batch_reply(&names, &mut Choices::seeded(seed));
        let value: serde_json::Value = serde_json::from_str(&reply.text).unwrap();
        let entries = |kind: &str| value["response"][kind].as_array().unwrap().clone();
        let (success, failed) = (entries("success"), entries("failed"));
        for (at, (name, answer)) in names.iter().zip(&reply.answers).enumerate() {
            let named = |entry: &&serde_json::Value| entry["cust_ref"] == *name || entry["index_pos"] == at;
            let of = (success.iter().filter(named).count(), failed.iter().filter(named).count());
            match answer {
                Answer::Success => assert_eq!(of, (1, 0), "{}", reply.text),
                Answer::Failed(message) => {
                    assert_eq!(of, (0, 1), "{}", reply.text);
                    assert_eq!(failed.iter().find(named).unwrap()["message"], *message);
                }
                Answer::Missing => assert_eq!(of, (0, 0), "{}", reply.text),
            }
            kinds.insert(format!("{answer:?}"));
        }
        assert_eq!(
            success.len() + failed.len(),
            names.len() - reply.answers.iter().filter(|answer| **answer == Answer::Missing).count()
                + reply.strangers.len()
        );
        kinds.extend(reply.strangers);
    }
    assert_eq!(kinds.len(), 5, "{kinds:?}");
}
