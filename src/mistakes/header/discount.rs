//! Mistakes in `order_discount`.

use super::without_line_discounts;
use crate::mistakes::figures::{Figures, Fixed};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{KNOWN, WITNESS, coincidence, percentage};
use crate::order::Field;

pub(crate) fn order_discount_is_percentage(o: &Figures, steps: &mut Steps) {
    if o.d().0 <= 0 || o.d() > Fixed::whole(100) || !o.d().is_multiple_of(Fixed(500_000)) || o.off().is_zero() {
        return;
    }
    let right = o.d() - o.off();
    let fits = [o.s(), o.s() + o.h(), o.s() + o.t(), o.s() + o.t() + o.h()]
        .iter()
        .any(|base| base.part(o.d(), Fixed::whole(100), o.unit()) == Some(right));
    if fits {
        steps.push(o.with(Field::OrderDiscount, right), -coincidence(o.off(), o.unit(), 8), true);
    }
}

pub(crate) fn make_order_discount_is_percentage(o: &Figures, _: usize) -> Option<Figures> {
    let percent = o.d().part(Fixed::whole(100), o.s(), Fixed(500_000))?;
    (o.d().0 > 0
        && o.a.is_zero()
        && o.has_discount()
        && o.g().is_some()
        && o.s().part(percent, Fixed::whole(100), o.unit()) == Some(o.d())
        && percent != o.d())
    .then(|| o.with(Field::OrderDiscount, percent))
}

pub(crate) fn discount_rounded_apart(o: &Figures, steps: &mut Steps) {
    if o.d() > o.unit() && o.has_discount() && o.off().abs() == o.unit() && o.d() - o.off() >= o.a {
        steps.push_thin(o.with(Field::OrderDiscount, o.d() - o.off()), 0);
        return;
    }
    // The total was made with the discount of one item, rounded and multiplied.
    if let ([line], true) = (&*o.lines, o.d() > o.unit() && o.has_discount() && o.a.is_zero() && !o.off().is_zero()) {
        let of_one = o.d().part(Fixed::ONE, line.q, o.unit()).filter(|_| line.q > Fixed::ONE);
        let right = o.d() - o.off();
        if of_one.is_some_and(|each| Fixed::of_product(each.times(line.q), Fixed(1)) == right) {
            steps.push_thin(o.with(Field::OrderDiscount, right), 0);
        }
    }
}

pub(crate) fn make_discount_rounded_apart(o: &Figures, _: usize) -> Option<Figures> {
    (o.d() > o.unit().by(2) && o.has_discount() && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, o.d() + o.unit()))
}

pub(crate) fn discount_in_lines_and_header(o: &Figures, steps: &mut Steps) {
    let overall = o.d() - o.a;
    let slack: Fixed = o.lines.iter().map(|line| Fixed(line.q.0 / 20_000 + o.unit().0 / 2)).sum();
    let earned = -coincidence(overall, o.unit(), 1);
    if overall.0 > 0 && o.cuts.0 > 0 && (overall - o.cuts).abs() <= slack {
        steps.push(o.with(Field::OrderDiscount, o.a), earned, true);
    } else if overall.0 > 0 && o.cuts.0 > 0 && o.off() == o.cuts.to(o.unit()) && overall > o.cuts {
        steps.push(o.with(Field::OrderDiscount, o.d() - o.off()), -coincidence(o.off(), o.unit(), 2), false);
    }
    if o.d().0 > 0 && o.cuts.0 > 0 && o.a == o.d() && (o.a - o.cuts).abs() <= slack {
        let right = without_line_discounts(o).with(Field::OrderDiscount, Fixed::ZERO);
        steps.push(right, -coincidence(o.d(), o.unit(), 1), true);
    }
}

pub(crate) fn make_discount_in_lines_and_header(o: &Figures, _: usize) -> Option<Figures> {
    let cuts = o.cuts.to(o.unit());
    (cuts.0 > 0 && o.d() == o.a && o.has_discount() && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, o.d() + cuts))
}

pub(crate) fn discount_in_prices_already(o: &Figures, steps: &mut Steps) {
    if o.g().is_none() {
        return;
    }
    if o.d().0 > 0 && o.off().0 > 0 {
        let right = without_line_discounts(o).with(Field::OrderDiscount, Fixed::ZERO);
        // A usual percentage of the goods before the discount, and not of those after it, is in the prices.
        let part = |whole: Fixed| percentage(o.d(), whole, o.unit(), o.n());
        let earned = if o.a.is_zero() && o.d() != o.s() && part(o.s()) == 0 { part(o.s() + o.d()) } else { 0 };
        steps.push(right, if earned >= KNOWN { -earned } else { 0 }, o.off() == o.d());
    }
    if !o.a.is_zero() && o.d() - o.a == o.off() && o.off().0 > 0 {
        steps.push(o.with(Field::OrderDiscount, o.a), 0, true);
    }
    if !o.a.is_zero() && o.d() > o.a && o.a == o.off() {
        steps.push(without_line_discounts(o).with(Field::OrderDiscount, o.d() - o.a), 0, true);
    }
}

