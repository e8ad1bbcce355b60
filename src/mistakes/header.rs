//! Mistakes in header fields other than `grand_total`: how each is made, and how it is undone.

use super::figures::{Figures, Fixed, Line};
use super::lines::{IN_STEP, RATES, fit_line_tax, line_of, lines_at, rates_of, share};
use super::table::Steps;
use super::total::usual_tax;
use super::witness::{FOLLOWS, FREE, LOOSE, MARGIN, coincidence};
use crate::order::{Field, Place};

/// Whether a difference is so small that rounding explains it.
pub(crate) fn is_rounding(o: &Figures, off: Fixed) -> bool {
    off.abs().by(2) <= o.unit().by(o.n() + 3)
}

/// Takes tax out of the lines and `sub_total`.
fn net_lines(o: &Figures, tax: Fixed) -> Option<Figures> {
    if tax.0 <= 0 || tax >= o.e {
        return None;
    }
    let taxes: Vec<Fixed> =
        if o.tl == tax { o.lines.iter().map(|line| line.t).collect() } else { share(tax, &o.es(), o.unit()) };
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e - tax).collect();
    Some(lines_at(o, &es).summed())
}

/// Takes tax at a rate out of the lines and `sub_total`; `None` if the lines' taxes do not add up to it.
fn net_lines_at(o: &Figures, tax: Fixed, rate: i64) -> Option<Figures> {
    let taxes: Vec<Fixed> = o.lines.iter().map(|line| line.e.tax_inside(rate, o.unit())).collect();
    if taxes.iter().copied().sum::<Fixed>() != tax || (!o.tl.is_zero() && o.tl != tax) {
        return None;
    }
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e - tax).collect();
    Some(lines_at(o, &es).summed())
}

/// A line with its price and discount divided by 1 + rate: in whole cents, if that gives the same amount as four decimals.
pub(crate) fn net_line(o: &Figures, line: &Line, rate: i64) -> Line {
    let net = |amount: Fixed, unit: Fixed| amount.part(Fixed(10_000), Fixed(10_000 + rate), unit).unwrap_or(amount);
    let (p, d) = (net(line.p, Fixed::TEN_THOUSANDTH), net(line.d, Fixed::TEN_THOUSANDTH));
    let (in_cents, less) = (net(line.p, o.unit()), net(line.d, o.unit()));
    let of = |p: Fixed, d: Fixed| o.extended((p - d).times(line.q));
    let e = if line.priced { of(p, d) } else { net(line.e, o.unit()) };
    let (p, d) = if line.priced && of(in_cents, less) == e { (in_cents, less) } else { (p, d) };
    Line { p, d, stated: line.stated.map(|_| e), ..line.clone() }
}

/// The order with its lines and `sub_total` net.
fn net_prices_at(o: &Figures, rate: i64) -> Figures {
    o.map_lines(|line| net_line(o, line, rate)).summed()
}

/// The usual rates that give the tax, within rounding, on the goods, or on the goods and shipping.
pub(crate) fn rates_on_goods(o: &Figures, goods: Fixed) -> impl Iterator<Item = i64> {
    let (tax, slack) = (o.t(), o.unit().by(o.n() + 1));
    let of = move |taxed: Fixed| {
        let is_on = move |rate: &i64| (taxed.tax_on_top(*rate, Fixed(1)) - tax).abs() <= slack;
        rates_of(tax, taxed, slack).filter(move |rate| tax.0 > 0 && is_on(rate))
    };
    let shipped = if o.h().is_zero() { None } else { Some(goods + o.h()) };
    of(goods).chain(shipped.into_iter().flat_map(of))
}

/// Gross prices at a usual rate, if `grand_total` then holds to the last digit. Shipping and the discount of the order may
/// have been gross too.
fn net_prices(o: &Figures) -> Vec<Figures> {
    let (u, tax, mut found) = (o.unit(), o.t(), Vec::<Figures>::new());
    let net = |amount: Fixed, rate: i64| amount - amount.tax_inside(rate, u);
    let goods = o.s() - o.d();
    // The tax must be right for the taxed amount, within the rounding of the lines.
    let slack = u.by(o.n() + 1);
    let is_on = |taxed: Fixed, rate: i64| (taxed.tax_inside(rate, Fixed(1)) - tax).abs() <= slack;
    let shipped = goods + o.h();
    let mut rates: Vec<i64> = rates_of(tax, goods - tax, slack.by(2)).filter(|rate| is_on(goods, *rate)).collect();
    rates.extend(rates_of(tax, shipped - tax, slack.by(2)).filter(|rate| is_on(shipped, *rate)));
    rates.sort_unstable();
    rates.dedup();
    for rate in rates {
        let lines = net_prices_at(o, rate);
        for (shipping, discount) in [(false, false), (true, false), (false, true), (true, true)] {
            let nothing = (shipping && o.h().is_zero()) || (discount && (o.d().is_zero() || !o.a.is_zero()));
            if nothing || !is_on(if shipping { goods + o.h() } else { goods }, rate) {
                continue;
            }
            let mut right = lines.clone();
            if shipping {
                right.set(Field::ShippingHandling, net(o.h(), rate));
            }
            if discount {
                right.set(Field::OrderDiscount, net(o.d(), rate));
            }
            if right.off().is_zero() && !found.iter().any(|known| known.is_same(&right)) {
                found.push(right);
            }
        }
    }
    found
}

