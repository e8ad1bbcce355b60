//! `SubmitError`: what keeps a submission from beginning or going on. What becomes of an order is an outcome, not an error.

use std::io;

/// What keeps a submission from beginning or going on: a setting that cannot be used, a journal that cannot be read or
/// written. It never holds a secret.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SubmitError(Kind);

#[derive(Debug, thiserror::Error)]
enum Kind {
    #[error("{0}")]
    Setting(String),
    #[error("{}{why}", line.map_or_else(String::new, |line| format!("line {line} of the journal: ")))]
    Journal { line: Option<u64>, why: String },
    #[error("{what}: {source}")]
    #[cfg_attr(not(feature = "submit-ureq"), expect(dead_code, reason = "only what touches files makes it"))]
    File { what: String, source: io::Error },
}

impl SubmitError {
    pub(super) fn setting(why: impl Into<String>) -> SubmitError {
        SubmitError(Kind::Setting(why.into()))
    }

    pub(super) fn journal(line: Option<u64>, why: impl Into<String>) -> SubmitError {
        SubmitError(Kind::Journal { line, why: why.into() })
    }

    #[cfg(feature = "submit-ureq")]
    pub(super) fn file(what: impl Into<String>, source: io::Error) -> SubmitError {
        SubmitError(Kind::File { what: what.into(), source })
    }

    /// A setting cannot be used: the URL, a path, the credentials.
    pub fn is_setting(&self) -> bool {
        matches!(self.0, Kind::Setting(_))
    }

    /// A journal is damaged, belongs to another server, or is no journal.
    pub fn is_journal(&self) -> bool {
        matches!(self.0, Kind::Journal { .. })
    }

    /// A file could not be opened, locked, read or written.
    pub fn is_file(&self) -> bool {
        matches!(self.0, Kind::File { .. })
    }

    /// The line of the journal, from 1, if it is one that is damaged.
    pub fn line(&self) -> Option<u64> {
        match self.0 {
            Kind::Journal { line, .. } => line,
            _ => None,
        }
    }
}
