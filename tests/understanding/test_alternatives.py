"""Comparisons and choices that no rule weighs, clauses on what stayed, and modest negations."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def read(text: str) -> tuple[Understanding, ...]:
    return understand(text, TINY)


@pytest.mark.parametrize(
    ("text", "meanings", "lost"),
    [
        ("were more houses built than demolished?",
         ["buildings · appeared · yes or no"], "more … than demolished"),
        ("more trees planted than felled", ["vegetation · appeared"], "more … than felled"),
        ("are there more or fewer trees than before?",
         ["vegetation · any"], "more or fewer"),
        ("did the lake get smaller or bigger in the north?",
         ["water · any · in the north"],
         "smaller or bigger"),
        ("more trees felled in the west than in the east",
         ["vegetation · disappeared · in the west"], "more … than in the east"),
        ("new houses larger than the church", ["buildings · appeared"], "larger than the church"),
        ("new houses closer to the river than to the road",
         ["buildings · appeared"], "closer to the river than to the road"),
        ("If any houses were demolished, show them; otherwise new roads",
         ["buildings · disappeared", "roads · appeared"], "otherwise"),
        ("buildings destroyed next to buildings that survived",
         ["buildings · disappeared · within 20 m of the buildings"], "that survived"),
    ],
)  # fmt: skip
def test_what_is_not_weighed_is_a_doubt(text: str, meanings: list[str], lost: str) -> None:
    found = read(text)
    assert [part.meaning for part in found] == meanings
    assert all(part.status == "uncertain" and repr(lost) in part.doubt for part in found)


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("houses demolished, the church still stands", ["buildings · disappeared"]),
        ("only the church remained, all houses were demolished", ["buildings · disappeared"]),
        ("trees removed but grass remained", ["vegetation · disappeared"]),
        ("destroyed and undamaged buildings",
         ["buildings · disappeared", "buildings · unchanged"]),
        ("demolished houses and houses that still stand",
         ["buildings · disappeared", "buildings · unchanged"]),
        ("Could you please, if it is not too much trouble, outline new houses",
         ["buildings · appeared"]),
        ("No rush, but which houses were demolished?", ["buildings · disappeared"]),
        ("Sorry, I have no GIS experience. Where was forest cleared?",
         ["vegetation · disappeared"]),
        ("I can't find the new houses, please show them", ["buildings · appeared"]),
        ("only new buildings, no roads, no trees", ["buildings · appeared"]),
        ("new houses (not roads) in the north", ["buildings · appeared · in the north"]),
        ("new houses but no sheds", ["buildings · appeared · except sheds"]),
        ("new houses around here", ["buildings · appeared"]),
        ("buildings that were not in the old photo", ["buildings · appeared"]),
        ("canopy loss below 500 m2 is noise, only show me what is above that",
         ["vegetation · disappeared · larger than 500 m²"]),
        ("anything under 100 m2 is noise; new houses",
         ["buildings · appeared · larger than 100 m²"]),
    ],
)  # fmt: skip
def test_what_is_told_or_denied_is_not_asked(text: str, meanings: list[str]) -> None:
    found = read(text)
    assert [part.meaning for part in found] == meanings
    assert {part.status for part in found} == {"understood"}


@pytest.mark.parametrize(
    "text",
    ["not buildings", "no new houses, no roads", "I do not want new houses",
     "never show new houses", "forest cleared, no trees"],
)  # fmt: skip
def test_other_negations_stay_refused(text: str) -> None:
    assert all(part.code == "negation" for part in read(text))


@pytest.mark.parametrize(
    ("text", "status"),
    [("new houses larger than 500 m2", "understood"), ("lake smaller than before", "understood"),
     ("were there more trees than in the first image?", "understood"),
     ("new ponds that are not in the forest", "understood")],
)  # fmt: skip
def test_sizes_and_dates_are_no_alternatives(text: str, status: str) -> None:
    (found,) = read(text)
    assert found.status == status


def test_a_number_behind_more_than_is_a_number() -> None:
    (found,) = read("more than a dozen houses demolished on one spot")
    assert found.code == "count"