/// Puts tax into the lines and `sub_total`.
fn gross_lines(o: &Figures, tax: Fixed) -> Figures {
    let taxes: Vec<Fixed> =
        if o.tl == tax { o.lines.iter().map(|line| line.t).collect() } else { share(tax, &o.es(), o.unit()) };
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e + tax).collect();
    let mut wrong = lines_at(o, &es);
    let sum = wrong.e;
    wrong.set(Field::SubTotal, sum);
    wrong
}

fn without_line_tax(o: &Figures) -> Figures {
    if o.tl.is_zero() { o.clone() } else { o.map_lines(|line| Line { t: Fixed::ZERO, ..line.clone() }) }
}

fn without_line_discounts(o: &Figures) -> Figures {
    if o.a.is_zero() { o.clone() } else { o.map_lines(|line| Line { a: Fixed::ZERO, ..line.clone() }) }
}

// Tax.

pub(crate) fn prices_include_tax(o: &Figures, steps: &mut Steps) {
    let (u, tax) = (o.unit(), o.t());
    if tax.0 <= 0 || o.g().is_none() {
        return;
    }
    let at_a_rate = if o.off().0 < 0 && tax <= u.by(o.n() + 2) - o.off() { net_prices(o) } else { Vec::new() };
    // If exactly one way fits, other ways are less likely.
    let also = if at_a_rate.is_empty() { 0 } else { MARGIN + 10 };
    let certain = at_a_rate.len() == 1;
    for right in at_a_rate {
        let cost = IN_STEP - coincidence(tax, u, 16);
        if certain { steps.push(right, cost, true) } else { steps.push_thin(right, cost) }
    }
    if o.off() == -tax {
        let mut done = also > 0;
        let bases = [(o.s(), false), (o.s() - o.d(), false), (o.s() + o.h(), true), (o.s() + o.h() - o.d(), true)];
        for (base, with_shipping) in bases {
            if with_shipping && o.h().is_zero() || base.0 <= 0 {
                continue;
            }
            let fits = |rate: &i64| (base.tax_inside(*rate, u) - tax).abs() <= u;
            let Some(rate) = rates_of(tax, base - tax, u.by(2)).find(fits) else { continue };
            let shipping = if with_shipping { o.h().tax_inside(rate, u) } else { Fixed::ZERO };
            let near = base.tax_inside(rate, u) == tax;
            let earned = coincidence(tax, u, 16);
            let loose = also + if near { 0 } else { LOOSE };
            let of_lines = net_lines_at(o, tax - shipping, rate);
            let determined = of_lines.is_some() || o.lines.len() == 1 || o.tl == tax - shipping;
            let Some(mut right) = of_lines.or_else(|| net_lines(o, tax - shipping)) else { continue };
            if with_shipping {
                right.set(Field::ShippingHandling, o.h() - shipping);
            }
            done = true;
            if determined && also == 0 {
                steps.push(right, IN_STEP + loose - earned, near);
            } else {
                steps.push_thin(right, IN_STEP + loose - earned);
            }
            if with_shipping
                && !near
                && let Some(right) = net_lines(o, tax)
            {
                steps.push(right, IN_STEP + LOOSE + also - earned, false);
            }
        }
        if !done && let Some(right) = net_lines(o, tax) {
            // Without a usual rate.
            steps.push_thin(right, IN_STEP + LOOSE + 20);
        }
        return;
    }
    let total = o.g().unwrap_or_default();
    if !o.off().is_zero() {
        // Together with another mistake.
        let slack = Fixed(u.0 / 2 * (o.n() + 1));
        let usual = [o.s(), o.s() - o.d()].iter().any(|base| {
            rates_of(tax, *base - tax, slack).any(|rate| (base.tax_inside(rate, Fixed(1)) - tax).abs() <= slack)
        });
        if usual && let Some(right) = net_lines(o, tax) {
            steps.push(right, IN_STEP - LOOSE - coincidence(tax, u, 32), false);
        }
        // A net discount on gross prices.
        let net = total - tax - o.h();
        if net.0 > 0 && o.d().0 > 0 {
            let gross = (net + o.d()).part(net + tax, net, u).unwrap_or_default();
            if gross == o.s()
                && o.s() > net + o.d()
                && let Some(right) = net_lines(o, o.s() - net - o.d())
            {
                steps.push(right, IN_STEP - coincidence(tax, u, 8) / 2, true);
            }
        }
    }
}

