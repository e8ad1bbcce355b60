//! Orders as JSON, in any of the ways in which they may be written.

use core::fmt::Write;

use crate::amount::Amount;
use crate::currency::Currency;
use crate::order::{Charge, Field, Found, Items, Level, Line, Misnamed, Order, Unusable};

use super::Choices;

/// How an order is written.
///
/// ```
/// use ordercharge::generate::{Amounts, Blanks, Choices, Style, json_text};
/// use ordercharge::{Charge, Order};
///
/// let order = Order { grand_total: Charge::from_text("5"), ..Order::default() };
/// let plain = Style { blanks: Blanks::None, amounts: Amounts::AsReturned, ..Style::default() };
/// assert_eq!(json_text(&order, &plain, &mut Choices::seeded(0)), r#"{"grand_total":"5.00"}"#);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// The blanks between the tokens.
    pub blanks: Blanks,
    /// How amounts are written.
    pub amounts: Amounts,
    /// Whether fields are in another order than in the definitions.
    pub shuffled: bool,
    /// Whether some unset fields are written as `null`.
    pub nulls: bool,
    /// Whether characters of names and strings are escaped that need not be.
    pub escapes: bool,
    /// Whether there are fields that are not charges: strings with brackets in them, nested objects with the names of charges.
    pub unknown_fields: bool,
}

/// The blanks between the tokens of the JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Blanks {
    /// Nothing.
    None,
    /// A blank after commas and colons.
    #[default]
    Spaced,
    /// A line for each field.
    Indented,
    /// Any blanks that JSON allows.
    Any,
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Amounts {
    /// Numbers: `5`.
    #[default]
    Numbers,
    /// Strings: `"5"`.
    Texts,
    /// As CartRover returns them: strings with 4 decimals, or with those of the currency.
    AsReturned,
    /// Every amount in another way: `5`, `"5.00"`, `5e0`, `" +5."`.
    Any,
}

impl Style {
    /// Any style.
    pub fn drawn(choices: &mut Choices<'_>) -> Style {
        let blanks = [Blanks::Spaced, Blanks::None, Blanks::Indented, Blanks::Any];
        let amounts = [Amounts::Numbers, Amounts::Texts, Amounts::AsReturned, Amounts::Any];
        Style {
            blanks: choices.one_of(&blanks).copied().unwrap_or_default(),
            amounts: choices.one_of(&amounts).copied().unwrap_or_default(),
            shuffled: choices.chance(50),
            nulls: choices.chance(50),
            escapes: choices.chance(20),
            unknown_fields: choices.chance(50),
        }
    }
}

/// Writes an order as JSON. Reading it gives the same order, including unusable fields, duplicates and wrong names.
///
/// An order from a reply of the API is written as such a reply.
pub fn json_text(order: &Order, style: &Style, choices: &mut Choices<'_>) -> String {
    let mut node = Writing { style, choices, decimals: order.currency.decimals() }.order(order);
    if order.from_reply {
        let success = ("success_code".to_owned(), Node::Plain("true".to_owned()));
        node = Node::Object(vec![success, ("response".to_owned(), node)]);
    }
    let mut text = String::new();
    node.write(style, choices, 0, &mut text);
    text
}

/// A value of a JSON text.
pub(super) enum Node {
    /// A number, `true`, `null`, or a string that must be written exactly so.
    Plain(String),
    /// A string.
    Text(String),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(super) fn null() -> Node {
        Node::Plain("null".to_owned())
    }

    pub(super) fn text(text: impl Into<String>) -> Node {
        Node::Text(text.into())
    }

    pub(super) fn write(&self, style: &Style, choices: &mut Choices<'_>, depth: usize, into: &mut String) {
        match self {
            Node::Plain(text) => into.push_str(text),
            Node::Text(text) => quote(text, style, choices, into),
            Node::Array(entries) => {
                into.push('[');
                for (at, entry) in entries.iter().enumerate() {
                    separate(at, style, choices, depth + 1, into);
                    entry.write(style, choices, depth + 1, into);
                }
                close(entries.is_empty(), style, choices, depth, into);
                into.push(']');
            }
            Node::Object(fields) => {
                into.push('{');
                for (at, (name, value)) in fields.iter().enumerate() {
                    separate(at, style, choices, depth + 1, into);
                    quote(name, style, choices, into);
                    if style.blanks == Blanks::Any {
                        blank(choices, into);
                    }
                    into.push(':');
                    match style.blanks {
                        Blanks::None => {}
                        Blanks::Any => blank(choices, into),
                        Blanks::Spaced | Blanks::Indented => into.push(' '),
                    }
                    value.write(style, choices, depth + 1, into);
                }
                close(fields.is_empty(), style, choices, depth, into);
                into.push('}');
            }
        }
    }
}

