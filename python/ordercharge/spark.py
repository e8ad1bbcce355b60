"""Spark: findings as a DataFrame, and what is wrong with the mapping over the whole data set. It needs pyspark.

`check_files` streams each file in one task, which costs little more than the command. `check_column` takes a table that
only Spark can open. Both are exact when tasks run again: a finding comes from the task that has finished.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from . import Policy, Run, _arrow, _core, stream
from ._findings import Summary

# The columns of `Findings.to_arrow` between the source and, in a row of its own, the summary.
_COLUMNS = pa.schema([("source", pa.string()), *_arrow.SCHEMA, ("summary", pa.string())])
SCHEMA = ", ".join(f"`{field.name}` {'bigint' if field.type == pa.int64() else 'string'}" for field in _COLUMNS)


def _out(run: Run, source: str) -> Iterator[pa.RecordBatch]:
    """The rows of a run, then one row with its summary."""
    for records in run.batches():
        table = _arrow.table(records)
        rows = table.num_rows
        table = table.add_column(0, "source", pa.array([source] * rows, pa.string()))
        table = table.append_column("summary", pa.nulls(rows, pa.string()))
        yield from table.to_batches()
    summary = {name: [None] for name in _COLUMNS.names} | {"source": [source], "summary": [run.summary.state]}
    yield from pa.table(summary, schema=_COLUMNS).to_batches()


class Checked:
    """The findings as a DataFrame, and the summary, which runs the job."""

    def __init__(self, rows: DataFrame) -> None:
        # Kept, so that asking for both runs the job once.
        self._rows = rows.persist()

    @property
    def findings(self) -> DataFrame:
        """One row a violation: the columns of `Findings.to_arrow`, and the source."""
        return self._rows.where(F.col("summary").isNull()).drop("summary")

    def summary(self) -> Summary:
        """What all orders add up to, with the mapping of each `order_source`."""
        parts = self._rows.where(F.col("summary").isNotNull()).select("source", "summary").collect()
        return Summary.of(Summary(part["summary"], "") for part in sorted(parts, key=lambda part: part["source"]))

    def unpersist(self) -> None:
        """Gives back what was kept."""
        self._rows.unpersist()


def check_files(spark: SparkSession, paths: Iterable[str | os.PathLike[str]], *, policy: Policy | None = None) -> Checked:
    """Checks files that every worker can open, one file a task. Large files are best: tens of megabytes or more."""
    names = [os.fspath(path) for path in paths]

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for number in batch.column("id").to_pylist():
                path = names[number]
                with open(path, "rb") as reader:
                    yield from _out(stream(reader, policy=policy, source=path, threads=1), path)

    count = len(names)
    return Checked(spark.range(0, count, 1, max(count, 1)).mapInArrow(work, SCHEMA))


def check_column(frame: DataFrame, column: str | Column, *, policy: Policy | None = None) -> Checked:
    """Checks a column of a table; `source` is the partition, and `index` the row of its batch."""
    json = "" if policy is None else policy.json

    def work(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = context.partitionId() if context else 0
        for number, batch in enumerate(batches):
            source = f"partition {partition:06}, batch {number:06}"
            offsets, data, valid, shape = _arrow.buffers(_arrow.single(batch.column(0)))
            run: Any = _core.run_arrow(offsets, data, valid, shape, (json, source, False, 1))
            yield from _out(Run(run), source)

    return Checked(frame.select(column).mapInArrow(work, SCHEMA))
