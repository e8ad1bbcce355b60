//! Mistakes in the price of a line.

use super::{
    Fit, MOST_SINGLE, Meant, PACKS, agrees, exactly, is_one_or_none, make_lines, make_one, on_several, undo_lines,
};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{Bits, IN_STEP, LOOSE, MARGIN, log2};
use crate::order::Field;

/// The cost of the total of one line in `price`, if other lines or the price of one item speak against it.
const DOUBT: Bits = 30;

/// A line whose amount was divided among the items: items are usually sold at a price in whole cents.
fn shared(o: &Figures, line: &Line, p: Fixed, doubted: bool) -> Meant {
    let fit = if line.q.is_whole() && p.is_multiple_of(o.unit()) && !doubted { Fit::OnSeveral } else { Fit::Poor };
    Some((Line { p, ..line.clone() }, fit))
}

/// Whether a line with a quantity, in which price and extended amount agree, speaks against a mistake in the prices of all
/// lines.
pub(super) fn any_line_speaks_against(o: &Figures) -> bool {
    o.lines.iter().any(|line| line.holds && line.stated.is_some() && !is_one_or_none(line.q) && !line.p.is_zero())
}

pub(crate) fn price_is_line_total(o: &Figures, steps: &mut Steps) {
    let (doubted, first) = (any_line_speaks_against(o), steps.found.len());
    undo_lines(o, steps, true, |o, line| {
        if is_one_or_none(line.q) || line.p.is_zero() {
            return None;
        }
        let whole = (line.p - Fixed::of_product(line.d.times(line.q), Fixed(1))).to(o.unit());
        if agrees(line, whole) {
            return shared(o, line, line.p.per(line.q)?, doubted);
        }
        let stated = line.stated?;
        // If it is only one line, its quantity may also be wrong, and should be 1.
        if stated == line.net() && line.d.is_zero() { shared(o, line, stated.per(line.q)?, doubted) } else { None }
    });
    steps.weaken(first, DOUBT);
    // The total is before a discount of one item. More often both are totals.
    let count = steps.found.len();
    if o.lines.iter().any(|line| !line.holds && !line.d.is_zero() && line.stated == Some(line.net())) {
        undo_lines(o, steps, true, |o, line| {
            let stated = line.stated.filter(|stated| !is_one_or_none(line.q) && *stated == line.net())?;
            shared(o, line, stated.per(line.q)? + line.d, doubted)
        });
        steps.reward(count, |_| -MARGIN - 30);
    }
}

pub(crate) fn make_price_is_line_total(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let total = Fixed::of_product(line.p.times(line.q), Fixed(1));
        (!is_one_or_none(line.q) && total.per(line.q) == Some(line.p) && total.is_multiple_of(o.unit()))
            .then(|| Line { p: total, ..line.clone() })
    })
}

pub(crate) fn price_and_discount_are_line_totals(o: &Figures, steps: &mut Steps) {
    if o.lines.iter().all(|line| line.d.is_zero() || is_one_or_none(line.q)) {
        return;
    }
    let (doubted, first) = (any_line_speaks_against(o), steps.found.len());
    undo_lines(o, steps, true, |o, line| {
        if is_one_or_none(line.q) || !agrees(line, line.net()) {
            return None;
        }
        let d = line.d.per(line.q)?;
        // A price that is not in whole cents may be that of a line whose quantity is wrong.
        let right = Line { d, ..line.clone() };
        shared(o, &right, if d.is_zero() { line.p.per(line.q)? } else { line.net().per(line.q)? + d }, doubted)
    });
    steps.weaken(first, DOUBT);
}

pub(crate) fn make_price_and_discount_are_line_totals(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let (p, d) =
            (Fixed::of_product(line.p.times(line.q), Fixed(1)), Fixed::of_product(line.d.times(line.q), Fixed(1)));
        let back = (p - d).per(line.q)? + d.per(line.q)?;
        let fits = !is_one_or_none(line.q) && !line.d.is_zero() && back == line.p && d.per(line.q) == Some(line.d);
        (fits && p - d == line.e).then(|| Line { p, d, ..line.clone() })
    })
}

