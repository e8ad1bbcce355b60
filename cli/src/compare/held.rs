//! The cart's orders in memory, found by the names that the cart has for them.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, Ordering};

use ordercharge::bulk::{self, Bulk, Task};
use ordercharge_carts::{Cart, Json, Node, references};

use super::{Inputs, Run, document};
use crate::cart::Known;
use crate::input::Source;

/// The orders of the cart: their texts, and which order has which name. Beside the texts, an order takes about 60 bytes and
/// each of its names about 30.
pub(super) struct Held {
    texts: Vec<Vec<u8>>,
    orders: Vec<Order>,
    /// By the hash of a name: the number of the order, and the place of the name among its names.
    names: HashMap<u64, (u32, u8)>,
}

struct Order {
    /// Which of the texts it is in, and where.
    text: u32,
    range: Range<u32>,
    /// Its source, and the line on which its document begins.
    source: u32,
    line: u64,
    cart: Option<&'static Cart>,
    seen: AtomicBool,
    nameless: bool,
}

/// An order of the cart without a CartRover order.
pub(super) struct Unseen {
    pub(super) source: usize,
    pub(super) line: u64,
    /// The first of the cart's names for it.
    pub(super) cust_ref: Option<String>,
    pub(super) cart: Option<&'static Cart>,
}

fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}

/// Reads the cart's orders on any thread.
struct Keeper<'s> {
    known: Known,
    sources: &'s [Source],
}

/// Some consecutive orders.
#[derive(Default)]
struct Part {
    text: Vec<u8>,
    /// With the hashes of their names. Their text and source are set when they are kept.
    orders: Vec<(Order, Vec<u64>)>,
    unreadable: Vec<String>,
}

impl Task for Keeper<'_> {
    type Part = Part;

    fn found(&self, part: &mut Part, found: bulk::Finding<'_>) {
        let json = match document(self.sources, &found) {
            Ok(json) => json,
            Err(why) => return part.unreadable.push(why),
        };
        for (order, cart) in self.known.orders(&json) {
            let start = part.text.len() as u32;
            part.text.extend_from_slice(json.text(order).as_bytes());
            let names: Vec<u64> = references(&json, order, cart).iter().map(|name| hash(name)).collect();
            let order = Order {
                text: 0,
                range: start..part.text.len() as u32,
                source: 0,
                line: found.position.line,
                cart,
                seen: AtomicBool::new(false),
                nameless: names.is_empty(),
            };
            part.orders.push((order, names));
        }
    }

    fn size(&self, part: &Part) -> usize {
        part.text.len()
    }
}

impl Held {
    pub(super) fn read(bulk: &Bulk, inputs: &Inputs<'_>, run: &mut Run<'_>) -> Held {
        let Inputs { known, cart: sources, .. } = *inputs;
        let mut held = Held { texts: Vec::new(), orders: Vec::new(), names: HashMap::new() };
        bulk.run(sources.iter().map(Source::open), &Keeper { known, sources }, |delivery| {
            let mut part = std::mem::take(delivery.part);
            run.failures(&mut part.unreadable, delivery.source, delivery.failure, sources);
            part.text.shrink_to_fit();
            held.add(part, delivery.source as u32);
            ControlFlow::Continue(())
        });
        held
    }

    fn add(&mut self, part: Part, source: u32) {
        let text = self.texts.len() as u32;
        self.texts.push(part.text);
        for (order, names) in part.orders {
            let number = self.orders.len() as u32;
            for (place, name) in names.iter().enumerate() {
                let place = place.min(usize::from(u8::MAX)) as u8;
                // A name comes before another order's later one; of two orders with the same name the later one counts.
                let known = self.names.entry(*name).or_insert((number, place));
                if place <= known.1 {
                    *known = (number, place);
                }
            }
            self.orders.push(Order { text, source, ..order });
        }
    }

    fn text(&self, order: &Order) -> &[u8] {
        let range = order.range.start as usize..order.range.end as usize;
        self.texts.get(order.text as usize).and_then(|text| text.get(range)).unwrap_or_default()
    }

    /// The text of the cart's order with a name, and its table. One nameless order belongs to the only one of the cart.
    pub(super) fn partner(&self, cust_ref: Option<&str>) -> Option<(&[u8], Option<&'static Cart>)> {
        let only =
            || self.orders.first().filter(|only| self.orders.len() == 1 && (only.nameless || cust_ref.is_none()));
        let order = match cust_ref.and_then(|name| self.names.get(&hash(name))) {
            Some((number, _)) => self.orders.get(*number as usize),
            None => only(),
        }?;
        order.seen.store(true, Ordering::Relaxed);
        Some((self.text(order), order.cart))
    }

    /// The orders that no CartRover order belongs to.
    pub(super) fn unseen(&self) -> impl Iterator<Item = Unseen> {
        self.orders.iter().filter(|order| !order.seen.load(Ordering::Relaxed)).map(|order| {
            let json = Json::parse(self.text(order)).ok();
            let names = json.map(|json| references(&json, Node::ROOT, order.cart)).unwrap_or_default();
            let (source, line) = (order.source as usize, order.line);
            Unseen { source, line, cust_ref: names.into_iter().next(), cart: order.cart }
        })
    }

    /// The text of one order.
    pub(super) fn sample(&self) -> Option<Vec<u8>> {
        self.orders.first().map(|order| self.text(order).to_vec())
    }
}
