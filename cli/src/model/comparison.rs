//! The record of a comparison, and the summary of `compare`, as they are saved (`docs/carts.md`).

use ordercharge::{Amount, Severity};
use ordercharge_carts::CartRule;
use serde::Deserialize;

use super::descriptor::severity_of_comparison;
use super::finding::{Broken, Finding, Kind, Record, Verdict};
use super::summary::Totals;

/// The record of a pair of orders.
#[derive(Deserialize)]
pub(super) struct ComparisonRecord {
    source: String,
    index: u64,
    line: u64,
    cust_ref: Option<String>,
    verdict: String,
    differences: Vec<DifferenceRecord>,
}

#[derive(Deserialize)]
struct DifferenceRecord {
    rule: String,
    path: String,
    stated: Option<String>,
    right: Option<String>,
    message: String,
}

impl ComparisonRecord {
    /// The record in the form that all formats share: a finding for each difference.
    pub(super) fn record(self) -> Record {
        let findings: Vec<Finding> = self.differences.into_iter().map(DifferenceRecord::finding).collect();
        // The amounts of an order depend on each other, so the largest difference is what is at risk.
        let differences = findings.iter().filter(|finding| !finding.path.ends_with("/quantity"));
        let at_risk = differences.filter_map(|finding| finding.difference).map(Amount::abs).max();
        Record {
            source: self.source,
            index: self.index,
            line: self.line,
            cust_ref: self.cust_ref,
            currency: None,
            order_source: None,
            verdict: if self.verdict == "same" { Verdict::Valid } else { Verdict::Invalid },
            at_risk: Some(at_risk.unwrap_or_default()),
            findings,
            amounts: Vec::new(),
        }
    }
}

impl DifferenceRecord {
    fn finding(self) -> Finding {
        let rule = self.rule.parse::<CartRule>().ok();
        let severity = rule.map_or(Severity::Error, severity_of_comparison);
        let remedy = rule.map_or("", CartRule::remedy).to_owned();
        let amount = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<Amount>().ok());
        let (stated, right) = (amount(&self.stated), amount(&self.right));
        let difference = stated.zip(right).and_then(|(stated, right)| stated.checked_sub(right));
        let broken = Broken {
            rule: self.rule.clone(),
            name: rule.map_or("", CartRule::name).to_owned(),
            severity,
            path: self.path.clone(),
            region: None,
            stated,
            expected: right,
            difference,
            message: self.message.clone(),
            remedy: remedy.clone(),
        };
        Finding {
            kind: Kind::Difference,
            names: vec![self.rule],
            severity,
            path: self.path,
            region: None,
            stated,
            right,
            difference,
            message: self.message,
            remedy,
            alternatives: Vec::new(),
            broken: vec![broken],
            culprits: Vec::new(),
            witnesses: Vec::new(),
            operands: Vec::new(),
            changes: Vec::new(),
            safe: false,
        }
    }
}

/// What a run of `compare` counts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Compared {
    pub(crate) same: u64,
    pub(crate) different: u64,
    pub(crate) unmatched: u64,
    pub(crate) unmappable: u64,
    /// The fields that the mapping takes from the wrong place.
    pub(crate) fields: Vec<WrongField>,
}

/// A field that is not what the cart's orders say.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WrongField {
    /// `items/*/price`.
    pub(crate) field: String,
    pub(crate) orders: u64,
    pub(crate) sentence: String,
    pub(crate) remedy: String,
}

impl Compared {
    /// The counts with the name of each.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 4] {
        [
            ("same", self.same),
            ("different", self.different),
            ("unmatched", self.unmatched),
            ("unmappable", self.unmappable),
        ]
    }
}

/// The summary of `compare`.
#[derive(Deserialize)]
pub(super) struct ComparisonSummary {
    complete: bool,
    pairs: u64,
    errors: Vec<String>,
    exit: u8,
    #[serde(flatten)]
    compared: Compared,
}

impl ComparisonSummary {
    pub(super) fn totals(self) -> Totals {
        Totals {
            complete: self.complete,
            exit: self.exit,
            orders: self.pairs,
            valid: self.compared.same,
            invalid: self.pairs.saturating_sub(self.compared.same),
            unreadable: 0,
            unchecked: 0,
            violations: Default::default(),
            at_risk: Default::default(),
            repairable: 0,
            mappings: Vec::new(),
            waivers: None,
            baseline: None,
            errors: self.errors,
            compared: Some(self.compared),
        }
    }
}
