"""What whole sentences of new users mean, from their words to the rules of the scene."""

from __future__ import annotations

import pytest
from readings import TINY, one

from mtrs_geo.understanding import understand


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("new buildings in the north", "buildings · appeared · in the north"),
        ("everything except buildings", "any change · except buildings"),
        ("changes other than roads", "any change · except roads"),
        ("roads", "roads · any"),
        ("pond", "water · any"),
        ("new buildings since 2016", "buildings · appeared · since 2016"),
        ("built between 2016 and 2018", "buildings · appeared · between 2016 and 2018"),
        ("roads built in the last three years", "roads · appeared · in the last three years"),
        ("houses demolished before the storm", "buildings · disappeared · before the storm"),
        ("how many houses were built?", "buildings · appeared · how many"),
        ("is there a new school?", "buildings · appeared · yes or no"),
        ("the second largest new house", "buildings · appeared · the 2nd largest"),
        ("the northernmost new house", "buildings · appeared · the northernmost"),
        ("new houses close to but not on the road",
         "buildings · appeared · within 50 m of the road · except those situated on the road"),
        ("new houses near the road or the river",
         "buildings · appeared · within 50 m of the road or within 50 m of the river"),
        ("new houses in the north or the south",
         "buildings · appeared · in the north or in the south"),
        ("new roads at least 10 m wide", "roads · appeared · wider than 10 m"),
        ("new houses larger than 1 000 m²", "buildings · appeared · larger than 1000 m²"),
        ("new houses larger than 0,5 ha", "buildings · appeared · larger than 5000 m²"),
        ("new houses of roughly 500 m²", "buildings · appeared · between 400 and 600 m²"),
        ("new houses that are not in the north",
         "buildings · appeared · except those in the north"),
        ("unchanged buildings", "buildings · unchanged"),
        ("buildings that still stand", "buildings · unchanged"),
        ("neue Gebäude", "buildings · appeared"),
        ("nouveaux bâtiments", "buildings · appeared"),
        ("new buidlings", "buildings · appeared"),
        ("新建筑物", "buildings · appeared"),
    ],
)  # fmt: skip
def test_understood(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("new houses larger than 1.000 m²", "'1.000 m²'"),
        ("new houses larger than 5 %", "'larger than 5 %'"),
        ("new houses larger than 500", "'larger than 500'"),
        ("the largest 5 % of the new houses", "'5 %'"),
        ("the top 5 % of the new houses", "'5 %'"),
        ("the 5 percent largest new houses", "'5 percent'"),
    ],
)
def test_numbers_that_no_rule_uses_are_doubts(text: str, part: str) -> None:
    found = one(text)
    assert found.status == "uncertain"
    assert part in found.doubt
    assert not found.query.rules


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("anything but roads", "any change · except roads"),
        ("show everything but water changes", "any change · except water changes"),
        ("show me anything but new buildings", "any change · except new buildings"),
        ("new ponds not in the forest", "water · appeared · outside the forest"),
        ("new ponds that are not in the forest", "water · appeared · outside the forest"),
        ("houses not near water that were built",
         "buildings · appeared · except those within 50 m of the water"),
        ("near the river roads were built", "roads · appeared · within 50 m of the river"),
        ("new clear-cuts", "vegetation · disappeared"),
        ("newly demolished houses", "buildings · disappeared"),
        ("new demolitions", "buildings · disappeared"),
        ("new gaps in the forest", "vegetation · disappeared · inside the forest"),
        ("freshly cut trees", "vegetation · disappeared"),
        ("newly cut roads", "roads · appeared"),
        ("houses built no later than 2016", "buildings · appeared · until 2016"),
        ("new buildings that do not exceed 0.2 ha", "buildings · appeared · smaller than 2000 m²"),
        ("what has been built up north", "buildings · appeared · in the north"),
        ("there must be a new road somewhere in the west", "roads · appeared · in the west"),
        ("buildings left in the north", "buildings · unchanged · in the north"),
        ("houses that failed to survive", "buildings · disappeared"),
        ("new houses smaller than eighty square metres",
         "buildings · appeared · smaller than 80 m²"),
        ("new roads more than a kilometre long", "roads · appeared · longer than 1000 m"),
        ("new buildings that exceed 0.2 ha", "buildings · appeared · larger than 2000 m²"),
    ],
)  # fmt: skip
def test_understood_without_an_unused_word(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning, found.unused) == ("understood", meaning, ())


def test_a_word_is_named_as_unknown_where_no_rule_takes_it() -> None:
    found = one("new zyxy houses smaller than eighty square metres")
    assert (found.code, found.unused) == ("unknown_word", ("zyxy",))


def test_several_wishes_are_several_questions() -> None:
    for text in ("new roads and demolished houses", "new roads; demolished houses"):
        meanings = [question.meaning for question in understand(text, TINY)]
        assert meanings == ["roads · appeared", "buildings · disappeared"]


@pytest.mark.parametrize("text", ["buildings", "pond", "buildings that still stand"])
def test_another_wording_is_named(text: str) -> None:
    found = one(text)
    assert f"asked as: {found.query.prompt}." in found.messages()
    assert not any(message.startswith("asked as") for message in one("new houses").messages())


@pytest.mark.parametrize(
    ("text", "similar"),
    [
        ("new hoses", "houses"),
        ("new pounds", "ponds"),
        ("solar panels", ""),
        ("new water towers", ""),
        ("tram tracks", ""),
        ("football pitch built", ""),
        ("cars", ""),
        ("fire", ""),
    ],
)
def test_a_similar_noun_is_proposed(text: str, similar: str) -> None:
    found = one(text)
    assert found.status == "outside the vocabulary"
    assert ("Did you mean" in found.advice) == bool(similar)
    assert repr(similar) in found.advice or not similar
