//! Mistakes on the lines: how each is made, and how it is undone.

use super::figures::{Figures, Fixed, Line};
use super::header::{net_line, rates_on_goods};
use super::table::Steps;
use super::witness::{Bits, FOLLOWS, FREE, LOOSE, PAID, WITNESS, coincidence, log2};
use crate::order::{Field, FieldSet};

/// Rates of sales and value added taxes, in hundredths of a percent.
pub(crate) const RATES: [i64; 27] = [
    2000, 2100, 1900, 1000, 2500, 2200, 1500, 500, 700, 2300, 1800, 800, 600, 1600, 1200, 2400, 1700, 900, 1300, 1400,
    2700, 550, 810, 770, 2550, 725, 825,
];
/// The usual rates that give a tax on an amount, within a slack.
pub(crate) fn rates_of(tax: Fixed, base: Fixed, slack: Fixed) -> impl Iterator<Item = i64> {
    let (tax, base) = (i128::from(tax.0) * 10_000, i128::from(base.0.max(1)));
    let (near, far) = (tax / base, i128::from(slack.0.max(0)) * 10_000 / base + 1);
    RATES.into_iter().filter(move |rate| (i128::from(*rate) - near).abs() <= far)
}

/// Usual numbers of pieces in a pack.
const PACKS: [i64; 14] = [6, 10, 12, 20, 24, 25, 30, 36, 48, 50, 100, 144, 500, 1000];
/// The most single lines that one mistake is tried on.
const MOST_SINGLE: usize = 8;

/// How well a right line fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// To the last digit.
    Exact,
    /// To the last digit, but one line alone is weak evidence: something else may be wrong with it.
    OnSeveral,
    /// Only within rounding.
    Loose,
    /// So poorly that a repair needs `--prefer`.
    Poor,
}

/// A right line.
type Meant = Option<(Line, Fit)>;

fn exactly(line: Line) -> Meant {
    Some((line, Fit::Exact))
}

fn on_several(line: Line) -> Meant {
    Some((line, Fit::OnSeveral))
}

fn loosely(line: Line) -> Meant {
    Some((line, Fit::Loose))
}

