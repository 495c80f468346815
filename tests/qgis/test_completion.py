"""Completions of the dock against the grammar of mtrs_geo; needs no QGIS."""

from __future__ import annotations

from typing import get_args

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import ChangeDirection
from qgis_plugin.dock.completion import EXAMPLES, RULES, SUBJECTS, suggestions
from qgis_plugin.results.change_direction import DIRECTIONS, change_direction


@pytest.mark.parametrize("completion", RULES)
def test_every_suggested_rule_parses_as_a_rule(completion: str) -> None:
    query = ChangeQuery.parse(f"new buildings {completion}")
    assert query.rules
    assert query.prompt == "new buildings"


@pytest.mark.parametrize("text", [*SUBJECTS, *EXAMPLES])
def test_subjects_and_examples_parse(text: str) -> None:
    assert ChangeQuery.parse(text).explain()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("new bui", "new buildings"),
        ("new buildings in the nor", "in the north"),
        ("new buildings larger than 500 h", "ha"),
        ("new buildings larger than 500 ", "m²"),
        ("new buildings wit", "within 50 m of the road"),
        ("  demo", "demolished buildings"),
    ],
)
def test_completion(typed: str, first: str) -> None:
    length, completion = suggestions(typed)[0]
    assert completion == first
    completed = typed[: len(typed) - length] + completion
    assert completed.lower().startswith(typed.lower())


def test_there_are_no_completions_for_other_words() -> None:
    assert suggestions("") == []
    assert suggestions("new buildings ") == []
    assert suggestions("zzz") == []
    assert suggestions("new buildings", is_requested=False) == []


def test_requested_completions_are_subjects_first_then_rules() -> None:
    assert {p for _, p in suggestions("", is_requested=True)} <= set(SUBJECTS)
    assert {p for _, p in suggestions("new houses ", is_requested=True)} <= set(RULES)


def test_directions_are_those_of_the_worker() -> None:
    assert set(DIRECTIONS) == set(get_args(ChangeDirection))
    assert change_direction("appeared").name == "appeared"
    assert change_direction(None) is change_direction("of another version") is DIRECTIONS["changed"]
