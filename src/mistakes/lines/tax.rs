//! Tax, and discounts of the whole order, on the lines.

use super::{Meant, exactly, fit_line_tax, lines_at, make_lines, share};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::header::without_line_tax;
use crate::mistakes::rates::{RATES, net_line, rates_of, rates_on_goods};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{FOLLOWS, FREE, LOOSE, PAID, coincidence};
use crate::order::Field;

/// Lines with net prices and their stated totals, if those fit.
fn net_of(o: &Figures, line: &Line, rate: i64) -> Meant {
    let stated = line.stated?;
    if line.holds || line.p.is_zero() {
        return None;
    }
    let right = net_line(o, line, rate);
    (right.stated == Some(stated)).then(|| exactly(right)).flatten()
}

pub(crate) fn price_holds_tax(o: &Figures, steps: &mut Steps) {
    if o.bad == 0 || o.t().0 <= 0 || !o.lines.iter().all(|line| line.holds || line.stated.is_some()) {
        return;
    }
    let (goods, earned) = (o.s(), coincidence(o.t(), o.unit(), 16));
    for rate in rates_on_goods(o, goods).chain(rates_on_goods(o, goods - o.d()).filter(|_| !o.d().is_zero())) {
        if o.lines.iter().any(|line| !line.holds && net_of(o, line, rate).is_none()) {
            continue;
        }
        let right = o.map_lines(|line| net_of(o, line, rate).map_or_else(|| line.clone(), |(line, _)| line));
        steps.push_usual(right, -earned, true);
        return;
    }
    price_holds_tax_at_own_rate(o, steps);
}

/// The rate is not a usual one, but it is the one that `sales_tax` and the goods show, and every price includes it.
fn price_holds_tax_at_own_rate(o: &Figures, steps: &mut Steps) {
    let slack = o.unit().by(o.n() + 1);
    for taxed in [o.s() - o.d(), o.s() + o.h() - o.d()] {
        if taxed.0 <= 0 || o.t() <= slack.by(20) {
            continue;
        }
        let fits = |line: &Line| {
            let stated = line.stated.filter(|_| line.d.is_zero() && line.q.0 > 0)?;
            let tax = |part: Fixed| line.p.part(part, taxed + o.t(), Fixed(1));
            let far = (stated.per(line.q)? - (line.p - tax(o.t())?)).abs();
            (far <= o.unit() + tax(slack)?).then(|| stated.per(line.q)).flatten()
        };
        let bad = || o.lines.iter().filter(|line| !line.holds);
        if !bad().all(|line| fits(line).is_some()) {
            continue;
        }
        let right = o.map_lines(|line| match fits(line).filter(|_| !line.holds) {
            Some(p) => Line { p, ..line.clone() },
            None => line.clone(),
        });
        steps.push(right, -coincidence(o.t(), slack, 2), false);
        return;
    }
}

pub(crate) fn make_price_holds_tax(o: &Figures, _: usize) -> Option<Figures> {
    let rate = rates_on_goods(o, o.s()).next()?;
    make_lines(o, |line| {
        let gross = |amount: Fixed| amount.part(Fixed(10_000 + rate), Fixed(10_000), o.unit()).unwrap_or(amount);
        let wrong = o.refreshed(Line { p: gross(line.p), d: gross(line.d), ..line.clone() });
        let back = net_of(o, &wrong, rate)?.0;
        ((back.p, back.d) == (line.p, line.d)).then_some(wrong)
    })
}

/// Takes a usual tax out of every line, so that their sum is `sub_total`, or what `grand_total` leaves for it.
fn lines_net_at_a_rate(o: &Figures, goal: Fixed) -> Option<Figures> {
    let less = if o.d().is_zero() { None } else { Some(goal - o.d()) };
    let goods = [Some(goal), less].into_iter().flatten();
    let at = |rate: i64| o.map_lines(|line| net_line(o, line, rate));
    goods.flat_map(|goods| rates_on_goods(o, goods)).map(at).find(|right| right.e == goal)
}

