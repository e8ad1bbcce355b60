//! A CartRover order as it is compared: its charges, and the SKUs that join its lines with the cart's.

use std::borrow::Cow;

use ordercharge::{Amount, Charge, Found, Unusable};

use crate::json::{Json, Kind, Node};

/// The charges of a CartRover order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stated<'a> {
    pub(crate) cust_ref: Option<Cow<'a, str>>,
    pub(crate) currency: Option<Cow<'a, str>>,
    pub(crate) sub_total: Charge,
    pub(crate) sales_tax: Charge,
    pub(crate) shipping: Charge,
    pub(crate) discount: Charge,
    pub(crate) grand_total: Charge,
    pub(crate) lines: Vec<StatedLine<'a>>,
}

/// The charges of a line.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatedLine<'a> {
    pub(crate) item: Option<Cow<'a, str>>,
    pub(crate) quantity: Charge,
    pub(crate) price: Charge,
    pub(crate) discount: Charge,
    pub(crate) extended: Charge,
    pub(crate) addl: Charge,
    pub(crate) tax: Charge,
}

fn charge(json: &Json<'_>, node: Node) -> Charge {
    match json.kind(node) {
        Kind::Null => Charge::Unset,
        Kind::Number | Kind::String => Charge::from_text(&json.string(node)),
        _ => Charge::Unusable(Unusable::NotAmount(Found::Text)),
    }
}

/// The text of a name, without space around it: the cart's names are read like this too.
fn text<'a>(json: &Json<'a>, node: Node) -> Option<Cow<'a, str>> {
    let is_text = matches!(json.kind(node), Kind::String | Kind::Number);
    let text = is_text.then(|| match json.string(node) {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    });
    text.filter(|text| !text.is_empty())
}

impl<'a> StatedLine<'a> {
    fn read(json: &Json<'a>, line: Node) -> StatedLine<'a> {
        let mut read = StatedLine::default();
        for member in json.children(line).filter(|_| json.kind(line) == Kind::Object) {
            // Of members with the same name the last one counts.
            match &*json.key(member) {
                "item" => read.item = text(json, member),
                "quantity" => read.quantity = charge(json, member),
                "price" => read.price = charge(json, member),
                "discount" => read.discount = charge(json, member),
                "extended_amount" => read.extended = charge(json, member),
                "addl_discount" => read.addl = charge(json, member),
                "tax" => read.tax = charge(json, member),
                _ => {}
            }
        }
        read
    }
}

impl<'a> Stated<'a> {
    pub(crate) fn read(json: &Json<'a>, order: Node) -> Stated<'a> {
        let (mut read, mut items) = (Stated::default(), None);
        for member in json.children(order).filter(|_| json.kind(order) == Kind::Object) {
            match &*json.key(member) {
                "cust_ref" => read.cust_ref = text(json, member),
                "currency_code" => read.currency = text(json, member),
                "sub_total" => read.sub_total = charge(json, member),
                "sales_tax" => read.sales_tax = charge(json, member),
                "shipping_handling" => read.shipping = charge(json, member),
                "order_discount" => read.discount = charge(json, member),
                "grand_total" => read.grand_total = charge(json, member),
                "items" => items = Some(member),
                _ => {}
            }
        }
        let items = items.filter(|items| json.kind(*items) == Kind::Array);
        let lines = items.map(|items| json.children(items).map(|line| StatedLine::read(json, line)).collect());
        read.lines = lines.unwrap_or_default();
        read
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
