//! The configuration file: where it is found, its tables, and its places for messages.

use std::borrow::Cow;
use std::fs;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The name of a configuration file that is found without being named.
pub(crate) const NAME: &str = "ordercharge.toml";

/// A longer file is not read.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// The key and the value of an entry, each with its place.
pub(crate) type Entry<'f> = (Spanned<Cow<'f, str>>, Spanned<DeValue<'f>>);

/// A configuration file.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    text: String,
}

/// Finds the configuration file of the working directory: in it, or in the nearest folder above it that has one. The search
/// ends at a folder that holds `.git`, since what is above does not belong to the same work, and at a folder that may not be
/// looked into.
pub(crate) fn find() -> Result<Option<PathBuf>, String> {
    let here = std::env::current_dir().map_err(|error| format!("cannot find the working directory: {error}"))?;
    for folder in here.ancestors() {
        let path = folder.join(NAME);
        // A link that leads nowhere is found too, and its failure reported.
        match fs::symlink_metadata(&path) {
            // The file of the working directory needs no more than its name in messages.
            Ok(_) => return Ok(Some(if folder == here { PathBuf::from(NAME) } else { path })),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => return Ok(None),
        }
        if fs::symlink_metadata(folder.join(".git")).is_ok() {
            break;
        }
    }
    Ok(None)
}

impl File {
    pub(crate) fn read(path: &Path) -> Result<File, String> {
        let shown = path.display();
        let failed = |error: std::io::Error| format!("cannot read the configuration file {shown}: {error}");
        if fs::metadata(path).map_err(failed)?.is_dir() {
            return Err(format!("cannot read the configuration file {shown}: expected a file, found a folder"));
        }
        let mut bytes = Vec::new();
        fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(format!("cannot read the configuration file {shown}: expected at most {MOST_BYTES} bytes"));
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let file = File { path: path.to_owned(), text: String::from_utf8_lossy(before).into_owned() };
            format!("{}: expected UTF-8, found another encoding", file.place(file.text.len()))
        })?;
        Ok(File { path: path.to_owned(), text })
    }

    /// The line of an offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }

    /// The offsets of the ends of all lines.
    pub(crate) fn line_ends(&self) -> Vec<usize> {
        self.text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect()
    }

    /// `PATH:LINE:COLUMN` of an offset.
    pub(crate) fn place(&self, offset: usize) -> String {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{}:{column}", self.path.display(), self.line(offset))
    }

    /// A message about a place.
    pub(crate) fn message(&self, span: &Range<usize>, why: &str) -> String {
        format!("{}: {why}", self.place(span.start))
    }

    /// The entries of the file, in its order.
    pub(crate) fn entries(&self) -> Result<Vec<Entry<'_>>, String> {
        let table = DeTable::parse(&self.text).map_err(|error| self.refused(&error))?;
        Ok(in_order(table.into_inner()))
    }

    /// The entries of a table, in the order of the file.
    pub(crate) fn table<'f>(&self, value: &Spanned<DeValue<'f>>) -> Result<Vec<Entry<'f>>, String> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(in_order(table.clone())),
            other => Err(self.message(&value.span(), &format!("expected a table, found {}", kind_of(other)))),
        }
    }

    /// The tables of a key that may be there several times: `[[key]]`.
    pub(crate) fn tables<'v, 'f>(
        &self,
        key: &Spanned<Cow<'f, str>>,
        value: &'v Spanned<DeValue<'f>>,
    ) -> Result<&'v [Spanned<DeValue<'f>>], String> {
        let name = key.get_ref();
        match value.get_ref() {
            DeValue::Array(tables) => Ok(tables),
            DeValue::Table(_) => Err(self.message(&key.span(), &format!("write [[{name}]] with two brackets"))),
            other => Err(self.message(&value.span(), &format!("expected [[{name}]], found {}", kind_of(other)))),
        }
    }

    /// What the parser says, on one line and with the place.
    fn refused(&self, error: &toml::de::Error) -> String {
        self.message(&error.span().unwrap_or_default(), &error.message().replace('\n', ": "))
    }
}

fn in_order(table: DeTable<'_>) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// What kind of value this is, in words.
pub(crate) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