/// Undoes a mistake on the lines: on every line it applies to, on those that break OC101, and on single lines.
pub(crate) fn undo_lines(o: &Figures, steps: &mut Steps, single: bool, undo: impl Fn(&Figures, &Line) -> Meant) {
    if single {
        undo_by_total(o, steps, &undo);
    }
    // Most mistakes apply to no line, or explain nothing: find that out before anything is allocated.
    let (mut any, mut all, mut only_bad) = (false, o.e, o.e);
    let (mut bad_after_all, mut bad_after_bad) = (o.bad, o.bad);
    for line in o.lines.iter().filter(|line| !line.unusable) {
        let Some((meant, _)) = undo(o, line) else { continue };
        let meant = o.refreshed(meant);
        any = true;
        all = all + meant.e - line.e;
        bad_after_all = bad_after_all + usize::from(!meant.holds) - usize::from(!line.holds);
        if !line.holds {
            only_bad = only_bad + meant.e - line.e;
            bad_after_bad -= usize::from(meant.holds);
        }
    }
    let leads = |e: Fixed, bad: usize| (!steps.whole || bad == 0) && steps.may_follow(o, e, o.bad > 0);
    let (all_lead, bad_lead) = (leads(all, bad_after_all), o.bad > 0 && leads(only_bad, bad_after_bad));
    let singles = single && o.lines.len() > 1 && o.bad <= 1;
    if !any || !(all_lead || bad_lead || singles) {
        return;
    }
    let each: Vec<Meant> = o
        .lines
        .iter()
        .map(|line| if line.unusable { None } else { undo(o, line).map(|(line, fit)| (o.refreshed(line), fit)) })
        .collect();
    let count = each.iter().filter(|meant| meant.is_some()).count();
    let put = |chosen: &dyn Fn(usize) -> bool| {
        o.with_lines(o.lines.iter().zip(&each).enumerate().map(|(at, (line, meant))| match meant {
            Some((meant, _)) if chosen(at) => meant.clone(),
            _ => line.clone(),
        }))
    };
    // The cost, whether it is exact, and whether the evidence is weak.
    let fit = |chosen: &dyn Fn(usize) -> bool| {
        let fits =
            || each.iter().enumerate().filter(|(at, _)| chosen(*at)).filter_map(|(_, meant)| Some(meant.as_ref()?.1));
        match fits().max() {
            Some(Fit::Exact) => (0, true, false),
            Some(Fit::OnSeveral) => (0, fits().count() > 1, false),
            Some(Fit::Poor) => (0, false, fits().count() < 2),
            _ => (LOOSE, false, false),
        }
    };
    let is_bad = |at: usize| o.lines.get(at).is_some_and(|line| !line.holds);
    let bad = (0..each.len()).filter(|at| is_bad(*at) && each.get(*at).is_some_and(Option::is_some)).count();
    let all = |_: usize| true;
    if all_lead {
        let (cost, exact, thin) = fit(&all);
        steps.followed(o, put(&all), cost, exact, thin);
    }
    if bad_lead && bad > 0 && bad < count {
        let (cost, exact, thin) = fit(&is_bad);
        steps.followed(o, put(&is_bad), cost, exact, thin);
    }
    if !singles || count == 1 {
        return;
    }
    let mut tried = 0;
    for (at, (line, meant)) in o.lines.iter().zip(&each).enumerate() {
        let Some((meant, fit)) = meant else { continue };
        let change = meant.e - line.e;
        let agrees = o.s() == o.e + change && o.has_sub_total() || o.s() == o.e && o.off() == change;
        if !steps.may_follow(o, o.e + change, !line.holds) {
            continue;
        }
        // A line that holds is a culprit only if the totals require it and no other line is broken.
        let asked = if line.holds { o.bad == 0 && !change.is_zero() && agrees } else { bad != 1 };
        if !asked {
            continue;
        }
        let alone = if line.holds { 20 } else { 0 };
        let cost = if *fit == Fit::Loose { LOOSE } else { 0 };
        steps.followed(o, o.with_line(at, meant.clone()), alone + cost, *fit == Fit::Exact, *fit == Fit::Poor);
        tried += 1;
        if tried == MOST_SINGLE {
            break;
        }
    }
}

/// Undoes a mistake on one line whose right `extended_amount` follows from the sum that all lines must have: it is unset, or
/// was calculated with the mistake.
fn undo_by_total(o: &Figures, steps: &mut Steps, undo: &impl Fn(&Figures, &Line) -> Meant) {
    let Some(more) = o.goal().map(|goal| goal - o.e).filter(|more| !more.is_zero() && o.bad == 0) else { return };
    let several = if o.lines.len() > 1 { LOOSE } else { 0 };
    let mut tried = 0;
    for (at, line) in o.lines.iter().enumerate() {
        let e = line.e + more;
        if line.unusable || !line.priced || e.0 <= 0 {
            continue;
        }
        let known = o.refreshed(Line { stated: Some(e), ..line.clone() });
        let Some((meant, fit)) = undo(o, &known).filter(|(meant, _)| meant.stated == Some(e)) else { continue };
        let stated =
            if line.stated.is_none() && o.extended((meant.p - meant.d).times(meant.q)) == e { None } else { Some(e) };
        let right = o.with_line(at, Line { stated, ..meant });
        let cost = several + if fit == Fit::Loose { LOOSE } else { 0 };
        if fit == Fit::Poor {
            steps.push_thin(right, cost);
        } else {
            steps.push(right, cost, false);
        }
        tried += 1;
        if tried == MOST_SINGLE {
            break;
        }
    }
}

/// Makes a mistake on every line that it applies to.
fn make_lines(o: &Figures, make: impl Fn(&Line) -> Option<Line>) -> Option<Figures> {
    let mut made = false;
    let wrong = o.map_lines(|line| {
        let wrong = make(line).filter(|wrong| wrong != line);
        made |= wrong.is_some();
        wrong.unwrap_or_else(|| line.clone())
    });
    made.then_some(wrong)
}

