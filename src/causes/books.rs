//! The figures of an order that causes are made of, each taken once.

use std::rc::Rc;

use crate::amount::{Amount, Round};
use crate::calculate::{Calculation, Rounding};
use crate::order::{Charge, Field, Order, Place};

use super::Broken;

/// The figures of one line; what is unset counts as 0 where the definitions say so.
#[derive(Clone, Debug)]
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

/// The figures of an order. Books that differ in the header only share their lines.
#[derive(Clone, Debug)]
pub(crate) struct Books<'a> {
    pub(crate) order: &'a Order,
    pub(crate) lines: Rc<[LineFigures]>,
    pub(crate) decimals: u32,
    pub(crate) rounding: Rounding,
    /// What is broken.
    pub(crate) broken: &'a [Broken],
    pub(crate) sub_total: Option<Amount>,
    pub(crate) sales_tax: Option<Amount>,
    pub(crate) shipping: Amount,
    /// Stated, that is: where it is unset, the lines' discounts stand for themselves.
    pub(crate) order_discount: Option<Amount>,
    /// The lines' sums of `extended_amount`, `tax` and `addl_discount`.
    pub(crate) lines_extended: Option<Amount>,
    pub(crate) lines_tax: Option<Amount>,
    pub(crate) lines_discount: Option<Amount>,
    /// Whether every line shows its price for one, and several differ from it.
    pub(crate) price_for_all: bool,
    /// The order's discount, where every line has it taken off: as it counts, without its sign, or under a wrong name.
    pub(crate) discount_on_every_line: Option<Amount>,
}

/// What was taken as which amount.
pub(crate) type Places = Vec<(Place, Amount)>;

/// Books with something taken as it should be, and what they expect.
pub(crate) struct Corrected<'a> {
    pub(crate) books: Books<'a>,
    pub(crate) expected: Amount,
    pub(crate) places: Places,
}

