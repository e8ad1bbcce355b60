//! The sums of an order in `Decimal`, for the peers that use it. What is unset counts as 0.

use rust_decimal::Decimal;

/// The charges of a line.
pub struct Line {
    pub price: Decimal,
    pub discount: Decimal,
    pub quantity: Option<Decimal>,
    pub extended_amount: Decimal,
    pub tax: Decimal,
    pub addl_discount: Decimal,
}

/// The charges of an order.
pub struct Order {
    pub lines: Vec<Line>,
    pub sub_total: Decimal,
    pub sales_tax: Decimal,
    pub shipping_handling: Decimal,
    pub order_discount: Decimal,
    pub grand_total: Decimal,
}

impl Order {
    /// Whether every identity holds and every sign is right; nothing where a sum cannot be held.
    pub fn is_right(&self) -> Option<bool> {
        let (mut extended, mut tax, mut addl_discount) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        let mut right = true;
        for line in &self.lines {
            extended = extended.checked_add(line.extended_amount)?;
            tax = tax.checked_add(line.tax)?;
            addl_discount = addl_discount.checked_add(line.addl_discount)?;
            right &= line.is_right()?;
        }
        let total = self.sub_total.checked_add(self.sales_tax)?.checked_add(self.shipping_handling)?;
        let positive = [self.sub_total, self.sales_tax, self.shipping_handling, self.order_discount];
        Some(
            right
                && self.sub_total == extended
                && (tax.is_zero() || self.sales_tax == tax)
                && self.order_discount >= addl_discount
                && self.grand_total == total.checked_sub(self.order_discount)?
                && !positive.iter().any(is_negative),
        )
    }
}

impl Line {
    fn is_right(&self) -> Option<bool> {
        let Some(quantity) = self.quantity else { return Some(false) };
        let exact = self.price.checked_sub(self.discount)?.checked_mul(quantity)?;
        let positive = [self.price, self.discount, quantity, self.extended_amount, self.tax, self.addl_discount];
        Some(is_rounded(exact, self.extended_amount)? && !positive.iter().any(is_negative))
    }
}

/// Whether the amount is the exact one, or that rounded to the cent, a tie either way.
fn is_rounded(exact: Decimal, amount: Decimal) -> Option<bool> {
    let half_a_cent = Decimal::new(5, 3);
    let in_cents = amount.normalize().scale() <= 2;
    Some(exact == amount || (in_cents && exact.checked_sub(amount)?.abs() <= half_a_cent))
}

/// `-0` is not a negative amount.
fn is_negative(amount: &Decimal) -> bool {
    *amount < Decimal::ZERO
}
