//! The careful way in Rust: typed orders whose amounts are borrowed as the text they have in the file, and then exact
//! `Decimal`s.

use std::borrow::Cow;
use std::io::Write;

use ordercharge_peers::arguments::Arguments;
use ordercharge_peers::charges;
use ordercharge_peers::{Outcome, lines};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Order<'a> {
    #[serde(borrow)]
    cust_ref: Cow<'a, str>,
    sub_total: Option<&'a RawValue>,
    sales_tax: Option<&'a RawValue>,
    shipping_handling: Option<&'a RawValue>,
    order_discount: Option<&'a RawValue>,
    grand_total: Option<&'a RawValue>,
    items: Vec<Line<'a>>,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    price: Option<&'a RawValue>,
    discount: Option<&'a RawValue>,
    quantity: Option<&'a RawValue>,
    extended_amount: Option<&'a RawValue>,
    tax: Option<&'a RawValue>,
    addl_discount: Option<&'a RawValue>,
}

fn main() -> Outcome {
    let file = Arguments::read()?.file()?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    lines::each(&file, |line| {
        let order: Order<'_> = serde_json::from_slice(line)?;
        if order.charges().and_then(|charges| charges.is_right()) != Some(true) {
            writeln!(out, "{}", order.cust_ref)?;
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(())
}

impl Order<'_> {
    fn charges(&self) -> Option<charges::Order> {
        Some(charges::Order {
            lines: self.items.iter().map(Line::charges).collect::<Option<_>>()?,
            sub_total: amount(self.sub_total)?.unwrap_or_default(),
            sales_tax: amount(self.sales_tax)?.unwrap_or_default(),
            shipping_handling: amount(self.shipping_handling)?.unwrap_or_default(),
            order_discount: amount(self.order_discount)?.unwrap_or_default(),
            grand_total: amount(self.grand_total)?.unwrap_or_default(),
        })
    }
}

impl Line<'_> {
    fn charges(&self) -> Option<charges::Line> {
        Some(charges::Line {
            price: amount(self.price)?.unwrap_or_default(),
            discount: amount(self.discount)?.unwrap_or_default(),
            quantity: amount(self.quantity)?,
            extended_amount: amount(self.extended_amount)?.unwrap_or_default(),
            tax: amount(self.tax)?.unwrap_or_default(),
            addl_discount: amount(self.addl_discount)?.unwrap_or_default(),
        })
    }
}

/// An amount that is unset, or one that `Decimal` holds as it is; nothing if there is something else.
fn amount(raw: Option<&RawValue>) -> Option<Option<Decimal>> {
    let Some(raw) = raw else { return Some(None) };
    let text = raw.get().trim_matches('"');
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok().map(Some)
}
