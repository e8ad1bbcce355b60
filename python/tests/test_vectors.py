"""The vectors: the same bytes in Python, in rows and from the command."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import ordercharge
from ordercharge import _core


def test_there_are_many(vectors: list[dict[str, str]]) -> None:
    assert len(vectors) > 300


def test_each_alone(vectors: list[dict[str, str]]) -> None:
    for vector in vectors:
        assert _core.call("check", vector["order"].encode(), "").decode() == vector["record"], vector["name"]
        assert ordercharge.fix(vector["order"], unsafe=True).text == vector["fixed"], vector["name"]


@pytest.mark.parametrize("threads", [1, 3])
def test_as_rows(vectors: list[dict[str, str]], threads: int) -> None:
    findings = ordercharge.check_many([vector["order"] for vector in vectors], all=True, threads=threads)
    assert len(findings) == len(vectors)
    for index, (vector, report) in enumerate(zip(vectors, findings, strict=True)):
        assert report.record.decode() == vector["record"].replace('"index":0', f'"index":{index}', 1), vector["name"]


def test_the_command_prints_the_same(vectors: list[dict[str, str]], tmp_path: Path) -> None:
    readable = [vector for vector in vectors if '"verdict":"unreadable"' not in vector["record"]]
    # The command reads wrappers of orders too, which a single order is not.
    orders = [vector for vector in readable if not set(json.loads(vector["order"].lstrip("\ufeff"))) & {"orders", "response"}]
    assert len(orders) > 300
    for number, vector in enumerate(orders):
        (tmp_path / f"{number:04}.json").write_text(vector["order"], encoding="utf-8")
    names = [f"{number:04}.json" for number in range(len(orders))]
    command = [sys.executable, "-m", "ordercharge", "check", "--all", "--format", "ndjson", *names]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout.splitlines()
    assert len(printed) == len(orders) + 1
    for index, (vector, line) in enumerate(zip(orders, printed, strict=False)):
        expected = vector["record"].replace('"source":"-","index":0', f'"source":"{index:04}.json","index":{index}', 1)
        assert line.decode() == expected, vector["name"]
    whole = b"\n".join(vector["order"].encode() for vector in orders)
    (tmp_path / "all.ndjson").write_bytes(whole)
    plain = subprocess.run(
        [sys.executable, "-m", "ordercharge", "check", "--format", "ndjson", "all.ndjson"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    ).stdout
    for threads in (1, 4):
        findings = ordercharge.check_file(tmp_path / "all.ndjson", source="all.ndjson", threads=threads)
        assert findings.records + findings.summary.record.encode() + b"\n" == plain


def test_explanations_and_generated_orders_are_those_of_the_command() -> None:
    def printed(*arguments: str) -> str:
        command = [sys.executable, "-m", "ordercharge", *arguments]
        return subprocess.run(command, capture_output=True, check=True, text=True, encoding="utf-8").stdout

    ours = json.loads(_core.call("explain", b"", ""))
    theirs = json.loads(printed("explain", "--all", "--format", "json"))
    assert ours == [row for row in theirs if row["kind"] in ("rule", "mistake", "comparison")]
    for fault in ("none", "any", "OC105", "price-is-line-total"):
        expected = printed("generate", "--count", "120", "--seed", "5", "--fault", fault).splitlines()
        assert ordercharge.generate(120, seed=5, fault=fault) == expected
