//! What is accepted of the findings: by waivers, or because a baseline has them. This is the one place that decides what is
//! left of a report before it is counted and printed.

mod baseline;
pub(crate) mod waiver;

use std::collections::BTreeSet;
use std::path::Path;

use ordercharge::{Applicability, Document, Report};
use serde::Serialize;

use crate::date::Date;
use crate::output::Stop;
use crate::sink::Sink;
use baseline::Baseline;
use waiver::{Waiver, Waivers};

/// What is accepted in a run.
pub(crate) struct Accept {
    waivers: Waivers,
    /// Whether the configuration has waivers, also if none of them holds any more.
    has_waivers: bool,
    baseline: Option<Baseline>,
    /// Every finding is accepted, since the run writes a baseline of them.
    is_recording: bool,
}

/// What was accepted in some consecutive orders, or in a whole run.
#[derive(Default)]
pub(crate) struct Accepted {
    /// Findings that are waived, and orders with one.
    waived: u64,
    waived_orders: u64,
    /// Findings that the baseline has.
    known: u64,
    /// The lines of the baseline that is written.
    lines: Vec<u8>,
}

impl Accept {
    /// What to accept on a day. The baseline is not read if the run writes one.
    pub(crate) fn new(
        waivers: Vec<Waiver>,
        today: Option<Date>,
        baseline: Option<&Path>,
        is_recording: bool,
    ) -> Result<Accept, String> {
        let has_waivers = !waivers.is_empty();
        let waivers = Waivers::new(waivers, today.unwrap_or_else(Date::today));
        let baseline = baseline.filter(|_| !is_recording).map(Baseline::read).transpose()?;
        Ok(Accept { waivers, has_waivers, baseline, is_recording })
    }

    /// Removes what is accepted from a report. Returns whether there was anything.
    pub(crate) fn apply(&self, document: &Document<'_>, report: &mut Report, accepted: &mut Accepted) -> bool {
        if report.violations.is_empty() || (self.waivers.is_empty() && self.baseline.is_none() && !self.is_recording) {
            return false;
        }
        let waived = self.waivers.judge(document.order(), report);
        let mut removed = waived.violations;
        let count = |removed: &[bool]| removed.iter().filter(|removed| **removed).count() as u64;
        let by_waivers = count(&removed);
        if self.baseline.is_some() || self.is_recording {
            for (violation, removed) in report.violations.iter().zip(&mut removed).filter(|(_, removed)| !**removed) {
                let Some(line) = baseline::line(document, violation) else { continue };
                if self.is_recording {
                    accepted.lines.extend_from_slice(line.as_bytes());
                    accepted.lines.push(b'\n');
                }
                *removed = self.baseline.as_ref().is_none_or(|baseline| baseline.has(&line));
            }
        }
        let all = count(&removed);
        accepted.waived += by_waivers;
        accepted.waived_orders += u64::from(by_waivers > 0);
        accepted.known += all - by_waivers;
        if all > 0 {
            remove(report, &removed, &waived.diagnoses);
        }
        all > 0
    }

    /// What the summary record says about waivers; nothing if there are none. `file` is the configuration.
    pub(crate) fn waivers_of<'a>(
        &'a self,
        file: Option<&Path>,
        accepted: &Accepted,
        is_complete: bool,
    ) -> Option<WaiverRecord<'a>> {
        self.has_waivers.then(|| WaiverRecord {
            file: shown(file),
            findings: accepted.waived,
            orders: accepted.waived_orders,
            expired: self.waivers.expired().iter().map(Named::new).collect(),
            unused: is_complete.then(|| self.waivers.unused().map(Named::new).collect()),
        })
    }

    /// What the summary record says about the baseline; nothing if there is none. `file` is where it is.
    pub(crate) fn baseline_of(
        &self,
        file: Option<&Path>,
        accepted: &Accepted,
        is_complete: bool,
    ) -> Option<BaselineRecord> {
        let gone = self.baseline.as_ref().filter(|_| is_complete).map(Baseline::gone);
        let written = self.is_recording.then_some(is_complete);
        let record = || BaselineRecord { file: shown(file), findings: accepted.known, gone, written };
        (self.is_recording || self.baseline.is_some()).then(record)
    }
}

