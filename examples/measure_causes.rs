//! Measures how well causes are told, on orders made for it: right ones, each with a known mistake put in.
//!
//! Run it with `cargo run --release --example measure_causes`. The orders are the same at every run. With the name of a
//! cause behind `--`, the orders with that mistake at which it is not told first are shown instead.

#![allow(clippy::print_stdout, reason = "an example shows its result")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use ordercharge::{
    Amount, Applicability, Cause, Certainty, Charge, Currency, Explanation, Field, Items, Line, Misnamed, Order,
    Outcome, Place, Policy, Report, Round, Rounding, check, complete, fix,
};

/// How many orders each measurement takes.
const ORDERS: usize = 10_000;
/// The currencies whose totals are rounded to what coins can pay.
const COINS: [&str; 7] = ["CHF", "AUD", "CAD", "SEK", "DKK", "NOK", "NZD"];

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
        let on = variants(cause);
        let (field, variant) = on.get(number / Cause::ALL.len() % on.len().max(1)).copied()?;
        let mut rng = Rng::of(1, number);
        let (order, place) = rng.until(|rng| {
            let mut making = Making::new(rng, cause)?;
            let place = making.mistake(rng, cause, field, variant)?;
            breaks(&check(&making.stated, policy), &place).then_some((making.stated, place))
        })?;
        Some((cause, order, place))
    })
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
    for number in 0..ORDERS {
        let mut rng = Rng::of(2, number);
        let Some(order) = rng.until(|rng| {
            let mut order = Making::new(rng, Cause::FeeOrTip)?.stated;
            let derived =
                [Field::ExtendedAmount, Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal];
            let field = rng.one_of(&derived)?;
            let value = |rng: &mut Rng, was: Charge| {
                let units = units(amount(was), order.currency.decimals())?;
                Amount::new(rng.between(1, 2 * units)?, order.currency.decimals()).map(Charge::Amount)
            };
            match field {
                Field::ExtendedAmount => {
                    let at = rng.below(order.lines().len());
                    let value = value(rng, order.lines().get(at)?.extended_amount)?;
                    line_mut(&mut order, at)?.extended_amount = value;
                }
                field => {
                    let value = value(rng, order.get(field))?;
                    set(&mut order, field, value);
                }
            }
            (check(&order, policy).broken() > 0).then_some(order)
        }) else {
            continue;
        };
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
    let mistakes: Vec<(Cause, Field, u8)> = Cause::ALL
        .iter()
        // It is what follows from a mistake, and no mistake of its own.
        .filter(|cause| **cause != Cause::CorrectedAmount)
        .flat_map(|cause| variants(*cause).iter().map(|(field, variant)| (*cause, *field, *variant)))
        .collect();
    let on = |wanted: &dyn Fn(Field) -> bool| -> Vec<(Cause, Field, u8)> {
        mistakes.iter().copied().filter(|(_, field, _)| wanted(*field)).collect()
    };
    let on_line = on(&|field| field == Field::ExtendedAmount);
    let on_header = on(&|field| header.contains(&field));
    for number in 0..ORDERS {
        let mut rng = Rng::of(3, number);
        let of_two = rng.until(|rng| {
            let (first, second) = if rng.chance(60) {
                (rng.one_of(&on_line)?, rng.one_of(&on_header)?)
            } else {
                (rng.one_of(&on_header)?, rng.one_of(&on_header)?)
            };
            let rank = |field: Field| header.iter().position(|other| *other == field);
            if rank(first.1) >= rank(second.1) || first.0 == second.0 {
                return None;
            }
            let kind = if rng.chance(50) { first.0 } else { second.0 };
            let mut making = Making::new(rng, kind)?;
            let one = making.mistake(rng, first.0, first.1, first.2)?;
            let other = making.mistake(rng, second.0, second.1, second.2)?;
            let report = check(&making.stated, policy);
            (breaks(&report, &one) && breaks(&report, &other)).then_some((first.0, second.0, report))
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

/// The amounts a cause applies to, each with a number for every way it does.
fn variants(cause: Cause) -> &'static [(Field, u8)] {
    use Field::{ExtendedAmount as E, GrandTotal as G, OrderDiscount as D, SalesTax as T, SubTotal as S};
    match cause {
        Cause::CorrectedAmount => &[(S, 0), (G, 0), (G, 1), (G, 2), (G, 3)],
        Cause::MisnamedField => &[(G, 0), (G, 1), (G, 2), (G, 3), (G, 4), (S, 0), (T, 0)],
        Cause::DiscountSign => &[(E, 0), (E, 1), (G, 0), (G, 1), (D, 0)],
        Cause::DiscountIgnored => &[(E, 0), (S, 0)],
        Cause::TaxIncluded => &[(E, 0), (S, 0), (S, 1)],
        Cause::AddlDiscountIncluded | Cause::QuantityIgnored | Cause::RoundedOtherwise => &[(E, 0), (E, 1)],
        Cause::OrderDiscountOnEveryLine => &[(E, 0), (D, 0)],
        Cause::DiscountOncePerLine
        | Cause::DiscountTwice
        | Cause::DiscountIsPercentage
        | Cause::QuantityTwice
        | Cause::PriceIsLineTotal
        | Cause::UnitRoundedFirst => &[(E, 0)],
        Cause::RoundedToWhole | Cause::CentsCut | Cause::FloatNoise | Cause::TransposedDigits => {
            &[(E, 0), (S, 0), (T, 0), (D, 0), (G, 0)]
        }
        Cause::MinorUnits => &[(E, 0), (E, 1), (S, 0), (S, 1), (T, 0), (T, 1), (D, 1), (G, 0), (G, 1)],
        Cause::SubTotalNetOfDiscount
        | Cause::SubTotalNetOfAddlDiscount
        | Cause::LineMissing
        | Cause::LineTwice
        | Cause::ShippingIncluded
        | Cause::GrandTotalInSubTotal => &[(S, 0)],
        Cause::LineFiltered => &[(S, 0), (S, 1)],
        Cause::LineTaxNotInHeader => &[(G, 0), (T, 0)],
        Cause::TaxRoundedPerOrder | Cause::TaxPerItem => &[(T, 0)],
        Cause::TaxOnShipping => &[(T, 0), (T, 1)],
        Cause::AddlDiscountNotInHeader => &[(D, 0), (G, 0), (G, 1)],
        Cause::LostCent => &[(D, 0), (T, 0)],
        Cause::DiscountNotSubtracted
        | Cause::DiscountSubtractedTwice
        | Cause::AddlDiscountSubtractedTwice
        | Cause::ShippingLeftOut
        | Cause::ShippingTwice
        | Cause::SurchargeAdded
        | Cause::TaxLeftOut
        | Cause::TaxTwice
        | Cause::FlooredAtZero
        | Cause::CashRounding
        | Cause::FeeOrTip => &[(G, 0)],
        _ => &[],
    }
}

/// An order in the making: as it is stated, and as whoever makes it believes it to be. A mistake that nobody saw again
/// is in the first only.
struct Making {
    stated: Order,
    believed: Order,
    decimals: u32,
    /// The tax rate, and whether lines set tax.
    rate: Amount,
}

impl Making {
    /// A right order, of the kind a mistake needs.
    fn new(rng: &mut Rng, cause: Cause) -> Option<Making> {
        let currency = match (cause, rng.below(100)) {
            (Cause::CashRounding, _) => rng.one_of(&COINS)?,
            (_, 0..70) => "USD",
            (_, 70..80) => "EUR",
            (_, 80..84) => "JPY",
            (_, 84..88) => "KWD",
            (_, 88..94) => "CHF",
            _ => "AUD",
        };
        let currency = Currency::from_code(currency);
        let decimals = currency.decimals();
        let fine = matches!(cause, Cause::UnitRoundedFirst | Cause::RoundedOtherwise) || rng.chance(12);
        let count = rng.below(6) + 1;
        let (with_discount, with_addl, with_surcharge) = (rng.chance(40), rng.chance(30), rng.chance(20));
        let rate = Amount::new(rng.one_of(&[55, 60, 625, 700, 70, 825, 8875, 190, 200])?, 0)?;
        let rate = if rate >= 1000.into() {
            scaled(rate, 5)
        } else if rate >= 300.into() {
            scaled(rate, 4)
        } else {
            scaled(rate, 3)
        }?;
        let (line_tax, header_tax) = match rng.below(100) {
            0..45 => (true, false),
            45..80 => (false, true),
            _ => (false, false),
        };

        let mut lines = Vec::new();
        for _ in 0..count {
            let mut price = rng.money(99, 30_000, decimals)?;
            if rng.chance(60) {
                // As prices are: up to the next 99, 95, 50 or 0.
                let ending = rng.one_of(&[99, 95, 50, 49, 0])?;
                let whole = units(price, decimals)? / 100 * 100;
                price = Amount::new((whole + ending).max(99), decimals)?;
            }
            if fine {
                let tail = Amount::new(rng.between(1, 99)?, decimals + 2)?;
                price = price.checked_add(tail)?;
            }
            let quantity = match cause {
                Cause::PriceIsLineTotal => rng.between(2, 12)?,
                _ if rng.chance(40) => 1,
                _ => rng.between(1, 12)?,
            };
            let quantity = Amount::new(quantity, 0)?;
            let mut line = Line { price: price.into(), quantity: quantity.into(), ..Line::default() };
            if with_discount && rng.chance(70) {
                let discount = if rng.chance(50) {
                    let share = Amount::new(rng.one_of(&[5, 10, 15, 20, 25])?, 2)?;
                    price.checked_mul(share)?.rounded(decimals, Round::HalfUp)
                } else {
                    Amount::new(rng.one_of(&[50, 75, 100, 150, 200, 250, 500])?, decimals)?
                };
                if discount < price && !discount.is_zero() {
                    line.discount = discount.into();
                }
            }
            let extended = extension(&line)?.rounded(decimals, Round::HalfUp);
            line.extended_amount = extended.into();
            if with_addl && rng.chance(60) {
                let most = units(extended, decimals)? / 5;
                if most > 10 {
                    line.addl_discount = Amount::new(rng.between(10, most)?, decimals)?.into();
                }
            }
            if line_tax {
                line.tax = extended.checked_mul(rate)?.rounded(decimals, Round::HalfUp).into();
            }
            if with_surcharge && rng.chance(50) {
                line.shipping_surcharge = rng.money(50, 900, decimals)?.into();
            }
            lines.push(line);
        }
        let sum =
            |field: Field| lines.iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(amount(line.get(field))));
        let (extended, tax, addl) = (sum(Field::ExtendedAmount)?, sum(Field::Tax)?, sum(Field::AddlDiscount)?);
        let mut order = Order { currency, sub_total: extended.into(), ..Order::default() };
        let tax = if header_tax { extended.checked_mul(rate)?.rounded(decimals, Round::HalfUp) } else { tax };
        if line_tax || header_tax || rng.chance(50) {
            order.sales_tax = tax.into();
        }
        if rng.chance(75) {
            let usual = [0, 395, 499, 599, 795, 999, 1250, 1500];
            let shipping = if rng.chance(60) {
                Amount::new(rng.one_of(&usual)?, decimals)?
            } else {
                rng.money(200, 4500, decimals)?
            };
            order.shipping_handling = shipping.into();
        }
        let mut overall = Amount::ZERO;
        if cause == Cause::FlooredAtZero {
            let charges = extended.checked_add(tax)?.checked_add(amount(order.shipping_handling))?;
            overall = charges.checked_add(rng.money(50, 5000, decimals)?)?;
        } else if rng.chance(50) {
            overall = match rng.below(3) {
                0 => Amount::new(rng.one_of(&[500, 1000, 1500, 2000])?, decimals)?,
                1 => {
                    let share = Amount::new(rng.one_of(&[5, 10, 15, 20])?, 2)?;
                    extended.checked_mul(share)?.rounded(decimals, Round::HalfUp)
                }
                _ => rng.money(100, 3000, decimals)?,
            };
        }
        order.order_discount = overall.checked_add(addl)?.into();
        order.items = Items::Lines(lines);
        let mut making = Making { stated: order.clone(), believed: order, decimals, rate };
        making.total()?;
        let total = amount(making.stated.grand_total);
        (cause == Cause::FlooredAtZero || total > Amount::ZERO).then_some(making)
    }

    /// Takes what is believed of a field of the header.
    fn of(&self, field: Field) -> Amount {
        amount(self.believed.get(field))
    }

    /// The sum over the lines, as believed.
    fn sum(&self, field: Field) -> Option<Amount> {
        self.believed.lines().iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(amount(line.get(field))))
    }

    fn rounded(&self, amount: Amount) -> Amount {
        amount.rounded(self.decimals, Round::HalfUp)
    }

    /// Works out the grand total.
    fn total(&mut self) -> Option<()> {
        let charges = self.of(Field::SubTotal).checked_add(self.of(Field::SalesTax))?;
        let total =
            charges.checked_add(self.of(Field::ShippingHandling))?.checked_sub(self.of(Field::OrderDiscount))?;
        self.put(Field::GrandTotal, total);
        Some(())
    }

    fn put(&mut self, field: Field, amount: Amount) {
        set(&mut self.believed, field, amount.into());
        set(&mut self.stated, field, amount.into());
    }

    /// A wrong amount in the header that is not used any further.
    fn wrong_alone(&mut self, field: Field, amount: Amount) -> Option<Place> {
        let changes = amount != self.of(field);
        set(&mut self.stated, field, amount.into());
        (changes && !amount.is_negative()).then_some(Place::Field(field))
    }

    /// A wrong amount in the header, from which half the time the total is worked out.
    fn wrong(&mut self, rng: &mut Rng, field: Field, amount: Amount) -> Option<Place> {
        let spreads = field != Field::GrandTotal && rng.chance(50);
        let place = self.wrong_alone(field, amount)?;
        if spreads {
            self.put(field, amount);
            self.total()?;
        }
        Some(place)
    }

    /// A wrong amount of a line, from which half the time the sums are worked out.
    fn wrong_line(&mut self, rng: &mut Rng, at: usize, amount: Amount) -> Option<Place> {
        let spreads = rng.chance(50);
        self.wrong_lines(&[(at, amount)], spreads)
    }

    fn wrong_lines(&mut self, wrong: &[(usize, Amount)], spreads: bool) -> Option<Place> {
        for (at, amount) in wrong.iter().copied() {
            // What shifts by nothing is no mistake.
            let right = line_mut(&mut self.believed, at)?.extended_amount;
            if right == amount.into() || amount.is_negative() {
                return None;
            }
            line_mut(&mut self.stated, at)?.extended_amount = amount.into();
            if spreads {
                line_mut(&mut self.believed, at)?.extended_amount = amount.into();
            }
        }
        if spreads {
            let sum = self.sum(Field::ExtendedAmount)?;
            self.put(Field::SubTotal, sum);
            self.total()?;
        }
        wrong.first().map(|(at, _)| Place::LineField(*at, Field::ExtendedAmount))
    }

    /// A line of which something is so.
    fn line(&self, rng: &mut Rng, is: impl Fn(&Line) -> bool) -> Option<(usize, Line)> {
        let at = rng.below(self.believed.lines().len());
        let line = self.believed.lines().get(at).filter(|line| is(line))?;
        Some((at, line.clone()))
    }

    /// Puts a mistake in, and says where it is seen. `None` where it needs another order.
    fn mistake(&mut self, rng: &mut Rng, cause: Cause, field: Field, variant: u8) -> Option<Place> {
        match field {
            Field::ExtendedAmount => self.line_mistake(rng, cause, variant),
            Field::SubTotal => self.sub_total_mistake(rng, cause, variant),
            Field::SalesTax => self.sales_tax_mistake(rng, cause, variant),
            Field::OrderDiscount => self.order_discount_mistake(rng, cause, variant),
            _ => self.grand_total_mistake(rng, cause, variant),
        }
    }

    fn line_mistake(&mut self, rng: &mut Rng, cause: Cause, variant: u8) -> Option<Place> {
        let many = |line: &Line| amount(line.quantity) != Amount::ONE;
        let less = |line: &Line| !amount(line.discount).is_zero();
        let (at, line) = self.line(rng, |line| match cause {
            Cause::DiscountOncePerLine => less(line) && many(line),
            Cause::DiscountSign | Cause::DiscountIgnored | Cause::DiscountTwice | Cause::DiscountIsPercentage => {
                less(line)
            }
            Cause::TaxIncluded => !amount(line.tax).is_zero(),
            Cause::AddlDiscountIncluded => {
                !amount(line.addl_discount).is_zero() && (variant == 0 || !amount(line.tax).is_zero())
            }
            Cause::QuantityIgnored | Cause::QuantityTwice | Cause::PriceIsLineTotal => many(line),
            _ => true,
        })?;
        let (price, discount, quantity) = (amount(line.price), amount(line.discount), amount(line.quantity));
        let each = price.checked_sub(discount)?;
        let exact = each.checked_mul(quantity)?;
        let right = amount(line.extended_amount);
        let gives = match (cause, variant) {
            (Cause::DiscountSign, 0) => {
                // The discount is stated with a minus sign, and the amount is right.
                line_mut(&mut self.stated, at)?.discount = discount.negated().into();
                return Some(Place::LineField(at, Field::ExtendedAmount));
            }
            (Cause::DiscountSign, _) => price.checked_add(discount)?.checked_mul(quantity)?,
            (Cause::DiscountOncePerLine, _) => price.checked_mul(quantity)?.checked_sub(discount)?,
            (Cause::DiscountIgnored, _) => price.checked_mul(quantity)?,
            (Cause::DiscountTwice, _) => each.checked_sub(discount)?.checked_mul(quantity)?,
            (Cause::DiscountIsPercentage, _) => {
                let share = Amount::ONE.checked_sub(scaled(discount, 2)?)?;
                price.checked_mul(quantity)?.checked_mul(share)?
            }
            (Cause::TaxIncluded, _) => exact.checked_add(amount(line.tax))?,
            (Cause::AddlDiscountIncluded, 0) => exact.checked_sub(amount(line.addl_discount))?,
            (Cause::AddlDiscountIncluded, _) => {
                exact.checked_sub(amount(line.addl_discount))?.checked_add(amount(line.tax))?
            }
            (Cause::OrderDiscountOnEveryLine, _) => {
                let off = self.of(Field::OrderDiscount);
                let lines = self.believed.lines().iter().enumerate();
                let wrong = lines.map(|(at, line)| Some((at, self.rounded(extension(line)?.checked_sub(off)?))));
                let wrong: Vec<(usize, Amount)> = wrong.collect::<Option<_>>()?;
                let spreads = rng.chance(50);
                return if wrong.len() > 1 { self.wrong_lines(&wrong, spreads) } else { None };
            }
            (Cause::PriceIsLineTotal, _) => {
                if !self.believed.lines().iter().all(many) {
                    return None;
                }
                let lines = self.believed.lines().iter().enumerate();
                let wrong = lines
                    .map(|(at, line)| Some((at, self.rounded(amount(line.price).checked_sub(amount(line.discount))?))));
                let wrong: Vec<(usize, Amount)> = wrong.collect::<Option<_>>()?;
                let spreads = rng.chance(50);
                return self.wrong_lines(&wrong, spreads);
            }
            (Cause::QuantityIgnored, 0) => each,
            (Cause::QuantityIgnored, _) => price,
            (Cause::QuantityTwice, _) => exact.checked_mul(quantity)?,
            (Cause::UnitRoundedFirst, _) => {
                let rounded = self.rounded(each);
                if rounded == each {
                    return None;
                }
                rounded.checked_mul(quantity)?
            }
            (Cause::RoundedOtherwise, 0) => exact.rounded(self.decimals, Round::Down),
            (Cause::RoundedOtherwise, _) => exact.rounded(self.decimals, Round::Up),
            // What went through a float need not have been rounded before.
            (Cause::FloatNoise, _) => {
                let unrounded = rng.chance(50);
                let value = noisy(rng, if unrounded { exact } else { right })?;
                return self.wrong_line(rng, at, value);
            }
            _ => {
                let value = self.anywhere(rng, cause, variant, right)?;
                return self.wrong_line(rng, at, value);
            }
        };
        let gives = self.rounded(gives);
        self.wrong_line(rng, at, gives)
    }

    fn sub_total_mistake(&mut self, rng: &mut Rng, cause: Cause, variant: u8) -> Option<Place> {
        let field = Field::SubTotal;
        let right = self.of(field);
        let value = match (cause, variant) {
            (Cause::CorrectedAmount, _) => {
                let (at, line) = self.line(rng, |_| true)?;
                let value = self.arbitrary(rng, amount(line.extended_amount))?;
                self.wrong_lines(&[(at, value)], false)?;
                return Some(Place::Field(field));
            }
            (Cause::MisnamedField, _) => {
                let (at, line) = self.line(rng, |_| true)?;
                let value = self.arbitrary(rng, amount(line.extended_amount))?;
                self.wrong_lines(&[(at, value)], true)?;
                let line = line_mut(&mut self.stated, at)?;
                line.extended_amount = Charge::Unset;
                line.misnamed.push(misnamed("line_total", Field::ExtendedAmount, value));
                return Some(Place::Field(field));
            }
            (Cause::SubTotalNetOfDiscount, _) => right.checked_sub(self.of(Field::OrderDiscount))?,
            (Cause::SubTotalNetOfAddlDiscount, _) => {
                let addl = self.sum(Field::AddlDiscount)?;
                if addl == self.of(Field::OrderDiscount) {
                    return None;
                }
                right.checked_sub(addl)?
            }
            (Cause::DiscountIgnored, _) => {
                if self.sum(Field::Discount)?.is_zero() {
                    return None;
                }
                let gross = |line: &Line| Some(self.rounded(amount(line.price).checked_mul(amount(line.quantity))?));
                self.believed.lines().iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(gross(line)?))?
            }
            (Cause::TaxIncluded, 0) => right.checked_add(self.of(Field::SalesTax))?,
            (Cause::TaxIncluded, _) => right.checked_add(self.sum(Field::Tax)?)?,
            (Cause::LineMissing, _) => right.checked_sub(amount(self.line(rng, |_| true)?.1.extended_amount))?,
            (Cause::LineTwice, _) => right.checked_add(amount(self.line(rng, |_| true)?.1.extended_amount))?,
            (Cause::LineFiltered, _) => {
                let hidden = rng.money(99, 30_000, self.decimals)?;
                if variant == 0 {
                    self.stated.from_reply = true;
                } else {
                    let at = rng.below(self.stated.lines().len());
                    line_mut(&mut self.stated, at)?.filtered = true;
                }
                self.put(field, right.checked_add(hidden)?);
                self.total()?;
                return Some(Place::Field(field));
            }
            (Cause::ShippingIncluded, _) => right.checked_add(self.of(Field::ShippingHandling))?,
            (Cause::GrandTotalInSubTotal, _) => self.of(Field::GrandTotal),
            _ => self.anywhere(rng, cause, variant, right)?,
        };
        self.wrong(rng, field, value)
    }

    fn sales_tax_mistake(&mut self, rng: &mut Rng, cause: Cause, variant: u8) -> Option<Place> {
        let field = Field::SalesTax;
        let right = self.of(field);
        let count = i128::try_from(self.believed.lines().len()).ok()?;
        // The mistakes are those of orders whose lines set tax.
        if self.sum(Field::Tax)?.is_zero() {
            return None;
        }
        let value = match (cause, variant) {
            (Cause::MisnamedField, _) => {
                let (at, line) = self.line(rng, |line| !amount(line.tax).is_zero())?;
                let line_stated = line_mut(&mut self.stated, at)?;
                line_stated.tax = Charge::Unset;
                line_stated.misnamed.push(misnamed("sales_tax", Field::Tax, amount(line.tax)));
                return Some(Place::Field(field));
            }
            (Cause::LineTaxNotInHeader, _) => Amount::ZERO,
            (Cause::TaxRoundedPerOrder, _) => {
                let value = self.rounded(self.of(Field::SubTotal).checked_mul(self.rate)?);
                let most = Amount::new(count * 5, self.decimals + 1)?;
                if count < 2 || value.checked_sub(right)?.abs() > most {
                    return None;
                }
                value
            }
            (Cause::TaxOnShipping, _) => {
                let shipping = self.of(Field::ShippingHandling);
                let rate = if variant == 0 { self.rate } else { Amount::new(rng.between(3, 30)?, 2)? };
                let more = self.rounded(shipping.checked_mul(rate)?);
                if more > shipping.checked_mul(Amount::new(3, 1)?)? {
                    return None;
                }
                right.checked_add(more)?
            }
            (Cause::TaxPerItem, _) => self.believed.lines().iter().try_fold(Amount::ZERO, |sum, line| {
                sum.checked_add(amount(line.tax).checked_mul(amount(line.quantity))?)
            })?,
            (Cause::LostCent, _) if count > 1 => {
                let lost = Amount::new(rng.between(1, count)?, self.decimals)?;
                right.checked_add(if rng.chance(50) { lost } else { lost.negated() })?
            }
            (Cause::LostCent, _) => return None,
            _ => self.anywhere(rng, cause, variant, right)?,
        };
        self.wrong(rng, field, value)
    }

    fn order_discount_mistake(&mut self, rng: &mut Rng, cause: Cause, variant: u8) -> Option<Place> {
        let field = Field::OrderDiscount;
        let right = self.of(field);
        let count = i128::try_from(self.believed.lines().len()).ok()?;
        let of_lines = self.sum(Field::AddlDiscount)?;
        let value = match cause {
            Cause::DiscountSign => {
                if right.is_zero() {
                    return None;
                }
                self.stated.order_discount = right.negated().into();
                return Some(Place::Field(field));
            }
            Cause::OrderDiscountOnEveryLine => {
                if !of_lines.is_zero() || count < 2 {
                    return None;
                }
                for order in [&mut self.stated, &mut self.believed] {
                    (0..order.lines().len()).try_for_each(|at| {
                        line_mut(order, at)?.addl_discount = right.into();
                        Some(())
                    })?;
                }
                return Some(Place::Field(field));
            }
            // The total is right, or there would be nothing to tell it by.
            Cause::AddlDiscountNotInHeader => return self.wrong_alone(field, right.checked_sub(of_lines)?),
            // The others are mistakes in what the lines give: it is all there is.
            _ if right != of_lines || right.is_zero() => return None,
            Cause::LostCent => {
                if count < 2 {
                    return None;
                }
                right.checked_sub(Amount::new(rng.between(1, count)?, self.decimals)?)?
            }
            _ => self.anywhere(rng, cause, variant, right)?,
        };
        self.wrong(rng, field, value)
    }

    fn grand_total_mistake(&mut self, rng: &mut Rng, cause: Cause, variant: u8) -> Option<Place> {
        let field = Field::GrandTotal;
        let place = Place::Field(field);
        let right = self.of(field);
        let (discount, tax) = (self.of(Field::OrderDiscount), self.of(Field::SalesTax));
        let shipping = self.of(Field::ShippingHandling);
        let addl = self.sum(Field::AddlDiscount)?;
        let value = match (cause, variant) {
            (Cause::CorrectedAmount, 0) => {
                let value = self.arbitrary(rng, self.of(Field::SubTotal))?;
                self.wrong_alone(Field::SubTotal, value)?;
                return Some(place);
            }
            (Cause::CorrectedAmount, 1) => {
                let value = self.arbitrary(rng, self.sum(Field::Tax)?)?;
                self.wrong_alone(Field::SalesTax, value)?;
                return Some(place);
            }
            (Cause::CorrectedAmount, 2) => {
                // The lines' discount is all there is, and the stated one is less.
                let value = self.arbitrary(rng, addl)?;
                self.wrong_alone(Field::OrderDiscount, value)?;
                return (addl == discount && value < addl).then_some(place);
            }
            (Cause::CorrectedAmount, _) => {
                let (at, line) = self.line(rng, |_| true)?;
                let value = self.arbitrary(rng, amount(line.extended_amount))?;
                self.wrong_lines(&[(at, value)], false)?;
                self.stated.sub_total = Charge::Unset;
                return Some(place);
            }
            (Cause::MisnamedField, _) => return self.misname(rng, variant),
            (Cause::DiscountSign, 0) => {
                // Stated with a minus sign, and taken off as it should be.
                self.stated.order_discount = discount.negated().into();
                return (!discount.is_zero()).then_some(place);
            }
            (Cause::DiscountSign, _) => right.checked_add(discount)?.checked_add(discount)?,
            (Cause::DiscountNotSubtracted, _) => right.checked_add(discount)?,
            (Cause::DiscountSubtractedTwice, _) => right.checked_sub(discount)?,
            (Cause::AddlDiscountSubtractedTwice, _) => right.checked_sub(addl)?,
            (Cause::ShippingLeftOut, _) => right.checked_sub(shipping)?,
            (Cause::ShippingTwice, _) => right.checked_add(shipping)?,
            (Cause::SurchargeAdded, _) => right.checked_add(self.sum(Field::ShippingSurcharge)?)?,
            (Cause::TaxLeftOut, _) => right.checked_sub(tax)?,
            (Cause::TaxTwice, _) => right.checked_add(tax)?,
            (Cause::LineTaxNotInHeader, _) => {
                if self.stated.sales_tax != self.believed.sales_tax {
                    return None;
                }
                self.stated.sales_tax = Amount::ZERO.into();
                return (!self.sum(Field::Tax)?.is_zero()).then_some(place);
            }
            (Cause::AddlDiscountNotInHeader, 0) => {
                let overall = discount.checked_sub(addl)?;
                self.stated.order_discount = overall.into();
                return (!addl.is_zero() && overall < addl).then_some(place);
            }
            (Cause::AddlDiscountNotInHeader, _) => {
                if addl != discount {
                    return None;
                }
                self.stated.order_discount = Charge::Unset;
                right.checked_add(addl)?
            }
            (Cause::FlooredAtZero, _) => {
                if !right.is_negative() {
                    return None;
                }
                Amount::ZERO
            }
            (Cause::CashRounding, _) => {
                if !COINS.contains(&self.stated.currency.code()?) {
                    return None;
                }
                right.checked_mul(20.into())?.rounded(0, Round::HalfUp).checked_mul(Amount::new(5, 2)?)?
            }
            (Cause::FeeOrTip, _) => right.checked_add(rng.money(30, 1500, self.decimals)?)?,
            _ => self.anywhere(rng, cause, variant, right)?,
        };
        self.wrong_alone(field, value)
    }

    /// An amount of the header under another name; the grand total counts it.
    fn misname(&mut self, rng: &mut Rng, variant: u8) -> Option<Place> {
        let (name, means) = match variant {
            0 => ("tax", Field::SalesTax),
            1 => ("total_discount", Field::OrderDiscount),
            2 => ("shipping", Field::ShippingHandling),
            3 => ("subtotal", Field::SubTotal),
            _ => {
                // Of a line, where the order's discount is unset.
                let (at, line) = self.line(rng, |line| !amount(line.addl_discount).is_zero())?;
                if self.sum(Field::AddlDiscount)? != self.of(Field::OrderDiscount) {
                    return None;
                }
                self.stated.order_discount = Charge::Unset;
                let stated = line_mut(&mut self.stated, at)?;
                stated.addl_discount = Charge::Unset;
                let other = misnamed("additional_discount", Field::AddlDiscount, amount(line.addl_discount));
                stated.misnamed.push(other);
                return Some(Place::Field(Field::GrandTotal));
            }
        };
        if means == Field::SubTotal {
            let value = self.arbitrary(rng, self.of(means))?;
            self.put(means, value);
            self.total()?;
        }
        let value = self.of(means);
        if value.is_zero() {
            return None;
        }
        set(&mut self.stated, means, Charge::Unset);
        self.stated.misnamed.push(misnamed(name, means, value));
        Some(Place::Field(Field::GrandTotal))
    }

    /// The mistakes that can be made with any amount.
    fn anywhere(&self, rng: &mut Rng, cause: Cause, variant: u8, right: Amount) -> Option<Amount> {
        if right.is_zero() {
            return None;
        }
        match (cause, variant) {
            (Cause::RoundedToWhole, _) => Some(right.rounded(0, Round::HalfUp)),
            (Cause::CentsCut, _) => Some(right.rounded(0, Round::Down)),
            (Cause::FloatNoise, _) => noisy(rng, right),
            (Cause::MinorUnits, _) if self.decimals == 0 => None,
            (Cause::MinorUnits, 0) => right.checked_mul(Amount::new(10_i128.checked_pow(self.decimals)?, 0)?),
            (Cause::MinorUnits, _) => {
                let divided = scaled(right, self.decimals)?;
                Some(if rng.chance(50) { self.rounded(divided) } else { divided })
            }
            (Cause::TransposedDigits, _) => {
                let mut digits: Vec<char> = units(right, self.decimals)?.to_string().chars().collect();
                let at = rng.below(digits.len().saturating_sub(1));
                if at + 1 < digits.len() {
                    digits.swap(at, at + 1);
                }
                let swapped: String = digits.iter().collect();
                let leads = digits.first() != Some(&'0');
                leads.then(|| Amount::new(swapped.parse().ok()?, self.decimals))?
            }
            _ => None,
        }
    }

    /// Any amount between the least one and twice itself.
    fn arbitrary(&self, rng: &mut Rng, was: Amount) -> Option<Amount> {
        Amount::new(rng.between(1, 2 * units(was, self.decimals)?)?, self.decimals)
    }
}

