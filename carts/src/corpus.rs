//! Many comparisons: which fields the mapping takes from the wrong place.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::comparison::{Comparison, Verdict};
use crate::rules::CartRule;
use crate::table::Cart;
use crate::values::How;

/// Adds comparisons up, in memory that does not grow with their number.
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// The number of comparisons by verdict.
    counts: BTreeMap<Verdict, u64>,
    /// For each field that differs: in how many orders, and from which place.
    fields: BTreeMap<String, Field>,
    /// The carts of the orders that differ.
    carts: BTreeSet<Option<String>>,
}

#[derive(Clone, Debug, Default)]
struct Field {
    orders: u64,
    /// For each place: how many orders it explains, and how unlikely it is in them together.
    places: BTreeMap<(String, How), (u64, u64)>,
}

/// Places that explain a field of one order, and how unlikely each is.
type Places = BTreeMap<(String, How), u32>;

/// More places for one field are not counted.
const MOST_PLACES: usize = 500;

/// A field that is not what the cart's orders say, over many orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrongField {
    /// The field: `items/*/price`.
    pub field: String,
    /// The place that explains the field in most of its orders.
    pub taken_from: Option<String>,
    /// What was done with the value there.
    pub how: Option<How>,
    /// The number of orders that it explains; without a place, the number of orders that differ.
    pub orders: u64,
    /// What is wrong, in words.
    pub sentence: String,
    /// What to change in the mapping.
    pub remedy: String,
}

impl Corpus {
    /// Adds a comparison.
    pub fn add(&mut self, comparison: &Comparison) {
        *self.counts.entry(comparison.verdict).or_default() += 1;
        if comparison.verdict != Verdict::Different {
            return;
        }
        self.carts.insert(comparison.cart.clone());
        // A field counts once for each order, with the places that explain it on every line where it differs.
        let mut of_order: BTreeMap<String, Option<Places>> = BTreeMap::new();
        for difference in &comparison.differences {
            if !matches!(difference.rule, CartRule::Charge | CartRule::Place) {
                continue;
            }
            let steps = difference.path.split('/').skip(1);
            let field = steps.map(|step| if step.bytes().all(|byte| byte.is_ascii_digit()) { "*" } else { step });
            let mut places = Places::new();
            for place in difference.candidates.iter().rev() {
                places.insert((place.pattern.clone(), place.how), place.cost);
            }
            let known = of_order.entry(field.collect::<Vec<_>>().join("/")).or_default();
            *known = Some(match known.take() {
                None => places,
                Some(known) => known.into_iter().filter(|(place, _)| places.contains_key(place)).collect(),
            });
        }
        for (name, places) in of_order {
            let places = places.unwrap_or_default();
            let field = self.fields.entry(name).or_default();
            field.orders += 1;
            for (place, cost) in places {
                field.add(place, (1, u64::from(cost)));
            }
        }
    }

    /// Adds another one.
    pub fn merge(&mut self, other: Corpus) {
        for (verdict, count) in other.counts {
            *self.counts.entry(verdict).or_default() += count;
        }
        self.carts.extend(other.carts);
        for (name, field) in other.fields {
            let own = self.fields.entry(name).or_default();
            own.orders += field.orders;
            for (place, count) in field.places {
                own.add(place, count);
            }
        }
    }

    /// The number of comparisons with a verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        self.counts.get(&verdict).copied().unwrap_or_default()
    }

    /// The number of comparisons.
    pub fn pairs(&self) -> u64 {
        self.counts.values().sum()
    }

    /// The name of the cart, if all orders that differ are of one cart.
    pub fn only_cart(&self) -> Option<&str> {
        let mut names = self.carts.iter();
        names.next()?.as_deref().filter(|_| names.next().is_none())
    }

    /// The fields that differ, each with the place that explains most of its orders. `cart` is the table that says what each
    /// field should be.
    pub fn fields(&self, cart: Option<&Cart>) -> Vec<WrongField> {
        // A table speaks only for its own orders.
        let cart = cart.filter(|cart| self.carts.iter().all(|name| name.as_deref() == Some(cart.name())));
        self.fields.iter().map(|(name, field)| field.named(name, cart)).collect()
    }
}

impl Field {
    fn add(&mut self, place: (String, How), (count, cost): (u64, u64)) {
        if self.places.len() < MOST_PLACES || self.places.contains_key(&place) {
            let own = self.places.entry(place).or_default();
            *own = (own.0 + count, own.1 + cost);
        }
    }

    fn named(&self, name: &str, cart: Option<&Cart>) -> WrongField {
        let field = name.rsplit('/').next().unwrap_or(name);
        // Of places that explain as many orders, the most likely one.
        let best = self.places.iter().max_by(|(a, (a_count, a_cost)), (b, (b_count, b_cost))| {
            a_count.cmp(b_count).then_with(|| b_cost.cmp(a_cost)).then_with(|| b.cmp(a))
        });
        let of = |count: u64| {
            if count == 1 { "1 order".to_owned() } else { format!("{count} orders") }
        };
        let (taken_from, how, orders, sentence) = match best {
            Some(((place, how), (count, _))) => {
                let share = if *count == self.orders {
                    format!("In {}", of(*count))
                } else {
                    format!("In {count} of {}", of(self.orders))
                };
                let sentence = match how {
                    How::Follows => {
                        format!("{share}, {field} follows from another amount, which is taken from {place}.")
                    }
                    _ => format!("{share}, {field} is {place} {}.", how.words()),
                };
                (Some(place.clone()), Some(*how), *count, sentence)
            }
            None => {
                let sentence = format!("In {}, {field} differs and is nowhere in the cart's order.", of(self.orders));
                (None, None, self.orders, sentence)
            }
        };
        let remedy = cart.and_then(|cart| cart.remedy(field));
        let remedy = remedy.unwrap_or_else(|| match how {
            Some(How::SignTurned) => format!("turn the sign of {field}"),
            Some(How::MinorUnits) => format!("{field} is in minor units: divide by 100, or by what the currency has"),
            _ => format!("compare the place with the definition of {field}"),
        });
        WrongField { field: name.to_owned(), taken_from, how, orders, sentence, remedy }
    }
}
