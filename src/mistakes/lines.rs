//! Mistakes on the lines: how each is made, and how it is undone.

mod discount;
mod extended;
mod presence;
mod price;
mod quantity;
mod scale;
mod tax;

pub(crate) use discount::*;
pub(crate) use extended::*;
pub(crate) use presence::*;
pub(crate) use price::*;
pub(crate) use quantity::*;
pub(crate) use scale::*;
pub(crate) use tax::*;

use super::figures::{Figures, Fixed, Line};
use super::steps::Steps;
use super::witness::{Bits, LOOSE};

/// Usual numbers of pieces in a pack.
pub(crate) const PACKS: [i64; 14] = [6, 10, 12, 20, 24, 25, 30, 36, 48, 50, 100, 144, 500, 1000];
/// The most single lines that one mistake is tried on.
pub(crate) const MOST_SINGLE: usize = 8;

/// The cost of a mistake on one line of several that holds.
const ALONE: Bits = 20;

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
pub(crate) type Meant = Option<(Line, Fit)>;

pub(crate) fn exactly(line: Line) -> Meant {
    Some((line, Fit::Exact))
}

pub(crate) fn on_several(line: Line) -> Meant {
    Some((line, Fit::OnSeveral))
}

pub(crate) fn loosely(line: Line) -> Meant {
    Some((line, Fit::Loose))
}

/// Undoes a mistake on the lines: on every line it applies to, on those that break OC101, and on single lines.
pub(crate) fn undo_lines(o: &Figures, steps: &mut Steps, single: bool, undo: impl Fn(&Figures, &Line) -> Meant) {
    // Compiled once, not for each row of the table.
    undo_lines_by(o, steps, single, &undo);
}

fn undo_lines_by(o: &Figures, steps: &mut Steps, single: bool, undo: &dyn Fn(&Figures, &Line) -> Meant) {
    if single {
        undo_by_total(o, steps, undo);
    }
    // Most mistakes apply to no line, or explain nothing: find that out before anything is allocated.
    let (mut any, mut all, mut only_bad) = (false, o.e, o.e);
    let (mut bad_after_all, mut bad_after_bad) = (o.bad, o.bad);
    // A line that holds is a culprit alone only if the totals require it and no other line is broken.
    let agrees = |line: &Line, change: Fixed| {
        let agrees = o.s() == o.e + change && o.has_sub_total() || o.s() == o.e && o.off() == change;
        line.holds && o.bad == 0 && !change.is_zero() && agrees
    };
    let mut any_single = false;
    for line in o.lines.iter().filter(|line| !line.unusable) {
        let Some((meant, _)) = undo(o, line) else { continue };
        let meant = o.refreshed(meant);
        any = true;
        any_single |= agrees(line, meant.e - line.e);
        all = all + meant.e - line.e;
        bad_after_all = bad_after_all + usize::from(!meant.holds) - usize::from(!line.holds);
        if !line.holds {
            only_bad = only_bad + meant.e - line.e;
            bad_after_bad -= usize::from(meant.holds);
        }
    }
    let leads = |e: Fixed, bad: usize| (!steps.whole || bad == 0) && steps.may_follow(o, e, o.bad > 0);
    let (all_lead, bad_lead) = (leads(all, bad_after_all), o.bad > 0 && leads(only_bad, bad_after_bad));
    let singles = single && o.lines.len() > 1 && any_single;
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
        o.with_refreshed(o.lines.iter().zip(&each).enumerate().map(|(at, (line, meant))| match meant {
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
        if !agrees(line, change) || !steps.may_follow(o, o.e + change, false) {
            continue;
        }
        let cost = ALONE + if *fit == Fit::Loose { LOOSE } else { 0 };
        steps.followed(o, o.with_line(at, meant.clone()), cost, *fit == Fit::Exact, *fit == Fit::Poor);
        tried += 1;
        if tried == MOST_SINGLE {
            break;
        }
    }
}

/// Undoes a mistake on one line whose right `extended_amount` follows from the sum that all lines must have: it is unset, or
/// was calculated with the mistake.
fn undo_by_total(o: &Figures, steps: &mut Steps, undo: &dyn Fn(&Figures, &Line) -> Meant) {
    let Some(more) = o.goal().map(|goal| goal - o.e).filter(|more| !more.is_zero() && o.bad == 0) else { return };
    let several = if o.lines.len() > 1 { LOOSE } else { 0 };
    // If a line does not have the mistake that could have it, the evidence is weak.
    let doubted = o.lines.iter().filter(|line| !is_one_or_none(line.q)).count() > 1;
    let mut tried = 0;
    let asked = steps.take_asked(o, more);
    for (at, known) in &asked {
        let (Some(line), e) = (o.lines.get(*at), known.e) else { continue };
        let Some((meant, fit)) = undo(o, known).filter(|(meant, _)| meant.stated == Some(e)) else { continue };
        let stated =
            if line.stated.is_none() && o.extended((meant.p - meant.d).times(meant.q)) == e { None } else { Some(e) };
        let right = o.with_line(*at, Line { stated, ..meant });
        let cost = several + if fit == Fit::Loose { LOOSE } else { 0 };
        if fit == Fit::Poor || doubted {
            steps.push_thin(right, cost);
        } else {
            steps.push(right, cost, false);
        }
        tried += 1;
        if tried == MOST_SINGLE {
            break;
        }
    }
    steps.put_asked(asked);
}

/// Makes a mistake on every line that it applies to.
pub(crate) fn make_lines(o: &Figures, make: impl Fn(&Line) -> Option<Line>) -> Option<Figures> {
    make_lines_by(o, &make)
}

fn make_lines_by(o: &Figures, make: &dyn Fn(&Line) -> Option<Line>) -> Option<Figures> {
    let mut made = false;
    let wrong = o.map_lines(|line| {
        let wrong = make(line).filter(|wrong| wrong != line);
        made |= wrong.is_some();
        wrong.unwrap_or_else(|| line.clone())
    });
    made.then_some(wrong)
}

/// Makes a mistake on one of the lines that it applies to.
pub(crate) fn make_one(o: &Figures, pick: usize, make: impl Fn(&Line) -> Option<Line>) -> Option<Figures> {
    make_one_by(o, pick, &make)
}

fn make_one_by(o: &Figures, pick: usize, make: &dyn Fn(&Line) -> Option<Line>) -> Option<Figures> {
    let able: Vec<(usize, Line)> = o
        .lines
        .iter()
        .enumerate()
        .filter_map(|(at, line)| Some((at, make(line).filter(|wrong| wrong != line)?)))
        .collect();
    let (at, line) = able.get(pick.checked_rem(able.len())?)?;
    Some(o.with_line(*at, line.clone()))
}

pub(crate) fn is_one_or_none(q: Fixed) -> bool {
    q.is_zero() || q == Fixed::ONE
}

/// The stated `extended_amount`, which the right line must have.
pub(crate) fn agrees(line: &Line, amount: Fixed) -> bool {
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
