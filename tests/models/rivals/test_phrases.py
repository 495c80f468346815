"""What a rival model looks for at each date, from the words of a prompt."""

from __future__ import annotations

import pytest

from mtrs_geo.models import LandCoverQuery
from mtrs_geo.models.rivals.phrases import Comparison, comparison_of

KINDS_OF_GROUND = ("buildings", "roads", "vegetation", "water", "bare ground")


@pytest.mark.parametrize(
    ("prompt", "rule", "phrase"),
    [
        ("new buildings", "appeared", "buildings"),
        ("newly built residential buildings", "appeared", "residential buildings"),
        ("solar panels were installed on roofs", "appeared", "solar panels on roofs"),
        ("wind turbines which were not there before", "appeared", "wind turbines"),
        ("buildings that are in the second image but not in the first", "appeared", "buildings"),
        ("swimming pools that disappeared", "disappeared", "swimming pools"),
        ("the red car by the gate that was removed", "disappeared", "red car by the gate"),
        ("trees that have been cut down", "disappeared", "trees"),
        ("cars only visible in the first image", "disappeared", "cars"),
        ("boat is gone", "disappeared", "boat"),
        ("changed buildings", "changed", "buildings"),
        ("roads that were widened", "changed", "roads"),
        ("damaged roofs", "changed", "damaged roofs"),
        ("person in the blue shirt", "changed", "person in the blue shirt"),
        ("neue häuser", "appeared", "houses"),
        ("bâtiments disparus", "disappeared", "buildings"),
        ("unchanged tennis courts", "unchanged", "tennis courts"),
    ],
)
def test_one_thing(prompt: str, rule: str, phrase: str) -> None:
    assert comparison_of(prompt) == Comparison(rule, (phrase,), (phrase,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prompt", "before", "after"),
    [
        ("forest replaced by buildings", "forest", "buildings"),
        ("green roofs turned into swimming pools", "green roofs", "swimming pools"),
        ("buildings that replaced forest", "forest", "buildings"),
        ("what used to be a lake is now a car park", "lake", "car park"),
    ],
)
def test_one_thing_became_another(prompt: str, before: str, after: str) -> None:
    assert comparison_of(prompt) == Comparison("became", (before,), (after,))


@pytest.mark.parametrize(
    ("prompt", "rule"),
    [("", "changed"), ("what changed", "changed"), ("anything that appeared", "appeared")],
)
def test_nothing_named_looks_for_every_kind_of_ground(prompt: str, rule: str) -> None:
    found = comparison_of(prompt)
    assert found == Comparison(rule, KINDS_OF_GROUND, KINDS_OF_GROUND)  # type: ignore[arg-type]


def test_land_cover() -> None:
    assert comparison_of(LandCoverQuery("road")).rule == "present"
    assert comparison_of(LandCoverQuery("road", unchanged=True)).rule == "unchanged"
    assert comparison_of(LandCoverQuery("road")).after == ("road",)


@pytest.mark.parametrize("prompt", ["of the", "???", "neue häuser", "x" * 5000, "the \n and", "12"])
def test_any_text_gives_phrases(prompt: str) -> None:
    found = comparison_of(prompt)
    assert all(found.before)
    assert len(found.before) == len(found.after)
