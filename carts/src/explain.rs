//! Where the amounts of a mapped order come from, in places and in words.

use ordercharge::Amount;
use serde::Serialize;

use crate::exact::{divided, half_unit};
use crate::figures::{Reading, term_texts};
use crate::json::{Json, Node};
use crate::map::{Choice, Mapped};
use crate::path::{Factor, Term};
use crate::table::{Cart, Rest};

/// Where an amount of a [`MappedOrder`](crate::MappedOrder) comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The place of the amount in the CartRover order.
    pub path: String,
    /// The amount.
    pub amount: String,
    /// How it is calculated, with figures.
    pub arithmetic: String,
    /// The places of the cart's order that it comes from.
    pub taken_from: Vec<String>,
}

impl Mapped {
    /// Where each amount comes from: pointers into the cart's order, and the arithmetic with figures.
    pub fn sources(&self, cart: &Cart, json: &Json<'_>, order: Node, choice: Choice) -> Vec<Source> {
        let Some(parts) = cart.parts_for(choice) else { return Vec::new() };
        let reading = Reading::new(cart, json, order, parts);
        let places = |terms: &[&[Term]], node: Node| -> Vec<String> {
            let mut places = Vec::new();
            for term in terms.iter().copied().flatten() {
                for factor in term.product(json, reading.line(node)).unwrap_or_default() {
                    if let Factor::Path(path) = factor {
                        path.each(json, reading.line(node), &mut |found| places.push(json.pointer(found)));
                    }
                }
            }
            places.dedup();
            places
        };
        let mut all = Vec::new();
        let mut add = |path: String, amount: &str, arithmetic: String, taken_from: Vec<String>| {
            all.push(Source { path, amount: amount.to_owned(), arithmetic, taken_from });
        };
        let row = if self.figures.row_was_unit && !parts.row_or.is_empty() { &parts.row_or } else { &parts.row };
        let row: &[Term] = if self.figures.stand_in { &parts.rows } else { row };
        for (at, (line, written)) in self.charges.lines.iter().zip(&self.order.items).enumerate() {
            let (q, place) = (line.quantity, |field: &str| format!("/items/{at}/{field}"));
            let tax: &[Term] = if self.figures.included { &parts.tax } else { &[] };
            add(place("quantity"), &written.quantity, q.to_string(), places(&[&parts.quantity], line.node));
            let (gross, net, discount) = (line.gross, line.net, line.discount);
            let price = match (line.addl.is_zero(), self.figures.included) {
                (false, _) => format!("{net} / {q}, rounded up, + {discount}"),
                // The price that gives the line to the cent with its discount.
                (true, _) if divided(gross, q, 4) != Some(line.price) => format!("{net} / {q} + {discount}"),
                (true, true) => format!("{gross} without tax / {q}"),
                (true, false) => format!("{gross} / {q}"),
            };
            add(place("price"), &written.price, price, places(&[row, &parts.quantity, tax], line.node));
            if !line.off.is_zero() {
                let from = places(&[&parts.off, &parts.quantity], line.node);
                add(place("discount"), &written.discount, format!("{} / {q}", line.off), from);
            }
            let extended = format!("({} - {}) * {q}", line.price, line.discount);
            add(
                place("extended_amount"),
                &written.extended_amount,
                extended,
                places(&[row, &parts.off, tax], line.node),
            );
            if let (Some(tax), Some(amount)) = (&written.tax, line.tax) {
                add(place("tax"), tax, amount.to_string(), places(&[&parts.tax], line.node));
            }
            if let Some(addl) = &written.addl_discount {
                let arithmetic = format!("{} - {}", line.extended, line.net);
                add(place("addl_discount"), addl, arithmetic, Vec::new());
            }
        }
        let (figures, o) = (&self.figures, &self.order);
        let lines: Vec<String> = o.items.iter().map(|line| line.extended_amount.clone()).collect();
        add("/sub_total".to_owned(), &o.sub_total, lines.join(" + "), Vec::new());
        let tax = places(&[&parts.total_tax], order);
        add("/sales_tax".to_owned(), &o.sales_tax, figures.total_tax.to_string(), tax);
        let mut shipping = format!("{} + {}", figures.shipping, figures.fees);
        if figures.included && !figures.shipping_tax.is_zero() {
            shipping.push_str(&format!(" - {} tax", figures.shipping_tax));
        }
        // What is moved from one charge to another: a surplus, a minus sign, a minor unit of rounding.
        let moved = |to: &mut String, charge: Amount, shown: Option<Amount>| {
            let more = shown.and_then(|shown| charge.checked_sub(shown)).unwrap_or_default();
            if more.abs() > half_unit(figures.decimals) {
                let sign = if more.is_negative() { "-" } else { "+" };
                to.push_str(&format!(" {sign} {} moved from other charges", more.abs()));
            }
        };
        let tax = if figures.included { figures.shipping_tax } else { Amount::ZERO };
        let shown = Amount::checked_sum([figures.shipping, figures.fees, tax.negated()]);
        moved(&mut shipping, self.charges.shipping, shown);
        let from = places(&[&parts.shipping, &parts.fees], order);
        add("/shipping_handling".to_owned(), &o.shipping_handling, shipping, from);
        let mut discount = figures.discount.to_string();
        let lines: Vec<&str> = o.items.iter().filter_map(|line| line.addl_discount.as_deref()).collect();
        lines.iter().for_each(|addl| discount.push_str(&format!(" + {addl}")));
        if !self.charges.negative_lines.is_zero() {
            discount.push_str(&format!(" + {} of negative lines", self.charges.negative_lines));
        }
        let addl: Option<Amount> = self.charges.lines.iter().map(|line| line.addl).sum();
        let shown = addl.and_then(|addl| Amount::checked_sum([figures.discount, addl, self.charges.negative_lines]));
        moved(&mut discount, self.charges.discount, shown);
        add("/order_discount".to_owned(), &o.order_discount, discount, places(&[&parts.discount], order));
        let total = format!("{} + {} + {} - {}", o.sub_total, o.sales_tax, o.shipping_handling, o.order_discount);
        add("/grand_total".to_owned(), &o.grand_total, total, places(&[&parts.total], order));
        all
    }
}