pub(crate) fn lines_hold_tax(o: &Figures, steps: &mut Steps) {
    if o.t().0 > 0
        && o.has_sub_total()
        && o.bad == 0
        && (o.e - o.s()).by(4) >= o.t()
        && o.e - o.s() <= o.t().by(4)
        && let Some(right) = lines_net_at_a_rate(o, o.s())
    {
        steps.push_usual(right, -coincidence(o.t(), o.unit(), 16), true);
        return;
    }
    if o.t().0 <= 0 || !o.has_sub_total() || o.bad > 0 || o.e - o.t() != o.s() {
        return;
    }
    let es: Vec<Fixed> = if o.tl == o.t() {
        o.lines.iter().map(|line| line.e - line.t).collect()
    } else {
        share(o.s(), &o.es(), o.unit())
    };
    steps.push(lines_at(o, &es), -coincidence(o.t(), o.unit(), 16), true);
}

pub(crate) fn make_lines_hold_tax(o: &Figures, _: usize) -> Option<Figures> {
    if let Some(rate) = rates_on_goods(o, o.s()).next().filter(|_| o.has_sub_total()) {
        let gross = |amount: Fixed| amount.part(Fixed(10_000 + rate), Fixed(10_000), o.unit()).unwrap_or(amount);
        let wrong = o.map_lines(|line| {
            let (p, d) = (gross(line.p), gross(line.d));
            Line { p, d, stated: line.stated.map(|_| o.extended((p - d).times(line.q))), ..line.clone() }
        });
        if lines_net_at_a_rate(&wrong, wrong.s()).is_some_and(|right| right.is_same(o)) {
            return Some(wrong);
        }
    }
    let plain = o.lines.iter().all(|line| line.d.is_zero() && line.e.per(line.q) == Some(line.p));
    if o.tl.is_zero() || o.tl != o.t() || !plain {
        return None;
    }
    let es: Vec<Fixed> = o.lines.iter().map(|line| line.e + line.t).collect();
    Some(lines_at(o, &es))
}

pub(crate) fn lines_net_of_order_discount(o: &Figures, steps: &mut Steps) {
    if o.d().0 > 0 && o.has_sub_total() && o.has_discount() && o.s() == o.e + o.d() && o.a.is_zero() {
        let mut right = o.with(Field::SubTotal, o.e);
        right.set(Field::OrderDiscount, Fixed::ZERO);
        steps.push(right, -coincidence(o.d(), o.unit(), 4), true);
    }
}

pub(crate) fn make_lines_net_of_order_discount(o: &Figures, pick: usize) -> Option<Figures> {
    if !o.a.is_zero() || !o.d().is_zero() || !o.has_discount() || !o.has_sub_total() {
        return None;
    }
    let discount = o.e.part(Fixed([10, 15, 20, 25].get(pick % 4).copied()?), Fixed(100), o.unit())?;
    let mut wrong = o.with(Field::SubTotal, o.e + discount);
    wrong.set(Field::OrderDiscount, discount);
    (discount.0 > 0).then_some(wrong)
}

pub(crate) fn line_tax_is_per_item(o: &Figures, steps: &mut Steps) {
    if o.tl.is_zero() || o.lines.iter().all(|line| line.q == Fixed::ONE) {
        return;
    }
    let right = o.map_lines(|line| Line { t: Fixed::of_product(line.t.times(line.q), Fixed(1)), ..line.clone() });
    if right.tl.by(10) > o.e.by(3) {
        return;
    }
    let slack: i64 = o
        .lines
        .iter()
        .filter(|line| !line.t.is_zero())
        .map(|line| line.q.0 / 1_000_000 * o.unit().0 / 2)
        .fold(0, i64::saturating_add);
    if right.tl == o.t() {
        steps.push(right, -coincidence(o.t() - o.tl, o.unit(), 8), true);
    } else if (right.tl - o.t()).abs() <= Fixed(slack) {
        steps.push(fit_line_tax(o), LOOSE, false);
    }
}

pub(crate) fn make_line_tax_is_per_item(o: &Figures, _: usize) -> Option<Figures> {
    if o.tl != o.t() || o.tl.by(10) > o.e.by(3) {
        return None;
    }
    let all = o
        .lines
        .iter()
        .all(|line| line.t.is_zero() || line.t.quotient(line.q).is_some_and(|t| t.is_multiple_of(o.unit())));
    make_lines(o, |line| Some(Line { t: line.t.quotient(line.q)?, ..line.clone() })).filter(|_| all)
}

