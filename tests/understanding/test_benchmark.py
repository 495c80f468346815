"""The benchmark gives layers only for things that are none of the five kinds of ground."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from mtrs_geo.understanding import Vocabulary

BENCHMARK = runpy.run_path(
    str(Path(__file__).parents[2] / "benchmarks" / "understanding.py"), run_name="benchmark"
)


def row(of_kind: str | None, group: str = "in scope") -> dict[str, Any]:
    return {
        "text": "new houses near the school", "group": group, "direction": "appeared",
        "before": [], "after": ["building"],
        "conditions": [{"kind": "near", "of": "the school", "of_kind": of_kind}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of_kind", "group", "outcome"),
    [
        (None, "in scope", "right"),
        ("building", "in scope", "refused"),
        (None, "outside", "refused"),
    ],
)
def test_layers(of_kind: str | None, group: str, outcome: str) -> None:
    reading = BENCHMARK["read"](row(of_kind, group), Vocabulary())
    assert reading.outcome == outcome
    assert reading.with_layers == (outcome == "right")
    assert reading.has_rules


def test_report_has_coverage_and_accuracy() -> None:
    lines = "\n".join(BENCHMARK["lines"]([BENCHMARK["read"](row(None), Vocabulary())]))
    assert "with layers 1" in lines
    assert "understood: 1 sentences (1.000), 1 right (1.000)" in lines


@pytest.mark.parametrize(
    ("label", "is_opposite"),
    [
        (("appeared", [], ["building"]), False),
        (("disappeared", ["building"], []), True),
        (("unchanged", ["building"], ["building"]), True),
        (("changed", ["bare"], ["building"]), False),
        (("changed", ["building"], []), True),
    ],
)
def test_an_answer_may_be_the_opposite(
    label: tuple[str, list[str], list[str]], is_opposite: bool
) -> None:
    direction, before, after = label
    asked = {**row(None), "direction": direction, "before": before, "after": after}
    assert BENCHMARK["read"](asked, Vocabulary()).is_opposite == is_opposite


def test_a_change_to_one_kind_is_its_appearance() -> None:
    asked = {**row(None), "direction": "changed"}
    assert BENCHMARK["read"](asked, Vocabulary()).outcome == "right"
