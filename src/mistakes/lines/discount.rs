//! Mistakes in the discount of a line.

use super::{Fit, agrees, exactly, is_one_or_none, line_of, loosely, make_lines, make_one, share, undo_lines};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{Bits, FREE, KNOWN, MARGIN, SMALL, UNLIKELY, percentage};

pub(crate) fn discount_is_line_total(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        if is_one_or_none(line.q) || line.d.0 <= 0 || line.d >= gross || !agrees(line, (gross - line.d).to(o.unit())) {
            return None;
        }
        let right = Line { d: line.d.per(line.q)?, ..line.clone() };
        // What is counted in parts of an item may be a price: both of them were mixed up then.
        let fit = match (line.q.is_whole(), o.lines.len()) {
            (false, _) => Fit::Poor,
            (true, 1) => Fit::Exact,
            (true, _) => Fit::OnSeveral,
        };
        Some((right, fit))
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

/// The discount of `more` items more, spread over the items of the line.
fn discount_of(line: &Line, more: i64) -> Option<Fixed> {
    line.d.part(line.q, line.q + Fixed::whole(more), Fixed::TEN_THOUSANDTH)
}

pub(crate) fn discount_of_more_items(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated.filter(|_| line.d.0 > 0 && line.q.0 > 0 && line.q.is_whole() && !line.holds)?;
        let fits = |d: &Fixed| o.extended((line.p - *d).times(line.q)) == stated;
        let d = (1..=4).filter_map(|more| discount_of(line, more)).find(fits)?;
        // There are many choices: one fits a small difference by chance.
        let fit = if (stated - o.extended(line.x)).abs() < o.unit().by(SMALL) { Fit::Poor } else { Fit::OnSeveral };
        Some((Line { d, ..line.clone() }, fit))
    });
}

pub(crate) fn make_discount_of_more_items(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let more = [1, 2].get(pick % 2).copied()?;
        let d = line.d.part(line.q + Fixed::whole(more), line.q, Fixed::TEN_THOUSANDTH)?;
        let wrong = Line { d, ..line.clone() };
        (line.d.0 > 0 && line.q.is_whole() && d <= line.p && discount_of(&wrong, more) == Some(line.d)).then_some(wrong)
    })
}

pub(crate) fn unit_discount_rounded(o: &Figures, steps: &mut Steps) {
    let count = steps.found.len();
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        if line.holds || is_one_or_none(line.q) || line.d.0 <= 0 {
            return None;
        }
        let d = line.p - stated.per(line.q)?;
        let far = (d - line.d).abs();
        (far.by(2) <= line.d.last_decimal(o.unit()) + Fixed::TEN_THOUSANDTH && d.0 > 0)
            .then(|| Line { d, ..line.clone() })
            .and_then(exactly)
    });
    // A discount that is a usual percentage of the price was rounded; else the price may have been.
    let is_part = |line: &Line| {
        let percent = line.d.part(Fixed(1000), line.p, Fixed(1)).unwrap_or_default();
        (line.p.part(percent.to(Fixed(5)), Fixed(1000), Fixed::TEN_THOUSANDTH)) == Some(line.d)
    };
    steps.reward(count, |right| {
        let changed = || o.lines.iter().zip(right.lines.iter()).filter(|(was, is)| was.d != is.d);
        if changed().all(|(_, is)| is_part(is)) { MARGIN + 10 } else { 0 }
    });
}

pub(crate) fn make_unit_discount_rounded(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let d = line.d.to(o.unit());
        let back = line.p - line.e.per(line.q)?;
        let breaks = !o.refreshed(Line { d, ..line.clone() }).holds;
        (!is_one_or_none(line.q) && back == line.d && d.0 > 0 && breaks).then(|| Line { d, ..line.clone() })
    })
}

/// The discount on one item at a percentage: in whole cents, if that gives the same amount for the line. If the line was
/// rounded in another way, it is the price less the amount of one item.
fn percentage_of(o: &Figures, line: &Line, percent: Fixed, e: Fixed) -> Option<Fixed> {
    let of = |unit: Fixed| line.p.part(percent, Fixed::whole(100), unit);
    let fits = |d: &Fixed| o.extended((line.p - *d).times(line.q)) == e;
    let missing = || e.per(line.q).map(|each| line.p - each);
    of(o.unit()).filter(fits).or_else(|| of(Fixed::TEN_THOUSANDTH).filter(fits)).or_else(missing)
}

