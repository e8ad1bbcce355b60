//! Usual tax rates, and amounts net of the tax at one.

use super::figures::{Figures, Fixed, Line};
use super::witness::{Bits, LOOSE, coincidence};

/// Rates of sales and value added taxes, in hundredths of a percent.
pub(crate) const RATES: [i64; 29] = [
    2000, 2100, 1900, 1000, 2500, 2200, 1500, 500, 700, 2300, 1800, 800, 600, 1600, 1200, 2400, 1700, 900, 1300, 1400,
    2700, 550, 810, 770, 2550, 725, 825, 400, 625,
];

/// The usual rates that give a tax on an amount, within a slack.
pub(crate) fn rates_of(tax: Fixed, base: Fixed, slack: Fixed) -> impl Iterator<Item = i64> {
    let (base, slack) = (base.0.max(1), slack.0.max(0));
    let hundredths = |part: i64| match part.checked_mul(10_000) {
        Some(parts) => i128::from(parts / base),
        None => i128::from(part) * 10_000 / i128::from(base),
    };
    let (near, far) = (hundredths(tax.0), hundredths(slack) + 1);
    let (least, most) = (Fixed::of(near - far), Fixed::of(near + far));
    RATES.into_iter().filter(move |rate| (least.0..=most.0).contains(rate))
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

/// What `sales_tax` earns if it is the tax at a usual rate on an amount.
pub(crate) fn taxed(o: &Figures, amount: Fixed) -> Bits {
    let slack = o.unit().by(o.n() + 1);
    let is_on = |rate: i64| (amount.tax_on_top(rate, Fixed(1)) - o.t()).abs() <= slack;
    if amount.0 > 0 && o.t().0 > 0 && rates_of(o.t(), amount, slack).any(is_on) {
        coincidence(o.t(), slack, 58)
    } else {
        0
    }
}

/// What an added tax at a usual rate earns.
pub(crate) fn usual_tax(o: &Figures) -> Bits {
    let bases = [o.s(), o.s() - o.d(), o.s() + o.h(), o.s() + o.h() - o.d()];
    let slack = o.unit().by(o.n() + 1);
    let far = bases
        .iter()
        .flat_map(|base| rates_of(o.t(), *base, slack).map(move |rate| (base.tax_on_top(rate, Fixed(1)) - o.t()).abs()))
        .min()
        .unwrap_or(slack.by(2));
    let earned = coincidence(o.t(), o.unit(), 16);
    if far.by(2) <= o.unit() {
        -earned
    } else if far.by(2) <= o.unit().by(o.n() + 1) {
        (LOOSE - earned).min(0)
    } else {
        0
    }
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
