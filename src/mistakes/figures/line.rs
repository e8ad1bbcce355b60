//! A line as fixed-point numbers, and when it is right.

use super::fixed::{DECIMALS, Fixed, Product};
use serde::{Deserialize, Serialize};

use crate::amount::{Amount, Rounding};
use crate::order::{Field, Order};
use crate::policy::Policy;
use crate::rules::Rule;

/// What an order must satisfy, in millionths: rounding, tolerances, and which identities are on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// The minor unit.
    pub(crate) unit: Fixed,
    /// What totals that are paid in cash are rounded to, if it is more than the minor unit.
    pub(crate) coin: Option<Fixed>,
    rounding: Rounding,
    /// The tolerances of OC101 to OC105; `None` if the rule is off.
    pub(super) tolerances: [Option<Fixed>; 5],
}

/// The smallest coin of a currency in which totals are rounded for cash; `None` if they are not.
fn coin(code: &str) -> Option<Fixed> {
    let millionths = match code {
        "HUF" => 5_000_000,
        "CZK" | "INR" | "ISK" | "NOK" | "PKR" | "SEK" => 1_000_000,
        "DKK" => 500_000,
        "HKD" | "ILS" | "NZD" | "ZAR" => 100_000,
        "AUD" | "CAD" | "CHF" | "EUR" | "MYR" | "SGD" => 50_000,
        _ => return None,
    };
    Some(Fixed(millionths))
}

impl Terms {
    pub(super) fn new(order: &Order, policy: &Policy) -> Option<Terms> {
        let unit = Fixed(10_i64.pow(DECIMALS.checked_sub(order.currency.decimals())?));
        let tolerance = |rule, amount: Amount| match policy.severity(rule) {
            Some(_) => Fixed::read(amount),
            None => None,
        };
        let tolerances = &policy.options.tolerances;
        Some(Terms {
            unit,
            coin: order.currency.code().and_then(coin),
            rounding: policy.options.rounding,
            tolerances: [
                tolerance(Rule::ExtendedAmount, tolerances.extended_amount),
                tolerance(Rule::SubTotal, tolerances.sub_total),
                tolerance(Rule::SalesTax, tolerances.sales_tax),
                tolerance(Rule::OrderDiscount, tolerances.order_discount),
                tolerance(Rule::GrandTotal, tolerances.grand_total),
            ],
        })
    }

    /// The calculated `extended_amount` of a line.
    pub(super) fn extended(&self, exact: Product) -> Fixed {
        let half_even = |exact: Product| {
            let up = Fixed::of_product(exact, self.unit);
            let is_tie =
                (up.times(Fixed::ONE) - exact).unsigned_abs() * 2 == self.unit.times(Fixed::ONE).unsigned_abs();
            let toward_zero = up - Fixed(self.unit.0 * up.0.signum());
            if is_tie && (up.0 / self.unit.0.max(1)) % 2 != 0 { toward_zero } else { up }
        };
        match self.rounding {
            Rounding::Nearest | Rounding::HalfUp => Fixed::of_product(exact, self.unit),
            Rounding::HalfEven => half_even(exact),
            Rounding::Down => {
                let unit = self.unit.times(Fixed::ONE);
                Fixed::of(exact / unit * i128::from(self.unit.0))
            }
            Rounding::Exact => Fixed::of_product(exact, Fixed(1)),
        }
    }

    /// Whether an amount is off by more than the tolerance of the identity: 0 for OC101 to 4 for OC105.
    pub(super) fn is_off(&self, identity: usize, stated: Fixed, expected: Fixed) -> bool {
        let tolerance = self.tolerances.get(identity).copied().flatten();
        tolerance.is_some_and(|most| (stated - expected).abs() > most)
    }
}

/// The fields of a line that a mistake may be in.
pub(crate) const LINE_FIELDS: [Field; 6] =
    [Field::Price, Field::Discount, Field::Quantity, Field::ExtendedAmount, Field::AddlDiscount, Field::Tax];

