//! The language of the tables: paths to values of a cart's order, and sums of terms.
//!
//! ```text
//! sum    = [term, ...]                     a list of strings in the table
//! term   = ["optional "] ["- "] ["abs "] product { "|" product }      the first product that is there
//! product = factor [" * " factor]
//! factor = path | "=" number
//! path   = ["/"] step { "/" step }         from the line; with "/" in front, from the order
//! step   = name | name "?" | "*" | "[" name "=" value "]"
//! ```
//!
//! `name?` is a step that may be missing; `*` is every element of a list, `[name=value]` those elements whose member has that
//! value. `~1` is a slash in a name, `~0` a tilde.

use ordercharge::Amount;

use crate::json::{Json, Kind, Node, Tag};
use crate::values::is_field_name;

/// What is wrong with the text of a path or a term, and the byte where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) what: String,
}

fn fault<T>(at: usize, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { at, what: what.into() })
}

/// More factors than this are refused.
pub(crate) const MOST_FACTORS: usize = 2;

/// More steps than this are refused.
const MOST_STEPS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(Name),
    Maybe(Name),
    Each,
    Where(Name, String),
}

/// The name of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    text: String,
    tag: Tag,
}

impl Name {
    fn new(text: String) -> Name {
        Name { tag: Tag::of(text.as_bytes()), text }
    }

    fn of(&self, json: &Json<'_>, node: Node) -> Option<Node> {
        json.tagged(node, &self.text, self.tag)
    }
}

/// A path to values of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Whether it goes from the order, not from the line.
    from_order: bool,
    steps: Vec<Step>,
    text: String,
}

/// Where paths begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From {
    pub(crate) order: Node,
    pub(crate) line: Node,
}

impl Path {
    pub(crate) fn parse(text: &str, at: usize) -> Result<Path, Fault> {
        let from_order = text.starts_with('/');
        let mut steps = Vec::new();
        let mut place = at + usize::from(from_order);
        for step in text.strip_prefix('/').unwrap_or(text).split('/') {
            steps.push(Path::step(step, place)?);
            place += step.len() + 1;
        }
        if steps.len() > MOST_STEPS {
            return fault(at, format!("expected at most {MOST_STEPS} steps, found {}", steps.len()));
        }
        Ok(Path { from_order, steps, text: text.to_owned() })
    }

