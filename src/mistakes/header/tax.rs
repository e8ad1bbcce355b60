//! Mistakes in `sales_tax`, and tax in other fields.

use super::shipping::is_large;
use super::{gross_lines, net_lines, net_lines_at, net_prices, without_line_tax};
use crate::mistakes::Mistake;
use crate::mistakes::figures::{Figures, Fixed, Line};
use crate::mistakes::lines::{fit_line_tax, line_of};
use crate::mistakes::rates::{RATES, rates_of, rates_on_goods, usual_tax};
use crate::mistakes::steps::Steps;
use crate::mistakes::witness::{FREE, IN_STEP, LOOSE, MARGIN, ROUND_TOTAL, coincidence, is_rounding, written};
use crate::order::Field;

pub(crate) fn prices_include_tax(o: &Figures, steps: &mut Steps) {
    let (u, tax) = (o.unit(), o.t());
    if tax.0 <= 0 || o.g().is_none() {
        return;
    }
    let at_a_rate = if o.off().0 < 0 { net_prices(o) } else { Vec::new() };
    // If exactly one way fits, other ways are less likely.
    let also = if at_a_rate.is_empty() { 0 } else { MARGIN + 10 };
    let certain = at_a_rate.len() == 1;
    for right in at_a_rate {
        let cost = IN_STEP - coincidence(tax, u, 16);
        if certain { steps.push_usual(right, cost, true) } else { steps.push_thin(right, cost) }
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
                steps.push_usual(right, IN_STEP + loose - earned, near);
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
        // Whether everything can agree when so much is taken out of the lines.
        let strict = steps.whole && o.is_strict();
        let may_fit = |tax: Fixed| !strict || total == o.e - tax + o.t() + o.h() - o.d();
        // Together with another mistake.
        let slack = Fixed(u.0 / 2 * (o.n() + 1));
        let usual = || {
            [o.s(), o.s() - o.d()].iter().any(|base| {
                rates_of(tax, *base - tax, slack).any(|rate| (base.tax_inside(rate, Fixed(1)) - tax).abs() <= slack)
            })
        };
        if may_fit(tax)
            && usual()
            && let Some(right) = net_lines(o, tax)
        {
            steps.push(right, IN_STEP - LOOSE - coincidence(tax, u, 32), false);
        }
        // A net discount on gross prices.
        let net = total - tax - o.h();
        if net.0 > 0 && o.d().0 > 0 {
            let gross = (net + o.d()).part(net + tax, net, u).unwrap_or_default();
            if gross == o.s()
                && o.s() > net + o.d()
                && may_fit(o.s() - net - o.d())
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
        match (tight, near) {
            (true, _) => steps.push(right, -20, true),
            (false, true) => steps.push_thin(right, 0),
            (false, false) => steps.push_thin(right, 40),
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
    let right = o.with(Field::ShippingHandling, net);
    if tight {
        steps.push_usual(right, -20, true);
    } else if near {
        steps.push_thin(right, 0);
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
        let right = o.with(Field::OrderDiscount, o.d() - more);
        if by_share { steps.push(right, -20, true) } else { steps.push_usual(right, -20, true) }
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
        // Else it is only one of many rates.
        let goods = o.s() - o.d();
        if rates_on_goods(o, goods).any(|own| own == rate) {
            steps.push(right.summed(), 20, false);
        } else {
            steps.push_thin(right.summed(), 20);
        }
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
    // On a small order, many fees equal a tax at a usual rate by chance. A round amount is more likely a fee.
    let earned = coincidence(more, o.unit(), 2 * RATES.len() as u64).min(written(more, Fixed(1)));
    let cost = (FREE - earned).max(50);
    if fits && base > o.unit().by(10_000) {
        steps.push(right, cost, false);
    } else if fits {
        steps.push_thin(right, cost);
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
        let right = o.with(Field::SalesTax, o.tl);
        // If the lines and `grand_total` agree, the right amount is known, although nothing explains the wrong one.
        if o.g().is_some() && o.off() == o.tl - o.t() {
            steps.push_known(right, FREE, true);
        } else {
            steps.push(right, 0, false);
        }
    }
}

pub(crate) fn make_sales_tax_wrong(o: &Figures, _: usize) -> Option<Figures> {
    let wrong = o.t().part(Fixed(57), Fixed(100), o.unit())?;
    (o.tl.0 > 0 && o.tl == o.t() && o.has_sales_tax() && o.g().is_some() && (o.t() - wrong) > o.unit().by(o.n() + 2))
        .then(|| o.with(Field::SalesTax, wrong))
}

/// The order with another `sales_tax`, and with line taxes that fit it.
fn with_tax(o: &Figures, tax: Fixed) -> Figures {
    let right = o.with(Field::SalesTax, tax);
    if o.tl.is_zero() { right } else { fit_line_tax(&right) }
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
        steps.push_usual(with_tax(o, tax), -coincidence(tax, u, 256) / 2, true);
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
    // These are other mistakes: the tax is counted twice, or the tax of the lines is right.
    if o.off() == o.t() || tax == o.tl {
        return;
    }
    let usual = [base, o.s(), base + o.h(), o.s() + o.h()]
        .iter()
        .any(|base| rates_of(tax, *base, slack).any(|rate| (base.tax_on_top(rate, Fixed(1)) - tax).abs() <= slack));
    if usual {
        // A tax that is right to the last digit and was wrong before is more than a coincidence.
        let earned = coincidence(tax, slack.by(2), 108);
        steps.push(with_tax(o, tax), -earned, false);
    } else if at_two_rates(o, tax, slack) {
        let choices = 4 * o.lines.len() as u64 * RATES.len() as u64;
        steps.push(with_tax(o, tax), -coincidence(o.off(), slack.by(2), choices), false);
    }
}

/// Whether `sales_tax` is the tax of all lines at one usual rate, and a tax that of one line, or of all others, at another.
fn at_two_rates(o: &Figures, tax: Fixed, slack: Fixed) -> bool {
    if !(2..=8).contains(&o.n()) || !o.d().is_zero() || o.s() != o.e {
        return false;
    }
    let at = |amount: Fixed, rate: i64| amount.tax_on_top(rate, Fixed(1));
    rates_of(o.t(), o.s(), slack).filter(|rate| (at(o.s(), *rate) - o.t()).abs() <= slack).any(|rate| {
        let parts = o.lines.iter().flat_map(|line| [(line.e, o.s() - line.e), (o.s() - line.e, line.e)]);
        parts.filter(|(one, rest)| one.0 > 0 && rest.0 > 0).any(|(one, rest)| {
            let left = tax - at(rest, rate);
            left.abs() <= slack || rates_of(left, one, slack).any(|other| (at(one, other) - left).abs() <= slack)
        })
    })
}

/// The order with a tax put back into its lines, and the tax on them that `grand_total` has.
fn with_tax_put_back(o: &Figures) -> Figures {
    without_line_tax(&gross_lines(o, o.t())).with(Field::SalesTax, o.off())
}

pub(crate) fn tax_taken_out_of_net_prices(o: &Figures, steps: &mut Steps) {
    let (u, tax, net) = (o.unit(), o.off(), o.s() + o.t());
    if o.t().0 <= 0 || tax <= o.t() || o.s() != o.e || !o.d().is_zero() || !o.has_sales_tax() {
        return;
    }
    let far = |rate: i64| (net.tax_on_top(rate, u) - tax).abs().max((net.tax_inside(rate, u) - o.t()).abs());
    if let Some(far) = rates_of(tax, net, u.by(2)).map(far).min().filter(|far| *far <= u) {
        let cost = IN_STEP - coincidence(tax, u, 32);
        let right = with_tax_put_back(o);
        if far.is_zero() && o.lines.len() == 1 {
            steps.push_usual(right, cost, true);
        } else {
            steps.push_thin(right, cost + if far.is_zero() { 0 } else { LOOSE });
        }
    }
}

pub(crate) fn make_tax_taken_out_of_net_prices(o: &Figures, _: usize) -> Option<Figures> {
    let rate = RATES.iter().find(|rate| o.s().tax_on_top(**rate, o.unit()) == o.t())?;
    let tax = o.s().tax_inside(*rate, o.unit());
    let wrong = net_lines(o, tax)?.with(Field::SalesTax, tax);
    let able =
        o.d().is_zero() && o.tl.is_zero() && o.g().is_some() && o.has_sales_tax() && o.s() == o.e && tax != o.t();
    let mut steps = Steps::new(true, Mistake::TaxTakenOutOfNetPrices);
    tax_taken_out_of_net_prices(&wrong, &mut steps);
    (able && steps.found.iter().any(|step| step.right.is_same(o))).then_some(wrong)
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
    if fits && tax.0 > 0 {
        steps.push(with_tax(o, tax), -coincidence(o.off(), u, 4), true);
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
        // The customer may have paid a round amount.
        steps.push_thin(o.with(Field::GrandTotal, o.due()), ROUND_TOTAL);
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
