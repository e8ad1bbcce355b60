//! A CartRover order made from a cart's order: right by construction.

use ordercharge::{Amount, Rounding};
use serde::{Deserialize, Serialize};

use crate::exact::{divided, divided_up, half_unit, portion, rounded_together, shares, unit};
use crate::figures::{Figures, Reading};
use crate::json::{Json, Node};
use crate::table::{Cart, Parts};
use crate::unmappable::Unmappable;

/// Which figures of a cart's order are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// The figures after refunds and edits, if there were some.
    pub edited: Edited,
    /// The currency of the figures.
    pub money: Money,
}

/// The figures of an order that was edited or refunded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edited {
    /// As the order was placed.
    #[default]
    Original,
    /// As it is now.
    Current,
}

/// The figures of an order with two currencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Money {
    /// Those that the cart gives first.
    #[default]
    Usual,
    /// Those in the currency of the shop.
    Shop,
    /// Those in the currency of the buyer.
    Presentment,
}

impl Choice {
    /// The name of the variant of a table that has these figures; empty for the table itself.
    fn variant(self, cart: &Cart) -> String {
        // A table without figures of the shop gives these first, and one with them gives those of the buyer.
        let has = |name: &str| cart.variants().any(|variant| variant == name);
        let money = match self.money {
            Money::Usual => "",
            Money::Shop if has("presentment") && !has("shop") => "",
            Money::Presentment if has("shop") && !has("presentment") => "",
            Money::Shop => "shop",
            Money::Presentment => "presentment",
        };
        match (self.edited, money) {
            (Edited::Original, money) => money.to_owned(),
            (Edited::Current, "") => "current".to_owned(),
            (Edited::Current, money) => format!("current-{money}"),
        }
    }
}

/// A CartRover order as text: each amount with the decimals that CartRover keeps. What the cart does not state is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MappedOrder {
    /// The first of the cart's names for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cust_ref: Option<String>,
    /// The currency of the amounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency_code: Option<String>,
    /// The sum of the lines.
    pub sub_total: String,
    /// The tax of the order, with that of its shipping.
    pub sales_tax: String,
    /// Shipping and fees.
    pub shipping_handling: String,
    /// The discount that is not in the lines.
    pub order_discount: String,
    /// What the buyer pays before gift cards.
    pub grand_total: String,
    /// The lines.
    pub items: Vec<MappedLine>,
}

/// A line of a [`MappedOrder`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MappedLine {
    /// The SKU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// How many.
    pub quantity: String,
    /// The price of one item, before discounts and without tax.
    pub price: String,
    /// The discount on one item.
    pub discount: String,
    /// The line after its discount.
    pub extended_amount: String,
    /// The tax of the line, if the lines' taxes are the whole tax of the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax: Option<String>,
    /// The cents that a price of four decimals cannot give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addl_discount: Option<String>,
}

/// Something that the figures alone do not decide, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Its name: `gift-card`, `edited`, ...
    pub name: String,
    /// What was done.
    pub message: String,
}

/// The charges of a cart's order as CartRover defines them, with what they were made of.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// The order.
    pub order: MappedOrder,
    /// What the figures alone do not decide.
    pub notes: Vec<Remark>,
    pub(crate) charges: Charges,
    pub(crate) figures: Figures,
}

/// The amounts of an order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Charges {
    pub(crate) lines: Vec<LineCharges>,
    pub(crate) sub_total: Amount,
    pub(crate) sales_tax: Amount,
    pub(crate) shipping: Amount,
    /// The discount with the lines' `addl_discount`.
    pub(crate) discount: Amount,
    pub(crate) grand_total: Amount,
    /// Whether each line's tax, or its share of the tax in the prices, was not stated by the cart.
    pub(crate) tax_was_shared: bool,
    /// The amounts of lines with a minus sign, which are in the discount.
    pub(crate) negative_lines: Amount,
}

/// The amounts of a line.
#[derive(Clone, Debug)]
pub(crate) struct LineCharges {
    pub(crate) node: Node,
    pub(crate) quantity: Amount,
    /// The whole line before its discount, without tax.
    pub(crate) gross: Amount,
    /// What is taken off the whole line.
    pub(crate) off: Amount,
    /// `gross - off`, in minor units.
    pub(crate) net: Amount,
    pub(crate) price: Amount,
    pub(crate) discount: Amount,
    pub(crate) extended: Amount,
    pub(crate) addl: Amount,
    /// The tax that the order states for the line, if all of them make up the order's.
    pub(crate) tax: Option<Amount>,
    /// The tax that the cart states for the line.
    pub(crate) cart_tax: Option<Amount>,
}

