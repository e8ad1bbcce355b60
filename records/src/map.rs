//! CartRover orders made from a cart's orders: the records, and both for texts.

use ordercharge_carts::{Cart, Choice, Edited, Json, Mapped, Money, Node, Remark, Source, Unmappable, references};
use serde::{Deserialize, Serialize};

use crate::compare::{documents, error, known, line, no_order, table, unused};
use crate::{Failure, output};

/// The record of an order that cannot be mapped.
#[derive(Debug, Serialize)]
pub struct Unmapped<'a> {
    format: u32,
    r#type: &'static str,
    /// The source of the cart's order.
    pub source: &'a str,
    /// The number of its document in the run, from 0.
    pub index: u64,
    /// The line of the source on which its document begins.
    pub line: u64,
    /// The first of the cart's names for it.
    pub cust_ref: Option<String>,
    /// The name of the table.
    pub cart: Option<&'a str>,
    /// Why it cannot be mapped, in words.
    pub message: String,
    /// Why, as data; `None` if no table describes the order.
    pub error: Option<&'a Unmappable>,
}

/// Where the document of an order is: the name of its source, its number and its line.
pub type DocumentPlace<'a> = (&'a str, u64, u64);

impl<'a> Unmapped<'a> {
    /// The record of a cart's order.
    pub fn new(
        (source, index, line): DocumentPlace<'a>,
        json: &Json<'_>,
        order: Node,
        cart: Option<&'a Cart>,
        error: Option<&'a Unmappable>,
    ) -> Unmapped<'a> {
        let message = error.map_or_else(
            || {
                "expected an order of a cart with a table, found one that none describes (a table of your own can do so)"
                    .to_owned()
            },
            ToString::to_string,
        );
        let cust_ref = references(json, order, cart).into_iter().next();
        let cart = cart.map(Cart::name);
        Unmapped { format: 1, r#type: "unmapped", source, index, line, cust_ref, cart, message, error }
    }
}

/// The record of an order that was mapped.
#[derive(Serialize)]
struct MappedRecord<'a> {
    format: u32,
    r#type: &'static str,
    source: &'a str,
    index: u64,
    line: u64,
    cust_ref: Option<&'a str>,
    cart: &'a str,
    /// The order, as the command prints it.
    text: String,
    sources: &'a [Source],
    notes: &'a [Remark],
}

/// The options of `map`.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    cart: Option<String>,
    cart_table: Option<String>,
    edited: Edited,
    money: Money,
    source: String,
}

impl Default for Options {
    fn default() -> Self {
        let (edited, money) = (Edited::default(), Money::default());
        Options { cart: None, cart_table: None, edited, money, source: "-".to_owned() }
    }
}

/// A record for each order of the cart, then what cannot be read.
pub(crate) fn all(text: &[u8], options: &Options) -> Result<Vec<u8>, Failure> {
    let table = table(options.cart_table.as_deref())?;
    let known = known(options.cart.as_deref(), table.as_ref())?;
    let choice = Choice { edited: options.edited, money: options.money };
    let source = options.source.as_str();
    let (mut records, mut sample) = (Vec::new(), None);
    let (_, mut errors) = documents(text, source, |json, index, position| {
        let at = position.line;
        if table.is_some() && sample.is_none() {
            sample = Some(json.text(Node::ROOT).as_bytes().to_vec());
        }
        for (order, cart) in known.orders(json) {
            match cart.map(|cart| (cart, cart.map(json, order, choice))) {
                Some((cart, Ok(made))) => mapped(&mut records, (source, index, at), json, order, cart, &made, choice)?,
                refused => {
                    let why = refused.and_then(|(_, refused)| refused.err());
                    line(&mut records, &Unmapped::new((source, index, at), json, order, cart, why.as_ref()))?;
                }
            }
        }
        Ok(())
    })?;
    if records.is_empty() && errors.is_empty() {
        errors.push(no_order(source));
    }
    errors.extend(unused(table.as_ref(), sample.as_deref()));
    errors.iter().try_for_each(|message| error(&mut records, message))?;
    Ok(records)
}

fn mapped(
    records: &mut Vec<u8>,
    (source, index, at): DocumentPlace<'_>,
    json: &Json<'_>,
    order: Node,
    cart: &Cart,
    made: &Mapped,
    choice: Choice,
) -> Result<(), Failure> {
    let record = MappedRecord {
        format: 1,
        r#type: "mapped",
        source,
        index,
        line: at,
        cust_ref: made.order.cust_ref.as_deref(),
        cart: cart.name(),
        text: output::json(&made.order).map_err(|error| Failure::new(error.to_string()))?,
        sources: &made.sources(cart, json, order, choice),
        notes: &made.notes,
    };
    line(records, &record)
}
