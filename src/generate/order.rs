//! Orders that are right by construction, and the draft of one that mistakes are put into.

use core::ops::RangeInclusive;

use crate::amount::{Amount, Rounding};
use crate::currency::Currency;
use crate::order::{Charge, Field, Items, Line, Order};

use super::Choices;

/// How often an amount is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// In no order. `sales_tax` and `shipping_handling` may still be stated as 0.
    Never,
    /// In some orders, as with real carts.
    #[default]
    Sometimes,
    /// In every order, or on every line, if it is at least a minor unit: a price of 0.01 has no discount.
    Always,
}

impl Presence {
    fn drawn(self, choices: &mut Choices<'_>, percent: u64) -> bool {
        match self {
            Presence::Never => false,
            Presence::Sometimes => choices.chance(percent),
            Presence::Always => true,
        }
    }
}

/// The parameters of generated orders. Any combination makes consistent orders.
///
/// ```
/// use ordercharge::generate::{Choices, Params, Presence, consistent_order};
///
/// let params = Params { lines: 3..=3, line_taxes: Presence::Always, ..Params::default() };
/// let order = consistent_order(&params, &mut Choices::seeded(1));
/// assert_eq!(order.lines().len(), 3);
/// assert!(order.lines().iter().all(|line| line.tax.amount().is_some()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// The number of lines; an order has at least one.
    pub lines: RangeInclusive<usize>,
    /// The quantity of a line; at least 1, and whole.
    pub quantities: RangeInclusive<u32>,
    /// The unit price in minor units: 499 is 4.99 in most currencies. A fine price is less than a minor unit above it.
    pub prices: RangeInclusive<u32>,
    /// The currencies to choose from; the first is the simplest. If it is empty, `currency_code` is unset. Unknown ones are
    /// ignored.
    pub currencies: Vec<Currency>,
    /// Prices with more decimals than the minor unit, so that `extended_amount` may have to be rounded; not if the minor unit
    /// has four decimals, because no more are kept of a price.
    pub fine_prices: Presence,
    /// `discount`: at most half the price, which counts in whole minor units here.
    pub unit_discounts: Presence,
    /// `addl_discount`: at most a fifth of the line's `extended_amount`.
    pub addl_discounts: Presence,
    /// `tax` on the lines; `sales_tax` is then the sum of it.
    pub line_taxes: Presence,
    /// `sales_tax` of orders whose lines set none.
    pub header_tax: Presence,
    /// `shipping_surcharge` on lines.
    pub surcharges: Presence,
    /// `shipping_handling`.
    pub shipping: Presence,
    /// A discount on the whole order, beside those of the lines.
    pub overall_discount: Presence,
    /// Amounts that are left off although they can be calculated. Chance decides which: sometimes none, even with
    /// [`Presence::Always`].
    pub left_off: Presence,
}

impl Default for Params {
    fn default() -> Params {
        let codes = ["USD", "USD", "USD", "USD", "EUR", "EUR", "GBP", "JPY", "KWD", "CHF", "AUD"];
        Params {
            lines: 1..=6,
            quantities: 1..=12,
            prices: 99..=30_000,
            currencies: codes.map(Currency::from_code).into_iter().chain([Currency::Unset]).collect(),
            fine_prices: Presence::Sometimes,
            unit_discounts: Presence::Sometimes,
            addl_discounts: Presence::Sometimes,
            line_taxes: Presence::Sometimes,
            header_tax: Presence::Sometimes,
            surcharges: Presence::Sometimes,
            shipping: Presence::Sometimes,
            overall_discount: Presence::Sometimes,
            left_off: Presence::Sometimes,
        }
    }
}

/// Makes a right order: [`check`](crate::check()) finds neither errors nor warnings in it.
///
/// Its amounts are like those of carts: prices that end in 99, discounts in percent, tax on the lines or in the header,
/// amounts left off that can be calculated.
///
/// ```
/// use ordercharge::generate::{Choices, Params, consistent_order};
///
/// for seed in 0..100 {
///     let order = consistent_order(&Params::default(), &mut Choices::seeded(seed));
///     assert!(ordercharge::check(&order, &Default::default()).violations.is_empty());
/// }
/// ```
pub fn consistent_order(params: &Params, choices: &mut Choices<'_>) -> Order {
    let drawn = Draft::new(params, choices).map(|draft| {
        let mut order = draft.believed.clone();
        if params.left_off.drawn(choices, 30) {
            leave_off(&mut order, draft.overall.is_zero(), choices);
        }
        order
    });
    // Parameters are numbers of 32 bits, so no amount has too many digits.
    drawn.unwrap_or_default()
}

/// Leaves off amounts that would be calculated to the same value.
fn leave_off(order: &mut Order, of_lines_only: bool, choices: &mut Choices<'_>) {
    let taxed = order.lines().iter().any(|line| line.tax.amount().is_some());
    let Items::Lines(lines) = &mut order.items else { return };
    for line in lines {
        match choices.below(8) {
            1 => line.extended_amount = Charge::Unset,
            // The inputs of the line may be left off.
            2 => (line.price, line.discount) = (Charge::Unset, Charge::Unset),
            _ => {}
        }
    }
    let fields = [
        (Field::SubTotal, true),
        (Field::SalesTax, taxed),
        (Field::OrderDiscount, of_lines_only),
        (Field::GrandTotal, true),
    ];
    for (field, calculable) in fields {
        if calculable && choices.chance(40) {
            set(order, field, Charge::Unset);
        }
    }
}

