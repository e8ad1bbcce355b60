//! The orders of a cart: which table describes them, and which of them belongs to an order.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::iter::once;
use std::sync::atomic::{AtomicBool, Ordering};

use ordercharge_carts::{Cart, Json, Kind, Node, likeness, orders, outline, references};

use crate::Failure;

/// If more other orders than this share a name, none of them is chosen.
const MOST_SHARED: usize = 8;

/// How the cart of an order is found.
#[derive(Clone, Copy, Debug, Default)]
pub enum Known<'c> {
    /// By the fields of the order.
    #[default]
    Detected,
    /// Without a table.
    None,
    /// By this table.
    Table(&'c Cart),
}

impl Known<'static> {
    /// The built-in table with a name; without a table for `none`.
    ///
    /// # Errors
    ///
    /// If no cart has the name. The message suggests one that is similar.
    pub fn named(name: &str) -> Result<Known<'static>, Failure> {
        if name == "none" {
            return Ok(Known::None);
        }
        let near = || Cart::near(name).map_or(String::new(), |near| format!(": did you mean {near}?"));
        let all = || Cart::all().iter().map(Cart::name).collect::<Vec<_>>().join(", ");
        let unknown = || Failure::new(format!("no cart is called {name:?}{} (the carts are {})", near(), all()));
        Cart::named(name).map(Known::Table).ok_or_else(unknown)
    }
}

impl<'c> Known<'c> {
    /// The orders in a document of the cart, with the table of each.
    pub fn orders(self, json: &Json<'_>) -> Vec<(Node, Option<&'c Cart>)> {
        match self {
            Known::Detected => orders(json, None),
            Known::None => orders(json, None).into_iter().map(|(node, _)| (node, None)).collect(),
            Known::Table(cart) => orders(json, Some(cart)),
        }
    }

    /// The top of a document that is one order, with its table. `None` if that needs a closer look; see [`outline`].
    pub fn outline(self, text: &[u8]) -> Option<(Json<'_>, Option<&'c Cart>)> {
        match self {
            Known::Detected => outline(text, None).map(|(json, cart)| (json, Some(cart))),
            Known::None => outline(text, None).map(|(json, _)| (json, None)),
            Known::Table(cart) => outline(text, Some(cart)).map(|(json, cart)| (json, Some(cart))),
        }
    }
}

/// The orders of the cart: their texts, and which order has which name. Beside the texts, an order takes about 60 bytes and
/// each of its names about 30.
#[derive(Debug, Default)]
pub struct CartOrders<'c> {
    texts: Vec<Vec<u8>>,
    orders: Vec<Order<'c>>,
    /// By the hash of a name.
    names: HashMap<u64, Named>,
    /// Other orders with a name, under keys that differ: the id of one is the number of another, and no table says which counts.
    shared: HashMap<u64, Vec<u32>>,
}

/// The order with a name.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// Its number.
    order: u32,
    /// The place of the name among its names.
    place: u8,
}

/// Why an order has no partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaired {
    /// No order of the cart has its name.
    NoOrder,
    /// Several orders of the cart have its name under different keys, and its SKUs and amounts do not decide between them.
    Ambiguous,
}

#[derive(Debug)]
struct Order<'c> {
    /// Which of the texts it is in, and where.
    text: u32,
    start: usize,
    length: u32,
    /// Its source, and the line on which its document begins.
    source: u32,
    line: u64,
    cart: Option<&'c Cart>,
    seen: AtomicBool,
    nameless: bool,
}

/// Some consecutive orders of the cart. Parts can be read on several threads, and are appended in the order of the input.
#[derive(Debug, Default)]
pub struct SomeCartOrders<'c> {
    text: Vec<u8>,
    /// With the hashes of their names. Their text and source are set when they are appended.
    orders: Vec<(Order<'c>, Vec<u64>)>,
}

/// The text of a cart's order, and its table.
pub type Partner<'t, 'c> = (&'t [u8], Option<&'c Cart>);

/// An order of the cart without a CartRover order.
#[derive(Debug)]
pub struct Unseen<'c> {
    /// The number of its source.
    pub source: usize,
    /// The line on which its document begins.
    pub line: u64,
    /// The first of the cart's names for it.
    pub cust_ref: Option<String>,
    /// The table that describes it.
    pub cart: Option<&'c Cart>,
}