pub(crate) fn make_prices_include_tax(o: &Figures, _: usize) -> Option<Figures> {
    let at_a_rate = |rate: &i64| {
        let gross = |amount: Fixed| amount.part(Fixed(10_000 + *rate), Fixed(10_000), o.unit()).unwrap_or(amount);
        let wrong = o.map_lines(|line| {
            let (p, d) = (gross(line.p), gross(line.d));
            Line { p, d, stated: line.stated.map(|_| o.extended((p - d).times(line.q))), ..line.clone() }
        });
        let wrong = wrong.summed();
        net_prices(&wrong).iter().any(|right| right.is_same(o)).then_some(wrong)
    };
    if o.t().0 > 0
        && o.g().is_some()
        && let Some(wrong) = rates_of(o.t(), o.s() - o.d(), o.unit().by(2)).find_map(|rate| at_a_rate(&rate))
    {
        return Some(wrong);
    }
    let wrong = gross_lines(o, o.t());
    let back = net_lines(&wrong, o.t())?;
    let rate = RATES.iter().find(|rate| wrong.s().tax_inside(**rate, o.unit()) == o.t())?;
    let determined = net_lines_at(&wrong, o.t(), *rate).is_some_and(|right| right.is_same(o)) || o.tl == o.t();
    (determined && o.t().0 > 0 && o.g().is_some() && o.has_sales_tax() && o.has_sub_total() && back.is_same(o))
        .then_some(wrong)
}

pub(crate) fn shipping_tax_missing(o: &Figures, steps: &mut Steps) {
    let (u, more) = (o.unit(), o.off());
    if more.0 <= 0 || o.h().0 <= 0 || o.t().0 <= 0 {
        return;
    }
    let bases = [(o.t(), o.s()), (o.t(), o.s() - o.d()), (o.tl, o.e)];
    let bases = bases.into_iter().filter(|(tax, base)| tax.0 > 0 && base.0 > 0);
    let tight = bases.clone().any(|(tax, base)| o.h().part(tax, base, u) == Some(more));
    let near = tight
        || bases.clone().any(|(tax, base)| {
            let expected = o.h().part(tax, base, Fixed(1)).unwrap_or_default();
            let slack = o.h().part(u.by(o.n() + 1), base.by(2), Fixed(1)).unwrap_or_default();
            (more - expected).abs() <= Fixed(u.0 / 2 * o.n().min(3)) + slack
        });
    let usual = rates_of(more, o.h(), u).any(|rate| o.h().tax_on_top(rate, u) == more);
    if near || usual {
        let right = o.with(Field::SalesTax, o.t() + more);
        let right = if o.tl.is_zero() { right } else { fit_line_tax(&right) };
        if near {
            steps.push(right, if tight { -20 } else { 0 }, tight);
        } else {
            steps.push_thin(right, 40);
        }
    }
}

pub(crate) fn make_shipping_tax_missing(o: &Figures, _: usize) -> Option<Figures> {
    // The tax on the goods and on shipping at one rate.
    let tax = RATES.iter().find_map(|rate| {
        let (goods, shipping) = ((o.s() - o.d()).tax_on_top(*rate, o.unit()), o.h().tax_on_top(*rate, o.unit()));
        (shipping.0 > 0 && goods + shipping == o.t()).then_some(goods)
    })?;
    (o.has_sales_tax() && o.g().is_some() && o.tl.is_zero() && tax.0 > 0).then(|| o.with(Field::SalesTax, tax))
}

pub(crate) fn shipping_holds_its_tax(o: &Figures, steps: &mut Steps) {
    let (u, more) = (o.unit(), -o.off());
    if more.0 <= 0 || o.h().0 <= 0 || o.t().0 <= 0 || more >= o.h() {
        return;
    }
    let net = o.h() - more;
    let tight = rates_of(more, net, u).any(|rate| {
        o.h().tax_inside(rate, u) == more
            && [o.s(), o.s() - o.d()].iter().any(|base| (base.tax_on_top(rate, u) + more - o.t()).abs() <= u)
    });
    let near = tight
        || [o.t(), o.t() - more].iter().any(|tax| {
            [o.s(), o.s() - o.d(), o.s() + net - o.d()].iter().filter(|base| base.0 > 0).any(|base| {
                let expected = net.part(*tax, *base, Fixed(1)).unwrap_or_default();
                let slack = net.part(u, *base, Fixed(1)).unwrap_or_default();
                (more - expected).abs() <= Fixed(u.0 / 2) + slack
            })
        });
    if near {
        steps.push(o.with(Field::ShippingHandling, net), if tight { -20 } else { 0 }, tight);
    }
}

pub(crate) fn make_shipping_holds_its_tax(o: &Figures, _: usize) -> Option<Figures> {
    let tax = RATES.iter().find_map(|rate| {
        let (goods, shipping) = ((o.s() - o.d()).tax_on_top(*rate, o.unit()), o.h().tax_on_top(*rate, o.unit()));
        (shipping.0 > 0 && goods + shipping == o.t() && (o.h() + shipping).tax_inside(*rate, o.unit()) == shipping)
            .then_some(shipping)
    })?;
    (o.g().is_some() && !o.t().is_zero()).then(|| o.with(Field::ShippingHandling, o.h() + tax))
}

pub(crate) fn discount_holds_tax(o: &Figures, steps: &mut Steps) {
    let (u, more) = (o.unit(), o.off());
    if more <= u || o.d().0 <= 0 || o.t().0 <= 0 || more >= o.d() {
        return;
    }
    let net = o.g().unwrap_or_default() - o.t() - o.h();
    let by_share = net.0 > 0 && o.d().part(o.t(), net + o.t(), u) == Some(more);
    let slack = Fixed(u.0 / 2 * (o.n() + 1));
    let by_rate = rates_of(more, o.d() - more, u.by(2)).any(|rate| {
        let inside = (o.d().tax_inside(rate, u) - more).abs() <= if o.n() > 1 { u } else { Fixed::ZERO };
        inside && [net, net + o.h()].iter().any(|base| (base.tax_on_top(rate, Fixed(1)) - o.t()).abs() <= slack)
    });
    if by_share || by_rate {
        steps.push(o.with(Field::OrderDiscount, o.d() - more), -20, true);
    }
}

