//! Orders compared with the cart's orders that they were made from: the records and their summary, and both for texts.

use ordercharge::{Document, Documents, Position};
use ordercharge_carts::{
    Cart, Choice, Comparison, Corpus, Edited, Json, Money, Node, Pair, Verdict, WrongField, compare_by_value,
};
use serde::{Deserialize, Serialize};

use crate::cart_orders::{CartOrders, Known, Partner, SomeCartOrders, Unpaired, cust_ref};
use crate::output::Message;
use crate::places::Places;
use crate::{Failure, output};

/// A comparison with the place of the order that it is about, as its record is written.
#[derive(Debug, Serialize)]
pub struct Compared<'a> {
    format: u32,
    r#type: &'static str,
    /// The source of the order: the cart's, if there is no CartRover order.
    pub source: &'a str,
    /// The number of the comparison in the run, from 0.
    pub index: u64,
    /// The line of the source on which the document with the order begins.
    pub line: u64,
    /// What differs.
    #[serde(flatten)]
    pub comparison: &'a Comparison,
    /// Where the values are that it points at, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<Places>,
}

impl<'a> Compared<'a> {
    /// The record of a comparison.
    pub fn new(source: &'a str, index: u64, line: u64, comparison: &'a Comparison) -> Compared<'a> {
        Compared { format: 1, r#type: "comparison", source, index, line, comparison, places: None }
    }

    /// Whether every charge is that of the cart's order.
    pub fn is_same(&self) -> bool {
        self.comparison.verdict == Verdict::Same
    }
}

/// The record that ends a report of comparisons.
#[derive(Debug, Serialize)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`docs/carts.md` describes each key")]
pub struct ComparisonSummary {
    pub format: u32,
    pub r#type: &'static str,
    pub complete: bool,
    pub pairs: u64,
    pub same: u64,
    pub different: u64,
    pub unmatched: u64,
    pub unmappable: u64,
    pub fields: Vec<WrongField>,
    pub errors: Vec<String>,
    pub exit: u8,
}

impl ComparisonSummary {
    /// The summary of comparisons. `broken` says that something could not be read.
    pub fn new(corpus: &Corpus, known: Known<'_>, broken: bool) -> ComparisonSummary {
        // The table that says what fields should be: the one that was asked for, or the one of all orders that differ.
        let table = match known {
            Known::Table(cart) => Some(cart),
            Known::None => None,
            Known::Detected => corpus.only_cart().and_then(Cart::named),
        };
        let same = corpus.count(Verdict::Same);
        ComparisonSummary {
            format: 1,
            r#type: "summary",
            complete: !broken,
            pairs: corpus.pairs(),
            same,
            different: corpus.count(Verdict::Different),
            unmatched: corpus.count(Verdict::Unmatched),
            unmappable: corpus.count(Verdict::Unmappable),
            fields: corpus.fields(table),
            errors: Vec::new(),
            exit: if broken || corpus.pairs() == 0 { 2 } else { u8::from(same < corpus.pairs()) },
        }
    }
}

/// Compares an order with its partner.
pub fn compared(order: &Json<'_>, partner: Result<Partner<'_, '_>, Unpaired>, choice: Choice) -> Comparison {
    let (text, cart) = match partner {
        Ok(partner) => partner,
        Err(Unpaired::NoOrder) => return Comparison::unmatched(cust_ref(order), None, false),
        Err(Unpaired::Ambiguous) => return Comparison::ambiguous(cust_ref(order)),
    };
    // It was read before.
    let Ok(json) = Json::parse(text) else { return Comparison::unmatched(cust_ref(order), cart, false) };
    match cart {
        Some(cart) => Pair { cart, json: &json, order: Node::ROOT, choice }.compare(order, Node::ROOT),
        None => compare_by_value(&json, Node::ROOT, order, Node::ROOT),
    }
}

/// The options of `compare` and `compare_all`.
#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// The text of the cart's orders; or how many bytes of it are before the text of the orders.
    cart_order: Option<String>,
    cart_length: Option<usize>,
    cart: Option<String>,
    cart_table: Option<String>,
    edited: Edited,
    money: Money,
    source: String,
    cart_source: String,
    /// Of `compare_all` only.
    all: bool,
    /// Of `compare` only.
    places: bool,
}

