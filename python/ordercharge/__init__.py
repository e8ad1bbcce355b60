"""Calculates and validates the charges of CartRover orders: exact, explained.

>>> import ordercharge
>>> report = ordercharge.check('{"grand_total": 6, "items": [{"quantity": 2, "price": 2.5}]}')
>>> report.is_valid, report.violations[0].expected
(False, Decimal('5'))

Amounts are `decimal.Decimal`. Every check releases the interpreter's lock and uses all cores (`threads=None`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from . import _carts, _core
from ._carts import (
    Comparison,
    Comparisons,
    Difference,
    MappedAmount,
    MappedOrder,
    MappedOrders,
    Remark,
    Unmapped,
    WrongField,
)
from ._findings import Findings, Summary
from ._report import Culprit, Diagnosis, Edit, Identities, Mistake, Repair, Report, Unchecked, Violation, repair_of

__version__: str = json.loads(_core.call("version", b"", ""))["version"]

__all__ = [
    "Comparison",
    "Comparisons",
    "Culprit",
    "Diagnosis",
    "Difference",
    "Edit",
    "Explanation",
    "Findings",
    "Fixed",
    "Identities",
    "Label",
    "MappedAmount",
    "MappedOrder",
    "MappedOrders",
    "Mistake",
    "NotAnOrder",
    "OrderchargeError",
    "Policy",
    "Reader",
    "Remark",
    "Repair",
    "Report",
    "Run",
    "Summary",
    "Unchecked",
    "UnknownName",
    "Unmapped",
    "Violation",
    "WrongField",
    "check",
    "check_arrow",
    "check_file",
    "check_many",
    "check_stream",
    "compare",
    "compare_all",
    "explain",
    "fix",
    "generate",
    "labelled",
    "map_cart",
    "stream",
]


class OrderchargeError(Exception):
    """The base of the exceptions that this package defines."""


class NotAnOrder(OrderchargeError, ValueError):
    """The input is not an order: it is not JSON, or JSON of something else. `report` says where."""

    def __init__(self, report: Report) -> None:
        super().__init__(report.error)
        self.report = report


class UnknownName(OrderchargeError, ValueError):
    """No rule, mistake or option has the name."""


class Reader(Protocol):
    """A file in binary mode, a response, an unpacked stream: anything with `read`."""

    def read(self, size: int, /) -> Any: ...


class Policy:
    """How strictly a check works. Names are those of the command: `Policy(rounding="half-even", severities={"OC304":
    "error", "excess-precision": "off"}, tolerances={"sales-tax": Decimal("0.01")})`.
    """

    __slots__ = ("_json",)

    def __init__(
        self,
        *,
        rounding: str = "nearest",
        severities: Mapping[str, str] | None = None,
        tolerances: Mapping[str, Decimal | int | str] | None = None,
    ) -> None:
        for name, tolerance in (tolerances or {}).items():
            if isinstance(tolerance, float):
                raise TypeError(f"expected a Decimal as the tolerance of {name}, found a float")
        policy = {
            "rounding": rounding,
            "severities": dict(severities or {}),
            "tolerances": {name: str(tolerance) for name, tolerance in (tolerances or {}).items()},
        }
        self._json = json.dumps(policy)
        _call("check", b"", {"policy": policy})

    @property
    def json(self) -> str:
        """The policy as JSON."""
        return self._json

    def __repr__(self) -> str:
        return f"Policy({self._json})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and json.loads(self._json) == json.loads(other._json)

    def __hash__(self) -> int:
        return hash(self._json)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_policy, (self._json,))


def _policy(text: str) -> Policy:
    return Policy(**json.loads(text))


Order = str | bytes | bytearray | memoryview | Mapping[str, Any]


def _call(function: str, text: bytes, options: Mapping[str, Any]) -> bytes:
    try:
        return _core.call(function, text, json.dumps(options))
    except ValueError as failure:
        raise UnknownName(str(failure)) from None


def _number(value: Any, texts: dict[str, str]) -> Any:
    """A value for `json.dumps`: a decimal becomes a mark that is replaced by its digits."""
    if isinstance(value, float):
        raise TypeError(
            f"expected a Decimal, an int or a str, found the float {value!r}: "
            "read JSON with json.loads(text, parse_float=Decimal), or pass the text itself"
        )
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"expected an amount, found {value}")
        mark = f"\0{len(texts)}\0"
        texts[json.dumps(mark)] = str(value)
        return mark
    if isinstance(value, Mapping):
        return {str(key): _number(one, texts) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_number(one, texts) for one in value]
    return value


def _text(order: Order) -> bytes:
    if isinstance(order, str):
        return order.encode("utf-8", "surrogatepass")
    if isinstance(order, Mapping):
        texts: dict[str, str] = {}
        text = json.dumps(_number(order, texts))
        for mark, digits in texts.items():
            text = text.replace(mark, digits)
        return text.encode()
    if isinstance(order, (bytes, bytearray, memoryview)):
        return bytes(order)
    raise TypeError(f"expected an order as text, bytes or a mapping, found {type(order).__name__}")


def check(order: Order, *, policy: Policy | None = None) -> Report:
    """Checks one order: its JSON text, or a mapping with `Decimal` amounts. Floats are refused: they have lost digits.

    Raises `NotAnOrder` if the input is not an order.
    """
    options = {} if policy is None else {"policy": json.loads(policy.json)}
    report = Report(_call("check", _text(order), options))
    if report.verdict == "unreadable":
        raise NotAnOrder(report)
    return report


class Run:
    """A check that is running. Iterating gives reports while it reads on, in bounded memory; then there is a summary."""

    def __init__(self, run: _core.Run) -> None:
        self._run = run
        self._summary: Summary | None = None

    def batches(self) -> Iterator[bytes]:
        """The records, some hundred kilobytes of whole lines at a time."""
        yield from self._run
        self._summary = Summary(*self._run.summary())

    def __iter__(self) -> Iterator[Report]:
        for batch in self.batches():
            yield from map(Report, batch.splitlines())

    @property
    def summary(self) -> Summary:
        """What the run adds up to, once it has been iterated to its end."""
        if self._summary is None:
            raise OrderchargeError("expected the run to be iterated to its end before its summary is asked for")
        return self._summary

    def findings(self) -> Findings:
        """All findings at once."""
        records = b"".join(self.batches())
        return Findings(records, self.summary)


def _json(policy: Policy | None) -> str:
    return "" if policy is None else policy.json


def stream(
    reader: Reader, *, policy: Policy | None = None, source: str = "-", all: bool = False, threads: int | None = None
) -> Run:
    """Like `check_stream`, but gives reports as they are found: `for report in stream(reader): ...`."""
    return Run(_core.run_stream(reader, (_json(policy), source, all, threads)))


def check_stream(
    reader: Reader, *, policy: Policy | None = None, source: str = "-", all: bool = False, threads: int | None = None
) -> Findings:
    """Checks all orders of a binary reader: one order, an array, NDJSON, an API reply. What it raises is raised."""
    return stream(reader, policy=policy, source=source, all=all, threads=threads).findings()


def check_file(
    path: str | os.PathLike[str],
    *,
    policy: Policy | None = None,
    source: str | None = None,
    all: bool = False,
    threads: int | None = None,
) -> Findings:
    """Checks all orders of a file, in any container. For packed files use `check_stream(gzip.open(path))`."""
    name = os.fspath(path) if source is None else source
    return Run(_core.run_file(path, (_json(policy), name, all, threads))).findings()


def check_many(
    orders: Iterable[Order | None],
    *,
    policy: Policy | None = None,
    source: str = "-",
    all: bool = False,
    threads: int | None = None,
) -> Findings:
    """Checks orders one by one: `index` of a report is the place of its order, whatever is in it. None cannot be read."""
    rows = [row if isinstance(row, (bytes, str)) else b"" if row is None else _text(row) for row in orders]
    return Run(_core.run_rows(rows, (_json(policy), source, all, threads))).findings()


def check_arrow(
    column: Any,
    *,
    policy: Policy | None = None,
    source: str = "-",
    all: bool = False,
    threads: int | None = None,
) -> Findings:
    """Checks a column of texts: a pyarrow array, a Polars series, or anything else that speaks Arrow. It needs pyarrow.

    `index` of a report is its row. A null cannot be read.
    """
    from . import _arrow

    offsets, data, valid, shape = _arrow.buffers(_arrow.single(column))
    return Run(_core.run_arrow(offsets, data, valid, shape, (_json(policy), source, all, threads))).findings()


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text with its orders repaired; every byte but those of the repaired amounts is as it was."""

    text: str
    orders: int
    repaired: int
    invalid: int
    unreadable: int
    repairs: Mapping[int, Repair]


