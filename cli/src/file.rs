//! Output files: which file a name leads to, and how its content is replaced in one step.
//!
//! The content is first written to a file in the same folder, which replaces the target when it is complete. Until then the
//! target stays as it is, whatever happens. Pipes, devices and open descriptors are written directly.

#[cfg_attr(unix, path = "file/unix.rs")]
#[cfg_attr(not(unix), path = "file/other.rs")]
mod system;

// The tests on Unix compile and run the code of the other systems too.
#[cfg(all(test, unix))]
#[path = "file/other.rs"]
mod other;

use std::collections::hash_map::DefaultHasher;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::hash::{Hash, Hasher};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::output;
use system::Handle;
pub(crate) use system::Snapshot;
pub(crate) use system::Stream;

/// The identity of a file, whatever its name. Only files and pipes have one: a device may be used twice.
#[derive(PartialEq, Eq)]
pub(crate) enum Identity {
    /// It exists.
    Existing(Handle),
    /// It does not exist yet: its folder, and its name.
    New(Handle, OsString),
}

impl Identity {
    pub(crate) fn of_path(path: &Path) -> Option<Identity> {
        let path = resolved(path).ok()?;
        match Handle::of_path(&path) {
            Ok(handle) => handle.map(Identity::Existing),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let folder = Handle::of_folder(&folder(&path)).ok()?;
                Some(Identity::New(folder, path.file_name()?.to_owned()))
            }
            Err(_) => None,
        }
    }

    pub(crate) fn of_stream(stream: Stream) -> Option<Identity> {
        Handle::of_stream(stream).ok().flatten().map(Identity::Existing)
    }

    pub(crate) fn is_pipe(&self) -> bool {
        matches!(self, Identity::Existing(handle) if handle.is_pipe())
    }
}

/// Whether a name means standard output.
pub(crate) fn is_stdout(path: &Path) -> bool {
    let names = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
    resolved(path).is_ok_and(|path| names.iter().any(|name| path == Path::new(name)))
}