pub(crate) fn line_total_times_quantity(o: &Figures, steps: &mut Steps) {
    // The sum of the lines is more than the totals state.
    if o.off().0 >= 0 && o.goal().is_none_or(|goal| goal >= o.e) {
        return;
    }
    undo_lines(o, steps, true, |o, line| {
        if is_one_or_none(line.q) || line.p.is_zero() || line.stated.is_none() || !line.holds {
            return None;
        }
        let e = (line.p - Fixed::of_product(line.d.times(line.q), Fixed(1))).to(o.unit());
        // If it is only one line, only one of its items may have been charged.
        shared(o, &Line { stated: Some(e), ..line.clone() }, line.p.per(line.q)?, false)
    });
}

pub(crate) fn make_line_total_times_quantity(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let total = Fixed::of_product(line.p.times(line.q), Fixed(1));
        let fits = line.stated.is_some() && total.per(line.q) == Some(line.p) && total.is_multiple_of(o.unit());
        if is_one_or_none(line.q) || !fits {
            return None;
        }
        let e = o.extended((total - line.d).times(line.q));
        (line.e == (total - Fixed::of_product(line.d.times(line.q), Fixed(1))).to(o.unit())).then(|| Line {
            p: total,
            stated: Some(e),
            ..line.clone()
        })
    })
}

/// Whether a price ends as prices of shops do: with 0, 5 or 9.
pub(crate) fn is_listed(o: &Figures, price: Fixed) -> bool {
    price.is_multiple_of(o.unit()) && matches!(price.0 / o.unit().0.max(1) % 10, 0 | 5 | 9)
}

pub(crate) fn price_is_net_of_discount(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let gross = Fixed::of_product(line.p.times(line.q), o.unit());
        if line.d.0 <= 0 || !agrees(line, gross) {
            return None;
        }
        let before = line.p + line.d;
        // Shops take off whole percentages. Any other discount on a single line may also be one that was not given.
        let percentage = i128::from(line.d.0).checked_mul(100)?.checked_rem(i128::from(before.0));
        let listed = is_listed(o, before) && !is_listed(o, line.p);
        let fit = if percentage == Some(0) || listed { Fit::OnSeveral } else { Fit::Poor };
        Some((Line { p: before, ..line.clone() }, fit))
    });
}

pub(crate) fn make_price_is_net_of_discount(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let p = line.net();
        (line.d.0 > 0 && p.0 > 0 && Fixed::of_product(p.times(line.q), o.unit()) == line.e)
            .then(|| Line { p, ..line.clone() })
    })
}

pub(crate) fn discount_off_twice(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        if line.d.0 <= 0 || line.stated.is_none() || !line.holds {
            return None;
        }
        let e = Fixed::of_product(line.p.times(line.q), o.unit());
        exactly(Line { p: line.p + line.d, stated: Some(e), ..line.clone() })
    });
}

pub(crate) fn make_discount_off_twice(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let p = line.net();
        let e = o.extended((p - line.d).times(line.q));
        (line.stated.is_some() && line.d.0 > 0 && p > line.d && Fixed::of_product(p.times(line.q), o.unit()) == line.e)
            .then(|| Line { p, stated: Some(e), ..line.clone() })
    })
}

pub(crate) fn unit_price_rounded(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated?;
        if line.holds || is_one_or_none(line.q) {
            return None;
        }
        let each = stated.per(line.q)?;
        let far = (each - line.net()).abs();
        (far.by(2) <= line.p.last_decimal(o.unit()) + Fixed::TEN_THOUSANDTH)
            .then(|| Line { p: each + line.d, ..line.clone() })
            .and_then(exactly)
    });
    if o.bad > 0 {
        return;
    }
    // Lines without `extended_amount`, or with one calculated from the rounded price: the cents go to a line with a quantity
    // above 1.
    let wanted = [(o.s() - o.e, false), (if o.s() == o.e { o.off() } else { Fixed::ZERO }, true)];
    let able = |line: &Line| !line.unusable && line.priced && line.q > Fixed::ONE;
    let choices = o.lines.iter().filter(|line| able(line)).count();
    for (at, line) in o.lines.iter().enumerate().filter(|(_, line)| able(line)).take(MOST_SINGLE) {
        for (want, in_totals) in wanted {
            let far = want.abs().times(Fixed::ONE);
            if want.is_zero() || far >= line.q.times(o.unit()) {
                continue;
            }
            // Rounded to nearest, or cut or rounded up.
            let whole = line.p.last_decimal(o.unit());
            if far >= line.q.times(whole) {
                continue;
            }
            let cut = if far * 2 > line.q.times(whole) { LOOSE } else { 0 } + if in_totals { IN_STEP } else { 0 };
            let e = line.e + want;
            let Some(each) = e.per(line.q) else { continue };
            let stated = line.stated.map(|_| e);
            let mut right = o.with_line(at, Line { p: each + line.d, stated, ..line.clone() });
            if right.e != o.e + want {
                right = o.with_line(at, Line { p: each + line.d, stated: Some(e), ..line.clone() });
            }
            if in_totals && right.has_sub_total() {
                right.set(Field::SubTotal, right.e);
            }
            let units = (want.0 / o.unit().0.max(1)).unsigned_abs();
            let exact = choices == 1 && o.lines.len() == 1 && !in_totals && cut <= 0;
            let cost = log2(units) / 2 + cut + if choices == 1 { 0 } else { LOOSE };
            // If only `grand_total` is off, or any of several lines could be, the evidence is weak.
            if choices > 1 || in_totals {
                steps.push_thin(right, cost);
            } else {
                steps.push(right, cost, exact);
            }
        }
    }
}