/// Makes a mistake on one of the lines that it applies to.
fn make_one(o: &Figures, pick: usize, make: impl Fn(&Line) -> Option<Line>) -> Option<Figures> {
    let able: Vec<(usize, Line)> = o
        .lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, make(line).filter(|wrong| wrong != line)?)))
        .collect();
    let (at, line) = able.get(pick.checked_rem(able.len())?)?;
    Some(o.with_line(*at, line.clone()))
}

fn is_one_or_none(q: Fixed) -> bool {
    q.is_zero() || q == Fixed::ONE
}

/// The stated `extended_amount`, which the right line must have.
fn agrees(line: &Line, amount: Fixed) -> bool {
    line.stated.is_none_or(|stated| stated == amount)
}

/// Spreads a total over weights in multiples of the unit; the rest goes to the largest weight.
pub(crate) fn share(total: Fixed, weights: &[Fixed], unit: Fixed) -> Vec<Fixed> {
    let sum: Fixed = weights.iter().copied().sum();
    let mut parts: Vec<Fixed> =
        weights.iter().map(|weight| total.part(*weight, sum, unit).unwrap_or_default()).collect();
    let rest = total - parts.iter().copied().sum();
    let largest = weights.iter().enumerate().max_by_key(|(at, weight)| (weight.abs(), core::cmp::Reverse(*at)));
    if let Some(part) = largest.and_then(|(at, _)| parts.get_mut(at)) {
        *part = *part + rest;
    }
    parts
}

/// A line with the given `extended_amount`. If it is unset and the line gives the amount anyway, it stays unset.
pub(crate) fn line_of(o: &Figures, line: &Line, p: Fixed, d: Fixed, e: Fixed) -> Line {
    let calculated = line.stated.is_none() && o.extended((p - d).times(line.q)) == e;
    Line { p, d, stated: if calculated { None } else { Some(e) }, ..line.clone() }
}

/// The lines with other amounts, and with prices and discounts that give them.
pub(crate) fn lines_at(o: &Figures, es: &[Fixed]) -> Figures {
    let mut es = es.iter().copied();
    o.map_lines(|line| {
        let e = es.next().unwrap_or(line.e);
        let d = if line.d.is_zero() { line.d } else { line.d.part(e, line.e, o.unit()).unwrap_or(line.d) };
        let p = e.per(line.q).map_or(line.p, |each| each + d);
        line_of(o, line, if line.priced { p } else { line.p }, d, e)
    })
}

/// The lines' tax so that it fits `sales_tax`: a single line has that amount, several lines have none.
pub(crate) fn fit_line_tax(o: &Figures) -> Figures {
    let of_one = if o.lines.len() == 1 { o.t() } else { Fixed::ZERO };
    o.map_lines(|line| Line { t: of_one, ..line.clone() })
}

// The price.

/// A line whose amount was divided among the items: items are usually sold at a price in whole cents.
fn shared(o: &Figures, line: &Line, p: Fixed) -> Meant {
    let fit = if line.q.is_whole() && p.is_multiple_of(o.unit()) { Fit::OnSeveral } else { Fit::Poor };
    Some((Line { p, ..line.clone() }, fit))
}

pub(crate) fn price_is_line_total(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        if is_one_or_none(line.q) || line.p.is_zero() {
            return None;
        }
        let whole = (line.p - Fixed::of_product(line.d.times(line.q), Fixed(1))).to(o.unit());
        if agrees(line, whole) {
            return shared(o, line, line.p.per(line.q)?);
        }
        let stated = line.stated?;
        // If it is only one line, its quantity may also be wrong, and should be 1.
        if stated == line.net() { shared(o, line, stated.per(line.q)? + line.d) } else { None }
    });
}

