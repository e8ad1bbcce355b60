//! Where the values are that a comparison points at, so that a page can mark them.

use std::collections::HashMap;
use std::ops::Range;

use ordercharge_carts::{Comparison, Json, Node};
use serde::Serialize;

/// The first byte of a value and the byte after it, from 0, with the quotes of a string.
type Bytes = [usize; 2];

/// Where both orders and their values are, in bytes of the texts that were given.
#[derive(Debug, Serialize)]
pub(crate) struct Places {
    /// The cart's order that was compared; null if there is none.
    cart_order: Option<Bytes>,
    /// One entry for each difference.
    differences: Vec<Pointed>,
}

#[derive(Debug, Serialize)]
struct Pointed {
    /// The value at `path` of the CartRover order; null if there is none.
    path: Option<Bytes>,
    /// The value at `taken_from` of the cart's order; null if there is none.
    taken_from: Option<Bytes>,
}

impl Places {
    /// The places of a comparison. Each order comes with the number of bytes before its document; `cart_order` is the range of the
    /// cart's order, which is a document by itself.
    pub(crate) fn new(
        comparison: &Comparison,
        (order, before): (&Json<'_>, usize),
        cart: Option<(&Json<'_>, Range<usize>)>,
    ) -> Places {
        let differences = &comparison.differences;
        let paths = places(order, before, differences.iter().map(|found| found.path.as_str()));
        let sources = differences.iter().filter_map(|found| found.taken_from.as_deref());
        let taken = cart.as_ref().map(|(json, range)| places(json, range.start, sources)).unwrap_or_default();
        let at = |known: &HashMap<&str, Option<Bytes>>, pointer: &str| known.get(pointer).copied().flatten();
        let pointed = differences.iter().map(|found| Pointed {
            // The empty pointer is the whole order, which a reader sees anyway.
            path: Some(found.path.as_str()).filter(|path| !path.is_empty()).and_then(|path| at(&paths, path)),
            taken_from: found.taken_from.as_deref().and_then(|pointer| at(&taken, pointer)),
        });
        Places { cart_order: cart.as_ref().map(|(_, range)| [range.start, range.end]), differences: pointed.collect() }
    }
}

/// The bytes of the values at some pointers, in one walk over the document.
fn places<'p>(
    json: &Json<'_>,
    before: usize,
    pointers: impl Iterator<Item = &'p str>,
) -> HashMap<&'p str, Option<Bytes>> {
    let mut wanted: HashMap<&str, Option<Bytes>> = pointers.map(|pointer| (pointer, None)).collect();
    if !wanted.is_empty() {
        for node in json.within(Node::ROOT) {
            if let Some(place) = wanted.get_mut(json.pointer(node).as_str()) {
                let span = json.span(node);
                *place = Some([before + span.start, before + span.end]);
            }
        }
    }
    wanted
}