/// A line. An unset amount is 0, except `extended_amount`, which is then calculated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) p: Fixed,
    pub(crate) d: Fixed,
    pub(crate) q: Fixed,
    pub(crate) a: Fixed,
    pub(crate) t: Fixed,
    /// `extended_amount`, if it is stated.
    pub(crate) stated: Option<Fixed>,
    /// `extended_amount` as the sums count it: stated, else calculated.
    pub(crate) e: Fixed,
    /// `(p - d) q`, exact.
    pub(crate) x: Product,
    /// Whether OC101 holds, or cannot be checked.
    pub(crate) holds: bool,
    /// Whether there is a price, and a discount that can be used.
    pub(crate) has_price: bool,
    pub(crate) has_quantity: bool,
    /// Whether price and quantity are there, so that `x` is defined.
    pub(crate) priced: bool,
    /// Whether tax, and `addl_discount`, cannot be used.
    pub(crate) bad_tax: bool,
    pub(crate) bad_addl: bool,
    /// Whether one of its charges is unusable: the line is left as it is.
    pub(crate) unusable: bool,
}

impl Line {
    /// Calculates what follows from the line's amounts.
    pub(super) fn refresh(&mut self, terms: &Terms) {
        self.priced = self.has_price && self.has_quantity;
        self.x = (self.p - self.d).times(self.q);
        self.e = match self.stated {
            Some(stated) => stated,
            None if self.priced => terms.extended(self.x),
            None => Fixed::ZERO,
        };
        self.holds = !self.priced || self.stated.is_none_or(|stated| self.is_extension(stated, terms));
    }

    /// OC101, with OC210: whether a stated amount is right for price, discount and quantity.
    fn is_extension(&self, stated: Fixed, terms: &Terms) -> bool {
        let far = (stated.times(Fixed::ONE) - self.x).abs();
        if far == 0 || !terms.is_off(0, stated, terms.extended(self.x)) {
            return true;
        }
        if terms.rounding != Rounding::Nearest {
            return false;
        }
        let half = terms.unit.times(Fixed::ONE) / 2;
        if far <= half && stated.is_multiple_of(terms.unit) {
            return true;
        }
        // No price of four decimals may give the amount to the cent.
        let fine = [self.p, self.d].iter().filter(|amount| amount.decimals() == 4).count() as i128;
        let slack = i128::from(self.q.0).abs() * 50 * fine;
        if fine == 0 || far > half + slack || self.q.is_zero() {
            return false;
        }
        let better = stated.per(self.q).map(|each| each + self.d);
        better.is_some_and(|price| ((price - self.d).times(self.q) - stated.times(Fixed::ONE)).abs() > half)
    }

    /// A line with one item at a price.
    pub(crate) fn of_one(price: Fixed) -> Line {
        Line {
            p: price,
            d: Fixed::ZERO,
            q: Fixed::ONE,
            a: Fixed::ZERO,
            t: Fixed::ZERO,
            stated: Some(price),
            e: price,
            x: price.times(Fixed::ONE),
            holds: true,
            has_price: true,
            has_quantity: true,
            priced: true,
            bad_tax: false,
            bad_addl: false,
            unusable: false,
        }
    }

    /// Puts an amount into a field that is unset.
    pub(super) fn put(&mut self, field: Field, amount: Fixed) {
        match field {
            Field::Price => (self.p, self.has_price) = (amount, true),
            Field::Quantity => (self.q, self.has_quantity) = (amount, true),
            Field::Discount => self.d = amount,
            Field::AddlDiscount => self.a = amount,
            Field::Tax => self.t = amount,
            Field::ExtendedAmount => self.stated = Some(amount),
            _ => {}
        }
    }

    /// Takes the amount out of a field.
    pub(super) fn take(&mut self, field: Field) {
        self.put(field, Fixed::ZERO);
        match field {
            Field::Price => self.has_price = false,
            Field::Quantity => self.has_quantity = false,
            Field::ExtendedAmount => self.stated = None,
            _ => {}
        }
    }

    /// The price of one item after its discount.
    pub(crate) fn net(&self) -> Fixed {
        self.p - self.d
    }

    pub(super) fn get(&self, field: Field) -> Fixed {
        match field {
            Field::Price => self.p,
            Field::Discount => self.d,
            Field::Quantity => self.q,
            Field::AddlDiscount => self.a,
            Field::Tax => self.t,
            _ => self.e,
        }
    }
}