pub(crate) fn make_price_is_line_total(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let total = Fixed::of_product(line.p.times(line.q), Fixed(1));
        (!is_one_or_none(line.q) && total.per(line.q) == Some(line.p) && total.is_multiple_of(o.unit()))
            .then(|| Line { p: total, ..line.clone() })
    })
}

pub(crate) fn price_and_discount_are_line_totals(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |_, line| {
        if is_one_or_none(line.q) || line.d.is_zero() || !agrees(line, line.net()) {
            return None;
        }
        let d = line.d.per(line.q)?;
        on_several(Line { p: line.net().per(line.q)? + d, d, ..line.clone() })
    });
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
        exactly(Line { p: line.p.per(line.q)?, stated: Some(e), ..line.clone() })
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

pub(crate) fn price_is_net_of_discount(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let gross = Fixed::of_product(line.p.times(line.q), o.unit());
        if line.d.0 <= 0 || !agrees(line, gross) {
            return None;
        }
        let before = line.p + line.d;
        // Shops take off whole percentages. Any other discount on a single line may also be one that was not given.
        let percentage = i128::from(line.d.0).checked_mul(100)?.checked_rem(i128::from(before.0));
        let fit = if percentage == Some(0) { Fit::OnSeveral } else { Fit::Poor };
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
        let whole = line.p.last_decimal(o.unit());
        for (want, in_totals) in wanted {
            // Rounded to nearest, or cut or rounded up.
            let far = want.abs().times(Fixed::ONE);
            if want.is_zero() || far >= line.q.times(whole) {
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
            // If the line and its total agree, or any of several lines could be off, the evidence is weak.
            if in_totals && (line.stated.is_some() || choices > 1) {
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

// The discount of a line.

pub(crate) fn discount_is_line_total(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        if is_one_or_none(line.q) || line.d.0 <= 0 || line.d >= gross || !agrees(line, (gross - line.d).to(o.unit())) {
            return None;
        }
        let right = Line { d: line.d.per(line.q)?, ..line.clone() };
        if o.lines.len() > 1 { on_several(right) } else { exactly(right) }
    });
}

pub(crate) fn make_discount_is_line_total(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let d = Fixed::of_product(line.d.times(line.q), Fixed(1));
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        (!is_one_or_none(line.q)
            && line.d.0 > 0
            && d.per(line.q) == Some(line.d)
            && (gross - d).to(o.unit()) == line.e
            && d < gross)
            .then(|| Line { d, ..line.clone() })
    })
}

pub(crate) fn discount_is_line_total_times_quantity(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        if is_one_or_none(line.q) || line.d.0 <= 0 || line.stated.is_none() || !line.holds {
            return None;
        }
        let e = (Fixed::of_product(line.p.times(line.q), Fixed(1)) - line.d).to(o.unit());
        exactly(Line { d: line.d.per(line.q)?, stated: Some(e), ..line.clone() })
    });
}

pub(crate) fn make_discount_is_line_total_times_quantity(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let d = Fixed::of_product(line.d.times(line.q), Fixed(1));
        let e = o.extended((line.p - d).times(line.q));
        let back = (Fixed::of_product(line.p.times(line.q), Fixed(1)) - d).to(o.unit());
        (line.stated.is_some()
            && !is_one_or_none(line.q)
            && line.d.0 > 0
            && d.per(line.q) == Some(line.d)
            && back == line.e
            && d <= line.p)
            .then(|| Line { d, stated: Some(e), ..line.clone() })
    })
}

/// The discount on one item at a percentage: in whole cents, if that gives the same amount for the line.
fn percentage_of(o: &Figures, line: &Line, percent: Fixed, e: Fixed) -> Option<Fixed> {
    let of = |unit: Fixed| line.p.part(percent, Fixed::whole(100), unit);
    let fits = |d: &Fixed| o.extended((line.p - *d).times(line.q)) == e;
    of(o.unit()).filter(fits).or_else(|| of(Fixed::TEN_THOUSANDTH))
}

