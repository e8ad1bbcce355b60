//! Lines that are there but should not be, and lines that are missing.

use super::{MOST_SINGLE, exactly, line_of, make_lines, undo_lines};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{Bits, FOLLOWS, FREE, PAID, coincidence};
use crate::order::Field;

pub(crate) fn bundle_and_parts(o: &Figures, steps: &mut Steps) {
    let n = o.lines.len();
    // With more lines there are too many sums of runs, and one of them fits too easily by chance.
    if !(2..=40).contains(&n) {
        return;
    }
    twice(o, steps);
    let es = o.es();
    if steps.whole && o.is_strict() && !es.iter().any(|e| e.0 > 0 && steps.may_follow(o, o.e - *e, true)) {
        return;
    }
    let mut found = 0;
    for (at, e) in es.iter().enumerate().filter(|(_, e)| e.0 > 0) {
        for start in 0..n {
            let mut sum = Fixed::ZERO;
            for (end, part) in es.iter().enumerate().skip(start) {
                if end == at || part.0 <= 0 || sum > *e {
                    break;
                }
                sum = sum + *part;
                if sum != *e || end == start || found == MOST_SINGLE {
                    continue;
                }
                let Some(line) = o.lines.get(at) else { continue };
                let zero = line_of(o, line, Fixed::ZERO, Fixed::ZERO, Fixed::ZERO);
                let earned: Bits = coincidence(*e, o.unit(), (n * n) as u64);
                steps.followed(o, o.with_line(at, zero), -earned, true, false);
                found += 1;
            }
        }
    }
}

/// A product and its only part: two lines, one after the other, with the same amounts.
fn twice(o: &Figures, steps: &mut Steps) {
    let same = |one: &Line, two: &Line| (one.p, one.d, one.q, one.stated) == (two.p, two.d, two.q, two.stated);
    for (at, (one, two)) in o.lines.iter().zip(o.lines.iter().skip(1)).enumerate().take(MOST_SINGLE) {
        if one.e.0 <= 0 || !same(one, two) || o.goal() != Some(o.e - one.e) {
            continue;
        }
        let zero = line_of(o, two, Fixed::ZERO, Fixed::ZERO, Fixed::ZERO);
        steps.push(o.with_line(at + 1, zero), -coincidence(one.e, o.unit(), o.lines.len() as u64), true);
    }
}

pub(crate) fn make_bundle_and_parts(o: &Figures, _: usize) -> Option<Figures> {
    let (first, rest) = o.lines.split_first()?;
    let sum: Fixed = rest.iter().map(|line| line.e).sum();
    let parts = rest.len() >= 2 && rest.len() < 40 && rest.iter().all(|line| line.e.0 > 0);
    (parts
        && first.stated.is_some()
        && first.p.is_zero()
        && first.e.is_zero()
        && first.d.is_zero()
        && first.q == Fixed::ONE)
        .then(|| o.with_line(0, Line { p: sum, stated: Some(sum), ..first.clone() }))
}

pub(crate) fn line_cancelled(o: &Figures, steps: &mut Steps) {
    let goal = if o.has_sub_total() { Some(o.s()) } else { o.goal().filter(|goal| goal.0 > 0) };
    let Some(goal) = goal.filter(|goal| o.lines.len() > 1 && *goal < o.e && o.bad == 0) else { return };
    let alike = |one: &Line, two: &Line| (one.p, one.d, one.q, one.e) == (two.p, two.d, two.q, two.e);
    let cancelled = o.e - goal;
    let fits: Vec<usize> = o
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| line.e == cancelled && !line.unusable)
        .map(|(at, _)| at)
        .collect();
    for at in fits.iter().copied().take(MOST_SINGLE) {
        let Some(line) = o.lines.get(at) else { continue };
        // Of equal lines, take the last one.
        if o.lines.iter().skip(at + 1).any(|other| alike(line, other)) {
            continue;
        }
        let none = Line { q: Fixed::ZERO, stated: line.stated.map(|_| Fixed::ZERO), ..line.clone() };
        steps.push(o.with_line(at, none), 0, false);
    }
}

