//! Mistakes in the quantity of a line.

use super::{Fit, MOST_SINGLE, any_line_speaks_against, exactly, is_listed, line_of, make_one, undo_lines};
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{LOOSE, MARGIN};

pub(crate) fn free_units(o: &Figures, steps: &mut Steps) {
    let (several, count) = (o.lines.len() > 1, steps.found.len());
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
    // What is not a price of a shop is rather the total of a line.
    steps.reward(count, |right| {
        let changed = o.lines.iter().zip(right.lines.iter()).filter(|(was, is)| was.d != is.d);
        if changed.map(|(was, _)| was.p).any(|price| is_listed(o, price)) { 0 } else { -MARGIN - 10 }
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
    let count = steps.found.len();
    undo_lines(o, steps, true, |_, line| {
        let stated = line.stated.filter(|stated| !stated.is_zero())?;
        if !line.d.is_zero() || line.p.is_zero() {
            return None;
        }
        let count = stated.quotient(line.p)?;
        let cut = Fixed(count.0 - count.0 % 1_000_000);
        (!count.is_whole() && count.decimals() <= 2 && (cut == line.q || count.to(Fixed::ONE) == line.q))
            .then(|| Line { q: count, ..line.clone() })
            .map(|meant| (meant, if count < line.q { Fit::Poor } else { Fit::Exact }))
    });
    // That says little: a whole amount is always a number of hundredths of a price in hundreds, and what a percentage leaves of
    // a whole quantity is always a number of hundredths too.
    steps.reward(count, |right| {
        let changed = || o.lines.iter().zip(right.lines.iter()).filter(|(was, is)| was.q != is.q);
        let says_little = |was: &Line, is: &Line| was.p.is_whole() && is.e.is_whole() || is.q < was.q;
        if changed().all(|(was, is)| says_little(was, is)) { -MARGIN - 40 } else { 0 }
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
    let doubted = any_line_speaks_against(o);
    undo_lines(o, steps, true, |o, line| {
        let stated = line.stated?;
        if stated.is_zero() || line.net().0 <= 0 || line.holds {
            return None;
        }
        // The discount per item has four decimals, so the stated amount is a rounded product, and the quotient need not be whole.
        let count = Fixed::ONE.part(stated, line.net(), Fixed::ONE)?;
        if Fixed::of_product(line.net().times(count), o.unit()) != stated {
            return None;
        }
        // One item whose price is the amount of the line: the price may also be the total of the line.
        let in_cents = || line.p.per(line.q).is_some_and(|each| each.is_multiple_of(o.unit()));
        let of_one = || doubted || (line.q > Fixed::whole(2) && !in_cents());
        let able = count >= Fixed::whole(2) || (count == Fixed::ONE && of_one());
        (able && count <= Fixed::whole(50) && count != line.q)
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