pub(crate) fn line_tax_multiplied(o: &Figures, steps: &mut Steps) {
    let multiplied = || Fixed::of_product(Fixed::sum_of(o.lines.iter().map(|line| line.t.times(line.q))), Fixed(1));
    if o.tl.is_zero() || o.t() == o.tl || o.t() != multiplied() {
        return;
    }
    let right = o.with(Field::SalesTax, o.tl);
    let earned = coincidence(o.t() - o.tl, o.unit(), 8);
    if o.off().is_zero() && o.g().is_some() {
        let total = right.due();
        steps.push(right.with(Field::GrandTotal, total), FOLLOWS - PAID, true);
    }
    steps.push(right, -earned, true);
}

pub(crate) fn make_line_tax_multiplied(o: &Figures, _: usize) -> Option<Figures> {
    let multiplied = Fixed::of_product(Fixed::sum_of(o.lines.iter().map(|line| line.t.times(line.q))), Fixed(1));
    (o.tl == o.t() && multiplied != o.tl && multiplied.is_multiple_of(o.unit()) && o.has_sales_tax())
        .then(|| o.with(Field::SalesTax, multiplied))
}

pub(crate) fn line_tax_without_shipping_tax(o: &Figures, steps: &mut Steps) {
    let rest = o.t() - o.tl;
    if o.tl.is_zero() || o.h().0 <= 0 || rest.0 <= 0 || rest.by(10) > o.h().by(3) {
        return;
    }
    let near = [o.s(), o.s() - o.d(), o.w].into_iter().filter(|base| base.0 > 0).any(|base| {
        let expected = o.h().part(o.tl, base, Fixed(1)).unwrap_or_default();
        let slack = o.h().part(o.unit(), base, Fixed(1)).unwrap_or_default();
        (rest - expected).abs() <= Fixed(o.unit().0 / 2) + slack
    });
    // Anything else may be a fee that is in `sales_tax`.
    let right = without_line_tax(o);
    if near { steps.push(right, 0, true) } else { steps.push_thin(right, FREE) }
}

pub(crate) fn make_line_tax_without_shipping_tax(o: &Figures, pick: usize) -> Option<Figures> {
    // The right order has no tax on its lines, and shipping's in sales_tax.
    let rate = RATES.get(pick % 6).copied()?;
    let shipping = o.h().tax_on_top(rate, o.unit());
    if !o.tl.is_zero() || o.lines.len() < 2 || o.h().0 <= 0 || shipping.0 <= 0 || !o.has_sales_tax() {
        return None;
    }
    let wrong = o.map_lines(|line| Line { t: line.e.tax_on_top(rate, o.unit()), ..line.clone() });
    (wrong.tl + shipping == o.t()).then_some(wrong)
}

pub(crate) fn tax_rounded_per_line_or_order(o: &Figures, steps: &mut Steps) {
    let far = (o.t() - o.tl).abs();
    if !o.tl.is_zero() && !far.is_zero() && far <= o.unit().by(o.n()) {
        let with_cent = o.lines.iter().enumerate().max_by_key(|(_, line)| line.t);
        if let Some((at, line)) = with_cent.filter(|_| o.n() > 1 && far == o.unit()) {
            steps.push(o.with_line(at, Line { t: line.t + o.t() - o.tl, ..line.clone() }), 20, false);
        }
        // Each line is off by half a minor unit at most.
        let right = fit_line_tax(o);
        if far.by(2) <= o.unit().by(o.n() + 1) { steps.push(right, 0, false) } else { steps.push_thin(right, 0) }
    }
}

pub(crate) fn make_tax_rounded_per_line_or_order(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = RATES.get(pick % 6).copied()?;
    if !o.tl.is_zero() || o.lines.len() < 2 || o.t() != o.e.tax_on_top(rate, o.unit()) || !o.has_sales_tax() {
        return None;
    }
    let wrong = o.map_lines(|line| Line { t: line.e.tax_on_top(rate, o.unit()), ..line.clone() });
    (wrong.tl != o.t() && (wrong.tl - o.t()).abs() <= o.unit().by(o.n())).then_some(wrong)
}

