//! The mistakes: each changes one thing and builds the rest on it, so that an order has one fault and no other.

use crate::order::{Cents, FINE_PER_CENT, Line, Order};
use crate::random::Random;

/// Makes the mistake, at that line where it is of a line. Where the order has not what it takes, nothing changes.
type Fault = fn(&mut Order, usize, Cents);

const FAULTS: &[Fault] = &[
    discount_ignored,
    quantity_ignored,
    tax_in_extended_amount,
    extended_amount_off,
    line_missing,
    sub_total_net_of_discount,
    sub_total_off,
    line_tax_missing,
    sales_tax_off,
    addl_discount_missing,
    discount_not_subtracted,
    tax_left_out,
    shipping_left_out,
    grand_total_off,
    negative_discount,
    negative_price,
    negative_shipping,
    quantity_missing,
];

/// Those that move an amount by a cent: what is lost in an amount of 19 digits.
const BY_A_CENT: &[Fault] = &[extended_amount_off, sub_total_off, grand_total_off];

/// Breaks one rule of a right order.
pub fn break_one(order: &mut Order, random: &mut Random) {
    break_by(FAULTS, order, random);
}

/// Breaks one identity of it by a cent.
pub fn break_by_a_cent(order: &mut Order, random: &mut Random) {
    break_by(BY_A_CENT, order, random);
}

fn break_by(faults: &[Fault], order: &mut Order, random: &mut Random) {
    let right = order.clone();
    while order.is_right() {
        order.clone_from(&right);
        let line = random.below(order.lines.len() as u64) as usize;
        let cent = if random.chance(5000) { 1 } else { -1 };
        random.one_of(faults)(order, line, cent);
    }
}

/// Sets the extended amount of a line, and the sums with it; but not one that is so little off that the four decimals of price
/// and discount explain it: that is a warning (OC210), not an error.
fn extend(order: &mut Order, line: usize, extended_amount: impl Fn(&Line) -> Cents) {
    let stated = extended_amount(&order.lines[line]);
    let off = (stated * FINE_PER_CENT - order.lines[line].extension()).abs();
    let quantity = order.lines[line].quantity.unwrap_or(0).abs();
    if 2 * off > FINE_PER_CENT + 2 * quantity {
        order.lines[line].extended_amount = stated;
        order.add_up();
    }
}

fn discount_ignored(order: &mut Order, line: usize, _: Cents) {
    extend(order, line, |line| line.price * line.quantity.unwrap_or(0) / FINE_PER_CENT);
}

fn quantity_ignored(order: &mut Order, line: usize, _: Cents) {
    extend(order, line, |line| (line.price - line.discount.unwrap_or(0)) / FINE_PER_CENT);
}

fn tax_in_extended_amount(order: &mut Order, line: usize, _: Cents) {
    extend(order, line, |line| line.extended_amount + line.tax.unwrap_or(0));
}

fn extended_amount_off(order: &mut Order, line: usize, cent: Cents) {
    extend(order, line, |line| line.extended_amount + cent);
}

fn line_missing(order: &mut Order, line: usize, _: Cents) {
    order.sub_total -= order.lines[line].extended_amount;
    order.total();
}

fn sub_total_net_of_discount(order: &mut Order, _: usize, _: Cents) {
    order.sub_total -= order.order_discount.unwrap_or(0);
    order.total();
}

fn sub_total_off(order: &mut Order, _: usize, cent: Cents) {
    order.sub_total += cent;
    order.total();
}

fn line_tax_missing(order: &mut Order, line: usize, _: Cents) {
    order.sales_tax = order.sales_tax.map(|tax| tax - order.lines[line].tax.unwrap_or(0));
    order.total();
}

fn sales_tax_off(order: &mut Order, _: usize, cent: Cents) {
    order.sales_tax = order.sales_tax.map(|tax| tax + cent);
    order.total();
}

fn addl_discount_missing(order: &mut Order, line: usize, _: Cents) {
    order.order_discount = order.order_discount.map(|discount| discount - order.lines[line].addl_discount.unwrap_or(0));
    order.total();
}

fn discount_not_subtracted(order: &mut Order, _: usize, _: Cents) {
    order.grand_total += order.order_discount.unwrap_or(0);
}

fn tax_left_out(order: &mut Order, _: usize, _: Cents) {
    order.grand_total -= order.sales_tax.unwrap_or(0);
}

fn shipping_left_out(order: &mut Order, _: usize, _: Cents) {
    order.grand_total -= order.shipping_handling.unwrap_or(0);
}

fn grand_total_off(order: &mut Order, _: usize, cent: Cents) {
    order.grand_total += cent;
}

fn negative_discount(order: &mut Order, line: usize, _: Cents) {
    let line = &mut order.lines[line];
    let Some(discount) = line.discount else { return };
    line.discount = Some(-(discount - discount % FINE_PER_CENT));
    line.extended_amount = line.extension() / FINE_PER_CENT;
    order.add_up();
}

/// A line that is taken back, with the tax of what was bought.
fn negative_price(order: &mut Order, line: usize, _: Cents) {
    let line = &mut order.lines[line];
    line.price = -(line.price - line.price % FINE_PER_CENT);
    (line.discount, line.addl_discount) = (None, None);
    line.extended_amount = line.extension() / FINE_PER_CENT;
    order.add_up();
}

fn negative_shipping(order: &mut Order, _: usize, _: Cents) {
    order.shipping_handling = order.shipping_handling.map(|shipping| -shipping);
    order.total();
}

fn quantity_missing(order: &mut Order, line: usize, _: Cents) {
    order.lines[line].quantity = None;
}