pub(crate) fn discount_is_percentage(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let half = Fixed(500_000);
        if line.d.0 <= 0 || line.d > Fixed::whole(100) || !line.d.is_multiple_of(half) {
            return None;
        }
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        let e = gross.part(Fixed::whole(100) - line.d, Fixed::whole(100), o.unit())?;
        let d = percentage_of(o, line, line.d, e)?;
        if agrees(line, e) { exactly(Line { d, ..line.clone() }) } else { None }
    });
}

pub(crate) fn make_discount_is_percentage(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let percent = line.d.part(Fixed::whole(100), line.p, Fixed(500_000))?;
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        let e = gross.part(Fixed::whole(100) - percent, Fixed::whole(100), o.unit())?;
        (line.d.0 > 0 && percentage_of(o, line, percent, e) == Some(line.d) && e == line.e)
            .then(|| Line { d: percent, ..line.clone() })
    })
}

pub(crate) fn discount_in_no_field_on_lines(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        if line.holds || line.q.0 <= 0 || stated.0 < 0 || stated >= o.extended(line.x) {
            return None;
        }
        exactly(Line { d: line.p - stated.per(line.q)?, ..line.clone() })
    });
    // Lines without `extended_amount` whose sub_total is less.
    if o.has_sub_total()
        && o.s().0 > 0
        && o.s() < o.e
        && o.lines.iter().any(|line| line.stated.is_none())
        && o.lines.iter().all(|line| line.priced && line.q.0 > 0)
    {
        let mut es = share(o.s(), &o.es(), o.unit()).into_iter();
        let right = o.map_lines(|line| {
            let e = es.next().unwrap_or(line.e);
            let d = e.per(line.q).map_or(line.d, |each| line.p - each);
            line_of(o, line, line.p, d, e)
        });
        steps.push(right, 0, false);
    }
}

pub(crate) fn make_discount_in_no_field_on_lines(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let back = line.p - line.e.per(line.q)?;
        (line.d.0 > 0 && back == line.d && line.e.0 >= 0).then(|| Line { d: Fixed::ZERO, ..line.clone() })
    })
}

pub(crate) fn price_wrong(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        if line.holds || line.q.0 <= 0 || stated.0 <= 0 || stated <= o.extended(line.x) {
            return None;
        }
        loosely(Line { p: stated.per(line.q)? + line.d, ..line.clone() })
    });
}

pub(crate) fn make_price_wrong(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let back = line.e.per(line.q)? + line.d;
        let p = (line.p.part(Fixed(731), Fixed(1000), o.unit())?).max(line.d);
        (back == line.p && p < line.p).then(|| Line { p, ..line.clone() })
    })
}

// The quantity.

pub(crate) fn free_units(o: &Figures, steps: &mut Steps) {
    let several = o.lines.len() > 1;
    undo_lines(o, steps, true, |_, line| {
        let stated = line.stated?;
        if !line.d.is_zero() || line.p.0 <= 0 || line.q < Fixed::whole(2) || !line.q.is_whole() {
            return None;
        }
        let paid = stated.quotient(line.p)?;
        (paid.is_whole() && paid.by(2) >= line.q && paid < line.q)
            .then(|| stated.per(line.q).map(|each| Line { d: line.p - each, ..line.clone() }))
            .flatten()
            .map(|line| (line, if several { Fit::Loose } else { Fit::Exact }))
    });
    if !o.has_sub_total() || o.s() >= o.e || o.bad > 0 {
        return;
    }
    let less = o.e - o.s();
    let able = |line: &Line| {
        line.stated.is_none() && line.priced && line.d.is_zero() && line.p.0 > 0 && line.q >= Fixed::whole(2)
    };
    for (at, line) in o.lines.iter().enumerate().filter(|(_, line)| able(line)).take(MOST_SINGLE) {
        let free = less.quotient(line.p).filter(|free| free.is_whole() && free.by(2) <= line.q);
        if let Some(each) = free.and_then(|_| (line.e - less).per(line.q)) {
            steps.push_thin(o.with_line(at, line_of(o, line, line.p, line.p - each, line.e - less)), 0);
        }
    }
}

