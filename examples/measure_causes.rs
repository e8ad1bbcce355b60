//! Measures how well causes are told, on orders made for it: right ones, each with a known mistake put in.
//!
//! Run it with `cargo run --release --example measure_causes`. The orders are the same at every run. With the name of a
//! cause behind `--`, the orders with that mistake at which it is not told first are shown instead.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use ordercharge::generate::{Choices, Mistake, mistaken, one_fault};
use ordercharge::{
    Amount, Applicability, Cause, Certainty, Charge, Explanation, Field, Items, Line, Order, Outcome, Place, Policy,
    Report, Rounding, Rule, check, complete, fix,
};

/// How many orders each measurement takes.
const ORDERS: usize = 10_000;

fn main() {
    let policy = Policy::default();
    if let Some(name) = std::env::args().nth(1) {
        match name.parse() {
            Ok(cause) => show_misses(cause, &policy),
            Err(error) => println!("{error}"),
        }
        return;
    }
    single_causes(&policy);
    arbitrary_amounts(&policy);
    two_causes(&policy);
    timing(&policy);
}

/// What one cause was measured at.
#[derive(Default)]
struct Tally {
    orders: usize,
    among: usize,
    first: usize,
    /// Not first, but what is first fits as well: as many causes, as sure.
    level: usize,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.orders += other.orders;
        self.among += other.among;
        self.first += other.first;
        self.level += other.level;
    }

    fn row(&self, name: &str) -> String {
        let share = |count| percent(count, self.orders);
        let (among, first, level) = (share(self.among), share(self.first), share(self.level));
        format!("| {name} | {} | {among} | {first} | {level} |", self.orders)
    }
}

/// The orders with one cause: the cause, the order, and where the mistake is seen.
fn with_one_cause(policy: &Policy) -> impl Iterator<Item = (Cause, Order, Place)> {
    (0..ORDERS).filter_map(move |number| {
        let cause = Cause::ALL.get(number % Cause::ALL.len()).copied()?;
        let ways: Vec<Mistake> = Mistake::of(cause).collect();
        let way = ways.get(number / Cause::ALL.len() % ways.len().max(1)).copied()?;
        let (order, place) = until(1, number, |choices| {
            let made = mistaken(&[way], choices)?;
            let place = made.places.into_iter().next()?;
            breaks(&check(&made.order, policy), &place).then_some((made.order, place))
        })?;
        Some((cause, order, place))
    })
}

/// Draws until there is something. Each order has choices of its own, so that one does not change the next.
fn until<T>(measurement: u64, number: usize, mut draw: impl FnMut(&mut Choices<'_>) -> Option<T>) -> Option<T> {
    let mut choices = Choices::seeded(measurement << 32 | number as u64);
    (0..50).find_map(|_| draw(&mut choices))
}

fn breaks(report: &Report, place: &Place) -> bool {
    report.identities.iter().any(|identity| identity.place == *place && identity.outcome == Outcome::Broken)
}

/// (1) and (4): one known cause each.
fn single_causes(policy: &Policy) {
    let mut tallies: BTreeMap<Cause, Tally> = BTreeMap::new();
    let (mut fixed, mut clean, mut settled) = (0, 0, 0);
    for (cause, order, place) in with_one_cause(policy) {
        let report = check(&order, policy);
        let tally = tallies.entry(cause).or_default();
        tally.orders += 1;
        tally.among += usize::from(names(&report, cause));
        let told = told_at(&report, &place, cause);
        if let Some([first, rest @ ..]) = told {
            let is_first = first.causes == [cause];
            let level = rest.iter().any(|other| other.causes == [cause] && other.certainty == first.certainty);
            tally.first += usize::from(is_first);
            tally.level += usize::from(!is_first && first.causes.len() == 1 && level);
        }

        if let Some(fix) = fix(&order, policy, Applicability::Unsafe) {
            fixed += 1;
            let mended = fix.apply(&order);
            clean += usize::from(check(&mended, policy).broken() == 0);
            settled += usize::from(self::fix(&mended, policy, Applicability::Unsafe).is_none());
        }
    }

    println!("| cause | orders | told | told first | not first, but level with it |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    let mut total = Tally::default();
    for cause in Cause::ALL {
        let tally = tallies.remove(cause).unwrap_or_default();
        total.add(&tally);
        println!("{}", tally.row(&format!("`{cause}`")));
    }
    println!("{}", total.row("all"));
    println!();
    println!("| fixes of these orders | orders | share |");
    println!("| --- | ---: | ---: |");
    println!("| a fix is found | {fixed} | {} |", percent(fixed, total.orders));
    println!("| after it no identity is broken | {clean} | {} |", percent(clean, fixed));
    println!("| after it there is nothing more to fix | {settled} | {} |", percent(settled, fixed));
    println!();
}

/// What is told at a place, or where that follows from another fault, there.
fn told_at<'r>(report: &'r Report, place: &Place, cause: Cause) -> Option<&'r [Explanation]> {
    let at = |place: &Place| report.violations.iter().find(|found| found.place == *place);
    let found = at(place)?;
    let own = found.causes.as_slice();
    match &found.root {
        Some(root) if own.first().is_some_and(|first| first.causes != [cause]) => {
            at(root).map(|root| root.causes.as_slice())
        }
        _ => Some(own),
    }
}

