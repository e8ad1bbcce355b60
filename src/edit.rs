//! Writes amounts into the text of an order; every other byte stays as it was.

use core::fmt;
use core::ops::Range;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::amount::Amount;
use crate::locate::{Member, Object, Outline};
use crate::order::{Field, Order, Place, Renamed};
use crate::text_form::named;

/// One change of a repair: an amount to be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edit {
    /// The place.
    pub place: Place,
    /// The new amount.
    pub value: Amount,
    /// The number of decimals it is written with: for money, at least those of the minor unit.
    pub decimals: u32,
}

impl Edit {
    /// An edit that writes an amount to a charge field of the order.
    pub fn new(order: &Order, place: Place, value: Amount) -> Edit {
        let minor_unit = order.currency.decimals();
        let least = place.field().and_then(|field| field.decimals_kept(minor_unit)).map_or(0, |_| minor_unit);
        Edit { place, value, decimals: least.max(value.decimals()) }
    }

    /// The JSON that replaces a stated amount: a string stays a string and a number a number, with the same number of decimals
    /// if they suffice.
    ///
    /// ```
    /// use ordercharge::{Edit, Field, Order, Place};
    ///
    /// let edit = Edit::new(&Order::default(), Place::Field(Field::Balance), 0.into());
    /// assert_eq!((edit.replacing(b"\"3.0\""), edit.replacing(b"3.000")), ("\"0.00\"".to_owned(), "0.000".to_owned()));
    /// ```
    pub fn replacing(&self, stated: &[u8]) -> String {
        self.over(stated, stated.starts_with(b"\""))
    }

    fn over(&self, old: &[u8], as_text: bool) -> String {
        let (least, written_with) = (self.decimals as usize, decimals(old));
        // The decimals of a binary float are not replaced by zeros.
        let decimals = if written_with > FLOAT_TAIL { least } else { least.max(written_with) };
        written(self.value, as_text, decimals)
    }

    /// The amounts under other names, each with the field that it means. If names disagree, none of them is included.
    pub(crate) fn of_other_names(order: &Order) -> Vec<Edit> {
        let edit = |renamed: Renamed<'_>| Some(Edit::new(order, renamed.place, renamed.amount?));
        order.renamed().into_iter().filter_map(edit).collect()
    }
}

/// Prints as `/grand_total = 13.00`.
impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {:.*}", self.place, self.decimals as usize, self.value)
    }
}

/// An edit in serde: the value is a string with its decimals.
#[derive(Serialize, Deserialize)]
#[serde(rename = "Edit")]
struct Written {
    path: Place,
    value: String,
}

impl Serialize for Edit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = format!("{:.*}", self.decimals as usize, self.value);
        Written { path: self.place.clone(), value }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Edit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { path, value } = Written::deserialize(deserializer)?;
        let decimals = value.split_once('.').map_or(0, |(_, decimals)| decimals.len()) as u32;
        Ok(Edit { place: path, value: value.parse().map_err(de::Error::custom)?, decimals })
    }
}

/// Whether an edit may be made without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// It fills in an unset amount, sets a balance to 0, or changes an amount by less than half a minor unit.
    Safe,
    /// It changes an amount that the customer may have been charged, or an input.
    Unsafe,
}

named!(Applicability, "applicability", Safe = "safe", Unsafe = "unsafe");

/// The text with the amounts written to their places: each replaces the value that is there, or is added next to the other
/// charges of the object. A string stays a string and a number a number, with the same number of decimals if they suffice.
/// A new amount is written like its neighbour; a string has the decimals of the minor unit.
pub(crate) fn write_amounts(text: &[u8], edits: &[Edit]) -> Vec<u8> {
    let outline = Outline::new(text);
    let mut patches: Vec<(Range<usize>, Vec<u8>)> =
        edits.iter().filter_map(|edit| patch(text, &outline, edit)).collect();
    // The sort is stable: amounts that are added at one spot keep their order.
    patches.sort_by_key(|(range, _)| range.start);

    let mut edited = Vec::with_capacity(text.len() + 32 * patches.len());
    let mut at = 0;
    for (range, bytes) in patches {
        edited.extend_from_slice(text.get(at..range.start).unwrap_or_default());
        edited.extend_from_slice(&bytes);
        at = range.end;
    }
    edited.extend_from_slice(text.get(at..).unwrap_or_default());
    edited
}

