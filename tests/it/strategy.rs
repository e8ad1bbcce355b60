//! The strategies: what they promise, and that they keep it while they shrink.

use std::cell::Cell;

use arbitrary::{Arbitrary, Unstructured};
use ordercharge::arbitrary::{Consistent, OneFault};
use ordercharge::generate::{Answer, Faulty, Label, Params, Style};
use ordercharge::{Amount, Documents, Mistake, Order, Policy, Rule, check, strategy};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{TestError, TestRunner};

use crate::util::faulty;

fn is_clean(order: &Order) -> bool {
    check(order, &Policy::default()).violations.is_empty()
}

fn stays_clean(order: &Order) -> Result<(), String> {
    if is_clean(order) { Ok(()) } else { Err(format!("{order:?}")) }
}

/// The fault is the one it says it is, and no other is there.
fn is_exact(faulty: &Faulty) -> Result<(), String> {
    faulty::is_exactly(faulty::label(faulty), faulty)
}

/// The one order in a text, in whatever container.
fn read(text: &str) -> Order {
    let records: Vec<_> = Documents::new(text.as_bytes()).collect();
    let [record] = records.as_slice() else { panic!("{text}") };
    record.document.as_ref().unwrap().order().clone()
}

/// Walks down a value's shrinking, keeping a step where `keeps` says so, and looks at every value on the way.
fn shrunk<T>(
    strategy: impl Strategy<Value = T>,
    runner: &mut TestRunner,
    holds: impl Fn(&T) -> Result<(), String>,
    keeps: impl Fn(&T) -> bool,
) -> (T, u32)
where
    T: std::fmt::Debug,
{
    let mut tree = strategy.new_tree(runner).unwrap();
    let mut steps = 0;
    let mut last = tree.current();
    loop {
        let value = tree.current();
        holds(&value).unwrap_or_else(|problem| panic!("{problem}"));
        let more = if keeps(&value) {
            last = value;
            tree.simplify()
        } else {
            tree.complicate()
        };
        if !more {
            return (last, steps);
        }
        steps += 1;
        assert!(steps < 20_000, "shrinking comes to an end");
    }
}

#[test]
fn what_shrinks_stays_consistent_and_becomes_small() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        let (order, _) = shrunk(strategy::consistent_order(Params::default()), &mut runner, stays_clean, |_| true);
        assert_eq!(order.lines().len(), 1);
        let (order, steps) = shrunk(
            strategy::consistent_order(Params { lines: 3..=6, ..Params::default() }),
            &mut runner,
            stays_clean,
            |order| {
                order.lines().iter().filter(|line| line.tax.amount().is_some_and(|tax| !tax.is_zero())).count() >= 2
            },
        );
        // A draw without the taxes that are asked for does not shrink at all.
        assert!(order.lines().len() == 3 || steps == 0, "{order:?}");
    }
}

#[test]
fn a_fault_keeps_its_label_while_it_shrinks() {
    let mut runner = TestRunner::deterministic();
    // Of the mistakes a few: each step of theirs is a diagnosis.
    let few = Mistake::ALL.iter().step_by(16).map(|mistake| Label::Mistake(*mistake));
    for label in Rule::ALL.iter().map(|rule| Label::Rule(*rule)).chain(few) {
        for most in [0_u32, 40, 250] {
            let dear = |faulty: &Faulty| {
                faulty
                    .order
                    .charges()
                    .filter_map(|(_, charge)| charge.amount())
                    .any(|amount| amount > Amount::from(most))
            };
            shrunk(strategy::one_fault(label), &mut runner, |faulty| faulty::is_exactly(label, faulty), dear);
        }
    }
}

#[test]
fn any_fault_keeps_its_label_while_it_shrinks() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..20 {
        // The label of the first value is that of all.
        let first = Cell::new(None);
        let stays = |faulty: &Faulty| {
            let label = first.get().unwrap_or_else(|| faulty::label(faulty));
            first.set(Some(label));
            faulty::is_exactly(label, faulty)
        };
        let several = |faulty: &Faulty| faulty.order.lines().len() > 1;
        shrunk(strategy::any_fault(), &mut runner, stays, several);
    }
}

