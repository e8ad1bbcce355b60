//! Mistakes in `sub_total`.

use crate::mistakes::figures::{Figures, Fixed};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{Bits, FOLLOWS, FREE, LOOSE, is_rounding, written};
use crate::order::Field;

fn wrong_sub_total(o: &Figures, steps: &mut Steps, exact: bool, values: &[Option<Fixed>]) {
    if o.has_sub_total() && o.s() != o.e && values.contains(&Some(o.s())) {
        steps.push(o.with(Field::SubTotal, o.e), 0, exact);
    }
}

fn some(amount: Fixed, base: Fixed) -> Option<Fixed> {
    (!amount.is_zero()).then_some(base)
}

fn make_sub_total(o: &Figures, value: Fixed) -> Option<Figures> {
    (o.has_sub_total() && o.s() == o.e && value != o.e && value.0 >= 0).then(|| o.with(Field::SubTotal, value))
}

pub(crate) fn sub_total_net_of_discount(o: &Figures, steps: &mut Steps) {
    wrong_sub_total(o, steps, true, &[some(o.d(), o.e - o.d()), some(o.a, o.e - o.a)]);
}

pub(crate) fn make_sub_total_net_of_discount(o: &Figures, _: usize) -> Option<Figures> {
    if o.d().0 > 0 { make_sub_total(o, o.e - o.d()) } else { None }
}

pub(crate) fn sub_total_before_line_discounts(o: &Figures, steps: &mut Steps) {
    wrong_sub_total(o, steps, true, &[some(o.cuts, o.w.to(o.unit()))]);
}

pub(crate) fn make_sub_total_before_line_discounts(o: &Figures, _: usize) -> Option<Figures> {
    if o.cuts.0 > 0 { make_sub_total(o, o.w.to(o.unit())) } else { None }
}

pub(crate) fn sub_total_holds_tax(o: &Figures, steps: &mut Steps) {
    wrong_sub_total(o, steps, true, &[some(o.t(), o.e + o.t())]);
}

pub(crate) fn make_sub_total_holds_tax(o: &Figures, _: usize) -> Option<Figures> {
    if o.t().0 > 0 { make_sub_total(o, o.e + o.t()) } else { None }
}

pub(crate) fn sub_total_holds_shipping(o: &Figures, steps: &mut Steps) {
    wrong_sub_total(o, steps, true, &[some(o.h(), o.e + o.h()), some(o.h(), o.e + o.h() + o.t())]);
}

pub(crate) fn make_sub_total_holds_shipping(o: &Figures, _: usize) -> Option<Figures> {
    if o.h().0 > 0 { make_sub_total(o, o.e + o.h()) } else { None }
}

pub(crate) fn sub_total_is_grand_total(o: &Figures, steps: &mut Steps) {
    wrong_sub_total(o, steps, true, &[o.g()]);
}

pub(crate) fn make_sub_total_is_grand_total(o: &Figures, _: usize) -> Option<Figures> {
    make_sub_total(o, o.g()?)
}

pub(crate) fn sub_total_of_one_line(o: &Figures, steps: &mut Steps) {
    if o.lines.len() > 1 && o.lines.iter().any(|line| line.e == o.s() && !line.e.is_zero()) {
        wrong_sub_total(o, steps, true, &[Some(o.s())]);
    }
}

pub(crate) fn make_sub_total_of_one_line(o: &Figures, pick: usize) -> Option<Figures> {
    let line = o.lines.get(pick.checked_rem(o.lines.len())?)?;
    if o.lines.len() > 1 && line.e.0 > 0 && o.g().is_some() { make_sub_total(o, line.e) } else { None }
}

pub(crate) fn sub_total_wrong(o: &Figures, steps: &mut Steps) {
    // The lines and `grand_total` agree, so the right amount is known, although nothing explains the wrong one.
    if o.has_sub_total() && o.s() != o.e {
        let right = o.with(Field::SubTotal, o.e);
        if o.g().is_some() { steps.push_known(right, FREE, true) } else { steps.push(right, 0, false) }
    }
}

pub(crate) fn make_sub_total_wrong(o: &Figures, pick: usize) -> Option<Figures> {
    let percent = [37, 61, 83].get(pick % 3).copied()?;
    if o.g().is_some() { make_sub_total(o, o.e.part(Fixed(percent), Fixed(100), o.unit())?) } else { None }
}

pub(crate) fn sub_total_rounded_apart(o: &Figures, steps: &mut Steps) {
    let far = (o.s() - o.e).abs();
    let exact = Fixed::sum_of(o.lines.iter().map(|line| if line.priced { line.x } else { line.e.times(Fixed::ONE) }));
    let at_once = Fixed::of_product(exact, o.unit());
    if !o.has_sub_total() || far.is_zero() || far > o.unit().max(Fixed(o.unit().0 / 2 * o.n())) {
        return;
    }
    let tight = at_once == o.s();
    let right = o.with(Field::SubTotal, o.e);
    if o.off().is_zero() && o.g().is_some() {
        let total = right.due();
        steps.push(right.with(Field::GrandTotal, total), FOLLOWS, false);
    }
    steps.push(right, 0, tight);
}

pub(crate) fn make_sub_total_rounded_apart(o: &Figures, _: usize) -> Option<Figures> {
    let exact = Fixed::sum_of(o.lines.iter().map(|line| line.x));
    if o.lines.iter().all(|line| line.priced) { make_sub_total(o, Fixed::of_product(exact, o.unit())) } else { None }
}

/// What it costs less to write down a round amount.
fn round(o: &Figures, amount: Fixed) -> Bits {
    if amount.is_whole() { (written(amount, o.unit()) - FREE).max(-25) } else { 0 }
}

pub(crate) fn sub_total_net_of_hidden_discount(o: &Figures, steps: &mut Steps) {
    let less = o.e - o.s();
    if !o.has_sub_total() || less.0 <= 0 || is_rounding(o, less) {
        return;
    }
    let mut right = o.with(Field::SubTotal, o.e);
    right.set(Field::OrderDiscount, o.d() + less);
    steps.push(right, round(o, less), false);
    if o.d().0 > 0 && o.g() == Some(o.s() + o.t() + o.h()) && less > o.d() {
        let mut right = o.with(Field::SubTotal, o.e);
        right.set(Field::OrderDiscount, less);
        steps.push(right, -LOOSE, false);
    }
}

pub(crate) fn make_sub_total_net_of_hidden_discount(o: &Figures, _: usize) -> Option<Figures> {
    if o.d().0 <= 0 || !o.a.is_zero() || !o.has_discount() || is_rounding(o, o.d()) || o.d() >= o.e {
        return None;
    }
    let wrong = make_sub_total(o, o.e - o.d())?;
    Some(wrong.with(Field::OrderDiscount, Fixed::ZERO))
}

pub(crate) fn sub_total_holds_hidden_charge(o: &Figures, steps: &mut Steps) {
    let more = o.s() - o.e;
    if o.has_sub_total() && more.0 > 0 && !is_rounding(o, more) && more.by(2) <= o.s() {
        let mut right = o.with(Field::SubTotal, o.e);
        right.set(Field::ShippingHandling, o.h() + more);
        steps.push(right, round(o, more), false);
    }
}

pub(crate) fn make_sub_total_holds_hidden_charge(o: &Figures, _: usize) -> Option<Figures> {
    let wrong = make_sub_total(o, o.e + o.h())?;
    (!is_rounding(o, o.h())).then(|| wrong.with(Field::ShippingHandling, Fixed::ZERO))
}
