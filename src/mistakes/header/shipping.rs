//! Mistakes in `shipping_handling`, and charges that are in no field.

use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::rates::{rates_of, taxed};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{Bits, FREE, KNOWN, LOOSE, is_rounding, percentage};
use crate::order::Field;

pub(crate) fn shipping_before_its_discount(o: &Figures, steps: &mut Steps) {
    let (u, less) = (o.unit(), -o.off());
    if less <= u.by(2) || o.h().0 <= 0 || less >= o.h() {
        return;
    }
    let shares = [(o.d(), o.s()), (o.cuts, o.w), (o.cuts + o.d(), o.w)];
    let tight = shares
        .iter()
        .filter(|(part, whole)| part.0 > 0 && part < whole)
        .any(|(part, whole)| o.h().part(*part, *whole, u) == Some(less));
    if tight {
        steps.push(o.with(Field::ShippingHandling, o.h() - less), -20, true);
    } else if o.h().part(Fixed(1), Fixed(2), u) == Some(less) {
        steps.push(o.with(Field::ShippingHandling, o.h() - less), 10, false);
    }
}

pub(crate) fn make_shipping_before_its_discount(o: &Figures, _: usize) -> Option<Figures> {
    // Shipping had the discount of the order taken off as well.
    let before = o.h().part(o.s(), o.s() - o.d(), o.unit())?;
    let less = before.part(o.d(), o.s(), o.unit())?;
    (o.d().0 > 0 && o.d() < o.s() && before - less == o.h() && less > o.unit().by(2) && o.g().is_some())
        .then(|| o.with(Field::ShippingHandling, before))
}

pub(crate) fn shipping_too_high(o: &Figures, steps: &mut Steps) {
    let less = -o.off();
    if less > o.unit().by(2) && less < o.h() {
        steps.push(o.with(Field::ShippingHandling, o.h() - less), 0, false);
    }
}

pub(crate) fn make_shipping_too_high(o: &Figures, _: usize) -> Option<Figures> {
    (o.h() > o.unit().by(3) && o.g().is_some()).then(|| {
        o.with(Field::ShippingHandling, o.h() + o.h().part(Fixed(43), Fixed(100), o.unit()).unwrap_or_default())
    })
}

pub(crate) fn shipping_not_charged(o: &Figures, steps: &mut Steps) {
    if o.h().0 > 0 && o.off() == -o.h() {
        steps.push(o.with(Field::ShippingHandling, Fixed::ZERO), 0, true);
    }
}

pub(crate) fn make_shipping_not_charged(o: &Figures, pick: usize) -> Option<Figures> {
    let cents = [495, 799, 1250].get(pick % 3).copied()?;
    (o.h().is_zero() && o.header(Field::ShippingHandling).is_some() && o.g().is_some())
        .then(|| o.with(Field::ShippingHandling, o.unit().by(cents)))
}

/// Whether a difference is more than rounding, at most half of the total, and not the total times a power of ten.
pub(crate) fn is_large(o: &Figures) -> bool {
    let (off, due) = (o.off().abs(), o.due().abs());
    let total = o.g().unwrap_or_default().abs();
    let scaled = [10, 100, 1000].iter().any(|power| total == due.by(*power) || due == total.by(*power));
    !is_rounding(o, off) && off.by(2) <= due.max(total) && !scaled
}

pub(crate) fn charge_in_no_field(o: &Figures, steps: &mut Steps) {
    if o.off().0 > 0 && is_large(o) {
        steps.push(o.with(Field::ShippingHandling, o.h() + o.off()), 0, false);
    }
}

pub(crate) fn make_charge_in_no_field(o: &Figures, _: usize) -> Option<Figures> {
    let wrong = o.with(Field::ShippingHandling, Fixed::ZERO);
    (o.h().0 > 0 && o.g().is_some() && is_large(&wrong)).then_some(wrong)
}

/// What confirms that a discount was taken off: it is a usual percentage of the goods, and the tax is that of the goods
/// without it.
fn confirmed(o: &Figures, less: Fixed) -> Bits {
    let goods = o.s() - o.d();
    // An amount that another field has, or that some items of a line have, is explained by these.
    let of_items = |line: &Line| line.net().0 > 0 && less <= line.e && less.is_multiple_of(line.net());
    if [o.t(), o.h(), o.d(), o.tl].contains(&less) || o.lines.iter().any(|line| line.e == less || of_items(line)) {
        return 0;
    }
    // Prices that include the tax are higher by the tax: the difference is not a discount.
    let is_tax = rates_of(less, o.s() - less, o.unit().by(o.n() + 1)).next().is_some();
    let without = taxed(o, goods).max(taxed(o, goods + o.h()));
    let tax = match (taxed(o, goods - less), without) {
        (with, 0) if !is_tax => with,
        (0, without) => -without,
        _ => 0,
    };
    percentage(less, o.s(), o.unit(), o.n()).max(percentage(less, goods, o.unit(), o.n())) + tax
}

pub(crate) fn discount_in_no_field(o: &Figures, steps: &mut Steps) {
    let less = -o.off();
    if less.0 > 0 && o.d().0 >= 0 && !is_rounding(o, less) && less <= o.due() {
        let right = o.with(Field::OrderDiscount, o.d() + less);
        let earned = confirmed(o, less).clamp(-LOOSE, FREE);
        if earned >= KNOWN {
            steps.push_known(right, FREE - earned, false);
        } else {
            steps.push(right, -earned, false);
        }
    }
}

pub(crate) fn make_discount_in_no_field(o: &Figures, _: usize) -> Option<Figures> {
    (o.d().0 > 0 && o.has_discount() && o.a.is_zero() && !is_rounding(o, o.d()) && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, Fixed::ZERO))
}
