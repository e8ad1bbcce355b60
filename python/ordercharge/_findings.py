"""The findings of a run over many orders."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, overload

from . import _core
from ._report import Report

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Summary:
    """What a run adds up to. `record` is its JSON, byte for byte what the command prints.

    `+` adds the summary of what follows in the input, from another process too: a summary can be pickled.
    """

    state: str
    record: str

    @classmethod
    def of(cls, parts: Iterable[Summary]) -> Summary:
        """The summary of parts, in the order of the input."""
        return cls(*_core.merge([part.state for part in parts]))

    def __add__(self, later: Summary) -> Summary:
        return Summary.of([self, later])

    def _get(self, key: str) -> Any:
        return json.loads(self.record)[key]

    @property
    def orders(self) -> int:
        """How many documents: `valid`, `invalid` and `unreadable` together."""
        return int(self._get("orders"))

    @property
    def valid(self) -> int:
        """How many orders are valid."""
        return int(self._get("valid"))

    @property
    def invalid(self) -> int:
        """How many orders are invalid."""
        return int(self._get("invalid"))

    @property
    def unreadable(self) -> int:
        """How many documents cannot be read."""
        return int(self._get("unreadable"))

    @property
    def violations(self) -> dict[str, int]:
        """How many violations of each rule."""
        return dict(self._get("violations"))

    @property
    def at_risk(self) -> dict[str, Decimal | None]:
        """The money at risk, by currency code."""
        return {code: None if sum is None else Decimal(sum) for code, sum in self._get("at_risk").items()}

    @property
    def mappings(self) -> list[dict[str, Any]]:
        """What is wrong with the mapping of each source: the entries of `mappings` in docs/output.md."""
        return list(self._get("mappings"))


@dataclass(frozen=True)
class Findings:
    """The findings of a run: one report for each order with a finding (`all=True`: for each order), and the summary.

    It is a sequence of reports, and an Arrow stream of one row a violation: `polars.DataFrame(findings)`,
    `duckdb.sql("select * from findings")` and `pandas.DataFrame(findings.rows())` take it as it is. Amounts are texts in
    Arrow, so that no reader makes binary floats of them.
    """

    records: bytes
    summary: Summary

    def __len__(self) -> int:
        return self.records.count(b"\n")

    def __iter__(self) -> Iterator[Report]:
        return (Report(record) for record in self.records.splitlines())

    @overload
    def __getitem__(self, at: int) -> Report: ...
    @overload
    def __getitem__(self, at: slice) -> list[Report]: ...
    def __getitem__(self, at: int | slice) -> Report | list[Report]:
        records = self.records.splitlines()
        return [Report(record) for record in records[at]] if isinstance(at, slice) else Report(records[at])

    def __bool__(self) -> bool:
        return bool(self.records)

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row a violation, or a report without any, with amounts as `Decimal`."""
        for report in self:
            yield from rows_of(report)

    def to_arrow(self) -> pyarrow.Table:
        """The rows as a table of pyarrow, amounts as texts."""
        from ._arrow import table

        return table(self.records)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def rows_of(report: Report) -> Iterator[dict[str, Any]]:
    order: dict[str, Any] = {
        "index": report.index,
        "line": report.line,
        "cust_ref": report.cust_ref,
        "currency": report.currency,
        "verdict": report.verdict,
        "error": report.error,
    }
    for violation in report.violations or (None,):
        row = dict(order)
        for key in ("rule", "name", "severity", "path", "stated", "expected", "difference", "formula", "message"):
            row[key] = getattr(violation, key, None)
        row["further"] = getattr(violation, "further", None)
        found = None if violation is None or violation.diagnosis is None else report.diagnoses[violation.diagnosis]
        row["mistakes"] = None if found is None else " + ".join(made.name for made in found.mistakes)
        row["remedy"] = None if found is None else found.remedy
        yield row