pub(crate) fn make_discount_in_prices_already(o: &Figures, pick: usize) -> Option<Figures> {
    let discount = o.s().part(Fixed([5, 10, 15, 20].get(pick % 4).copied()?), Fixed(100), o.unit())?;
    (discount.0 > 0 && o.d().is_zero() && o.a.is_zero() && o.has_discount() && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, discount))
}

pub(crate) fn order_discount_without_lines(o: &Figures, steps: &mut Steps) {
    // A negative discount has its sign wrong.
    if o.a.0 > 0 && o.d().0 >= 0 && o.has_discount() && (o.d() < o.a || o.off() == -o.a) {
        for discount in [o.a, o.d() + o.a] {
            if discount != o.d() {
                // The total may agree with the discount as it is stated.
                let doubt = if o.off().is_zero() { WITNESS } else { 0 };
                let cost = doubt + if o.d() == o.a { 20 } else { 0 };
                steps.push(o.with(Field::OrderDiscount, discount), cost, o.g().is_some());
            }
        }
    }
}

pub(crate) fn make_order_discount_without_lines(o: &Figures, _: usize) -> Option<Figures> {
    (o.a.0 > 0 && o.d() >= o.a && o.has_discount() && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, o.d() - o.a))
}

pub(crate) fn charge_in_order_discount(o: &Figures, steps: &mut Steps) {
    if o.d().0 > 0 && o.has_discount() && o.a.is_zero() && o.off() == o.d() + o.d() {
        let right = o.with(Field::ShippingHandling, o.h() + o.d()).with(Field::OrderDiscount, Fixed::ZERO);
        steps.push(right, 0, true);
    }
}

pub(crate) fn make_charge_in_order_discount(o: &Figures, _: usize) -> Option<Figures> {
    (o.h().0 > 0 && o.d().is_zero() && o.a.is_zero() && o.has_discount() && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, o.h()).with(Field::ShippingHandling, Fixed::ZERO))
}

pub(crate) fn order_discount_sign(o: &Figures, steps: &mut Steps) {
    if o.has_discount() && o.d().0 < 0 {
        steps.push(o.with(Field::OrderDiscount, -o.d()), 0, true);
    }
}

pub(crate) fn make_order_discount_sign(o: &Figures, _: usize) -> Option<Figures> {
    (o.d().0 > 0 && o.has_discount()).then(|| o.with(Field::OrderDiscount, -o.d()))
}

pub(crate) fn discount_sent_as_charge(o: &Figures, steps: &mut Steps) {
    let mut right = o.clone();
    let mut off = Fixed::ZERO;
    for field in [Field::SalesTax, Field::ShippingHandling] {
        if let Some(amount) = o.header(field).filter(|amount| amount.0 < 0) {
            right.set(field, Fixed::ZERO);
            off = off - amount;
        }
    }
    if !off.is_zero() && o.tl.is_zero() && o.d().0 >= 0 && o.s().0 > 0 {
        right.set(Field::OrderDiscount, o.d() + off);
        // A program may also have calculated a negative charge.
        steps.push_thin(right, 0);
    }
}

pub(crate) fn make_discount_sent_as_charge(o: &Figures, pick: usize) -> Option<Figures> {
    let field = [Field::SalesTax, Field::ShippingHandling].get(pick % 2).copied()?;
    let able = o.header(field) == Some(Fixed::ZERO) && o.d().0 > 0 && o.a.is_zero() && o.has_discount();
    (able && o.tl.is_zero() && o.g().is_some()).then(|| o.with(field, -o.d()).with(Field::OrderDiscount, Fixed::ZERO))
}

pub(crate) fn second_equal_discount(o: &Figures, steps: &mut Steps) {
    if o.d().0 > 0 && o.off() == -o.d() {
        steps.push(o.with(Field::OrderDiscount, o.d().by(2)), 0, true);
    }
}

pub(crate) fn make_second_equal_discount(o: &Figures, _: usize) -> Option<Figures> {
    let half = Fixed(o.d().0 / 2);
    (o.d().0 > 0
        && half.by(2) == o.d()
        && half.is_multiple_of(o.unit())
        && half >= o.a
        && o.has_discount()
        && o.g().is_some())
    .then(|| o.with(Field::OrderDiscount, half))
}