pub(crate) fn make_unit_price_rounded(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let p = line.p.to(o.unit());
        let back = line.e.per(line.q)? + line.d;
        let breaks = !o.refreshed(Line { p, ..line.clone() }).holds;
        (!is_one_or_none(line.q) && back == line.p && breaks).then(|| Line { p, ..line.clone() })
    })
}

pub(crate) fn price_per_pack(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated.filter(|stated| !stated.is_zero())?;
        if line.holds {
            return None;
        }
        let half = o.unit().times(Fixed::ONE) / 2;
        // Even a price for the smallest pack makes the product several times the amount. Hardly any line is so far off.
        let [least, ..] = PACKS;
        if line.x.abs() < (stated.abs().times(Fixed::ONE) - half) * i128::from(least) {
            return None;
        }
        let pack = PACKS.iter().find(|pack| {
            let pack = i128::from(**pack);
            Fixed::whole(pack as i64) != line.q && (line.x - stated.times(Fixed::ONE) * pack).abs() <= half * pack
        })?;
        let pack = Fixed::whole(*pack);
        let d = if line.d.is_zero() { line.d } else { line.d.per(pack)? };
        on_several(Line { p: line.p.per(pack)?, d, ..line.clone() })
    });
    price_per_pack_unstated(o, steps);
}

/// Lines without `extended_amount`: if the price is for a pack, they have the sum that they must have.
fn price_per_pack_unstated(o: &Figures, steps: &mut Steps) {
    let Some(goal) = o.goal() else { return };
    if goal.0 <= 0 || o.bad > 0 || o.e <= goal || !o.lines.iter().all(|line| line.stated.is_none() && line.priced) {
        return;
    }
    for pack in PACKS {
        let right = o.map_lines(|line| Line { p: Fixed(line.p.0 / pack), d: Fixed(line.d.0 / pack), ..line.clone() });
        if right.e == goal {
            steps.push(right, 0, o.lines.len() == 1);
            return;
        }
    }
}

pub(crate) fn make_price_per_pack(o: &Figures, pick: usize) -> Option<Figures> {
    let pack = PACKS.get(pick % PACKS.len()).copied()?;
    make_one(o, pick, |line| {
        let p = line.p.by(pack);
        let fits = Fixed::whole(pack) != line.q && line.d.is_zero() && !line.e.is_zero() && line.priced;
        fits.then(|| Line { p, ..line.clone() })
    })
}

pub(crate) fn price_for_other_unit(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |_, line| {
        let stated = line.stated.filter(|stated| !stated.is_zero())?;
        let exact = Fixed::of_product(line.x, Fixed(1));
        if line.holds || exact.is_zero() {
            return None;
        }
        let times = stated.quotient(exact)?;
        let count = times.0 / 1_000_000;
        (times.is_whole() && (2..=1000).contains(&count))
            .then(|| Line { p: line.p.by(count), d: line.d.by(count), ..line.clone() })
            .and_then(on_several)
    });
}

pub(crate) fn make_price_for_other_unit(o: &Figures, pick: usize) -> Option<Figures> {
    let pack = PACKS.get(pick % 5).copied()?;
    make_one(o, pick, |line| {
        let p = line.p.per(Fixed::whole(pack))?;
        (p.by(pack) == line.p && line.d.is_zero() && line.q != Fixed::whole(pack) && !line.e.is_zero())
            .then(|| Line { p, ..line.clone() })
    })
}
