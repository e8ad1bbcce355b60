//! Where orders come from: files and standard input, gzip or not.

use std::fs::File;
use std::io::{self, Cursor, IsTerminal, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use crate::output::Stop;

/// What stands at the front of a gzip stream.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// One input, by the name it was given.
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// The inputs the arguments name; standard input where they name none and something is piped.
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

    /// Begins to read it.
    pub(crate) fn open(&self) -> io::Result<Box<dyn Read>> {
        self.open_told().map(|(stream, _)| stream)
    }

    /// The same, and whether it is packed.
    pub(crate) fn open_told(&self) -> io::Result<(Box<dyn Read>, bool)> {
        match self {
            Source::Stdin => unpacked(io::stdin().lock()),
            Source::File(path) => unpacked(File::open(path)?),
        }
    }
}

/// The bytes of a stream, unpacked if they are gzip, and whether they were.
fn unpacked(mut stream: impl Read + 'static) -> io::Result<(Box<dyn Read>, bool)> {
    let mut head = Vec::with_capacity(GZIP.len());
    stream.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let packed = head == GZIP;
    let whole = Cursor::new(head).chain(stream);
    Ok((if packed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) }, packed))
}
