//! A checked order made ready: its name, its bytes, and their digest; or why it cannot be sent.

use core::fmt;

use sha2::{Digest, Sha256};

use super::json::{pair, quote};
use crate::checked::Checked;
use crate::document::Document;
use crate::order::{Charge, Field, Items, Level, Misnamed, Order};
use crate::scan::{Scan, Scanner};

/// Why a checked order is not sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfit {
    /// It has no `cust_ref`: what becomes of it could not be settled.
    NoCustRef,
    /// `cust_ref` stands in it twice: readers differ on which one wins.
    CustRefTwice,
    /// Its `cust_ref` cannot be relied on to find it again: why.
    CustRef(&'static str),
    /// Another order of this run has the same `cust_ref`.
    Twice {
        /// The index of the first.
        first: u64,
    },
    /// By the journal, other content was sent under the same `cust_ref`, or may have been.
    Changed,
    /// It has no text, and holds something that cannot be written as one.
    Unwritable,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::NoCustRef => f.write_str("expected a cust_ref to settle the order by, found none; give it one"),
            Unfit::CustRefTwice => f.write_str("expected cust_ref once, found it twice; leave one off"),
            Unfit::CustRef(found) => write!(f, "expected a cust_ref the order can be read back by, found {found}"),
            Unfit::Twice { first } => {
                write!(f, "expected a cust_ref of its own, found that of the order with index {first}")
            }
            Unfit::Changed => f.write_str(
                "expected the order that the journal says was sent under this cust_ref, found other content; give it another cust_ref",
            ),
            Unfit::Unwritable => f.write_str("expected an order that can be written as JSON, found an unusable field"),
        }
    }
}

impl core::error::Error for Unfit {}

/// A checked order, ready to be sent.
pub(super) struct Parcel {
    pub(super) index: u64,
    pub(super) cust_ref: String,
    /// Of the bytes, in hexadecimal digits.
    pub(super) sha256: String,
    pub(super) text: Vec<u8>,
    /// How often it has been sent, or meant to be.
    pub(super) tries: u32,
    /// It goes into a call of its own.
    pub(super) alone: bool,
    /// It was sent before, and was not there when it was read back: it may yet arrive.
    pub(super) doubtful: bool,
}

impl Parcel {
    /// Makes one, if what becomes of the order can be settled.
    pub(super) fn pack(index: u64, checked: &Checked) -> Result<Parcel, Unfit> {
        let cust_ref = checked.get().cust_ref.as_deref().ok_or(Unfit::NoCustRef)?;
        reliable(cust_ref)?;
        let text = match checked.text() {
            Some(text) => text.to_vec(),
            None => write(checked.get())?,
        };
        // The order that was checked has been read from this text, so that it is whole.
        let names = cust_refs(&text).unwrap_or_default();
        match names.as_slice() {
            [name] if is_lasting(name) => {}
            [_] => return Err(Unfit::CustRef("a number that may be written in other ways; write it as a text")),
            _ => return Err(Unfit::CustRefTwice),
        }
        let sha256 = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        let cust_ref = cust_ref.to_owned();
        Ok(Parcel { index, cust_ref, sha256, text, tries: 0, alone: false, doubtful: false })
    }
}

/// Whether an order can be found again by its name, and by no other.
fn reliable(cust_ref: &str) -> Result<(), Unfit> {
    let found = if cust_ref.trim().is_empty() {
        return Err(Unfit::NoCustRef);
    } else if cust_ref.trim() != cust_ref {
        "one that begins or ends with a blank; take it off"
    } else if cust_ref.chars().any(char::is_control) {
        "one with a control character; take it off"
    } else if matches!(cust_ref, "." | "..") {
        "one that means another place in a path"
    } else if cust_ref.len() > 255 {
        "one of more than 255 bytes; shorten it"
    } else {
        return Ok(());
    };
    Err(Unfit::CustRef(found))
}

/// What stands under `cust_ref` in the header of an order, each time.
fn cust_refs(text: &[u8]) -> Scan<Vec<&[u8]>> {
    let mut scan = Scanner::new(text, 0);
    scan.peek()?;
    let mut found = Vec::new();
    let mut more = scan.open_object()?;
    while more {
        let is_it = scan.key()?.decode() == "cust_ref";
        let value = scan.skip(1)?;
        if is_it {
            found.push(value);
        }
        more = scan.more_in_object()?;
    }
    Ok(found)
}

/// Whether a name is written the same by everyone who has read it: a text is, and so is a number of a few digits and
/// nothing else. What goes through a binary float may be another then.
fn is_lasting(name: &[u8]) -> bool {
    const EXACT_DIGITS: usize = 15;
    name.starts_with(b"\"") || (name.len() <= EXACT_DIGITS && name.iter().all(u8::is_ascii_digit))
}

/// The text of an order that was built in code: what it holds, amounts as texts. It reads back as the same order.
fn write(order: &Order) -> Result<Vec<u8>, Unfit> {
    let mut out = String::from("{");
    let names = [
        ("cust_ref", order.cust_ref.as_deref()),
        ("order_source", order.order_source.as_deref()),
        ("currency_code", order.currency.code()),
    ];
    for (name, value) in names.into_iter().filter(|(_, value)| value.is_some()) {
        pair(&mut out, name, value);
        out.push(',');
    }
    charges(&mut out, Level::Header, |field| order.get(field), &order.misnamed)?;
    match &order.items {
        Items::Lines(lines) => {
            out.push_str("\"items\":[");
            for (at, line) in lines.iter().enumerate() {
                if line.not_an_object.is_some() {
                    return Err(Unfit::Unwritable);
                }
                out.push_str(if at > 0 { ",{" } else { "{" });
                charges(&mut out, Level::Line, |field| line.get(field), &line.misnamed)?;
                if line.filtered {
                    pair(&mut out, "filtered_sku", Some("Y"));
                }
                close(&mut out, '}');
            }
            out.push(']');
        }
        Items::Unset => {}
        _ => return Err(Unfit::Unwritable),
    }
    close(&mut out, '}');
    let read = Document::from_json(out.as_bytes()).map(Document::into_order);
    // Whether it came from a reply is no part of the text.
    let same = read.is_ok_and(|read| Order { from_reply: order.from_reply, ..read } == *order);
    if same { Ok(out.into_bytes()) } else { Err(Unfit::Unwritable) }
}

/// Writes the charges of an object, each with a comma behind it.
fn charges(out: &mut String, level: Level, get: impl Fn(Field) -> Charge, misnamed: &[Misnamed]) -> Result<(), Unfit> {
    for field in level.fields() {
        match get(*field) {
            Charge::Unset => continue,
            Charge::Blank => pair(out, field.name(), Some("")),
            Charge::Amount(amount) => pair(out, field.name(), Some(&amount.to_string())),
            _ => return Err(Unfit::Unwritable),
        }
        out.push(',');
    }
    for other in misnamed {
        quote(out, &other.name);
        out.push(':');
        quote(out, &other.amount.to_string());
        out.push(',');
    }
    Ok(())
}

/// Ends an object whose last field may have a comma behind it.
fn close(out: &mut String, bracket: char) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}
