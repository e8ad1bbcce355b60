//! Mistakes in `extended_amount`, where the header agrees with price and quantity, and in more than one field of a line.

use super::{Fit, fit_line_tax, is_one_or_none, loosely, make_lines, make_one, undo_lines};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::rates::RATES;
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{FREE, LOOSE, coincidence};
use crate::order::Field;

fn undo_extended(o: &Figures, steps: &mut Steps, fit: Fit, fits: impl Fn(&Figures, &Line, Fixed) -> bool) {
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        (!line.holds && fits(o, line, stated)).then(|| (Line { stated: Some(o.extended(line.x)), ..line.clone() }, fit))
    });
}

fn make_extended(o: &Figures, wrong: impl Fn(&Line) -> Option<Fixed>) -> Option<Figures> {
    let made = make_lines(o, |line| {
        let stated = line.stated.filter(|stated| *stated == o.extended(line.x))?;
        Some(Line { stated: Some(wrong(line).filter(|wrong| *wrong != stated)?), ..line.clone() })
    })?;
    (made.bad > 0 && made.bad == made.lines.iter().zip(o.lines.iter()).filter(|(one, two)| one != two).count())
        .then_some(made)
}

pub(crate) fn quantity_ignored(o: &Figures, steps: &mut Steps) {
    let fit = if o.has_sub_total() { Fit::Exact } else { Fit::Loose };
    undo_extended(o, steps, fit, |_, line, stated| (stated == line.net() || stated == line.p) && line.q != Fixed::ONE);
}

pub(crate) fn make_quantity_ignored(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| (line.q != Fixed::ONE && line.net().is_multiple_of(o.unit())).then(|| line.net()))
}

pub(crate) fn discount_ignored(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Exact, |o, line, stated| {
        !line.d.is_zero() && stated == Fixed::of_product(line.p.times(line.q), o.unit())
    });
}

pub(crate) fn make_discount_ignored(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| (line.d.0 > 0).then(|| Fixed::of_product(line.p.times(line.q), o.unit())))
}

pub(crate) fn extended_amount_holds_tax(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Exact, |o, line, stated| !line.t.is_zero() && stated == o.extended(line.x) + line.t);
}

pub(crate) fn make_extended_amount_holds_tax(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| (!line.t.is_zero()).then(|| line.e + line.t))
}

pub(crate) fn extended_amount_net_of_addl_discount(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Exact, |o, line, stated| line.a.0 > 0 && stated == o.extended(line.x) - line.a);
}

pub(crate) fn make_extended_amount_net_of_addl_discount(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| (line.a.0 > 0 && line.e > line.a).then(|| line.e - line.a))
}

pub(crate) fn quantity_twice(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Exact, |o, line, stated| {
        let whole = Fixed::of_product(line.x, Fixed(1));
        !is_one_or_none(line.q) && stated == Fixed::of_product(whole.times(line.q), o.unit())
    });
}

pub(crate) fn make_quantity_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| {
        let whole = Fixed::of_product(line.x, Fixed(1));
        (!is_one_or_none(line.q)).then(|| Fixed::of_product(whole.times(line.q), o.unit()))
    })
}

/// The amounts that a line has when its discount is taken off in other ways.
fn discounted_otherwise(o: &Figures, line: &Line) -> Vec<Fixed> {
    if line.d.is_zero() {
        return Vec::new();
    }
    let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
    let off = Fixed::of_product(line.d.times(line.q), Fixed(1));
    let once = (gross - line.d).to(o.unit());
    let twice = (gross - off - off).to(o.unit());
    let squared = Fixed::of_product((line.p - off).times(line.q), o.unit());
    let added = (gross + off).to(o.unit());
    vec![once, twice, squared, added]
}

pub(crate) fn discount_taken_otherwise(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Exact, |o, line, stated| discounted_otherwise(o, line).contains(&stated));
}

pub(crate) fn make_discount_taken_otherwise(o: &Figures, pick: usize) -> Option<Figures> {
    make_extended(o, |line| discounted_otherwise(o, line).get(pick % 4).copied().filter(|amount| amount.0 > 0))
}