def fix(
    orders: Order,
    *,
    unsafe: bool = False,
    prefer: Sequence[str] = (),
    recalculate: bool = False,
    policy: Policy | None = None,
) -> Fixed:
    """Repairs one order or many, as `ordercharge fix` does: `unsafe` also writes the repair of a diagnosis, `prefer` names
    mistakes to choose between diagnoses, `recalculate` trusts the inputs and writes every derived amount.
    """
    options: dict[str, Any] = {"unsafe": unsafe, "prefer": list(prefer), "recalculate": recalculate}
    if policy is not None:
        options["policy"] = json.loads(policy.json)
    data = json.loads(_call("fix", _text(orders), options))
    repairs = {repair["index"]: repair_of(repair) for repair in data["repairs"]}
    return Fixed(data["text"], data["orders"], data["repaired"], data["invalid"], data["unreadable"], repairs)


def _cart_options(
    cart: str | None, cart_table: str | None, edited: str, money: str | None, source: str
) -> dict[str, Any]:
    options = {"cart": cart, "cart_table": cart_table, "edited": edited, "money": money, "source": source}
    return {name: value for name, value in options.items() if value is not None}


def compare(
    cart_order: Order,
    order: Order,
    *,
    cart: str | None = None,
    cart_table: str | None = None,
    edited: str = "original",
    money: str | None = None,
    source: str = "-",
    cart_source: str = "cart",
) -> Comparison:
    """Compares an order with the cart's order that it was made from: which charge is not what the cart says, and which
    place of the cart's order it was taken from.

    `cart` names the cart (by default it is recognised; `none` uses no table), `cart_table` is the text of a table of your
    own, `edited` is `original` or `current`, `money` is `shop` or `presentment`; `source` and `cart_source` name the two texts
    in messages. The orders need not have the same name, unless the cart's text has several. Raises `OrderchargeError` for an
    unknown name and for an order that cannot be read.
    """
    options = _cart_options(cart, cart_table, edited, money, source) | {"cart_source": cart_source}
    return Comparison(_compare("compare", _text(cart_order), _text(order), options))


