//! A check that runs on threads of its own, while Python takes its records a batch at a time.

use std::fs::File;
use std::io::{self, Read};
use std::num::NonZero;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use ordercharge::Policy;
use ordercharge::bulk::{Bulk, Delivery};
use ordercharge_records::{Check, Part, Summary};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::rows::{Column, texts};

/// Records are handed over once there are this many bytes of them, and at most this many batches wait.
const BATCH: usize = 256 * 1024;
const WAITING: usize = 2;
/// More threads are never of use.
const MOST_THREADS: usize = 256;

/// What a run hands over.
enum Message {
    Records(Vec<u8>),
    End(Box<Summary>, Option<io::Error>),
}

/// A running check. Iterating gives the records, in batches of whole lines; afterwards there is a summary.
#[pyclass(frozen, module = "ordercharge._core")]
pub(crate) struct Run {
    state: Mutex<State>,
}

struct State {
    messages: Option<Receiver<Message>>,
    summary: Option<Summary>,
}

#[pymethods]
impl Run {
    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    /// The next records; none at the end. A failure of the source comes after all records before it.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let message = py.detach(|| {
            let Ok(mut state) = self.state.lock() else { return Err("a thread of the check has failed") };
            let Some(messages) = &state.messages else { return Ok(None) };
            match messages.recv() {
                Ok(Message::Records(records)) => Ok(Some(Ok(records))),
                Ok(Message::End(summary, failure)) => {
                    state.messages = None;
                    state.summary = Some(*summary);
                    Ok(failure.map(Err))
                }
                Err(_) => {
                    state.messages = None;
                    Err("the check has ended early")
                }
            }
        });
        match message.map_err(PyRuntimeError::new_err)? {
            None => Ok(None),
            Some(Ok(records)) => Ok(Some(PyBytes::new(py, &records))),
            Some(Err(failure)) => Err(failure.into()),
        }
    }

    /// The summary to merge with others, and its record. It is there once all records have been taken.
    fn summary(&self) -> PyResult<(String, String)> {
        let state = self.state.lock().map_err(|_| PyRuntimeError::new_err("a thread of the check has failed"))?;
        let summary = state.summary.as_ref();
        written(summary.ok_or_else(|| PyRuntimeError::new_err("expected all records to be taken first"))?)
    }
}

/// A summary as data, and its record.
pub(crate) fn written(summary: &Summary) -> PyResult<(String, String)> {
    let wrong = |error: serde_json::Error| PyRuntimeError::new_err(error.to_string());
    Ok((serde_json::to_string(summary).map_err(wrong)?, summary.json().map_err(wrong)?))
}

/// What every run needs, read from Python: the policy as JSON, the name of the source, whether every order gets a record,
/// and the number of threads.
pub(crate) struct Settings {
    check: Check,
    bulk: Bulk,
}

impl<'a, 'py> FromPyObject<'a, 'py> for Settings {
    type Error = PyErr;

    fn extract(settings: Borrowed<'a, 'py, PyAny>) -> PyResult<Settings> {
        let (policy, source, all, threads): (String, String, bool, Option<usize>) = settings.extract()?;
        let policy: Policy = match policy.as_str() {
            "" => Policy::default(),
            json => serde_json::from_str(json).map_err(|error| PyValueError::new_err(error.to_string()))?,
        };
        let check = Check { sources: vec![source], policies: policy.into(), all };
        let mut bulk = check.bulk();
        if let Some(threads) = threads {
            bulk.threads = NonZero::new(threads.min(MOST_THREADS))
                .ok_or_else(|| PyValueError::new_err("expected at least one thread"))?;
        }
        Ok(Settings { check, bulk })
    }
}

/// Collects what is delivered and hands it over.
struct Sender {
    messages: SyncSender<Message>,
    records: Vec<u8>,
    summary: Summary,
    failure: Option<io::Error>,
}

