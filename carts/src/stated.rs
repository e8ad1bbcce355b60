//! A CartRover order as it is compared: its charges, and the SKUs that join its lines with the cart's.

use ordercharge::{Amount, Charge, Found, Unusable};

use crate::json::{Json, Kind, Node};

/// The charges of a CartRover order.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) cust_ref: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) sub_total: Charge,
    pub(crate) sales_tax: Charge,
    pub(crate) shipping: Charge,
    pub(crate) discount: Charge,
    pub(crate) grand_total: Charge,
    pub(crate) lines: Vec<StatedLine>,
}

/// The charges of a line.
#[derive(Clone, Debug)]
pub(crate) struct StatedLine {
    pub(crate) item: Option<String>,
    pub(crate) quantity: Charge,
    pub(crate) price: Charge,
    pub(crate) discount: Charge,
    pub(crate) extended: Charge,
    pub(crate) addl: Charge,
    pub(crate) tax: Charge,
}

fn charge(json: &Json<'_>, object: Node, key: &str) -> Charge {
    let Some(node) = json.get(object, key) else { return Charge::Unset };
    match json.kind(node) {
        Kind::Null => Charge::Unset,
        Kind::Number | Kind::String => Charge::from_text(&json.string(node)),
        _ => Charge::Unusable(Unusable::NotAmount(Found::Text)),
    }
}

fn text(json: &Json<'_>, object: Node, key: &str) -> Option<String> {
    let node = json.get(object, key).filter(|node| matches!(json.kind(*node), Kind::String | Kind::Number))?;
    Some(json.string(node).into_owned()).filter(|text| !text.trim().is_empty())
}

impl Stated {
    pub(crate) fn read(json: &Json<'_>, order: Node) -> Stated {
        let line = |line: Node| StatedLine {
            item: text(json, line, "item"),
            quantity: charge(json, line, "quantity"),
            price: charge(json, line, "price"),
            discount: charge(json, line, "discount"),
            extended: charge(json, line, "extended_amount"),
            addl: charge(json, line, "addl_discount"),
            tax: charge(json, line, "tax"),
        };
        let items = json.get(order, "items").filter(|items| json.kind(*items) == Kind::Array);
        let lines = items.map(|items| json.children(items).map(line).collect());
        Stated {
            cust_ref: text(json, order, "cust_ref"),
            currency: text(json, order, "currency_code"),
            sub_total: charge(json, order, "sub_total"),
            sales_tax: charge(json, order, "sales_tax"),
            shipping: charge(json, order, "shipping_handling"),
            discount: charge(json, order, "order_discount"),
            grand_total: charge(json, order, "grand_total"),
            lines: lines.unwrap_or_default(),
        }
    }

    /// Every charge that is an amount other than 0, with its place and the line that it is on.
    pub(crate) fn amounts(&self) -> Vec<(String, &'static str, Option<usize>, Amount)> {
        let header = [
            ("sub_total", self.sub_total),
            ("sales_tax", self.sales_tax),
            ("shipping_handling", self.shipping),
            ("order_discount", self.discount),
            ("grand_total", self.grand_total),
        ];
        let mut all = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let fields = [
                ("price", line.price),
                ("discount", line.discount),
                ("extended_amount", line.extended),
                ("addl_discount", line.addl),
                ("tax", line.tax),
            ];
            all.extend(fields.map(|(name, charge)| (format!("/items/{at}/{name}"), name, Some(at), charge)));
        }
        all.extend(header.map(|(name, charge)| (format!("/{name}"), name, None, charge)));
        let amount = |(path, name, line, charge): (String, &'static str, Option<usize>, Charge)| {
            charge.amount().filter(|amount| !amount.is_zero()).map(|amount| (path, name, line, amount))
        };
        all.into_iter().filter_map(amount).collect()
    }
}

/// A charge as text: what is stated, or none.
pub(crate) fn shown(charge: Charge) -> Option<String> {
    match charge {
        Charge::Amount(amount) => Some(amount.to_string()),
        Charge::Unusable(_) => Some("not an amount".to_owned()),
        _ => None,
    }
}
