//! The rows of the tables of rules, mistakes and findings of a comparison, as data.

use ordercharge::{Mistake, Rule};
use ordercharge_carts::CartRule;
use serde::Serialize;

/// A rule, a mistake or a finding of a comparison, explained.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the fields are those of `Rule`, `Mistake` and `CartRule`, which say what they are")]
pub enum Explained {
    Rule {
        code: &'static str,
        name: &'static str,
        severity: &'static str,
        formula: &'static str,
        explanation: String,
        definition: &'static str,
        remedy: &'static str,
        example: &'static str,
    },
    Mistake {
        name: &'static str,
        explanation: String,
        what: &'static str,
        remedy: &'static str,
        free_amount: bool,
        example: Option<String>,
    },
    Comparison {
        code: &'static str,
        name: &'static str,
        explanation: &'static str,
        remedy: &'static str,
    },
}

impl From<Rule> for Explained {
    fn from(rule: Rule) -> Explained {
        Explained::Rule {
            code: rule.code(),
            name: rule.name(),
            severity: rule.severity().name(),
            formula: rule.formula(),
            explanation: rule.explanation(),
            definition: rule.definition(),
            remedy: rule.remedy(),
            example: rule.example(),
        }
    }
}

impl From<Mistake> for Explained {
    fn from(mistake: Mistake) -> Explained {
        Explained::Mistake {
            name: mistake.name(),
            explanation: mistake.explanation(),
            what: mistake.what(),
            remedy: mistake.remedy(),
            free_amount: mistake.has_free_amount(),
            example: mistake.example(),
        }
    }
}

impl From<CartRule> for Explained {
    fn from(rule: CartRule) -> Explained {
        Explained::Comparison {
            code: rule.code(),
            name: rule.name(),
            explanation: rule.explanation(),
            remedy: rule.remedy(),
        }
    }
}

/// The findings of a comparison with this code or name, or whose codes begin with it.
pub fn cart_rules(name: &str) -> Vec<CartRule> {
    let begins = |rule: &CartRule| {
        let code = rule.code().get(..name.len()).unwrap_or_default();
        rule.name() == name || (name.len() >= 3 && code.eq_ignore_ascii_case(name))
    };
    CartRule::all().filter(begins).collect()
}

/// Explains a mistake by name, or rules and findings of a comparison by code, name or the beginning of a code. An empty name
/// means all of them. A name of a rule and a mistake, such as `misnamed-field`, means the mistake.
///
/// # Errors
///
/// If nothing has the name.
pub fn explain(name: &str) -> Result<Vec<Explained>, ordercharge::Error> {
    if name.is_empty() {
        let rules = Rule::ALL.iter().copied().map(Explained::from);
        let mistakes = Mistake::ALL.iter().copied().map(Explained::from);
        return Ok(rules.chain(mistakes).chain(CartRule::all().map(Explained::from)).collect());
    }
    if let Ok(mistake) = name.parse::<Mistake>() {
        return Ok(vec![mistake.into()]);
    }
    let code = name.to_ascii_uppercase();
    let begins = Rule::ALL.iter().filter(|rule| code.len() > 1 && rule.code().starts_with(&code));
    let rules: Vec<Explained> = begins.copied().map(Explained::from).collect();
    if !rules.is_empty() {
        return Ok(rules);
    }
    let found: Vec<Explained> = cart_rules(name).into_iter().map(Explained::from).collect();
    if found.is_empty() { name.parse::<Rule>().map(|rule| vec![rule.into()]) } else { Ok(found) }
}
