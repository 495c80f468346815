"""What ground is at a date, in words that are no nouns, and kinds of ground that are one class."""

from __future__ import annotations

import pytest
from readings import TINY, one

from mtrs_geo.query.direction import direction_of
from mtrs_geo.understanding import understand
from mtrs_geo.understanding.phrases.states import write_states


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("green now, paved before", "roads → vegetation"),
        ("green today, was paved", "roads → vegetation"),
        ("green today, paved in 2012", "roads → vegetation · in 2012"),
        ("paved before, green now", "roads → vegetation"),
        ("wooded now, ploughed before", "bare ground → vegetation"),
        ("areas now vegetated but formerly built up", "buildings → vegetation"),
        ("plots now green that were paved", "roads → vegetation"),
        ("areas now paved but previously vegetated", "vegetation → roads"),
        ("sites that are green now and were built up before", "buildings → vegetation"),
        ("currently bare, previously forested", "vegetation → bare ground"),
        ("houses now, ploughed before", "bare ground → buildings"),
        ("brown today, green earlier", "vegetation → bare ground"),
        ("show areas near the river that are paved now and were green before",
         "vegetation → roads · within 50 m of the river"),
        ("dry now, flooded before", "water · disappeared"),
        ("land dry now that was under water before", "water · disappeared"),
        ("flooded today but dry in 2012", "water · appeared · in 2012"),
        ("areas not paved before but paved now", "roads · appeared"),
        ("fields flooded today but dry before", "vegetation → water"),
        ("fields that were flooded before and are dry now", "water → vegetation"),
    ],
)  # fmt: skip
def test_what_is_there_now_may_stand_first(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("areas inundated in the second scene but dry in the first", "water · appeared"),
        ("built up in the second image but green in the first", "vegetation → buildings"),
        ("bare in the second image but wooded in the first", "vegetation → bare ground"),
        ("grassy in the first image but paved in the second", "vegetation → roads"),
        (
            "houses in 2020 but meadow in 2012",
            "vegetation → buildings · in 2020 but meadow in 2012",
        ),
        (
            "forest in 2020 and car park in 2012",
            "roads → vegetation · in 2020 and car park in 2012",
        ),
        ("in 2012 green, in 2020 paved", "vegetation → roads"),
        ("houses in the new photo and trees in the old one", "vegetation → buildings"),
    ],
)
def test_the_later_image_or_year_may_stand_first(text: str, meaning: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert found.meaning.startswith(meaning)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("paved roads before 2012", "roads · appeared · before 2012"),
        ("areas flooded in 2015", "water · appeared · in 2015"),
        ("land that was flooded", "water · appeared"),
        ("the lake is dry now", "water · disappeared"),
        ("roads that were paved in 2020", "roads · appeared · in 2020"),
        ("paved land in the north", "roads · appeared · in the north"),
        ("houses flooded before 2015", "buildings → water · before 2015"),
    ],
)
def test_one_date_is_no_contrast(text: str, meaning: str) -> None:
    assert one(text).meaning == meaning


def test_states_are_written_as_nouns_beside_dates() -> None:
    assert write_states("green now, paved before") == "vegetation now, paved ground before"
    assert write_states("the paved yard before 2012") == "the paved yard before 2012"
    assert write_states("new green roofs") == "new green roofs"


