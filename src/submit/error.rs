//! `SubmitError`: why a submission cannot begin or continue. What happens to an order is an outcome, not an error.

use std::io;

/// Why a submission cannot begin or continue: a setting that cannot be used, or a journal that cannot be read or written. It
/// never contains a secret.
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

    /// Whether a setting cannot be used: the URL, a path, the credentials.
    pub fn is_setting(&self) -> bool {
        matches!(self.0, Kind::Setting(_))
    }

    /// Whether a journal is damaged, belongs to another server, or is not a journal.
    pub fn is_journal(&self) -> bool {
        matches!(self.0, Kind::Journal { .. })
    }

    /// Whether a file could not be opened, locked, read or written.
    pub fn is_file(&self) -> bool {
        matches!(self.0, Kind::File { .. })
    }

    /// The number of the damaged line of the journal, from 1, if there is one.
    pub fn line(&self) -> Option<u64> {
        match self.0 {
            Kind::Journal { line, .. } => line,
            _ => None,
        }
    }
}
