//! `Extra`: the fields of an order or of a line that are not charges.

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::scan::{Scan, Scanner, check_json};

/// Fields of an order or of a line that are not charges, such as `item` and addresses. Each has a JSON value; they are in the
/// order in which they were set.
///
/// They are for orders built in code, so that [`Order::to_json`](crate::Order::to_json) and a submission include them. An
/// order that was read has none: [`Document::text`](crate::Document::text) has its fields.
///
/// ```
/// use ordercharge::Extra;
///
/// let mut extra = Extra::from([("item", "C100"), ("description", "Mug, \"white\"")]);
/// extra.set_json("weights", "[0.35, null]")?;
/// assert_eq!(extra.get("item"), Some("\"C100\""));
/// assert_eq!(extra.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["item", "description", "weights"]);
/// // What is not a JSON value is refused.
/// assert!(extra.set_json("weights", "[0.35,").unwrap_err().is_syntax());
/// # Ok::<(), ordercharge::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// The names, each with the JSON text of its value.
    fields: Vec<(String, String)>,
}

impl Extra {
    /// No fields.
    pub const fn new() -> Extra {
        Extra { fields: Vec::new() }
    }

    /// Sets a field to a string.
    pub fn set_text(&mut self, name: impl Into<String>, value: &str) {
        let mut json = String::with_capacity(value.len() + 2);
        quote(&mut json, value);
        self.put(name.into(), json);
    }

    /// Sets a field to any JSON value, given as its text: `true`, `[1, 2]`, `{"city": "Oslo"}`. A number stays as it is
    /// written.
    ///
    /// # Errors
    ///
    /// If the text is not one JSON value. The field then stays as it was.
    pub fn set_json(&mut self, name: impl Into<String>, json: &str) -> Result<(), Error> {
        let json = json.trim();
        check_json(json)?;
        self.put(name.into(), json.to_owned());
        Ok(())
    }

    fn put(&mut self, name: String, json: String) {
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, value)) => *value = json,
            None => self.fields.push((name, json)),
        }
    }

    /// The JSON text of a field, if it is set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, json)| json)
    }

    /// Each field's name with the JSON text of its value, in the order they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, json)| (name.as_str(), json.as_str()))
    }

    /// Whether no field is set.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Writes each as an entry of a map of serde.
    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(name, json)| map.serialize_entry(name, &Json(json)))
    }
}

impl<N: Into<String>, V: AsRef<str>, const COUNT: usize> From<[(N, V); COUNT]> for Extra {
    /// Fields that are strings.
    fn from(fields: [(N, V); COUNT]) -> Extra {
        let mut extra = Extra::new();
        fields.into_iter().for_each(|(name, value)| extra.set_text(name, value.as_ref()));
        extra
    }
}

/// Writes a JSON string. Line ends, terminal commands and invisible characters are escaped.
pub(crate) fn quote(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            char if char.is_control() || matches!(char, '\u{2028}' | '\u{2029}') => {
                out.push_str(&format!("\\u{:04x}", u32::from(char)));
            }
            char => out.push(char),
        }
    }
    out.push('"');
}

/// The text of a JSON value, for serde formats. A number that serde cannot hold exactly is an error, so that nothing is changed
/// silently.
struct Json<'a>(&'a str);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let unreadable = |_| S::Error::custom("a field is not JSON, so it cannot be written");
        let mut scan = Scanner::new(self.0.as_bytes(), 0);
        match scan.peek().map_err(unreadable)? {
            b'n' => serializer.serialize_unit(),
            b't' => serializer.serialize_bool(true),
            b'f' => serializer.serialize_bool(false),
            b'"' => serializer.serialize_str(&scan.string().map_err(unreadable)?.decode()),
            b'[' => {
                let entries = parts(&mut scan).map_err(unreadable)?;
                let mut list = serializer.serialize_seq(Some(entries.len()))?;
                entries.iter().try_for_each(|(_, entry)| list.serialize_element(&Json(entry)))?;
                list.end()
            }
            b'{' => {
                let entries = parts(&mut scan).map_err(unreadable)?;
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(key, entry)| map.serialize_entry(key, &Json(entry)))?;
                map.end()
            }
            _ => number(self.0, serializer),
        }
    }
}

/// The keys of an object, empty for an array, with the texts of the values.
fn parts<'a>(scan: &mut Scanner<'a>) -> Scan<Vec<(String, &'a str)>> {
    let mut parts = Vec::new();
    scan.parts(|key, value| {
        parts.push((key.decode().into_owned(), core::str::from_utf8(value).unwrap_or_default()));
    })?;
    Ok(parts)
}

fn number<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    if let Ok(whole) = text.parse::<u64>() {
        return serializer.serialize_u64(whole);
    }
    if let Ok(whole) = text.parse::<i64>() {
        return serializer.serialize_i64(whole);
    }
    // The digits must come back unchanged, or it is an error.
    let same = |float: &f64| {
        let read = |text: &str| text.parse::<crate::amount::Amount>().ok();
        float.is_finite() && read(&format!("{float:e}")).is_some_and(|back| read(text) == Some(back))
    };
    match text.parse::<f64>().ok().filter(same) {
        Some(float) => serializer.serialize_f64(float),
        None => Err(S::Error::custom("a number of a field cannot be held exactly, so it cannot be written")),
    }
}
