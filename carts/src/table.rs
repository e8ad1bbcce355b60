//! A cart's table: read from TOML and checked, with the place of every fault.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::json::{Json, Node};
use crate::nearest::nearest;
use crate::path::{Condition, Fault, From, Path, Place, Term};

/// A cart: which fields of its orders play which part in the charges.
///
/// ```
/// use ordercharge_carts::Cart;
///
/// let shopify = Cart::named("shopify").unwrap();
/// assert_eq!(shopify.title(), "Shopify");
/// // Your own table is checked when it is read.
/// let error = Cart::from_toml("mine.toml", "name = \"mine\"\nshiping = [\"/freight\"]\n").unwrap_err();
/// assert_eq!(error.to_string(), "mine.toml:2:1: no part of a table is called \"shiping\": did you mean shipping?");
/// ```
#[derive(Debug)]
pub struct Cart {
    pub(crate) name: String,
    pub(crate) title: String,
    /// The file that the table was read from.
    file: String,
    /// Paths of which each group has one that is in every order of the cart.
    pub(crate) detect: Vec<Vec<Path>>,
    /// Where orders are in a document.
    pub(crate) orders: Vec<Path>,
    /// The names that the cart has for an order. The first one is `cust_ref`.
    pub(crate) references: Vec<Path>,
    pub(crate) parts: Parts,
    /// The parts with other figures: `current`, `presentment`.
    pub(crate) variants: BTreeMap<String, Parts>,
    pub(crate) notes: Vec<Note>,
    /// Whether orders of this cart usually state no total.
    pub(crate) total_may_be_missing: bool,
    /// For each term whether some order was searched for it, and whether one has it.
    hits: Vec<AtomicU8>,
}

/// An order was searched for a term.
const SEARCHED: u8 = 1;

/// An order has a term.
const THERE: u8 = 2;

/// The parts that fields of a cart's order play.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) currency: Vec<Path>,
    pub(crate) lines: Vec<Path>,
    pub(crate) skip: Option<Condition>,
    pub(crate) sku: Vec<Path>,
    pub(crate) quantity: Vec<Term>,
    pub(crate) unit: Vec<Term>,
    pub(crate) row: Vec<Term>,
    pub(crate) row_or: Vec<Term>,
    pub(crate) off: Vec<Term>,
    pub(crate) tax: Vec<Term>,
    pub(crate) included: Option<Condition>,
    pub(crate) rows: Vec<Term>,
    pub(crate) total_tax: Vec<Term>,
    pub(crate) shipping: Vec<Term>,
    pub(crate) shipping_before: Vec<Term>,
    pub(crate) shipping_tax: Vec<Term>,
    pub(crate) fees: Vec<Term>,
    pub(crate) discount: Vec<Term>,
    pub(crate) total: Vec<Term>,
    pub(crate) rest: Option<Rest>,
}

/// The part that takes what is left over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    Off,
    Discount,
}

/// Something that the figures alone do not decide, and what is done about it.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) name: String,
    pub(crate) when: Vec<Condition>,
    pub(crate) say: String,
}

/// The names of the parts, each with what it is.
pub(crate) const PARTS: &[(&str, &str)] = &[
    ("currency", "the currency of the amounts"),
    ("lines", "the list of lines"),
    ("skip", "a line for which this holds is a part of another line"),
    ("sku", "the SKU of a line"),
    ("quantity", "the quantity of a line"),
    ("unit", "the price of one item, to check the row with"),
    ("row", "a whole line before discounts"),
    ("row_or", "another reading of the row, if the total agrees with that one only"),
    ("off", "what is taken off a whole line"),
    ("tax", "the tax of a whole line"),
    ("included", "whether the prices include the tax"),
    ("rows", "the sum of the rows, for orders without lines"),
    ("total_tax", "the tax of the order"),
    ("shipping", "shipping after its discounts"),
    ("shipping_before", "shipping before its discounts, if that differs"),
    ("shipping_tax", "the tax of the shipping"),
    ("fees", "handling, gift wrap, tips, duties and other fees"),
    ("discount", "the discount on the order that is not in its lines"),
    ("total", "what the buyer pays before gift cards"),
    ("rest", "which part takes what is left over: off or discount"),
];

/// The other keys of a table.
const KEYS: &[&str] = &["name", "title", "detect", "orders", "references", "total_may_be_missing", "notes", "variants"];

/// Why a table cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {what}")]
#[non_exhaustive]
pub struct TableError {
    /// The name of the file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What was expected and what was found.
    pub what: String,
}

impl fmt::Display for Cart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The file that is read.
struct File<'t> {
    name: &'t str,
    text: &'t str,
    terms: usize,
}

