//! The plain way in Rust: every order a `serde_json::Value`, every amount a `Decimal` of its text. A JSON number has
//! been a binary float by then.

use std::io::Write;

use ordercharge_peers::arguments::Arguments;
use ordercharge_peers::charges::{Line, Order};
use ordercharge_peers::{Outcome, lines};
use rust_decimal::Decimal;
use serde_json::Value;

fn main() -> Outcome {
    let file = Arguments::read()?.file()?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    lines::each(&file, |line| {
        let order: Value = serde_json::from_slice(line)?;
        if charges(&order).and_then(|charges| charges.is_right()) != Some(true) {
            writeln!(out, "{}", order["cust_ref"].as_str().unwrap_or_default())?;
        }
        Ok(())
    })?;
    out.flush()?;
    Ok(())
}

fn charges(order: &Value) -> Option<Order> {
    Some(Order {
        lines: order["items"].as_array()?.iter().map(line).collect::<Option<_>>()?,
        sub_total: amount(&order["sub_total"])?.unwrap_or_default(),
        sales_tax: amount(&order["sales_tax"])?.unwrap_or_default(),
        shipping_handling: amount(&order["shipping_handling"])?.unwrap_or_default(),
        order_discount: amount(&order["order_discount"])?.unwrap_or_default(),
        grand_total: amount(&order["grand_total"])?.unwrap_or_default(),
    })
}

fn line(line: &Value) -> Option<Line> {
    Some(Line {
        price: amount(&line["price"])?.unwrap_or_default(),
        discount: amount(&line["discount"])?.unwrap_or_default(),
        quantity: amount(&line["quantity"])?,
        extended_amount: amount(&line["extended_amount"])?.unwrap_or_default(),
        tax: amount(&line["tax"])?.unwrap_or_default(),
        addl_discount: amount(&line["addl_discount"])?.unwrap_or_default(),
    })
}

/// An amount that is unset, or one; nothing where there is something else.
fn amount(value: &Value) -> Option<Option<Decimal>> {
    let parse = |text: &str| text.parse().or_else(|_| Decimal::from_scientific(text)).ok();
    match value {
        Value::Null => Some(None),
        Value::String(text) => parse(text).map(Some),
        Value::Number(number) => parse(&number.to_string()).map(Some),
        _ => None,
    }
}
