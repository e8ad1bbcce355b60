//! What the formats of a fixed size keep of any number of records. Parts that were gathered on different threads are merged
//! into the same result.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use ordercharge::{Amount, Currency, Severity};

use super::{Kind, Record, Verdict};

/// The most order sources that are counted separately.
const MOST_SOURCES: usize = 256;
/// The most unreadable documents that are kept.
const MOST_UNREADABLE: usize = 10;
/// The most names of findings that are counted: more than there are, and saved records may have any.
const MOST_NAMES: usize = 1000;

/// How many records the formats of a run need.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wants {
    /// Those with the most money at risk.
    pub(crate) worst: usize,
    /// The first with a finding.
    pub(crate) first: usize,
}

impl Wants {
    /// As many as either needs.
    pub(crate) fn or(self, other: Wants) -> Wants {
        Wants { worst: self.worst.max(other.worst), first: self.first.max(other.first) }
    }
}

/// Counts of records and their findings, and the records that are shown.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    /// The records with a finding.
    pub(crate) records: u64,
    pub(crate) findings: u64,
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    /// How many findings have each name. A diagnosis of two mistakes counts at both.
    pub(crate) names: BTreeMap<String, u64>,
    /// How many records with a finding each order source has, in the order in which they appear; `None` for those without
    /// one. After a merge, the sources after the first 256 are counted in `other_sources`.
    pub(crate) sources: Vec<(Option<String>, u64)>,
    pub(crate) other_sources: u64,
    /// The records with the most money at risk, most first.
    worst: Vec<Ranked>,
    /// The first records with a finding.
    pub(crate) first: Vec<Record>,
    /// The first documents that cannot be read.
    pub(crate) unreadable: Vec<Record>,
}

/// A record with its place among the worst.
#[derive(Debug)]
struct Ranked {
    rank: Rank,
    record: Record,
}

/// Most money first; then what is invalid, unreadable, and valid; then in the order of the input.
type Rank = (Reverse<Weight>, Reverse<Verdict>, u64);

/// The money at risk in minor units, so that currencies can be compared: 500 yen is like 5.00 dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Units(Amount),
    /// It has more digits than an amount can have.
    TooLarge,
}

impl Weight {
    fn of(record: &Record) -> Weight {
        let decimals = record.currency.as_deref().map_or(2, |code| Currency::from_code(code).decimals());
        let unit = Amount::from(10_i64.checked_pow(decimals).unwrap_or(1));
        let units = record.at_risk.and_then(|amount| amount.checked_mul(unit));
        units.map_or(Weight::TooLarge, Weight::Units)
    }
}

impl Gathered {
    /// Adds a record that follows those added before.
    pub(crate) fn add(&mut self, record: &Record, wants: Wants) {
        if record.findings.is_empty() {
            return;
        }
        self.records += 1;
        for finding in &record.findings {
            self.findings += 1;
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
            }
            for name in &finding.names {
                self.count_name(name, 1);
            }
        }
        if record.findings.iter().any(|finding| finding.kind != Kind::Unreadable) {
            self.count_source(record.order_source.as_ref(), 1, usize::MAX);
        }
        if self.first.len() < wants.first {
            self.first.push(record.clone());
        }
        if record.verdict == Verdict::Unreadable && self.unreadable.len() < MOST_UNREADABLE {
            self.unreadable.push(record.clone());
        }
        let rank = (Reverse(Weight::of(record)), Reverse(record.verdict), record.index);
        if self.enters(&rank, wants) {
            self.insert(Ranked { rank, record: record.clone() }, wants);
        }
    }

    /// Adds what was gathered of records that follow.
    pub(crate) fn merge(&mut self, later: Gathered, wants: Wants) {
        self.records += later.records;
        self.findings += later.findings;
        self.errors += later.errors;
        self.warnings += later.warnings;
        for (name, count) in &later.names {
            self.count_name(name, *count);
        }
        for (source, count) in &later.sources {
            self.count_source(source.as_ref(), *count, MOST_SOURCES);
        }
        self.other_sources += later.other_sources;
        let room = wants.first.saturating_sub(self.first.len());
        self.first.extend(later.first.into_iter().take(room));
        let room = MOST_UNREADABLE.saturating_sub(self.unreadable.len());
        self.unreadable.extend(later.unreadable.into_iter().take(room));
        for ranked in later.worst {
            if self.enters(&ranked.rank, wants) {
                self.insert(ranked, wants);
            }
        }
    }

    /// The records with the most money at risk, most first.
    pub(crate) fn worst(&self) -> impl Iterator<Item = &Record> {
        self.worst.iter().map(|ranked| &ranked.record)
    }

    fn count_name(&mut self, name: &str, count: u64) {
        if let Some(known) = self.names.get_mut(name) {
            *known += count;
        } else if self.names.len() < MOST_NAMES {
            self.names.insert(name.to_owned(), count);
        }
    }

    /// Counts records of a source. The first `most` sources are counted separately.
    fn count_source(&mut self, source: Option<&String>, count: u64, most: usize) {
        // Nearly always the source of the previous record.
        let is = |(known, _): &&mut (Option<String>, u64)| known.as_ref() == source;
        if let Some((_, known)) = self.sources.iter_mut().rev().find(is) {
            *known += count;
        } else if self.sources.len() < most {
            self.sources.push((source.cloned(), count));
        } else {
            self.other_sources += count;
        }
    }

    fn enters(&self, rank: &Rank, wants: Wants) -> bool {
        self.worst.len() < wants.worst || self.worst.last().is_some_and(|last| *rank < last.rank)
    }

    fn insert(&mut self, ranked: Ranked, wants: Wants) {
        let at = self.worst.partition_point(|known| known.rank < ranked.rank);
        self.worst.insert(at, ranked);
        self.worst.truncate(wants.worst);
    }
}
