"""Held-out sentences are read no worse than docs/queries.md says."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path

import pytest

from mtrs_geo.training.reader.sentences import read_written

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "understanding.py"
LEAST = {
    "report": {
        ("in scope", "right"): 0.96, ("outside", "refused"): 0.98, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.95, ("other language", "right"): 0.88,
    },
    "report 2": {
        ("in scope", "right"): 0.94, ("outside", "refused"): 0.94, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.95, ("other language", "right"): 0.93,
    },
    "report 3": {
        ("in scope", "right"): 0.98, ("outside", "refused"): 0.98, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.74, ("other language", "right"): 0.94,
    },
    "report 4": {
        ("in scope", "right"): 0.88, ("outside", "refused"): 1.0, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.96,
    },
    "report 5": {
        ("in scope", "right"): 0.85, ("outside", "refused"): 1.0, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.90,
    },
    "report 6": {
        ("in scope", "right"): 0.91, ("outside", "refused"): 1.0, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.90,
    },
    "report 7": {
        ("in scope", "right"): 0.92, ("outside", "refused"): 0.94, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 1.0, ("other language", "right"): 1.0,
    },
    "report 8": {
        ("in scope", "right"): 0.92, ("outside", "refused"): 1.0, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.90, ("other language", "right"): 0.95,
    },
    "report 9": {
        ("in scope", "right"): 0.92, ("outside", "refused"): 0.97, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.95, ("other language", "right"): 0.88,
    },
    "report 10": {
        ("in scope", "right"): 0.93, ("outside", "refused"): 0.96, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 1.0, ("other language", "right"): 1.0,
    },
    "report 11": {
        ("in scope", "right"): 0.93, ("outside", "refused"): 0.98, ("nonsense", "refused"): 1.0,
        ("typing error", "right"): 0.93, ("other language", "right"): 1.0,
    },
    "report 12": {
        ("in scope", "right"): 0.87, ("outside", "refused"): 0.96, ("nonsense", "refused"): 0.97,
        ("typing error", "right"): 0.86, ("other language", "right"): 0.78,
    },
}  # fmt: skip
"""Smallest shares by split, group and outcome; 0.93 in scope is wanted and not reached by all."""
MOST_NEGATIONS = {
    "report": 1, "report 2": 0, "report 3": 0, "report 4": 1, "report 5": 0, "report 6": 0,
    "report 7": 0, "report 8": 0, "report 9": 2, "report 10": 0, "report 11": 1,
    "report 12": 0,
}  # fmt: skip
"""Negations that are read wrongly; none is wanted."""


def test_sentences_of_writers_are_nowhere_else() -> None:
    sentences = runpy.run_path(str(BENCHMARK))["sentences"]
    writers = list(sentences("writers"))
    texts = {row["text"] for row in writers}
    assert len(texts) == len(writers) == 5_546
    assert Counter(row["group"] for row in writers)["in scope"] == 3_662
    weighing = {row["text"] for row in sentences("weighing")}
    assert len(weighing) > 1_500
    assert texts.isdisjoint(weighing)
    splits = ("tune", "development", *LEAST)
    others = {row["text"] for split in splits for row in sentences(split)}
    for new in (texts, weighing):
        assert new.isdisjoint(row.text for row in read_written())
        assert new.isdisjoint(others)


@pytest.fixture(scope="module", params=LEAST)
def split(request: pytest.FixtureRequest) -> tuple[str, dict[str, Counter[str]]]:
    outcomes: dict[str, Counter[str]] = runpy.run_path(str(BENCHMARK))["outcomes"](request.param)
    return request.param, outcomes


def test_shares(split: tuple[str, dict[str, Counter[str]]]) -> None:
    name, found = split
    for (group, outcome), least in LEAST[name].items():
        assert found[group][outcome] / found[group].total() >= least, (group, outcome)


def test_few_negations_are_read_wrongly(split: tuple[str, dict[str, Counter[str]]]) -> None:
    name, found = split
    assert found["negation"]["wrong"] <= MOST_NEGATIONS[name]