pub(crate) fn lines_mixed_up(o: &Figures, steps: &mut Steps) {
    if o.bad < 2 {
        return;
    }
    let bad = || o.lines.iter().filter(|line| !line.holds);
    let sorted = |mut amounts: Vec<Fixed>| {
        amounts.sort();
        amounts
    };
    let stated = sorted(bad().map(|line| line.e).collect());
    if stated == sorted(bad().map(|line| o.extended(line.x)).collect()) {
        let right = o.map_lines(|line| {
            if line.holds { line.clone() } else { Line { stated: Some(o.extended(line.x)), ..line.clone() } }
        });
        steps.push(right, -coincidence(stated.last().copied().unwrap_or_default(), o.unit(), 2), true);
    }
    let at: Vec<usize> = o.lines.iter().enumerate().filter(|(_, line)| !line.holds).map(|(at, _)| at).collect();
    let [first, second] = at.as_slice() else { return };
    let (Some(one), Some(two)) = (o.lines.get(*first), o.lines.get(*second)) else { return };
    // Or the two lines swapped their quantities, or their prices, with the discounts or without.
    let quantities = (Line { q: two.q, ..one.clone() }, Line { q: one.q, ..two.clone() });
    let prices = (Line { p: two.p, ..one.clone() }, Line { p: one.p, ..two.clone() });
    let both = (Line { d: two.d, ..prices.0.clone() }, Line { d: one.d, ..prices.1.clone() });
    for (one, two) in [quantities, prices, both] {
        let holds = [&one, &two].iter().all(|line| o.refreshed((*line).clone()).holds);
        if holds && !one.unusable && !two.unusable {
            let earned = coincidence(one.e.max(two.e), o.unit(), 4);
            steps.push(o.with_line(*first, one).with_line(*second, two), -earned, true);
        }
    }
}

pub(crate) fn make_lines_mixed_up(o: &Figures, _: usize) -> Option<Figures> {
    let plain = o.lines.iter().all(|line| line.priced && line.stated == Some(o.extended(line.x)));
    let (first, rest) = o.lines.split_first()?;
    let (at, other) = rest.iter().enumerate().find(|(_, line)| line.e != first.e)?;
    let wrong = o.with_line(0, Line { stated: Some(other.e), ..first.clone() });
    let wrong = wrong.with_line(at + 1, Line { stated: Some(first.e), ..other.clone() });
    (plain && wrong.bad == 2).then_some(wrong)
}

/// Whether one amount is the other with its decimals cut or rounded.
fn is_cut(cut: Fixed, whole: Fixed) -> bool {
    cut.is_whole() && !whole.is_whole() && (cut - whole).abs() < Fixed::ONE
}

pub(crate) fn cents_cut_on_lines(o: &Figures, steps: &mut Steps) {
    // Many prices are whole: one line alone says little.
    let price_of = |p: Fixed, line: &Line| Some((Line { p, ..line.clone() }, Fit::Poor));
    let count = steps.found.len();
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated?;
        if line.holds || !line.priced || line.q.0 <= 0 {
            return None;
        }
        let each = stated.per(line.q)? + line.d;
        if is_cut(line.p, each) && each.is_multiple_of(o.unit()) {
            return price_of(each, line);
        }
        let right = o.extended(line.x);
        is_cut(stated, right).then(|| Line { stated: Some(right), ..line.clone() }).and_then(loosely)
    });
    // The cart rounds lines to whole amounts, and the totals agree: only the price was not rounded.
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated.filter(|stated| !line.holds && line.q.0 > 0 && is_cut(*stated, o.extended(line.x)))?;
        price_of(stated.per(line.q)? + line.d, line)
    });
    let is_poor = |right: &Figures| o.lines.iter().zip(right.lines.iter()).any(|(was, is)| was.p != is.p);
    steps.reward(count, |right| if is_poor(right) { -LOOSE } else { 0 });
}

pub(crate) fn make_cents_cut_on_lines(o: &Figures, pick: usize) -> Option<Figures> {
    let cut = |amount: Fixed| Fixed(amount.0 - amount.0 % 1_000_000);
    if pick.is_multiple_of(2) {
        make_lines(o, |line| {
            let fits =
                line.stated.is_some() && line.e.per(line.q)? + line.d == line.p && line.p.is_multiple_of(o.unit());
            let wrong = Line { p: cut(line.p), ..line.clone() };
            (fits && !line.p.is_whole() && line.p > Fixed::ONE && !o.refreshed(wrong.clone()).holds).then_some(wrong)
        })
    } else {
        make_extended(o, |line| (!line.e.is_whole() && line.e > Fixed::ONE).then(|| cut(line.e)))
    }
}