/// The waivers, in the summary record.
#[derive(Serialize)]
pub(crate) struct WaiverRecord<'a> {
    file: String,
    findings: u64,
    orders: u64,
    expired: Vec<Named<'a>>,
    /// `null` if the run is not complete.
    unused: Option<Vec<Named<'a>>>,
}

/// A waiver, in the summary record.
#[derive(Serialize)]
struct Named<'a> {
    line: usize,
    subject: String,
    reason: &'a str,
    until: Date,
}

impl Named<'_> {
    fn new(waiver: &Waiver) -> Named<'_> {
        Named { line: waiver.line, subject: waiver.subject(), reason: &waiver.reason, until: waiver.until }
    }
}

/// The baseline, in the summary record.
#[derive(Serialize)]
pub(crate) struct BaselineRecord {
    file: String,
    findings: u64,
    /// `null` if the run is not complete, or writes the baseline.
    gone: Option<u64>,
    /// Whether the run has written it; `null` if it reads it.
    written: Option<bool>,
}

fn shown(file: Option<&Path>) -> String {
    file.map(|path| path.display().to_string()).unwrap_or_default()
}

impl Accepted {
    /// Adds what was accepted in the orders that follow.
    pub(crate) fn append(&mut self, part: &mut Accepted) {
        let Accepted { waived, waived_orders, known, lines } = part;
        self.waived += std::mem::take(waived);
        self.waived_orders += std::mem::take(waived_orders);
        self.known += std::mem::take(known);
        self.lines.append(lines);
    }

    /// The approximate number of bytes that it holds.
    pub(crate) fn size(&self) -> usize {
        self.lines.len()
    }

    /// Writes the baseline of what was accepted.
    pub(crate) fn write(&mut self, sink: &mut Sink) -> Result<(), Stop> {
        self.known = baseline::write(sink, &self.lines)?;
        Ok(())
    }
}

/// Removes violations from a report, and the diagnoses that explain nothing that is left.
fn remove(report: &mut Report, removed: &[bool], waived: &[bool]) {
    let explained_by = |is_removed: bool| -> BTreeSet<usize> {
        let violations = report.violations.iter().zip(removed).filter(|(_, removed)| **removed == is_removed);
        violations.filter_map(|(violation, _)| violation.diagnosis).collect()
    };
    let (gone, left) = (explained_by(true), explained_by(false));
    // With a diagnosis, those that share its rank go too: they explain the same.
    let ranks: BTreeSet<u32> =
        gone.difference(&left).filter_map(|at| report.diagnoses.get(*at)).map(|diagnosis| diagnosis.rank).collect();
    let mut places = Vec::with_capacity(report.diagnoses.len());
    let mut kept = 0;
    for (at, diagnosis) in report.diagnoses.iter().enumerate() {
        let goes = waived.get(at).copied().unwrap_or_default() || ranks.contains(&diagnosis.rank);
        let stays = left.contains(&at) || (!left.is_empty() && !goes);
        places.push(stays.then_some(kept));
        kept += usize::from(stays);
    }
    let mut at = 0..;
    report.diagnoses.retain(|_| at.next().and_then(|at| places.get(at).copied().flatten()).is_some());
    let mut at = 0..;
    report.violations.retain(|_| at.next().and_then(|at| removed.get(at)).is_none_or(|removed: &bool| !removed));
    for violation in &mut report.violations {
        violation.diagnosis = violation.diagnosis.and_then(|at| places.get(at).copied().flatten());
    }
    let follows = |applicability| applicability == Applicability::Unsafe && report.diagnoses.is_empty();
    if report.violations.is_empty() || report.repair.as_ref().is_some_and(|repair| follows(repair.applicability)) {
        report.repair = None;
    }
}
