//! Rows that Python holds: the entries of a list, or an Arrow column.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// A string or bytes of a list, kept alive without a copy.
pub(crate) enum Text {
    Bytes(Py<PyBytes>),
    String(Py<PyString>),
}

/// Takes the entries of a sequence, each `bytes` or `str`, without a copy.
pub(crate) fn texts(rows: &Bound<'_, PyAny>) -> PyResult<Vec<Text>> {
    let mut texts = Vec::with_capacity(rows.len().unwrap_or_default());
    for row in rows.try_iter()? {
        let row = row?;
        if let Ok(text) = row.cast::<PyBytes>() {
            texts.push(Text::Bytes(text.clone().unbind()));
        } else {
            texts.push(Text::String(row.cast_into::<PyString>().map_err(PyErr::from)?.unbind()));
        }
    }
    Ok(texts)
}

impl Text {
    /// Its bytes, which live as long as the object: both types are immutable.
    pub(crate) fn bytes<'a>(&'a self, py: Python<'a>) -> PyResult<&'a [u8]> {
        match self {
            Text::Bytes(bytes) => Ok(bytes.as_bytes(py)),
            Text::String(string) => string.to_str(py).map(str::as_bytes),
        }
    }
}

/// The buffers of an Arrow column of strings: where each begins, in 4 or 8 bytes, and their bytes.
pub(crate) struct Column {
    offsets: Vec<usize>,
    data: Vec<u8>,
    /// One bit for each value, set if it is not null. Empty if no value is null.
    valid: Vec<u8>,
    first: usize,
}

/// The bytes of a buffer. They are copied: only unsafe code could promise that nobody changes them meanwhile.
fn copied(py: Python<'_>, buffer: &PyBuffer<u8>) -> PyResult<Vec<u8>> {
    buffer.to_vec(py)
}

impl Column {
    pub(crate) fn new(
        py: Python<'_>,
        offsets: &PyBuffer<u8>,
        data: &PyBuffer<u8>,
        valid: Option<&PyBuffer<u8>>,
        (first, count, width): (usize, usize, usize),
    ) -> PyResult<Column> {
        let wrong = || PyValueError::new_err("expected the buffers of a column of strings");
        let bytes = copied(py, offsets)?;
        let begin = first.checked_mul(width).ok_or_else(wrong)?;
        let end = first.checked_add(count).and_then(|end| end.checked_add(1)?.checked_mul(width)).ok_or_else(wrong)?;
        let slice = if count == 0 { &[][..] } else { bytes.get(begin..end).ok_or_else(wrong)? };
        let number = |bytes: &[u8]| match width {
            4 => bytes.try_into().ok().and_then(|bytes| usize::try_from(i32::from_le_bytes(bytes)).ok()),
            8 => bytes.try_into().ok().and_then(|bytes| usize::try_from(i64::from_le_bytes(bytes)).ok()),
            _ => None,
        };
        let offsets: Option<Vec<usize>> = slice.chunks_exact(width.max(1)).map(number).collect();
        let valid = valid.map(|valid| copied(py, valid)).transpose()?.unwrap_or_default();
        Ok(Column { offsets: offsets.ok_or_else(wrong)?, data: copied(py, data)?, valid, first })
    }

    /// The rows. A null is an empty row, which cannot be read.
    pub(crate) fn rows(&self) -> Option<Vec<&[u8]>> {
        let rows = self.offsets.iter().zip(self.offsets.iter().skip(1)).enumerate().map(|(at, (start, end))| {
            let bit = self.first + at;
            let there = self.valid.is_empty() || self.valid.get(bit / 8)? >> (bit % 8) & 1 == 1;
            if there { self.data.get(*start..*end) } else { Some(&[][..]) }
        });
        rows.collect()
    }
}
