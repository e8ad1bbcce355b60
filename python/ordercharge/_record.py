"""What reports and comparisons share: the record of an order, of which nothing is read before it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any


def amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@dataclass(frozen=True)
class Record:
    """`record` is JSON, byte for byte what the command prints."""

    record: bytes

    @cached_property
    def _data(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = json.loads(self.record)
        return data

    @property
    def source(self) -> str:
        """The name of the input."""
        return str(self._data["source"])

    @property
    def index(self) -> int:
        """The number of the order, of the row or of the comparison, from 0."""
        return int(self._data["index"])

    @property
    def line(self) -> int:
        """The line of its source on which its document starts, from 1."""
        return int(self._data["line"])

    @property
    def cust_ref(self) -> str | None:
        """The reference of the order."""
        reference: str | None = self._data["cust_ref"]
        return reference
