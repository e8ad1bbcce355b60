//! The figures of an order that causes are made of, each taken once.

use crate::amount::{Amount, Round};
use crate::calculate::{Calculation, Rounding};
use crate::order::{Charge, Field, Order, Place};

use super::Broken;

/// The figures of one line; what is unset counts as 0 where the definitions say so.
#[derive(Debug)]
pub(crate) struct LineFigures {
    pub(crate) price: Option<Amount>,
    pub(crate) discount: Amount,
    pub(crate) quantity: Option<Amount>,
    /// `(price - discount) * quantity`, exact.
    pub(crate) exact: Option<Amount>,
    /// What its `extended_amount` counts as.
    pub(crate) counted: Option<Amount>,
    pub(crate) stated: Option<Amount>,
    pub(crate) addl_discount: Amount,
    pub(crate) tax: Amount,
    pub(crate) surcharge: Amount,
    /// The expected amount, where the stated one is wrong.
    pub(crate) corrected: Option<Amount>,
}

/// The figures of an order.
#[derive(Debug)]
pub(crate) struct Books<'a> {
    pub(crate) order: &'a Order,
    pub(crate) lines: Vec<LineFigures>,
    pub(crate) decimals: u32,
    pub(crate) rounding: Rounding,
    /// What is broken.
    pub(crate) broken: &'a [Broken],
    pub(crate) sub_total: Option<Amount>,
    pub(crate) sales_tax: Option<Amount>,
    pub(crate) shipping: Amount,
    /// Stated, that is: where it is unset, the lines' discounts stand for themselves.
    pub(crate) order_discount: Option<Amount>,
    /// The lines' sums of `extended_amount`, `tax`, `addl_discount` and `shipping_surcharge`.
    pub(crate) lines_extended: Option<Amount>,
    pub(crate) lines_tax: Option<Amount>,
    pub(crate) lines_discount: Option<Amount>,
    pub(crate) lines_surcharge: Option<Amount>,
    /// Whether every line shows its price for one, and several differ from it.
    pub(crate) price_for_all: bool,
    /// The order's discount, where every line has it taken off: as it counts, without its sign, or under a wrong name.
    pub(crate) discount_on_every_line: Option<Amount>,
}

impl<'a> Books<'a> {
    pub(crate) fn new(calculation: &Calculation<'a>, rounding: Rounding, broken: &'a [Broken]) -> Books<'a> {
        let order = calculation.order;
        let known = |charge: Charge| charge.amount().unwrap_or_default();
        let mut lines: Vec<LineFigures> = order
            .lines()
            .iter()
            .enumerate()
            .map(|(at, line)| LineFigures {
                price: line.price.amount(),
                discount: known(line.discount),
                quantity: line.quantity.amount(),
                exact: calculation.lines.extension(at).ok(),
                counted: line.extended_amount.amount().or_else(|| calculation.lines.extended_amount(at).ok()),
                stated: line.extended_amount.amount(),
                addl_discount: known(line.addl_discount),
                tax: known(line.tax),
                surcharge: known(line.shipping_surcharge),
                corrected: None,
            })
            .collect();
        for wrong in broken {
            if let Place::LineField(at, Field::ExtendedAmount) = wrong.place
                && let Some(line) = lines.get_mut(at)
            {
                line.corrected = Some(wrong.expected);
            }
        }
        let term = |field| calculation.counted(field).ok();
        let mut books = Books {
            order,
            decimals: calculation.lines.decimals,
            rounding,
            broken,
            sub_total: term(Field::SubTotal),
            sales_tax: term(Field::SalesTax),
            shipping: known(order.shipping_handling),
            order_discount: order.order_discount.amount(),
            lines_extended: calculation.calculated(Field::SubTotal).ok(),
            lines_tax: calculation.calculated(Field::SalesTax).ok(),
            lines_discount: calculation.calculated(Field::OrderDiscount).ok(),
            lines_surcharge: sum(lines.iter().map(|line| Some(line.surcharge))),
            price_for_all: false,
            discount_on_every_line: None,
            lines,
        };
        books.price_for_all = books.lines.len() > 1
            && books.lines.iter().all(|line| {
                let each = line.price.and_then(|price| price.checked_sub(line.discount));
                books.same(line.stated, each) && line.quantity.is_some_and(|count| count != Amount::ONE)
            });
        let other = order.misnamed.iter().filter(|other| other.means == Field::OrderDiscount).map(|other| other.amount);
        let stated = books.order_discount.map(|discount| [discount, discount.abs()]);
        books.discount_on_every_line = stated.into_iter().flatten().chain(other).find(|discount| {
            let less = |line: &LineFigures| line.exact.and_then(|exact| exact.checked_sub(*discount));
            books.lines.len() > 1
                && !discount.is_zero()
                && books.lines.iter().all(|line| books.same(line.stated, less(line)))
        });
        books
    }

    /// Whether a formula gives the stated amount, as it is or rounded to the minor unit.
    pub(crate) fn same(&self, stated: Option<Amount>, formula: Option<Amount>) -> bool {
        stated.is_some() && (stated == formula || stated == self.rounded(formula))
    }

    /// An amount as it is rounded to the minor unit.
    pub(crate) fn rounded(&self, exact: Option<Amount>) -> Option<Amount> {
        exact.map(|exact| exact.rounded(self.decimals, Round::HalfUp))
    }

    /// So many minor units.
    pub(crate) fn units(&self, count: usize) -> Option<Amount> {
        Amount::new(i128::try_from(count).ok()?, self.decimals)
    }

    /// What is broken at a field of the header.
    pub(crate) fn broken_at(&self, field: Field) -> Option<&'a Broken> {
        self.broken.iter().find(|broken| broken.place == Place::Field(field))
    }

    /// The lines whose amount is wrong, each with what its correction adds to a sum.
    pub(crate) fn corrections(&self) -> impl Iterator<Item = (usize, Option<Amount>)> {
        self.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.corrected?.checked_sub(line.counted?))))
    }

    /// The sum over the lines of a figure.
    pub(crate) fn sum(&self, figure: impl Fn(&LineFigures) -> Option<Amount>) -> Option<Amount> {
        sum(self.lines.iter().map(figure))
    }
}

/// The exact sum, where every part is known.
fn sum(mut parts: impl Iterator<Item = Option<Amount>>) -> Option<Amount> {
    parts.try_fold(Amount::ZERO, |sum, part| sum.checked_add(part?))
}