impl Cart {
    /// Makes a CartRover order from a cart's order. `order` is its node in the document.
    ///
    /// # Errors
    ///
    /// If the cart's own order disagrees with itself, or a figure is missing or cannot be read.
    ///
    /// ```
    /// use ordercharge_carts::{Cart, Choice, Json, Node};
    ///
    /// let text = br#"{"AmazonOrderId": "A-1", "OrderTotal": {"CurrencyCode": "USD", "Amount": "27.98"},
    ///     "OrderItems": [{"SellerSKU": "MUG", "QuantityOrdered": 2, "ItemPrice": {"Amount": "27.98"}}]}"#;
    /// let json = Json::parse(text)?;
    /// let mapped = Cart::named("amazon").unwrap().map(&json, Node::ROOT, Choice::default())?;
    /// assert_eq!(mapped.order.items[0].price, "13.9900");
    /// assert_eq!(mapped.order.grand_total, "27.98");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn map(&self, json: &Json<'_>, order: Node, choice: Choice) -> Result<Mapped, Unmappable> {
        let (mut mapped, reading) = self.charged(json, order, choice)?;
        mapped.write(&reading);
        mapped.remark(&reading);
        Ok(mapped)
    }

    /// The parts for a choice of figures.
    pub(crate) fn parts_for(&self, choice: Choice) -> Option<&Parts> {
        self.parts_of(&choice.variant(self))
    }

    /// Calculates the charges, and writes only the names that join an order with another one: the SKUs and the currency.
    pub(crate) fn charged<'r, 'a>(
        &'r self,
        json: &'r Json<'a>,
        order: Node,
        choice: Choice,
    ) -> Result<(Mapped, Reading<'r, 'a>), Unmappable> {
        let variant = choice.variant(self);
        let Some(parts) = self.parts_of(&variant) else {
            return Err(Unmappable::NoVariant { cart: self.name.clone(), variant });
        };
        let mut reading = Reading::new(self, json, order, parts);
        let figures = reading.figures()?;
        let charges = charges(&figures)?;
        let mut mapped = Mapped { order: MappedOrder::default(), notes: Vec::new(), charges, figures };
        mapped.write_names(&reading);
        Ok((mapped, reading))
    }
}

fn inexact() -> Unmappable {
    Unmappable::Inexact { path: "the charges".to_owned() }
}

/// The charges that the figures give.
fn charges(figures: &Figures) -> Result<Charges, Unmappable> {
    make(figures).ok_or_else(inexact)?.settled(figures)
}

fn make(figures: &Figures) -> Option<Charges> {
    let u = figures.decimals;
    let (mut discount, mut negative_lines, mut fee) = (figures.discount, Amount::ZERO, Amount::ZERO);
    let (tax_in_lines, taxes_known) = line_taxes(figures)?;
    // The whole lines after their discounts, without tax.
    let net = |at: usize| {
        let line = figures.lines.get(at)?;
        line.row.checked_sub(line.off)?.checked_sub(tax_in_lines.get(at).copied().unwrap_or_default())
    };
    let exact: Vec<Amount> = (0..figures.lines.len()).map(net).collect::<Option<_>>()?;
    let rounded = rounded_together(&exact, u)?;
    let mut lines = Vec::with_capacity(figures.lines.len());
    for ((line, tax), mut net) in figures.lines.iter().zip(&tax_in_lines).zip(rounded) {
        let with_tax = line.row.checked_sub(line.off)?;
        // A discount on a price with tax includes tax too.
        let mut off = if tax.is_zero() || with_tax.is_zero() {
            line.off
        } else {
            portion(line.off, with_tax.checked_sub(*tax)?, with_tax, u)?
        };
        if line.row.is_negative() || line.quantity.is_negative() {
            negative_lines = negative_lines.checked_sub(net)?;
            continue;
        }
        if line.quantity.is_zero() {
            // Nothing of it is left. What it costs nevertheless is a fee.
            fee = fee.checked_add(net)?;
            continue;
        }
        if net.is_negative() {
            // More is taken off than the line costs.
            discount = discount.checked_sub(net)?;
            off = off.checked_add(net)?;
            net = Amount::ZERO;
        }
        if off.is_negative() {
            // The line costs more than its row: a surcharge is a part of its price.
            off = Amount::ZERO;
        }
        lines.push(line_charges(line.node, line.quantity, net, off, line.tax, u)?);
    }
    discount = discount.checked_add(negative_lines)?;
    let mut shipping = figures.shipping.checked_add(figures.fees)?.checked_add(fee)?;
    if figures.included {
        shipping = shipping.checked_sub(figures.shipping_tax)?;
    }
    if shipping.is_negative() {
        discount = discount.checked_sub(shipping)?;
        shipping = Amount::ZERO;
    }
    if discount.is_negative() {
        // A discount that adds to the total is a fee.
        shipping = shipping.checked_sub(discount)?;
        discount = Amount::ZERO;
    }
    let addl: Option<Amount> = lines.iter().map(|line| line.addl).sum();
    let mut charges = Charges {
        sub_total: lines.iter().map(|line| line.extended).sum::<Option<Amount>>()?,
        sales_tax: figures.total_tax.rounded(u, Rounding::HalfUp),
        shipping: shipping.rounded(u, Rounding::HalfUp),
        discount: discount.rounded(u, Rounding::HalfUp).checked_add(addl?)?,
        grand_total: figures.total.rounded(u, Rounding::HalfUp),
        tax_was_shared: !taxes_known && figures.lines.len() > 1,
        negative_lines,
        lines,
    };
    // The lines' taxes are stated if they are the whole tax.
    let complete = charges.lines.len() == figures.lines.len();
    let taxes: Option<Vec<Amount>> = charges.lines.iter().map(|line| line.cart_tax).collect();
    if let Some(taxes) = taxes
        && complete
        && !charges.sales_tax.is_zero()
        && Amount::checked_sum(taxes.iter().copied()) == Some(charges.sales_tax)
        && taxes.iter().all(|tax| !tax.is_negative() && tax.decimals() <= u)
    {
        charges.lines.iter_mut().zip(taxes).for_each(|(line, tax)| line.tax = Some(tax));
    }
    Some(charges)
}

