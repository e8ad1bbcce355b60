//! `Credentials`: who sends. They are never shown, and their memory is wiped when they are dropped.

use core::fmt;
use core::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::SubmitError;

/// The credentials of one level of access: an `api_user` and an `api_key`.
///
/// `Debug` does not show them, they are removed from errors, journals and messages of a server, and their memory is wiped
/// when they are dropped.
///
/// ```
/// use ordercharge::submit::Credentials;
///
/// let credentials = Credentials::read(b"# of the cart level\napi_user = a-user\napi_key = a-key\n")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(..)");
/// assert!(Credentials::new("a:user", "a-key").is_err());
/// # Ok::<(), ordercharge::submit::SubmitError>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    user: Zeroizing<String>,
    key: Zeroizing<String>,
    /// `base64(user:key)`, as for HTTP Basic.
    token: Zeroizing<String>,
}

impl Credentials {
    /// Makes credentials from a user and a key.
    ///
    /// # Errors
    ///
    /// If one of them is empty or has a blank, a control character or a character beyond ASCII, or if the user has a colon.
    pub fn new(user: &str, key: &str) -> Result<Credentials, SubmitError> {
        usable("api_user", user)?;
        usable("api_key", key)?;
        if user.contains(':') {
            return Err(SubmitError::setting("expected an api_user without a colon, found one with a colon"));
        }
        let pair = Zeroizing::new([user, ":", key].concat());
        // The buffer is large enough from the start: growing would leave a copy of the secret in memory.
        let mut token = Zeroizing::new(String::with_capacity(pair.len().div_ceil(3) * 4));
        STANDARD.encode_string(pair.as_bytes(), &mut token);
        Ok(Credentials { user: Zeroizing::new(user.to_owned()), key: Zeroizing::new(key.to_owned()), token })
    }

    /// Empty credentials, for sessions that send nothing.
    pub(super) fn none() -> Credentials {
        let none = || Zeroizing::new(String::new());
        Credentials { user: none(), key: none(), token: none() }
    }

    /// Reads the text of a file: the lines `api_user = ...` and `api_key = ...`, each once. Blank lines and lines that begin with
    /// `#` are skipped. The caller wipes the text.
    pub fn read(text: &[u8]) -> Result<Credentials, SubmitError> {
        let text = core::str::from_utf8(text)
            .map_err(|_| SubmitError::setting("expected credentials in UTF-8, found other bytes"))?;
        let (mut user, mut key) = (None, None);
        for (at, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // The line may be a secret: errors only have its number.
            let wrong = |why: &str| SubmitError::setting(format!("line {} of the credentials: {why}", at + 1));
            let (name, value) =
                line.split_once('=').ok_or_else(|| wrong("expected `api_user = ...` or `api_key = ...`"))?;
            let slot = match name.trim() {
                "api_user" => &mut user,
                "api_key" => &mut key,
                _ => return Err(wrong("expected `api_user = ...` or `api_key = ...`")),
            };
            let value = value.trim();
            if value.len() > 1 && (value.starts_with('"') || value.starts_with('\'')) && value.ends_with(['"', '\'']) {
                return Err(wrong("expected a value without quotes around it, found it in quotes"));
            }
            if slot.replace(value).is_some() {
                return Err(wrong("expected each of api_user and api_key once, found one twice"));
            }
        }
        let no = |name| SubmitError::setting(format!("expected a line `{name} = ...` in the credentials, found none"));
        Credentials::new(user.ok_or_else(|| no("api_user"))?, key.ok_or_else(|| no("api_key"))?)
    }

    /// The value of the `Authorization` header.
    pub(super) fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(["Basic ", &self.token].concat())
    }

    /// Removes secrets from what a server sent: as they are, or escaped as in a URL, in JSON or in HTML, once or twice. Long
    /// secrets are found in any letter case. Secrets of fewer than four characters are not removed, because they occur everywhere.
    pub(super) fn redact(&self, text: &str) -> String {
        // Some servers leave off the padding of base64.
        let secrets = [self.token.trim_end_matches('='), &self.key, &self.user];
        let mut plain: Vec<Shown> = text.char_indices().map(|(at, char)| (char, at..at + char.len_utf8())).collect();
        let mut found: Vec<Range<usize>> = Vec::new();
        for _ in 0..3 {
            secrets.iter().filter(|secret| secret.len() >= 4).for_each(|secret| find(&plain, secret, &mut found));
            plain = unescaped(&plain);
        }
        found.sort_by_key(|range| (range.start, range.end));
        let (mut redacted, mut at) = (String::with_capacity(text.len()), 0);
        for range in found {
            // Overlapping places are removed as one.
            if range.start >= at {
                redacted.push_str(text.get(at..range.start).unwrap_or_default());
                redacted.push_str("[redacted]");
            }
            at = at.max(range.end);
        }
        redacted.push_str(text.get(at..).unwrap_or_default());
        redacted
    }
}

