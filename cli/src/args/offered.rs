//! The values of arguments that completions offer.

use std::ffi::OsStr;
use std::sync::LazyLock;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Command};
use ordercharge::{Mistake, Rounding, Rule};
use ordercharge_carts::{Cart, CartRule};

use crate::names::identities;
use crate::render::FORMATS;

/// A parser with the names that completions offer. It may take other ones, such as the beginning of a code.
#[derive(Clone)]
pub(super) struct Offering<P> {
    parser: P,
    names: fn() -> Vec<PossibleValue>,
}

impl<P> Offering<P> {
    pub(super) fn new(names: fn() -> Vec<PossibleValue>, parser: P) -> Offering<P> {
        Offering { parser, names }
    }
}

impl<P: TypedValueParser> TypedValueParser for Offering<P> {
    type Value = P::Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<P::Value, Error> {
        self.parser.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter()))
    }
}

/// Rules, by code and by name.
pub(super) fn rules() -> Vec<PossibleValue> {
    let both = |rule: &Rule| [(rule.code(), rule.name()), (rule.name(), rule.code())];
    Rule::ALL.iter().flat_map(both).map(|(name, other)| PossibleValue::new(name).help(other)).collect()
}

pub(super) fn mistakes() -> Vec<PossibleValue> {
    Mistake::ALL.iter().map(|mistake| described(mistake.name(), mistake.what())).collect()
}

/// What `explain` explains.
pub(super) fn subjects() -> Vec<PossibleValue> {
    let comparison = CartRule::all().flat_map(|rule| [(rule.code(), rule.name()), (rule.name(), rule.code())]);
    let comparison = comparison.map(|(name, other)| PossibleValue::new(name).help(other));
    let carts = Cart::all().iter().map(|cart| PossibleValue::new(cart.name()).help(cart.title()));
    without_repeats([rules(), mistakes(), comparison.chain(carts).collect()].concat())
}

/// What can be wrong with generated orders.
pub(super) fn faults() -> Vec<PossibleValue> {
    let general = [
        PossibleValue::new("none").help("right orders"),
        PossibleValue::new("any").help("each rule and mistake in turn"),
    ];
    without_repeats([general.to_vec(), mistakes(), rules()].concat())
}

/// The severities of every rule: `OC105=off`.
pub(super) fn severities() -> Vec<PossibleValue> {
    static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
        let of_rule = |rule: &Rule| ["error", "warning", "off"].map(|level| format!("{}={level}", rule.code()));
        Rule::ALL.iter().flat_map(of_rule).collect()
    });
    ALL.iter().map(|one| PossibleValue::new(one.as_str())).collect()
}

/// A tolerance of a cent for every identity: `OC105=0.01`.
pub(super) fn tolerances() -> Vec<PossibleValue> {
    static ALL: LazyLock<Vec<String>> =
        LazyLock::new(|| identities().map(|rule| format!("{}=0.01", rule.code())).collect());
    ALL.iter().map(|one| PossibleValue::new(one.as_str())).collect()
}

/// Every format that can be made from records, with a file of the usual name: `html=report.html`.
pub(super) fn reports() -> Vec<PossibleValue> {
    static ALL: LazyLock<Vec<String>> = LazyLock::new(|| {
        let rows = FORMATS.iter().filter(|row| row.from_records);
        rows.map(|row| format!("{}=report.{}", row.name, row.extension)).collect()
    });
    ALL.iter().map(|one| PossibleValue::new(one.as_str())).collect()
}

pub(super) fn roundings() -> Vec<PossibleValue> {
    Rounding::ALL.iter().map(|rounding| PossibleValue::new(rounding.name())).collect()
}

/// A name with a help text for a shell, where backticks have a meaning of their own.
fn described(name: &'static str, what: &str) -> PossibleValue {
    PossibleValue::new(name).help(what.replace('`', ""))
}

/// A name of both a rule and a mistake is offered once.
fn without_repeats(mut names: Vec<PossibleValue>) -> Vec<PossibleValue> {
    let mut known = std::collections::HashSet::new();
    names.retain(|name| known.insert(name.get_name().to_owned()));
    names
}
