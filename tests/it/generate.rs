//! What the generators promise.

use std::collections::{BTreeMap, BTreeSet};

use ordercharge::generate::{
    Answer, Choices, Faulty, Label, Params, Presence, Style, batch_reply, consistent_order, json_text, one_fault,
    try_one_fault,
};
use ordercharge::{
    Amount, Charge, Currency, Documents, Mistake, Order, Place, Policy, RepairOptions, Report, Rule, check, repair,
};

use crate::util::faulty;

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

/// How many orders are made of a label: those of a mistake take longer.
fn seeds(label: Label) -> u64 {
    if matches!(label, Label::Rule(_)) { SEEDS } else { SEEDS / 40 }
}

fn faults(label: Label) -> Vec<Faulty> {
    (0..seeds(label)).map(|seed| one_fault(label, &mut Choices::seeded(seed))).collect()
}

#[test]
fn a_fault_is_the_only_one() {
    for label in Label::all() {
        for faulty in faults(label) {
            faulty::is_exactly(label, &faulty).unwrap_or_else(|problem| panic!("{problem}"));
        }
    }
}

/// The order's minor units in an amount, whatever is below them cut off.
fn units(order: &Order, charge: Charge) -> u64 {
    let factor = Amount::from(10_u64.pow(order.currency.decimals()));
    let units = charge.amount().unwrap_or_default().checked_mul(factor).unwrap().to_string();
    units.split('.').next().unwrap().parse().unwrap()
}

fn is_there(charge: Charge) -> bool {
    charge.amount().is_some_and(|amount| !amount.is_zero())
}

#[test]
fn what_is_never_there_is_not() {
    let params = Params {
        fine_prices: Presence::Never,
        unit_discounts: Presence::Never,
        addl_discounts: Presence::Never,
        line_taxes: Presence::Never,
        header_tax: Presence::Never,
        surcharges: Presence::Never,
        shipping: Presence::Never,
        overall_discount: Presence::Never,
        left_off: Presence::Never,
        ..Params::default()
    };
    let mut zeros = BTreeSet::new();
    for seed in 0..SEEDS {
        let order = consistent_order(&params, &mut Choices::seeded(seed));
        for line in order.lines() {
            let none = [line.discount, line.addl_discount, line.tax, line.shipping_surcharge];
            assert!(none.iter().all(|charge| charge.is_unset()), "{order:?}");
            assert!(line.price.amount().unwrap().decimals() <= order.currency.decimals(), "{order:?}");
            assert!(!line.extended_amount.is_unset());
        }
        assert!([order.sub_total, order.order_discount, order.grand_total].iter().all(|charge| !charge.is_unset()));
        for charge in [order.sales_tax, order.shipping_handling, order.order_discount] {
            assert!(!is_there(charge), "{order:?}");
        }
        zeros.insert((order.sales_tax.is_unset(), order.shipping_handling.is_unset()));
    }
    assert_eq!(zeros.len(), 4, "unset, or 0");
}

#[test]
fn what_comes_to_less_than_a_minor_unit_is_not_there() {
    for seed in 0..SEEDS {
        let params = Params {
            prices: 0..=9,
            quantities: 1..=1,
            fine_prices: Presence::Never,
            unit_discounts: Presence::Always,
            addl_discounts: Presence::Always,
            line_taxes: Presence::Never,
            header_tax: Presence::Always,
            overall_discount: Presence::Always,
            left_off: Presence::Never,
            ..Params::default()
        };
        let order = consistent_order(&params, &mut Choices::seeded(seed));
        for line in order.lines() {
            assert_eq!(is_there(line.discount), units(&order, line.price) >= 2, "{order:?}");
            assert_eq!(is_there(line.addl_discount), units(&order, line.extended_amount) >= 5, "{order:?}");
        }
        let of_lines: u64 = order.lines().iter().map(|line| units(&order, line.addl_discount)).sum();
        let overall = units(&order, order.order_discount) - of_lines;
        assert_eq!(overall > 0, units(&order, order.sub_total) >= 4, "{order:?}");
        assert!(is_there(order.sales_tax), "{order:?}");
    }
}