/// An order that is being made, in two versions: as it is stated, and as its sender believes it to be. A mistake that has no
/// consequences is only in the first.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) stated: Order,
    pub(super) believed: Order,
    pub(super) decimals: u32,
    /// The discount on the order as a whole.
    pub(super) overall: Amount,
    /// The tax rate, where lines set tax.
    rate: Option<Amount>,
}

impl Draft {
    pub(super) fn new(params: &Params, choices: &mut Choices<'_>) -> Option<Draft> {
        let known: Vec<&Currency> =
            params.currencies.iter().filter(|currency| !matches!(currency, Currency::Unknown(_))).collect();
        let currency = choices.one_of(&known).copied().cloned().unwrap_or_default();
        let decimals = currency.decimals();
        let count = choices.between(to_i128(*params.lines.start()).max(1), to_i128(*params.lines.end()));
        let rates = [700, 550, 600, 625, 825, 8875, 1900, 2000];
        let rate = choices.number_of(&rates);
        let rate = Amount::new(rate, if rate == 8875 { 5 } else { 4 })?;
        let with_discount = params.unit_discounts.drawn(choices, 40);
        let with_addl = params.addl_discounts.drawn(choices, 30);
        let with_tax = params.line_taxes.drawn(choices, 45);
        let with_surcharge = params.surcharges.drawn(choices, 20);
        let fine = params.fine_prices.drawn(choices, 12);

        let mut lines = Vec::new();
        for _ in 0..count {
            let mut line = Line { quantity: quantity(params, choices)?.into(), ..Line::default() };
            let price = price(params, fine, decimals, choices)?;
            line.price = price.into();
            let on = |presence: Presence, choices: &mut Choices<'_>| presence == Presence::Always || choices.chance(65);
            if with_discount && on(params.unit_discounts, choices) {
                line.discount = unit_discount(price, decimals, choices)?;
            }
            let extended = extension(&line)?.rounded(decimals, Rounding::HalfUp);
            if with_addl && on(params.addl_discounts, choices) {
                let most = units(extended, decimals)? / 5;
                if most > 0 {
                    line.addl_discount = Amount::new(choices.between(most.min(10), most), decimals)?.into();
                }
            }
            if with_tax {
                line.tax = extended.checked_mul(rate)?.rounded(decimals, Rounding::HalfUp).into();
            }
            if with_surcharge && on(params.surcharges, choices) {
                line.shipping_surcharge = Amount::new(choices.between(50, 900), decimals)?.into();
            }
            lines.push(line);
        }

        let cust_ref = Some(format!("G{:06}", choices.below(1_000_000)));
        let believed = Order { cust_ref, currency, items: Items::Lines(lines), ..Order::default() };
        let rate_of_lines = with_tax.then_some(rate);
        let mut draft =
            Draft { stated: Order::default(), believed, decimals, overall: Amount::ZERO, rate: rate_of_lines };
        draft.derive()?;
        let sub_total = draft.of(Field::SubTotal);
        if with_tax || params.header_tax.drawn(choices, 65) {
            let tax = sub_total.checked_mul(rate)?.rounded(decimals, Rounding::HalfUp);
            let tax = if params.header_tax == Presence::Always { tax.max(Amount::new(1, decimals)?) } else { tax };
            draft.believed.sales_tax = tax.into();
        } else if choices.chance(50) {
            draft.believed.sales_tax = Amount::ZERO.into();
        }
        if params.shipping.drawn(choices, 75) {
            let usual = [499, 395, 599, 795, 999, 1250, 1500];
            let other = choices.chance(40);
            let shipping = if other { choices.between(200, 4500) } else { choices.number_of(&usual) };
            draft.believed.shipping_handling = Amount::new(shipping, decimals)?.into();
        } else if choices.chance(30) {
            draft.believed.shipping_handling = Amount::ZERO.into();
        }
        if params.overall_discount.drawn(choices, 50) {
            let most = units(sub_total, decimals)? / 4;
            let discount = match choices.below(3) {
                0 => choices.number_of(&[500, 1000, 1500, 2000]),
                1 => most * choices.number_of(&[20, 40, 60, 80]) / 100,
                _ => choices.between(100, 3000),
            };
            draft.overall = Amount::new(discount.min(most).max(i128::from(most > 0)), decimals)?;
        }
        draft.derive()?;
        Some(draft)
    }

