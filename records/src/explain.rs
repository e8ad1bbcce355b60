//! The rows of the tables of rules and mistakes, as data.

use ordercharge::{Mistake, Rule};
use serde::Serialize;

/// A rule or a mistake, explained.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[expect(missing_docs, reason = "the fields are those of `Rule` and `Mistake`, which say what they are")]
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

/// Explains a mistake by name, or rules by code, name or the beginning of a code. An empty name means every rule and every
/// mistake. A name of both, such as `misnamed-field`, means the mistake.
///
/// # Errors
///
/// If nothing has the name.
pub fn explain(name: &str) -> Result<Vec<Explained>, ordercharge::Error> {
    if name.is_empty() {
        let rules = Rule::ALL.iter().copied().map(Explained::from);
        return Ok(rules.chain(Mistake::ALL.iter().copied().map(Explained::from)).collect());
    }
    if let Ok(mistake) = name.parse::<Mistake>() {
        return Ok(vec![mistake.into()]);
    }
    let code = name.to_ascii_uppercase();
    let begins = Rule::ALL.iter().filter(|rule| code.len() > 1 && rule.code().starts_with(&code));
    let rules: Vec<Explained> = begins.copied().map(Explained::from).collect();
    if rules.is_empty() { name.parse::<Rule>().map(|rule| vec![rule.into()]) } else { Ok(rules) }
}
