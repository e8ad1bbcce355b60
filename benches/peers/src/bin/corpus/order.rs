//! The charges of an order in whole numbers, right by construction, and the sums that must hold of them.

use crate::random::Random;
use crate::source::Source;

/// An amount in cents.
pub type Cents = i128;
/// An amount in ten-thousandths, as unit prices are.
pub type Fine = i128;

/// How many of the one make one of the other.
pub const FINE_PER_CENT: i128 = 100;

/// A line. What is `None` is unset.
#[derive(Clone, Default)]
pub struct Line {
    pub price: Fine,
    pub discount: Option<Fine>,
    pub quantity: Option<i128>,
    pub extended_amount: Cents,
    pub tax: Option<Cents>,
    pub addl_discount: Option<Cents>,
    pub shipping_surcharge: Option<Cents>,
}

/// An order.
#[derive(Clone, Default)]
pub struct Order {
    pub lines: Vec<Line>,
    pub sub_total: Cents,
    pub sales_tax: Option<Cents>,
    pub shipping_handling: Option<Cents>,
    pub order_discount: Option<Cents>,
    pub grand_total: Cents,
}

/// The taxes, in hundredths of a percent.
const TAX_RATES: [i128; 5] = [600, 700, 825, 1900, 2000];

impl Order {
    /// A right order as that source sends it.
    pub fn make(random: &mut Random, source: &Source) -> Order {
        let lines = random.between(1, 6);
        let discounts = random.chance(3000);
        let line_tax = random.chance(if source.taxes_lines { 8000 } else { 500 });
        let addl_discounts = random.chance(1500);
        let rate = random.one_of(&TAX_RATES);
        let mut order = Order::default();
        for _ in 0..lines {
            let mut line = Line { price: price(random, source), quantity: Some(quantity(random)), ..Line::default() };
            if discounts && random.chance(5000) {
                let discount = line.price * random.between(5, 40) / 100;
                line.discount = Some(if source.fine_prices { discount } else { discount - discount % FINE_PER_CENT });
            }
            line.extended_amount = rounded(line.extension(), source);
            if line_tax {
                line.tax = Some((line.extended_amount * rate + 5000) / 10_000);
            }
            if addl_discounts && random.chance(5000) {
                line.addl_discount = Some(line.extended_amount * random.between(1, 25) / 100);
            }
            if random.chance(300) {
                line.shipping_surcharge = Some(random.between(50, 900));
            }
            order.lines.push(line);
        }
        let sub_total: Cents = order.lines.iter().map(|line| line.extended_amount).sum();
        if line_tax {
            order.sales_tax = Some(order.lines_tax());
        } else if random.chance(6000) {
            order.sales_tax = Some((sub_total * rate + 5000) / 10_000);
        }
        if random.chance(7000) {
            order.shipping_handling = Some(random.one_of(&[399, 495, 599, 795, 1250, 1999]));
        }
        let overall = if random.chance(2000) { sub_total * random.between(1, 15) / 100 } else { 0 };
        let discount = overall + order.lines_addl_discount();
        order.order_discount = (discount > 0).then_some(discount);
        order.add_up();
        order
    }

    /// A right order with an amount that a binary float cannot hold: with all else an order has, where floats find sums
    /// wrong that are right, or with nothing else, where they find those right that are wrong.
    pub fn make_large(random: &mut Random, source: &Source) -> Order {
        let mut order = Order::make(random, source);
        let price = random.between(1_000_000_000_000_000_000, 9_000_000_000_000_000_000);
        let large = Line { price: price * FINE_PER_CENT, quantity: Some(1), extended_amount: price, ..Line::default() };
        if random.chance(5000) {
            order = Order { lines: vec![large], ..Order::default() };
        } else {
            order.lines.push(large);
        }
        order.add_up();
        order
    }

    pub fn lines_tax(&self) -> Cents {
        self.lines.iter().filter_map(|line| line.tax).sum()
    }

    pub fn lines_addl_discount(&self) -> Cents {
        self.lines.iter().filter_map(|line| line.addl_discount).sum()
    }

    /// Sets the sub-total and the grand total to what they must be.
    pub fn add_up(&mut self) {
        self.sub_total = self.lines.iter().map(|line| line.extended_amount).sum();
        self.total();
    }

    /// Sets the grand total to what it must be.
    pub fn total(&mut self) {
        self.grand_total = self.expected_total();
    }

    fn expected_total(&self) -> Cents {
        self.sub_total + self.sales_tax.unwrap_or(0) + self.shipping_handling.unwrap_or(0)
            - self.order_discount.unwrap_or(0)
    }

    /// Whether every identity holds and every sign is right.
    pub fn is_right(&self) -> bool {
        let positive = [Some(self.sub_total), self.sales_tax, self.shipping_handling, self.order_discount];
        self.lines.iter().all(Line::is_right)
            && positive.iter().flatten().all(|amount| *amount >= 0)
            && self.sub_total == self.lines.iter().map(|line| line.extended_amount).sum()
            && (self.lines_tax() == 0 || self.sales_tax.unwrap_or(0) == self.lines_tax())
            && self.order_discount.unwrap_or(0) >= self.lines_addl_discount()
            && self.grand_total == self.expected_total()
    }
}

impl Line {
    /// The exact extended amount.
    pub fn extension(&self) -> Fine {
        (self.price - self.discount.unwrap_or(0)) * self.quantity.unwrap_or(0)
    }

    fn is_right(&self) -> bool {
        let off = (self.extended_amount * FINE_PER_CENT - self.extension()).abs();
        let positive =
            [Some(self.price), self.discount, self.quantity, Some(self.extended_amount), self.tax, self.addl_discount];
        self.quantity.is_some() && off <= FINE_PER_CENT / 2 && positive.iter().flatten().all(|amount| *amount >= 0)
    }
}

fn price(random: &mut Random, source: &Source) -> Fine {
    let most = if random.chance(500) { 200_000 } else { 15_000 };
    let cents = random.between(99, most) * FINE_PER_CENT;
    if source.fine_prices && random.chance(3000) { cents + random.between(1, 99) } else { cents }
}

fn quantity(random: &mut Random) -> i128 {
    match random.below(20) {
        0..12 => 1,
        12..19 => random.between(2, 6),
        _ => random.between(7, 250),
    }
}

/// To the cent; a tie goes up, or to the even one where the source has it so.
fn rounded(exact: Fine, source: &Source) -> Cents {
    let (cents, rest) = (exact / FINE_PER_CENT, exact % FINE_PER_CENT);
    let up = match rest.cmp(&(FINE_PER_CENT / 2)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => !source.half_even || cents % 2 == 1,
        std::cmp::Ordering::Greater => true,
    };
    cents + i128::from(up)
}
