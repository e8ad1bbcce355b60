//! JSON of replies, journals and orders, read one level at a time: some fields of an object, the entries of an array.
//! The text of each value stays as it is, so that no number passes through a binary float. Values that are not requested are
//! not built: a reply of many small values needs no more memory than its text.

use core::fmt;
use std::borrow::Cow;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Why the JSON is not the object or the array that was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// It is another kind of value.
    #[error("expected {expected}, found {found}")]
    Kind { expected: &'static str, found: &'static str },
    /// A requested field is there more than once: readers differ on which one counts.
    #[error("expected `{0}` once, found it twice")]
    Twice(String),
    /// It is not JSON.
    #[error("{0}")]
    Syntax(String),
}

/// The fields of an object with these keys, each with the text of its value. `null` counts as absent; other fields are
/// skipped.
pub(super) fn fields<'a, const N: usize>(object: &'a str, keys: [&str; N]) -> Result<[Option<&'a RawValue>; N], Fault> {
    expect(object, "an object")?;
    let (mut values, mut twice) = ([None; N], None);
    let visitor = Pick { keys: &keys, values: &mut values, twice: &mut twice };
    let mut reader = serde_json::Deserializer::from_str(object);
    let read = reader.deserialize_map(visitor).and_then(|()| reader.end());
    match (twice, read) {
        (Some(key), _) => Err(Fault::Twice(key)),
        (None, Err(error)) => Err(Fault::Syntax(error.to_string())),
        // `null` reads as a value of its own: what it means is decided here.
        (None, Ok(())) => Ok(values.map(|value| value.filter(|value: &&RawValue| value.get() != "null"))),
    }
}

struct Pick<'p, 'a, const N: usize> {
    keys: &'p [&'p str; N],
    values: &'p mut [Option<&'a RawValue>; N],
    twice: &'p mut Option<String>,
}

impl<'a, const N: usize> Visitor<'a> for Pick<'_, 'a, N> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key_seed(Key)? {
            let place = self.keys.iter().position(|known| *known == key);
            match place.and_then(|place| self.values.get_mut(place)) {
                Some(Some(_)) => {
                    *self.twice = Some(key.into_owned());
                    return Err(A::Error::custom("a key is there twice"));
                }
                Some(value) => *value = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// A key, borrowed if it has no escapes.
struct Key;

impl<'a> DeserializeSeed<'a> for Key {
    type Value = Cow<'a, str>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'a> Visitor<'a> for Key {
    type Value = Cow<'a, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'a str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Walks over the entries of an array, each with its text.
pub(super) fn entries<'a>(array: &'a str, mut each: impl FnMut(&'a str)) -> Result<(), Fault> {
    struct Each<F>(F);

    impl<'a, F: FnMut(&'a str)> Visitor<'a> for Each<F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an array")
        }

        fn visit_seq<A: SeqAccess<'a>>(mut self, mut entries: A) -> Result<(), A::Error> {
            while let Some(entry) = entries.next_element::<&'a RawValue>()? {
                (self.0)(entry.get());
            }
            Ok(())
        }
    }

    expect(array, "an array")?;
    let mut reader = serde_json::Deserializer::from_str(array);
    let read = reader.deserialize_seq(Each(&mut each)).and_then(|()| reader.end());
    read.map_err(|error| Fault::Syntax(error.to_string()))
}

/// An error that shows nothing of the value: it may be personal, or a secret.
fn expect(text: &str, expected: &'static str) -> Result<(), Fault> {
    match kind(text) {
        Some(found) if found != expected => Err(Fault::Kind { expected, found }),
        _ => Ok(()),
    }
}

/// The kind of value that the JSON begins with, in words; `None` if it is empty.
pub(super) fn kind(text: &str) -> Option<&'static str> {
    Some(match text.trim_start().as_bytes().first()? {
        b'{' => "an object",
        b'[' => "an array",
        b'"' => "a string",
        b't' | b'f' => "a boolean",
        b'n' => "null",
        b'-' | b'0'..=b'9' => "a number",
        _ => "something that is not JSON",
    })
}

/// The text of a string or of a number: names arrive as both.
pub(super) fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    match kind(value.get())? {
        "a string" => serde_json::Deserializer::from_str(value.get()).deserialize_str(Key).ok(),
        "a number" => Some(Cow::Borrowed(value.get())),
        _ => None,
    }
}
