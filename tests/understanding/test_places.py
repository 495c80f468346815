"""Places whose bounds no pixels show are refused without a layer, or are a doubt."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str, *layers: str) -> Understanding:
    (found,) = understand(text, TINY, layers=layers)
    return found


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("in the green belt", "green belt"),
        ("on the floodplain", "floodplain"),
        ("in the flood zone", "flood zone"),
        ("in the city centre", "city centre"),
        ("in the old town", "old town"),
        ("in the national park", "national park"),
        ("in the lake district", "lake district"),
        ("in the northern outskirts", "northern outskirts"),
        ("on the island", "island"),
        ("in the river basin", "river basin"),
    ],
)
def test_a_named_kind_of_place_needs_a_layer(place: str, name: str) -> None:
    found = one(f"new houses {place}")
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert (found.values, found.query.rules) == ({"condition": f"inside the {name}"}, ())
    assert f'--reference "{name}=' in found.advice
    with_layer = one(f"new houses {place}", name)
    assert (with_layer.status, with_layer.direction) == ("understood", "appeared")
    assert (with_layer.before, with_layer.after) == ((), ("building",))
    assert with_layer.query.references == (name,)


@pytest.mark.parametrize(
    "place", ["near the national park", "outside the green belt", "within 200 m of the city centre"]
)
def test_a_distance_to_such_a_place_is_refused_without_a_layer(place: str) -> None:
    found = one(f"new houses {place}")
    assert (found.is_answered, found.code) == (False, "unknown_reference")


@pytest.mark.parametrize("place", ["the estuary", "the western shore"])
def test_a_distance_to_ground_that_the_model_finds_is_answered(place: str) -> None:
    found = one(f"new houses near {place}")
    assert found.is_answered
    assert [rule.explain() for rule in found.query.rules] == [f"within 50 m of {place}"]


def test_a_place_without_a_layer_beside_another_thing_is_named() -> None:
    refused = one("new houses in the green belt, near the school")
    assert (refused.code, refused.values) == ("unknown_reference", {"thing": "school"})
    found = one("new houses in the green belt, within 50 m of the road")
    assert [rule.explain() for rule in found.query.rules] == ["within 50 m of the road"]
    assert found.values == {"condition": "inside the green belt"}


@pytest.mark.parametrize("place", ["in the park", "in the village", "in the north", "in the area"])
def test_ground_that_is_seen_and_the_scene_need_none(place: str) -> None:
    assert one(f"new houses {place}").status == "understood"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("new houses downtown", "downtown"),
        ("new coastal houses", "coastal"),
        ("new houses overlooking the lake", "overlooking the lake"),
        ("new houses with a view of the sea", "with a view of the sea"),
        ("new bridges over the river", "over the river"),
        ("new buildings at the lake's northern end", "at the lake's northern end"),
        ("new houses at the airport", "at the airport"),
        ("new houses on the plain", "on the plain"),
        ("houses built from the north", "from the north"),
        ("the road from the north was removed", "from the north"),
    ],
)
def test_a_place_that_no_rule_expresses_is_a_doubt(text: str, named: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": named}


@pytest.mark.parametrize(
    ("text", "direction", "classes"),
    [
        ("has the pond in the park dried out?", "disappeared", ("water",)),
        ("has the house near the river burned down?", "disappeared", ("building",)),
        ("roads near the lake washed away", "disappeared", ("road",)),
        ("new riverside houses", "appeared", ("building",)),
        ("roadside trees that were felled", "disappeared", ("vegetation",)),
        ("houses that vanished from the northern half", "disappeared", ("building",)),
        ("more forest in 2012 vs 2020", "disappeared", ("vegetation",)),
        ("more forest in 2020 compared to 2012", "appeared", ("vegetation",)),
    ],
)
def test_places_and_dates_leave_the_meaning(
    text: str, direction: str, classes: tuple[str, ...]
) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", direction)
    assert (found.before or found.after) == classes
