"""What ended a state, causes that are no ground, and joined things: read as they are meant."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("dried-up riverbeds", "water · disappeared"),
        ("riverbeds that dried out", "water · disappeared"),
        ("the river bed has dried up", "water · disappeared"),
        ("dried-up lake beds", "water · disappeared"),
        ("the lakebed dried", "water · disappeared"),
        ("seabed fell dry", "water · disappeared"),
        ("lake beds that have refilled", "water · appeared"),
        ("dried-up river bed now full", "water · appeared"),
        ("the lake bed is exposed", "bare ground · appeared"),
        ("river bed filled with water", "bare ground → water"),
        ("burnt land that recovered", "bare ground → vegetation"),
        ("bare ground that recovered", "bare ground → vegetation"),
        ("quarry that was recultivated", "bare ground → vegetation"),
        ("recultivated quarries", "bare ground → vegetation"),
        ("deforested land that recovered", "bare ground → vegetation"),
        ("burned forest that recovered", "vegetation · appeared"),
        ("flooded land that recovered", "water · disappeared"),
        ("flooded fields that dried out", "water → vegetation"),
        ("flooded fields that are dry again", "water → vegetation"),
        ("flooded streets drained", "water → roads"),
        ("flooded houses that dried out", "water · disappeared"),
        ("drained wetland that was flooded again", "water · appeared"),
        ("fields flooded by the river", "vegetation → water"),
        ("construction site finished", "bare ground → buildings"),
        ("building sites that were completed", "bare ground → buildings"),
        ("new quarries", "bare ground · appeared"),
        ("completed buildings", "buildings · appeared"),
    ],
)
def test_the_end_of_a_state_is_what_came(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("bridge that collapsed due to the flood", "roads · disappeared"),
        ("houses destroyed because of the flood", "buildings · disappeared"),
        ("houses lost due to flooding", "buildings · disappeared"),
        ("trees lost as a result of the flood", "vegetation · disappeared"),
        ("roads washed away due to heavy flooding", "roads · disappeared"),
        ("fields lost due to the 2021 floods", "vegetation · disappeared · in 2021"),
        ("forest cleared because of the new reservoir", "vegetation → water"),
        ("new ponds due to flooding", "water · appeared"),
    ],
)
def test_a_flood_as_a_cause_is_not_what_came(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("changes to buildings and to water", ("building", "water")),
        ("changes to roads and to houses", ("building", "road")),
        ("changes to the forest and to the lake", ("vegetation", "water")),
        ("changes in roads and in houses", ("building", "road")),
        ("any change to buildings or to roads", ("building", "road")),
    ],
)
def test_changes_to_two_things_are_any_change_of_both(text: str, classes: tuple[str, str]) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", "any")
    assert (found.before, found.after) == (classes, classes)


def test_a_change_from_one_to_another_stays_one() -> None:
    assert one("change from forest to buildings").meaning == "vegetation → buildings"
    assert one("changes in roads and in the north").query.rules


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("areas that are now houses but were woods before", "vegetation → buildings"),
        ("areas that are now car parks but were fields before", "vegetation → roads"),
        ("places that are now water but used to be meadow", "vegetation → water"),
        ("spots that are now bare soil but were forest earlier", "vegetation → bare ground"),
        ("areas that are houses now but were woods before", "vegetation → buildings"),
        ("areas that are now houses and were woods before", "vegetation → buildings"),
    ],
)
def test_what_is_now_but_was_something_else(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("parks that lost trees", "parks"),
        ("fields that lost their hedges", "fields"),
        ("streets that lost their trees", "streets"),
        ("which streets lost their trees?", "streets"),
        ("road extended north", "north"),
        ("new buildings, mostly W", "w"),
        ("new houses on Park Avenue North", "on Park Avenue North"),
        ("new houses 2018", "2018"),
        ("burned houses wildfire 2018", "2018"),
    ],
)
def test_lost_parts_are_named(text: str, lost: str) -> None:
    found = one(text)
    assert found.status == "uncertain"
    assert f"'{lost}'" in found.doubt


@pytest.mark.parametrize(
    "text",
    ["forests that lost trees", "areas that lost forest", "trees that were lost",
     "fields lost to housing", "houses that got demolished", "what has changed since 2012",
     "changes since 2012", "what's new", "what has changed in the north since 2012"],
)  # fmt: skip
def test_no_part_is_lost(text: str) -> None:
    assert one(text).status == "understood"


@pytest.mark.parametrize("text", ["streetside trees removed", "kerbside trees removed"])
def test_the_side_of_a_street_is_that_of_no_stream(text: str) -> None:
    found = one(text)
    assert not found.corrected
    assert {rule.explain() for rule in found.query.rules} <= {
        "within 20 m of the street", "within 20 m of the road",
    }  # fmt: skip
    assert found.query.rules


def test_what_flooded_and_dried_is_no_flooded_thing() -> None:
    found = one("fields that flooded and dried")
    assert (found.before, found.after) == (("vegetation",), ("water",))


@pytest.mark.parametrize("text", ["the city grew west", "the town grew south", "forest grew west"])
def test_a_direction_that_is_doubted_leaves_the_meaning(text: str) -> None:
    found = one(text)
    assert (found.status, found.direction, found.code) == (
        "uncertain",
        "appeared",
        "unused_condition",
    )
