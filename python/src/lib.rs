//! The Rust part of the Python module: records as bytes. `ordercharge/*.py` makes objects of them.

mod rows;
mod run;

use pyo3::prelude::*;

/// The module `ordercharge._core`.
#[pymodule(gil_used = false)]
mod _core {
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;

    #[pymodule_export]
    use crate::run::{Run, run_arrow, run_file, run_rows, run_stream};

    /// Calls a function of `ordercharge_records` by name.
    #[pyfunction]
    fn call<'py>(py: Python<'py>, function: &str, input: &[u8], options: &str) -> PyResult<Bound<'py, PyBytes>> {
        let called = py.detach(|| ordercharge_records::call(function, input, options));
        called.map(|result| PyBytes::new(py, &result)).map_err(|failure| PyValueError::new_err(failure.to_string()))
    }

    /// Merges summaries in the order of the input: the merged one, and its record.
    #[pyfunction]
    fn merge(summaries: Vec<String>) -> PyResult<(String, String)> {
        let mut merged = ordercharge_records::Summary::default();
        for summary in &summaries {
            merged.merge(serde_json::from_str(summary).map_err(crate::unreadable)?);
        }
        crate::run::written(&merged)
    }
}

/// The error for a summary that is not one.
fn unreadable(error: serde_json::Error) -> PyErr {
    pyo3::exceptions::PyValueError::new_err(format!("expected a summary of this version of ordercharge: {error}"))
}
