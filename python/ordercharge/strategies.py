"""Orders as Hypothesis strategies: `@given(strategies.valid_orders())`. It needs hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import Label, explain, generate, labelled

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy
else:
    try:
        from hypothesis.strategies import SearchStrategy
    except ImportError as missing:
        raise ImportError("expected hypothesis: pip install 'ordercharge[hypothesis]'") from missing

from hypothesis import strategies

_SEEDS = strategies.integers(min_value=0, max_value=2**64 - 1)


def valid_orders() -> SearchStrategy[str]:
    """Texts of orders in which everything holds."""
    return _SEEDS.map(lambda seed: generate(1, seed=seed)[0])


def faulty_orders(fault: str | None = None) -> SearchStrategy[tuple[str, Label]]:
    """Texts of orders with exactly one fault, each with its label: a rule or a mistake by name, or any."""
    names = [fault] if fault is not None else [row.code or row.name for row in explain() if row.kind != "comparison"]
    of = strategies.tuples(_SEEDS, strategies.sampled_from(names))
    return of.map(lambda drawn: labelled(1, seed=drawn[0], fault=drawn[1])[0])