impl Default for Options {
    fn default() -> Self {
        let (edited, money) = (Edited::default(), Money::default());
        let (source, cart_source) = ("-".to_owned(), "cart".to_owned());
        Options {
            cart_order: None,
            cart_length: None,
            cart: None,
            cart_table: None,
            edited,
            money,
            source,
            cart_source,
            all: false,
            places: false,
        }
    }
}

impl Options {
    /// The text of the cart's orders, and that of the orders.
    fn texts<'t>(&'t self, input: &'t [u8]) -> Result<(&'t [u8], &'t [u8]), Failure> {
        match (&self.cart_order, self.cart_length) {
            (Some(_), Some(_)) => Err(Failure::new("expected `cart_order` or `cart_length`, found both")),
            (Some(text), None) => Ok((text.as_bytes(), input)),
            (None, None) => Ok((&[], input)),
            (None, Some(length)) => input.split_at_checked(length).ok_or_else(|| {
                let most = input.len();
                Failure::new(format!("expected a `cart_length` up to the {most} bytes of the input, found {length}"))
            }),
        }
    }
}

/// The name of a table of the user's in messages.
const TABLE: &str = "cart_table";

/// Reads a table of the user's.
pub(crate) fn table(text: Option<&str>) -> Result<Option<Cart>, Failure> {
    let cart = text.map(|text| Cart::from_toml(TABLE, text)).transpose();
    cart.map_err(|error| Failure::new(error.to_string()))
}

/// The cart that options name: a table of the user's, or a cart by name.
pub(crate) fn known<'c>(name: Option<&str>, table: Option<&'c Cart>) -> Result<Known<'c>, Failure> {
    match (name, table) {
        (Some(_), Some(_)) => Err(Failure::new("expected `cart` or `cart_table`, found both")),
        (Some(name), None) => Known::named(name),
        (None, Some(table)) => Ok(Known::Table(table)),
        (None, None) => Ok(Known::Detected),
    }
}

/// The messages for the paths of a table of the user's that no order has. `sample` is the text of one order or of several.
pub fn unused(table: Option<&Cart>, sample: Option<&[u8]>) -> Vec<String> {
    let (Some(table), Some(sample)) = (table, sample) else { return Vec::new() };
    let json = Json::parse(sample).ok();
    let order = json.as_ref().and_then(|json| {
        let orders = Known::Table(table).orders(json);
        orders.first().map(|(node, _)| (json, *node))
    });
    table.unused(order).iter().map(ToString::to_string).collect()
}

/// A record for what cannot be read: what the command says on standard error.
pub(crate) fn error(records: &mut Vec<u8>, message: &str) -> Result<(), Failure> {
    line(records, &Message::new("error", message))
}

/// Appends a record and a line end.
pub(crate) fn line(records: &mut Vec<u8>, record: &impl Serialize) -> Result<(), Failure> {
    let json = output::json(record).map_err(|error| Failure::new(error.to_string()))?;
    records.extend_from_slice(json.as_bytes());
    records.push(b'\n');
    Ok(())
}

/// Calls `take` with each document of a text: its JSON, its number and where it begins. Returns how many documents there are, and
/// messages for those that cannot be read.
pub(crate) fn documents(
    text: &[u8],
    source: &str,
    mut take: impl FnMut(&Json<'_>, u64, Position) -> Result<(), Failure>,
) -> Result<(u64, Vec<String>), Failure> {
    let (mut count, mut unreadable) = (0, Vec::new());
    for record in Documents::new(text) {
        count += 1;
        let why = match &record.document {
            Ok(document) => match Json::parse(document.text()) {
                Ok(json) => {
                    take(&json, record.index, record.position)?;
                    continue;
                }
                Err(error) => format!("{}: {error}", record.position),
            },
            Err(error) => why(error, record.position),
        };
        unreadable.push(format!("{source}: {why}"));
    }
    Ok((count, unreadable))
}

/// The message for a text that holds no order.
pub(crate) fn no_order(source: &str) -> String {
    format!("no order found in {source}: expected a JSON order, a list of orders, or lines of them")
}

/// Why a document cannot be read, in words.
fn why(error: &ordercharge::Error, position: Position) -> String {
    format!("{}: {}", error.position().unwrap_or(position), error.reason())
}

/// The cart's orders, where each of them begins in the text, and messages for the documents that cannot be read.
type Read<'c> = (CartOrders<'c>, Vec<usize>, Vec<String>);