/// Whether a cause is told anywhere.
fn names(report: &Report, cause: Cause) -> bool {
    report.violations.iter().flat_map(|found| &found.causes).any(|told| told.causes.contains(&cause))
}

/// Shows the orders with a cause that is not told first.
fn show_misses(wanted: Cause, policy: &Policy) {
    for (cause, order, place) in with_one_cause(policy).filter(|(cause, ..)| *cause == wanted) {
        let report = check(&order, policy);
        let first = told_at(&report, &place, cause).and_then(<[_]>::first);
        if first.is_some_and(|first| first.causes == [cause]) {
            continue;
        }
        println!("{cause} at {place}, {:?}", order.currency.code());
        for (place, amount) in order.charges().filter_map(|(place, charge)| Some((place, charge.amount()?))) {
            print!(" {place}={amount}");
        }
        println!();
        for found in &report.violations {
            println!("  {found} ({})", found.formula.as_deref().unwrap_or_default());
            for told in &found.causes {
                println!("    {:?} {}: {}", told.causes, told.certainty.name(), told.message);
            }
        }
        println!();
    }
}

/// (2): an amount that no cause led to.
fn arbitrary_amounts(policy: &Policy) {
    let (mut orders, mut claimed, mut first) = (0, 0, 0);
    let rules = [Rule::ExtendedAmount, Rule::SubTotal, Rule::SalesTax, Rule::OrderDiscount, Rule::GrandTotal];
    for (number, rule) in (0..ORDERS).zip(rules.into_iter().cycle()) {
        let order = one_fault(rule, &mut Choices::seeded(2 << 32 | number as u64)).order;
        orders += 1;
        // That a sum was taken with the right amount of what is wrong is no claim of a cause: it is so.
        let claims = |told: &Explanation| told.certainty == Certainty::Exact && told.causes != [Cause::CorrectedAmount];
        let report = check(&order, policy);
        claimed += usize::from(report.violations.iter().flat_map(|found| &found.causes).any(claims));
        first += usize::from(report.violations.iter().filter_map(|found| found.causes.first()).any(claims));
    }
    println!("| an arbitrary wrong amount | orders | share |");
    println!("| --- | ---: | ---: |");
    println!("| an exact cause is claimed | {claimed} | {} |", percent(claimed, orders));
    println!("| an exact cause is told first | {first} | {} |", percent(first, orders));
    println!();
}

