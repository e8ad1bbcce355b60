"""The functions, and what they do with hostile input."""

import gzip
import io
import json
import pickle
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings

import ordercharge
from ordercharge import Policy, strategies

RIGHT = '{"cust_ref": "R", "sub_total": 5, "grand_total": "5.00", "items": [{"quantity": 2, "price": "2.50"}]}'
WRONG = '{"cust_ref": "W", "grand_total": 6, "items": [{"quantity": 2, "price": 2.5, "extended_amount": 5}]}'


def test_a_report() -> None:
    report = ordercharge.check(WRONG)
    assert not report
    assert (report.cust_ref, report.verdict, report.currency) == ("W", "invalid", None)
    violation = report.violations[0]
    assert (violation.rule, violation.stated, violation.expected) == ("OC105", Decimal(6), Decimal(5))
    assert violation.difference == Decimal(1) and isinstance(violation.difference, Decimal)
    assert str(violation) == "error[OC105] /grand_total: grand_total is 6.00, expected 5.00 (over by 1.00)"
    assert report.identities.broken == 1
    with pytest.raises(AttributeError):
        violation.rule = "OC1"  # type: ignore[misc]
    assert ordercharge.check(RIGHT) and ordercharge.check(RIGHT).violations == ()
    assert pickle.loads(pickle.dumps(report)) == report


def test_violations_that_are_not_listed_are_counted() -> None:
    lines = ",".join(['{"price": 1, "quantity": -1}'] * 1500)
    order = '{"items": [%s]}' % lines
    violations = [one for one in ordercharge.check(order).violations if one.rule == "OC203"]
    assert (len(violations), violations[0].further, violations[-1].further) == (1001, None, 500)
    findings = ordercharge.check_many([order])
    further = [row["further"] for row in findings.rows() if row["rule"] == "OC203"]
    assert further == [None] * 1000 + [500]
    pytest.importorskip("pyarrow")
    table = findings.to_arrow()
    rows = zip(table.column("rule").to_pylist(), table.column("further").to_pylist(), strict=True)
    assert [count for rule, count in rows if rule == "OC203"] == further
    assert list(next(findings.rows())) == table.column_names


def test_a_diagnosis_has_its_witnesses() -> None:
    [order] = ordercharge.generate(1, seed=1, fault="price-is-line-total")
    first = ordercharge.check(order).diagnoses[0]
    assert first.mistakes[0].name == "price-is-line-total"
    assert "/grand_total" in first.witnesses


def test_orders_in_every_form() -> None:
    order = json.loads(WRONG, parse_float=Decimal)
    forms = (WRONG, WRONG.encode(), bytearray(WRONG.encode()), memoryview(WRONG.encode()), order)
    for form in forms:
        assert ordercharge.check(form).violations[0].expected == Decimal(5)
    exact = {"sub_total": Decimal("0.10000000000000000000000001"), "items": [{"price": Decimal("1E+2"), "quantity": 1}]}
    assert ordercharge.check(exact).violations[0].stated == exact["sub_total"]
    with pytest.raises(TypeError, match="parse_float=Decimal"):
        ordercharge.check(json.loads(WRONG))
    with pytest.raises(ValueError, match="expected an amount, found NaN"):
        ordercharge.check({"sub_total": Decimal("NaN")})


def test_what_is_no_order() -> None:
    for text in ("", "null", "{", "[]", "{}{}", "\ud800", b"\xff\x00"):
        with pytest.raises(ordercharge.NotAnOrder) as raised:
            ordercharge.check(text)
        assert raised.value.report.verdict == "unreadable"
        assert isinstance(raised.value, ordercharge.OrderchargeError)


def test_a_policy() -> None:
    off = Policy(severities={"grand-total": "off"})
    assert ordercharge.check(WRONG, policy=off)
    assert ordercharge.check(WRONG, policy=Policy(tolerances={"OC105": Decimal(1)}))
    assert pickle.loads(pickle.dumps(off)) == off
    for wrong in ({"rounding": "up"}, {"severities": {"OC999": "off"}}, {"tolerances": {"OC105": "-1"}}):
        with pytest.raises(ordercharge.UnknownName):
            Policy(**wrong)
    with pytest.raises(TypeError, match="Decimal"):
        Policy(tolerances={"OC105": 0.01})  # type: ignore[dict-item]