type Value<'t> = Spanned<DeValue<'t>>;

impl Cart {
    /// Reads a table. `file` is its name in errors.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it, with its line and column: TOML that cannot be read, an unknown key, a value of
    /// the wrong kind, a path or term that cannot be read, a part that is missing.
    pub fn from_toml(file: &str, text: &str) -> Result<Cart, TableError> {
        let mut read = File { name: file, text, terms: 0 };
        let table = DeTable::parse(text).map_err(|error| {
            read.error(error.span().map_or(0, |span| span.start), error.message().trim().to_owned())
        })?;
        read.cart(table.get_ref())
    }

    /// Its name, as `--cart` takes it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its name for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Whether a cart's order looks like one of this cart.
    pub fn detects(&self, json: &Json<'_>, order: Node) -> bool {
        let from = From { order, line: order };
        !self.detect.is_empty() && self.detect.iter().all(|any| any.iter().any(|path| path.first(json, from).is_some()))
    }

    /// Whether its detection looks only at the members of an order.
    pub(crate) fn is_shallow(&self) -> bool {
        self.detect.iter().flatten().all(Path::is_short)
    }

    /// The number of things its detection looks for: a larger number is a closer description.
    pub(crate) fn closeness(&self) -> usize {
        self.detect.len()
    }

    /// The names that the cart has for an order, the first one first.
    pub fn references(&self, json: &Json<'_>, order: Node) -> Vec<String> {
        let from = From { order, line: order };
        let text = |path: &Path| path.first(json, from).map(|node| json.string(node).trim().to_owned());
        let mut names: Vec<String> = Vec::new();
        for name in self.references.iter().filter_map(text) {
            if !name.is_empty() && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The parts for a choice of figures.
    pub(crate) fn parts_of(&self, variant: &str) -> Option<&Parts> {
        if variant.is_empty() { Some(&self.parts) } else { self.variants.get(variant) }
    }

    /// The names of the figures that can be chosen: `current`, `presentment`, `current-presentment`.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        self.variants.keys().map(String::as_str)
    }

    /// Remembers that an order was searched for a term, and whether it is there.
    pub(crate) fn searched(&self, term: &Term, is_there: bool) {
        let now = if is_there { THERE } else { SEARCHED };
        if let Some(hit) = self.hits.get(term.number)
            && hit.load(Ordering::Relaxed) < now
        {
            hit.fetch_max(now, Ordering::Relaxed);
        }
    }

    /// The terms for which orders were searched that none of them has, unless they are `optional`. Each is an error in the
    /// table: a path that leads nowhere. A sample order, if there is one, is searched for names that are similar.
    pub fn unused(&self, sample: Option<(&Json<'_>, Node)>) -> Vec<TableError> {
        let is_unused = |term: &Term| {
            !term.optional && self.hits.get(term.number).is_some_and(|hit| hit.load(Ordering::Relaxed) == SEARCHED)
        };
        let all = std::iter::once(&self.parts).chain(self.variants.values());
        // A variant shares the terms that it does not replace.
        let unused: BTreeMap<usize, &Term> = all
            .flat_map(|parts| parts.terms().flat_map(|(_, terms)| terms))
            .filter(|term| is_unused(term))
            .map(|term| (term.number, term))
            .collect();
        unused.into_values().map(|term| self.never(term, sample)).collect()
    }

    fn never(&self, term: &Term, sample: Option<(&Json<'_>, Node)>) -> TableError {
        let near = sample.and_then(|(json, order)| {
            let line = self.parts.lines.iter().find_map(|path| path.first(json, From { order, line: order }));
            let line = line.and_then(|list| json.children(list).next()).unwrap_or(order);
            term.paths().find_map(|path| {
                let (reach, names) = path.reach(json, From { order, line });
                nearest(path.name_at(reach)?, names.iter().map(String::as_str)).map(str::to_owned)
            })
        });
        let near = near.map_or(String::new(), |near| format!("; there is a {near:?}"));
        TableError {
            file: self.file.clone(),
            line: term.place.line,
            column: term.place.column,
            what: format!(
                "expected a path that some order has, found {:?}, which none has{near} (write \"optional \" in front if that is right)",
                term.text
            ),
        }
    }
}

impl Parts {
    /// The parts that are sums, by name.
    pub(crate) fn terms(&self) -> impl Iterator<Item = (&'static str, &[Term])> {
        [
            ("quantity", &self.quantity),
            ("unit", &self.unit),
            ("row", &self.row),
            ("row_or", &self.row_or),
            ("off", &self.off),
            ("tax", &self.tax),
            ("rows", &self.rows),
            ("total_tax", &self.total_tax),
            ("shipping", &self.shipping),
            ("shipping_before", &self.shipping_before),
            ("shipping_tax", &self.shipping_tax),
            ("fees", &self.fees),
            ("discount", &self.discount),
            ("total", &self.total),
        ]
        .into_iter()
        .map(|(name, terms)| (name, terms.as_slice()))
    }

    /// The part with a name, if it is a sum.
    fn terms_mut(&mut self, name: &str) -> Option<&mut Vec<Term>> {
        Some(match name {
            "quantity" => &mut self.quantity,
            "unit" => &mut self.unit,
            "row" => &mut self.row,
            "row_or" => &mut self.row_or,
            "off" => &mut self.off,
            "tax" => &mut self.tax,
            "rows" => &mut self.rows,
            "total_tax" => &mut self.total_tax,
            "shipping" => &mut self.shipping,
            "shipping_before" => &mut self.shipping_before,
            "shipping_tax" => &mut self.shipping_tax,
            "fees" => &mut self.fees,
            "discount" => &mut self.discount,
            "total" => &mut self.total,
            _ => return None,
        })
    }
}

impl File<'_> {
    fn error(&self, at: usize, what: String) -> TableError {
        let Place { line, column } = self.place(at);
        TableError { file: self.name.to_owned(), line, column, what }
    }

    fn place(&self, at: usize) -> Place {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { line, column }
    }

    fn cart(&mut self, table: &DeTable<'_>) -> Result<Cart, TableError> {
        let mut cart = Cart {
            name: String::new(),
            title: String::new(),
            file: self.name.to_owned(),
            detect: Vec::new(),
            orders: Vec::new(),
            references: Vec::new(),
            parts: Parts::default(),
            variants: BTreeMap::new(),
            notes: Vec::new(),
            total_may_be_missing: false,
            hits: Vec::new(),
        };
        // Variants begin from the parts, whatever the order of the keys.
        for (key, value) in table.iter() {
            let name = key.get_ref().as_ref();
            match name {
                "name" => cart.name = self.text_of(value)?,
                "title" => cart.title = self.text_of(value)?,
                "detect" => cart.detect = self.groups(value)?,
                "orders" => cart.orders = self.groups(value)?.into_iter().flatten().collect(),
                "references" => cart.references = self.groups(value)?.into_iter().flatten().collect(),
                "total_may_be_missing" => match value.get_ref() {
                    DeValue::Boolean(may) => cart.total_may_be_missing = *may,
                    _ => return Err(self.error(value.span().start, "expected true or false".to_owned())),
                },
                "notes" => cart.notes = self.notes(value)?,
                "variants" => {}
                _ => {
                    let mut known = PARTS.iter().map(|(part, _)| *part).chain(KEYS.iter().copied());
                    self.part(&mut cart.parts, name, key.span().start, value, &mut known)?;
                }
            }
        }
        if let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == "variants") {
            for (key, value) in self.table(value)?.iter() {
                let known = ["current", "shop", "presentment", "current-shop", "current-presentment"];
                let name = key.get_ref().as_ref();
                if !known.contains(&name) {
                    return Err(self.error(key.span().start, unknown("variant", name, &mut known.into_iter())));
                }
                let mut parts = cart.parts.clone();
                for (part, value) in self.table(value)?.iter() {
                    let mut known = PARTS.iter().map(|(part, _)| *part);
                    self.part(&mut parts, part.get_ref().as_ref(), part.span().start, value, &mut known)?;
                }
                cart.variants.insert(name.to_owned(), parts);
            }
        }
        if cart.name.is_empty() || !cart.name.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char)) {
            return Err(self.error(0, "expected a name of letters, digits, `-` and `_`: name = \"my-cart\"".to_owned()));
        }
        if cart.title.is_empty() {
            cart.title.clone_from(&cart.name);
        }
        let needed = [
            ("lines", cart.parts.lines.is_empty()),
            ("quantity", cart.parts.quantity.is_empty()),
            ("row", cart.parts.row.is_empty()),
            ("total", cart.parts.total.is_empty()),
        ];
        if let Some((missing, _)) = needed.into_iter().find(|(_, missing)| *missing) {
            let what = PARTS.iter().find(|(part, _)| *part == missing).map_or("", |(_, what)| what);
            return Err(self.error(0, format!("expected the part `{missing}` ({what}), found none")));
        }
        cart.hits.resize_with(self.terms, AtomicU8::default);
        Ok(cart)
    }

    fn part(
        &mut self,
        parts: &mut Parts,
        name: &str,
        at: usize,
        value: &Value<'_>,
        known: &mut dyn Iterator<Item = &'static str>,
    ) -> Result<(), TableError> {
        if let Some(terms) = parts.terms_mut(name) {
            *terms = self.sum(value)?;
            return Ok(());
        }
        match name {
            "currency" => parts.currency = self.alternatives(value)?,
            "lines" => parts.lines = self.alternatives(value)?,
            "sku" => parts.sku = self.alternatives(value)?,
            "skip" => parts.skip = Some(self.condition(value)?),
            "included" => parts.included = Some(self.condition(value)?),
            "rest" => {
                parts.rest = Some(match self.text_of(value)?.as_str() {
                    "off" => Rest::Off,
                    "discount" => Rest::Discount,
                    other => {
                        let what = format!("expected off or discount, found {other:?}");
                        return Err(self.error(value.span().start, what));
                    }
                });
            }
            _ => return Err(self.error(at, unknown("part of a table", name, known))),
        }
        Ok(())
    }

    fn text_of(&self, value: &Value<'_>) -> Result<String, TableError> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.clone().into_owned()),
            other => Err(self.error(value.span().start, format!("expected a string, found {}", kind(other)))),
        }
    }

    fn table<'v, 't>(&self, value: &'v Value<'t>) -> Result<&'v DeTable<'t>, TableError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            other => Err(self.error(value.span().start, format!("expected a table, found {}", kind(other)))),
        }
    }

    /// The strings of a list, each with the byte where its text begins; one string is a list of one.
    fn list(&self, value: &Value<'_>) -> Result<Vec<(String, usize)>, TableError> {
        let text = |value: &Value<'_>| Ok((self.text_of(value)?, value.span().start + 1));
        match value.get_ref() {
            DeValue::Array(values) => values.iter().map(text).collect(),
            _ => Ok(vec![text(value)?]),
        }
    }

    fn located<T>(&self, at: usize, result: Result<T, Fault>) -> Result<T, TableError> {
        result.map_err(|fault| self.error(at + fault.at, fault.what))
    }

    /// Paths, the first of which that is there counts.
    fn alternatives(&self, value: &Value<'_>) -> Result<Vec<Path>, TableError> {
        Ok(self.groups(value)?.into_iter().flatten().collect())
    }

    /// Lists of paths that are separated by `|`.
    fn groups(&self, value: &Value<'_>) -> Result<Vec<Vec<Path>>, TableError> {
        let mut groups = Vec::new();
        for (text, at) in self.list(value)? {
            let mut place = 0;
            let mut group = Vec::new();
            for path in text.split('|') {
                group.push(self.located(at, Path::parse(path, place))?);
                place += path.len() + 1;
            }
            groups.push(group);
        }
        Ok(groups)
    }

    fn sum(&mut self, value: &Value<'_>) -> Result<Vec<Term>, TableError> {
        let mut terms = Vec::new();
        for (text, at) in self.list(value)? {
            let mut term = self.located(at, Term::parse(&text))?;
            term.place = self.place(at);
            term.number = self.terms;
            self.terms += 1;
            terms.push(term);
        }
        Ok(terms)
    }

    fn condition(&self, value: &Value<'_>) -> Result<Condition, TableError> {
        let text = self.text_of(value)?;
        self.located(value.span().start + 1, Condition::parse(&text))
    }

    fn notes(&self, value: &Value<'_>) -> Result<Vec<Note>, TableError> {
        let DeValue::Array(entries) = value.get_ref() else {
            return Err(self.error(value.span().start, "expected a list of tables: [[notes]]".to_owned()));
        };
        let mut notes = Vec::new();
        for entry in entries.iter() {
            let mut note = Note { name: String::new(), when: Vec::new(), say: String::new() };
            for (key, value) in self.table(entry)?.iter() {
                match key.get_ref().as_ref() {
                    "name" => note.name = self.text_of(value)?,
                    "say" => note.say = self.text_of(value)?,
                    "when" => {
                        for (text, at) in self.list(value)? {
                            note.when.push(self.located(at, Condition::parse(&text))?);
                        }
                    }
                    other => {
                        let what = unknown("key of a note", other, &mut ["name", "when", "say"].into_iter());
                        return Err(self.error(key.span().start, what));
                    }
                }
            }
            if note.name.is_empty() || note.when.is_empty() || note.say.is_empty() {
                return Err(self.error(entry.span().start, "expected a note with name, when and say".to_owned()));
            }
            notes.push(note);
        }
        Ok(notes)
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn unknown(what: &str, name: &str, known: &mut dyn Iterator<Item = &str>) -> String {
    let near = nearest(name, known).map_or(String::new(), |near| format!(": did you mean {near}?"));
    format!("no {what} is called {name:?}{near}")
}
