//! The inputs: files and standard input, compressed by gzip or not.

use std::fs::{self, File};
use std::io::{self, Cursor, IsTerminal, Read};
#[cfg(feature = "submit")]
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::output::Stop;

/// The bytes of an input.
pub(crate) type Stream = Box<dyn Read + Send>;

/// Counts the bytes that are read.
struct Counted<R> {
    stream: R,
    count: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.stream.read(room)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The first bytes of a gzip stream.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// One input, by the name it was given.
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// The inputs that the arguments name; standard input if they name none and something is piped.
    pub(crate) fn all(inputs: &[PathBuf]) -> Result<Vec<Source>, Stop> {
        if inputs.is_empty() {
            if io::stdin().is_terminal() {
                return Err(Stop::Failed("expected a file to read, or input on a pipe; --help shows examples".into()));
            }
            return Ok(vec![Source::Stdin]);
        }
        let source = |path: &PathBuf| if path == Path::new("-") { Source::Stdin } else { Source::File(path.clone()) };
        Ok(inputs.iter().map(source).collect())
    }

    /// Its name in reports.
    pub(crate) fn name(&self) -> String {
        match self {
            Source::Stdin => "-".to_owned(),
            Source::File(path) => path.to_string_lossy().into_owned(),
        }
    }

    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self, Source::Stdin)
    }

    /// Its number of bytes, if that is known before they are read.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Source::Stdin => None,
            Source::File(path) => fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|file| file.len()),
        }
    }

    /// Reads a packed file to its end, so that its checksums are known to be right before anything is made of it. A pipe
    /// can be read only once: of that, nothing is said.
    #[cfg(feature = "submit")]
    pub(crate) fn verify(&self) -> io::Result<()> {
        match self {
            Source::File(path) if fs::metadata(path)?.is_file() => verify(File::open(path)?),
            Source::File(_) => Ok(()),
            Source::Stdin => match stdin_file() {
                Some(mut file) => {
                    let start = file.stream_position()?;
                    let read = verify(file.try_clone()?);
                    file.seek(SeekFrom::Start(start))?;
                    read
                }
                None => Ok(()),
            },
        }
    }

    /// Begins to read it.
    pub(crate) fn open(&self) -> io::Result<Stream> {
        self.open_counted(&Arc::default())
    }

    /// Like [`Source::open`], but adds the bytes that are read to a count.
    pub(crate) fn open_counted(&self, count: &Arc<AtomicU64>) -> io::Result<Stream> {
        let count = Arc::clone(count);
        let (stream, _) = match self {
            Source::Stdin => unpacked(Counted { stream: io::stdin(), count })?,
            Source::File(path) => unpacked(Counted { stream: File::open(path)?, count })?,
        };
        Ok(stream)
    }
}

/// Reads a stream to its end, if it is gzip.
#[cfg(feature = "submit")]
fn verify(stream: impl Read + Send + 'static) -> io::Result<()> {
    match unpacked(stream)? {
        (mut stream, true) => io::copy(&mut stream, &mut io::sink()).map(drop),
        (_, false) => Ok(()),
    }
}

/// Standard input, if it is a file that can be read again. The place in it is shared with standard input.
#[cfg(all(feature = "submit", unix))]
fn stdin_file() -> Option<File> {
    use std::os::fd::AsFd;
    let file = File::from(io::stdin().as_fd().try_clone_to_owned().ok()?);
    file.metadata().ok()?.is_file().then_some(file)
}

#[cfg(all(feature = "submit", not(unix)))]
fn stdin_file() -> Option<File> {
    None
}

/// The bytes of a stream, decompressed if they are gzip, and whether they were.
pub(crate) fn unpacked(mut stream: impl Read + Send + 'static) -> io::Result<(Stream, bool)> {
    let mut head = Vec::with_capacity(GZIP.len());
    stream.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let packed = head == GZIP;
    let whole = Cursor::new(head).chain(stream);
    Ok((if packed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) }, packed))
}
