//! A checked order prepared for sending: its name, its bytes, and their digest; or why it cannot be sent.

use sha2::{Digest, Sha256};

use super::content::{Content, hex};
use super::fields::{Fault, entries, fields, text};
use crate::checked::Checked;

/// Why a checked order is not sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// It has no `cust_ref`, so it could not be settled.
    #[error("expected a cust_ref, by which the order can be settled, found none")]
    NoCustRef,
    /// It has `cust_ref` twice: readers differ on which one counts.
    #[error("expected cust_ref once, found it twice; leave one off")]
    CustRefTwice,
    /// The order cannot be found again by its `cust_ref`, for this reason.
    #[error("expected a cust_ref the order can be read back by, found {0}")]
    CustRef(&'static str),
    /// A line has no `item`.
    #[error("expected the SKU of the goods at /items/{line}/item, found {found}")]
    Item {
        /// The line, counted from 0.
        line: usize,
        /// What was found, in words.
        found: &'static str,
    },
    /// Another order of this run has the same `cust_ref`.
    #[error("expected a cust_ref of its own, found that of the order with index {first}")]
    Twice {
        /// The index of the first.
        first: u64,
    },
    /// By the journal, other content was sent under the same `cust_ref`, or may have been.
    #[error(
        "expected the order that the journal says was sent under this cust_ref, found other content; give it another cust_ref"
    )]
    Changed,
    /// It has no text and cannot be written as JSON ([`Order::to_json`](crate::Order::to_json) says why), or not every reader of
    /// JSON would accept its text.
    #[error("expected an order that can be written as JSON, found one that cannot")]
    Unwritable,
}

/// A checked order, ready to be sent.
pub(super) struct Parcel {
    pub(super) index: u64,
    pub(super) cust_ref: String,
    /// The digest of the bytes, in hexadecimal digits.
    pub(super) sha256: String,
    pub(super) text: Vec<u8>,
    pub(super) content: Content,
    /// How often it has been sent, or was about to be.
    pub(super) tries: u32,
    /// It is sent alone.
    pub(super) alone: bool,
    /// It was sent before and was not there when it was read back: it may still arrive.
    pub(super) doubtful: bool,
}

impl Parcel {
    /// Prepares an order, if it can be settled later.
    pub(super) fn pack(index: u64, checked: &Checked) -> Result<Parcel, Unfit> {
        let cust_ref = checked.get().cust_ref.as_deref().ok_or(Unfit::NoCustRef)?;
        reliable(cust_ref)?;
        let bytes = match checked.text() {
            Some(text) => text.to_vec(),
            None => checked.get().to_json().map_err(|_| Unfit::Unwritable)?.into_bytes(),
        };
        let json = core::str::from_utf8(&bytes).map_err(|_| Unfit::Unwritable)?;
        let [name, items] = fields(json, ["cust_ref", "items"]).map_err(|fault| match fault {
            Fault::Twice("cust_ref") => Unfit::CustRefTwice,
            _ => Unfit::Unwritable,
        })?;
        if !name.is_some_and(is_lasting) {
            return Err(Unfit::CustRef("a number that may be written in other ways; write it as a string"));
        }
        // An order without items is invalid, so that there are some.
        items.map_or(Ok(()), has_goods)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let content = Content::salted(json, sha256.clone());
        let cust_ref = cust_ref.to_owned();
        Ok(Parcel { index, cust_ref, sha256, text: bytes, content, tries: 0, alone: false, doubtful: false })
    }
}

/// Whether an order can be found again by its name, and by no other.
fn reliable(cust_ref: &str) -> Result<(), Unfit> {
    let faults = [
        (cust_ref.trim().is_empty(), Unfit::NoCustRef),
        (cust_ref.trim() != cust_ref, Unfit::CustRef("one that begins or ends with a blank; take it off")),
        (cust_ref.chars().any(char::is_control), Unfit::CustRef("one with a control character; take it off")),
        (matches!(cust_ref, "." | ".."), Unfit::CustRef("one that means another place in a path")),
        (cust_ref.len() > 255, Unfit::CustRef("one of more than 255 bytes; shorten it")),
    ];
    faults.into_iter().find_map(|(is_there, fault)| is_there.then_some(Err(fault))).unwrap_or(Ok(()))
}

/// Whether every line has an `item` that is a number or a string that is not blank.
fn has_goods(items: &str) -> Result<(), Unfit> {
    let (mut at, mut fault) = (0, None);
    let read = entries(items, |line| {
        let found = match fields(line, ["item"]) {
            Ok([None]) => Some("none"),
            Ok([Some(item)]) => match text(item) {
                None => Some("neither a string nor a number"),
                Some(item) if item.trim().is_empty() => Some("an empty one"),
                Some(_) => None,
            },
            Err(Fault::Twice(_)) => Some("it twice"),
            Err(_) => Some("no line"),
        };
        fault = fault.take().or(found.map(|found| Unfit::Item { line: at, found }));
        at += 1;
    });
    match fault {
        Some(fault) => Err(fault),
        None => read.map_err(|_| Unfit::Unwritable),
    }
}

/// Whether every program that reads a name writes it in the same way. That is so for strings, and for numbers of a few
/// digits. Other numbers may change when they pass through a binary float.
fn is_lasting(name: &str) -> bool {
    const EXACT_DIGITS: usize = 15;
    name.starts_with('"') || (name.len() <= EXACT_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit()))
}