/// The tax in each line, and whether the cart states it.
fn line_taxes(figures: &Figures) -> Option<(Vec<Amount>, bool)> {
    if !figures.included {
        return Some((vec![Amount::ZERO; figures.lines.len()], true));
    }
    let in_lines = figures.total_tax.checked_sub(figures.shipping_tax)?;
    if in_lines.is_zero() {
        return Some((vec![Amount::ZERO; figures.lines.len()], true));
    }
    let stated: Option<Vec<Amount>> = figures.lines.iter().map(|line| line.tax).collect();
    if let Some(stated) = stated
        && Amount::checked_sum(stated.iter().copied()) == Some(in_lines)
    {
        return Some((stated, true));
    }
    let weight = |line: &crate::figures::LineFigures| line.row.checked_sub(line.off);
    let weights: Vec<Amount> = figures.lines.iter().map(weight).collect::<Option<_>>()?;
    Some((shares(in_lines, &weights, figures.decimals)?, false))
}

/// A price and a discount of four decimals that give a line to the cent. Where none does, the price is rounded up and the
/// cents are taken off as `addl_discount`.
fn line_charges(
    node: Node,
    quantity: Amount,
    net: Amount,
    off: Amount,
    cart_tax: Option<Amount>,
    u: u32,
) -> Option<LineCharges> {
    const PRICE: u32 = 4;
    let gross = net.checked_add(off)?;
    let discount = divided(off, quantity, PRICE)?;
    let extended = |price: Amount| price.checked_sub(discount)?.checked_mul(quantity);
    let gives = |price: Amount| {
        Some(!price.is_negative() && price >= discount && extended(price)?.checked_sub(net)?.abs() < half_unit(u))
    };
    let plain = divided(gross, quantity, PRICE)?;
    let fitted = divided(net, quantity, PRICE)?.checked_add(discount)?;
    let mut line = LineCharges {
        node,
        quantity,
        gross,
        off,
        net,
        price: plain,
        discount,
        extended: net,
        addl: Amount::ZERO,
        tax: None,
        cart_tax,
    };
    if gives(plain)? {
        return Some(line);
    }
    line.price = fitted;
    if gives(fitted)? {
        return Some(line);
    }
    line.price = divided_up(net, quantity, PRICE)?.checked_add(discount)?;
    line.extended = extended(line.price)?.rounded(u, Rounding::HalfUp);
    line.addl = line.extended.checked_sub(net)?;
    Some(line)
}