pub(crate) fn make_discount_holds_tax(o: &Figures, _: usize) -> Option<Figures> {
    let base = o.s() - o.d();
    let rate = RATES.iter().find(|rate| base.tax_on_top(**rate, o.unit()) == o.t())?;
    let tax = o.d().tax_on_top(*rate, o.unit());
    let gross = o.d() + tax;
    (tax > o.unit() && o.g().is_some() && o.a.is_zero() && gross.tax_inside(*rate, o.unit()) == tax)
        .then(|| o.with(Field::OrderDiscount, gross))
}

pub(crate) fn line_discounts_hold_tax(o: &Figures, steps: &mut Steps) {
    let (u, more) = (o.unit(), o.off());
    if more <= u || o.cuts.0 <= 0 || o.t().0 <= 0 {
        return;
    }
    for rate in rates_of(more, o.cuts - more, o.unit().by(o.n() + 1)) {
        let mut es: Vec<Fixed> = o
            .lines
            .iter()
            .map(|line| line.e + Fixed::of_product(line.d.times(line.q), Fixed(1)).tax_inside(rate, u))
            .collect();
        let far = es.iter().copied().sum::<Fixed>() - o.e - more;
        if far.abs() > if o.n() > 1 { u } else { Fixed::ZERO } {
            continue;
        }
        let largest = o.lines.iter().enumerate().max_by_key(|(_, line)| line.d.times(line.q)).map(|(at, _)| at);
        if let Some(e) = largest.and_then(|at| es.get_mut(at)) {
            *e = *e - far;
        }
        let mut es = es.into_iter();
        let right = o.map_lines(|line| {
            let e = es.next().unwrap_or(line.e);
            match e.per(line.q) {
                Some(each) if !line.d.is_zero() => line_of(o, line, line.p, line.p - each, e),
                _ => line.clone(),
            }
        });
        steps.push(right.summed(), 20, false);
    }
}

pub(crate) fn make_line_discounts_hold_tax(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = RATES.get(pick % 6).copied()?;
    let (line, rest) = o.lines.split_first()?;
    let d = line.d + line.d.tax_on_top(rate, Fixed::TEN_THOUSANDTH);
    let e = o.extended((line.p - d).times(line.q));
    let inside = Fixed::of_product(d.times(line.q), Fixed(1)).tax_inside(rate, o.unit());
    let back = (e + inside).per(line.q).map(|each| line.p - each);
    let fits = rest.is_empty() && line.d.0 > 0 && d < line.p && e + inside == line.e && back == Some(line.d);
    let wrong = o.with_line(0, Line { d, stated: Some(e), ..line.clone() });
    let sum = wrong.e;
    (fits && o.g().is_some() && inside > o.unit() && o.t().0 > 0 && o.has_sub_total())
        .then(|| wrong.with(Field::SubTotal, sum))
}

pub(crate) fn tax_before_discount(o: &Figures, steps: &mut Steps) {
    let (u, more) = (o.unit(), o.off());
    if o.t().0 <= 0 || o.s().0 <= 0 || more.abs() <= u {
        return;
    }
    let right = || {
        let right = o.with(Field::SalesTax, o.t() + more);
        if o.tl.is_zero() { right } else { fit_line_tax(&right) }
    };
    let scaled = |part: Fixed, whole: Fixed| o.t().part(part, whole, u).map(|tax| tax - o.t());
    if more.0 < 0 {
        let mut fits = vec![o.d().part(o.t(), o.s(), u).map(|tax| -tax)];
        if !o.cuts.is_zero() {
            fits.extend([scaled(o.e, o.w), scaled(o.e + o.h(), o.w + o.h())]);
        }
        let fits = || fits.iter().flatten().filter(|change| !change.is_zero());
        if fits().any(|change| *change == more) {
            steps.push(right(), -20, true);
        } else if fits().any(|change| (*change - more).abs() <= u) {
            steps.push(right(), 10, false);
        }
    } else if o.d().0 > 0 && o.s() > o.d() && o.d().part(o.t(), o.s() - o.d(), u) == Some(more) {
        steps.push(right(), -20, true);
    }
}

pub(crate) fn make_tax_before_discount(o: &Figures, _: usize) -> Option<Figures> {
    let rate = RATES.iter().find(|rate| (o.s() - o.d()).tax_on_top(**rate, o.unit()) == o.t())?;
    let tax = o.s().tax_on_top(*rate, o.unit());
    let change = o.d().part(tax, o.s(), o.unit())?;
    (o.d().0 > 0
        && o.t().0 > 0
        && o.tl.is_zero()
        && o.g().is_some()
        && o.has_sales_tax()
        && tax - change == o.t()
        && change > o.unit())
    .then(|| o.with(Field::SalesTax, tax))
}

