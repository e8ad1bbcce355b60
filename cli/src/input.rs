//! The inputs: files, directories, patterns and standard input, packed or not.

mod ahead;
pub(crate) mod csv;
mod find;
mod kind;
mod packed;
mod pipe;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
#[cfg(feature = "submit")]
use std::io::{Seek, SeekFrom};
use std::iter;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use ordercharge::bulk::{Delivery, Finding, Inspected};
use ordercharge::{Error, Position};
use ordercharge_carts::is_field_name;

use crate::output::{self, Problems, Stop};
use kind::Seen;

/// The most files that are opened before their turn.
const MOST_AHEAD: usize = 2;

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

/// The most columns that a remark names.
const MOST_NAMES: usize = 8;

/// Where an input is.
pub(crate) enum Place {
    Stdin,
    File(PathBuf),
    /// An argument that leads to no file, and why.
    Nothing {
        name: PathBuf,
        why: String,
    },
}

/// One input.
pub(crate) struct Source {
    place: Place,
    /// What its first bytes show, once it was opened.
    seen: OnceLock<Seen>,
    /// Whether a record was found in it, or why it cannot be read.
    found: AtomicBool,
    settings: Arc<csv::Settings>,
    /// The most bytes of one order.
    limit: usize,
    /// It holds records of this command instead of orders.
    holds_records: bool,
}

/// The name of a column as it may be shown. One that does not look like a name may say something about a customer.
fn column(name: &str) -> String {
    let is_usual = |char: char| char.is_alphabetic() || " ./:#%()".contains(char);
    let plain: String = name.chars().map(|char| if is_usual(char) { '_' } else { char }).collect();
    if is_field_name(&plain) { output::brief(name) } else { "…".to_owned() }
}

impl Source {
    /// The inputs that are named, without files that are known to hold no orders, by whatever name; standard input if none
    /// is named and something is piped. `limit` is the most bytes of one order.
    pub(crate) fn all(
        named: &[PathBuf],
        recursive: bool,
        without: &[&Path],
        settings: csv::Settings,
        limit: usize,
    ) -> Result<Vec<Source>, Stop> {
        let places = if named.is_empty() {
            if io::stdin().is_terminal() {
                return Err(Stop::Failed("expected a file to read, or input on a pipe; --help shows examples".into()));
            }
            vec![Place::Stdin]
        } else {
            find::all(named, recursive, without)
        };
        let settings = Arc::new(settings);
        let source = |place| Source { limit, ..Source::new(place, Arc::clone(&settings)) };
        Ok(places.into_iter().map(source).collect())
    }

    /// A file of records, or standard input if it is called `-`.
    pub(crate) fn records(path: &Path) -> Source {
        let place = if path == Path::new("-") { Place::Stdin } else { Place::File(path.to_owned()) };
        Source { holds_records: true, ..Source::new(place, Arc::default()) }
    }

    fn new(place: Place, settings: Arc<csv::Settings>) -> Source {
        let (seen, found) = (OnceLock::new(), AtomicBool::new(false));
        Source { place, seen, found, settings, limit: usize::MAX, holds_records: false }
    }

