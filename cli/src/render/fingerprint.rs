//! A number that stays the same for a finding from run to run, by which services recognise it again.

use crate::model::{Finding, Record};

/// The fingerprint of a finding: of its source, its order, its name and its field, but not of its amounts or its line. An order
/// without a `cust_ref` is known by its line and its number.
pub(super) fn fingerprint(record: &Record, finding: &Finding) -> String {
    let order = match &record.cust_ref {
        Some(cust_ref) => format!("order {cust_ref}"),
        None => format!("line {} order {}", record.line, record.index),
    };
    let name = finding.name();
    let hash = [record.source.as_str(), &order, &name, &finding.path].iter().fold(OFFSET, |hash, part| {
        // No part has a zero byte in it that could make two lists of parts equal, or it does not matter.
        part.bytes().chain([0]).fold(hash, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
    });
    format!("{hash:032x}")
}

/// The constants of the hash FNV-1a of 128 bits, which never changes.
const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
