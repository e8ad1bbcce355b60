//! The page of a table.

use crate::figures::{term_texts, texts};
use crate::table::{Cart, Rest};

impl Cart {
    /// Its section in the documentation: which field of CartRover comes from which of the cart's, and what is said about an order.
    pub fn markdown(&self) -> String {
        let parts = &self.parts;
        let code = |text: String| if text.is_empty() { "-".to_owned() } else { format!("`{text}`") };
        let mut text = format!("### {}\n\n`--cart {}`. ", self.title, self.name);
        let detect: Vec<String> = self.detect.iter().map(|any| code(texts(any))).collect();
        text.push_str(&format!("Its orders have {}. ", detect.join(", ")));
        text.push_str(&format!(
            "The cart's names for an order: {}.\n\n",
            code(texts(&self.references).replace(" or ", "`, `"))
        ));
        text.push_str("| CartRover | is |\n| --- | --- |\n");
        let mut row = |name: &str, value: String| text.push_str(&format!("| `{name}` | {value} |\n"));
        let including = |value: String| {
            if parts.included.is_some() { format!("{value}, less the tax if prices include it") } else { value }
        };
        row("currency_code", code(texts(&parts.currency)));
        row("items", code(texts(&parts.lines)));
        row("item", code(texts(&parts.sku)));
        row("quantity", code(term_texts(&parts.quantity)));
        row("price", including(format!("{}, divided by the quantity", code(term_texts(&parts.row)))));
        let off = if parts.off.is_empty() {
            "0".to_owned()
        } else {
            format!("{}, divided by the quantity", code(term_texts(&parts.off)))
        };
        row("discount", off);
        if !parts.tax.is_empty() {
            row("tax", format!("{}, if the lines' taxes are the whole tax", code(term_texts(&parts.tax))));
        }
        row("sales_tax", code(term_texts(&parts.total_tax)));
        let shipping: Vec<String> = [&parts.shipping, &parts.fees]
            .into_iter()
            .filter(|terms| !terms.is_empty())
            .map(|terms| code(term_texts(terms)))
            .collect();
        row("shipping_handling", including(shipping.join(" and ")));
        let rest = if parts.rest == Some(Rest::Discount) { ", or what is left of it without its tax" } else { "" };
        let discount = if parts.discount.is_empty() { "0".to_owned() } else { code(term_texts(&parts.discount)) };
        row("order_discount", format!("{discount}{rest}"));
        row("grand_total", code(term_texts(&parts.total)));
        let mut said = Vec::new();
        if let Some(included) = &parts.included {
            said.push(format!(
                "Prices include the tax where {} states it. If the order does not state it, the total decides.",
                code(included.text())
            ));
        }
        if !parts.row_or.is_empty() {
            said.push(format!("If only {} makes the total, that is the line.", code(term_texts(&parts.row_or))));
        }
        if let Some(skip) = &parts.skip {
            said.push(format!("A line with {} is a part of another line.", code(skip.text())));
        }
        if !self.variants.is_empty() {
            let names: Vec<String> = self.variants().map(|name| format!("`{name}`")).collect();
            said.push(format!("Other figures that `--edited` and `--money` choose: {}.", names.join(", ")));
        }
        if self.total_may_be_missing {
            said.push(
                "Its orders may state no total; then their figures are added up, and nothing confirms the sum."
                    .to_owned(),
            );
        }
        for note in &self.notes {
            let say = &note.say;
            let mut chars = say.chars();
            let first = chars.next().map(|char| char.to_uppercase().to_string()).unwrap_or_default();
            said.push(format!("{first}{} (`{}`).", chars.as_str(), note.name));
        }
        if !said.is_empty() {
            text.push('\n');
            said.iter().for_each(|line| text.push_str(&format!("- {line}\n")));
        }
        text
    }
}