/// (3): two causes in two identities.
fn two_causes(policy: &Policy) {
    let (mut orders, mut both, mut one) = (0, 0, 0);
    let mut missed: BTreeMap<Cause, (usize, usize)> = BTreeMap::new();
    let header = [Field::SalesTax, Field::OrderDiscount, Field::SubTotal, Field::GrandTotal];
    let mistakes: Vec<Mistake> = Cause::ALL
        .iter()
        // It is what follows from a mistake, and no mistake of its own.
        .filter(|cause| **cause != Cause::CorrectedAmount)
        .flat_map(|cause| Mistake::of(*cause))
        .collect();
    let rank = |mistake: &Mistake| header.iter().position(|field| *field == mistake.field());
    // A line and a total most often, in every combination.
    let pairs: Vec<[Mistake; 2]> = mistakes
        .iter()
        .flat_map(|first| mistakes.iter().map(move |second| [*first, *second]))
        .filter(|[first, second]| rank(first) < rank(second) && first.cause() != second.cause())
        .collect();
    for number in 0..ORDERS {
        let Some([first, second]) = pairs.get(number * 7919 % pairs.len()) else { continue };
        let of_two = until(3, number, |choices| {
            let made = mistaken(&[*first, *second], choices)?;
            let report = check(&made.order, policy);
            made.places.iter().all(|place| breaks(&report, place)).then_some((first.cause(), second.cause(), report))
        });
        let Some((first, second, report)) = of_two else { continue };
        orders += 1;
        let found = [first, second].map(|cause| names(&report, cause));
        both += usize::from(found == [true, true]);
        one += usize::from(found != [false, false]);
        for (cause, found) in [first, second].into_iter().zip(found) {
            let entry = missed.entry(cause).or_default();
            entry.0 += 1;
            entry.1 += usize::from(!found);
        }
    }
    println!("| two causes | orders | share |");
    println!("| --- | ---: | ---: |");
    println!("| both are told | {both} | {} |", percent(both, orders));
    println!("| at least one is told | {one} | {} |", percent(one, orders));
    println!();
    println!("| of two causes, not told | orders | share |");
    println!("| --- | ---: | ---: |");
    for (cause, (of, missed)) in missed.iter().filter(|(_, (_, missed))| *missed > 0) {
        println!("| `{cause}` | {missed} | {} |", percent(*missed, *of));
    }
    println!();
}

/// How long a check of a long order takes, right and with three faults.
fn timing(policy: &Policy) {
    let line = |at: i64| Line {
        price: Amount::new(i128::from(at * 37 % 29_900 + 99), 2).map_or(Charge::Unset, Charge::Amount),
        quantity: Charge::from(at % 12 + 1),
        ..Line::default()
    };
    let items = Items::Lines((0..1000).map(line).collect());
    let mut right = Order { items, order_discount: 20.into(), shipping_handling: 5.into(), ..Order::default() };
    right.sales_tax = 12.into();
    let right = complete(right, Rounding::Nearest);
    let mut wrong = right.clone();
    let more = |charge: Charge, by: i32| amount(charge).checked_add(by.into()).map_or(Charge::Unset, Charge::Amount);
    if let Some(line) = line_mut(&mut wrong, 500) {
        line.extended_amount = more(line.extended_amount, 3);
    }
    wrong.sub_total = more(wrong.sub_total, -20);
    wrong.grand_total = more(wrong.grand_total, 7);

    let time = |order: &Order| {
        let mut times: Vec<u128> = (0..101)
            .map(|_| {
                let start = Instant::now();
                black_box(check(black_box(order), policy));
                start.elapsed().as_nanos()
            })
            .collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    };
    let (right_takes, wrong_takes) = (time(&right), time(&wrong));
    let ratio = wrong_takes * 100 / right_takes.max(1);
    println!("| check of 1000 lines | broken | microseconds |");
    println!("| --- | ---: | ---: |");
    println!("| right | {} | {} |", check(&right, policy).broken(), right_takes / 1000);
    println!("| with three faults | {} | {} |", check(&wrong, policy).broken(), wrong_takes / 1000);
    println!();
    println!("With three faults it takes {}.{:02} times as long.", ratio / 100, ratio % 100);
}

fn amount(charge: Charge) -> Amount {
    charge.amount().unwrap_or_default()
}

fn line_mut(order: &mut Order, at: usize) -> Option<&mut Line> {
    match &mut order.items {
        Items::Lines(lines) => lines.get_mut(at),
        _ => None,
    }
}

/// A share in percent, with two decimals.
fn percent(count: usize, of: usize) -> String {
    // Rounded to the nearest.
    let share = (count * 20_000 + of.max(1)) / (of.max(1) * 2);
    format!("{}.{:02} %", share / 100, share % 100)
}
