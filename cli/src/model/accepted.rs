//! What was accepted of the findings of a run, as it is saved (`docs/output.md`), and in words.

use serde::Deserialize;

use super::Totals;
use crate::output::{brief, visible};
use crate::phrases::orders_of;

/// The most waivers of a kind that are listed.
const MOST_LISTED: usize = 10;

/// What the waivers of the configuration accept.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Waivers {
    /// The configuration.
    file: String,
    pub(crate) findings: u64,
    orders: u64,
    /// Those that have ended.
    pub(crate) expired: Vec<Waiver>,
    /// Those that waive nothing; `None` if the run is not complete.
    pub(crate) unused: Option<Vec<Waiver>>,
}

/// A waiver that accepts nothing.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Waiver {
    line: u64,
    subject: String,
    until: String,
}

/// What a baseline accepts.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Baseline {
    file: String,
    pub(crate) findings: u64,
    /// How many of its findings are gone; `None` if the run is not complete, or does not read the baseline.
    pub(crate) gone: Option<u64>,
    /// Whether the run has written it; `None` if it was read.
    written: Option<bool>,
}

/// A remark about a line of the configuration.
pub(crate) struct Remark<'a> {
    pub(crate) file: &'a str,
    /// `None` for the last remark, which counts others.
    pub(crate) line: Option<u64>,
    pub(crate) message: String,
}

impl Remark<'_> {
    /// In one line: `ordercharge.toml:12: the waiver ...`.
    pub(crate) fn in_words(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}: {}", visible(self.file), self.message),
            None => self.message.clone(),
        }
    }
}

impl Waivers {
    /// How much is waived; `None` if nothing is.
    pub(crate) fn in_words(&self) -> Option<String> {
        (self.findings > 0).then(|| format!("{} of {} waived", findings(self.findings), orders_of(self.orders)))
    }

    /// What is to be said about those that accept nothing.
    pub(crate) fn remarks(&self) -> Vec<Remark<'_>> {
        let mut remarks = Vec::new();
        let mut list = |waivers: &[Waiver], why: &dyn Fn(&Waiver) -> String| {
            let shown = waivers.iter().take(MOST_LISTED).map(|waiver| Remark {
                file: &self.file,
                line: Some(waiver.line),
                message: format!("the waiver for {} {}", brief(&waiver.subject), why(waiver)),
            });
            remarks.extend(shown);
            let more = waivers.len().saturating_sub(MOST_LISTED);
            if more > 0 {
                let message = format!("{more} more waivers like these are not listed");
                remarks.push(Remark { file: &self.file, line: None, message });
            }
        };
        list(&self.expired, &|waiver| format!("ended on {}", brief(&waiver.until)));
        list(self.unused.as_deref().unwrap_or_default(), &|_| "waives nothing in this run".to_owned());
        remarks
    }
}

impl Baseline {
    /// How much it accepts, and how much of it is gone, in a line each.
    pub(crate) fn in_words(&self) -> Vec<String> {
        let file = visible(&self.file);
        let mut lines = Vec::new();
        match self.written {
            Some(false) => lines.push(format!("the baseline {file} is left as it was")),
            Some(true) => lines.push(format!("{} written to the baseline {file}", findings(self.findings))),
            None if self.findings > 0 => lines.push(format!("{} known from the baseline", findings(self.findings))),
            None => {}
        }
        if let Some(gone) = self.gone.filter(|gone| *gone > 0) {
            let gone = findings(gone);
            lines.push(format!("{gone} of the baseline gone; --write-baseline {file} leaves them out"));
        }
        lines
    }
}

impl Totals {
    /// What was accepted, in a line each.
    pub(crate) fn accepted(&self) -> Vec<String> {
        let waived = self.waivers.as_ref().and_then(Waivers::in_words);
        waived.into_iter().chain(self.baseline.iter().flat_map(Baseline::in_words)).collect()
    }

    /// What is to be said about waivers that accept nothing.
    pub(crate) fn remarks(&self) -> Vec<Remark<'_>> {
        self.waivers.iter().flat_map(Waivers::remarks).collect()
    }

    /// Whether findings are left out of the report because they are accepted.
    pub(crate) fn leaves_out(&self) -> bool {
        let waived = self.waivers.as_ref().map_or(0, |waivers| waivers.findings);
        waived + self.baseline.as_ref().map_or(0, |baseline| baseline.findings) > 0
    }
}

fn findings(count: u64) -> String {
    if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") }
}
