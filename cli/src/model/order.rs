//! The record of an order as it is saved (`docs/output.md`), and the findings in it.

use std::collections::BTreeMap;

use ordercharge::{Amount, Rule, Severity};
use serde::Deserialize;

use super::descriptor::{UNREADABLE, remedy_of_rule};
use super::finding::{
    Alternative, Broken, Change, Culprit, Finding, Kind, Record, Region, Stated, Verdict, errors_first, joined,
};

/// The record of an order.
#[derive(Deserialize)]
pub(super) struct OrderRecord {
    source: String,
    index: u64,
    line: u64,
    cust_ref: Option<String>,
    currency: Option<String>,
    verdict: String,
    error: Option<String>,
    violations: Vec<ViolationRecord>,
    diagnoses: Vec<DiagnosisRecord>,
    repair: Option<RepairRecord>,
    order_source: Option<String>,
    at_risk: Option<Amount>,
    amounts: Vec<AmountRecord>,
    error_at: Option<ErrorPlace>,
}

/// Where a document stops being readable.
#[derive(Deserialize)]
struct ErrorPlace {
    line: u64,
    column: u64,
    byte_start: u64,
}

#[derive(Deserialize)]
struct ViolationRecord {
    rule: String,
    name: String,
    severity: Severity,
    path: String,
    line: Option<u64>,
    column: Option<u64>,
    byte_start: Option<u64>,
    byte_end: Option<u64>,
    stated: Option<Amount>,
    expected: Option<Amount>,
    difference: Option<Amount>,
    terms: BTreeMap<String, Amount>,
    message: String,
    diagnosis: Option<usize>,
}

#[derive(Deserialize)]
struct DiagnosisRecord {
    rank: u32,
    mistakes: Vec<MistakeRecord>,
    culprits: Vec<CulpritRecord>,
    message: String,
    remedy: String,
    witnesses: Vec<String>,
}

#[derive(Deserialize)]
struct MistakeRecord {
    name: String,
}

#[derive(Deserialize)]
struct CulpritRecord {
    path: String,
    stated: Option<Amount>,
    right: Option<Amount>,
}

#[derive(Deserialize)]
struct RepairRecord {
    applicability: String,
    edits: Vec<EditRecord>,
}

#[derive(Deserialize)]
struct EditRecord {
    path: String,
    value: String,
    at: At,
    text: Option<String>,
}

#[derive(Deserialize)]
struct AmountRecord {
    path: String,
    amount: Amount,
    at: At,
}

/// Line, column, first byte, and the byte after the last one.
#[derive(Deserialize)]
struct At(u64, u64, u64, u64);

impl At {
    fn region(self) -> Region {
        let At(line, column, byte_start, byte_end) = self;
        Region { line, column, byte_start, byte_end }
    }
}

impl OrderRecord {
    /// The record in the form that all formats share.
    pub(super) fn record(self) -> Record {
        let verdict = match self.verdict.as_str() {
            "unreadable" => Verdict::Unreadable,
            "valid" => Verdict::Valid,
            _ => Verdict::Invalid,
        };
        let amounts: Vec<Stated> = self.amounts.into_iter().map(AmountRecord::stated).collect();
        let mut findings = Vec::new();
        if let Some(error) = self.error {
            findings.push(unreadable(error, self.error_at));
        }
        let (explained, others): (Vec<_>, Vec<_>) =
            self.violations.into_iter().partition(|violation| violation.diagnosis == Some(0));
        let mut diagnoses = self.diagnoses.into_iter().take_while(|diagnosis| diagnosis.rank == 1);
        if let Some(first) = diagnoses.next() {
            findings.push(first.finding(explained, diagnoses.collect(), &amounts));
        }
        findings.extend(others.into_iter().map(ViolationRecord::finding));
        if let (Some(first), Some(repair)) = (findings.first_mut(), self.repair) {
            first.safe = repair.applicability == "safe";
            first.changes = repair.edits.into_iter().filter_map(EditRecord::change).collect();
        }
        errors_first(&mut findings, |finding| finding.severity);
        Record {
            source: self.source,
            index: self.index,
            line: self.line,
            cust_ref: self.cust_ref,
            currency: self.currency,
            order_source: self.order_source,
            verdict,
            at_risk: self.at_risk,
            findings,
            amounts,
        }
    }
}