/// What a detour through a binary float leaves.
fn noisy(rng: &mut Rng, right: Amount) -> Option<Amount> {
    let noise = Amount::new(rng.between(1, 999)?, 13)?;
    right.checked_add(if rng.chance(50) { noise } else { noise.negated() })
}

fn misnamed(name: &str, means: Field, amount: Amount) -> Misnamed {
    Misnamed { name: name.to_owned(), means, amount }
}

/// `(price - discount) * quantity`.
fn extension(line: &Line) -> Option<Amount> {
    amount(line.price).checked_sub(amount(line.discount))?.checked_mul(amount(line.quantity))
}

fn amount(charge: Charge) -> Amount {
    charge.amount().unwrap_or_default()
}

/// The amount divided by 10 so many times.
fn scaled(amount: Amount, places: u32) -> Option<Amount> {
    amount.checked_mul(Amount::new(1, places)?)
}

/// The amount in minor units, rounded.
fn units(amount: Amount, decimals: u32) -> Option<i128> {
    let whole = amount.rounded(decimals, Round::HalfUp).checked_mul(Amount::new(10_i128.checked_pow(decimals)?, 0)?)?;
    whole.to_string().parse().ok()
}

fn set(order: &mut Order, field: Field, charge: Charge) {
    let slot = match field {
        Field::SubTotal => &mut order.sub_total,
        Field::SalesTax => &mut order.sales_tax,
        Field::OrderDiscount => &mut order.order_discount,
        Field::ShippingHandling => &mut order.shipping_handling,
        _ => &mut order.grand_total,
    };
    *slot = charge;
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

/// `SplitMix64`, by Sebastiano Vigna.
struct Rng(u64);

impl Rng {
    /// One of its own for each order, so that one order does not change the next.
    fn of(measurement: u64, number: usize) -> Rng {
        let mut rng = Rng(measurement << 32 | number as u64);
        rng.0 = rng.next();
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end`, without it; 0 where there is nothing to choose from.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From `least` to `most`.
    fn between(&mut self, least: i128, most: i128) -> Option<i128> {
        let count = most.checked_sub(least)?.checked_add(1).filter(|count| *count > 0)?;
        Some(least + i128::from(self.next()) % count)
    }

    /// So many times in a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn one_of<T: Copy>(&mut self, choice: &[T]) -> Option<T> {
        choice.get(self.below(choice.len())).copied()
    }

    /// An amount, its bounds in cents; in other currencies what is like it.
    fn money(&mut self, least: i128, most: i128, decimals: u32) -> Option<Amount> {
        let factor = if decimals > 2 { 10_i128.checked_pow(decimals - 2)? } else { 1 };
        Amount::new(self.between(least * factor, most * factor)?, decimals)
    }

    /// Draws until there is something.
    fn until<T>(&mut self, mut draw: impl FnMut(&mut Rng) -> Option<T>) -> Option<T> {
        (0..100_000).find_map(|_| draw(self))
    }
}
