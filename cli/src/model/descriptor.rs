//! What a name of a finding means: the rows of the library's tables of rules and mistakes, in one list.

use ordercharge::{Mistake, Rule, Severity};

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
    /// `rule` or `mistake`.
    pub(crate) kind: &'static str,
}

/// Every name a finding may have: rules in the order of their codes, then mistakes in the order of the table.
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
    rules.chain(mistakes).chain([unreadable]).collect()
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
