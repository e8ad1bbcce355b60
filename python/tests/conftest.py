"""What the tests share: the vectors that every binding is tested with."""

import json
import os
import subprocess
from pathlib import Path

import pytest

Vectors = list[dict[str, str]]


@pytest.fixture(scope="session")
def target() -> Path:
    """The folder with the vectors, which are made anew: the pages of cases may have changed."""
    root = Path(__file__).parents[2]
    subprocess.run([root / "records" / "vectors"], check=True)
    return root / os.environ.get("CARGO_TARGET_DIR", "target")


def _read(path: Path) -> Vectors:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


@pytest.fixture(scope="session")
def vectors(target: Path) -> Vectors:
    """Orders with their records and repairs."""
    return _read(target / "vectors.ndjson")


@pytest.fixture(scope="session")
def cart_vectors(target: Path) -> Vectors:
    """Orders with the cart's orders that they were made from."""
    return _read(target / "cart-vectors.ndjson")
