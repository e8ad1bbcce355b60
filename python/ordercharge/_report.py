"""The objects of a report, made from its record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from ._record import Record, amount


@dataclass(frozen=True, slots=True)
class Violation:
    """One place where a rule does not hold.

    Of each rule, 1000 are listed. If there are more, one with `further` follows: it counts for that many.
    """

    rule: str
    name: str
    severity: str
    path: str
    line: int | None
    column: int | None
    byte_start: int | None
    byte_end: int | None
    stated: Decimal | None
    expected: Decimal | None
    difference: Decimal | None
    formula: str | None
    terms: Mapping[str, Decimal]
    message: str
    diagnosis: int | None
    further: int | None = None

    def __str__(self) -> str:
        return f"{self.severity}[{self.rule}] {self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake of a mapping, and the fields that it is in."""

    name: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Culprit:
    """A field that is wrong; `right` is None where that cannot be known."""

    path: str
    stated: Decimal | None
    right: Decimal | None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What may have happened. Those of rank 1 fit the figures of the order equally well; `witnesses` are pointers to the
    amounts that they leave as they are and that agree with each other.
    """

    rank: int
    certainty: str
    partial: bool
    mistakes: tuple[Mistake, ...]
    culprits: tuple[Culprit, ...]
    message: str
    remedy: str
    witnesses: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, slots=True)
class Edit:
    """An amount that a repair writes."""

    path: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Repair:
    """What `fix(..., unsafe=True)` writes, or why it writes nothing."""

    applicability: str
    edits: tuple[Edit, ...]
    withheld: str | None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A total that could not be checked, and why."""

    rule: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identities:
    """How many totals hold and are broken, and which could not be checked."""

    held: int
    broken: int
    unchecked: tuple[Unchecked, ...]


def _violation(data: Mapping[str, Any]) -> Violation:
    return Violation(
        rule=data["rule"],
        name=data["name"],
        severity=data["severity"],
        path=data["path"],
        line=data["line"],
        column=data["column"],
        byte_start=data["byte_start"],
        byte_end=data["byte_end"],
        stated=amount(data["stated"]),
        expected=amount(data["expected"]),
        difference=amount(data["difference"]),
        formula=data["formula"],
        terms={name: Decimal(value) for name, value in data["terms"].items()},
        message=data["message"],
        diagnosis=data["diagnosis"],
        further=data.get("further"),
    )


def _diagnosis(data: Mapping[str, Any]) -> Diagnosis:
    return Diagnosis(
        rank=data["rank"],
        certainty=data["certainty"],
        partial=data["partial"],
        mistakes=tuple(Mistake(made["name"], tuple(made["paths"])) for made in data["mistakes"]),
        culprits=tuple(
            Culprit(one["path"], amount(one["stated"]), amount(one["right"])) for one in data["culprits"]
        ),
        message=data["message"],
        remedy=data["remedy"],
        witnesses=tuple(data["witnesses"]),
    )


def repair_of(data: Mapping[str, Any]) -> Repair:
    edits = tuple(Edit(edit["path"], Decimal(edit["value"])) for edit in data["edits"])
    return Repair(data["applicability"], edits, data["withheld"])


@dataclass(frozen=True)
class Report(Record):
    """The report of one order. `record` is its JSON, byte for byte what the command prints.

    A report is true if the order is valid.
    """

    @property
    def currency(self) -> str | None:
        """The currency code of the order."""
        code: str | None = self._data["currency"]
        return code

    @property
    def verdict(self) -> str:
        """`valid`, `invalid` or `unreadable`."""
        return str(self._data["verdict"])

    @property
    def error(self) -> str | None:
        """Why it cannot be read."""
        error: str | None = self._data["error"]
        return error

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """What is wrong, in the order of the rules, then of the lines."""
        return tuple(_violation(data) for data in self._data["violations"])

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What may have happened, best first."""
        return tuple(_diagnosis(data) for data in self._data["diagnoses"])

    @cached_property
    def repair(self) -> Repair | None:
        """What can be written to make it right."""
        data = self._data["repair"]
        return None if data is None else repair_of(data)

    @cached_property
    def identities(self) -> Identities:
        """Which totals hold."""
        data = self._data["identities"]
        unchecked = tuple(Unchecked(one["rule"], one["path"], one["reason"]) for one in data["unchecked"])
        return Identities(data["held"], data["broken"], unchecked)

    @property
    def is_valid(self) -> bool:
        """Whether the order can be read and has no violation of severity error."""
        return self.verdict == "valid"

    def __bool__(self) -> bool:
        return self.is_valid

    def __str__(self) -> str:
        if self.error is not None:
            return f"unreadable: {self.error}"
        first = [f"diagnosis: {diagnosis}" for diagnosis in self.diagnoses if diagnosis.rank == 1]
        return "\n".join([*map(str, self.violations), *first, self.verdict])
