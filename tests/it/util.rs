//! Helpers of the tests that read like literals.

pub(crate) mod against;
pub(crate) mod amounts;
#[cfg(feature = "bulk")]
pub(crate) mod everyhow;
pub(crate) mod faulty;
pub(crate) mod in_doubt;
pub(crate) mod pages;
#[cfg(feature = "submit-ureq")]
pub(crate) mod server;

use std::path::{Path, PathBuf};
use std::{env, fs};

use ordercharge::Document;

/// The environment variable that has the committed files rewritten.
const BLESS: &str = "ORDERCHARGE_BLESS";

/// A path of the repository.
pub(crate) fn path(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The order of a text: `order(r#"{"items": []}"#)`.
pub(crate) fn order(text: &str) -> Document<'_> {
    Document::from_json(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Compares a committed file with what it should be; with `ORDERCHARGE_BLESS=1`, writes it.
pub(crate) fn compare(path: &Path, actual: &str) -> Result<(), String> {
    if env::var_os(BLESS).is_some_and(|bless| bless == "1") {
        fs::write(path, actual).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        return Ok(());
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    if committed == actual {
        return Ok(());
    }
    let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display();
    let (old, new) = first_difference(&committed, actual);
    Err(format!(
        "{shown} is not what the library says now:\n  committed: {old}\n  now:       {new}\n\
         if that is meant, run the tests again with {BLESS}=1 and read the differences before you commit them"
    ))
}

/// The first line in which two texts differ.
fn first_difference<'a>(a: &'a str, b: &'a str) -> (&'a str, &'a str) {
    let (mut a, mut b) = (a.lines(), b.lines());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return ("(the same lines, ended otherwise)", ""),
            (old, new) if old == new => {}
            (old, new) => return (old.unwrap_or("(nothing)"), new.unwrap_or("(nothing)")),
        }
    }
}
