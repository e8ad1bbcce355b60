//! Mistakes in `grand_total`: how each is made, and how it is undone.

use super::figures::{Figures, Fixed, Line};
use super::header::is_large;
use super::rates::usual_tax;
use super::steps::Steps;
use super::witness::{Bits, LOOSE, ROUND_TOTAL, coincidence, is_rounding};
use crate::order::Field;

/// The cost of a wrong total that is off by a whole amount, where other stories need just such an amount.
const ROUND_OFF: Bits = 60;

/// Undoes a total that is off by one of these amounts.
fn wrong_total(o: &Figures, steps: &mut Steps, cost: Bits, exact: bool, offs: &[Fixed]) {
    if o.g().is_some() && !o.off().is_zero() && offs.contains(&o.off()) {
        steps.push(o.with(Field::GrandTotal, o.due()), cost, exact);
    }
}

/// A total that is off by this amount.
fn make_total(o: &Figures, off: Fixed) -> Option<Figures> {
    let total = o.g()?;
    (!off.is_zero() && o.off().is_zero()).then(|| o.with(Field::GrandTotal, total + off))
}

pub(crate) fn discount_not_subtracted(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[o.d()]);
}

pub(crate) fn make_discount_not_subtracted(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.d()).filter(|_| o.d().0 > 0)
}

pub(crate) fn discount_added(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[o.d() + o.d()]);
}

pub(crate) fn make_discount_added(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.d() + o.d()).filter(|_| o.d().0 > 0)
}

/// By how much the sum of the lines is less without their quantities.
fn without_quantities(o: &Figures) -> Fixed {
    let of_one: Fixed = o.lines.iter().map(|line| if line.priced { line.net() } else { line.e }).sum();
    of_one.to(o.unit()) - o.e
}

pub(crate) fn quantity_ignored_in_total(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, false, &[without_quantities(o)]);
}

pub(crate) fn make_quantity_ignored_in_total(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, without_quantities(o)).filter(|_| o.s() == o.e && without_quantities(o).0 < 0)
}

pub(crate) fn discount_subtracted_twice(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[-o.d()]);
}

pub(crate) fn make_discount_subtracted_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, -o.d()).filter(|_| o.d().0 > 0)
}

pub(crate) fn total_before_line_discounts(o: &Figures, steps: &mut Steps) {
    let cuts = o.cuts.to(o.unit());
    if cuts.0 > 0 {
        // The discount may also have been taken off twice on the lines, and once in the total.
        wrong_total(o, steps, 20, false, &[cuts]);
    }
}

pub(crate) fn make_total_before_line_discounts(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.cuts.to(o.unit())).filter(|_| o.cuts.0 > 0)
}

pub(crate) fn total_is_sub_total(o: &Figures, steps: &mut Steps) {
    let terms = [o.t(), o.h(), o.d()].iter().filter(|term| !term.is_zero()).count();
    if o.g() == Some(o.s()) && terms > 1 {
        wrong_total(o, steps, 0, false, &[o.off()]);
    }
}

pub(crate) fn make_total_is_sub_total(o: &Figures, _: usize) -> Option<Figures> {
    let terms = [o.t(), o.h(), o.d()].iter().filter(|term| !term.is_zero()).count();
    if terms > 1 { make_total(o, o.s() - o.g()?) } else { None }
}

pub(crate) fn total_sign(o: &Figures, steps: &mut Steps) {
    if o.g().is_some_and(|total| total.0 < 0 && total == -o.due()) {
        steps.push(o.with(Field::GrandTotal, o.due()), -coincidence(o.due(), o.unit(), 1), true);
    }
}

pub(crate) fn make_total_sign(o: &Figures, _: usize) -> Option<Figures> {
    let total = o.g().filter(|total| total.0 > 0)?;
    make_total(o, -(total + total))
}

pub(crate) fn surcharge_added(o: &Figures, steps: &mut Steps) {
    if o.surcharges.0 > 0 {
        wrong_total(o, steps, -coincidence(o.surcharges, o.unit(), 4), true, &[o.surcharges]);
    }
}

pub(crate) fn make_surcharge_added(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.surcharges).filter(|_| o.surcharges.0 > 0)
}

pub(crate) fn tax_left_out(o: &Figures, steps: &mut Steps) {
    if o.t().0 > 0 && o.off() == -o.t() {
        wrong_total(o, steps, usual_tax(o), true, &[-o.t()]);
    }
}

pub(crate) fn make_tax_left_out(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, -o.t()).filter(|_| o.t().0 > 0)
}