def test_a_row_is_one_record() -> None:
    rows = [RIGHT, "", WRONG, WRONG + WRONG, '{"items": [', None, RIGHT.encode(), f"[{WRONG}]", WRONG]
    findings = ordercharge.check_many(rows)
    assert [report.index for report in findings] == [1, 2, 3, 4, 5, 7, 8]
    assert [report.verdict for report in findings].count("unreadable") == 5
    assert (findings.summary.orders, findings.summary.valid, findings.summary.invalid) == (9, 2, 2)
    assert [report.index for report in ordercharge.check_many(rows, all=True)] == list(range(9))
    assert not ordercharge.check_many([]) and ordercharge.check_many([]).summary.orders == 0
    with pytest.raises(TypeError):
        ordercharge.check_many([7])  # type: ignore[list-item]


def test_streams_and_files(tmp_path: Path) -> None:
    text = (f"{RIGHT}\n{WRONG}\n" * 5000).encode()
    path = tmp_path / "orders.ndjson"
    path.write_bytes(text)
    with gzip.open(tmp_path / "orders.gz", "wb") as packed:
        packed.write(text)
    findings = ordercharge.check_file(path, source="-")
    assert (len(findings), findings.summary.orders, findings[1].index) == (5000, 10_000, 3)
    assert findings.summary.violations == {"OC105": 5000}
    assert findings.summary.at_risk == {}  # Its grand_total may well be right.
    with gzip.open(tmp_path / "orders.gz") as reader:
        assert ordercharge.check_stream(reader, threads=3).records == findings.records
    run = ordercharge.stream(io.BytesIO(text))
    with pytest.raises(ordercharge.OrderchargeError):
        _ = run.summary
    assert sum(report.index for report in run) == sum(range(1, 10_000, 2))
    assert run.summary == findings.summary
    with pytest.raises(FileNotFoundError):
        ordercharge.check_file(tmp_path / "missing")
    with pytest.raises(OSError):
        ordercharge.check_file(tmp_path)


class Torn(io.RawIOBase):
    def __init__(self, error: Exception) -> None:
        self.given, self.error = 0, error

    def read(self, size: int = -1, /) -> bytes:
        self.given += 1
        if self.given < 3:
            return f"{WRONG}\n".encode()
        raise self.error


def test_what_a_reader_raises_is_raised() -> None:
    run = ordercharge.stream(Torn(ConnectionResetError("torn")))
    reports = []
    with pytest.raises(ConnectionResetError, match="torn"):
        for report in run:
            reports.append(report)
    assert len(reports) == 2
    with pytest.raises(TypeError, match="binary mode"):
        ordercharge.check_stream(io.StringIO(WRONG))


def test_a_run_that_nobody_finishes() -> None:
    class Endless:
        given = 0

        def read(self, size: int, /) -> bytes:
            Endless.given += 1
            return f"{WRONG}\n".encode() * 2000

    run = iter(ordercharge.stream(Endless()))
    for _ in range(10):
        next(run)
    del run
    before = -1
    while before != Endless.given:
        before = Endless.given
        threading.Event().wait(0.5)
    assert Endless.given < 1000
    code = "import ordercharge, io\nclass E:\n def read(s, n): return b'{}\\n' * 9999\nnext(iter(ordercharge.stream(E())))"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0


def test_other_threads_run_during_a_check() -> None:
    turns, done = 0, threading.Event()

    def turn() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1

    other = threading.Thread(target=turn)
    other.start()
    ordercharge.check_many([WRONG] * 100_000, threads=1)
    done.set()
    other.join()
    assert turns > 10_000


