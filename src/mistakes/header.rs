//! Mistakes in header fields other than `grand_total`: how each is made, and how it is undone.

mod discount;
mod misnamed;
mod scale;
mod shipping;
mod sub_total;
mod tax;

pub(crate) use discount::*;
pub(crate) use misnamed::*;
pub(crate) use scale::*;
pub(crate) use shipping::*;
pub(crate) use sub_total::*;
pub(crate) use tax::*;

use super::figures::{Figures, Fixed, Line};
use super::lines::{lines_at, share};
use super::rates::{net_line, rates_of};
use crate::order::Field;

/// Takes tax out of the lines and `sub_total`.
pub(crate) fn net_lines(o: &Figures, tax: Fixed) -> Option<Figures> {
    if tax.0 <= 0 || tax >= o.e {
        return None;
    }
    let taxes: Vec<Fixed> =
        if o.tl == tax { o.lines.iter().map(|line| line.t).collect() } else { share(tax, &o.es(), o.unit()) };
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e - tax).collect();
    Some(lines_at(o, &es).summed())
}

/// Takes tax at a rate out of the lines and `sub_total`; `None` if the lines' taxes do not add up to it.
pub(crate) fn net_lines_at(o: &Figures, tax: Fixed, rate: i64) -> Option<Figures> {
    let taxes: Vec<Fixed> = o.lines.iter().map(|line| line.e.tax_inside(rate, o.unit())).collect();
    if taxes.iter().copied().sum::<Fixed>() != tax || (!o.tl.is_zero() && o.tl != tax) {
        return None;
    }
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e - tax).collect();
    Some(lines_at(o, &es).summed())
}

/// The order with its lines and `sub_total` net.
fn net_prices_at(o: &Figures, rate: i64) -> Figures {
    o.map_lines(|line| net_line(o, line, rate)).summed()
}

/// Gross prices at a usual rate, if `grand_total` then holds to the last digit. Shipping and the discount of the order may
/// have been gross too, or not.
pub(crate) fn net_prices(o: &Figures) -> Vec<Figures> {
    let (u, tax, mut found) = (o.unit(), o.t(), Vec::<Figures>::new());
    // The tax must be right for the taxed amount, within the rounding of the lines.
    let slack = u.by(o.n() + 1);
    for (shipping, discount) in [(false, false), (true, false), (false, true), (true, true)] {
        if (shipping && o.h().is_zero()) || (discount && (o.d().is_zero() || !o.a.is_zero())) {
            continue;
        }
        let if_gross = |is: bool, amount: Fixed| if is { amount } else { Fixed::ZERO };
        let (less, gross) = (-o.off(), o.s() + if_gross(shipping, o.h()) - if_gross(discount, o.d()));
        for rate in rates_of(less, gross - less, slack.by(2)) {
            let net = |is: bool, amount: Fixed| if is { amount - amount.tax_inside(rate, u) } else { amount };
            let (h, d) = (net(shipping, o.h()), net(discount, o.d()));
            let goods = net(true, o.s()) - d;
            let far = o.g().unwrap_or_default() - (goods + tax + h);
            let is_on = |taxed: Fixed| (taxed.tax_on_top(rate, Fixed(1)) - tax).abs() <= slack;
            if far.abs() > slack || !((is_on(goods) && !shipping) || is_on(goods + h)) {
                continue;
            }
            let mut right = net_prices_at(o, rate);
            if shipping {
                right.set(Field::ShippingHandling, h);
            }
            if discount {
                right.set(Field::OrderDiscount, d);
            }
            if right.off().is_zero() && !found.iter().any(|known| known.is_same(&right)) {
                found.push(right);
            }
        }
    }
    found
}

/// Puts tax into the lines and `sub_total`.
pub(crate) fn gross_lines(o: &Figures, tax: Fixed) -> Figures {
    let taxes: Vec<Fixed> =
        if o.tl == tax { o.lines.iter().map(|line| line.t).collect() } else { share(tax, &o.es(), o.unit()) };
    let es: Vec<Fixed> = o.lines.iter().zip(taxes).map(|(line, tax)| line.e + tax).collect();
    let mut wrong = lines_at(o, &es);
    let sum = wrong.e;
    wrong.set(Field::SubTotal, sum);
    wrong
}

pub(crate) fn without_line_tax(o: &Figures) -> Figures {
    if o.tl.is_zero() { o.clone() } else { o.map_lines(|line| Line { t: Fixed::ZERO, ..line.clone() }) }
}

pub(crate) fn without_line_discounts(o: &Figures) -> Figures {
    if o.a.is_zero() { o.clone() } else { o.map_lines(|line| Line { a: Fixed::ZERO, ..line.clone() }) }
}
