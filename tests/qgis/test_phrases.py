"""The dock's words against the grammar that they complete; needs no QGIS."""

from __future__ import annotations

from typing import get_args

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.types import ChangeDirection
from qgis_plugin.dock.completion import EXAMPLES, RULES, SUBJECTS, suggestions
from qgis_plugin.results.change_kinds import KINDS, kind_named


@pytest.mark.parametrize("phrase", RULES)
def test_every_rule_offered_is_understood_as_one(phrase: str) -> None:
    query = ChangeQuery.parse(f"new buildings {phrase}")
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
    length, phrase = suggestions(typed)[0]
    assert phrase == first
    completed = typed[: len(typed) - length] + phrase
    assert completed.lower().startswith(typed.lower())


def test_nothing_is_offered_where_nothing_fits() -> None:
    assert suggestions("") == []
    assert suggestions("new buildings ") == []
    assert suggestions("zzz") == []
    assert suggestions("new buildings", asked=False) == []


def test_asked_for_subjects_first_then_rules() -> None:
    assert {p for _, p in suggestions("", asked=True)} <= set(SUBJECTS)
    assert {p for _, p in suggestions("new houses ", asked=True)} <= set(RULES)


def test_kinds_are_the_worker_s() -> None:
    assert set(KINDS) == set(get_args(ChangeDirection))
    assert kind_named("appeared").name == "appeared"
    assert kind_named(None) is kind_named("of another version") is KINDS["changed"]