pub(crate) fn tax_in_no_field(o: &Figures, steps: &mut Steps) {
    let more = o.off();
    if !o.t().is_zero() || more.0 <= 0 || !is_large(o) {
        return;
    }
    let slack = if o.n() > 1 { o.unit() } else { Fixed::ZERO };
    let base = o.s() - o.d();
    let fits = [base, base + o.h()].iter().filter(|base| base.0 > 0).any(|base| {
        rates_of(more, *base, o.unit()).any(|rate| (base.tax_on_top(rate, o.unit()) - more).abs() <= slack)
    });
    let right = without_line_tax(o).with(Field::SalesTax, more);
    // On a small order, many fees are by chance a tax at a usual rate.
    if fits && base > o.unit().by(10_000) {
        steps.push(right, 50, false);
    } else if fits {
        steps.push_thin(right, 50);
    }
}

pub(crate) fn make_tax_in_no_field(o: &Figures, _: usize) -> Option<Figures> {
    let usual = RATES.iter().any(|rate| (o.s() - o.d()).tax_on_top(*rate, o.unit()) == o.t());
    let wrong = o.with(Field::SalesTax, Fixed::ZERO);
    (usual && o.tl.is_zero() && o.has_sales_tax() && is_large(&wrong)).then_some(wrong)
}

pub(crate) fn tax_not_charged(o: &Figures, steps: &mut Steps) {
    if o.t().0 > 0 && o.off() == -o.t() {
        let mut right = without_line_tax(o);
        if o.has_sales_tax() {
            right.set(Field::SalesTax, Fixed::ZERO);
        }
        steps.push(right, 20 + usual_tax(o), true);
    }
}

pub(crate) fn make_tax_not_charged(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = RATES.get(pick % 6).copied()?;
    let tax = o.s().tax_on_top(rate, o.unit());
    (o.t().is_zero() && o.tl.is_zero() && tax.0 > 0 && o.has_sales_tax() && o.g().is_some())
        .then(|| o.with(Field::SalesTax, tax))
}

pub(crate) fn line_tax_not_charged(o: &Figures, steps: &mut Steps) {
    if !o.tl.is_zero() && o.has_sales_tax() && o.t().is_zero() && o.off().is_zero() {
        steps.push(without_line_tax(o), 0, true);
    }
}

pub(crate) fn make_line_tax_not_charged(o: &Figures, pick: usize) -> Option<Figures> {
    let rate = RATES.get(pick % 6).copied()?;
    let wrong = o.map_lines(|line| Line { t: line.e.tax_on_top(rate, o.unit()), ..line.clone() });
    (o.t().is_zero() && o.tl.is_zero() && wrong.tl.0 > 0 && o.has_sales_tax()).then_some(wrong)
}

pub(crate) fn line_tax_not_in_header(o: &Figures, steps: &mut Steps) {
    if o.tl.is_zero() || !o.has_sales_tax() || !o.t().is_zero() {
        return;
    }
    let right = o.with(Field::SalesTax, o.tl);
    if o.off().is_zero()
        && let Some(total) = o.g()
    {
        steps.push(right.with(Field::GrandTotal, total + o.tl), -20, true);
    } else {
        steps.push(right, 0, true);
    }
}

pub(crate) fn make_line_tax_not_in_header(o: &Figures, pick: usize) -> Option<Figures> {
    let wrong = o.with(Field::SalesTax, Fixed::ZERO);
    if o.tl.0 <= 0 || o.tl != o.t() || !o.has_sales_tax() {
        return None;
    }
    match o.g() {
        Some(total) if pick.is_multiple_of(2) => Some(wrong.with(Field::GrandTotal, total - o.tl)),
        _ => Some(wrong),
    }
}

pub(crate) fn sales_tax_wrong(o: &Figures, steps: &mut Steps) {
    if !o.tl.is_zero() && o.has_sales_tax() && o.t() != o.tl {
        steps.push(o.with(Field::SalesTax, o.tl), 0, false);
    }
}

pub(crate) fn make_sales_tax_wrong(o: &Figures, _: usize) -> Option<Figures> {
    let wrong = o.t().part(Fixed(57), Fixed(100), o.unit())?;
    (o.tl.0 > 0 && o.tl == o.t() && o.has_sales_tax() && o.g().is_some() && (o.t() - wrong) > o.unit().by(o.n() + 2))
        .then(|| o.with(Field::SalesTax, wrong))
}

/// Undoes a header amount that is off by this amount.
fn undo_header(o: &Figures, steps: &mut Steps, field: Field, right: Fixed, cost: i32, exact: bool) {
    let undone = o.with(field, right);
    let undone = if field == Field::SalesTax && !o.tl.is_zero() { fit_line_tax(&undone) } else { undone };
    steps.push(undone, cost, exact);
}

