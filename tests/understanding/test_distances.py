"""Sizes, distances and exceptions that must not change what a sentence asks for."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, TINY)
    return found


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("felled trees 1 ha or bigger", "disappeared"),
        ("lost forest patches 2 ha or larger", "disappeared"),
        ("demolished houses 200 m² or bigger", "disappeared"),
        ("new buildings 500 m² or larger", "appeared"),
        ("new buildings 500 m² and bigger", "appeared"),
        ("new roads 10 m or wider", "appeared"),
        ("new roads 10 m or narrower", "appeared"),
        ("new buildings larger than or equal to 500 m²", "appeared"),
    ],
)
def test_a_comparative_behind_a_size_is_no_change(text: str, direction: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", direction)
    assert len(found.query.rules) == 1


@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ("with a road within 30 m", "within 30 m of the road"),
        ("without a road within 30 m", "farther than 30 m from the road"),
        ("with at least one road within 30 m", "within 30 m of the road"),
        ("that have a river nearby", "within 50 m of the river"),
        ("that have no river nearby", "farther than 50 m from the river"),
        ("in a 200 m buffer around the river", "within 200 m of the river"),
        ("smaller than eighty square metres", "smaller than 80 m²"),
    ],
)
def test_a_thing_nearby_is_a_distance_and_no_second_thing(condition: str, rule: str) -> None:
    found = one(f"new buildings {condition}")
    assert (found.status, found.before, found.after) == ("understood", (), ("building",))
    assert [rule.explain() for rule in found.query.rules] == [rule]


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("across the field", "across the field"),
        ("in the lake", "in the lake"),
        ("on the left bank of the river", "left bank of the river"),
        ("within sight of the lake", "within sight of the lake"),
        ("off the road", "off the road"),
        ("near the house next to the river", "next to the river"),
    ],
)
def test_a_condition_that_no_rule_expresses_is_a_doubt(condition: str, named: str) -> None:
    found = one(f"new buildings {condition}")
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": named}


def test_less_before_things_may_leave_them_out_which_is_a_doubt() -> None:
    assert one("new houses less sheds").values == {"condition": "less sheds"}
    assert one("areas with less trees").direction == "disappeared"


def test_what_lies_across_the_scene_or_became_something_is_no_unused_condition() -> None:
    assert one("new roads across the whole area").status == "understood"
    assert one("tracks were bulldozed across the dunes").values == {}
