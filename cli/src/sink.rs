//! Where bytes of a run go: standard output or standard error, or a file that is replaced when everything has been
//! written, or appended to.

use std::io::Write;
use std::path::Path;

use crate::file::{self, Target};
use crate::output::{self, Stop};

/// A place to write to.
pub(crate) enum Sink {
    Nowhere,
    Stream(Box<dyn Write + Send>),
    File(Target),
}

impl Sink {
    /// A file, standard output if the path means that, or nowhere.
    pub(crate) fn open(path: Option<&Path>) -> Result<Sink, Stop> {
        match path {
            None => Ok(Sink::Nowhere),
            Some(path) if file::is_stdout(path) => Ok(Sink::Stream(output::stdout())),
            Some(path) => Target::open(path, None).map(Sink::File).map_err(Stop::Failed),
        }
    }

    /// The end of a file, which keeps what is in it.
    pub(crate) fn append(path: &Path) -> Result<Sink, Stop> {
        Target::append(path).map(Sink::File).map_err(Stop::Failed)
    }

    pub(crate) fn is_somewhere(&self) -> bool {
        !matches!(self, Sink::Nowhere)
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Stream(out) => out.write_all(bytes).map_err(|error| Stop::writing("standard output", &error)),
            Sink::File(target) => target.write(bytes).map_err(Stop::Failed),
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), Stop> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::Stream(out) => out.flush().map_err(|error| Stop::writing("standard output", &error)),
            Sink::File(target) => target.flush().map_err(Stop::Failed),
        }
    }

    /// Ends the output. A file gets its new content only if that is `whole`.
    pub(crate) fn finish(&mut self, whole: bool) -> Result<(), Stop> {
        match std::mem::replace(self, Sink::Nowhere) {
            Sink::Nowhere => Ok(()),
            Sink::Stream(mut out) => out.flush().map_err(|error| Stop::writing("standard output", &error)),
            Sink::File(target) if whole => target.finish().map_err(Stop::Failed),
            Sink::File(target) => {
                target.abandon();
                Ok(())
            }
        }
    }
}
