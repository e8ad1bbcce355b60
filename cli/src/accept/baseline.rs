//! The baseline: findings that were there before, in a file. Only new ones fail a run.
//!
//! The file is lines of JSON, sorted, one for each finding: the `cust_ref` of its order, its rule and its path. An order
//! without a `cust_ref` is known by a digest of its text, so that it has to stay as it is.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use ordercharge::{Document, Rule, Violation};

use crate::output::{self, Stop};
use crate::sink::Sink;

/// The first line of a baseline.
const HEAD: &str = r#"{"format":1,"type":"baseline"}"#;

/// The longest line that can be a finding.
const LONGEST_LINE: u64 = 1024 * 1024;

/// The known findings, each by 16 bytes.
pub(crate) struct Baseline {
    /// The digests of the findings, sorted.
    known: Vec<u128>,
    /// A bit for each that was found again.
    found: Vec<AtomicU64>,
}

/// The line of a finding, without a line end.
pub(crate) fn line(document: &Document<'_>, violation: &Violation) -> Option<String> {
    let (cust_ref, rule) = (document.order().cust_ref.as_deref(), violation.rule.code());
    let path = violation.place.to_string();
    match cust_ref {
        Some(_) => output::json(&(cust_ref, rule, path)),
        None => output::json(&(cust_ref, rule, path, format!("{:032x}", digest(document.text())))),
    }
    .ok()
}

/// The FNV-1a digest in 128 bits. It is the same in every version and on every machine.
fn digest(bytes: &[u8]) -> u128 {
    const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(START, |digest, byte| (digest ^ u128::from(*byte)).wrapping_mul(PRIME))
}

impl Baseline {
    /// Reads a baseline.
    pub(crate) fn read(path: &Path) -> Result<Baseline, String> {
        let shown = path.display();
        let remedy = format!("`ordercharge check --write-baseline {shown}` writes the findings of now");
        let cannot = |error: std::io::Error| format!("cannot read the baseline {shown}: {error}; {remedy}");
        let mut lines = BufReader::with_capacity(64 * 1024, File::open(path).map_err(cannot)?);
        let (mut known, mut text, mut number) = (Vec::new(), Vec::new(), 0_u64);
        loop {
            text.clear();
            number += 1;
            if lines.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut text).map_err(cannot)? == 0 {
                break;
            }
            let wrong = |expected: &str| format!("{shown}:{number}: expected {expected} of a baseline; {remedy}");
            let Some(line) = text.strip_suffix(b"\n") else { return Err(wrong("the end of a line")) };
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if number == 1 {
                if line != HEAD.as_bytes() {
                    return Err(wrong(&format!("{HEAD}, the first line")));
                }
            } else {
                known.push(digest(canonical(line).ok_or_else(|| wrong("a finding"))?.as_bytes()));
            }
        }
        if number == 1 {
            return Err(format!("{shown}:1: expected {HEAD}, found an empty file; {remedy}"));
        }
        known.sort_unstable();
        known.dedup();
        known.shrink_to_fit();
        let found = (0..known.len().div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(Baseline { known, found })
    }

    /// Whether it has the finding of a line, which then counts as found again.
    pub(crate) fn has(&self, line: &str) -> bool {
        let Ok(at) = self.known.binary_search(&digest(line.as_bytes())) else { return false };
        if let Some(bits) = self.found.get(at / 64) {
            bits.fetch_or(1 << (at % 64), Ordering::Relaxed);
        }
        true
    }

    /// The number of its findings that were not found again.
    pub(crate) fn gone(&self) -> u64 {
        let found: u64 = self.found.iter().map(|bits| u64::from(bits.load(Ordering::Relaxed).count_ones())).sum();
        self.known.len() as u64 - found
    }
}

/// The line of a finding as it is written; `None` if it is none.
fn canonical(line: &[u8]) -> Option<String> {
    type Known = (Option<String>, Rule, String);
    let is_path = |path: &str| path.starts_with('/');
    if let Ok((Some(cust_ref), rule, path)) = serde_json::from_slice::<Known>(line) {
        return if is_path(&path) { output::json(&(cust_ref, rule.code(), path)).ok() } else { None };
    }
    let (none, rule, path, text): (Option<String>, Rule, String, String) = serde_json::from_slice(line).ok()?;
    let right = none.is_none() && is_path(&path) && text.len() == 32 && u128::from_str_radix(&text, 16).is_ok();
    output::json(&(none, rule.code(), path, text)).ok().filter(|_| right)
}

/// Writes a baseline of these lines: sorted, each once.
pub(crate) fn write(sink: &mut Sink, lines: &[u8]) -> Result<u64, Stop> {
    let mut sorted: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    sorted.sort_unstable();
    sorted.dedup();
    sink.write(HEAD.as_bytes())?;
    sink.write(b"\n")?;
    for line in &sorted {
        sink.write(line)?;
        sink.write(b"\n")?;
    }
    Ok(sorted.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values that the authors of FNV publish.
    #[test]
    fn the_digest_is_fnv_1a() {
        assert_eq!(digest(b""), 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d);
        assert_eq!(digest(b"a"), 0xd228_cb69_6f1a_8caf_7891_2b70_4e4a_8964);
        assert_eq!(digest(b"foobar"), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