def test_summaries_merge() -> None:
    orders = ordercharge.generate(600, seed=2) + ordercharge.generate(600, seed=1, fault="price-is-line-total")
    orders = [order.replace("{", '{"order_source":"Shop",', 1) for order in orders if "order_source" not in order]
    whole = ordercharge.check_many(orders).summary
    parts = [ordercharge.check_many(orders[at : at + 100]).summary for at in range(0, len(orders), 100)]
    assert ordercharge.Summary.of(parts).record == whole.record
    assert whole.mappings[0]["mistakes"][0]["name"] == "price-is-line-total"
    assert (parts[0] + pickle.loads(pickle.dumps(parts[1]))).orders == 200
    with pytest.raises(ValueError, match="this version"):
        ordercharge.Summary.of([ordercharge.Summary("{", "")])


def test_repairs_and_explanations() -> None:
    order = '{"sub_total": "92.00", "grand_total": "92.00", "items": [{"price": 30.67, "quantity": 3, "extended_amount": 92}]}'
    assert ordercharge.fix(order).text == order
    fixed = ordercharge.fix(order, unsafe=True)
    assert (fixed.repaired, fixed.repairs[0].edits[0].value) == (1, Decimal("30.6667"))
    assert fixed.text == order.replace("30.67", "30.6667")
    with pytest.raises(ordercharge.UnknownName, match="unsafe"):
        ordercharge.fix(order, prefer=["price-wrong"])
    assert ordercharge.explain("OC105")[0].name == "grand-total"
    assert ordercharge.explain("price-is-line-total")[0].kind == "mistake"
    [finding] = ordercharge.explain("OC401")
    assert (finding.kind, finding.name, finding.example) == ("comparison", "charge-differs", None)
    assert {row.kind for row in ordercharge.explain()} == {"rule", "mistake", "comparison"}
    with pytest.raises(ordercharge.UnknownName):
        ordercharge.explain("no-such-name")


def test_arrow() -> None:
    pa = pytest.importorskip("pyarrow")
    rows = [RIGHT, None, WRONG, "", WRONG]
    expected = ordercharge.check_many(rows)
    for kind in (pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()):
        values = rows if "string" in str(kind) else [None if row is None else row.encode() for row in rows]
        column = pa.array(values, kind)
        assert ordercharge.check_arrow(column).records == expected.records, kind
        sliced = ordercharge.check_arrow(column.slice(1, 3))
        assert sliced.records == ordercharge.check_many(rows[1:4]).records
        assert ordercharge.check_arrow(pa.chunked_array([column.slice(0, 2), column.slice(2)])).records == expected.records
    assert ordercharge.check_arrow(pa.array([], pa.string())).summary.orders == 0
    assert ordercharge.check_arrow(pa.array(rows).dictionary_encode()).records == expected.records
    with pytest.raises(TypeError, match="column of texts"):
        ordercharge.check_arrow(pa.array([1]))
    table = expected.to_arrow()
    assert table.column("index").to_pylist() == [1, 2, 3, 4]
    assert table.column("expected").to_pylist() == [None, "5", None, "5"]
    assert list(expected.rows())[1]["expected"] == Decimal(5)
    pl = pytest.importorskip("polars")
    assert ordercharge.check_arrow(pl.Series(rows)).records == expected.records


@given(order=strategies.valid_orders())
@settings(max_examples=50, deadline=None)
def test_generated_orders_are_right(order: str) -> None:
    assert ordercharge.check(order).violations == ()


@given(drawn=strategies.faulty_orders())
@settings(max_examples=100, deadline=None)
def test_generated_faults_are_found(drawn: tuple[str, ordercharge.Label]) -> None:
    order, label = drawn
    report = ordercharge.check(order)
    assert label.rule in {violation.rule for violation in report.violations}


def test_the_command_is_in_the_wheel() -> None:
    run = subprocess.run([sys.executable, "-m", "ordercharge", "--version"], capture_output=True, text=True)
    assert (run.returncode, run.stdout.split()[-1]) == (0, ordercharge.__version__)
