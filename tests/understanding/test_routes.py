"""Where a road leads, and what lies below something, are places and no change of one kind."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "direction", "kind", "place"),
    [
        ("new road to the village", "appeared", "road", "to the village"),
        ("new road to village", "appeared", "road", "to village"),
        ("path to the river that disappeared", "disappeared", "road", "to the river"),
        ("bridge to the houses destroyed", "disappeared", "road", "to the houses"),
        ("new path down to the beach", "appeared", "road", "down to the beach"),
        ("the stream to the lake dried up", "disappeared", "water", "to the lake"),
        ("the road to the village was paved", "appeared", "road", "to the village"),
        ("the road to the lake", "any", "road", "to the lake"),
        (
            "new road from the village to the lake",
            "appeared",
            "road",
            "from the village to the lake",
        ),
        (
            "trees felled from the road to the river",
            "disappeared",
            "vegetation",
            "from the road to the river",
        ),
        (
            "vegetation cleared all the way from the river to the road",
            "disappeared",
            "vegetation",
            "from the river to the road",
        ),
        (
            "from the lake to the river, houses were demolished",
            "disappeared",
            "building",
            "from the lake to the river",
        ),
        (
            "a path built from the lake up to the forest",
            "appeared",
            "road",
            "from the lake up to the forest",
        ),
        ("houses demolished all the way to the river", "disappeared", "building", "to the river"),
        ("new houses below the road", "appeared", "building", "below the road"),
        ("new houses under the trees", "appeared", "building", "under the trees"),
        ("new road under the houses", "appeared", "road", "under the houses"),
        ("trees felled below the road", "disappeared", "vegetation", "below the road"),
        ("demolished houses below the road", "disappeared", "building", "below the road"),
        ("trees planted under the houses", "appeared", "vegetation", "under the houses"),
        ("new houses above the road", "appeared", "building", "above the road"),
        ("new houses past the lake", "appeared", "building", "past the lake"),
    ],
)
def test_places_without_a_rule_are_named(text: str, direction: str, kind: str, place: str) -> None:
    found = one(text)
    assert found.direction == direction
    assert {*found.before, *found.after} == {kind}
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values["condition"] == place


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("road to forest", "road", "vegetation"),
        ("the field to the road", "vegetation", "road"),
        ("from the forest to the houses", "vegetation", "building"),
        ("from grass to roads, larger than 500 m²", "vegetation", "road"),
        ("land that went from forest to houses", "vegetation", "building"),
        ("vegetation from trees to houses", "vegetation", "building"),
        ("conversion of the road to the forest", "road", "vegetation"),
        ("we lost roads to gardens", "road", "vegetation"),
        ("former road to garden", "road", "vegetation"),
        ("street to garden conversion", "road", "vegetation"),
        ("roads changed from gravel to grass", "bare", "vegetation"),
        ("fields below water", "vegetation", "water"),
        ("fields under the lake", "vegetation", "water"),
        ("village under the lake that appeared", "building", "water"),
        ("farmland that vanished beneath a lake", "vegetation", "water"),
        ("the old houses, now under the road", "building", "road"),
        ("new fields that are now under houses", "vegetation", "building"),
        ("meadow lost beneath a road", "vegetation", "road"),
        ("houses crushed under trees", "building", "vegetation"),
    ],
)
def test_changes_of_one_kind_stay(text: str, before: str, after: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))
    assert found.code != "unused_condition"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("the road to the village became a meadow", "road", "vegetation"),
        ("the road from the village to the lake became a canal", "road", "water"),
        ("fields flooded from the river to the road", "vegetation", "water"),
        ("turn the road to the village into a park", "road", "vegetation"),
        ("canal to the lake made into a road", "water", "road"),
    ],
)
def test_changes_beside_such_a_place(text: str, before: str, after: str) -> None:
    found = one(text)
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))
    assert found.code == "unused_condition"


@pytest.mark.parametrize(
    "text",
    [
        "new houses near the road to the village",
        "trees felled beside the road from the village to the river",
    ],
)
def test_places_of_a_reference_are_part_of_its_name(text: str) -> None:
    found = one(text)
    assert found.direction in ("appeared", "disappeared")
    assert found.code != "unused_condition"