impl Cart {
    /// What a field of CartRover should be taken from, in words: the remedy for a mapping that takes it elsewhere.
    pub fn remedy(&self, field: &str) -> Option<String> {
        let parts = &self.parts;
        // A sum or a product is put into brackets.
        let grouped = |text: String| if text.contains(' ') { format!("({text})") } else { text };
        let (row, q) = (term_texts(&parts.row), grouped(term_texts(&parts.quantity)));
        let (off, discount) = (term_texts(&parts.off), term_texts(&parts.discount));
        let net = if parts.included.is_some() { ", less the tax if the prices include it" } else { "" };
        Some(match field {
            "quantity" => format!("quantity = {q}"),
            "price" => match row.strip_suffix(&format!(" * {q}")) {
                Some(price) => format!("price = {price}{net}"),
                None => format!("price = {} / {q}, with four decimals{net}", grouped(row)),
            },
            "discount" if off.is_empty() => "discount = 0: the cart has no discount on a line".to_owned(),
            "discount" => format!("discount = {} / {q}, as a positive number", grouped(off)),
            "extended_amount" if off.is_empty() => format!("extended_amount = {row}{net}"),
            "extended_amount" => format!("extended_amount = {row} - {}{net}", grouped(off)),
            "tax" if parts.tax.is_empty() => "tax: leave it out of the lines".to_owned(),
            "tax" => format!(
                "tax = {}, or leave it out of the lines if they do not add up to sales_tax",
                term_texts(&parts.tax)
            ),
            "addl_discount" => "addl_discount: leave it out, or let order_discount include it".to_owned(),
            "sub_total" => "sub_total = the sum of extended_amount".to_owned(),
            "sales_tax" if parts.total_tax.is_empty() => "sales_tax = 0".to_owned(),
            "sales_tax" => format!("sales_tax = {}", term_texts(&parts.total_tax)),
            "shipping_handling" => {
                let fees =
                    if parts.fees.is_empty() { String::new() } else { format!(" + {}", term_texts(&parts.fees)) };
                format!("shipping_handling = {}{fees}", term_texts(&parts.shipping))
            }
            "order_discount" if discount.is_empty() => {
                "order_discount = 0: the discounts of this cart are in its lines".to_owned()
            }
            "order_discount" => {
                let rest = if parts.rest == Some(Rest::Discount) { ", without the tax in it" } else { "" };
                format!("order_discount = {discount}{rest}, as a positive number")
            }
            "grand_total" => format!("grand_total = {}", term_texts(&parts.total)),
            _ => return None,
        })
    }
}
