//! The quick look: sees in whole ten-thousandths that nothing is wrong with an order. It only ever says that; whatever
//! is wrong, unusual or large it leaves to the full check.

use crate::amount::Amount;
use crate::calculate::Rounding;
use crate::currency::Currency;
use crate::order::{Charge, Field, Items, Line, Misnamed, Order};
use crate::policy::Policy;
use crate::rules::Rule;

// Every rule has been thought of below. With another one, think again.
const _: () = assert!(Rule::ALL.len() == 22);

/// The identities of an order with nothing wrong that could not be checked; all others hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unchecked {
    extended_amounts: u64,
    sub_total: bool,
    sales_tax: bool,
    order_discount: bool,
    grand_total: bool,
}

impl Unchecked {
    /// How many there are of the rules that are on.
    pub(crate) fn count(self, policy: &Policy) -> u64 {
        let of = |rule, count| if policy.severity(rule).is_some() { count } else { 0 };
        of(Rule::ExtendedAmount, self.extended_amounts)
            + of(Rule::SubTotal, self.sub_total.into())
            + of(Rule::SalesTax, self.sales_tax.into())
            + of(Rule::OrderDiscount, self.order_discount.into())
            + of(Rule::GrandTotal, self.grand_total.into())
    }
}

/// Looks for anything that any rule might find, whatever the severities and tolerances: `None` leaves the order to the
/// full check.
pub(crate) fn look(order: &Order, rounding: Rounding) -> Option<Unchecked> {
    let Items::Lines(lines) = &order.items else { return None };
    if lines.is_empty() || !are_set(&order.misnamed, |field| order.get(field)) {
        return None;
    }
    let decimals = match &order.currency {
        Currency::Unknown(_) => return None,
        known => known.decimals(),
    };
    let money = |charge| stated(charge, decimals);
    let mut sums = Sums::new(decimals, rounding);
    for line in lines {
        sums.add(line)?;
    }
    let sub_total = money(order.sub_total)?;
    let sales_tax = money(order.sales_tax)?;
    let shipping = money(order.shipping_handling)?.unwrap_or(0);
    let discount = money(order.order_discount)?;
    let grand_total = money(order.grand_total)?;
    let balanced = money(order.balance)?.unwrap_or(0) == 0;

    let total = sub_total
        .unwrap_or(sums.extended_amount)
        .checked_add(sales_tax.unwrap_or(sums.tax))?
        .checked_add(shipping)?
        .checked_sub(discount.unwrap_or(sums.addl_discount))?;
    let right = balanced
        && sub_total.is_none_or(|stated| stated == sums.extended_amount)
        && sales_tax.is_none_or(|stated| sums.tax == 0 || stated == sums.tax)
        && discount.is_none_or(|stated| stated >= sums.addl_discount)
        && grand_total.is_none_or(|stated| stated == total);
    right.then_some(Unchecked {
        extended_amounts: sums.unchecked,
        sub_total: sub_total.is_none(),
        sales_tax: sales_tax.is_none() || sums.tax == 0,
        order_discount: discount.is_none(),
        grand_total: grand_total.is_none(),
    })
}

/// Whether the fields are set that amounts under other names seem to mean.
fn are_set(misnamed: &[Misnamed], get: impl Fn(Field) -> Charge) -> bool {
    misnamed.iter().all(|other| !get(other.means).is_unset())
}

/// A stated amount of 0 or more with so many decimals at most, in ten-thousandths; within, `None` where it is unset.
#[inline(always)]
fn stated(charge: Charge, decimals: u32) -> Option<Option<i64>> {
    match charge {
        Charge::Amount(amount) if amount.scale() <= decimals || amount.decimals() <= decimals => {
            amount.ten_thousandths().filter(|amount| *amount >= 0).map(Some)
        }
        Charge::Unset => Some(None),
        _ => None,
    }
}

/// The sums over the lines.
struct Sums {
    decimals: u32,
    /// The minor unit.
    unit: i64,
    rounding: Rounding,
    extended_amount: i64,
    tax: i64,
    addl_discount: i64,
    /// How many extended amounts could not be checked.
    unchecked: u64,
}

impl Sums {
    fn new(decimals: u32, rounding: Rounding) -> Sums {
        let unit = Amount::new(1, decimals).and_then(Amount::ten_thousandths).unwrap_or(1);
        Sums { decimals, unit, rounding, extended_amount: 0, tax: 0, addl_discount: 0, unchecked: 0 }
    }

    /// Adds a line with nothing wrong in it.
    #[inline]
    fn add(&mut self, line: &Line) -> Option<()> {
        if line.not_an_object.is_some() || !are_set(&line.misnamed, |field| line.get(field)) {
            return None;
        }
        let money = |charge| stated(charge, self.decimals);
        let finer = |charge| stated(charge, 4);
        let quantity = match line.quantity {
            Charge::Amount(quantity) if quantity.scale() == 0 => quantity.whole().filter(|quantity| *quantity > 0)?,
            _ => return None,
        };
        let price = finer(line.price)?;
        let discount = finer(line.discount)?.unwrap_or(0);
        let addl_discount = finer(line.addl_discount)?.unwrap_or(0);
        let tax = money(line.tax)?.unwrap_or(0);
        money(line.shipping_surcharge)?;
        let extension = match price {
            Some(price) if discount <= price => Some((price - discount).checked_mul(quantity)?),
            Some(_) => return None,
            None => None,
        };
        let extended = match (money(line.extended_amount)?, extension) {
            (Some(stated), Some(exact)) => Some(stated).filter(|stated| self.is_extension(*stated, exact))?,
            (Some(unchecked), None) | (None, Some(unchecked)) if unchecked % self.unit == 0 => {
                self.unchecked += 1;
                unchecked
            }
            _ => return None,
        };
        if addl_discount > extended.checked_add(tax)? {
            return None;
        }
        self.extended_amount = self.extended_amount.checked_add(extended)?;
        self.tax = self.tax.checked_add(tax)?;
        self.addl_discount = self.addl_discount.checked_add(addl_discount)?;
        Some(())
    }

    /// Whether a stated amount, a multiple of the minor unit, is the exact one or the nearest multiple to it.
    #[inline]
    fn is_extension(&self, stated: i64, exact: i64) -> bool {
        stated == exact
            || (self.rounding == Rounding::Nearest
                && exact % self.unit != 0
                && stated.abs_diff(exact) <= self.unit.unsigned_abs() / 2)
    }
}
