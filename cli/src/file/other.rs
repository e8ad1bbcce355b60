//! Files on systems other than Unix.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// A standard stream.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Input,
    Output,
    Error,
}

/// A file that is open.
#[derive(PartialEq, Eq)]
pub(crate) struct Handle(same_file::Handle);

impl Handle {
    pub(super) fn of_path(path: &Path) -> io::Result<Option<Handle>> {
        same_file::Handle::from_path(path).map(|handle| Some(Handle(handle)))
    }

    pub(super) fn of_folder(path: &Path) -> io::Result<Handle> {
        same_file::Handle::from_path(path).map(Handle)
    }

    pub(super) fn of_stream(stream: Stream) -> io::Result<Option<Handle>> {
        let handle = match stream {
            Stream::Input => same_file::Handle::stdin(),
            Stream::Output => same_file::Handle::stdout(),
            Stream::Error => same_file::Handle::stderr(),
        };
        handle.map(|handle| Some(Handle(handle)))
    }

    pub(super) fn is_pipe(&self) -> bool {
        self.0.as_file().metadata().is_ok_and(|known| !known.is_file())
    }
}

/// A file as it was at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    size: u64,
    created: Option<SystemTime>,
    modified: Option<SystemTime>,
}

impl From<&Metadata> for Snapshot {
    fn from(known: &Metadata) -> Snapshot {
        Snapshot { size: known.len(), created: known.created().ok(), modified: known.modified().ok() }
    }
}

impl Snapshot {
    pub(crate) fn of(file: &File) -> io::Result<Snapshot> {
        Ok(Snapshot::from(&file.metadata()?))
    }

    pub(super) fn links(&self) -> u64 {
        1
    }

    pub(super) fn is_same_file(&self, other: &Snapshot) -> bool {
        self.created == other.created
    }
}

pub(super) fn private(_: &mut OpenOptions) {}

pub(super) fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    to.set_permissions(from.metadata()?.permissions())
}

/// Folders cannot be synced on these systems.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::metadata(folder).map(|_| ())
}