pub(crate) fn shipping_left_out(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[-o.h()]);
}

pub(crate) fn make_shipping_left_out(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, -o.h()).filter(|_| o.h().0 > 0)
}

pub(crate) fn tax_twice(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[o.t()]);
}

pub(crate) fn make_tax_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.t()).filter(|_| o.t().0 > 0)
}

pub(crate) fn shipping_twice(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[o.h()]);
}

pub(crate) fn make_shipping_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.h()).filter(|_| o.h().0 > 0)
}

pub(crate) fn sub_total_twice(o: &Figures, steps: &mut Steps) {
    wrong_total(o, steps, 0, true, &[o.s()]);
}

pub(crate) fn make_sub_total_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_total(o, o.s()).filter(|_| o.s().0 > 0)
}

pub(crate) fn line_refunded(o: &Figures, steps: &mut Steps) {
    if o.lines.len() > 1 && o.off().0 < 0 {
        let with_share = |e: Fixed| e.part(o.t(), o.s(), o.unit()).map(|tax| -(e + tax));
        let shared = o.tl.is_zero() && !o.t().is_zero();
        let is_missing = |line: &Line| {
            -(line.e + line.t) == o.off() || (shared && with_share(line.e).is_some_and(|off| off == o.off()))
        };
        if o.lines.iter().any(|line| line.e.0 > 0 && is_missing(line)) {
            wrong_total(o, steps, 0, false, &[o.off()]);
        }
    }
}

pub(crate) fn make_line_refunded(o: &Figures, pick: usize) -> Option<Figures> {
    let line = o.lines.get(pick.checked_rem(o.lines.len())?)?;
    make_total(o, -(line.e + line.t)).filter(|_| o.lines.len() > 1 && line.e.0 > 0)
}

pub(crate) fn total_from_unrounded_terms(o: &Figures, steps: &mut Steps) {
    let off = o.off();
    if !off.is_zero() && is_rounding(o, off) && o.due().0 >= 0 && o.g().is_some() {
        let units = (off.0 / o.unit().0.max(1)).abs() as Bits;
        let right = o.with(Field::GrandTotal, o.due());
        let cost = LOOSE * (units - 1).max(0);
        // Made from amounts of the lines that were not rounded yet.
        let exact =
            Fixed::sum_of(o.lines.iter().map(|line| if line.priced { line.x } else { line.e.times(Fixed::ONE) }));
        if Fixed::of_product(exact, o.unit()) - o.e == off {
            steps.push(right, cost, false);
        } else {
            steps.push_thin(right, cost);
        }
    }
}

pub(crate) fn make_total_from_unrounded_terms(o: &Figures, pick: usize) -> Option<Figures> {
    make_total(o, if pick.is_multiple_of(2) { o.unit() } else { -o.unit() }).filter(|wrong| wrong.due().0 > o.unit().0)
}

/// Usual discounts for early payment, in hundredths of a percent.
const TERMS: [i64; 5] = [100, 150, 200, 250, 300];

pub(crate) fn terms_discount(o: &Figures, steps: &mut Steps) {
    if o.off().abs() > o.unit().by(2) {
        let is_off = |rate: &i64| -o.due().tax_on_top(*rate, o.unit()) == o.off();
        if o.g().is_some() && TERMS.iter().any(is_off) {
            steps.push_thin(o.with(Field::GrandTotal, o.due()), 0);
        }
    }
}

pub(crate) fn make_terms_discount(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = TERMS.get(pick % TERMS.len()).copied()?;
    make_total(o, -o.due().tax_on_top(rate, o.unit())).filter(|wrong| wrong.off().abs() > o.unit().by(2))
}

pub(crate) fn total_digits_swapped(o: &Figures, steps: &mut Steps) {
    if let Some(total) = o.g()
        && are_swapped(total, o.due(), o.unit())
    {
        // A shop charges, or takes off, a whole amount more often than somebody swaps digits.
        let cost = if o.off().is_whole() { ROUND_OFF } else { 0 };
        wrong_total(o, steps, cost, true, &[o.off()]);
    }
}

/// The digits of an amount, in minor units.
fn digits(amount: Fixed, unit: Fixed) -> Vec<u8> {
    (amount.0 / unit.0.max(1)).unsigned_abs().to_string().into_bytes()
}

