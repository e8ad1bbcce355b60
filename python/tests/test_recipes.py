"""The recipes of the README: each block is run as it is written, in a folder with `orders.ndjson` and `orders.parquet`."""

import re
from pathlib import Path

import pytest

import ordercharge

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
RECIPES = re.findall(r"### (\w+)\n.*?```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize(("engine", "code"), RECIPES)
def test_recipe(engine: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(engine.lower())
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet

    orders = ordercharge.generate(300, seed=3) + ordercharge.generate(200, seed=4, fault="OC105")
    (tmp_path / "orders.ndjson").write_text("\n".join(orders), encoding="utf-8")
    pyarrow.parquet.write_table(pa.table({"order": orders}), tmp_path / "orders.parquet", row_group_size=100)
    monkeypatch.chdir(tmp_path)
    assert len(code.splitlines()) <= 10
    names: dict[str, object] = {"__name__": "recipe"}
    exec(compile(code, f"README.md ({engine})", "exec"), names)
    assert names["broken"] == 200


def test_the_engines_of_the_readme() -> None:
    assert [engine for engine, _ in RECIPES] == ["DuckDB", "Polars", "Dask", "pandas"]
