"""A place that no rule has is named, whatever stands there."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    ("text", "place"),
    [
        # The same kind of ground as what changed.
        ("demolished sheds at the treatment plant", "at the treatment plant"),
        (
            "demolished sheds at the treatment plant that were there in the older picture",
            "at the treatment plant",
        ),
        ("demolished huts by the barracks", "by the barracks"),
        ("new sheds among the greenhouses", "among the greenhouses"),
        ("houses demolished over by the mill", "over by the mill"),
        ("silos torn down at the far end of the farmyard", "at the far end of the farmyard"),
        ("new houses at the back of the church", "at the back of the church"),
        ("a garage that has been added to the side of a house", "to the side of a house"),
        # What is no kind of ground.
        ("new houses below the dam", "below the dam"),
        ("demolished sheds on top of the hill", "on top of the hill"),
        ("new houses downwind of the factory", "downwind of the factory"),
        ("new houses upwind of the quarry", "upwind of the quarry"),
        ("new sheds at the foot of the quarry", "at the foot of the quarry"),
        ("trees cut at the end of the road", "at the end of the road"),
        ("a new shed at the end of the garden", "at the end of the garden"),
        ("hedges grubbed out level with the farm", "level with the farm"),
        ("new sand washed up by the lakeside", "by the lakeside"),
        ("sheds removed from the barracks", "from the barracks"),
        ("sheds built on the water main", "on the water main"),
        # Of what stayed.
        ("houses that still stand at the end of the lane", "at the end of the lane"),
        ("woods untouched below the dam", "below the dam"),
    ],
)
def test_an_unread_place_is_named(text: str, place: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values["condition"] == place


@pytest.mark.parametrize(
    "text",
    [
        "roads washed out by the floodwater",
        "mud deposits left by the landslide",
        "cabins put up by the traders",
        "paths that no longer exist on the ground",
        "trees felled near the river",
        "meadows paved over with asphalt",
        "fields under water",
        "grass to asphalt",
        "windthrow in the spruce stands",
        "which allotments have the council let go under the bulldozer",
        "trees removed on pasture",
        "new road crossing the river",
        "trees that were lost to the new road",
    ],
)
def test_causes_and_ground_that_changed_are_no_place(text: str) -> None:
    assert one(text).code != "unused_condition"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("in the top half of the sheet, new houses", "in the north"),
        ("new roads on the left side of the page", "in the west"),
        ("new roads in the left half of the plan", "in the west"),
        ("new roads at the bottom of the print", "in the south"),
        ("new roads in the upper third of the screen", "in the north"),
        ("roads in the far north of this map that were built", "in the north"),
        ("new houses in the south-west corner of our sheet", "in the south-west"),
    ],
)
def test_a_part_of_the_sheet_is_a_position(text: str, rule: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert [r.explain() for r in found.query.rules] == [rule]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("another lane has been added to the motorway", "roads · appeared"),
        ("roads added to the subdivision", "roads · appeared"),
        ("a classroom added to the school", "buildings · appeared"),
        ("roof missing from the church", "buildings · disappeared"),
    ],
)
def test_the_whole_of_a_part_is_no_place(text: str, meaning: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert found.meaning.startswith(meaning)


@pytest.mark.parametrize(
    ("text", "reference"),
    [("cabins set up by the lakeside", "lake"), ("stalls set up by the roadside", "road")],
)
def test_what_people_set_up_by_the_water_is_near_it(text: str, reference: str) -> None:
    found = one(text)
    assert (found.status, found.query.references) == ("understood", (reference,))


def test_a_print_works_is_no_sheet() -> None:
    found = one("new houses in the north of the print works")
    assert (found.status, found.query.rules) == ("uncertain", ())


@pytest.mark.parametrize("place", ["within the study area", "inside the survey area"])
def test_the_study_area_is_the_scene(place: str) -> None:
    found = one(f"new houses {place}")
    assert (found.status, found.query.rules) == ("understood", ())
