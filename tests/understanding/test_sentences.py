"""The held-out half of the sentences is read no worse than docs/queries.md says."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "understanding.py"


@pytest.fixture(scope="module")
def held_out() -> dict[str, Counter[str]]:
    outcomes: dict[str, Counter[str]] = runpy.run_path(str(BENCHMARK))["outcomes"]("report")
    return outcomes


@pytest.mark.parametrize(
    ("group", "outcome", "least"),
    [
        ("in scope", "right", 0.90), ("outside", "refused", 0.95), ("nonsense", "refused", 1.0),
        ("typing error", "right", 0.85), ("other language", "right", 0.80),
    ],
)  # fmt: skip
def test_shares(held_out: dict[str, Counter[str]], group: str, outcome: str, least: float) -> None:
    assert held_out[group][outcome] / held_out[group].total() >= least


def test_few_negations_are_read_wrongly(held_out: dict[str, Counter[str]]) -> None:
    assert held_out["negation"]["wrong"] <= 2