    /// The path of a file.
    pub(crate) fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            Place::Stdin | Place::Nothing { .. } => None,
        }
    }

    /// Its name in reports.
    pub(crate) fn name(&self) -> String {
        match &self.place {
            Place::Stdin => "-".to_owned(),
            Place::File(path) | Place::Nothing { name: path, .. } => path.to_string_lossy().into_owned(),
        }
    }

    /// Its name in messages about it.
    pub(crate) fn title(&self) -> String {
        if self.is_stdin() { "standard input".to_owned() } else { self.name() }
    }

    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self.place, Place::Stdin)
    }

    /// Its number of bytes, if that is known before they are read.
    pub(crate) fn size(&self) -> Option<u64> {
        fs::metadata(self.path()?).ok().filter(fs::Metadata::is_file).map(|file| file.len())
    }

    /// Whether it is a file that begins like gzip.
    fn is_gzip(&self) -> bool {
        let begins = |path: &Path| packed::is_gzip(File::open(path)?);
        self.path().filter(|_| self.size().is_some()).is_some_and(|path| begins(path).unwrap_or_default())
    }

    /// Reads a packed file to its end, so that its checksums are known to be right before anything is made of it. A pipe
    /// can be read only once: of that, nothing is said.
    #[cfg(feature = "submit")]
    pub(crate) fn verify(&self) -> io::Result<()> {
        match &self.place {
            Place::Nothing { why, .. } => Err(io::Error::other(why.clone())),
            Place::File(path) if fs::metadata(path)?.is_file() => verify(File::open(path)?),
            Place::File(_) => Ok(()),
            Place::Stdin => match stdin_file() {
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

    /// Begins to read it as JSON, for a command that does not read CSV. A thread of its own may decompress it.
    pub(crate) fn open(&self) -> io::Result<Stream> {
        self.open_json(true)
    }

    /// Like [`open`](Source::open), but no thread is added.
    pub(crate) fn open_alone(&self) -> io::Result<Stream> {
        self.open_json(false)
    }

    fn open_json(&self, is_ahead: bool) -> io::Result<Stream> {
        self.json_only(self.open_counted(&Arc::default(), is_ahead)?)
    }

    /// Begins to read it, and adds the bytes that are read to a count. `is_ahead` says that a thread of its own may decompress it.
    fn open_counted(&self, count: &Arc<AtomicU64>, is_ahead: bool) -> io::Result<Stream> {
        let count = Arc::clone(count);
        let (stream, packing) = match &self.place {
            Place::Stdin => packed::unpacked(Counted { stream: pipe::stdin()?, count })?,
            Place::File(path) => packed::unpacked(Counted { stream: pipe::widened(File::open(path)?), count })?,
            Place::Nothing { why, .. } => return Err(io::Error::other(why.clone())),
        };
        self.look(if packing.is_some() && is_ahead { ahead::read(stream) } else { stream })
    }

    /// Begins to read it as a file that can be written back.
    pub(crate) fn open_in_place(&self, file: File) -> io::Result<Stream> {
        let (stream, packing) = packed::unpacked(file)?;
        if let Some(packing) = packing {
            let why = format!("expected a file that is not packed to write back to, found {}", packing.name());
            return Err(io::Error::other(why));
        }
        self.json_only(self.look(stream)?)
    }

    /// Refuses CSV.
    fn json_only(&self, stream: Stream) -> io::Result<Stream> {
        match self.seen.get() {
            Some(Seen::Csv(_)) => Err(io::Error::other(
                "this is CSV, which only `check` reads: `ordercharge check --write-valid V.ndjson --write-invalid I.ndjson` \
                 writes its orders as JSON",
            )),
            _ => Ok(stream),
        }
    }

    /// Looks at the first bytes. What cannot hold an order is refused, and CSV becomes orders.
    fn look(&self, stream: Stream) -> io::Result<Stream> {
        let (stream, mut seen, head) = kind::look(stream)?;
        if let Seen::Binary(kind) = &seen
            && !(self.holds_records && kind.is_own())
        {
            return Err(io::Error::other(kind.in_words()));
        }
        let name = self.name().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or(name.strip_suffix(".zst")).unwrap_or(&name);
        let named = name.ends_with(".csv") || !self.settings.is_default();
        let delimiter = match seen {
            Seen::Other => csv::delimiter(&head, named, &self.settings),
            Seen::Text(_) if named => csv::delimiter(&head, named, &self.settings),
            _ => None,
        };
        if delimiter.is_some() {
            seen = Seen::Csv(csv::Csv::default());
        } else if matches!(seen, Seen::Other) && csv::seems_to_be(&head) {
            seen = kind::csv(&head);
        } else if matches!(seen, Seen::Other) && !head.is_empty() {
            seen = kind::unknown(&head);
        }
        // A source that is opened again has the same first bytes.
        let _ = self.seen.set(seen);
        match (delimiter, self.seen.get()) {
            (Some(delimiter), Some(Seen::Csv(csv))) => csv.orders(stream, delimiter, self.limit, &self.settings),
            _ => Ok(stream),
        }
    }

    /// A finding as it is reported: with the rows of a CSV text, and with what the source is if it is not JSON. `room` gets
    /// the text of an order that was made from rows.
    pub(crate) fn reported<'t>(
        &self,
        mut found: Finding<'t>,
        room: &'t mut Vec<u8>,
    ) -> (Finding<'t>, Option<csv::Placed>) {
        if let Some(Seen::Csv(csv)) = self.seen.get() {
            return csv.translated(found, room);
        }
        if let Inspected::Unreadable(error) = &mut found.outcome {
            *error = self.explained(error, found.position).into_owned();
        }
        (found, None)
    }

    /// What the summary says about columns of a CSV text that are not read.
    pub(crate) fn remark(&self) -> Option<String> {
        let Some(Seen::Csv(csv)) = self.seen.get() else { return None };
        let unknown = csv.unknown_columns();
        let named: Vec<String> = unknown.iter().take(MOST_NAMES).map(|name| column(name)).collect();
        let more = if unknown.len() > MOST_NAMES { ", ..." } else { "" };
        (!unknown.is_empty()).then(|| {
            format!(
                "  {}: columns without the name of a field are not read: {}{more} (`--csv FIELD=COLUMN` maps them)",
                output::visible(&self.name()),
                named.join(", ")
            )
        })
    }

    /// An error of a document of this source, which says what the source is if it is not JSON. `at` is where the document
    /// begins.
    pub(crate) fn explained<'e>(&self, error: &'e Error, at: Position) -> Cow<'e, Error> {
        match self.seen.get() {
            Some(Seen::Text(kind)) if kind.at == at.offset => {
                Cow::Owned(Error::unreadable(kind.in_words(), error.position()))
            }
            _ => Cow::Borrowed(error),
        }
    }

    /// Notes that a record was found in it, or why it cannot be read.
    pub(crate) fn found(&self) {
        self.found.store(true, Ordering::Relaxed);
    }

    /// The message for a source that holds no order.
    pub(crate) fn no_order(&self) -> String {
        let why = match self.seen.get() {
            Some(Seen::Empty) if self.is_stdin() => return "no order found: standard input is empty".to_owned(),
            Some(Seen::Empty) => "it is empty",
            Some(Seen::Csv(_)) => "it has no row after the header",
            _ => "expected a JSON order, a list of orders, or lines of them",
        };
        format!("no order found in {}: {why}", self.title())
    }
}