#[test]
fn parameters_are_kept_to() {
    let currencies = ["JPY", "USD", "KWD", "CLF", "ZZZ"].map(Currency::from_code);
    for seed in 0..5 * SEEDS {
        let params = Params {
            lines: 2..=4,
            quantities: 3..=9,
            prices: 251..=977,
            currencies: currencies.to_vec(),
            fine_prices: if seed % 2 == 0 { Presence::Always } else { Presence::Never },
            left_off: Presence::Never,
            ..Params::default()
        };
        let order = consistent_order(&params, &mut Choices::seeded(seed));
        assert!(currencies[..4].contains(&order.currency), "{order:?}");
        assert!((2..=4).contains(&order.lines().len()), "{order:?}");
        let decimals = order.currency.decimals();
        let taxes = order.lines().iter().filter_map(|line| line.tax.amount());
        let taxes: Vec<Amount> = taxes.collect();
        if !taxes.is_empty() {
            let sum = taxes.iter().try_fold(Amount::ZERO, |sum, tax| sum.checked_add(*tax));
            assert_eq!(order.sales_tax.amount(), sum);
        }
        for line in order.lines() {
            let quantity = line.quantity.amount().unwrap();
            assert!((3..=9).any(|whole| quantity == Amount::from(whole)), "{order:?}");
            assert!((251..=977).contains(&units(&order, line.price)), "{order:?}");
            let price = line.price.amount().unwrap();
            let fine = price.decimals() > decimals;
            assert_eq!(fine, seed % 2 == 0 && decimals < 4, "{order:?}");
            // Half of the price in whole minor units: a fine one may be rounded up.
            let most = (units(&order, line.price) + u64::from(fine)) / 2;
            assert!(units(&order, line.discount) <= most, "{order:?}");
            assert!(5 * units(&order, line.addl_discount) <= units(&order, line.extended_amount), "{order:?}");
        }
    }
    let few = Params { lines: 0..=0, quantities: 0..=0, ..Params::default() };
    let order = consistent_order(&few, &mut Choices::seeded(1));
    assert_eq!(order.lines().iter().map(|line| line.quantity).collect::<Vec<_>>(), [Amount::ONE.into()]);
}

#[test]
fn what_can_be_calculated_is_left_off_at_times() {
    let params = Params { left_off: Presence::Always, ..Params::default() };
    let left_off = |order: &Order| {
        let of_lines = order.lines().iter().any(|line| line.extended_amount.is_unset() || line.price.is_unset());
        of_lines || [order.sub_total, order.order_discount, order.grand_total].iter().any(|charge| charge.is_unset())
    };
    let count = (0..SEEDS).filter(|seed| left_off(&consistent_order(&params, &mut Choices::seeded(*seed)))).count();
    assert!(count as u64 > SEEDS / 2, "{count}");
}

#[test]
fn a_seed_is_an_order_for_ever() {
    let text = |order: &Order| json_text(order, &Style::default(), &mut Choices::seeded(7));
    let of = |label: Label| text(&one_fault(label, &mut Choices::seeded(7)).order);
    assert_eq!(
        text(&consistent_order(&Params::default(), &mut Choices::seeded(7))),
        r#"{"cust_ref": "G535162", "currency_code": "GBP", "sub_total": 3212.01, "order_discount": 321.2, "sales_tax": 642.4, "shipping_handling": 36.3, "grand_total": 3569.51, "items": [{"quantity": 2, "price": 273.81, "discount": 0.75, "extended_amount": 546.12}, {"quantity": 9, "price": 296.21, "extended_amount": 2665.89}]}"#
    );
    assert_eq!(
        of(Rule::SubTotal.into()),
        r#"{"cust_ref": "G535162", "currency_code": "GBP", "sub_total": 3230.24, "order_discount": 321.2, "sales_tax": 642.4, "shipping_handling": 36.3, "grand_total": 3587.74, "items": [{"quantity": 2, "price": 273.81, "discount": 0.75, "extended_amount": 546.12}, {"quantity": 9, "price": 296.21, "extended_amount": 2665.89}]}"#
    );
    let twice = of(Mistake::TaxTwice.into());
    assert_eq!(twice, of(Mistake::TaxTwice.into()), "the same seed, the same order");
    assert_eq!(
        batch_reply(&["A1", "A2", "A3"], &mut Choices::seeded(7)).text,
        r#"{"success_code": true, "response": {"success": [{"cust_ref": "A1", "cust_po_no": null}, {"cust_ref": "A3", "cust_po_no": null}], "failed": [{"cust_ref": null, "cust_po_no": null, "index_pos": 1, "message": "Order missing required field(s): ship_zip"}]}}"#
    );
}