impl<'a> Books<'a> {
    pub(crate) fn new(calculation: &Calculation<'a>, rounding: Rounding, broken: &'a [Broken]) -> Books<'a> {
        let order = calculation.order;
        let known = |charge: Charge| charge.amount().unwrap_or_default();
        let mut lines: Rc<[LineFigures]> = order
            .lines()
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let exact = calculation.lines.extension(at).ok();
                let calculated = || exact.map(|exact| rounding.apply(exact, calculation.lines.decimals));
                LineFigures {
                    price: line.price.amount(),
                    discount: known(line.discount),
                    quantity: line.quantity.amount(),
                    exact,
                    counted: line.extended_amount.amount().or_else(calculated),
                    stated: line.extended_amount.amount(),
                    addl_discount: known(line.addl_discount),
                    tax: known(line.tax),
                    surcharge: known(line.shipping_surcharge),
                    corrected: None,
                }
            })
            .collect();
        let mut wrong_lines = false;
        for wrong in broken {
            if let Place::LineField(at, Field::ExtendedAmount) = wrong.place
                && let Some(line) = Rc::get_mut(&mut lines).and_then(|lines| lines.get_mut(at))
            {
                line.corrected = Some(wrong.expected);
                wrong_lines = true;
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
            price_for_all: false,
            discount_on_every_line: None,
            lines,
        };
        if wrong_lines && books.lines.len() > 1 {
            books.price_for_all = books.is_price_for_all();
            books.discount_on_every_line = books.find_discount_on_every_line();
        }
        books
    }

    fn is_price_for_all(&self) -> bool {
        self.lines.iter().all(|line| {
            let each = line.price.and_then(|price| price.checked_sub(line.discount));
            self.same(line.stated, each) && line.quantity.is_some_and(|count| count != Amount::ONE)
        })
    }

    fn find_discount_on_every_line(&self) -> Option<Amount> {
        let others = self.order.misnamed.iter().filter(|other| other.means == Field::OrderDiscount);
        let stated = self.order_discount.map(|discount| [discount, discount.abs()]);
        stated.into_iter().flatten().chain(others.map(|other| other.amount)).find(|discount| {
            let less = |line: &LineFigures| line.exact.and_then(|exact| exact.checked_sub(*discount));
            !discount.is_zero() && self.lines.iter().all(|line| self.same(line.stated, less(line)))
        })
    }

    /// `S + T + H`: what there is to pay before the discount.
    pub(crate) fn charges(&self) -> Option<Amount> {
        self.sub_total?.checked_add(self.sales_tax?)?.checked_add(self.shipping)
    }

    /// What the order discount counts as: stated, else the lines'.
    pub(crate) fn counted_discount(&self) -> Option<Amount> {
        self.order_discount.or(self.lines_discount)
    }

    /// The books an amount may have been worked out from where something else is wrong: with what is wrong taken as it
    /// should be, in every combination that may have been.
    pub(crate) fn corrected(&self, broken: &Broken) -> Vec<Corrected<'a>> {
        // What a line states is worked out from nothing else that could be wrong.
        if broken.place.line().is_some() {
            return Vec::new();
        }
        let lines: Places = self
            .broken
            .iter()
            .filter(|wrong| wrong.place.line().is_some())
            .map(|wrong| (wrong.place.clone(), wrong.expected))
            .collect();
        let by = self.corrections().try_fold(Amount::ZERO, |sum, (_, by)| sum.checked_add(by?));
        let by = by.filter(|by| !by.is_zero());
        match broken.place {
            Place::Field(Field::SubTotal) => self.with_lines(lines, by).into_iter().collect(),
            Place::Field(Field::GrandTotal) => self.with_headers(lines, by),
            _ => Vec::new(),
        }
    }

    /// With the lines as they should be.
    fn with_lines(&self, places: Places, by: Option<Amount>) -> Option<Corrected<'a>> {
        let expected = self.lines_extended?.checked_add(by?)?;
        let corrected = |line: &LineFigures| LineFigures { counted: line.corrected.or(line.counted), ..line.clone() };
        let books =
            Books { lines: self.lines.iter().map(corrected).collect(), lines_extended: Some(expected), ..self.clone() };
        Some(Corrected { books, expected, places })
    }

    /// With the sub-total as the lines give it, as they are or as they should be; with the tax and the discount as the
    /// lines give them, or not.
    fn with_headers(&self, lines: Places, by: Option<Amount>) -> Vec<Corrected<'a>> {
        let sub_total = |sum: Amount| vec![(Place::Field(Field::SubTotal), sum)];
        let of_lines = by.and_then(|by| self.lines_extended?.checked_add(by));
        let mut sums: Vec<(Option<Amount>, Places)> = vec![(self.sub_total, Vec::new())];
        if self.order.sub_total.is_unset() {
            sums.extend(of_lines.map(|sum| (Some(sum), lines)));
        } else {
            let as_stated = self.broken_at(Field::SubTotal).map(|wrong| wrong.expected);
            sums.extend(as_stated.into_iter().chain(of_lines).map(|sum| (Some(sum), sub_total(sum))));
        }
        let tax = self.broken_at(Field::SalesTax);
        let discount = self.broken_at(Field::OrderDiscount);
        let taken = |wrong: Option<&Broken>| if wrong.is_some() { vec![false, true] } else { vec![false] };
        let mut all = Vec::new();
        for (sum, places) in &sums {
            for with_tax in taken(tax) {
                for with_discount in taken(discount) {
                    let mut places = places.clone();
                    let mut books = Books { sub_total: *sum, ..self.clone() };
                    if let Some(wrong) = tax.filter(|_| with_tax) {
                        books.sales_tax = Some(wrong.expected);
                        places.push((wrong.place.clone(), wrong.expected));
                    }
                    if let Some(wrong) = discount.filter(|_| with_discount) {
                        books.order_discount = Some(wrong.expected);
                        places.push((wrong.place.clone(), wrong.expected));
                    }
                    let expected = books.charges().zip(books.counted_discount()).and_then(|(a, b)| a.checked_sub(b));
                    if let (Some(expected), false) = (expected, places.is_empty()) {
                        all.push(Corrected { books, expected, places });
                    }
                }
            }
        }
        all
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
