//! Files on Unix.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use xattr::FileExt;

/// A standard stream.
#[derive(Clone, Copy)]
pub(crate) enum Stream {
    Input,
    Output,
    Error,
}

/// A file or pipe by its device and number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handle {
    device: u64,
    number: u64,
    is_pipe: bool,
}

impl Handle {
    fn new(known: &Metadata) -> Handle {
        Handle { device: known.dev(), number: known.ino(), is_pipe: known.file_type().is_fifo() }
    }

    fn of(known: &Metadata) -> Option<Handle> {
        (known.is_file() || known.file_type().is_fifo()).then(|| Handle::new(known))
    }

    /// `None` if it is neither a file nor a pipe. Nothing is opened, because a pipe would wait for its other end.
    pub(super) fn of_path(path: &Path) -> io::Result<Option<Handle>> {
        Ok(Handle::of(&fs::metadata(path)?))
    }

    pub(super) fn of_folder(path: &Path) -> io::Result<Handle> {
        Ok(Handle::new(&fs::metadata(path)?))
    }

    pub(super) fn of_stream(stream: Stream) -> io::Result<Option<Handle>> {
        let descriptor = match stream {
            Stream::Input => io::stdin().as_fd().try_clone_to_owned(),
            Stream::Output => io::stdout().as_fd().try_clone_to_owned(),
            Stream::Error => io::stderr().as_fd().try_clone_to_owned(),
        };
        Ok(Handle::of(&File::from(descriptor?).metadata()?))
    }

    pub(super) fn is_pipe(&self) -> bool {
        self.is_pipe
    }
}

/// A file as it was at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snapshot {
    device: u64,
    number: u64,
    links: u64,
    size: u64,
    /// When its content changed, and when any of its attributes changed, in seconds and nanoseconds.
    modified: (i64, i64),
    changed: (i64, i64),
}

impl From<&Metadata> for Snapshot {
    fn from(known: &Metadata) -> Snapshot {
        Snapshot {
            device: known.dev(),
            number: known.ino(),
            links: known.nlink(),
            size: known.len(),
            modified: (known.mtime(), known.mtime_nsec()),
            changed: (known.ctime(), known.ctime_nsec()),
        }
    }
}

impl Snapshot {
    pub(crate) fn of(file: &File) -> io::Result<Snapshot> {
        Ok(Snapshot::from(&file.metadata()?))
    }

    pub(super) fn links(&self) -> u64 {
        self.links
    }

    pub(super) fn is_same_file(&self, other: &Snapshot) -> bool {
        (self.device, self.number) == (other.device, other.number)
    }
}

/// Creates a file that only its owner can read.
pub(super) fn private(options: &mut OpenOptions) {
    options.mode(0o600);
}

/// Gives a file the owner, the group, the extended attributes (access lists among them) and the mode of another one.
pub(super) fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    let (known, own) = (from.metadata()?, to.metadata()?);
    if (known.uid(), known.gid()) != (own.uid(), own.gid()) {
        fchown(to, Some(known.uid()), Some(known.gid())).map_err(|error| cannot_keep("its owner and group", &error))?;
    }
    // If the file system has none, there are none to keep.
    for name in from.list_xattr().into_iter().flatten() {
        let keep = || {
            let value = from.get_xattr(&name)?;
            // Some are set on every new file and may not be written.
            if to.get_xattr(&name)? == value {
                return Ok(());
            }
            value.map_or(Ok(()), |value| to.set_xattr(&name, &value))
        };
        keep().map_err(|error| cannot_keep(&format!("its attribute {}", name.display()), &error))?;
    }
    to.set_permissions(known.permissions()).map_err(|error| cannot_keep("its permissions", &error))
}

fn cannot_keep(what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{what} cannot be kept: {error}"))
}

/// Makes sure that a file that was renamed is found under its name after a crash.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
