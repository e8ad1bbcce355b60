"""The objects of comparisons with a cart's orders, and of orders that were made from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from ._record import Record, amount

# Rules whose differences are of names and currencies, not of amounts.
_OF_TEXT = ("OC404", "OC406")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing of an order that is not what the cart's order says. `path` is a JSON Pointer into the CartRover order,
    `taken_from` one into the cart's order. `stated_text` and `right_text` are there where no amount is, too: a currency or a
    name. Of a value that is not an amount, `stated_text` says only that (`not an amount`).
    """

    rule: str
    path: str
    stated: Decimal | None
    right: Decimal | None
    stated_text: str | None
    right_text: str | None
    taken_from: str | None
    how: str | None
    message: str

    def __str__(self) -> str:
        return f"{self.rule} {self.path}: {self.message}"


def _difference(data: Mapping[str, Any]) -> Difference:
    of_text = data["rule"] in _OF_TEXT
    unusable = data["stated"] == "not an amount"
    return Difference(
        rule=data["rule"],
        path=data["path"],
        stated=None if of_text or unusable else amount(data["stated"]),
        right=None if of_text else amount(data["right"]),
        stated_text=data["stated"],
        right_text=data["right"],
        taken_from=data["taken_from"],
        how=data["how"],
        message=data["message"],
    )


@dataclass(frozen=True)
class Comparison(Record):
    """An order compared with the cart's order. `record` is its JSON, byte for byte what the command prints. `source` is the
    cart's, if there is no CartRover order.

    A comparison is true if every charge is that of the cart's order.
    """

    @property
    def cart(self) -> str | None:
        """The name of the cart's table; None without one."""
        cart: str | None = self._data["cart"]
        return cart

    @property
    def verdict(self) -> str:
        """`same`, `different`, `unmatched` or `unmappable`."""
        return str(self._data["verdict"])

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What differs, or why there is nothing to compare with."""
        return tuple(_difference(data) for data in self._data["differences"])

    def __bool__(self) -> bool:
        return self.verdict == "same"

    def __str__(self) -> str:
        return "\n".join([*map(str, self.differences), self.verdict])


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field that is not what the cart's orders say, over many orders, and what to change in the mapping."""

    field: str
    taken_from: str | None
    how: str | None
    orders: int
    sentence: str
    remedy: str


@dataclass(frozen=True)
class Comparisons:
    """Many comparisons: those that are not the same (`all=True`: each), and what they add up to.

    `records` and `summary` are JSON, byte for byte what the command prints; `errors` is what could not be read.
    """

    records: bytes
    summary: bytes
    errors: tuple[str, ...]

    def __len__(self) -> int:
        return self.records.count(b"\n")

    def __iter__(self) -> Iterator[Comparison]:
        return (Comparison(record) for record in self.records.splitlines())

    @cached_property
    def _totals(self) -> Mapping[str, Any]:
        data: Mapping[str, Any] = json.loads(self.summary)
        return data

    @property
    def pairs(self) -> int:
        """How many comparisons: `same`, `different`, `unmatched` and `unmappable` together."""
        return int(self._totals["pairs"])

    @property
    def same(self) -> int:
        """How many orders have the charges of the cart's order."""
        return int(self._totals["same"])

    @property
    def different(self) -> int:
        """How many orders have a charge that is not that of the cart's order."""
        return int(self._totals["different"])

    @property
    def unmatched(self) -> int:
        """How many orders of either side have no partner."""
        return int(self._totals["unmatched"])

    @property
    def unmappable(self) -> int:
        """How many orders cannot be compared."""
        return int(self._totals["unmappable"])

    @cached_property
    def fields(self) -> tuple[WrongField, ...]:
        """Which fields the mapping takes from the wrong place."""
        return tuple(WrongField(**field) for field in self._totals["fields"])


@dataclass(frozen=True, slots=True)
class MappedAmount:
    """An amount of a mapped order: its JSON Pointer, how it is calculated, and the places in the cart's order."""

    path: str
    amount: Decimal
    arithmetic: str
    taken_from: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something that the figures alone do not decide, and what was done about it."""

    name: str
    message: str


@dataclass(frozen=True, slots=True)
class MappedOrder:
    """A CartRover order that was made from a cart's order. `text` is its JSON, as the command prints it."""

    cust_ref: str | None
    cart: str
    text: str
    amounts: tuple[MappedAmount, ...]
    notes: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class Unmapped:
    """An order of the cart of which none can be made, and why. `error` has the figures."""

    cust_ref: str | None
    cart: str | None
    message: str
    error: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class MappedOrders:
    """What was made of a cart's orders: CartRover orders, orders that disagree with themselves, and what is unreadable."""

    orders: tuple[MappedOrder, ...]
    unmapped: tuple[Unmapped, ...]
    errors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.orders)

    def __iter__(self) -> Iterator[MappedOrder]:
        return iter(self.orders)


def _lines(records: bytes) -> Iterator[tuple[str, bytes, Mapping[str, Any]]]:
    for line in records.splitlines():
        data = json.loads(line)
        yield data["type"], line, data


def comparisons(records: bytes) -> Comparisons:
    """The objects of what `compare_all` gives."""
    kept: dict[str, list[bytes]] = {"comparison": [], "summary": []}
    errors = []
    for kind, line, data in _lines(records):
        if kind == "error":
            errors.append(data["message"])
        else:
            kept[kind].append(line)
    return Comparisons(b"".join(line + b"\n" for line in kept["comparison"]), kept["summary"][0], tuple(errors))


def mapped(records: bytes) -> MappedOrders:
    """The objects of what `map` gives."""
    orders, unmapped, errors = [], [], []
    for kind, _, data in _lines(records):
        if kind == "mapped":
            amounts = (
                MappedAmount(one["path"], Decimal(one["amount"]), one["arithmetic"], tuple(one["taken_from"]))
                for one in data["sources"]
            )
            notes = (Remark(note["name"], note["message"]) for note in data["notes"])
            orders.append(MappedOrder(data["cust_ref"], data["cart"], data["text"], tuple(amounts), tuple(notes)))
        elif kind == "unmapped":
            unmapped.append(Unmapped(data["cust_ref"], data["cart"], data["message"], data["error"]))
        else:
            errors.append(data["message"])
    return MappedOrders(tuple(orders), tuple(unmapped), tuple(errors))