pub(crate) fn tax_of_other_amount(o: &Figures, steps: &mut Steps) {
    let (u, tax) = (o.unit(), o.t() + o.off());
    if o.t().0 <= 0 || tax.0 <= 0 || o.off().abs() <= u || !o.has_sales_tax() {
        return;
    }
    let base = o.s() - o.d();
    let bases = [base, o.s(), base + o.h(), o.s() + o.h()];
    let others = || {
        [o.d(), o.h(), o.w]
            .into_iter()
            .chain(bases)
            .chain(o.lines.iter().map(|line| line.e))
            .filter(|other| other.0 > 0)
    };
    let fits = bases.iter().filter(|base| base.0 > 0).any(|base| {
        let exact = |rate: &i64| base.tax_on_top(*rate, u) == tax;
        rates_of(tax, *base, u).filter(exact).any(|rate| others().any(|other| other.tax_on_top(rate, u) == o.t()))
    });
    if fits {
        undo_header(o, steps, Field::SalesTax, tax, -coincidence(tax, u, 256) / 2, true);
    }
}

pub(crate) fn make_tax_of_other_amount(o: &Figures, pick: usize) -> Option<Figures> {
    let base = o.s() - o.d();
    let rate = RATES.iter().find(|rate| base.tax_on_top(**rate, o.unit()) == o.t())?;
    let other = [o.d(), o.h()].get(pick % 2).copied()?.tax_on_top(*rate, o.unit());
    (o.t().0 > 0
        && o.tl.is_zero()
        && o.g().is_some()
        && o.has_sales_tax()
        && other.0 > 0
        && (other - o.t()).abs() > o.unit())
    .then(|| o.with(Field::SalesTax, other))
}

pub(crate) fn sales_tax_differs(o: &Figures, steps: &mut Steps) {
    let (u, tax) = (o.unit(), o.t() + o.off());
    if o.t().0 <= 0 || tax.0 <= 0 || o.off().abs() <= u || !o.has_sales_tax() {
        return;
    }
    let base = o.s() - o.d();
    let slack = Fixed(u.0 / 2 * (o.n() + 1));
    let usual = [base, o.s(), base + o.h(), o.s() + o.h()]
        .iter()
        .any(|base| rates_of(tax, *base, slack).any(|rate| (base.tax_on_top(rate, Fixed(1)) - tax).abs() <= slack));
    if usual {
        undo_header(o, steps, Field::SalesTax, tax, 0, false);
    }
}

pub(crate) fn make_sales_tax_differs(o: &Figures, pick: usize) -> Option<Figures> {
    let base = o.s() - o.d();
    let usual = RATES.iter().any(|rate| base.tax_on_top(*rate, o.unit()) == o.t());
    let other = o.t().part(Fixed([71, 89, 113].get(pick % 3).copied()?), Fixed(100), o.unit())?;
    (usual && o.t().0 > 0 && o.tl.is_zero() && o.g().is_some() && o.has_sales_tax() && (other - o.t()).abs() > o.unit())
        .then(|| o.with(Field::SalesTax, other))
}

pub(crate) fn sales_tax_is_rate(o: &Figures, steps: &mut Steps) {
    let u = o.unit();
    if o.t().0 <= 0 || o.t() > Fixed::whole(30) || !o.has_sales_tax() || o.off().is_zero() {
        return;
    }
    let tax = o.t() + o.off();
    let base = o.s() - o.d();
    let fits = [base, o.s(), base + o.h()].iter().any(|base| base.part(o.t(), Fixed::whole(100), u) == Some(tax));
    if fits {
        undo_header(o, steps, Field::SalesTax, tax, -coincidence(o.off(), u, 4), true);
    }
}

pub(crate) fn make_sales_tax_is_rate(o: &Figures, _: usize) -> Option<Figures> {
    let base = o.s() - o.d();
    let rate = RATES.iter().find(|rate| base.tax_on_top(**rate, o.unit()) == o.t())?;
    (o.t().0 > 0 && o.tl.is_zero() && o.g().is_some() && o.has_sales_tax())
        .then(|| o.with(Field::SalesTax, Fixed(rate * 10_000)))
        .filter(|wrong| !wrong.off().is_zero())
}

pub(crate) fn tax_rounded_apart(o: &Figures, steps: &mut Steps) {
    let off = o.off();
    if o.t().0 > 0
        && o.tl.is_zero()
        && o.has_sales_tax()
        && !off.is_zero()
        && off.abs().by(2) <= o.unit().by(o.n() + 1).max(o.unit().by(2))
    {
        steps.push_thin(o.with(Field::SalesTax, o.t() + off), 0);
    }
}

pub(crate) fn make_tax_rounded_apart(o: &Figures, pick: usize) -> Option<Figures> {
    let cent = if pick.is_multiple_of(2) { o.unit() } else { -o.unit() };
    (o.t() > o.unit() && o.tl.is_zero() && o.has_sales_tax() && o.g().is_some())
        .then(|| o.with(Field::SalesTax, o.t() + cent))
}

pub(crate) fn sales_tax_of_one_line(o: &Figures, steps: &mut Steps) {
    if o.lines.len() > 1
        && o.t() != o.tl
        && o.has_sales_tax()
        && o.t().0 > 0
        && o.lines.iter().any(|line| line.t == o.t())
    {
        steps.push(o.with(Field::SalesTax, o.tl), -coincidence(o.t(), o.unit(), 16), true);
    }
}