pub(crate) fn tax_rounded_per_unit(o: &Figures, steps: &mut Steps) {
    if o.tl.is_zero() || !o.lines.iter().any(|line| line.q > Fixed::ONE) {
        return;
    }
    let Some(first) = o.lines.iter().find(|line| line.net().0 > 0 && line.q.0 > 0) else { return };
    for rate in rates_of(first.t.part(Fixed::ONE, first.q, Fixed(1)).unwrap_or_default(), first.net(), o.unit()) {
        let per_unit = |line: &Line| Fixed::of_product(line.net().tax_on_top(rate, o.unit()).times(line.q), Fixed(1));
        if !o.lines.iter().all(|line| line.t == per_unit(line)) {
            continue;
        }
        let tax = o.e.tax_on_top(rate, o.unit());
        if tax == o.t() && o.t() != o.tl {
            steps.push_usual(fit_line_tax(o), 0, true);
        } else if tax != o.t() && o.t() == o.tl {
            steps.push_usual(fit_line_tax(&o.with(Field::SalesTax, tax)), 0, true);
        }
    }
}

pub(crate) fn make_tax_rounded_per_unit(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = RATES.get(pick % 6).copied()?;
    if !o.tl.is_zero() || o.lines.len() < 2 || o.t() != o.e.tax_on_top(rate, o.unit()) || !o.has_sales_tax() {
        return None;
    }
    let wrong = o.map_lines(|line| Line {
        t: Fixed::of_product(line.net().tax_on_top(rate, o.unit()).times(line.q), Fixed(1)),
        ..line.clone()
    });
    (wrong.tl != o.t() && o.lines.iter().any(|line| line.q > Fixed::ONE)).then_some(wrong)
}

pub(crate) fn line_tax_differs(o: &Figures, steps: &mut Steps) {
    if !o.tl.is_zero() && o.t() != o.tl && o.off().is_zero() {
        steps.push(fit_line_tax(o), 0, false);
    }
}

pub(crate) fn make_line_tax_differs(o: &Figures, pick: usize) -> Option<Figures> {
    if !o.tl.is_zero() || o.lines.len() < 2 || !o.has_sales_tax() || o.t().0 <= 0 {
        return None;
    }
    let at = pick.checked_rem(o.lines.len())?;
    let line = o.lines.get(at)?;
    Some(o.with_line(at, Line { t: o.t().part(Fixed(37), Fixed(100), o.unit())?, ..line.clone() }))
        .filter(|wrong| wrong.tl.0 > 0)
}

pub(crate) fn order_discount_on_every_line(o: &Figures, steps: &mut Steps) {
    if o.lines.len() > 1 && o.d().0 > 0 && o.lines.iter().all(|line| line.a == o.d()) {
        let mut parts = share(o.d(), &o.es(), o.unit()).into_iter();
        // How the cart spread it is not known.
        steps.push_thin(o.map_lines(|line| Line { a: parts.next().unwrap_or_default(), ..line.clone() }), 0);
    }
}

pub(crate) fn make_order_discount_on_every_line(o: &Figures, _: usize) -> Option<Figures> {
    let parts = share(o.d(), &o.es(), o.unit());
    let spread = o.lines.iter().zip(&parts).all(|(line, part)| line.a == *part);
    (o.lines.len() > 1 && o.has_discount() && o.d().0 > 0 && spread)
        .then(|| o.map_lines(|line| Line { a: o.d(), ..line.clone() }))
}

pub(crate) fn discount_spread_with_cents_left(o: &Figures, steps: &mut Steps) {
    let over = o.a - o.d();
    if over.0 > 0 && over <= o.unit().by(o.n()) {
        let largest = o.lines.iter().enumerate().max_by_key(|(at, line)| (line.a, core::cmp::Reverse(*at)));
        if let Some((at, line)) = largest {
            steps.push(o.with_line(at, Line { a: line.a - over, ..line.clone() }), 0, false);
        }
    }
}

pub(crate) fn make_discount_spread_with_cents_left(o: &Figures, _: usize) -> Option<Figures> {
    let (at, line) = o.lines.iter().enumerate().max_by_key(|(at, line)| (line.a, core::cmp::Reverse(*at)))?;
    (o.lines.len() > 1 && line.a.0 > 0 && o.a == o.d() && o.has_discount())
        .then(|| o.with_line(at, Line { a: line.a + o.unit(), ..line.clone() }))
}
