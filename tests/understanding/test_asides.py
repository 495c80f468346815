"""What a sentence tells beside its question has no effect and is named."""

from __future__ import annotations

import pytest
from readings import TINY, one

from mtrs_geo.understanding import understand


@pytest.mark.parametrize(
    ("text", "meaning", "told"),
    [
        # A purpose.
        (
            "hard standing poured so that trucks can turn round",
            "roads · appeared",
            "so that trucks can turn round",
        ),
        (
            "outline footprints of everything newly roofed within the survey area for updating the "
            "cadastre",
            "buildings · appeared",
            "for updating the cadastre",
        ),
        (
            "demolished sheds, to check our building register",
            "buildings · disappeared",
            "to check our building register",
        ),
        ("new roads for the valuation", "roads · appeared", "for the valuation"),
        (
            "lanes that look just as they did back then, for a spot-the-similarity exercise",
            "roads · unchanged",
            "for a spot-the-similarity exercise",
        ),
        # What depends on the answer, or who waits for it.
        (
            "by how many hectares did the sand quarry grow, the extraction charge is based on that",
            "bare ground · appeared · area in ha",
            "the extraction charge is based on that",
        ),
        (
            "has the creek moved out of its old bed at all, our crossing depends on it",
            "water · any · yes or no",
            "our crossing depends on it",
        ),
        ("new houses, we need them by friday", "buildings · appeared", "we need them by friday"),
        (
            "houses that were demolished, there must be a few",
            "buildings · disappeared",
            "there must be a few",
        ),
        # When: no date of an image.
        (
            "demolished sheds since I last looked at this picture",
            "buildings · disappeared",
            "since i last looked at this picture",
        ),
        (
            "open watercourses which were put into culverts or filled in as the town expanded",
            "water · disappeared",
            "as the town expanded",
        ),
        (
            "which meadows have remained beside the creek over all these years",
            "vegetation · unchanged · within 20 m of the creek",
            "over all these years",
        ),
    ],
)
def test_what_is_told_beside_a_question_is_named(text: str, meaning: str, told: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)
    assert told in found.unused


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("paved so that houses could be built", "buildings · appeared"),
        ("trees felled for building houses", "vegetation → buildings"),
        ("fields cleared for a car park", "vegetation → roads"),
        (
            "on the plot of the burnt-down inn, is there a lawn at present?",
            "buildings → vegetation",
        ),
        ("fields lost as the village expanded", "vegetation → buildings"),
        ("houses demolished since we last flew in 2016", "buildings · disappeared · since 2016"),
        (
            "trees felled over the years 2010 to 2015",
            "vegetation · disappeared · over the years 2010 to 2015",
        ),
    ],
)
def test_ground_and_dates_are_no_purpose(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "meaning", "size"),
    [
        ("new houses larger than a garage", "buildings · appeared", "larger than a garage"),
        ("new sheds smaller than a bus", "buildings · appeared", "smaller than a bus"),
        ("roads wider than a bus that were built", "roads · appeared", "wider than a bus"),
        (
            "heaps of rubble bigger than a garage left by the tornado",
            "bare ground · appeared",
            "bigger than a garage",
        ),
        (
            "debris and silt the flood left behind, anything larger than a tennis court",
            "bare ground · appeared",
            "larger than a tennis court",
        ),
        (
            "felled woods no bigger than a football field",
            "vegetation · disappeared",
            "no bigger than a football field",
        ),
        (
            "clearings bigger than two football pitches",
            "vegetation · disappeared",
            "bigger than two football pitches",
        ),
        (
            "new puddles the size of a tennis court",
            "water · appeared",
            "the size of a tennis court",
        ),
        (
            "ponds as big as a football field that appeared",
            "water · appeared",
            "as big as a football field",
        ),
        ("family-sized homes that were built", "buildings · appeared", "family-sized"),
        (
            "everything bigger than a car that was built",
            "buildings · appeared",
            "bigger than a car",
        ),
    ],
)
def test_a_thing_as_a_size_is_named_and_no_second_thing(text: str, meaning: str, size: str) -> None:
    found = one(text)
    assert (found.status, found.code, found.meaning) == ("uncertain", "unused_condition", meaning)
    assert found.values["condition"] == size


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("new ponds larger than a hectare", "water · appeared · larger than 10000 m²"),
        (
            "fields larger than two hectares that became houses",
            "vegetation → buildings · larger than 20000 m²",
        ),
        (
            "ponds bigger than an acre that dried out",
            "water · disappeared · larger than 4046.856 m²",
        ),
        ("what is the size of a new house", "buildings · appeared · area in m²"),
    ],
)
def test_sizes_with_a_unit_stay_rules(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


def test_who_got_more_sheds_is_named() -> None:
    found = one("has the neighbour's dairy farm got itself any more sheds")
    assert (found.status, found.meaning) == ("uncertain", "buildings · appeared · yes or no")
    assert found.values["condition"] == "the neighbour's dairy farm"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        (
            "new ponds, are there any over one hectare?",
            "water · appeared · larger than 10000 m² · yes or no",
        ),
        (
            "felled trees, is there any in the north?",
            "vegetation · disappeared · in the north · yes or no",
        ),
        (
            "new houses, are there any near the road?",
            "buildings · appeared · within 50 m of the road · yes or no",
        ),
    ],
)
def test_a_thing_and_a_question_about_it_are_one_question(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        (
            "which new buildings appeared, are there any over one hectare?",
            "are there any over one hectare",
        ),
        ("where were trees felled? is there any in the north?", "is there any in the north"),
        ("show the felled trees and how many hectares is that?", "and how many hectares is that"),
        (
            "which trees were felled? are any of them near the river?",
            "are any of them near the river",
        ),
        ("new houses, is there a road?", "is there a road"),
        ("new sheds, what is their acreage", "what is their acreage"),
        ("have greenhouses appeared and what acreage is that", "and what acreage is that"),
        ("new ponds and their total area", "and their total area"),
        ("new greenhouses, the total acreage please", "the total acreage"),
    ],
)
def test_a_second_question_is_named(text: str, lost: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values["condition"] == lost


@pytest.mark.parametrize("text", ["new houses, roads and areas of water", "felled trees and ponds"])
def test_an_area_of_ground_is_no_second_question(text: str) -> None:
    assert all("area" not in str(q.values.get("condition", "")) for q in understand(text, TINY))


def test_asides_are_separated_in_linear_time() -> None:
    from time import perf_counter

    text = "new houses larger than a " + "very " * 90 + "shed, our road depends on " + "it " * 10
    start = perf_counter()
    understand(text, TINY)
    assert perf_counter() - start < 3.0