pub(crate) fn make_sales_tax_of_one_line(o: &Figures, pick: usize) -> Option<Figures> {
    let line = o.lines.get(pick.checked_rem(o.lines.len())?)?;
    (o.lines.len() > 1 && o.tl == o.t() && line.t.0 > 0 && line.t != o.tl && o.has_sales_tax())
        .then(|| o.with(Field::SalesTax, line.t))
}

pub(crate) fn charge_is_a_line_too(o: &Figures, steps: &mut Steps) {
    for (field, amount) in [(Field::ShippingHandling, o.h()), (Field::SalesTax, o.t())] {
        let listed = o.lines.len() > 1 && o.lines.iter().any(|line| line.e == amount);
        if amount.0 > 0 && o.off() == -amount && listed && (field != Field::SalesTax || o.tl.is_zero()) {
            steps.push(o.with(field, Fixed::ZERO), -coincidence(amount, o.unit(), 16), true);
        }
    }
}

pub(crate) fn make_charge_is_a_line_too(o: &Figures, _: usize) -> Option<Figures> {
    let last = o.lines.last().filter(|last| last.e.0 > 0)?;
    (o.lines.len() > 1 && o.h().is_zero() && o.header(Field::ShippingHandling).is_some() && o.g().is_some())
        .then(|| o.with(Field::ShippingHandling, last.e))
}

pub(crate) fn amount_sign(o: &Figures, steps: &mut Steps) {
    for field in [Field::SubTotal, Field::SalesTax, Field::ShippingHandling] {
        if let Some(amount) = o.header(field).filter(|amount| amount.0 < 0) {
            steps.push(o.with(field, -amount), 0, true);
        }
    }
}

pub(crate) fn make_amount_sign(o: &Figures, pick: usize) -> Option<Figures> {
    let field = [Field::SalesTax, Field::ShippingHandling].get(pick % 2).copied()?;
    let amount = o.header(field).filter(|amount| amount.0 > 0)?;
    (o.g().is_some() && o.tl.is_zero()).then(|| o.with(field, -amount))
}

pub(crate) fn cents_cut_in_header(o: &Figures, steps: &mut Steps) {
    let is_cut = |cut: Fixed, whole: Fixed| cut.is_whole() && !whole.is_whole() && (cut - whole).abs() < Fixed::ONE;
    if let Some(total) = o.g()
        && !total.is_zero()
        && is_cut(total, o.due())
        && !is_rounding(o, o.off())
    {
        let right = o.with(Field::GrandTotal, o.due());
        // Perhaps a tax in whole units was cut.
        if !o.t().is_zero() && o.t().is_whole() {
            steps.push_thin(right, 0);
        } else {
            steps.push(right, 0, false);
        }
    }
    if o.has_sub_total() && is_cut(o.s(), o.e) && !is_rounding(o, o.s() - o.e) {
        steps.push(o.with(Field::SubTotal, o.e), 0, true);
    }
    for (field, amount, off) in [
        (Field::SalesTax, o.t(), o.off()),
        (Field::ShippingHandling, o.h(), o.off()),
        (Field::OrderDiscount, o.d(), -o.off()),
    ] {
        if amount.0 > 0
            && is_cut(amount, amount + off)
            && !is_rounding(o, off)
            && (amount + off).0 > 0
            && o.header(field).is_some()
        {
            steps.push_thin(o.with(field, amount + off), 70);
        }
    }
}

pub(crate) fn make_cents_cut_in_header(o: &Figures, pick: usize) -> Option<Figures> {
    let field = [Field::GrandTotal, Field::SubTotal, Field::ShippingHandling, Field::SalesTax, Field::OrderDiscount]
        .get(pick % 5)
        .copied()?;
    let amount = o.header(field).filter(|amount| *amount > Fixed::ONE)?;
    let cut = Fixed(amount.0 - amount.0 % 1_000_000);
    (!is_rounding(o, amount - cut) && o.g().is_some() && (field != Field::SalesTax || o.tl.is_zero()))
        .then(|| o.with(field, cut))
}

pub(crate) fn surcharge_not_in_shipping(o: &Figures, steps: &mut Steps) {
    if o.surcharges.0 > 0 && o.off() == o.surcharges {
        steps.push(
            o.with(Field::ShippingHandling, o.h() + o.surcharges),
            -coincidence(o.surcharges, o.unit(), 4),
            true,
        );
    }
}

pub(crate) fn make_surcharge_not_in_shipping(o: &Figures, _: usize) -> Option<Figures> {
    (o.surcharges.0 > 0 && o.h() >= o.surcharges && o.g().is_some() && o.header(Field::ShippingHandling).is_some())
        .then(|| o.with(Field::ShippingHandling, o.h() - o.surcharges))
}