def compare_all(
    cart_orders: Order,
    orders: Order,
    *,
    cart: str | None = None,
    cart_table: str | None = None,
    edited: str = "original",
    money: str | None = None,
    source: str = "-",
    cart_source: str = "cart",
    all: bool = False,
) -> Comparisons:
    """Compares orders with the cart's orders, joined by name, as `ordercharge compare` does. Both are texts in any container.

    The result has the comparisons that are not the same (`all=True`: each). It works on one core; for files of
    gigabytes use the command.
    """
    options = _cart_options(cart, cart_table, edited, money, source)
    options |= {"cart_source": cart_source, "all": all}
    return _carts.comparisons(_compare("compare_all", _text(cart_orders), _text(orders), options))


def map_cart(
    cart_orders: Order,
    *,
    cart: str | None = None,
    cart_table: str | None = None,
    edited: str = "original",
    money: str | None = None,
    source: str = "-",
) -> MappedOrders:
    """Makes right CartRover orders from a cart's orders, as `ordercharge map` does. Options are those of `compare`."""
    return _carts.mapped(_call_carts("map", _text(cart_orders), _cart_options(cart, cart_table, edited, money, source)))


def _compare(function: str, cart_orders: bytes, orders: bytes, options: Mapping[str, Any]) -> bytes:
    return _call_carts(function, cart_orders + orders, {**options, "cart_length": len(cart_orders)})


def _call_carts(function: str, text: bytes, options: Mapping[str, Any]) -> bytes:
    try:
        return _core.call(function, text, json.dumps(options))
    except ValueError as failure:
        raise OrderchargeError(str(failure)) from None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A rule, a mistake or a finding of `compare`: what it means, an order that shows it, and what to change."""

    kind: str
    name: str
    explanation: str
    remedy: str
    example: str | None = None
    code: str | None = None
    severity: str | None = None
    formula: str | None = None
    definition: str | None = None
    what: str | None = None
    free_amount: bool | None = None


def explain(name: str = "") -> list[Explanation]:
    """Explains a mistake by name, or rules and findings of `compare` by code, name or the beginning of a code; without a
    name, all.
    """
    return [Explanation(**row) for row in json.loads(_call("explain", name.encode(), {}))]


def generate(count: int = 10, *, seed: int = 0, fault: str = "none") -> list[str]:
    """Orders to test with: right ones, or each with one fault: a rule, a mistake, or `any` of them in turn. One seed
    gives the orders that `ordercharge generate` prints.
    """
    return _call("generate", b"", {"count": count, "seed": seed, "fault": fault}).decode().splitlines()


@dataclass(frozen=True, slots=True)
class Label:
    """What is known about a generated order."""

    cust_ref: str
    fault: str | None
    rule: str | None
    path: str | None
    difference: Decimal | None
    mistake: str | None


def labelled(count: int = 10, *, seed: int = 0, fault: str = "any") -> list[tuple[str, Label]]:
    """Like `generate`, each order with what is wrong with it."""
    options = {"count": count, "seed": seed, "fault": fault, "labels": True}
    lines = _call("generate", b"", options).decode().splitlines()
    labels = [json.loads(line, parse_float=Decimal) for line in lines[1::2]]
    for label in labels:
        if label["difference"] is not None:
            label["difference"] = Decimal(label["difference"])
    return [(text, Label(**label)) for text, label in zip(lines[::2], labels, strict=True)]