fn unreadable(error: String, at: Option<ErrorPlace>) -> Finding {
    let region = at.map(|ErrorPlace { line, column, byte_start }| {
        // An empty range: nothing says how far the fault goes.
        Region { line, column, byte_start, byte_end: byte_start }
    });
    Finding {
        kind: Kind::Unreadable,
        names: vec![UNREADABLE.to_owned()],
        severity: Severity::Error,
        path: String::new(),
        region,
        stated: None,
        right: None,
        difference: None,
        message: error,
        remedy: "send a document that can be read as an order".to_owned(),
        alternatives: Vec::new(),
        broken: Vec::new(),
        culprits: Vec::new(),
        witnesses: Vec::new(),
        operands: Vec::new(),
        changes: Vec::new(),
        safe: false,
    }
}

impl DiagnosisRecord {
    /// A diagnosis of the first rank that is not the first one.
    fn alternative(self) -> Alternative {
        Alternative {
            name: joined(&names(self.mistakes)),
            message: self.message,
            remedy: self.remedy,
            culprits: self.culprits.into_iter().map(CulpritRecord::culprit).collect(),
        }
    }

    /// The finding of the first diagnosis: what it explains, and the others of its rank.
    fn finding(self, explained: Vec<ViolationRecord>, rivals: Vec<DiagnosisRecord>, amounts: &[Stated]) -> Finding {
        let severity = explained.iter().map(|violation| violation.severity).max().unwrap_or(Severity::Warning);
        let operands = explained.first().map(ViolationRecord::operands).unwrap_or_default();
        let broken: Vec<Broken> = explained.into_iter().map(ViolationRecord::broken).collect();
        let culprits: Vec<Culprit> = self.culprits.into_iter().map(CulpritRecord::culprit).collect();
        let first = culprits.first();
        let path = first.map(|culprit| culprit.path.clone()).unwrap_or_default();
        // A culprit that is unset has no place of its own.
        let own = amounts.iter().find(|stated| stated.path == path).map(|stated| stated.region);
        let region = own.or_else(|| broken.iter().find_map(|broken| broken.region));
        let (stated, right) = first.map_or((None, None), |culprit| (culprit.stated, culprit.right));
        Finding {
            kind: Kind::Diagnosis,
            names: names(self.mistakes),
            severity,
            path,
            region,
            stated,
            right,
            difference: first.and_then(Culprit::difference),
            message: self.message,
            remedy: self.remedy,
            alternatives: rivals.into_iter().map(DiagnosisRecord::alternative).collect(),
            broken,
            culprits,
            witnesses: self.witnesses,
            operands,
            changes: Vec::new(),
            safe: false,
        }
    }
}

fn names(mistakes: Vec<MistakeRecord>) -> Vec<String> {
    mistakes.into_iter().map(|mistake| mistake.name).collect()
}

impl ViolationRecord {
    fn finding(self) -> Finding {
        let operands = self.operands();
        let broken = self.broken();
        Finding {
            kind: Kind::Violation,
            names: vec![broken.rule.clone()],
            severity: broken.severity,
            path: broken.path.clone(),
            region: broken.region,
            stated: broken.stated,
            right: broken.right(),
            difference: broken.difference,
            message: broken.message.clone(),
            remedy: broken.remedy.clone(),
            alternatives: Vec::new(),
            culprits: Vec::new(),
            witnesses: Vec::new(),
            operands,
            changes: Vec::new(),
            safe: false,
            broken: vec![broken],
        }
    }

    /// The pointers of its operands. The records name those of one object without a pointer.
    fn operands(&self) -> Vec<String> {
        let object = self.path.rsplit_once('/').map_or("", |(object, _)| object);
        let pointer = |name: &String| if name.starts_with('/') { name.clone() } else { format!("{object}/{name}") };
        self.terms.keys().map(pointer).collect()
    }

    fn broken(self) -> Broken {
        // They are null together.
        let place = self.line.zip(self.column).zip(self.byte_start.zip(self.byte_end));
        let region =
            place.map(|((line, column), (byte_start, byte_end))| Region { line, column, byte_start, byte_end });
        let remedy = self.rule.parse::<Rule>().map_or("", remedy_of_rule).to_owned();
        Broken {
            region,
            rule: self.rule,
            name: self.name,
            severity: self.severity,
            path: self.path,
            stated: self.stated,
            expected: self.expected,
            difference: self.difference,
            message: self.message,
            remedy,
        }
    }
}

impl CulpritRecord {
    fn culprit(self) -> Culprit {
        Culprit { path: self.path, stated: self.stated, right: self.right }
    }
}

impl AmountRecord {
    fn stated(self) -> Stated {
        Stated { path: self.path, amount: self.amount, region: self.at.region() }
    }
}

impl EditRecord {
    /// The change of the source; none in CSV.
    fn change(self) -> Option<Change> {
        Some(Change { path: self.path, value: self.value, region: self.at.region(), text: self.text? })
    }
}