pub(crate) fn make_free_units(o: &Figures, pick: usize) -> Option<Figures> {
    // The right order has the discount; what is sent lacks it.
    make_one(o, pick, |line| {
        let paid = line.e.quotient(line.p)?;
        let back = line.p - line.e.per(line.q)?;
        (line.d.0 > 0 && back == line.d && paid.is_whole() && paid.by(2) >= line.q && paid < line.q)
            .then(|| Line { d: Fixed::ZERO, ..line.clone() })
    })
}

pub(crate) fn quantity_cut(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |_, line| {
        let stated = line.stated.filter(|stated| !stated.is_zero())?;
        if !line.d.is_zero() || line.p.is_zero() {
            return None;
        }
        let count = stated.quotient(line.p)?;
        let cut = Fixed(count.0 - count.0 % 1_000_000);
        (!count.is_whole() && count.decimals() <= 2 && (cut == line.q || count.to(Fixed::ONE) == line.q))
            .then(|| Line { q: count, ..line.clone() })
            .and_then(exactly)
    });
}

pub(crate) fn make_quantity_cut(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let cut = Fixed(line.q.0 - line.q.0 % 1_000_000);
        let exact = line.e.quotient(line.p) == Some(line.q) && line.q.decimals() <= 2;
        (!line.q.is_whole() && line.d.is_zero() && exact).then(|| Line { q: cut, ..line.clone() })
    })
}

pub(crate) fn stale_quantity(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |_, line| {
        let stated = line.stated?;
        if stated.is_zero() || line.net().0 <= 0 || line.holds {
            return None;
        }
        let count = stated.quotient(line.net())?;
        let square = Fixed::of_product(line.q.times(line.q), Fixed(1));
        (count.is_whole()
            && count >= Fixed::whole(2)
            && count <= Fixed::whole(50)
            && count != line.q
            && count != square)
            .then(|| Line { q: count, ..line.clone() })
            .and_then(exactly)
    });
    if !o.has_sub_total() || o.s() == o.e || o.bad > 0 {
        return;
    }
    let more = o.s() - o.e;
    let mut found = 0;
    for (at, line) in o.lines.iter().enumerate() {
        if line.net().0 <= 0 || line.q.is_zero() || line.unusable || !line.priced {
            continue;
        }
        let Some(count) = more.quotient(line.net()) else { continue };
        if !count.is_whole() || count.abs() > Fixed::whole(20) || (line.q + count).0 <= 0 {
            continue;
        }
        let right = Line { q: line.q + count, stated: line.stated.map(|stated| stated + more), ..line.clone() };
        let earned = line.net() >= o.unit().by(256);
        steps.push_thin(o.with_line(at, right), if earned { 0 } else { LOOSE });
        found += 1;
        if found == MOST_SINGLE {
            break;
        }
    }
}

pub(crate) fn make_stale_quantity(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let q = line.q + Fixed::ONE;
        let fits = line.net().0 > 0 && line.e == Fixed::of_product(line.x, Fixed(1)) && line.q.is_whole();
        (fits
            && line.q >= Fixed::whole(2)
            && line.q <= Fixed::whole(50)
            && line.q != Fixed::of_product(q.times(q), Fixed(1)))
        .then(|| Line { q, ..line.clone() })
    })
}

// The scale.

/// The amounts of a line.
const AMOUNTS: [Field; 5] = [Field::Price, Field::Discount, Field::ExtendedAmount, Field::Tax, Field::AddlDiscount];
/// The sets of fields that are in minor units together.
const SCALED: [&[Field]; 9] = [
    &[Field::Price],
    &[Field::Price, Field::Discount],
    &[Field::Price, Field::Discount, Field::ExtendedAmount],
    &[Field::ExtendedAmount],
    &[Field::Discount],
    &[Field::AddlDiscount],
    &[Field::Tax],
    &[Field::Price, Field::ExtendedAmount],
    &[Field::Price, Field::Discount, Field::ExtendedAmount, Field::Tax, Field::AddlDiscount],
];

