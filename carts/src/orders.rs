//! Finds the orders in a cart's document, and the cart of an order.

use std::sync::LazyLock;

use crate::json::{Json, Kind, Node};
use crate::path::{From, Path};
use crate::table::Cart;
use crate::tables::{built_in, detector};

/// Lists of orders, and wrappers of one, that many carts use.
const USUAL: [&str; 8] =
    ["/orders/*", "/order", "/data/orders/*", "/data/*", "/data", "/results/*", "/payload/Orders/*", "/payload"];

/// The orders in a cart's document, with the cart of each: `cart`, else the built-in table that describes the order most
/// closely. An array holds orders; an object is an order if a table knows it, and else may hold orders where its table, or any
/// table, says. What no table knows is an order without a cart.
pub fn orders<'c>(json: &Json<'_>, cart: Option<&'c Cart>) -> Vec<(Node, Option<&'c Cart>)>
where
    'static: 'c,
{
    let mut all = Vec::new();
    if json.kind(Node::ROOT) == Kind::Array {
        json.children(Node::ROOT).for_each(|node| in_object(json, node, cart, &mut all));
    } else {
        in_object(json, Node::ROOT, cart, &mut all);
    }
    all
}

fn in_object<'c>(json: &Json<'_>, node: Node, cart: Option<&'c Cart>, all: &mut Vec<(Node, Option<&'c Cart>)>)
where
    'static: 'c,
{
    if let Some(cart) = cart {
        if !cart.detects(json, node) {
            let inner = inner(json, node, cart.orders.iter());
            if !inner.is_empty() {
                return all.extend(inner.into_iter().map(|node| (node, Some(cart))));
            }
        }
        return all.push((node, Some(cart)));
    }
    if let Some(cart) = Cart::detect(json, node) {
        return all.push((node, Some(cart)));
    }
    for cart in built_in() {
        let own = json_orders(json, node, cart.orders.iter());
        let known: Vec<Node> = own.into_iter().filter(|node| Cart::detect(json, *node).is_some()).collect();
        if !known.is_empty() {
            return all.extend(known.into_iter().map(|node| (node, Cart::detect(json, node))));
        }
    }
    all.push((node, None));
}

/// The objects where the paths of a table, or the usual ones, lead.
fn inner<'p>(json: &Json<'_>, node: Node, paths: impl Iterator<Item = &'p Path>) -> Vec<Node> {
    let own = json_orders(json, node, paths);
    if !own.is_empty() {
        return own;
    }
    json_orders(json, node, usual().iter())
}

fn usual() -> &'static [Path] {
    static PATHS: LazyLock<Vec<Path>> =
        LazyLock::new(|| USUAL.iter().filter_map(|path| Path::parse(path, 0).ok()).collect());
    &PATHS
}

/// The objects at the first of some paths that leads to any.
fn json_orders<'p>(json: &Json<'_>, node: Node, paths: impl Iterator<Item = &'p Path>) -> Vec<Node> {
    let mut found = Vec::new();
    for path in paths {
        path.each(json, From { order: node, line: node }, &mut |order| {
            if json.kind(order) == Kind::Object && order != node {
                found.push(order);
            }
        });
        if !found.is_empty() {
            break;
        }
    }
    found
}

impl Cart {
    /// The built-in table that describes an order most closely.
    pub fn detect(json: &Json<'_>, order: Node) -> Option<&'static Cart> {
        detector().detect(json, order)
    }
}

/// A document that is one order, without what is in its objects and arrays, and its table. `None` if that needs a closer look.
///
/// This is faster than [`Json::parse`] and [`orders`], and enough for [`references`]. The text has to be JSON.
pub fn outline<'t, 'c>(text: &'t [u8], cart: Option<&'c Cart>) -> Option<(Json<'t>, &'c Cart)>
where
    'static: 'c,
{
    let json = Json::parse_top(text)?;
    if json.kind(Node::ROOT) != Kind::Object {
        return None;
    }
    let from = From { order: Node::ROOT, line: Node::ROOT };
    let holds_none = |cart: &Cart| !cart.orders.iter().chain(usual()).any(|path| path.begins(&json, from));
    let is_order = |cart: &Cart| cart.is_shallow() && (cart.detects(&json, Node::ROOT) || holds_none(cart));
    let cart = match cart {
        Some(cart) => Some(cart).filter(|cart| is_order(cart)),
        None => detector().detect_at_top(&json),
    }?;
    cart.references.iter().all(|path| path.is_short()).then_some((json, cart))
}

/// Whether a key is that of an order's name: `id`, `orderNumber`, `external_reference`. The name or the number of a customer may
/// be personal, so a key counts only if it says that it is about the order.
fn names_order(key: &str) -> bool {
    const WHOLE: [&str; 7] = ["id", "number", "ref", "reference", "no", "custref", "ordername"];
    const ENDS: [&str; 5] = ["id", "number", "ref", "reference", "no"];
    const OWNERS: [&str; 6] = ["order", "receipt", "purchase", "checkout", "external", "increment"];
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).map(|char| char.to_ascii_lowercase()).collect();
    let owners = ENDS.iter().filter_map(|end| key.strip_suffix(end));
    WHOLE.contains(&key.as_str()) || owners.into_iter().any(|rest| OWNERS.iter().any(|owner| rest.ends_with(owner)))
}

/// Whether a value under the key `name` is an order's, such as `#1001`: it has a digit and no blank, unlike most
/// names of people and shops.
fn is_order_name(key: &str, name: &str) -> bool {
    key.eq_ignore_ascii_case("name")
        && name.contains(|char: char| char.is_ascii_digit())
        && !name.contains(char::is_whitespace)
}

/// The names that a cart has for an order, the first one first: those of its table; without a table, every short text and
/// number at the top of the order whose key is one of an order's name (`order_id`), or that looks like one (`"name": "#1001"`).
pub fn references(json: &Json<'_>, order: Node, cart: Option<&Cart>) -> Vec<String> {
    const MOST: usize = 16;
    if let Some(cart) = cart {
        return cart.references(json, order);
    }
    let mut names: Vec<String> = Vec::new();
    for node in json.children(order).filter(|node| matches!(json.kind(*node), Kind::String | Kind::Number)) {
        let name = json.string(node).trim().to_owned();
        let key = json.key(node);
        let is_known = names_order(&key) || is_order_name(&key, &name);
        if is_known && !name.is_empty() && name.len() <= 100 && !names.contains(&name) {
            names.push(name);
            if names.len() == MOST {
                break;
            }
        }
    }
    names
}