pub(crate) fn discount_is_percentage(o: &Figures, steps: &mut Steps) {
    undo_lines(o, steps, true, |o, line| {
        let half = Fixed(500_000);
        if line.d.0 <= 0 || line.d > Fixed::whole(100) || !line.d.is_multiple_of(half) {
            return None;
        }
        let gross = Fixed::of_product(line.p.times(line.q), Fixed(1));
        let rounded_once = gross.part(Fixed::whole(100) - line.d, Fixed::whole(100), o.unit())?;
        // Or what is taken off is rounded: then half a minor unit goes the other way.
        let rounded_off = gross.to(o.unit()) - gross.part(line.d, Fixed::whole(100), o.unit())?;
        let e = [rounded_once, rounded_off].into_iter().find(|e| agrees(line, *e))?;
        exactly(Line { d: percentage_of(o, line, line.d, e)?, ..line.clone() })
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

/// What it costs that nothing confirms an amount on a line and that nobody would have chosen it: the price or the discount of
/// an item has parts of a minor unit, and the line is not off by a whole amount or a whole percentage.
fn unlikely(o: &Figures, right: &Figures) -> Bits {
    let is_chosen = |(was, is): (&Line, &Line)| {
        let percent = |whole: Fixed| {
            is.e.part(Fixed::whole(100), whole, Fixed::TEN_THOUSANDTH).unwrap_or_default().to(Fixed::ONE)
        };
        let whole = o.extended(was.x);
        (is.p.is_multiple_of(o.unit()) && is.d.is_multiple_of(o.unit()))
            || (whole - is.e).is_whole()
            || whole.part(percent(whole), Fixed::whole(100), o.unit()) == Some(is.e)
    };
    let mut changed = o.lines.iter().zip(right.lines.iter()).filter(|(was, is)| (was.p, was.d) != (is.p, is.d));
    if changed.all(is_chosen) { 0 } else { UNLIKELY }
}

pub(crate) fn discount_in_no_field_on_lines(o: &Figures, steps: &mut Steps) {
    let count = steps.found.len();
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        if line.holds || line.q.0 <= 0 || stated.0 < 0 || stated >= o.extended(line.x) {
            return None;
        }
        exactly(Line { d: line.p - stated.per(line.q)?, ..line.clone() })
    });
    // A discount is known if it is a usual percentage on every line that has one.
    steps.confirm(count, true, |right| {
        let mut earned = 0;
        for (was, is) in o.lines.iter().zip(right.lines.iter()).filter(|(was, is)| was.d != is.d) {
            let whole = o.extended(was.x);
            earned += Some(percentage(whole - is.e, whole, o.unit(), 0)).filter(|earned| *earned > 0)?;
        }
        (earned >= KNOWN).then_some((FREE - earned).max(0))
    });
    // Or the price should be the one after it.
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        let is_more = !line.holds && line.q.0 > 0 && stated.0 > 0 && stated < o.extended(line.x);
        if is_more { exactly(Line { p: stated.per(line.q)? + line.d, ..line.clone() }) } else { None }
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
    steps.doubt(count, |right| unlikely(o, right));
}

pub(crate) fn make_discount_in_no_field_on_lines(o: &Figures, _: usize) -> Option<Figures> {
    make_lines(o, |line| {
        let back = line.p - line.e.per(line.q)?;
        (line.d.0 > 0 && back == line.d && line.e.0 >= 0).then(|| Line { d: Fixed::ZERO, ..line.clone() })
    })
}

pub(crate) fn price_wrong(o: &Figures, steps: &mut Steps) {
    let count = steps.found.len();
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        if line.holds || line.q.0 <= 0 || stated.0 <= 0 || stated <= o.extended(line.x) {
            return None;
        }
        loosely(Line { p: stated.per(line.q)? + line.d, ..line.clone() })
    });
    // Or the discount is too high.
    undo_lines(o, steps, false, |o, line| {
        let stated = line.stated?;
        let d = line.p - stated.per(line.q)?;
        let is_less = !line.holds && line.q.0 > 0 && d.0 >= 0 && d < line.d && stated > o.extended(line.x);
        is_less.then(|| Line { d, ..line.clone() }).and_then(loosely)
    });
    steps.doubt(count, |right| unlikely(o, right));
}

pub(crate) fn make_price_wrong(o: &Figures, pick: usize) -> Option<Figures> {
    make_one(o, pick, |line| {
        let back = line.e.per(line.q)? + line.d;
        let p = (line.p.part(Fixed(731), Fixed(1000), o.unit())?).max(line.d);
        (back == line.p && p < line.p).then(|| Line { p, ..line.clone() })
    })
}
