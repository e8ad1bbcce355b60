//! Inputs and outputs are different files: a run that would write over what it reads is refused.

use std::path::Path;

use crate::file::{Identity, Stream, is_stdout};
use crate::input::Source;
use crate::output::{self, Stop};

/// A place a run writes to.
pub(crate) struct Output {
    name: String,
    identity: Option<Identity>,
    /// Standard output or standard error.
    is_stream: bool,
    /// A report or messages: two of them may go to the same place.
    for_people: bool,
}

impl Output {
    /// A file, or standard output if the name means that.
    pub(crate) fn path(option: &str, path: &Path) -> Output {
        let is_stream = is_stdout(path);
        let identity = if is_stream { Identity::of_stream(Stream::Output) } else { Identity::of_path(path) };
        Output { name: format!("{option} {}", path.display()), identity, is_stream, for_people: false }
    }

    /// The standard output of a report.
    pub(crate) fn stdout() -> Output {
        let identity = Identity::of_stream(Stream::Output);
        Output { name: "standard output".to_owned(), identity, is_stream: true, for_people: true }
    }

    fn stderr() -> Output {
        let identity = Identity::of_stream(Stream::Error);
        Output { name: "standard error".to_owned(), identity, is_stream: true, for_people: true }
    }
}

/// Refuses a run if an output is an input, another file that is read (`also`: what it is and its path) or another output,
/// by whatever name. Standard error is checked too; where it is a file that is read, nothing is said.
pub(crate) fn keep_apart(
    sources: &[Source],
    also: &[(&str, Option<&Path>)],
    mut outputs: Vec<Output>,
) -> Result<(), Stop> {
    outputs.push(Output::stderr());
    let not_written = |identity: Option<Identity>, name: &dyn Fn() -> String| {
        let same = outputs.iter().find(|output| identity.is_some() && output.identity == identity);
        same.map_or(Ok(()), |output| {
            if identity == Identity::of_stream(Stream::Error) {
                output::mute();
            }
            Err(Stop::Failed(format!("expected {} to be another file than {}", output.name, name())))
        })
    };
    for source in sources {
        match source.path() {
            Some(path) => not_written(Identity::of_path(path), &|| format!("the input {}", source.name()))?,
            None if source.is_stdin() => {
                not_written(Identity::of_stream(Stream::Input), &|| "standard input".to_owned())?;
            }
            None => {}
        }
    }
    for (what, path) in also {
        let Some(path) = path else { continue };
        not_written(Identity::of_path(path), &|| format!("the {what} {}", path.display()))?;
    }
    while let Some(output) = outputs.pop() {
        let same = outputs.iter().find(|other| {
            // A user who sends both streams to one pipe wants to see them together.
            let is_pipe = output.identity.as_ref().is_some_and(Identity::is_pipe);
            let may = (is_pipe && output.is_stream && other.is_stream) || (output.for_people && other.for_people);
            output.identity.is_some() && output.identity == other.identity && !may
        });
        if let Some(other) = same {
            return Err(Stop::Failed(format!("expected {} and {} to be different files", other.name, output.name)));
        }
    }
    Ok(())
}
