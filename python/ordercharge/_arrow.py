"""Arrow: columns of orders in, tables of findings out. It needs pyarrow."""

from __future__ import annotations

import json
from typing import Any

try:
    import pyarrow as pa
except ImportError as missing:
    raise ImportError("expected pyarrow for Arrow columns and tables: pip install 'ordercharge[arrow]'") from missing

_TEXTS = ("rule", "name", "severity", "path", "stated", "expected", "difference", "formula", "message")
SCHEMA = pa.schema(
    [("index", pa.int64()), ("line", pa.int64())]
    + [(name, pa.string()) for name in ("cust_ref", "currency", "verdict", "error")]
    + [(name, pa.string()) for name in _TEXTS]
    + [("further", pa.int64()), ("mistakes", pa.string()), ("remedy", pa.string())]
)


def table(records: bytes) -> pa.Table:
    """The table of some records: one row a violation."""
    columns: dict[str, list[Any]] = {name: [] for name in SCHEMA.names}
    for line in records.splitlines():
        record = json.loads(line)
        for violation in record["violations"] or ({"diagnosis": None},):
            for name in ("index", "line", "cust_ref", "currency", "verdict", "error"):
                columns[name].append(record[name])
            for name in (*_TEXTS, "further"):
                columns[name].append(violation.get(name))
            at = violation["diagnosis"]
            found = None if at is None else record["diagnoses"][at]
            mistakes = None if found is None else " + ".join(made["name"] for made in found["mistakes"])
            columns["mistakes"].append(mistakes)
            columns["remedy"].append(None if found is None else found["remedy"])
    return pa.table(columns, schema=SCHEMA)


def single(column: Any) -> pa.Array:
    """A column of anything that speaks Arrow as one array of texts."""
    if not isinstance(column, (pa.Array, pa.ChunkedArray)):
        if hasattr(column, "__arrow_c_stream__"):
            column = pa.chunked_array(column)
        elif hasattr(column, "__arrow_c_array__"):
            column = pa.array(column)
        elif hasattr(column, "to_arrow"):
            column = column.to_arrow()
        else:
            raise TypeError(f"expected an Arrow column of texts, found {type(column).__name__}")
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    blobs = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    if not any(test(kind) for test in (*texts, *blobs)):
        raise TypeError(f"expected an Arrow column of texts, found one of {column.type}")
    if isinstance(column, pa.ChunkedArray) and column.num_chunks == 1:
        column = column.chunk(0)
    plain = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
    if isinstance(column, pa.ChunkedArray) or column.type not in plain:
        column = column.cast(pa.large_string() if any(test(kind) for test in texts) else pa.large_binary())
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def buffers(array: pa.Array) -> tuple[Any, Any, Any, tuple[int, int, int]]:
    """Where the texts of an array begin, their bytes, which are there, and its place in them."""
    large = pa.types.is_large_string(array.type) or pa.types.is_large_binary(array.type)
    valid, offsets, data = array.buffers()

    def view(buffer: pa.Buffer | None) -> memoryview:
        return memoryview(b"" if buffer is None else buffer).cast("B")

    shape = (array.offset, len(array) if offsets is not None else 0, 8 if large else 4)
    return view(offsets), view(data), None if valid is None else view(valid), shape