/// The `cust_ref` of an order.
pub fn cust_ref(json: &Json<'_>) -> Option<String> {
    let node = json.get(Node::ROOT, "cust_ref")?;
    let text = json.string(node).trim().to_owned();
    (matches!(json.kind(node), Kind::String | Kind::Number) && !text.is_empty()).then_some(text)
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

impl<'c> SomeCartOrders<'c> {
    /// Adds the orders of a document that begins on this line.
    pub fn add(&mut self, known: Known<'c>, json: &Json<'_>, line: u64) {
        for (order, cart) in known.orders(json) {
            self.add_order(json, order, cart, line);
        }
    }

    /// Adds an order of a document that begins on this line.
    pub fn add_order(&mut self, json: &Json<'_>, order: Node, cart: Option<&'c Cart>, line: u64) {
        let start = self.text.len();
        self.text.extend_from_slice(json.text(order).as_bytes());
        let names: Vec<u64> = references(json, order, cart).iter().map(|name| hash(name)).collect();
        let order = Order {
            text: 0,
            start,
            // A document has less than 4 GiB.
            length: u32::try_from(self.text.len() - start).unwrap_or_default(),
            source: 0,
            line,
            cart,
            seen: AtomicBool::new(false),
            nameless: names.is_empty(),
        };
        self.orders.push((order, names));
    }

    /// The number of bytes of their texts.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

impl<'c> CartOrders<'c> {
    /// Appends the orders that follow in the source with this number.
    pub fn append(&mut self, mut some: SomeCartOrders<'c>, source: usize) {
        some.text.shrink_to_fit();
        let text = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(some.text);
        for (order, names) in some.orders {
            let number = u32::try_from(self.orders.len()).unwrap_or(u32::MAX);
            for (place, name) in names.iter().enumerate() {
                let place = u8::try_from(place).unwrap_or(u8::MAX);
                // A name comes before another order's later one; of two orders with the same name the later one counts.
                let own = Named { order: number, place };
                let known = self.names.entry(*name).or_insert(own);
                if order.cart.is_none() && place != known.place {
                    let other = if place < known.place { known.order } else { number };
                    self.shared.entry(*name).or_default().push(other);
                }
                if place <= known.place {
                    *known = own;
                }
            }
            self.orders.push(Order { text, source: u32::try_from(source).unwrap_or(u32::MAX), ..order });
        }
    }

    fn text(&self, order: &Order<'_>) -> &[u8] {
        let text = self.texts.get(order.text as usize).and_then(|text| text.get(order.start..));
        text.and_then(|text| text.get(..order.length as usize)).unwrap_or_default()
    }

    /// The cart's order with the name of an order. If the cart has only one order, and it or the first order has no name, the two
    /// belong together. Where several have the name, it is the one that has most of the order's SKUs and amounts. `index` is the
    /// number of the order, from 0.
    ///
    /// # Errors
    ///
    /// If there is no such order, or more than one.
    pub fn partner(&self, order: &Json<'_>, index: u64) -> Result<Partner<'_, 'c>, Unpaired> {
        let cust_ref = cust_ref(order);
        let is_only = self.orders.len() == 1 && index == 0;
        let only = || self.orders.first().filter(|only| is_only && (only.nameless || cust_ref.is_none()));
        let name = cust_ref.as_deref().map(hash);
        let found = match name.and_then(|name| self.names.get(&name)) {
            Some(named) => self.orders.get(named.order as usize),
            None => only(),
        };
        let found = found.ok_or(Unpaired::NoOrder)?;
        let others = name.and_then(|name| self.shared.get(&name));
        let found = others.map_or(Ok(found), |others| self.most_alike(order, found, others))?;
        found.seen.store(true, Ordering::Relaxed);
        Ok((self.text(found), found.cart))
    }

    /// The one of several orders that is most like an order.
    fn most_alike<'s>(
        &'s self,
        order: &Json<'_>,
        one: &'s Order<'c>,
        others: &[u32],
    ) -> Result<&'s Order<'c>, Unpaired> {
        if others.len() > MOST_SHARED {
            return Err(Unpaired::Ambiguous);
        }
        let alike = |found: &Order<'_>| {
            Json::parse(self.text(found)).map_or(0, |json| likeness(&json, Node::ROOT, order, Node::ROOT))
        };
        let all = once(one).chain(others.iter().filter_map(|other| self.orders.get(*other as usize)));
        let mut all: Vec<_> = all.map(|found| (alike(found), found)).collect();
        all.sort_by_key(|(alike, _)| Reverse(*alike));
        match all.as_slice() {
            [(most, best), (less, _), ..] if most > less => Ok(best),
            _ => Err(Unpaired::Ambiguous),
        }
    }

    /// The only order, whatever its name.
    pub fn only(&self) -> Option<Partner<'_, 'c>> {
        let only = self.orders.first().filter(|_| self.orders.len() == 1)?;
        Some((self.text(only), only.cart))
    }

    /// The orders that no CartRover order belongs to.
    pub fn unseen(&self) -> impl Iterator<Item = Unseen<'c>> {
        self.orders.iter().filter(|order| !order.seen.load(Ordering::Relaxed)).map(|order| {
            let json = Json::parse(self.text(order)).ok();
            let names = json.map(|json| references(&json, Node::ROOT, order.cart)).unwrap_or_default();
            let (source, line) = (order.source as usize, order.line);
            Unseen { source, line, cust_ref: names.into_iter().next(), cart: order.cart }
        })
    }

    /// The text of one order.
    pub fn sample(&self) -> Option<&[u8]> {
        self.orders.first().map(|order| self.text(order))
    }
}