impl Sender {
    fn take(&mut self, mut delivery: Delivery<'_, Part>, check: &Check) -> ControlFlow<()> {
        check.take(&mut delivery, &mut self.summary, &mut self.records);
        if let Some((_, failure)) = delivery.failure {
            self.failure = Some(failure);
        }
        if self.records.len() < BATCH {
            return ControlFlow::Continue(());
        }
        match self.messages.send(Message::Records(core::mem::take(&mut self.records))) {
            Ok(()) => ControlFlow::Continue(()),
            // Nobody takes the records any more.
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn end(self) {
        let Sender { messages, records, summary, failure } = self;
        if !records.is_empty() {
            let _ = messages.send(Message::Records(records));
        }
        let _ = messages.send(Message::End(Box::new(summary), failure));
    }
}

/// Starts a check on a thread of its own.
fn start(settings: Settings, run: impl FnOnce(&Settings, &mut Sender) + Send + 'static) -> PyResult<Run> {
    let (messages, receiver) = sync_channel(WAITING);
    let mut sender = Sender { messages, records: Vec::new(), summary: Summary::default(), failure: None };
    thread::Builder::new().name("ordercharge".to_owned()).spawn(move || {
        run(&settings, &mut sender);
        sender.end();
    })?;
    Ok(Run { state: Mutex::new(State { messages: Some(receiver), summary: None }) })
}

fn start_stream(settings: Settings, source: io::Result<Box<dyn Read + Send>>) -> PyResult<Run> {
    start(settings, move |settings, sender| {
        settings.bulk.run([source], &settings.check, |delivery| sender.take(delivery, &settings.check));
    })
}

/// Checks a file.
#[pyfunction]
pub(crate) fn run_file(path: PathBuf, settings: Settings) -> PyResult<Run> {
    let file = File::open(path)?;
    start_stream(settings, Ok(Box::new(file)))
}

/// Checks what an object with `read(size)` gives.
#[pyfunction]
pub(crate) fn run_stream(reader: Py<PyAny>, settings: Settings) -> PyResult<Run> {
    start_stream(settings, Ok(Box::new(Stream { reader, rest: Vec::new(), at: 0 })))
}

/// Checks strings and bytes, each of which is one record.
#[pyfunction]
pub(crate) fn run_rows(rows: &Bound<'_, PyAny>, settings: Settings) -> PyResult<Run> {
    let texts = texts(rows)?;
    // Copied once, so that no thread needs the interpreter to look at them.
    let py = rows.py();
    let (mut data, mut ends) = (Vec::new(), Vec::with_capacity(texts.len()));
    for text in &texts {
        data.extend_from_slice(text.bytes(py)?);
        ends.push(data.len());
    }
    drop(texts);
    start(settings, move |settings, sender| {
        let starts = core::iter::once(0).chain(ends.iter().copied());
        let rows: Vec<&[u8]> =
            starts.zip(&ends).map(|(start, end)| data.get(start..*end).unwrap_or_default()).collect();
        run_all(&rows, settings, sender);
    })
}

/// Checks the strings of an Arrow array, given by its buffers.
#[pyfunction]
pub(crate) fn run_arrow(
    py: Python<'_>,
    offsets: PyBuffer<u8>,
    data: PyBuffer<u8>,
    valid: Option<PyBuffer<u8>>,
    shape: (usize, usize, usize),
    settings: Settings,
) -> PyResult<Run> {
    let column = Column::new(py, &offsets, &data, valid.as_ref(), shape)?;
    if column.rows().is_none() {
        return Err(PyValueError::new_err("expected the buffers of a column of strings"));
    }
    start(settings, move |settings, sender| run_all(&column.rows().unwrap_or_default(), settings, sender))
}

fn run_all(rows: &[&[u8]], settings: &Settings, sender: &mut Sender) {
    settings.bulk.run_rows(rows, &settings.check, |delivery| sender.take(delivery, &settings.check));
}

/// A Python reader as a source.
struct Stream {
    reader: Py<PyAny>,
    /// Bytes that were read and not yet taken.
    rest: Vec<u8>,
    at: usize,
}

impl Read for Stream {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.at == self.rest.len() {
            let read = Python::try_attach(|py| -> PyResult<Vec<u8>> {
                let read = self.reader.call_method1(py, "read", (room.len(),))?;
                let bytes = read.bind(py);
                if let Ok(bytes) = bytes.cast::<PyBytes>() {
                    return Ok(bytes.as_bytes().to_vec());
                }
                let expected = || PyTypeError::new_err("expected read() to return bytes: open the file in binary mode");
                PyBuffer::<u8>::get(bytes).map_err(|_| expected())?.to_vec(py)
            });
            let Some(read) = read else {
                return Err(io::Error::other("the interpreter is shutting down"));
            };
            (self.rest, self.at) = (read.map_err(io::Error::from)?, 0);
        }
        let rest = self.rest.get(self.at..).unwrap_or_default();
        let count = rest.len().min(room.len());
        if let (Some(room), Some(rest)) = (room.get_mut(..count), rest.get(..count)) {
            room.copy_from_slice(rest);
        }
        self.at += count;
        Ok(count)
    }
}