pub(crate) fn make_line_cancelled(o: &Figures, _: usize) -> Option<Figures> {
    let (at, line) =
        o.lines.iter().enumerate().find(|(_, line)| line.q.is_zero() && line.p.0 > 0 && line.e.is_zero())?;
    let back = Line { q: Fixed::ONE, stated: line.stated.map(|_| line.net()), ..line.clone() };
    (o.lines.len() > 1 && line.net().is_multiple_of(o.unit()) && o.has_sub_total()).then(|| o.with_line(at, back))
}

pub(crate) fn line_missing(o: &Figures, steps: &mut Steps) {
    let missing = o.s() - o.e;
    if !o.has_sub_total() || missing <= o.unit().by(o.n()) || o.bad > 0 {
        return;
    }
    let with = |t: Fixed, a: Fixed| {
        let line = Line { t, a, ..Line::of_one(missing) };
        let mut right = o.with_lines(o.lines.iter().cloned().chain([line]));
        right.added = 1;
        right
    };
    // If the lines have all of the tax, the missing line would be the only one without tax, which is unlikely.
    let all_taxed = o.tl == o.t() && o.lines.iter().all(|line| line.t.0 > 0);
    steps.push(with(Fixed::ZERO, Fixed::ZERO), if all_taxed { FREE } else { 0 }, false);
    // Its tax and its share of the discount are missing too, where the header counts them.
    let rest = |of_header: Fixed, of_lines: Fixed| {
        if of_lines.is_zero() { Fixed::ZERO } else { (of_header - of_lines).max(Fixed::ZERO) }
    };
    let (t, a) = (rest(o.t(), o.tl), rest(o.d(), o.a));
    if !t.is_zero() || !a.is_zero() {
        let slack = Fixed(o.unit().0 / 2).times(o.s() + missing.by(o.n() + 1));
        let is_part = |part: Fixed, whole: Fixed| (o.s().times(part) - whole.times(missing)).abs() <= slack;
        // A tax at the rate of the other lines is evidence for the missing line. A tax at another rate, or a discount that is
        // not its share, is a second amount in no field.
        let is_at_rate = !t.is_zero() && is_part(t, o.t());
        let others = (!t.is_zero() && !is_at_rate) || (!a.is_zero() && !is_part(a, o.d()));
        let cost = if others { FREE } else { 0 } - if is_at_rate { FREE } else { 0 };
        steps.push(with(t, a), cost, false);
    }
    // A shop that splits a basket may send the totals of all of it with each part: neither of them is a witness.
    if o.off().is_zero() && o.g().is_some() {
        let part = o.with(Field::SubTotal, o.e);
        let total = part.due();
        steps.push(part.with(Field::GrandTotal, total), FOLLOWS - PAID, false);
    }
}

pub(crate) fn make_line_missing(o: &Figures, _: usize) -> Option<Figures> {
    let (last, rest) = o.lines.split_last()?;
    let plain =
        last.q == Fixed::ONE && last.d.is_zero() && last.a.is_zero() && last.t.is_zero() && last.stated.is_some();
    (plain
        && o.has_sub_total()
        && o.has_discount()
        && o.has_sales_tax()
        && !rest.is_empty()
        && last.e > o.unit().by(o.n()))
    .then(|| o.with_lines(rest.iter().cloned()))
}

pub(crate) fn discount_sign(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |_, line| {
        (line.d.0 < 0 || line.a.0 < 0)
            .then(|| Line { d: line.d.abs(), a: line.a.abs(), ..line.clone() })
            .and_then(exactly)
    });
}

pub(crate) fn make_discount_sign(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| Some(Line { d: -line.d, a: -line.a, ..line.clone() }))
}