// The order discount.

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
        steps.push(right, 0, o.off() == o.d());
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
    if o.a.0 > 0 && o.has_discount() && (o.d() < o.a || o.off() == -o.a) {
        for discount in [o.a, o.d() + o.a] {
            if discount != o.d() {
                steps.push(o.with(Field::OrderDiscount, discount), if o.d() == o.a { 20 } else { 0 }, o.g().is_some());
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

// sub_total.

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
    wrong_sub_total(o, steps, false, &[Some(o.s())]);
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

pub(crate) fn sub_total_net_of_hidden_discount(o: &Figures, steps: &mut Steps) {
    let less = o.e - o.s();
    if !o.has_sub_total() || less.0 <= 0 || is_rounding(o, less) {
        return;
    }
    let mut right = o.with(Field::SubTotal, o.e);
    right.set(Field::OrderDiscount, o.d() + less);
    steps.push(right, 0, false);
    if o.d().0 > 0 && o.g() == Some(o.s() + o.t() + o.h()) && less > o.d() {
        let mut right = o.with(Field::SubTotal, o.e);
        right.set(Field::OrderDiscount, less);
        steps.push(right, -FREE, true);
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
    if o.has_sub_total() && more.0 > 0 && !is_rounding(o, more) {
        let mut right = o.with(Field::SubTotal, o.e);
        right.set(Field::ShippingHandling, o.h() + more);
        steps.push(right, 0, false);
    }
}

pub(crate) fn make_sub_total_holds_hidden_charge(o: &Figures, _: usize) -> Option<Figures> {
    let wrong = make_sub_total(o, o.e + o.h())?;
    (!is_rounding(o, o.h())).then(|| wrong.with(Field::ShippingHandling, Fixed::ZERO))
}

// Shipping and other charges.

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
    !is_rounding(o, off) && off.by(2) <= due && !scaled
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

pub(crate) fn discount_in_no_field(o: &Figures, steps: &mut Steps) {
    let less = -o.off();
    if less.0 > 0 && !is_rounding(o, less) && less <= o.due() {
        steps.push(o.with(Field::OrderDiscount, o.d() + less), 0, false);
    }
}

pub(crate) fn make_discount_in_no_field(o: &Figures, _: usize) -> Option<Figures> {
    (o.d().0 > 0 && o.has_discount() && o.a.is_zero() && !is_rounding(o, o.d()) && o.g().is_some())
        .then(|| o.with(Field::OrderDiscount, Fixed::ZERO))
}

// Names.

pub(crate) fn misnamed_field(o: &Figures, steps: &mut Steps) {
    if !o.renamed.is_empty() {
        steps.push(o.with_renamed(), 0, true);
    }
}

pub(crate) fn make_misnamed_field(o: &Figures, pick: usize) -> Option<Figures> {
    let header = [Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::SubTotal, Field::GrandTotal];
    let field = header.get(pick % header.len()).copied()?;
    o.header(field).filter(|amount| !amount.is_zero())?;
    o.with_misnamed(&Place::Field(field))
}

// Scale.

pub(crate) fn minor_units_in_header(o: &Figures, steps: &mut Steps) {
    const ALL: [Field; 5] =
        [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    const SETS: [&[Field]; 7] = [
        &[Field::SubTotal],
        &[Field::SalesTax],
        &[Field::ShippingHandling],
        &[Field::OrderDiscount],
        &[Field::GrandTotal],
        &[Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount],
        &ALL,
    ];
    // Which of the sets are stated, and whether all their amounts are whole.
    let able = SETS.map(|set| {
        let stated = set.iter().filter_map(|field| o.header(*field)).filter(|amount| !amount.is_zero());
        let (count, whole) = stated.fold((0, true), |(count, whole), amount| (count + 1, whole && amount.is_whole()));
        (set, count >= set.len().min(2), whole)
    });
    for power in [2, 1, 3, 4, 5, 6, -2] {
        if power == 1 && o.unit() == Fixed(10_000) {
            continue;
        }
        let factor = 10_i64.pow(i32::unsigned_abs(power));
        for (set, _, _) in able.iter().filter(|(_, able, whole)| *able && (power < 0 || *whole)) {
            let stated = || {
                set.iter().filter_map(|field| Some((*field, o.header(*field)?))).filter(|(_, amount)| !amount.is_zero())
            };
            let scaled = |amount: Fixed| if power > 0 { Fixed(amount.0 / factor) } else { amount.by(factor) };
            if let (true, [field], Some((_, amount))) = (steps.whole, set, stated().next()) {
                let change = scaled(amount) - amount;
                let fits = match field {
                    Field::SubTotal => scaled(amount) == o.e,
                    Field::GrandTotal => scaled(amount) == o.due(),
                    Field::OrderDiscount => o.off() == -change,
                    _ => o.off() == change,
                };
                if !fits {
                    continue;
                }
            }
            let mut right = o.clone();
            stated().for_each(|(field, amount)| right.set(field, scaled(amount)));
            // Scales other than hundredths are tried only if nothing else is wrong.
            if (power == 2 && !steps.whole) || right.broken().is_none() {
                steps.push(right, if power == 2 { 0 } else { 20 }, o.g().is_some());
            }
        }
    }
}

pub(crate) fn make_minor_units_in_header(o: &Figures, pick: usize) -> Option<Figures> {
    let fields = [Field::SubTotal, Field::SalesTax, Field::ShippingHandling, Field::OrderDiscount, Field::GrandTotal];
    let field = fields.get(pick % fields.len()).copied()?;
    let amount = o.header(field).filter(|amount| !amount.is_zero())?;
    let whole = amount.by(if o.unit() == Fixed(10_000) { 100 } else { 1000 });
    whole.is_whole().then(|| o.with(field, whole))
}
