//! A record with its findings, in the form that all formats share.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ordercharge::{Amount, Rule, Severity};

/// One document of which something is reported.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// The input as it was named.
    pub(crate) source: String,
    /// The number of the document in the run, from 0.
    pub(crate) index: u64,
    /// The line on which it starts, from 1.
    pub(crate) line: u64,
    pub(crate) cust_ref: Option<String>,
    pub(crate) currency: Option<String>,
    pub(crate) order_source: Option<String>,
    pub(crate) verdict: Verdict,
    /// `None` if it has too many digits.
    pub(crate) at_risk: Option<Amount>,
    /// Errors first: the first one is the headline.
    pub(crate) findings: Vec<Finding>,
    /// The amounts of its header and of the lines that are concerned.
    pub(crate) amounts: Vec<Stated>,
}

/// Sorts what is wrong with an order as every format lists it, so that an error comes before a warning. The first one is the
/// headline of the order. Of one severity, the first diagnosis comes before what it does not explain.
pub(crate) fn errors_first<T>(diagnosis_then_others: &mut [T], severity: impl Fn(&T) -> Severity) {
    // The sort is stable.
    diagnosis_then_others.sort_by_key(|finding| Reverse(severity(finding)));
}

/// What belongs to each path; the first, if there are several. An order may have a hundred thousand amounts.
pub(crate) fn by_path<'p, T>(all: impl DoubleEndedIterator<Item = (&'p str, T)>) -> BTreeMap<&'p str, T> {
    all.rev().collect()
}

impl Record {
    /// The finding that the repair of the order is at.
    pub(crate) fn repaired(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| !finding.changes.is_empty())
    }

    /// Where the amounts are, by their paths, and what they are.
    pub(crate) fn stated(&self) -> BTreeMap<&str, &Stated> {
        by_path(self.amounts.iter().map(|stated| (stated.path.as_str(), stated)))
    }
}

/// What is to be made of a document, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Valid,
    Invalid,
    Unreadable,
}

/// Where something is in its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    /// From 1.
    pub(crate) line: u64,
    /// From 1, in characters.
    pub(crate) column: u64,
    pub(crate) byte_start: u64,
    /// Exclusive.
    pub(crate) byte_end: u64,
}

/// An amount that is stated in the order.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    /// A JSON Pointer.
    pub(crate) path: String,
    pub(crate) amount: Amount,
    pub(crate) region: Region,
}

/// What kind of finding it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Mistakes that explain one or several violations.
    Diagnosis,
    /// A violation that no diagnosis of the first rank explains.
    Violation,
    /// An amount or a line that is not as the cart's order says, or an order without a partner.
    Difference,
    /// The document cannot be read.
    Unreadable,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Diagnosis => "diagnosis",
            Kind::Violation => "violation",
            Kind::Difference => "difference",
            Kind::Unreadable => "unreadable",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) kind: Kind,
    /// The code of the rule, or the names of the mistakes. Each has a descriptor; there is at least one.
    pub(crate) names: Vec<String>,
    pub(crate) severity: Severity,
    /// A JSON Pointer; empty for the whole document.
    pub(crate) path: String,
    /// `None` if only the line of the document is known.
    pub(crate) region: Option<Region>,
    pub(crate) stated: Option<Amount>,
    pub(crate) right: Option<Amount>,
    pub(crate) difference: Option<Amount>,
    /// A sentence.
    pub(crate) message: String,
    /// What to change.
    pub(crate) remedy: String,
    /// For a diagnosis: others that fit equally well.
    pub(crate) alternatives: Vec<Alternative>,
    /// The violations that it consists of: a diagnosis explains any number of them.
    pub(crate) broken: Vec<Broken>,
    /// The wrong fields.
    pub(crate) culprits: Vec<Culprit>,
    /// The pointers of amounts that agree with each other, and of the operands.
    pub(crate) witnesses: Vec<String>,
    pub(crate) operands: Vec<String>,
    /// The repair of the order, at its diagnosis or, without one, at its first violation.
    pub(crate) changes: Vec<Change>,
    /// Whether `fix` makes the changes without `--unsafe`.
    pub(crate) safe: bool,
}

impl Finding {
    /// Its names in one: `misnamed-field + discount-not-subtracted`.
    pub(crate) fn name(&self) -> String {
        joined(&self.names)
    }

    /// The first of its names.
    pub(crate) fn first_name(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// The codes of the rules it breaks, each once.
    pub(crate) fn rules(&self) -> Vec<&str> {
        let mut rules: Vec<&str> = Vec::new();
        for broken in &self.broken {
            if !rules.contains(&broken.rule.as_str()) {
                rules.push(&broken.rule);
            }
        }
        rules
    }

    /// Its line: that of the value, else that of the document.
    pub(crate) fn line(&self, record: &Record) -> u64 {
        self.region.map_or(record.line, |region| region.line)
    }
}

/// Names of mistakes in one.
pub(super) fn joined(names: &[String]) -> String {
    names.join(" + ")
}

/// A diagnosis that fits as well as the first one.
#[derive(Clone, Debug)]
pub(crate) struct Alternative {
    /// The names of its mistakes in one.
    pub(crate) name: String,
    /// A sentence.
    pub(crate) message: String,
    /// What to change.
    pub(crate) remedy: String,
    /// The fields that are wrong if it is right.
    pub(crate) culprits: Vec<Culprit>,
}

/// One violation.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    /// The code.
    pub(crate) rule: String,
    /// The name of the rule.
    pub(crate) name: String,
    pub(crate) severity: Severity,
    pub(crate) path: String,
    pub(crate) region: Option<Region>,
    pub(crate) stated: Option<Amount>,
    pub(crate) expected: Option<Amount>,
    pub(crate) difference: Option<Amount>,
    pub(crate) message: String,
    pub(crate) remedy: String,
}

impl Broken {
    /// What should be at its place. OC104 expects the least that it can be, which is a limit.
    pub(crate) fn right(&self) -> Option<Amount> {
        self.expected.filter(|_| self.rule != Rule::OrderDiscount.code())
    }
}

/// A field that is wrong.
#[derive(Clone, Debug)]
pub(crate) struct Culprit {
    pub(crate) path: String,
    /// `None`: unset.
    pub(crate) stated: Option<Amount>,
    /// `None`: it cannot be known.
    pub(crate) right: Option<Amount>,
}

impl Culprit {
    /// `stated - right`, if both are known.
    pub(crate) fn difference(&self) -> Option<Amount> {
        self.stated.zip(self.right).and_then(|(stated, right)| stated.checked_sub(right))
    }
}

/// A change of the source that is part of the repair.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) path: String,
    /// The amount, with its decimals.
    pub(crate) value: String,
    /// The bytes that are replaced; empty where an amount is added.
    pub(crate) region: Region,
    /// What replaces them.
    pub(crate) text: String,
}