fn cart_orders<'c>(text: &[u8], source: &str, known: Known<'c>) -> Result<Read<'c>, Failure> {
    let (mut some, mut starts) = (SomeCartOrders::default(), Vec::new());
    let (_, unreadable) = documents(text, source, |json, _, at| {
        for (order, cart) in known.orders(json) {
            some.add_order(json, order, cart, at.line);
            starts.push(at.offset as usize + json.span(order).start);
        }
        Ok(())
    })?;
    let mut orders = CartOrders::default();
    orders.append(some, 0);
    Ok((orders, starts, unreadable))
}

/// The record of one comparison. If the cart's text has only one order, it is the partner whatever its name.
pub(crate) fn one(input: &[u8], options: &Options) -> Result<Vec<u8>, Failure> {
    if options.all {
        return Err(only_in("all", "compare_all"));
    }
    let table = table(options.cart_table.as_deref())?;
    let known = known(options.cart.as_deref(), table.as_ref())?;
    let (cart_text, text) = options.texts(input)?;
    let (orders, starts, unreadable) = cart_orders(cart_text, &options.cart_source, known)?;
    let empty = orders.sample().is_none().then(|| no_order(&options.cart_source));
    if let Some(message) = unreadable.into_iter().next().or(empty) {
        return Err(Failure::new(message));
    }
    let document = Document::from_json(text)
        .map_err(|error| Failure::new(format!("{}: {}", options.source, why(&error, Position::START))))?;
    let order = Json::parse(document.text()).map_err(|error| Failure::new(format!("{}: {error}", options.source)))?;
    let partner = orders.only().map_or_else(|| orders.partner(&order, 0), Ok);
    let comparison = compared(&order, partner, Choice { edited: options.edited, money: options.money });
    let unused = unused(table.as_ref(), orders.sample());
    if !unused.is_empty() {
        return Err(Failure::new(unused.join("\n")));
    }
    let mut record = Compared::new(&options.source, 0, document.position().line, &comparison);
    record.places = options.places.then(|| {
        let cart = partner.ok().and_then(|(partner, _)| {
            let range = |start: usize| start..start + partner.len();
            // Of two orders with the same text the later one counts, as with names.
            let range =
                starts.iter().rev().map(|start| range(*start)).find(|at| cart_text.get(at.clone()) == Some(partner));
            Some((Json::parse(partner).ok()?, range?))
        });
        let cart = cart.as_ref().map(|(json, range)| (json, range.clone()));
        Places::new(&comparison, (&order, document.position().offset as usize), cart)
    });
    output::json(&record).map(String::into_bytes).map_err(|error| Failure::new(error.to_string()))
}

/// The failure for an option that another function has.
pub(crate) fn only_in(option: &str, function: &str) -> Failure {
    Failure::new(format!("expected the option `{option}` only in `{function}`"))
}

/// The records of all comparisons, then what cannot be read, then the summary.
pub(crate) fn all(input: &[u8], options: &Options) -> Result<Vec<u8>, Failure> {
    if options.places {
        return Err(only_in("places", "compare"));
    }
    let (cart_text, text) = options.texts(input)?;
    let table = table(options.cart_table.as_deref())?;
    let known = known(options.cart.as_deref(), table.as_ref())?;
    let choice = Choice { edited: options.edited, money: options.money };
    let (orders, _, mut errors) = cart_orders(cart_text, &options.cart_source, known)?;
    let (mut records, mut corpus) = (Vec::new(), Corpus::default());
    let mut add = |records: &mut Vec<u8>, source: &str, index: u64, at: u64, comparison: &Comparison| {
        corpus.add(comparison);
        let record = Compared::new(source, index, at, comparison);
        if options.all || !record.is_same() { line(records, &record) } else { Ok(()) }
    };
    let (mut next, unreadable) = documents(text, &options.source, |json, index, at| {
        let partner = orders.partner(json, index);
        add(&mut records, &options.source, index, at.line, &compared(json, partner, choice))
    })?;
    errors.extend(unreadable);
    for left in orders.unseen() {
        let comparison = Comparison::unmatched(left.cust_ref, left.cart, true);
        add(&mut records, &options.cart_source, next, left.line, &comparison)?;
        next += 1;
    }
    errors.extend(unused(table.as_ref(), orders.sample()));
    let summary = ComparisonSummary::new(&corpus, known, !errors.is_empty());
    if summary.pairs == 0 && errors.is_empty() {
        errors.extend([&options.cart_source, &options.source].map(|source| no_order(source)));
    }
    errors.iter().try_for_each(|message| error(&mut records, message))?;
    line(&mut records, &summary)?;
    Ok(records)
}