/// The bytes before an entry.
fn separate(at: usize, style: &Style, choices: &mut Choices<'_>, depth: usize, into: &mut String) {
    if at > 0 {
        if style.blanks == Blanks::Any {
            blank(choices, into);
        }
        into.push(',');
    }
    match style.blanks {
        Blanks::None => {}
        Blanks::Spaced if at > 0 => into.push(' '),
        Blanks::Spaced => {}
        Blanks::Indented => indent(depth, into),
        Blanks::Any => blank(choices, into),
    }
}

fn close(empty: bool, style: &Style, choices: &mut Choices<'_>, depth: usize, into: &mut String) {
    match style.blanks {
        Blanks::Indented if !empty => indent(depth, into),
        Blanks::Any => blank(choices, into),
        _ => {}
    }
}

fn indent(depth: usize, into: &mut String) {
    into.push('\n');
    into.extend(core::iter::repeat_n("  ", depth));
}

fn blank(choices: &mut Choices<'_>, into: &mut String) {
    into.push_str(choices.one_of(&["", "", " ", "\n", "\t", "\r\n  "]).copied().unwrap_or_default());
}

fn quote(text: &str, style: &Style, choices: &mut Choices<'_>, into: &mut String) {
    into.push('"');
    for char in text.chars() {
        match char {
            '"' | '\\' => into.extend(['\\', char]),
            '\n' => into.push_str("\\n"),
            _ if char < ' ' || (style.escapes && choices.chance(20)) => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    // Writing into a `String` cannot fail.
                    let _ = write!(into, "\\u{unit:04x}");
                }
            }
            _ => into.push(char),
        }
    }
    into.push('"');
}

/// Makes the nodes of an order.
struct Writing<'w, 'c> {
    style: &'w Style,
    choices: &'w mut Choices<'c>,
    decimals: u32,
}

/// The fields of an object, and which of them must keep their relative order.
#[derive(Default)]
struct Fields {
    fields: Vec<(String, Node)>,
    in_order: Vec<usize>,
}

impl Fields {
    fn push(&mut self, name: &str, node: Node) {
        self.fields.push((name.to_owned(), node));
    }
}

