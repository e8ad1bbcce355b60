//! Orders that are right by construction: from lines, an overall discount and shipping.

use crate::amount::Amount;
use crate::calculate::complete;
use crate::check::check;
use crate::currency::Currency;
use crate::error::Error;
use crate::findings::Violation;
use crate::options::Options;
use crate::order::{Charge, Field, Items, Line, Order};
use crate::policy::Policy;
use crate::rules::Severity;

/// Builds an order from what a cart knows: the lines, the overall discount, the shipping. Every other amount is
/// calculated, so the order is right by construction.
///
/// ```
/// use ordercharge::{Charge, Line, OrderBuilder};
///
/// let mut line = Line { price: Charge::from_text("4.40"), quantity: 2.into(), ..Line::default() };
/// line.addl_discount = Charge::from_text("0.50");
/// // What is not a charge is kept as well.
/// line.extra.set_text("item", "C100");
/// let order = OrderBuilder::new()
///     .cust_ref("TEST02")
///     .currency_code("USD")
///     .line(line)
///     .overall_discount(2.into())
///     .shipping_handling("4.99".parse()?)
///     .build()?;
/// assert_eq!(order.order_discount.amount(), Some("2.50".parse()?));
/// assert_eq!(order.grand_total.amount(), Some("11.29".parse()?));
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct OrderBuilder {
    order: Order,
    lines: Vec<Line>,
    overall_discount: Amount,
    options: Options,
}

impl OrderBuilder {
    /// An order without lines.
    pub fn new() -> OrderBuilder {
        OrderBuilder::default()
    }

    /// Sets `cust_ref`, the sender's name of the order.
    #[must_use]
    pub fn cust_ref(mut self, cust_ref: impl Into<String>) -> Self {
        self.order.cust_ref = Some(cust_ref.into());
        self
    }

    /// Sets the ISO 4217 code of the currency of all amounts.
    #[must_use]
    pub fn currency_code(mut self, code: &str) -> Self {
        self.order.currency = Currency::from_code(code);
        self
    }

    /// Sets a field that is not a charge to a string: `ship_city`. Those of a line are in its
    /// [`extra`](Line::extra).
    #[must_use]
    pub fn text(mut self, name: impl Into<String>, value: &str) -> Self {
        self.order.extra.set_text(name, value);
        self
    }

    /// Sets a field that is not a charge to any JSON value, given as its text.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value.
    pub fn json(mut self, name: impl Into<String>, json: &str) -> Result<Self, Error> {
        self.order.extra.set_json(name, json)?;
        Ok(self)
    }

    /// Sets how amounts are calculated, such as how extended amounts are rounded.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Adds a line. Its `extended_amount` is calculated; a stated one is replaced.
    #[must_use]
    pub fn line(mut self, line: Line) -> Self {
        self.lines.push(Line { extended_amount: Charge::Unset, ..line });
        self
    }

    /// Sets the post-tax discount on the whole order, as a positive number, without the lines' `addl_discount`.
    #[must_use]
    pub fn overall_discount(mut self, discount: Amount) -> Self {
        self.overall_discount = discount;
        self
    }

    /// Sets the shipping charge.
    #[must_use]
    pub fn shipping_handling(mut self, shipping: Amount) -> Self {
        self.order.shipping_handling = Charge::Amount(shipping);
        self
    }

    /// Sets the total tax, for carts that do not set tax on the line. By default it is the sum of the lines' tax.
    #[must_use]
    pub fn sales_tax(mut self, tax: Amount) -> Self {
        self.order.sales_tax = Charge::Amount(tax);
        self
    }

    /// The order, with every amount filled in.
    ///
    /// # Errors
    ///
    /// What cannot be right whatever is calculated: no lines, a line without price or quantity, a negative discount, a tax
    /// that contradicts the lines. The error names the first such fault.
    ///
    /// ```
    /// use ordercharge::{BuildError, OrderBuilder, Rule};
    ///
    /// let Err(BuildError::Invalid(violation)) = OrderBuilder::new().build() else { unreachable!() };
    /// assert_eq!(violation.rule, Rule::NoItems);
    /// ```
    pub fn build(self) -> Result<Order, BuildError> {
        let OrderBuilder { mut order, lines, overall_discount, options } = self;
        order.items = Items::Lines(lines);
        let of_lines = complete(order.clone(), &options).order_discount.amount();
        let discount = of_lines.and_then(|of_lines| overall_discount.checked_add(of_lines));
        order.order_discount = discount.map_or(Charge::Unset, Charge::Amount);
        let order = complete(order, &options);

        let policy = Policy { options, ..Policy::default() };
        let report = check(&order, &policy);
        if let Some(violation) = report.of(Severity::Error).next() {
            return Err(BuildError::Invalid(Box::new(violation.clone())));
        }
        let derived = [Field::SubTotal, Field::SalesTax, Field::OrderDiscount, Field::GrandTotal];
        let lines = order.lines().iter().position(|line| line.extended_amount.amount().is_none());
        let missing = derived.into_iter().find(|field| order.get(*field).amount().is_none());
        match (lines, missing) {
            (Some(line), _) => Err(BuildError::NoExtendedAmount { line }),
            (None, Some(field)) => Err(BuildError::NotCalculated { field }),
            (None, None) => Ok(order),
        }
    }
}

/// Why there is no order that is right with what an [`OrderBuilder`] was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The order would break a rule.
    #[error("expected charges that make an order, found {0}")]
    Invalid(Box<Violation>),
    /// A line has no price or no quantity.
    #[error("expected a price and a quantity for line {line}, found none")]
    #[non_exhaustive]
    NoExtendedAmount {
        /// The line, counted from 0.
        line: usize,
    },
    /// A field of the header cannot be calculated.
    #[error("expected charges that give {field}, found none")]
    #[non_exhaustive]
    NotCalculated {
        /// The field.
        field: Field,
    },
}

impl From<BuildError> for Error {
    /// For functions that read amounts and build orders: the fault in words.
    fn from(error: BuildError) -> Error {
        Error::unbuildable(error.to_string())
    }
}