    /// Calculates everything that follows from the lines' inputs, the overall discount and shipping.
    pub(super) fn derive(&mut self) -> Option<()> {
        let (decimals, rate) = (self.decimals, self.rate);
        if let Items::Lines(lines) = &mut self.believed.items {
            for line in lines {
                let extended = extension(line)?.rounded(decimals, Rounding::HalfUp);
                line.extended_amount = extended.into();
                if let Some(rate) = rate {
                    line.tax = extended.checked_mul(rate)?.rounded(decimals, Rounding::HalfUp).into();
                }
            }
        }
        self.add_up()
    }

    /// Calculates the sums from the lines as they are.
    pub(super) fn add_up(&mut self) -> Option<()> {
        self.believed.sub_total = self.sum(Field::ExtendedAmount)?.into();
        if self.rate.is_some() {
            self.believed.sales_tax = self.sum(Field::Tax)?.into();
        }
        self.believed.order_discount = self.overall.checked_add(self.sum(Field::AddlDiscount)?)?.into();
        self.stated = self.believed.clone();
        self.total()
    }

    /// Calculates the grand total.
    pub(super) fn total(&mut self) -> Option<()> {
        let charges = self.of(Field::SubTotal).checked_add(self.of(Field::SalesTax))?;
        let charges = charges.checked_add(self.of(Field::ShippingHandling))?;
        self.put(Field::GrandTotal, charges.checked_sub(self.of(Field::OrderDiscount))?);
        Some(())
    }

    /// A header field of the version that the sender believes.
    pub(super) fn of(&self, field: Field) -> Amount {
        amount(self.believed.get(field))
    }

    /// A sum over the lines of that version.
    pub(super) fn sum(&self, field: Field) -> Option<Amount> {
        self.believed.lines().iter().try_fold(Amount::ZERO, |sum, line| sum.checked_add(amount(line.get(field))))
    }

    /// The amount of this number of minor units.
    pub(super) fn minor(&self, units: i128) -> Option<Amount> {
        Amount::new(units, self.decimals)
    }

    /// The amount in minor units.
    pub(super) fn units(&self, amount: Amount) -> Option<i128> {
        units(amount, self.decimals)
    }

    pub(super) fn put(&mut self, field: Field, amount: Amount) {
        set(&mut self.believed, field, amount.into());
        set(&mut self.stated, field, amount.into());
    }
}

fn quantity(params: &Params, choices: &mut Choices<'_>) -> Option<Amount> {
    let least = i128::from(*params.quantities.start()).max(1);
    // A quantity of 1 is the most common.
    let quantity = if choices.chance(60) { choices.between(least, (*params.quantities.end()).into()) } else { least };
    Amount::new(quantity, 0)
}

fn price(params: &Params, fine: bool, decimals: u32, choices: &mut Choices<'_>) -> Option<Amount> {
    let mut price = choices.between((*params.prices.start()).into(), (*params.prices.end()).into());
    if choices.chance(60) {
        // Prices usually end in 99, 95, 50 or 0: go up to the next one.
        let usual = price / 100 * 100 + choices.number_of(&[99, 95, 50, 49, 0]);
        if u32::try_from(usual).is_ok_and(|usual| params.prices.contains(&usual)) {
            price = usual;
        }
    }
    let price = Amount::new(price, decimals)?;
    // CartRover keeps four decimals of a price.
    let more = 4_u32.saturating_sub(decimals).min(2);
    if fine && more > 0 {
        let tail = choices.between(1, 10_i128.checked_pow(more)? - 1);
        return price.checked_add(Amount::new(tail, decimals + more)?);
    }
    Some(price)
}

fn unit_discount(price: Amount, decimals: u32, choices: &mut Choices<'_>) -> Option<Charge> {
    let most = units(price, decimals)? / 2;
    if most == 0 {
        return Some(Charge::Unset);
    }
    let discount = if choices.chance(50) {
        choices.number_of(&[50, 75, 100, 150, 200, 250, 500])
    } else {
        most * choices.number_of(&[10, 20, 30, 40, 50]) / 100
    };
    Some(Amount::new(discount.clamp(1, most), decimals)?.into())
}

/// `(price - discount) * quantity`.
pub(super) fn extension(line: &Line) -> Option<Amount> {
    amount(line.price).checked_sub(amount(line.discount))?.checked_mul(amount(line.quantity))
}

/// The amount, or 0 if there is none.
pub(super) fn amount(charge: Charge) -> Amount {
    charge.amount().unwrap_or_default()
}

/// The amount divided by this power of 10.
/// The amount in minor units, rounded.
pub(super) fn units(amount: Amount, decimals: u32) -> Option<i128> {
    let factor = Amount::new(10_i128.checked_pow(decimals)?, 0)?;
    amount.rounded(decimals, Rounding::HalfUp).checked_mul(factor)?.to_string().parse().ok()
}

pub(super) fn set(order: &mut Order, field: Field, charge: Charge) {
    if let Some(slot) = order.get_mut(field) {
        *slot = charge;
    }
}

pub(super) fn line_mut(order: &mut Order, at: usize) -> Option<&mut Line> {
    match &mut order.items {
        Items::Lines(lines) => lines.get_mut(at),
        _ => None,
    }
}

fn to_i128(count: usize) -> i128 {
    i128::try_from(count).unwrap_or(i128::MAX)
}