/// Opens sources in their order, and adds the bytes that are read to a count. With several threads, each packed source is
/// decompressed in a thread of its own, and the next few files of gzip are opened before their turn, so that they are
/// decompressed at the same time. Those of zstd are not, because the window of each may take megabytes.
pub(crate) fn open_all(
    sources: &[Source],
    count: &Arc<AtomicU64>,
    threads: usize,
) -> impl Iterator<Item = io::Result<Stream>> + Send {
    let most = threads.saturating_sub(1).min(MOST_AHEAD);
    let mut rest = sources.iter().peekable();
    let mut opened = VecDeque::new();
    iter::from_fn(move || {
        let open = |source: &Source| source.open_counted(count, threads > 1);
        let next = opened.pop_front().or_else(|| rest.next().map(open));
        while opened.len() < most
            && let Some(source) = rest.next_if(|source| source.is_gzip())
        {
            opened.push_back(open(source));
        }
        next
    })
}

/// Reports the sources in which nothing was [`found`](Source::found), and returns their number.
pub(crate) fn report_empty(sources: &[Source], problems: &mut Problems) -> u64 {
    let empty = sources.iter().filter(|source| !source.found.load(Ordering::Relaxed));
    empty.map(|source| problems.complain(&source.no_order())).count() as u64
}

/// Notes what a delivery says of its source.
pub(crate) fn note<P>(sources: &[Source], delivery: &Delivery<'_, P>) {
    let of_records = (delivery.orders > 0).then_some(delivery.source);
    let of_failure = delivery.failure.as_ref().map(|(source, _)| *source);
    [of_records, of_failure].into_iter().flatten().filter_map(|at| sources.get(at)).for_each(Source::found);
}

/// Opens sources as JSON in their order. With several threads, each packed source is decompressed in a thread of its own.
pub(crate) fn open_json(sources: &[Source], threads: usize) -> impl Iterator<Item = io::Result<Stream>> + Send {
    sources.iter().map(move |source| source.open_json(threads > 1))
}

/// Reads a stream to its end, if it is packed.
#[cfg(feature = "submit")]
fn verify(stream: impl Read + Send + 'static) -> io::Result<()> {
    match packed::unpacked(stream)? {
        (mut stream, Some(_)) => io::copy(&mut stream, &mut io::sink()).map(drop),
        (_, None) => Ok(()),
    }
}

/// Standard input, if it is a file that can be read again. The place in it is shared with standard input.
#[cfg(all(feature = "submit", unix))]
fn stdin_file() -> Option<File> {
    let file = pipe::stdin().ok()?;
    file.metadata().ok()?.is_file().then_some(file)
}

#[cfg(all(feature = "submit", not(unix)))]
fn stdin_file() -> Option<File> {
    None
}
