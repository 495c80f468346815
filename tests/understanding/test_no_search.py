"""Sentences on the future, plans, orders, reasons and one date are refused; others are not."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)

REFUSED = [
    "where will the new bypass be built?",
    "a new road will run along the river",
    "will the lake dry up?",
    "is the forest going to disappear?",
    "where should trees be planted?",
    "where could we build new houses?",
    "where may new houses be erected?",
    "which houses shall be demolished?",
    "where to build new houses",
    "places where I should plant new trees",
    "where would new houses fit",
    "is it possible to build new houses here",
    "they want to build a new road",
    "houses that might collapse",
    "buildings at risk of being flooded",
    "fields likely to be flooded",
    "what would happen if the forest was cut",
    "planned new housing estates",
    "new houses approved in 2022",
    "a new car park is proposed in the north",
    "houses up for demolition",
    "proposed demolitions",
    "trees marked for felling",
    "how did the lake dry up",
    "how were new roads built?",
    "tell me how the lake dried up",
    "what are new houses made of",
    "what do the new houses look like",
    "what caused the forest loss",
    "build me a house",
    "I need a new house",
    "demolish the houses",
    "cut down the forest",
    "plant new trees here",
    'what does "demolished" mean?',
    "what does deforestation mean",
    "what is urban sprawl?",
    "what is a new road?",
    "do you know what a new road is",
    "what can I ask about new roads?",
    "explain how demolished houses are found",
    "how do you find new houses?",
    "how does the tool detect demolished buildings",
    "how accurate are the new buildings",
    "how the lake disappeared",
    "which materials the new houses have",
]
ONE_DATE = [
    "the lake as it was in 2005",
    "the forest as it was before",
    "how many houses were there in 2010?",
    "how many houses are there today?",
    "show all the existing houses near the river",
    "present-day forest",
    "classify the buildings",
    "extract roads",
    "extract building footprints",
    "give me the vegetation mask",
    "map of the buildings",
    "map the buildings",
    "all the buildings near the road",
    "every house close to the river",
    "count all the houses please",
    "how many roads exist?",
    "how many houses are visible in the second image",
    "how many buildings are there in the second image?",
    "what is the area of the lake",
]
ASKED = [
    ("could you show me where new houses were built?", "appeared"),
    ("would you mark the felled trees", "disappeared"),
    ("where can I see new houses?", "appeared"),
    ("where can a new road be seen?", "appeared"),
    ("will you show me the new roads", "appeared"),
    ("may I see the demolished houses", "disappeared"),
    ("we will need a map of new roads", "appeared"),
    ("houses built in May", "appeared"),
    ("how has the forest grown", "appeared"),
    ("how did the lake change between 2010 and 2020", "any"),
    ("how many houses were demolished?", "disappeared"),
    ("how much forest was lost", "disappeared"),
    ("what houses were built", "appeared"),
    ("trees felled to build a road", "changed"),
    ("the trees were cut so that houses could be built", "changed"),
    ("existing houses that were demolished", "disappeared"),
    ("cut down forest", "disappeared"),
    ("I need the demolished houses", "disappeared"),
    ("lagoons that are still as they were before", "unchanged"),
    ("how many houses were built in 2010", "appeared"),
    ("what is the forest loss in the north", "disappeared"),
    ("what are the new buildings", "appeared"),
    ("is it possible to see felled trees", "disappeared"),
    ("are you able to show new houses", "appeared"),
    ("how the forest has grown", "appeared"),
    ("extract new roads", "appeared"),
    ("extract footprints of demolished buildings", "disappeared"),
    ("every house that has gone", "disappeared"),
    ("map of the forest, then and now", "any"),
    ("how many houses were there before and not now", "disappeared"),
    ("find the water on the fields", "changed"),
    ("buildings", "any"),
]


@pytest.mark.parametrize("text", [*REFUSED, *ONE_DATE])
def test_no_change_is_asked_for(text: str) -> None:
    (found,) = understand(text, TINY)
    assert found.status == "not a change question"
    assert not found.is_answered
    assert ("at one date" in found.doubt) is (text in ONE_DATE)


@pytest.mark.parametrize(("text", "direction"), ASKED)
def test_requests_and_reports_are_answered(text: str, direction: str) -> None:
    (found,) = understand(text, TINY)
    assert found.is_answered
    assert found.direction == direction


def test_a_wish_to_see_is_no_question_for_yes_or_no() -> None:
    (found,) = understand("is it possible to see felled trees?", TINY)
    assert (found.status, found.query.question) == ("understood", None)


def test_a_plan_beside_a_change_is_a_doubt() -> None:
    (found,) = understand("planned houses that were built", TINY)
    assert (found.status, found.direction) == ("uncertain", "appeared")
    assert "'planned'" in found.doubt


@pytest.mark.parametrize(
    "text",
    [
        "show the trees between 2015 and 2020", "how many houses since 2015",
        "all the trees since 2015", "map of houses 2010-2020", "show the forest from 2010 to 2020",
    ],
)  # fmt: skip
def test_ground_of_a_period_is_asked_for_its_change(text: str) -> None:
    (found,) = understand(text, Vocabulary())
    assert found.status in ("understood", "uncertain")


@pytest.mark.parametrize("text", ["show the trees in 2015", "map the roads"])
def test_ground_of_one_date_is_refused(text: str) -> None:
    (found,) = understand(text, Vocabulary())
    assert "at one date" in found.doubt