impl Writing<'_, '_> {
    fn order(&mut self, order: &Order) -> Node {
        let mut fields = Fields::default();
        let texts = [("cust_ref", &order.cust_ref), ("order_source", &order.order_source)];
        for (name, text) in texts {
            let node = text.as_ref().map(Node::text);
            self.push(&mut fields, name, node);
        }
        let currency = match &order.currency {
            Currency::Unknown(code) => Some(Node::text(code)),
            known => known.code().map(Node::text),
        };
        self.push(&mut fields, "currency_code", currency);
        self.charges(&mut fields, Level::Header, |field| order.get(field), &order.misnamed);
        if self.style.unknown_fields {
            fields.push("note", Node::text(r#"} ] , " grand_total: 1"#));
            let nested = vec![
                ("grand_total".to_owned(), Node::Array(vec![Node::Plain("1".to_owned()), Node::Object(Vec::new())])),
                ("é".to_owned(), Node::null()),
            ];
            fields.push("extra_fields", Node::Object(nested));
        }
        match &order.items {
            Items::Unset => self.push(&mut fields, "items", None),
            Items::Unusable(Unusable::Duplicate) => {
                fields.push("items", Node::Array(Vec::new()));
                fields.push("items", Node::Array(Vec::new()));
            }
            Items::Unusable(Unusable::NotAmount(found)) => fields.push("items", standing(*found)),
            Items::Unusable(Unusable::Inexact) => fields.push("items", standing(Found::Number)),
            Items::Lines(lines) => {
                let lines = lines.iter().enumerate().map(|(at, line)| self.line(at, line)).collect();
                fields.push("items", Node::Array(lines));
            }
        }
        self.object(fields)
    }

    fn line(&mut self, at: usize, line: &Line) -> Node {
        if let Some(found) = line.not_an_object {
            return standing(found);
        }
        let mut fields = Fields::default();
        if self.style.unknown_fields {
            fields.push("item", Node::Text(format!("SKU-{at}")));
            fields.push("line_no", Node::Plain(at.to_string()));
        }
        self.charges(&mut fields, Level::Line, |field| line.get(field), &line.misnamed);
        if line.filtered {
            fields.push("filtered_sku", Node::text("Y"));
        }
        self.object(fields)
    }

    /// A field that may be unset.
    fn push(&mut self, fields: &mut Fields, name: &str, node: Option<Node>) {
        match node {
            Some(node) => fields.push(name, node),
            None if self.style.nulls && self.choices.chance(50) => fields.push(name, Node::null()),
            None => {}
        }
    }

    fn charges(&mut self, fields: &mut Fields, level: Level, get: impl Fn(Field) -> Charge, misnamed: &[Misnamed]) {
        for field in level.fields().iter().copied() {
            let name = field.name();
            match get(field) {
                Charge::Unset => self.push(fields, name, None),
                Charge::Blank => {
                    let blank = self.choices.one_of(&["", " "]).copied().unwrap_or_default();
                    fields.push(name, Node::text(blank));
                }
                Charge::Amount(amount) => {
                    let node = self.amount(field, amount);
                    fields.push(name, node);
                }
                Charge::Unusable(Unusable::Duplicate) => {
                    fields.push(name, Node::Plain("1".to_owned()));
                    fields.push(name, Node::Plain("2".to_owned()));
                }
                Charge::Unusable(Unusable::Inexact) => {
                    let texts = ["1e400", "0.00000000000000000000000000001", "12345678901234567890123456789"];
                    let text = self.choices.one_of(&texts).copied().unwrap_or("1e400");
                    fields.push(name, Node::Plain(text.to_owned()));
                }
                Charge::Unusable(Unusable::NotAmount(found)) => fields.push(name, standing(found)),
            }
        }
        for other in misnamed {
            let node = self.amount(other.means, other.amount);
            fields.in_order.push(fields.fields.len());
            fields.push(&other.name, node);
        }
    }

    fn amount(&mut self, field: Field, amount: Amount) -> Node {
        let plain = amount.to_string();
        let kept = field.decimals_kept(self.decimals).unwrap_or_default().max(amount.decimals()) as usize;
        match self.style.amounts {
            Amounts::Numbers => Node::Plain(plain),
            Amounts::Texts => Node::Text(plain),
            Amounts::AsReturned => Node::Text(format!("{amount:.kept$}")),
            Amounts::Any => match self.choices.below(7) {
                0 => Node::Plain(plain),
                1 => Node::Text(plain),
                2 => Node::Plain(format!("{amount:.kept$}")),
                3 => Node::Plain(format!("{plain}e0")),
                4 => Node::Text(format!(" {amount:.kept$} ")),
                5 => Node::Text(format!("{plain}E+00")),
                _ if amount.is_negative() => Node::Text(plain),
                _ => Node::Text(format!("+{plain}{}", if amount.decimals() == 0 { "." } else { "0" })),
            },
        }
    }

    fn object(&mut self, fields: Fields) -> Node {
        let Fields { fields, in_order } = fields;
        if !self.style.shuffled {
            return Node::Object(fields);
        }
        let mut places: Vec<usize> = (0..fields.len()).collect();
        self.choices.shuffle(&mut places);
        let mut next = in_order.iter().copied();
        for place in &mut places {
            if in_order.contains(place) {
                *place = next.next().unwrap_or(*place);
            }
        }
        let mut fields: Vec<Option<(String, Node)>> = fields.into_iter().map(Some).collect();
        Node::Object(places.into_iter().filter_map(|place| fields.get_mut(place)?.take()).collect())
    }
}

/// A value of this kind.
fn standing(found: Found) -> Node {
    match found {
        Found::Text => Node::text("n/a"),
        Found::CurrencySign => Node::text("$5.00"),
        Found::Comma => Node::text("1,000.00"),
        Found::Boolean => Node::Plain("true".to_owned()),
        Found::Number => Node::Plain("5".to_owned()),
        Found::Array => Node::Array(Vec::new()),
        Found::Object => Node::Object(Vec::new()),
        Found::Null => Node::null(),
    }
}