/// The edits as a JSON Patch (RFC 6902): `replace` for a value that is in the text, `add` for a new one.
pub(crate) fn json_patch(text: &[u8], edits: &[Edit]) -> String {
    let outline = Outline::new(text);
    let operation = |edit: &Edit| {
        let stands = outline.value_at(&edit.place).is_some();
        let (_, bytes) = patch(text, &outline, edit)?;
        let written = String::from_utf8(bytes).ok()?;
        // An added member has its name too; its value follows the colon.
        let value = if stands { written.as_str() } else { written.rsplit_once(':').map(|(_, value)| value.trim())? };
        let op = if stands { "replace" } else { "add" };
        // The pointers of charges contain nothing that JSON escapes.
        Some(format!(r#"{{"op":"{op}","path":"{}","value":{value}}}"#, edit.place))
    };
    let operations: Vec<String> = edits.iter().filter_map(operation).collect();
    format!("[{}]", operations.join(","))
}

/// What each edit replaces by what. An edit at a place that the text cannot have replaces nothing at its start.
pub(crate) fn patches(text: &[u8], edits: &[Edit]) -> Vec<(Range<usize>, String)> {
    let outline = Outline::new(text);
    let known = |edit| {
        let (range, bytes) = patch(text, &outline, edit)?;
        Some((range, String::from_utf8(bytes).ok()?))
    };
    edits.iter().map(|edit| known(edit).unwrap_or_default()).collect()
}

/// An amount with more decimals than this comes from a binary float.
const FLOAT_TAIL: usize = 9;

/// What to write where.
fn patch(text: &[u8], outline: &Outline<'_>, edit: &Edit) -> Option<(Range<usize>, Vec<u8>)> {
    let Edit { place, value: amount, decimals: least } = edit;
    let (amount, least) = (*amount, *least as usize);
    let object = outline.object(place.line())?;
    let own = object.members.iter().rfind(|member| *member.name == *place.name().as_bytes());
    if let Some(member) = own {
        let old = text.get(member.value.clone()).unwrap_or_default();
        // `null` is written like its neighbours.
        let as_text = old.starts_with(b"\"") || (old.starts_with(b"n") && texts(text, &object));
        return Some((member.value.clone(), edit.over(old, as_text).into_bytes()));
    }
    let name = place.name();
    let Some(beside) = neighbour(&object).or(object.members.last()) else {
        let at = object.start + 1;
        let value = written(amount, false, least);
        return Some((at..at, format!("\"{name}\": {value}").into_bytes()));
    };
    let as_text = texts(text, &object);
    let value = written(amount, as_text, least);
    let at = beside.value.end;
    let mut bytes = b",".to_vec();
    // The blanks before the first member need not suit a comma: those before the second are used then.
    let first = object.members.first().is_some_and(|member| member.start == beside.start);
    let model = if first { object.members.get(1).unwrap_or(beside) } else { beside };
    bytes.extend_from_slice(blanks_before(text, model.start));
    bytes.push(b'"');
    bytes.extend_from_slice(name.as_bytes());
    bytes.push(b'"');
    bytes.extend_from_slice(between(text, beside.start, beside.value.start));
    bytes.extend_from_slice(value.as_bytes());
    Some((at..at, bytes))
}

/// Whether the object writes its money as strings. Its last amount decides.
fn texts(text: &[u8], object: &Object<'_>) -> bool {
    let money = object.members.iter().rev().find(|member| {
        let name = core::str::from_utf8(&member.name).unwrap_or_default();
        let field = Field::from_name(object.level, name);
        let written = matches!(text.get(member.value.start), Some(b'"' | b'-' | b'0'..=b'9'));
        written && field.is_some_and(|field| !matches!(field, Field::Quantity | Field::Balance))
    });
    money.is_some_and(|member| text.get(member.value.start) == Some(&b'"'))
}

/// The charge after which an amount is added: the last one in the text of the object.
fn neighbour<'o>(object: &'o Object<'_>) -> Option<&'o Member<'o>> {
    object.members.iter().rev().find(|member| {
        let name = core::str::from_utf8(&member.name).unwrap_or_default();
        Field::from_name(object.level, name).is_some()
    })
}

/// The text of the amount with at least this number of decimals.
fn written(amount: Amount, as_text: bool, decimals: usize) -> String {
    if as_text { format!("\"{amount:.decimals$}\"") } else { format!("{amount:.decimals$}") }
}

/// The number of decimals a value is written with.
fn decimals(value: &[u8]) -> usize {
    let behind = value.iter().skip_while(|byte| **byte != b'.').skip(1);
    behind.take_while(|byte| byte.is_ascii_digit()).count()
}

/// The blanks before a name.
fn blanks_before(text: &[u8], at: usize) -> &[u8] {
    let before = text.get(..at).unwrap_or_default();
    let blanks = before.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    before.get(at - blanks..).unwrap_or_default()
}

/// The bytes between the name that begins at `name` and its value: the colon and the blanks around it.
fn between(text: &[u8], name: usize, value: usize) -> &[u8] {
    let stretch = text.get(name..value).unwrap_or_default();
    let quote = stretch.iter().rposition(|byte| *byte == b'"').map_or(0, |quote| quote + 1);
    stretch.get(quote..).unwrap_or_default()
}