/// Whether a name means a descriptor that is already open.
fn is_descriptor(path: &Path) -> bool {
    let folders = ["/dev/fd", "/proc"].iter().any(|folder| path.starts_with(folder));
    folders || ["/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().any(|name| path == Path::new(name))
}

/// The path that links lead to, whether it exists or not.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    /// The number of links that Linux follows.
    const MOST_LINKS: usize = 40;
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        if is_descriptor(&path) {
            return Ok(path);
        }
        match fs::read_link(&path) {
            Ok(to) => path = folder(&path).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

/// The folder of a file.
fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// A file that is being written. Unless it is finished, the new content is removed and the file stays as it was.
pub(crate) struct Target {
    /// Its name as the user gave it.
    name: String,
    /// `None` if the target is written directly. It is removed before its file is closed, while it is still locked.
    part: Option<Part>,
    to: BufWriter<File>,
}

/// The file next to a target that gets the new content.
struct Part {
    path: PathBuf,
    target: PathBuf,
    /// The target as it was; `None` if it did not exist.
    before: Option<Snapshot>,
    in_place: bool,
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.in_place {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Target {
    /// Begins to write a file. `before` is its state when it was read, if it was: a file that has changed since is refused.
    pub(crate) fn open(path: &Path, before: Option<Snapshot>) -> Result<Target, String> {
        let name = path.display().to_string();
        Target::try_open(path, &name, before).map_err(|why| format!("cannot write to {name}: {why}"))
    }

    /// Begins to write at the end of a file.
    pub(crate) fn append(path: &Path) -> Result<Target, String> {
        let name = path.display().to_string();
        let file = OpenOptions::new().append(true).create(true).open(path);
        let file = file.map_err(|why| format!("cannot write to {name}: {why}"))?;
        Ok(Target { name, part: None, to: BufWriter::with_capacity(BUFFER, file) })
    }

    fn try_open(path: &Path, name: &str, before: Option<Snapshot>) -> io::Result<Target> {
        let target = resolved(path)?;
        let direct = |options: &mut OpenOptions| {
            let to = BufWriter::with_capacity(BUFFER, options.open(&target)?);
            Ok(Target { name: name.to_owned(), part: None, to })
        };
        if is_descriptor(&target) {
            if before.is_some() {
                return Err(io::Error::other("expected the name of a file"));
            }
            // The program that opened it decides what happens to its content.
            return direct(OpenOptions::new().append(true));
        }
        let existing = match fs::metadata(&target) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
            Ok(known) if known.is_dir() => return Err(io::Error::other("it is a folder")),
            Ok(known) if !known.is_file() => return direct(OpenOptions::new().write(true)),
            // A file that may not be written is not replaced either.
            Ok(_) => Some(OpenOptions::new().read(true).write(true).open(&target)?),
        };
        if name.ends_with(std::path::is_separator) || target.file_name().is_none() {
            return Err(io::Error::other("expected the name of a file"));
        }
        let now = existing.as_ref().map(Snapshot::of).transpose()?;
        if now.as_ref().is_some_and(|now| now.links() > 1) {
            return Err(io::Error::other("it has several names (hard links), which would no longer be one file"));
        }
        if before.is_some() && before != now {
            return Err(changed());
        }
        let path = part_of(&target);
        let file = create(&path, existing.is_some())?;
        let part = Part { path, target, before: now, in_place: false };
        if let Some(existing) = &existing {
            // This comes before any content is written: the copy must not be readable by more users than the file.
            system::copy_attributes(existing, &file)?;
        }
        Ok(Target { name: name.to_owned(), part: Some(part), to: BufWriter::with_capacity(BUFFER, file) })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.to.write_all(bytes).map_err(|error| self.failed(&error))
    }

    pub(crate) fn flush(&mut self) -> Result<(), String> {
        self.to.flush().map_err(|error| self.failed(&error))
    }

    /// Replaces the target by the new content.
    pub(crate) fn finish(mut self) -> Result<(), String> {
        let finished = self.to.flush().and_then(|()| match &mut self.part {
            None => Ok(()),
            Some(part) => part.put_in_place(self.to.get_ref()),
        });
        finished.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &io::Error) -> String {
        format!("cannot write to {}: {error}", self.name)
    }

    /// Ends without the rest of the content. A file stays as it was, and a message says so.
    pub(crate) fn abandon(mut self) {
        if self.part.is_some() {
            not_written(Path::new(&self.name));
        } else {
            // Bytes that were written to a pipe cannot be taken back.
            let _ = self.to.flush();
        }
    }
}

/// Reports that an output is not written.
pub(crate) fn not_written(path: &Path) {
    let why = "an input could not be read to its end, or holds no order";
    output::complain(&format!("{} is not written: {why}", path.display()));
}

/// How much is written at once.
const BUFFER: usize = 64 * 1024;

fn changed() -> io::Error {
    io::Error::other("it has been changed by another program during the run; nothing is written to it")
}

impl Part {
    fn put_in_place(&mut self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        let now = match fs::metadata(&self.target) {
            Ok(now) => Some(Snapshot::from(&now)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if now != self.before {
            return Err(changed());
        }
        fs::rename(&self.path, &self.target)?;
        self.in_place = true;
        system::sync_folder(&folder(&self.target))
    }
}

/// The file to which a target is written first. Its name is derived from that of the target, so that the next run finds the
/// file of a run that was killed. It is short, because the name of the target may have the maximal length.
fn part_of(target: &Path) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    target.file_name().hash(&mut hasher);
    target.with_file_name(format!(".ordercharge-{:016x}.part", hasher.finish()))
}

/// Removes the `.part` file that a killed run has left.
pub(crate) fn remove_leftover(path: &Path) {
    if let Ok(target) = resolved(path)
        && !is_descriptor(&target)
    {
        // A file that cannot be removed does no harm until the target is written again.
        let _ = remove_stale(&part_of(&target));
    }
}

/// Creates the `.part` file of a target and locks it for this run.
fn create(path: &Path, private: bool) -> io::Result<File> {
    loop {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        if private {
            system::private(&mut options);
        }
        match options.open(path) {
            Ok(file) => {
                // Another run may have considered it stale and removed it before it was locked.
                if lock(&file)? && is_at(&file, path) {
                    return Ok(file);
                }
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => remove_stale(path)?,
            Err(error) => return Err(error),
        }
    }
}

/// Removes the `.part` file of a target unless a run is writing it.
fn remove_stale(path: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    };
    match fs::symlink_metadata(path) {
        Ok(known) if known.is_file() => {}
        Ok(_) => return gone(fs::remove_file(path)),
        Err(error) => return gone(Err(error)),
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return gone(Err(error)),
    };
    if !lock(&file)? {
        return Err(io::Error::other("another run is writing it"));
    }
    if is_at(&file, path) { gone(fs::remove_file(path)) } else { Ok(()) }
}

/// Locks a file. Returns whether no other run had locked it; true also if files cannot be locked.
fn lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(false),
        Ok(()) | Err(TryLockError::Error(_)) => Ok(true),
    }
}

/// Whether a path still leads to a file.
fn is_at(file: &File, path: &Path) -> bool {
    let of_path = fs::symlink_metadata(path).ok().map(|known| Snapshot::from(&known));
    of_path.is_some_and(|of_path| file.metadata().is_ok_and(|known| Snapshot::from(&known).is_same_file(&of_path)))
}