@pytest.mark.parametrize(
    ("state", "before"),
    [
        ("asphalted surfaces", "roads"), ("concreted plots", "roads"), ("sealed land", "roads"),
        ("developed sites", "buildings"), ("built-over parcels", "buildings"),
        ("urbanised land", "buildings"), ("flooded areas", "water"), ("mined land", "bare ground"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["turned into", "that became", "replaced with", "reverted to"])
def test_ground_is_named_by_what_was_done_to_it(state: str, before: str, verb: str) -> None:
    found = one(f"{state} {verb} meadow")
    assert (found.status, found.meaning) == ("understood", f"{before} → vegetation")


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("planted land turned into car park", "vegetation → roads"),
        ("planted areas in the north that were converted to houses",
         "vegetation → buildings · in the north"),
        ("meadow turned into developed land", "vegetation → buildings"),
        ("car park replacing planted areas", "vegetation → roads"),
        ("asphalted areas removed", "roads · disappeared"),
        ("surfaces asphalted since 2010", "roads · appeared · since 2010"),
    ],
)  # fmt: skip
def test_named_ground_may_be_either_class(text: str, meaning: str) -> None:
    assert one(text).meaning == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("any encroachment of buildings on the riverbank?",
         "buildings · appeared · within 20 m of the riverbank"),
        ("houses built on the shore", "buildings · appeared · within 20 m of the shore"),
        ("a road built on the coast", "roads · appeared · within 20 m of the coast"),
        ("trees planted on the riverbank",
         "vegetation · appeared · within 20 m of the riverbank"),
        ("houses were built on the shore of the lake",
         "buildings · appeared · within 20 m of the shore of the lake"),
        ("houses built on the lake", "water → buildings"),
        ("houses built on the beach", "bare ground → buildings"),
        ("the shoreline turned into a road", "water → roads"),
    ],
)  # fmt: skip
def test_a_shore_is_a_place_and_no_water_that_was_there(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    "text",
    ["houses absent from the northern half", "trees absent from the south",
     "roads absent in the second image"],
)  # fmt: skip
def test_what_is_absent_is_gone(text: str) -> None:
    assert (one(text).status, one(text).direction) == ("understood", "disappeared")
    assert one("houses absent from the first image").direction == "appeared"


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("new roads and houses that went", ["roads · appeared", "buildings · disappeared"]),
        ("new ponds as well as any trees that went", ["water · appeared",
         "vegetation · disappeared"]),
        ("buildings that came, roads that went", ["buildings · appeared", "roads · disappeared"]),
        ("new roads and the forest that went since 2015",
         ["roads · appeared", "vegetation · disappeared · since 2015"]),
    ],
)  # fmt: skip
def test_what_came_and_what_went_are_two_wishes(text: str, meanings: list[str]) -> None:
    assert [found.meaning for found in understand(text, TINY)] == meanings


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("houses that went", "disappeared"), ("houses that came", "appeared"),
        ("houses that went up", "appeared"), ("roads that went through the forest", "changed"),
        ("houses that came and went", "changed"),
    ],
)  # fmt: skip
def test_direction_of_came_and_went(text: str, direction: str) -> None:
    assert direction_of(text) == direction


@pytest.mark.parametrize(
    "text",
    ["spruce forest replaced by oak", "oak instead of spruce", "paths widened to roads",
     "paths turned into roads", "sheds converted to flats", "wheat replaced by maize",
     "oak plantation replaced by spruce plantation"],
)  # fmt: skip
def test_kinds_that_look_alike_are_refused_in_any_wording(text: str) -> None:
    found = one(text)
    assert (found.is_answered, found.code) == (False, "same_class")


@pytest.mark.parametrize(
    ("text", "class_"),
    [
        ("forest turned into pasture", "vegetation"), ("meadow became forest", "vegetation"),
        ("cropland converted to orchard", "vegetation"), ("sheds replaced by villas", "building"),
        ("where scrub has encroached on grassland", "vegetation"),
        ("pasture that used to be forest", "vegetation"), ("villas replacing sheds", "building"),
        ("orchards in place of pasture", "vegetation"),
        ("palm oil plantations have eaten into the forest", "vegetation"),
    ],
)  # fmt: skip
def test_kinds_that_do_not_look_alike_are_any_change_with_a_doubt(text: str, class_: str) -> None:
    found = one(text)
    assert (found.status, found.code, found.direction) == ("uncertain", "same_class", "any")
    assert (found.before, found.after) == ((class_,), (class_,))
    assert found.values["shown"] is True
    assert "every change of" in found.doubt


def test_a_thing_beside_states_is_not_lost() -> None:
    found = one("solar panels, green now, paved before")
    assert (found.is_answered, found.code) == (False, "unknown_thing")
