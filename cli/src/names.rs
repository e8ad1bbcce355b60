//! The names of rules and mistakes as users write them, and which name is suggested for an unknown one.

use ordercharge::{Amount, Mistake, Policy, Rule};
use ordercharge_carts::nearest;

/// The rules one argument names.
#[derive(Clone)]
pub(crate) struct Rules(pub(crate) Vec<Rule>);

pub(crate) fn parse_rules(name: &str) -> Result<Rules, String> {
    rules(name).ok_or_else(|| unknown("rule", name, rule_names()))
}

/// The rules with this code, name or beginning of a code.
pub(crate) fn rules(name: &str) -> Option<Rules> {
    if let Ok(rule) = name.parse::<Rule>() {
        return Some(Rules(vec![rule]));
    }
    let begins = |rule: &Rule| {
        name.len() >= 3 && rule.code().get(..name.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(name))
    };
    let rules: Vec<Rule> = Rule::ALL.iter().copied().filter(begins).collect();
    (!rules.is_empty()).then_some(Rules(rules))
}

pub(crate) fn parse_mistake(name: &str) -> Result<Mistake, String> {
    name.parse::<Mistake>().map_err(|_| unknown("mistake", name, mistake_names()))
}

/// The identities: the rules that take a tolerance.
pub(crate) fn identities() -> impl Iterator<Item = &'static Rule> {
    Rule::ALL.iter().filter(|rule| Policy::default().set_tolerance(**rule, Amount::ZERO).is_ok())
}

pub(crate) fn mistake_names() -> impl Iterator<Item = &'static str> {
    Mistake::ALL.iter().map(|mistake| mistake.name())
}

/// The codes and the names.
pub(crate) fn rule_names() -> impl Iterator<Item = &'static str> {
    Rule::ALL.iter().flat_map(|rule| [rule.code(), rule.name()])
}

/// The message for an unknown name.
pub(crate) fn unknown(kind: &str, name: &str, known: impl Iterator<Item = &'static str>) -> String {
    let near = suggestion(name, known);
    format!("no {kind} is called {name:?}{near} (`ordercharge explain` lists all names)")
}

/// The known name that is most similar to an unknown one, as a question; empty if none is similar.
pub(crate) fn suggestion<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    nearest(name, known).map_or(String::new(), |known| format!(": did you mean {known}?"))
}
