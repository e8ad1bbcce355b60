//! The ways in which the definitions allow the charges of an order to be stated.

use ordercharge::{Amount, Rounding};

use crate::exact::{shares, unit};
use crate::map::{Charges, Mapped};

/// One of the ways in which the definitions allow the charges to be stated.
#[derive(Clone)]
pub(crate) struct Right {
    pub(crate) lines: Vec<RightLine>,
    pub(crate) shipping: Amount,
    pub(crate) discount: Amount,
    /// How much a line may be off, where shares of an amount may be rounded in another way.
    pub(crate) loose: Amount,
}

#[derive(Clone, Copy)]
pub(crate) struct RightLine {
    pub(crate) off: Amount,
    pub(crate) net: Amount,
}

/// The way of [`Cart::map`] to state the charges; none if a sum has too many digits.
pub(crate) fn own_right(mapped: &Mapped) -> Option<Right> {
    let charges = &mapped.charges;
    // Where the tax in the prices is shared among the lines, others may round the shares in another way.
    let count = Amount::new(charges.lines.len() as i128 + 1, mapped.figures.decimals)?;
    Some(Right {
        lines: charges.lines.iter().map(|line| RightLine { off: line.off, net: line.extended }).collect(),
        shipping: charges.shipping,
        discount: charges.discount,
        loose: if charges.tax_was_shared { count } else { Amount::ZERO },
    })
}

/// The other ways in which the definitions allow to state the charges.
pub(crate) fn other_rights(mapped: &Mapped, own: &Right) -> Option<Vec<Right>> {
    let (charges, figures): (&Charges, _) = (&mapped.charges, &mapped.figures);
    let u = figures.decimals;
    let cents: Amount = charges.lines.iter().map(|line| line.addl).sum::<Option<Amount>>()?;
    let count = Amount::new(charges.lines.len() as i128 + 1, u)?;
    let loose = own.loose;
    let mut all = vec![own.clone()];
    if !cents.is_zero() {
        // The lines to the cent, at prices that are as exact as they can be.
        let mut plain = own.clone();
        plain.lines.iter_mut().zip(&charges.lines).for_each(|(right, line)| right.net = line.net);
        plain.discount = own.discount.checked_sub(cents)?;
        all.push(plain);
    }
    let base = all.last()?.clone();
    let off: Amount = base.lines.iter().map(|line| line.off).sum::<Option<Amount>>()?;
    if !off.is_zero() {
        // The lines' discounts in the order's.
        let mut header = base.clone();
        for line in &mut header.lines {
            line.net = line.net.checked_add(line.off)?;
            line.off = Amount::ZERO;
        }
        header.discount = base.discount.checked_add(off)?;
        all.push(header);
    }
    if !base.discount.is_zero() {
        // The order's discount in the lines, in proportion.
        let weights: Vec<Amount> = base.lines.iter().map(|line| line.net).collect();
        let all_net = Amount::checked_sum(weights.iter().copied())?;
        if base.discount <= all_net {
            let mut lines = base.clone();
            for (line, share) in lines.lines.iter_mut().zip(shares(base.discount, &weights, u)?) {
                line.net = line.net.checked_sub(share)?;
                line.off = line.off.checked_add(share)?;
            }
            lines.discount = Amount::ZERO;
            lines.loose = count.max(loose);
            all.push(lines);
        }
    }
    // Shipping before its discount, which is then in the order's. Where prices include tax, so may the discount.
    let saved = figures.shipping_before.checked_sub(figures.shipping)?.rounded(u, Rounding::HalfUp);
    if saved >= unit(u) && (!figures.included || figures.shipping_tax.is_zero()) {
        for mut right in all.clone() {
            right.shipping = right.shipping.checked_add(saved)?;
            right.discount = right.discount.checked_add(saved)?;
            all.push(right);
        }
    }
    Some(all)
}
