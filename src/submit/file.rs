//! The journal as a file: locked, readable by its owner only, on the disk before a line counts as written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::error::SubmitError;
use super::ledger::{Ledger, is_beginning};

/// The journal of a run, as a file.
///
/// ```
/// use ordercharge::submit::FileJournal;
///
/// # let folder = std::env::temp_dir().join(format!("ordercharge-journal-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// let path = folder.join("orders.journal");
/// # let _ = std::fs::remove_file(&path);
/// let mut journal = FileJournal::create(&path)?;
/// journal.append("{\"journal\":\"ordercharge\",\"version\":1,\"base_url\":\"https://api.cartrover.com\"}\n")?;
/// // A second run cannot write to it, and an existing one is never overwritten.
/// assert!(FileJournal::resume(&path).unwrap_err().to_string().contains("another run holds it"));
/// assert!(FileJournal::create(&path).is_err());
/// drop(journal);
/// let (journal, ledger) = FileJournal::resume(&path)?;
/// assert_eq!(ledger.base_url(), Some("https://api.cartrover.com"));
/// # drop(journal);
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileJournal {
    file: File,
    path: PathBuf,
    /// Whether a line could not be written completely: then no other line may follow.
    broken: bool,
}

impl FileJournal {
    /// Begins a journal. A file with this name must not exist.
    pub fn create(path: &Path) -> Result<FileJournal, SubmitError> {
        let failed = |source| SubmitError::file(format!("cannot begin the journal {}", path.display()), source);
        let file = options().create_new(true).open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => SubmitError::journal(
                None,
                format!("expected a new journal, found {}; resume it, or name another", path.display()),
            ),
            _ => failed(error),
        })?;
        lock(&file, path)?;
        // The name of the file must be on the disk too.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        file.sync_all().map_err(failed)?;
        if cfg!(unix) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        }
        Ok(FileJournal { file, path: path.to_owned(), broken: false })
    }

    /// Opens the journal of an earlier run to continue it, and returns its content. An incomplete last line is cut off.
    pub fn resume(path: &Path) -> Result<(FileJournal, Ledger), SubmitError> {
        let failed = |source| reading(path, source);
        let file = options().read(true).open(path).map_err(failed)?;
        lock(&file, path)?;
        let (ledger, length) = read(&file, path)?;
        #[cfg(unix)]
        make_private(&file).map_err(failed)?;
        let mut journal = FileJournal { file, path: path.to_owned(), broken: false };
        if ledger.torn() > 0 {
            journal.file.set_len(length - ledger.torn() as u64).map_err(failed)?;
            journal.file.sync_all().map_err(failed)?;
        } else if ledger.is_unended() {
            journal.append("\n").map_err(failed)?;
        }
        Ok((journal, ledger))
    }

    /// Reads a journal without locking or changing it.
    pub fn inspect(path: &Path) -> Result<Ledger, SubmitError> {
        let file = File::open(path).map_err(|source| reading(path, source))?;
        read(&file, path).map(|(ledger, _)| ledger)
    }

    /// Appends a line, and returns when it is on the disk. After an error nothing more can be appended.
    pub fn append(&mut self, line: &str) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("the line before could not be written"));
        }
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        self.broken = written.is_err();
        written
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn reading(path: &Path, source: io::Error) -> SubmitError {
    SubmitError::file(format!("cannot read the journal {}", path.display()), source)
}

/// The content of a file, and its length.
fn read(file: &File, path: &Path) -> Result<(Ledger, u64), SubmitError> {
    let failed = |source| reading(path, source);
    let other = || SubmitError::journal(None, format!("expected a journal of a submission, found {}", path.display()));
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(other());
    }
    let (mut source, mut line, mut length) = (BufReader::new(file), Vec::new(), 0);
    // If it is another file, not even a line of it is read.
    if !is_beginning(source.fill_buf().map_err(failed)?) {
        return Err(other());
    }
    let mut ledger = Ledger::default();
    if let Some(at) = metadata.modified().ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()) {
        ledger.set_written_at(u64::try_from(at.as_millis()).unwrap_or(u64::MAX));
    }
    while source.read_until(b'\n', &mut line).map_err(failed)? > 0 {
        ledger.read_line(&line)?;
        length += line.len() as u64;
        line.clear();
    }
    Ok((ledger, length))
}

/// Opens a file for appending, readable by its owner only.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Removes the permissions of others, which a copied journal may have.
#[cfg(unix)]
fn make_private(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match file.metadata()?.permissions().mode() & 0o077 {
        0 => Ok(()),
        _ => file.set_permissions(PermissionsExt::from_mode(0o600)),
    }
}

fn lock(file: &File, path: &Path) -> Result<(), SubmitError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            SubmitError::journal(None, format!("cannot lock the journal {}: another run holds it", path.display()))
        }
        TryLockError::Error(source) => SubmitError::file(format!("cannot lock the journal {}", path.display()), source),
    })
}