impl Charges {
    /// The charges, if they add up to the total. Where rounding leaves a minor unit or two, the discount takes them.
    fn settled(mut self, figures: &Figures) -> Result<Charges, Unmappable> {
        let left = || {
            let plus = [self.sub_total, self.sales_tax, self.shipping];
            Amount::checked_sum(plus)?.checked_sub(self.discount)?.checked_sub(self.grand_total)
        };
        let left = left().ok_or_else(inexact)?;
        if !left.is_zero() {
            let most = Amount::new(figures.lines.len() as i128 + 3, figures.decimals);
            if most.is_none_or(|most| left.abs() > most) {
                let what = format!("ones that are off by {left} when they are rounded to {}", unit(figures.decimals));
                return Err(Unmappable::NoOrder { what });
            }
            self.discount = self.discount.checked_add(left).ok_or_else(inexact)?;
            if self.discount.is_negative() {
                self.shipping = self.shipping.checked_sub(self.discount).ok_or_else(inexact)?;
                self.discount = Amount::ZERO;
            }
        }
        let negative = [("tax", self.sales_tax), ("total", self.grand_total), ("sum of the lines", self.sub_total)];
        if let Some((name, amount)) = negative.into_iter().find(|(_, amount)| amount.is_negative()) {
            return Err(Unmappable::NoOrder { what: format!("a negative {name} ({amount})") });
        }
        if self.lines.is_empty() {
            return Err(Unmappable::NoOrder { what: "no line with a quantity and an amount".to_owned() });
        }
        Ok(self)
    }
}

impl Mapped {
    fn write_names(&mut self, reading: &Reading<'_, '_>) {
        self.order.currency_code.clone_from(&self.figures.currency);
        let item = |line: &LineCharges| {
            let sku = || reading.text(&reading.parts.sku, reading.line(line.node));
            MappedLine { item: if self.figures.stand_in { None } else { sku() }, ..MappedLine::default() }
        };
        self.order.items = self.charges.lines.iter().map(item).collect();
    }

    /// Writes the order.
    fn write(&mut self, reading: &Reading<'_, '_>) {
        let (charges, u) = (&self.charges, self.figures.decimals as usize);
        let money = |amount: Amount| format!("{amount:.u$}");
        let line = |(line, names): (&LineCharges, &MappedLine)| MappedLine {
            item: names.item.clone(),
            quantity: line.quantity.to_string(),
            price: format!("{:.4}", line.price),
            discount: format!("{:.4}", line.discount),
            extended_amount: money(line.extended),
            tax: line.tax.map(money),
            addl_discount: Some(line.addl).filter(|addl| !addl.is_zero()).map(money),
        };
        self.order = MappedOrder {
            cust_ref: reading.cart.references(reading.json, reading.order).into_iter().next(),
            currency_code: self.order.currency_code.clone(),
            sub_total: money(charges.sub_total),
            sales_tax: money(charges.sales_tax),
            shipping_handling: money(charges.shipping),
            order_discount: money(charges.discount),
            grand_total: money(charges.grand_total),
            items: charges.lines.iter().zip(&self.order.items).map(line).collect(),
        };
    }

    /// Notes what the figures alone do not decide.
    fn remark(&mut self, reading: &Reading<'_, '_>) {
        let mut say = |name: &str, message: String| self.notes.push(Remark { name: name.to_owned(), message });
        for note in &reading.cart.notes {
            if note.when.iter().any(|when| when.holds(reading.json, reading.header()) == Some(true)) {
                say(&note.name, note.say.clone());
            }
        }
        let figures = &self.figures;
        if figures.unknown_currency {
            say(
                "unknown-currency",
                "the currency of the cart's order is not an ISO 4217 code; it is left out".to_owned(),
            );
        }
        if figures.stand_in {
            say(
                "no-lines",
                "the cart's order lists no lines; the order has one line without a SKU, with their sum".to_owned(),
            );
        }
        if !figures.total_stated {
            say("no-total", "the cart's order states no total, so nothing confirms the sum of its figures".to_owned());
        }
        if figures.included_inferred {
            say("tax-included", "the figures add up only if the prices include the tax".to_owned());
        }
        if figures.row_was_unit {
            say("row-per-item", "the figures add up only if the amount of a line is the price of one item".to_owned());
        }
        if figures.rest {
            say(
                "discount-with-tax",
                "the cart's discount includes tax; the charges have what is left without it".to_owned(),
            );
        }
        if self.charges.tax_was_shared {
            say(
                "tax-shared",
                "the cart does not state each line's tax; it is shared in proportion to the lines".to_owned(),
            );
        }
        if !self.charges.negative_lines.is_zero() {
            let message = format!("lines with a minus sign are in order_discount: {}", self.charges.negative_lines);
            say("negative-lines", message);
        }
    }
}
