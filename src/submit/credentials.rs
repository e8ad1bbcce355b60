//! `Credentials`: who sends. They are shown nowhere, and wiped when they are dropped.

use core::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::Error;

/// The credentials of one level of access: an `api_user` and an `api_key`.
///
/// `Debug` shows neither, no error, journal or message of a server that passes through here holds them, and their memory
/// is wiped when they are dropped.
///
/// ```
/// use ordercharge::submit::Credentials;
///
/// let credentials = Credentials::read(b"# of the cart level\napi_user = a-user\napi_key = a-key\n")?;
/// assert_eq!(format!("{credentials:?}"), "Credentials(..)");
/// assert!(Credentials::new("a:user", "a-key").is_err());
/// # Ok::<(), ordercharge::submit::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    user: Zeroizing<String>,
    key: Zeroizing<String>,
    /// `base64(user:key)`, as HTTP Basic has it.
    token: Zeroizing<String>,
}

impl Credentials {
    /// A user and a key. Neither may be empty, hold blanks or control characters, or anything beyond ASCII; the user no
    /// colon.
    pub fn new(user: &str, key: &str) -> Result<Credentials, Error> {
        usable("api_user", user)?;
        usable("api_key", key)?;
        if user.contains(':') {
            return Err(Error::setting("expected an api_user without a colon, found one with a colon"));
        }
        let pair = Zeroizing::new([user, ":", key].concat());
        // As long as the text will be, so that nothing of it is left where it has grown out of.
        let mut token = Zeroizing::new(String::with_capacity(pair.len().div_ceil(3) * 4));
        STANDARD.encode_string(pair.as_bytes(), &mut token);
        Ok(Credentials { user: Zeroizing::new(user.to_owned()), key: Zeroizing::new(key.to_owned()), token })
    }

    /// Those of nobody, for where nothing is sent.
    pub(super) fn none() -> Credentials {
        let none = || Zeroizing::new(String::new());
        Credentials { user: none(), key: none(), token: none() }
    }

    /// Reads the text of a file: the lines `api_user = ...` and `api_key = ...`, each once; blank lines and lines that
    /// begin with `#` are passed over. The caller wipes the text.
    pub fn read(text: &[u8]) -> Result<Credentials, Error> {
        let text = core::str::from_utf8(text)
            .map_err(|_| Error::setting("expected credentials in UTF-8, found bytes that are none"))?;
        let (mut user, mut key) = (None, None);
        for (at, line) in text.trim_start_matches('\u{FEFF}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            // What stands there may be a secret: the line is told by its number only.
            let wrong = |why: &str| Error::setting(format!("line {} of the credentials: {why}", at + 1));
            let (name, value) =
                line.split_once('=').ok_or_else(|| wrong("expected `api_user = ...` or `api_key = ...`"))?;
            let slot = match name.trim() {
                "api_user" => &mut user,
                "api_key" => &mut key,
                _ => return Err(wrong("expected `api_user = ...` or `api_key = ...`")),
            };
            if slot.replace(value.trim()).is_some() {
                return Err(wrong("expected each of api_user and api_key once, found one twice"));
            }
        }
        match (user, key) {
            (Some(user), Some(key)) => Credentials::new(user, key),
            (None, _) => Err(Error::setting("expected a line `api_user = ...` in the credentials, found none")),
            (_, None) => Err(Error::setting("expected a line `api_key = ...` in the credentials, found none")),
        }
    }

    /// The value of the `Authorization` header.
    pub(super) fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(["Basic ", &self.token].concat())
    }

    /// A text of a server, without the secrets it may repeat.
    pub(super) fn redact(&self, text: &str) -> String {
        // Some leave the padding of base64 off.
        let secrets = [self.token.as_str(), self.token.trim_end_matches('='), &self.key, &self.user];
        // Of shorter ones nothing would be left but marks.
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= 4);
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, "[redacted]"))
    }
}

fn usable(name: &str, value: &str) -> Result<(), Error> {
    if value.is_empty() {
        return Err(Error::setting(format!("expected an {name}, found an empty one")));
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::setting(format!(
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