    fn step(text: &str, at: usize) -> Result<Step, Fault> {
        let name = |text: &str| {
            let bad =
                text.find(|char: char| matches!(char, '[' | ']' | '*' | '?' | '|' | '=' | '"') || char.is_control());
            match bad {
                _ if text.trim() != text || text.is_empty() => {
                    fault(at, format!("expected the name of a member, found {text:?}"))
                }
                Some(bad) => fault(at + bad, format!("expected the name of a member, found {text:?}")),
                None => Ok(Name::new(text.replace("~1", "/").replace("~0", "~"))),
            }
        };
        if text == "*" {
            return Ok(Step::Each);
        }
        if let Some(inner) = text.strip_prefix('[') {
            let Some((key, value)) = inner.strip_suffix(']').and_then(|inner| inner.split_once('=')) else {
                return fault(at, format!("expected [name=value], found {text:?}"));
            };
            return Ok(Step::Where(name(key)?, value.to_owned()));
        }
        match text.strip_suffix('?') {
            Some(text) => Ok(Step::Maybe(name(text)?)),
            None => Ok(Step::Key(name(text)?)),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Calls a function with every value at the path that is not `null`.
    pub(crate) fn each(&self, json: &Json<'_>, from: From, see: &mut impl FnMut(Node)) {
        let start = if self.from_order { from.order } else { from.line };
        walk(json, start, &self.steps, see);
    }

    /// The first value at the path.
    pub(crate) fn first(&self, json: &Json<'_>, from: From) -> Option<Node> {
        let mut first = None;
        self.each(json, from, &mut |node| first = first.or(Some(node)));
        first
    }

    /// Adds the values at the path to a list. Returns whether one of them is not blank.
    pub(crate) fn collect(&self, json: &Json<'_>, from: From, nodes: &mut Vec<Node>) -> bool {
        let mut there = false;
        self.each(json, from, &mut |node| {
            there |= json.kind(node) != Kind::String || !json.text(node).trim().is_empty();
            nodes.push(node);
        });
        there
    }

    /// Whether there is a value at the path that is not blank.
    fn is_there(&self, json: &Json<'_>, from: From) -> bool {
        self.collect(json, from, &mut Vec::new())
    }

    /// How many of its steps lead somewhere, and the names of fields that are where the first failing step looks.
    pub(crate) fn reach(&self, json: &Json<'_>, from: From) -> (usize, Vec<String>) {
        let start = if self.from_order { from.order } else { from.line };
        let mut reach = 0;
        for length in 1..=self.steps.len() {
            let mut there = false;
            walk(json, start, self.steps.get(..length).unwrap_or_default(), &mut |_| there = true);
            if !there {
                break;
            }
            reach = length;
        }
        let mut names = Vec::new();
        walk(json, start, self.steps.get(..reach).unwrap_or_default(), &mut |node| {
            names
                .extend(json.children(node).map(|child| json.key(child).into_owned()).filter(|key| is_field_name(key)));
        });
        (reach, names)
    }

    /// Whether its first step leads somewhere.
    pub(crate) fn begins(&self, json: &Json<'_>, from: From) -> bool {
        let start = if self.from_order { from.order } else { from.line };
        let mut begins = false;
        walk(json, start, self.steps.get(..1).unwrap_or_default(), &mut |_| begins = true);
        begins
    }

    /// Whether it leads to a member of where it begins.
    pub(crate) fn is_short(&self) -> bool {
        matches!(self.steps.as_slice(), [Step::Key(_)])
    }

    /// The name at a step, if it has one.
    pub(crate) fn name_at(&self, step: usize) -> Option<&str> {
        match self.steps.get(step) {
            Some(Step::Key(key) | Step::Maybe(key)) => Some(&key.text),
            _ => None,
        }
    }
}

fn walk(json: &Json<'_>, node: Node, steps: &[Step], see: &mut dyn FnMut(Node)) {
    let Some((step, rest)) = steps.split_first() else {
        if json.kind(node) != Kind::Null {
            see(node);
        }
        return;
    };
    match step {
        Step::Key(key) => {
            if let Some(child) = key.of(json, node) {
                walk(json, child, rest, see);
            }
        }
        Step::Maybe(key) => walk(json, key.of(json, node).unwrap_or(node), rest, see),
        Step::Each => match json.kind(node) {
            Kind::Array => json.children(node).for_each(|child| walk(json, child, rest, see)),
            // Some programs write a list of one element as that element.
            Kind::Object => walk(json, node, rest, see),
            _ => {}
        },
        Step::Where(key, value) => {
            let mut check = |node: Node| {
                if key.of(json, node).is_some_and(|member| json.string(member) == value.as_str()) {
                    walk(json, node, rest, see);
                }
            };
            match json.kind(node) {
                Kind::Array => json.children(node).for_each(check),
                Kind::Object => check(node),
                _ => {}
            }
        }
    }
}

/// A path or a fixed number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Factor {
    Path(Path),
    Number(Amount),
}

/// One term of a sum: the first of its products that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) negative: bool,
    pub(crate) abs: bool,
    /// Whether it may be missing in every order.
    pub(crate) optional: bool,
    pub(crate) products: Vec<Vec<Factor>>,
    pub(crate) text: String,
    /// Where it is in the file of the table.
    pub(crate) place: Place,
    /// Its number in the table.
    pub(crate) number: usize,
}

