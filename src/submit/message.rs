//! Messages of the server: their text, what is shown of it, and whether one says that there is no such order, or that there
//! is one.

use std::borrow::Cow;

use serde_json::Value;

use super::credentials::Credentials;
use super::fields::text;

/// The messages of a server for "no such order", without the name and without fillers.
const ABSENT: [&str; 17] = [
    "order not found",
    "ordernotfound",
    "no order found",
    "no matching order",
    "no matching order found",
    "no such order",
    "order does not exist",
    "order doesn't exist",
    "order not exist",
    "order could not found",
    "order cannot found",
    "order can not found",
    "no order exists",
    "could not find order",
    "cannot find order",
    "unable to find order",
    "unknown order",
];

/// Words that do not change the meaning of such a message, unless they are the name of another order: nouns, in any letter
/// case; verbs; words that must be followed by a noun; and words that must be, unless the message has the order's own name.
const NOUNS: [&str; 8] = ["cust_ref", "custref", "error", "failure", "id", "number", "reference", "s"];
const VERBS: [&str; 3] = ["be", "is", "was"];
const ARTICLES: [&str; 7] = ["a", "an", "any", "that", "the", "this", "your"];
const PREPOSITIONS: [&str; 6] = ["by", "for", "in", "named", "of", "with"];

/// The longest message, in bytes, that may say only that there is no such order. It also limits the time to judge a message.
const LONGEST_ABSENCE: usize = 2 * 1024;

/// How often a name that is one of the words of the message is searched.
const MOST_NAMES: usize = 8;

/// Whether a message says only that there is no such order, or has the words of `absent` in their order, where `*` matches
/// anything. The order's own name is ignored if it is a whole word. A message that names a path is about the path.
pub(super) fn says_absent(message: &str, cust_ref: &str, absent: &[String]) -> bool {
    if message.len() > LONGEST_ABSENCE || cust_ref.is_empty() {
        return false;
    }
    let is_word = |at: &usize| ends_word(message.get(..*at)) && begins_word(message.get(at + cust_ref.len()..));
    let names: Vec<usize> = message.match_indices(cust_ref).map(|(at, _)| at).filter(is_word).collect();
    let mut without = message.to_owned();
    names.iter().rev().for_each(|at| without.replace_range(*at..at + cust_ref.len(), " "));
    if without.contains('/') {
        return false;
    }
    // The name may be one of the words: then it is ignored once, or counts only as the word.
    let once = names
        .iter()
        .take(MOST_NAMES)
        .filter_map(|at| Some([message.get(..*at)?, " ", message.get(at + cust_ref.len()..)?].concat()));
    let mut said = [without.clone(), message.to_owned()].into_iter().chain(once);
    if said.any(|said| ABSENT.contains(&gist(&said, !names.is_empty()).as_str())) {
        return true;
    }
    let without = without.to_lowercase();
    let says = |words: &str| {
        let mut parts = words.split('*').map(|part| part.trim().to_lowercase()).filter(|part| !part.is_empty());
        parts.try_fold(without.as_str(), |rest, part| rest.split_once(part.as_str()).map(|(_, rest)| rest)).is_some()
    };
    absent.iter().filter(|words| words.contains(char::is_alphanumeric)).any(|words| says(words))
}

/// Whether a message says that there is an order of this name already.
pub(super) fn says_duplicate(message: &str) -> bool {
    let message = message.to_lowercase();
    message.contains("duplicate") || message.contains("already")
}

/// Whether a name may begin after this text: not within another word, as `A` in `AA`, `B-A` or `/A`.
fn ends_word(before: Option<&str>) -> bool {
    let last = before.and_then(|text| text.chars().next_back());
    last.is_none_or(|last| last.is_whitespace() || "'\"`([{<=:#\u{2018}\u{201C}".contains(last))
}

/// Whether a name may end before this text: before a blank, a closing mark that no letter follows (as in `A's`), or a stop that
/// ends more than a word.
fn begins_word(after: Option<&str>) -> bool {
    let mut rest = after.unwrap_or_default().chars().skip_while(|char| ".,:;!?".contains(*char));
    rest.next().is_none_or(|char| {
        let is_closing = "'\"`)]}>\u{2019}\u{201D}".contains(char) && !rest.next().is_some_and(char::is_alphanumeric);
        char.is_whitespace() || is_closing
    })
}

/// The words of a message that count, in their order and in lower case.
fn gist(message: &str, is_named: bool) -> String {
    let words = message.split(|char: char| !char.is_alphanumeric() && !matches!(char, '\'' | '_'));
    let words: Vec<&str> = words.map(|word| word.trim_matches('\'')).filter(|word| !word.is_empty()).collect();
    let mut counting = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        let next = words.get(at + 1).map(|next| next.to_lowercase());
        let before = |more: &[&str]| {
            next.as_deref()
                .is_some_and(|next| matches!(next, "order" | "orders") || NOUNS.contains(&next) || more.contains(&next))
        };
        let known = lower.as_str();
        let filler = NOUNS.contains(&known)
            || (VERBS.contains(&known) && *word == known)
            || (ARTICLES.contains(&known) && (*word == known || at == 0) && before(&[]))
            || (PREPOSITIONS.contains(&known) && *word == known && (is_named || before(&ARTICLES)));
        if !filler {
            counting.push(if lower == "orders" { "order".to_owned() } else { lower });
        }
    }
    counting.join(" ")
}

/// The number of characters that are shown of a message.
const LONGEST_SHOWN: usize = 300;

/// The number of bytes of a message that are searched for secrets: many times what is shown, but not everything a server may
/// send.
const MOST_REDACTED: usize = 4 * 1024;

/// What is shown of a message: it is without secrets and cut to a maximal length.
pub(super) fn shown(words: &str, credentials: &Credentials) -> String {
    let enough = cut(words, MOST_REDACTED);
    let redacted = credentials.redact(enough);
    // The end may be the beginning of a secret that was cut.
    if enough.len() < words.len() && redacted.len() < MOST_REDACTED / 4 {
        return "[redacted]...".to_owned();
    }
    match redacted.char_indices().nth(LONGEST_SHOWN) {
        Some((end, _)) => cut(&redacted, end).to_owned() + "...",
        None => redacted,
    }
}

/// The longest message of a server, in bytes, that is kept for judging: many times what is shown.
pub(super) const LONGEST_WORDS: usize = 8 * 1024;

/// The first bytes of a string, up to the end of a character.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or_default()).unwrap_or_default()
}

/// A message from any JSON value.
pub(super) fn words(message: &str) -> String {
    fn flat(message: &Value) -> Cow<'_, str> {
        match message {
            Value::Null => Cow::Borrowed(""),
            Value::String(said) => Cow::Borrowed(said),
            Value::Array(parts) => Cow::Owned(parts.iter().map(flat).collect::<Vec<_>>().join("; ")),
            Value::Object(parts) => {
                let part = |(key, part): (&String, _)| format!("{key}: {}", flat(part));
                Cow::Owned(parts.iter().map(part).collect::<Vec<_>>().join("; "))
            }
            other => Cow::Owned(other.to_string()),
        }
    }
    let said = match text(message) {
        Some(said) => said,
        // A value that is too large or too deep is kept as it is.
        None if message.len() > LONGEST_WORDS => Cow::Borrowed(message),
        None => {
            serde_json::from_str(message).map_or(Cow::Borrowed(message), |parts| Cow::Owned(flat(&parts).into_owned()))
        }
    };
    cut(&said, LONGEST_WORDS).to_owned()
}
