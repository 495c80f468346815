"""Sentences that ask for people, dates, prices or kinds, and words with two meanings."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding.verdict.facts import asks_for_fact
from tests.understanding.readings import one


@pytest.mark.parametrize(
    "text",
    [
        "landowner of demolished mill", "contractor for new bridge",
        "the architect of the new school",
        "which company developed the flats shown in the second image?",
        "show me the owners of the demolished houses", "handover date, finished car park",
        "completion date of the new road", "survey number of the newly made road",
        "cost of the new bridge", "height of the new buildings",
        "what kind of pine did they plant up there", "which species of tree was planted?",
        "what is the pond used for now that it has been enlarged?",
        "farmers who lost land to the mine", "people who lost their houses",
        "soil that turned saline", "the lake became polluted",
    ],
)  # fmt: skip
def test_what_no_image_shows_is_refused(text: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("not a change question", "no_question")


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("number of new houses", "appeared"), ("contractor's haul roads newly formed", "appeared"),
        ("developers carve streets into the hillside", "appeared"),
        ("the council felled trees", "disappeared"), ("our neighbours felled trees", "disappeared"),
        ("which company buildings were demolished?", "disappeared"),
        ("what kind of land got reforested?", "changed"), ("what kind of changes are there", "any"),
        ("people built new houses here", "appeared"),
    ],
)  # fmt: skip
def test_people_beside_a_change_are_no_question(text: str, direction: str) -> None:
    found = one(text)
    assert found.is_answered
    assert found.direction == direction


def test_people_who_ask_are_no_question() -> None:
    assert not asks_for_fact("people who lost their houses want to see new roads")
    assert not asks_for_fact("owners of the lots are asking whether the lake shrank")
    assert asks_for_fact("owners of the lots where the lake shrank")
    assert not asks_for_fact("completion dates in the table are wrong")


def test_whose_is_not_answered() -> None:
    found = one("whose houses got demolished")
    assert (found.status, found.direction, found.before) == (
        "uncertain", "disappeared", ("building",),
    )  # fmt: skip
    assert (found.code, found.values["words"]) == ("unanswered_question", "whose")


@pytest.mark.parametrize(
    ("text", "words", "direction"),
    [
        ("what kind of buildings are new", "what kind of", "appeared"),
        ("which types of roads were built near the river?", "which types of", "appeared"),
        ("what kinds of vegetation were lost", "what kinds of", "disappeared"),
        ("what sort of trees were planted", "what sort of", "appeared"),
        ("show me what kind of houses are gone", "what kind of", "disappeared"),
    ],
)
def test_the_kind_of_a_whole_class_is_not_answered(text: str, words: str, direction: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("uncertain", direction)
    assert (found.code, found.values["words"]) == ("unanswered_question", words)


@pytest.mark.parametrize(
    ("text", "words", "first", "second"),
    [
        ("waterholes finished", "waterholes finished", "new water", "removed water"),
        ("trees finished", "trees finished", "new vegetation", "removed vegetation"),
        ("amenity lake filled?", "lake filled", "new water", "removed water"),
        ("crater filled", "crater filled", "bare ground turned into water", "removed bare ground"),
        ("gardens developed by the corporation", "gardens developed", "new vegetation",
         "vegetation turned into buildings"),
        ("meadow stripped for development", "stripped for development",
         "vegetation turned into bare ground", "vegetation turned into buildings"),
        ("sheds that have appeared on the allotments", "on the allotments", "new buildings",
         "vegetation turned into buildings"),
        ("scrap yard which has become a row of warehouses", "scrap yard",
         "bare ground turned into buildings", "roads turned into buildings"),
    ],
)  # fmt: skip
def test_words_with_two_meanings_are_a_doubt(
    text: str, words: str, first: str, second: str
) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "two_readings")
    assert found.values["words"] == words
    assert (found.values["first"], found.values["second"]) == (first, second)
    assert found.values["wording"] in found.advice


@pytest.mark.parametrize(
    "text",
    ["ponds that were filled", "lake filled with water", "house finished", "bridge finished",
     "fields developed into houses", "trees felled for houses", "the yard became a garden"],
)  # fmt: skip
def test_words_with_one_meaning_are_none(text: str) -> None:
    assert one(text).code != "two_readings"