pub(crate) fn line_tax_is_rate(o: &Figures, steps: &mut Steps) {
    if o.tl.is_zero() || o.t() == o.tl {
        return;
    }
    let right = o.map_lines(|line| Line {
        t: line.e.part(line.t, Fixed::whole(100), o.unit()).unwrap_or_default(),
        ..line.clone()
    });
    let usual = o.lines.iter().all(|line| line.t.0 >= 0 && line.t <= Fixed::whole(30));
    if usual && right.tl == o.t() {
        steps.push(right, 0, true);
    } else if usual && (right.tl - o.t()).abs() <= Fixed(o.unit().0 / 2).by(o.n()) {
        steps.push(fit_line_tax(o), LOOSE, false);
    }
}

pub(crate) fn make_line_tax_is_rate(o: &Figures, _: usize) -> Option<Figures> {
    let rates = || RATES.iter().map(|rate| Fixed(rate * 10_000));
    if o.tl.is_zero() || o.tl != o.t() || !o.has_sales_tax() {
        return None;
    }
    let rate = rates()
        .find(|rate| o.lines.iter().all(|line| line.e.part(*rate, Fixed::whole(100), o.unit()) == Some(line.t)))?;
    Some(o.map_lines(|line| Line { t: if line.t.is_zero() { line.t } else { rate }, ..line.clone() }))
        .filter(|wrong| wrong.tl != o.t())
}

pub(crate) fn discount_sent_as_line(o: &Figures, steps: &mut Steps) {
    let is_negative = |line: &Line| line.p.0 < 0 && line.q.0 > 0 && line.e.0 < 0;
    if !o.lines.iter().any(is_negative) || o.lines.iter().all(is_negative) {
        return;
    }
    let off: Fixed = o.lines.iter().filter(|line| is_negative(line)).map(|line| -line.e).sum();
    let mut right = o.map_lines(|line| {
        if is_negative(line) {
            Line { p: Fixed::ZERO, d: Fixed::ZERO, stated: line.stated.map(|_| Fixed::ZERO), ..line.clone() }
        } else {
            line.clone()
        }
    });
    right.set(Field::OrderDiscount, o.d() + off);
    steps.push(right.summed(), 0, false);
}

pub(crate) fn make_discount_sent_as_line(o: &Figures, _: usize) -> Option<Figures> {
    let (first, rest) = o.lines.split_first()?;
    if !first.p.is_zero()
        || first.q != Fixed::ONE
        || rest.is_empty()
        || o.d().0 <= 0
        || !o.a.is_zero()
        || !o.has_discount()
    {
        return None;
    }
    let mut wrong = o.with_line(0, Line { p: -o.d(), stated: first.stated.map(|_| -o.d()), ..first.clone() });
    wrong.set(Field::OrderDiscount, Fixed::ZERO);
    Some(wrong.summed())
}

pub(crate) fn extended_amount_rounded_otherwise(o: &Figures, steps: &mut Steps) {
    undo_extended(o, steps, Fit::Loose, |o, line, stated| {
        let far = Fixed::of_product((stated.times(Fixed::ONE) - line.x).abs(), Fixed(1));
        let most = if is_one_or_none(line.q) || line.d.is_zero() { o.unit() } else { o.unit().by(2) };
        far <= most
    });
}

pub(crate) fn make_extended_amount_rounded_otherwise(o: &Figures, _: usize) -> Option<Figures> {
    make_extended(o, |line| {
        let cut = line.e - o.unit();
        (line.e != Fixed::of_product(line.x, Fixed(1))
            && !o.refreshed(Line { stated: Some(cut), ..line.clone() }).holds
            && Fixed::of_product((cut.times(Fixed::ONE) - line.x).abs(), Fixed(1)) <= o.unit())
        .then_some(cut)
    })
}

pub(crate) fn extended_amount_wrong(o: &Figures, steps: &mut Steps) {
    let count = steps.found.len();
    undo_extended(o, steps, Fit::Loose, |_, _, _| true);
    // Both totals agree with price and quantity, so the right amount is known, although nothing explains the wrong one.
    steps.confirm(count, false, |right| {
        // They would say so of any amounts with the sum that is stated.
        let agree = o.has_sub_total() && o.g().is_some() && o.s() == right.e && o.s() != o.e && o.off().is_zero();
        agree.then_some(FREE - LOOSE)
    });
}

pub(crate) fn make_extended_amount_wrong(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let stated = line.stated.filter(|stated| *stated == o.extended(line.x))?;
        let wrong = stated.part(Fixed(613), Fixed(1000), o.unit())?;
        (line.priced && (stated - wrong) > o.unit().by(3)).then(|| Line { stated: Some(wrong), ..line.clone() })
    })
}