/// A line with those of the fields changed that are set.
fn scaled(line: &Line, fields: &[Field], change: impl Fn(Fixed) -> Option<Fixed>) -> Option<Line> {
    let mut line = line.clone();
    for field in fields {
        match field {
            Field::Price => line.p = change(line.p)?,
            Field::Discount => line.d = change(line.d)?,
            Field::AddlDiscount => line.a = change(line.a)?,
            Field::Tax => line.t = change(line.t)?,
            Field::ExtendedAmount => {
                line.stated = match line.stated {
                    Some(stated) => Some(change(stated)?),
                    None => None,
                }
            }
            _ => {}
        }
    }
    Some(line)
}

fn amount_of(line: &Line, field: Field) -> Fixed {
    match field {
        Field::Price => line.p,
        Field::Discount => line.d,
        Field::AddlDiscount => line.a,
        Field::Tax => line.t,
        _ => line.stated.unwrap_or_default(),
    }
}

fn is_set(line: &Line, field: Field) -> bool {
    !amount_of(line, field).is_zero()
}

fn has_fraction(line: &Line, field: Field) -> bool {
    !amount_of(line, field).is_whole()
}

pub(crate) fn minor_units_on_lines(o: &Figures, steps: &mut Steps) {
    let of_cents = o.unit() == Fixed(10_000);
    // Minor units are whole.
    let is = |field: Field, holds: fn(&Line, Field) -> bool| o.lines.iter().any(|line| holds(line, field));
    let fields_that = |holds: fn(&Line, Field) -> bool| {
        AMOUNTS.iter().copied().filter(|field| is(*field, holds)).collect::<FieldSet>()
    };
    let (set, fractions) = (fields_that(is_set), fields_that(has_fraction));
    for power in [2, 1, 3] {
        if power != 2 && of_cents {
            continue;
        }
        let factor = 10_i64.pow(power);
        for fields in SCALED {
            let scaled_fields = FieldSet::of(fields);
            if set.and(scaled_fields).is_empty() || !fractions.and(scaled_fields).is_empty() {
                continue;
            }
            let lines: Option<Vec<Line>> = o
                .lines
                .iter()
                .map(|line| scaled(line, fields, |amount| amount.is_whole().then_some(Fixed(amount.0 / factor))))
                .collect();
            if let Some(lines) = lines {
                let right = o.with_lines(lines);
                // The discount must equal those of the lines: that it covers them is weak evidence.
                if *fields == [Field::AddlDiscount] && right.a != right.d() {
                    continue;
                }
                if !steps.whole || right.bad == 0 {
                    steps.followed(o, right, if power == 2 { 0 } else { 20 }, true, false);
                }
            }
        }
    }
}

pub(crate) fn make_minor_units_on_lines(o: &Figures, pick: usize) -> Option<Figures> {
    let fields = SCALED.get(pick % SCALED.len())?;
    let power = if o.unit() == Fixed(10_000) { 2 } else { [2, 3].get(pick % 2).copied()? };
    let factor = 10_i64.pow(power);
    let any = o.lines.iter().any(|line| fields.iter().any(|field| is_set(line, *field)));
    let change = |amount: Fixed| Some(amount.by(factor)).filter(|whole| whole.is_whole());
    let lines: Option<Vec<Line>> = o.lines.iter().map(|line| scaled(line, fields, change)).collect();
    lines.filter(|_| any).map(|lines| o.with_lines(lines))
}