/// A character, and the bytes of the text that encode it.
type Shown = (char, Range<usize>);

/// Finds a secret: a long one anywhere, in any letter case; a short one, which may be an ordinary word, only as a whole word.
fn find(plain: &[Shown], secret: &str, found: &mut Vec<Range<usize>>) {
    const LONG: usize = 8;
    let secret: Zeroizing<Vec<char>> = Zeroizing::new(secret.chars().collect());
    let long = secret.len() >= LONG;
    let is_part = |char: Option<&Shown>| char.is_some_and(|(char, _)| char.is_alphanumeric() || *char == '_');
    for (at, window) in plain.windows(secret.len()).enumerate() {
        let same = window.iter().zip(secret.iter()).all(|((char, _), own)| match long {
            true => char.eq_ignore_ascii_case(own),
            false => char == own,
        });
        let alone =
            || !is_part(at.checked_sub(1).and_then(|at| plain.get(at))) && !is_part(plain.get(at + secret.len()));
        if same
            && (long || alone())
            && let (Some((_, first)), Some((_, last))) = (window.first(), window.last())
        {
            // The padding after a token is removed too.
            let padding = plain.iter().skip(at + secret.len()).take_while(|(char, _)| *char == '=').last();
            found.push(first.start..padding.map_or(last.end, |(_, padding)| padding.end));
        }
    }
}

/// The characters of a string with its escapes decoded: `%2F`, `\u002f`, `\/`, `&amp;`, `&#47;`.
fn unescaped(escaped: &[Shown]) -> Vec<Shown> {
    let (mut plain, mut rest) = (Vec::with_capacity(escaped.len()), escaped);
    while let Some(((first, range), behind)) = rest.split_first() {
        let (char, length) = escape(*first, behind).unwrap_or((*first, 0));
        let (of_escape, more) = behind.split_at_checked(length).unwrap_or((behind, &[]));
        let end = of_escape.last().map_or(range.end, |(_, last)| last.end);
        plain.push((char, range.start..end));
        rest = more;
    }
    plain
}

/// The character of the escape that begins here, and the number of its further characters.
fn escape(first: char, behind: &[Shown]) -> Option<(char, usize)> {
    let text = |count: usize| behind.iter().take(count).map(|(char, _)| *char).collect::<String>();
    let number = |digits: &str, radix| char::from_u32(u32::from_str_radix(digits, radix).ok()?);
    match (first, behind.first()?.0) {
        ('%', _) => Some((number(&text(2), 16)?, 2)),
        ('\\', 'u') => Some((number(text(5).get(1..)?, 16)?, 5)),
        ('\\', char @ ('"' | '\\' | '/')) => Some((char, 1)),
        ('&', _) => {
            let text = text(10);
            let name = text.split_once(';')?.0;
            let char = match (name, name.strip_prefix('#')) {
                ("amp", _) => '&',
                ("lt", _) => '<',
                ("gt", _) => '>',
                ("quot", _) => '"',
                ("apos", _) => '\'',
                (_, Some(code)) => match code.strip_prefix(['x', 'X']) {
                    Some(code) => number(code, 16)?,
                    None => number(code, 10)?,
                },
                _ => return None,
            };
            Some((char, name.chars().count() + 1))
        }
        _ => None,
    }
}

fn usable(name: &str, value: &str) -> Result<(), SubmitError> {
    if value.is_empty() {
        return Err(SubmitError::setting(format!("expected an {name}, found an empty one")));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SubmitError::setting(format!(
            "expected an {name} of visible ASCII characters, found a blank, a control character or one beyond ASCII"
        )));
    }
    Ok(())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}