/// Whether two neighbouring digits are swapped.
fn are_swapped(one: Fixed, two: Fixed, unit: Fixed) -> bool {
    let units = |amount: Fixed| (amount.0 / unit.0.max(1)).unsigned_abs();
    // Then the numbers differ by a multiple of nine, which only few do.
    if units(one) == units(two) || !units(one).abs_diff(units(two)).is_multiple_of(9) {
        return false;
    }
    let (a, b) = (digits(one, unit), digits(two, unit));
    if a.len() != b.len() || one.0.signum() != two.0.signum() {
        return false;
    }
    let differing: Vec<usize> = (0..a.len()).filter(|at| a.get(*at) != b.get(*at)).collect();
    match differing.as_slice() {
        [first, second] => second - first == 1 && a.get(*first) == b.get(*second) && a.get(*second) == b.get(*first),
        _ => false,
    }
}

pub(crate) fn make_total_digits_swapped(o: &Figures, pick: usize) -> Option<Figures> {
    let mut digits = digits(o.g()?, o.unit());
    let able: Vec<usize> = (1..digits.len())
        .filter(|at| digits.get(*at) != digits.get(at - 1) && (*at > 1 || digits.get(*at) != Some(&b'0')))
        .collect();
    let at = able.get(pick.checked_rem(able.len())?).copied()?;
    digits.swap(at, at - 1);
    let units: i64 = String::from_utf8(digits).ok()?.parse().ok()?;
    let total = o.unit().by(units);
    make_total(o, total - o.g()?).filter(|_| o.g().is_some_and(|right| right.0 > 0 && right.is_multiple_of(o.unit())))
}

pub(crate) fn payment_subtracted(o: &Figures, steps: &mut Steps) {
    if o.g().is_some() && o.off().0 < 0 && !is_rounding(o, o.off()) && o.g().is_some_and(|total| total.0 >= 0) {
        steps.push(o.with(Field::GrandTotal, o.due()), 0, false);
    }
}

pub(crate) fn make_payment_subtracted(o: &Figures, pick: usize) -> Option<Figures> {
    let paid = o.unit().by([1000, 2500, 537, 2000].get(pick % 4).copied()?);
    make_total(o, -paid).filter(|wrong| wrong.g().is_some_and(|total| total.0 > 0) && !is_rounding(o, paid))
}

pub(crate) fn stale_total(o: &Figures, steps: &mut Steps) {
    if o.g().is_some() && o.off().0 > 0 && is_large(o) {
        steps.push(o.with(Field::GrandTotal, o.due()), 0, false);
    }
}

pub(crate) fn make_stale_total(o: &Figures, pick: usize) -> Option<Figures> {
    let less = o.unit().by([1000, 2499, 4350, 3625].get(pick % 4).copied()?);
    make_total(o, less).filter(is_large)
}

pub(crate) fn cash_rounding(o: &Figures, steps: &mut Steps) {
    let Some(total) = o.g() else { return };
    if o.off().is_zero() || is_rounding(o, o.off()) {
        return;
    }
    let steps_of_cash = [5_000_000, 1_000_000, 500_000, 100_000, 50_000];
    let step = steps_of_cash
        .iter()
        .map(|step| Fixed(*step))
        .filter(|step| *step <= Fixed::ONE || o.terms.coin == Some(*step))
        .find(|step| *step > o.unit() && o.off().abs().by(2) <= *step && total == o.due().to(*step));
    let right = o.with(Field::GrandTotal, o.due());
    // Perhaps a tax in whole units was rounded.
    let whole_tax = !o.t().is_zero() && o.t().is_whole();
    match step {
        Some(step) if o.terms.coin != Some(step) => steps.push_thin(right, ROUND_TOTAL),
        Some(_) if whole_tax => steps.push_thin(right, 0),
        Some(_) => steps.push(right, 0, false),
        None => {}
    }
}

pub(crate) fn make_cash_rounding(o: &Figures, pick: usize) -> Option<Figures> {
    let step = [1_000_000, 500_000].get(pick % 2).map(|step| Fixed(*step))?;
    make_total(o, o.due().to(step) - o.due()).filter(|wrong| !is_rounding(o, wrong.off()) && step > o.unit())
}

pub(crate) fn floored_at_zero(o: &Figures, steps: &mut Steps) {
    if o.g() == Some(Fixed::ZERO) && o.due().0 < 0 && o.has_discount() {
        steps.push(o.with(Field::OrderDiscount, o.s() + o.t() + o.h()), 0, true);
    }
}

pub(crate) fn make_floored_at_zero(o: &Figures, pick: usize) -> Option<Figures> {
    let more = o.unit().by([500, 1234].get(pick % 2).copied()?);
    (o.g() == Some(Fixed::ZERO) && o.has_discount() && o.due().is_zero())
        .then(|| o.with(Field::OrderDiscount, o.d() + more))
}