pub(crate) fn lines_in_another_currency(o: &Figures, steps: &mut Steps) {
    if !o.has_sub_total()
        || o.bad > 0
        || o.e.0 <= 0
        || o.s().0 <= 0
        || !o.off().is_zero()
        || (o.s() - o.e).abs().by(50) <= o.e
    {
        return;
    }
    let slack = Fixed((o.unit().0) / 2);
    let far = (o.s().times(o.tl) - o.t().times(o.e)).abs();
    let both = !o.tl.is_zero() && o.t() != o.tl && far <= slack.times(o.s() + o.e + o.t() + o.tl);
    let mut right = lines_at(o, &share(o.s(), &o.es(), o.unit()));
    if !both {
        steps.push(right, if o.s() > o.e { 10 } else { LOOSE + 20 }, false);
        return;
    }
    let taxes: Vec<Fixed> = o.lines.iter().map(|line| line.t).collect();
    let mut taxes = share(o.t(), &taxes, o.unit()).into_iter();
    right = right.map_lines(|line| Line { t: taxes.next().unwrap_or(line.t), ..line.clone() });
    steps.push(right, -FREE, false);
}

pub(crate) fn make_lines_in_another_currency(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = [13_162, 8_437, 74_700, 10_850].get(pick % 4).copied()?;
    if o.tl.is_zero() || o.lines.len() != 1 {
        return None;
    }
    let into = |amount: Fixed| amount.part(Fixed(rate), Fixed(10_000), o.unit());
    let line = o.lines.first()?;
    let e = into(line.e)?;
    let p = e.per(line.q)?;
    let wrong = o.with_line(0, Line { p, d: Fixed::ZERO, stated: Some(e), t: into(line.t)?, ..line.clone() });
    // The mistake is made only if undoing it gives the same digits again.
    let back = lines_at(&wrong, &share(o.s(), &wrong.es(), o.unit()));
    (line.d.is_zero()
        && back.lines.first().is_some_and(|back| back.p == line.p && back.e == line.e)
        && (o.s() - wrong.e).abs().by(50) > wrong.e
        && o.t() != wrong.tl
        && (o.s().times(wrong.tl) - o.t().times(wrong.e)).abs()
            <= Fixed(o.unit().0 / 2).times(o.s() + wrong.e + o.t() + wrong.tl))
    .then_some(wrong)
}

// Tax and discounts of the whole order on the lines.

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
        steps.push(right, -earned, true);
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
        steps.push(right, -coincidence(o.t(), o.unit(), 16), true);
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
    steps.push(fit_line_tax(o), if near { 0 } else { 20 }, near);
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
        steps.push(fit_line_tax(o), 0, false);
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
            steps.push(fit_line_tax(o), 0, true);
        } else if tax != o.t() && o.t() == o.tl {
            steps.push(fit_line_tax(&o.with(Field::SalesTax, tax)), 0, true);
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

// Lines that are there but should not be, and lines that are missing.

pub(crate) fn bundle_and_parts(o: &Figures, steps: &mut Steps) {
    let n = o.lines.len();
    // With more lines there are too many sums of runs, and one of them fits too easily by chance.
    if !(3..=40).contains(&n) {
        return;
    }
    let es = o.es();
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
    let mut right = o.with_lines(o.lines.iter().cloned().chain([Line::of_one(missing)]));
    right.added = 1;
    steps.push(right, 0, false);
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

// `extended_amount`, when the header agrees with price and quantity.

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
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated?;
        if line.holds || !line.priced || line.q.0 <= 0 {
            return None;
        }
        let each = stated.per(line.q)? + line.d;
        if is_cut(line.p, each) && each.is_multiple_of(o.unit()) {
            return loosely(Line { p: each, ..line.clone() });
        }
        let right = o.extended(line.x);
        is_cut(stated, right).then(|| Line { stated: Some(right), ..line.clone() }).and_then(loosely)
    });
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
    undo_extended(o, steps, Fit::Loose, |_, _, _| true);
}

pub(crate) fn make_extended_amount_wrong(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let stated = line.stated.filter(|stated| *stated == o.extended(line.x))?;
        let wrong = stated.part(Fixed(613), Fixed(1000), o.unit())?;
        (line.priced && (stated - wrong) > o.unit().by(3)).then(|| Line { stated: Some(wrong), ..line.clone() })
    })
}

/// The cost of changing the lines and their sum together: they repeat the mistake, so neither is a witness.
pub(crate) const IN_STEP: Bits = -WITNESS;
