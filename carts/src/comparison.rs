//! The result of comparing two orders.

use serde::Serialize;

use crate::rules::CartRule;
use crate::table::Cart;
use crate::values::{Candidate, How};

/// What a comparison says about a pair of orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The charges are those of the cart's order.
    Same,
    /// At least one charge is not.
    Different,
    /// One of the two orders is missing.
    Unmatched,
    /// They cannot be compared: the cart's own order disagrees with itself, or there is no table for it.
    Unmappable,
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The rule.
    pub rule: CartRule,
    /// The JSON Pointer in the CartRover order.
    pub path: String,
    /// What is stated there.
    pub stated: Option<String>,
    /// What it should be, if there is a table for the cart.
    pub right: Option<String>,
    /// The place of the cart's order that the stated value is from, if it is there.
    pub taken_from: Option<String>,
    /// What was done with the value there.
    pub how: Option<How>,
    /// In words.
    pub message: String,
    /// All places that it may be from, most likely first.
    #[serde(skip)]
    pub(crate) candidates: Vec<Candidate>,
}

/// The result of comparing two orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// The name of the order in the CartRover order; the cart's name for it, if there is no such order.
    pub cust_ref: Option<String>,
    /// The cart, if there is a table for it.
    pub cart: Option<String>,
    /// What is said about the pair.
    pub verdict: Verdict,
    /// What differs; why there is nothing to compare with.
    pub differences: Vec<Difference>,
}

impl Comparison {
    /// An order without a partner. `in_cart` says that it is the cart's.
    pub fn unmatched(cust_ref: Option<String>, cart: Option<&Cart>, in_cart: bool) -> Comparison {
        let message = if in_cart {
            "the cart's order has no CartRover order".to_owned()
        } else {
            "no order of the cart has this name".to_owned()
        };
        let mut difference = Difference::new(CartRule::Unmatched, "/cust_ref".to_owned(), message);
        difference.stated.clone_from(&cust_ref);
        let cart = cart.map(|cart| cart.name().to_owned());
        Comparison { cust_ref, cart, verdict: Verdict::Unmatched, differences: vec![difference] }
    }

    /// A CartRover order whose name several orders of the cart have, under keys that differ.
    pub fn ambiguous(cust_ref: Option<String>) -> Comparison {
        let message = "several orders of the cart have this name, under keys that differ".to_owned();
        let mut difference = Difference::new(CartRule::Unmatched, "/cust_ref".to_owned(), message);
        difference.stated.clone_from(&cust_ref);
        Comparison { cust_ref, cart: None, verdict: Verdict::Unmatched, differences: vec![difference] }
    }

    pub(crate) fn unmappable(cust_ref: Option<String>, cart: Option<&Cart>, why: &str) -> Comparison {
        let difference = Difference::new(CartRule::Disagrees, String::new(), why.to_owned());
        let cart = cart.map(|cart| cart.name().to_owned());
        Comparison { cust_ref, cart, verdict: Verdict::Unmappable, differences: vec![difference] }
    }
}

impl Difference {
    pub(crate) fn new(rule: CartRule, path: String, message: String) -> Difference {
        Difference {
            rule,
            path,
            stated: None,
            right: None,
            taken_from: None,
            how: None,
            message,
            candidates: Vec::new(),
        }
    }

    /// Says where the stated value is from.
    pub(crate) fn with_places(mut self, candidates: Vec<Candidate>) -> Difference {
        if let Some(first) = candidates.first() {
            self.taken_from = Some(first.pointer.clone());
            self.how = Some(first.how);
        }
        self.candidates = candidates;
        self
    }
}
