"""Words of who, why, when, where and of those who ask are doubts; the question is answered."""

from __future__ import annotations

import pytest

from mtrs_geo.models.catalog import WEIGHTS
from mtrs_geo.models.vocabulary import read_vocabulary
from mtrs_geo.understanding import Understanding, understand

VOCABULARY = read_vocabulary(WEIGHTS / "tiny")


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "direction", "kind", "unused"),
    [
        ("halls for zorbing that were torn down", "disappeared", "building", "zorbing"),
        ("ponds dug for the cattle", "appeared", "water", "cattle"),
        ("huts razed by the militia", "disappeared", "building", "militia"),
        ("shelters set up by displaced families", "appeared", "building", "families"),
        ("houses the militia razed", "disappeared", "building", "militia"),
        ("did the militia raze the houses?", "disappeared", "building", "militia"),
        ("my aunt reckons that some oaks were felled", "disappeared", "vegetation", "aunt"),
        ("greenery that has come back at the gymkhana", "appeared", "vegetation", "gymkhana"),
    ],
)
def test_circumstances_are_doubts(text: str, direction: str, kind: str, unused: str) -> None:
    found = one(text)
    assert found.status == "uncertain", found.doubt
    assert (found.direction, {*found.before, *found.after}) == (direction, {kind})
    assert unused in found.doubt


@pytest.mark.parametrize(
    "text",
    [
        "houses with a new zorbing", "zorbings removed from the houses", "zorbing that was added",
        "lorries cleared out of the yard", "nitrogen depleted ground", "new bus routes",
        "towers raised by a storey", "how much did our house go up in value",
        "roofs that got new zorbings",
    ],
)  # fmt: skip
def test_word_that_is_asked_about(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    ("text", "direction", "before", "after"),
    [
        ("what did the barn end up as", "changed", "building", ""),
        ("what has the wheat field turned into?", "changed", "vegetation", ""),
        ("what did the new car park replace?", "changed", "", "road"),
        ("pasture ploughed up and left bare", "changed", "vegetation", "bare"),
        ("a road now lying beneath the reservoir", "changed", "road", "water"),
        ("sheds knocked down and put back up again", "any", "building", "building"),
        ("bungalows superseded by a tower block", "any", "building", "building"),
        ("we had an orchard, they put a car park over it", "changed", "vegetation", "road"),
        ("bare soil => vegetation", "changed", "bare", "vegetation"),
        ("morning! quick one: which sheds were demolished", "disappeared", "building", ""),
        ("woodland felled so that a hotel could be built", "changed", "vegetation", "building"),
        ("mangroves were replanted", "appeared", "", "vegetation"),
        ("places of worship built recently", "appeared", "", "building"),
        ("lakes that turned into marsh meadows", "changed", "water", "vegetation"),
        ("new homes across the park", "appeared", "", "building"),
    ],
)
def test_constructions(text: str, direction: str, before: str, after: str) -> None:
    found = one(text)
    assert found.is_answered, found.doubt
    expected = (direction, tuple(filter(None, [before])), tuple(filter(None, [after])))
    assert (found.direction, found.before, found.after) == expected


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("ne wbuildings", "new buildings"),
        ("parkinglot removed", "parking lot"),
        ("villa's that were built", "villas"),
        ("new sheds with in 50 m of the road", "within"),
        ("grass that became siol", "soil"),
        ("cottags swept away", "cottages"),
        ("reservoir that aperaed", "appeared"),
    ],
)
def test_spelling(text: str, corrected: str) -> None:
    found = one(text)
    assert found.is_answered, found.doubt
    assert corrected in (*dict(found.corrected).values(), found.query.prompt)


@pytest.mark.parametrize(
    "text",
    [
        "trees that weren't spared", "fields that nobody has paved, still green",
        "fields not left as fields but built over", "the lake is no smaller than before",
        "fields and nothing was built there", "houses lacking any sign of change",
        "houses not rebuilt after they were razed",
    ],
)  # fmt: skip
def test_negation_of_unclear_reach_is_refused(text: str) -> None:
    assert not one(text).is_answered


def test_changes_of_a_left_out_kind_are_not_shown() -> None:
    found = one("changes, but leave the trees out")
    assert not found.is_answered or found.direction == "any"
    assert not found.before