/// A line and a column, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Term {
    pub(crate) fn parse(text: &str) -> Result<Term, Fault> {
        let mut term = Term {
            negative: false,
            abs: false,
            optional: false,
            products: Vec::new(),
            text: text.to_owned(),
            place: Place::default(),
            number: 0,
        };
        let mut rest = text;
        for (word, flag) in [("optional ", &mut term.optional), ("- ", &mut term.negative), ("abs ", &mut term.abs)] {
            if let Some(after) = rest.strip_prefix(word) {
                *flag = true;
                rest = after;
            }
        }
        let mut at = text.len() - rest.len();
        for product in rest.split('|') {
            let mut factors = Vec::new();
            let mut place = at;
            for factor in product.split(" * ") {
                factors.push(match factor.strip_prefix('=') {
                    Some(number) => match number.parse() {
                        Ok(number) => Factor::Number(number),
                        Err(_) => return fault(place, format!("expected a number after `=`, found {number:?}")),
                    },
                    None => Factor::Path(Path::parse(factor, place)?),
                });
                place += factor.len() + 3;
            }
            if factors.len() > MOST_FACTORS {
                return fault(at, format!("expected one or two factors, found {}", factors.len()));
            }
            term.products.push(factors);
            at += product.len() + 1;
        }
        Ok(term)
    }

    /// Its paths.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.products.iter().flatten().filter_map(|factor| match factor {
            Factor::Path(path) => Some(path),
            Factor::Number(_) => None,
        })
    }

    /// The first product that is there.
    pub(crate) fn product(&self, json: &Json<'_>, from: From) -> Option<&[Factor]> {
        let there = |factor: &Factor| match factor {
            Factor::Path(path) => path.is_there(json, from),
            Factor::Number(_) => true,
        };
        self.products.iter().find(|product| product.iter().all(there)).map(Vec::as_slice)
    }
}

/// What must be so: a value is there and is neither false, 0 nor empty; or it has a certain text; or it differs from another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Holds(Path),
    Is(Path, String),
    Differ(Path, Path),
}

impl Condition {
    pub(crate) fn parse(text: &str) -> Result<Condition, Fault> {
        if let Some((one, other)) = text.split_once(" != ") {
            return Ok(Condition::Differ(Path::parse(one, 0)?, Path::parse(other, one.len() + 4)?));
        }
        // The value in a step such as [code=tax] is not that of the condition.
        match text.rsplit_once('=').filter(|(_, value)| !value.contains(']')) {
            Some((path, value)) => Ok(Condition::Is(Path::parse(path, 0)?, value.to_owned())),
            None => Ok(Condition::Holds(Path::parse(text, 0)?)),
        }
    }

    /// As it is written in the table.
    pub(crate) fn text(&self) -> String {
        match self {
            Condition::Holds(path) => path.text().to_owned(),
            Condition::Is(path, value) => format!("{}={value}", path.text()),
            Condition::Differ(one, other) => format!("{} != {}", one.text(), other.text()),
        }
    }

    /// Whether it holds; `None` if the value is not there.
    pub(crate) fn holds(&self, json: &Json<'_>, from: From) -> Option<bool> {
        match self {
            Condition::Holds(path) => {
                let mut all = None;
                path.each(json, from, &mut |node| all = Some(all.unwrap_or(false) || is_something(json, node)));
                all
            }
            Condition::Is(path, value) => {
                let mut all = None;
                path.each(json, from, &mut |node| {
                    all = Some(all.unwrap_or(false) || json.string(node) == value.as_str());
                });
                all
            }
            Condition::Differ(one, other) => {
                let (one, other) = (one.first(json, from)?, other.first(json, from)?);
                let amount = |node| json.string(node).trim().parse::<Amount>().ok();
                Some(match (amount(one), amount(other)) {
                    (Some(one), Some(other)) => one != other,
                    _ => json.string(one) != json.string(other),
                })
            }
        }
    }
}

/// The value in an object that states an amount.
pub(crate) fn money_value(json: &Json<'_>, object: Node) -> Option<Node> {
    ["amount", "Amount", "value", "currencyAmount"].iter().find_map(|key| json.get(object, key))
}

/// Whether a value is neither false, 0, blank nor empty. An object that states an amount counts by that amount.
fn is_something(json: &Json<'_>, node: Node) -> bool {
    match json.kind(node) {
        Kind::Null => false,
        Kind::Bool => json.text(node) == "true",
        Kind::Array => json.children(node).next().is_some(),
        Kind::Object => money_value(json, node)
            .map_or_else(|| json.children(node).next().is_some(), |amount| is_something(json, amount)),
        Kind::Number | Kind::String => {
            let text = json.string(node);
            let text = text.trim();
            !text.is_empty() && text != "false" && !text.parse::<Amount>().is_ok_and(Amount::is_zero)
        }
    }
}
