//! Fast path: proves in fixed-point arithmetic (1/10 000) that an order breaks no rule, whether it was read as plain amounts
//! or is in memory. It never reports a violation: anything wrong, unusual or large goes to the full check.

use crate::amount::{Rounding, product};
use crate::currency::Currency;
use crate::identities::Unchecked;
use crate::options::Options;
use crate::order::{Field, FieldSet, Level, Order};
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

/// Returns the unchecked identities if no rule is broken, whatever the severities and tolerances. `None` leaves the order to
/// the full check.
pub(crate) fn accept(plain: &PlainOrder, options: &Options) -> Option<Unchecked> {
    let PlainOrder { currency, header, lines, .. } = plain;
    let mut sums = Sums::new(currency, header, options)?;
    for line in lines {
        sums.add(line)?;
    }
    sums.agree_with(header)
}

/// Like [`accept`], for an order in memory.
pub(crate) fn accept_order(order: &Order, options: &Options) -> Option<Unchecked> {
    let (mut header, mut amounts) = (Amounts::default(), Amounts::default());
    if !header.take_header(order) {
        return None;
    }
    let mut sums = Sums::new(&order.currency, &header, options)?;
    for line in order.lines() {
        if !amounts.take_line(line) {
            return None;
        }
        sums.add(&amounts)?;
    }
    sums.agree_with(&header)
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
    unchecked: Unchecked,
}

impl Sums {
    /// The sums of no lines yet, if nothing is wrong with the header on its own.
    #[inline(always)]
    fn new(currency: &Currency, header: &Amounts, options: &Options) -> Option<Sums> {
        let decimals = match currency {
            Currency::Unknown(_) => return None,
            known => known.decimals(),
        };
        let unit = *[10_000, 1_000, 100, 10, 1].get(decimals as usize)?;
        if !header.are_named()
            || header.state(NOT_FAST)
            || (header.exceed(Level::Header, decimals) && !header.are_multiples(unit))
        {
            return None;
        }
        let (rounding, unchecked) = (options.rounding, Unchecked::default());
        Some(Sums { decimals, unit, rounding, extended_amount: 0, tax: 0, addl_discount: 0, unchecked })
    }

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
            Some(price) if discount <= price => Some(product(price - discount, quantity / 10_000)?),
            Some(_) => return None,
            None => None,
        };
        let (extended, unset) = match (line.stated(Field::ExtendedAmount), extension) {
            (Some(stated), Some(exact)) => (Some(stated).filter(|stated| self.is_extension(*stated, exact))?, None),
            (Some(stated), None) if stated % self.unit == 0 => (stated, Some(Field::Price)),
            (None, Some(exact)) if exact % self.unit == 0 => (exact, Some(Field::ExtendedAmount)),
            _ => return None,
        };
        let (tax, addl_discount) = (line.get(Field::Tax), line.get(Field::AddlDiscount));
        if addl_discount > extended.checked_add(tax)? {
            return None;
        }
        self.extended_amount = self.extended_amount.checked_add(extended)?;
        self.tax = self.tax.checked_add(tax)?;
        self.addl_discount = self.addl_discount.checked_add(addl_discount)?;
        self.unchecked.add_line(unset);
        Some(())
    }

    /// Returns the unchecked identities if the header agrees with the lines, of which there is at least one.
    #[inline(always)]
    fn agree_with(mut self, header: &Amounts) -> Option<Unchecked> {
        let sub_total = header.stated(Field::SubTotal);
        let sales_tax = header.stated(Field::SalesTax);
        let discount = header.stated(Field::OrderDiscount);
        let total = sub_total
            .unwrap_or(self.extended_amount)
            .checked_add(sales_tax.unwrap_or(self.tax))?
            .checked_add(header.get(Field::ShippingHandling))?
            .checked_sub(discount.unwrap_or(self.addl_discount))?;
        let right = self.unchecked.has_lines()
            && header.get(Field::Balance) == 0
            && sub_total.is_none_or(|stated| stated == self.extended_amount)
            && sales_tax.is_none_or(|stated| self.tax == 0 || stated == self.tax)
            && discount.is_none_or(|stated| stated >= self.addl_discount)
            && header.stated(Field::GrandTotal).is_none_or(|stated| stated == total);
        self.unchecked.add_header(header.set(), self.tax == 0);
        right.then_some(self.unchecked)
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
