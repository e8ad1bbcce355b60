//! Fast path: proves in fixed-point arithmetic (1/10 000) that an order breaks no rule. It never reports a violation:
//! anything wrong, unusual or large goes to the full check.

use crate::amount::Rounding;
use crate::currency::Currency;
use crate::options::Options;
use crate::order::{Field, FieldSet, Level};
use crate::policy::Policy;
use crate::rules::Rule;
use crate::wire::{Amounts, PlainOrder};

/// The fields with rules that the code below does not prove: orders that state one are left to the full check. OC210 needs no
/// field here: an extended amount that is off by more than half a minor unit is never accepted.
const NOT_FAST: FieldSet = {
    let (mut fields, mut rest) = (FieldSet::of(&[]), Rule::ALL);
    while let [rule, others @ ..] = rest {
        fields = fields.or(FieldSet::of(rule.row().not_fast));
        rest = others;
    }
    fields
};

/// The identities of a valid order that could not be checked; all others hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unchecked {
    extended_amounts: u64,
    lines: u64,
    sub_total: bool,
    sales_tax: bool,
    order_discount: bool,
    grand_total: bool,
}

impl Unchecked {
    /// Whether no identity that is switched on could be checked.
    #[cfg_attr(not(feature = "bulk"), expect(dead_code, reason = "only bulk leaves orders unread"))]
    pub(crate) fn is_all(self, policy: &Policy) -> bool {
        let is_on = |rule| policy.severity(rule).is_some();
        (!is_on(Rule::ExtendedAmount) || self.extended_amounts == self.lines)
            && (!is_on(Rule::SubTotal) || self.sub_total)
            && (!is_on(Rule::SalesTax) || self.sales_tax)
            && (!is_on(Rule::OrderDiscount) || self.order_discount)
            && (!is_on(Rule::GrandTotal) || self.grand_total)
    }

    /// The number of unchecked identities whose rules are on.
    #[cfg_attr(not(feature = "bulk"), expect(dead_code, reason = "only bulk leaves orders unread"))]
    pub(crate) fn count(self, policy: &Policy) -> u64 {
        let of = |rule, count| if policy.severity(rule).is_some() { count } else { 0 };
        of(Rule::ExtendedAmount, self.extended_amounts)
            + of(Rule::SubTotal, self.sub_total.into())
            + of(Rule::SalesTax, self.sales_tax.into())
            + of(Rule::OrderDiscount, self.order_discount.into())
            + of(Rule::GrandTotal, self.grand_total.into())
    }
}

/// Returns the unchecked identities if no rule is broken, whatever the severities and tolerances. `None` leaves the order to
/// the full check.
pub(crate) fn accept(plain: &PlainOrder, options: &Options) -> Option<Unchecked> {
    let PlainOrder { currency, header, lines, .. } = plain;
    if lines.is_empty() || !header.are_named() || header.state(NOT_FAST) {
        return None;
    }
    let decimals = match currency {
        Currency::Unknown(_) => return None,
        known => known.decimals(),
    };
    let unit = 10_i64.pow(4_u32.checked_sub(decimals)?);
    let mut sums =
        Sums { decimals, unit, rounding: options.rounding, extended_amount: 0, tax: 0, addl_discount: 0, unchecked: 0 };
    for line in lines {
        sums.add(line)?;
    }
    if header.exceed(Level::Header, decimals) && !header.are_multiples(unit) {
        return None;
    }
    let sub_total = header.stated(Field::SubTotal);
    let sales_tax = header.stated(Field::SalesTax);
    let discount = header.stated(Field::OrderDiscount);
    let grand_total = header.stated(Field::GrandTotal);

    let total = sub_total
        .unwrap_or(sums.extended_amount)
        .checked_add(sales_tax.unwrap_or(sums.tax))?
        .checked_add(header.get(Field::ShippingHandling))?
        .checked_sub(discount.unwrap_or(sums.addl_discount))?;
    let right = header.get(Field::Balance) == 0
        && sub_total.is_none_or(|stated| stated == sums.extended_amount)
        && sales_tax.is_none_or(|stated| sums.tax == 0 || stated == sums.tax)
        && discount.is_none_or(|stated| stated >= sums.addl_discount)
        && grand_total.is_none_or(|stated| stated == total);
    right.then_some(Unchecked {
        extended_amounts: sums.unchecked,
        lines: lines.len() as u64,
        sub_total: sub_total.is_none(),
        sales_tax: sales_tax.is_none() || sums.tax == 0,
        order_discount: discount.is_none(),
        grand_total: grand_total.is_none(),
    })
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
    /// The number of extended amounts that could not be checked.
    unchecked: u64,
}

impl Sums {
    /// Adds a line if nothing is wrong with it.
    #[inline]
    fn add(&mut self, line: &Amounts) -> Option<()> {
        if !line.are_named()
            || line.state(NOT_FAST)
            || (line.exceed(Level::Line, self.decimals) && !line.are_multiples(self.unit))
        {
            return None;
        }
        let quantity = line.get(Field::Quantity);
        if quantity <= 0 || quantity % 10_000 != 0 {
            return None;
        }
        let discount = line.get(Field::Discount);
        let extension = match line.stated(Field::Price) {
            Some(price) if discount <= price => Some((price - discount).checked_mul(quantity / 10_000)?),
            Some(_) => return None,
            None => None,
        };
        let extended = match (line.stated(Field::ExtendedAmount), extension) {
            (Some(stated), Some(exact)) => Some(stated).filter(|stated| self.is_extension(*stated, exact))?,
            (Some(unchecked), None) | (None, Some(unchecked)) if unchecked % self.unit == 0 => {
                self.unchecked += 1;
                unchecked
            }
            _ => return None,
        };
        let (tax, addl_discount) = (line.get(Field::Tax), line.get(Field::AddlDiscount));
        if addl_discount > extended.checked_add(tax)? {
            return None;
        }
        self.extended_amount = self.extended_amount.checked_add(extended)?;
        self.tax = self.tax.checked_add(tax)?;
        self.addl_discount = self.addl_discount.checked_add(addl_discount)?;
        Some(())
    }

    /// Whether a stated amount, a multiple of the minor unit, is the exact amount or the multiple nearest to it.
    #[inline]
    fn is_extension(&self, stated: i64, exact: i64) -> bool {
        stated == exact
            || (self.rounding == Rounding::Nearest
                && exact % self.unit != 0
                && stated.abs_diff(exact) <= self.unit.unsigned_abs() / 2)
    }
}