#[test]
fn proptest_finds_the_smallest_order_that_fails() {
    let mut runner = TestRunner::deterministic();
    let outcome = runner.run(&strategy::consistent_order(Params::default()), |order| {
        prop_assert!(order.lines().len() < 4);
        Ok(())
    });
    let Err(TestError::Fail(_, order)) = outcome else { panic!("orders of four lines are drawn: {outcome:?}") };
    assert_eq!(order.lines().len(), 4);
    let simplest = order
        .lines()
        .iter()
        .all(|line| (line.price.amount(), line.quantity.amount()) == (Amount::new(99, 2), Some(Amount::ONE)));
    assert!(simplest && order.sales_tax.amount().unwrap_or_default().is_zero(), "{order:?}");
}

proptest! {
    #[test]
    fn orders_are_consistent(order in strategy::consistent_order(Params::default())) {
        prop_assert!(is_clean(&order));
    }

    #[test]
    fn any_fault_is_found(faulty in strategy::any_fault()) {
        let outcome = is_exact(&faulty);
        prop_assert!(outcome.is_ok(), "{:?}", outcome);
    }

    #[test]
    fn a_text_is_the_order(
        (order, text) in (strategy::any_fault(), strategy::style()).prop_flat_map(|(faulty, style)| {
            let order = faulty.order;
            (Just(order.clone()), strategy::json_text(order, style))
        }),
    ) {
        prop_assert_eq!(&read(&text), &order, "{}", text);
    }

    #[test]
    fn replies_answer_for_every_order(reply in strategy::batch_reply(["A", "B", "C"])) {
        prop_assert_eq!(reply.answers.len(), 3);
        let missing = reply.answers.iter().filter(|answer| **answer == Answer::Missing).count();
        prop_assert_eq!(reply.text.matches("cust_po_no").count(), 3 - missing + reply.strangers.len());
    }

    #[test]
    fn any_bytes_are_orders(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut input = Unstructured::new(&bytes);
        if let Ok(Consistent(order)) = Consistent::arbitrary(&mut input) {
            prop_assert!(is_clean(&order));
        }
        if let Ok(OneFault(faulty)) = OneFault::arbitrary(&mut Unstructured::new(&bytes)) {
            let outcome = is_exact(&faulty);
            prop_assert!(outcome.is_ok(), "{:?}", outcome);
        }
        // Anything at all: it is looked at without a panic, and written and read without a loss.
        if let Ok(order) = Order::arbitrary(&mut Unstructured::new(&bytes)) {
            let report = check(&order, &Policy::default());
            prop_assert_eq!(report.is_valid(), report.of(ordercharge::Severity::Error).next().is_none());
            let text = ordercharge::generate::json_text(
                &order, &Style::default(), &mut ordercharge::generate::Choices::of(&bytes),
            );
            prop_assert_eq!(&read(&text), &order, "{}", text);
        }
    }
}

#[test]
fn arbitrary_orders_are_of_every_kind() {
    let mut found = std::collections::BTreeSet::new();
    for seed in 0..3000_u64 {
        let bytes: Vec<u8> =
            (0..200_u64).map(|at| ((seed * 31 + at * 7 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as u8).collect();
        let order = Order::arbitrary(&mut Unstructured::new(&bytes)).unwrap();
        found.extend(check(&order, &Policy::default()).violations.into_iter().map(|found| found.rule));
    }
    let missing: Vec<&Rule> = Rule::ALL.iter().filter(|rule| !found.contains(rule)).collect();
    // What only fits by arithmetic is not drawn by chance.
    let by_arithmetic = [Rule::BreaksInStorage, Rule::UnitPricePrecision];
    assert!(missing.iter().all(|rule| by_arithmetic.contains(rule)), "{missing:?}");
}
