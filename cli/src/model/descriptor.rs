//! What a name of a finding means: the rows of the library's tables of rules and mistakes, in one list.

use ordercharge::{Mistake, Rule, Severity};
use ordercharge_carts::CartRule;

/// The name of the finding that a document cannot be read.
pub(crate) const UNREADABLE: &str = "unreadable";

/// What a name of a finding means.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    /// The code of a rule, or the name of a mistake.
    pub(crate) id: &'static str,
    /// The name in words that may be a part of a title.
    pub(crate) name: &'static str,
    /// A sentence.
    pub(crate) summary: String,
    /// The whole explanation, in Markdown.
    pub(crate) help: String,
    pub(crate) remedy: &'static str,
    /// Unless a policy or the finding says otherwise.
    pub(crate) severity: Severity,
    /// `rule`, `mistake` or `comparison`.
    pub(crate) kind: &'static str,
}

/// Every name a finding may have: rules in the order of their codes, mistakes in the order of
/// the table, and what `compare` reports.
pub(crate) fn descriptors() -> Vec<Descriptor> {
    let rules = Rule::ALL.iter().copied().map(Descriptor::of_rule);
    let mistakes = Mistake::ALL.iter().copied().map(Descriptor::of_mistake);
    let unreadable = Descriptor {
        id: UNREADABLE,
        name: UNREADABLE,
        summary: "A document cannot be read as an order.".to_owned(),
        help: "The document is not JSON, or it is JSON but not an order. It was not checked.".to_owned(),
        remedy: "send a document that can be read as an order",
        severity: Severity::Error,
        kind: "rule",
    };
    let comparisons = CartRule::all().map(Descriptor::of_comparison);
    rules.chain(mistakes).chain([unreadable]).chain(comparisons).collect()
}

impl Descriptor {
    fn of_rule(rule: Rule) -> Descriptor {
        Descriptor {
            id: rule.code(),
            name: rule.name(),
            summary: first_sentence(&rule.explanation()),
            help: format!(
                "{}\n\nHolds when: `{}`\n\nTo change: {}.\n",
                rule.explanation(),
                rule.formula(),
                rule.remedy()
            ),
            remedy: rule.remedy(),
            severity: rule.severity(),
            kind: "rule",
        }
    }

    fn of_mistake(mistake: Mistake) -> Descriptor {
        Descriptor {
            id: mistake.name(),
            name: mistake.name(),
            summary: first_sentence(&mistake.explanation()),
            // Not `markdown`: to find its example takes long.
            help: format!("{}\n\nTo change: {}.\n", mistake.explanation(), mistake.remedy()),
            remedy: mistake.remedy(),
            severity: Severity::Error,
            kind: "mistake",
        }
    }

    fn of_comparison(rule: CartRule) -> Descriptor {
        Descriptor {
            id: rule.code(),
            name: rule.name(),
            summary: first_sentence(rule.explanation()),
            help: format!("{}\n\nTo change: {}.\n", rule.explanation(), rule.remedy()),
            remedy: rule.remedy(),
            severity: severity_of_comparison(rule),
            kind: "comparison",
        }
    }
}

/// How severe a finding of `compare` is. That an amount was found somewhere need not be wrong.
pub(super) fn severity_of_comparison(rule: CartRule) -> Severity {
    if rule == CartRule::Place { Severity::Warning } else { Severity::Error }
}

/// What to change if this rule is broken.
pub(super) fn remedy_of_rule(rule: Rule) -> &'static str {
    rule.remedy()
}

/// The first paragraph of an explanation, on one line.
fn first_sentence(explanation: &str) -> String {
    let paragraph = explanation.split("\n\n").next().unwrap_or_default();
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