/// Bytes that look random, as strategies draw them.
fn random_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(1024).collect()
}

#[test]
fn fewer_than_one_draw_in_a_hundred_is_given_up() {
    let mut given_up = BTreeMap::new();
    for label in Label::all() {
        let of = if matches!(label, Label::Rule(_)) { 5 * SEEDS } else { 20 };
        let is_given_up = |mut choices: Choices<'_>| try_one_fault(label, &mut choices).is_none();
        let seeded = (0..of).filter(|seed| is_given_up(Choices::seeded(*seed))).count() as u64;
        let of_bytes = (0..of).filter(|seed| is_given_up(Choices::of(&random_bytes(*seed)))).count() as u64;
        if seeded * 100 >= of || of_bytes * 100 >= of {
            given_up.insert(label, (seeded, of_bytes, of));
        }
    }
    assert!(given_up.is_empty(), "{given_up:?}");
}

#[test]
fn a_repair_of_a_broken_rule_leaves_nothing_broken() {
    for label in Label::all().filter(|label| matches!(label, Label::Rule(_))) {
        for faulty in faults(label) {
            let found = repair(&faulty.order, &Policy::default(), &RepairOptions::default());
            let Some(found) = found.filter(|found| !found.edits.is_empty()) else { continue };
            let after = found.apply(&faulty.order);
            assert_eq!(checked(&after).broken(), 0, "{label}: {:?}\n{found:?}", faulty.order);
            let again = repair(&after, &Policy::default(), &RepairOptions::default());
            assert!(again.is_none_or(|again| again.edits.is_empty()), "{label}: repaired twice");
        }
    }
    // Nobody but the sender knows what was meant; what is only in the wrong place, or blank, is written.
    for rule in [Rule::MisnamedField, Rule::EmptyAmount] {
        for faulty in faults(rule.into()) {
            let found = repair(&faulty.order, &Policy::default(), &RepairOptions::default());
            let found = found.unwrap_or_else(|| panic!("{rule}: {:?}", faulty.order));
            assert_eq!(charges(&found.apply(&faulty.order)), charges(&faulty.original), "{rule}: {:?}", faulty.order);
        }
    }
}

#[test]
fn any_bytes_are_choices_and_keep_the_label() {
    for label in Label::all() {
        for seed in 0..seeds(label).div_ceil(10) {
            let mut bytes: Vec<u8> =
                (0..200).map(|at| (seed.wrapping_mul(0x9E37_79B9) >> (at % 24)) as u8 ^ at as u8).collect();
            while !bytes.is_empty() {
                let faulty = one_fault(label, &mut Choices::of(&bytes));
                faulty::is_exactly(label, &faulty).unwrap_or_else(|problem| panic!("{problem}"));
                // As shrinking does: shorter, and smaller.
                bytes.truncate(bytes.len() / 2);
                bytes.iter_mut().for_each(|byte| *byte /= 2);
            }
        }
    }
}

#[test]
fn a_text_is_read_as_the_order_it_was_made_from() {
    for seed in 0..5 * SEEDS {
        let mut choices = Choices::seeded(seed);
        let labels: Vec<Label> = Label::all().collect();
        let order = match labels.get((seed % 200) as usize) {
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
