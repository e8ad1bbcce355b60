//! Recognises the cart of an order among many tables, in one pass over the members of the order.

use crate::json::{Json, Kind, Node, Tag};
use crate::path::{From, Path};
use crate::table::Cart;

/// What the tables look for.
pub(crate) struct Detector {
    /// The names of members, by tag, each with its bit.
    names: Vec<(Tag, &'static str, u64)>,
    /// Whether some tag has this lowest byte.
    bytes: [bool; 256],
    carts: Vec<Known>,
}

/// A cart: for each group of its detection, the bits of members and the paths that lead further.
struct Known {
    cart: &'static Cart,
    groups: Vec<(u64, Vec<&'static Path>)>,
}

impl Detector {
    pub(crate) fn new(carts: &'static [Cart]) -> Detector {
        let mut detector = Detector { names: Vec::new(), bytes: [false; 256], carts: Vec::new() };
        for cart in carts.iter().filter(|cart| !cart.detect.is_empty()) {
            let mut groups = Vec::new();
            for group in &cart.detect {
                let (mut bits, mut longer) = (0, Vec::new());
                for path in group {
                    match path.name_at(0).filter(|_| path.is_short()).and_then(|name| detector.bit(name)) {
                        Some(bit) => bits |= bit,
                        None => longer.push(path),
                    }
                }
                groups.push((bits, longer));
            }
            detector.carts.push(Known { cart, groups });
        }
        detector.names.sort_by_key(|(tag, ..)| *tag);
        detector
    }

    /// The bit of a name; none if there are no more bits.
    fn bit(&mut self, name: &'static str) -> Option<u64> {
        if let Some((_, _, bit)) = self.names.iter().find(|(_, known, _)| *known == name) {
            return Some(*bit);
        }
        let bit = 1_u64.checked_shl(self.names.len() as u32)?;
        let tag = Tag::of(name.as_bytes());
        self.names.push((tag, name, bit));
        if let Some(byte) = self.bytes.get_mut(tag.byte()) {
            *byte = true;
        }
        Some(bit)
    }

    /// The bits of the members of an order that are not `null`.
    fn bits(&self, json: &Json<'_>, order: Node) -> u64 {
        let mut bits = 0;
        for (child, tag) in json.tagged_children(order) {
            if self.bytes.get(tag.byte()) != Some(&true) {
                continue;
            }
            let from = self.names.partition_point(|(known, ..)| *known < tag);
            let mut same = self.names.iter().skip(from).take_while(|(known, ..)| *known == tag);
            if let Some((_, _, bit)) = same.find(|(_, name, _)| json.key(child) == *name) {
                // Of members with the same name the last one counts.
                bits = if json.kind(child) == Kind::Null { bits & !bit } else { bits | bit };
            }
        }
        bits
    }

    /// The table that describes an order most closely.
    pub(crate) fn detect(&self, json: &Json<'_>, order: Node) -> Option<&'static Cart> {
        let (bits, from) = (self.bits(json, order), From { order, line: order });
        let is_there = |(own, longer): &(u64, Vec<&Path>)| {
            bits & own != 0 || longer.iter().any(|path| path.first(json, from).is_some())
        };
        self.closest(|known| known.groups.iter().all(is_there))
    }

    /// The same for an order without what is in its members; `None` if that would make a difference.
    pub(crate) fn detect_at_top(&self, json: &Json<'_>) -> Option<&'static Cart> {
        let (bits, from) = (self.bits(json, Node::ROOT), From { order: Node::ROOT, line: Node::ROOT });
        let may_be =
            |(own, longer): &(u64, Vec<&Path>)| bits & own != 0 || longer.iter().any(|path| path.begins(json, from));
        let certain = |(own, _): &(u64, Vec<&Path>)| bits & own != 0;
        let cart = self.closest(|known| known.groups.iter().all(may_be))?;
        let known = self.carts.iter().find(|known| std::ptr::eq(known.cart, cart))?;
        known.groups.iter().all(certain).then_some(cart)
    }

    /// Of some tables the one that looks for most things; of several the first.
    fn closest(&self, is: impl Fn(&Known) -> bool) -> Option<&'static Cart> {
        let known = self.carts.iter().filter(|known| is(known)).map(|known| known.cart);
        known.fold(None, |best: Option<&'static Cart>, cart| match best {
            Some(best) if best.closeness() >= cart.closeness() => Some(best),
            _ => Some(cart),
        })
    }
}
