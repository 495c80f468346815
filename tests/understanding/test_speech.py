"""How people speak of a change: activity, what somebody helped to make, what an office strikes."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("all activity on the ground after 14 February 2023",
         "any change · after 14 february 2023"),
        ("any activity since 2019", "any change · since 2019"),
        ("show me every activity between the two dates", "any change"),
        ("the trees we helped to plant", "vegetation · appeared"),
        ("everything we have to drop from the building layer because it was demolished",
         "buildings · disappeared"),
        ("all we must take out of the tree register because it was felled",
         "vegetation · disappeared"),
        ("there's a new pool, isn't there?", "water · appeared"),
        ("a road was built, was it not, near the lake",
         "roads · appeared · within 50 m of the lake"),
        ("I should be grateful for a plan of the new woodland", "vegetation · appeared"),
        ("we would be glad if you could show us the demolished sheds",
         "buildings · disappeared"),
        ("I can't remember where the trees were cut down", "vegetation · disappeared"),
        ("my teacher says the forest was cut down", "vegetation · disappeared"),
        ("the old farmer swears the barn was demolished", "buildings · disappeared"),
        ("we've had letters about felled trees", "vegetation · disappeared"),
        ("residents complained about new houses in the north", "buildings · appeared · in the "
         "north"),
        ("new buildings, doesn't matter if big or small", "buildings · appeared"),
        ("new ponds, however small they are", "water · appeared"),
        ("estates, gated or not, built after 2015", "buildings · appeared · after 2015"),
        ("the pond must have been dug between the dates; locate it", "water · appeared"),
        ("trees that must have been felled", "vegetation · disappeared"),
        ("road washed out so the lorries couldn't bring food to the villages",
         "roads · disappeared"),
    ],
)  # fmt: skip
def test_spoken_words_are_read_as_plain_ones(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


def test_who_helped_is_no_thing() -> None:
    found = one("the woodland that the children helped to plant, it ought to show up by now")
    assert (found.status, found.meaning) == ("uncertain", "vegetation · appeared")


@pytest.mark.parametrize(
    "text",
    ["mining activity since 2019", "volcanic activity", "trees we have to remove",
     "houses we have to drop", "houses that must be demolished", "houses, demolished or not",
     "houses should have been built here", "the council said new houses will be built",
     "my neighbour says the hedge has not disappeared", "people reported missing"],
)  # fmt: skip
def test_other_activity_and_duties_are_refused(text: str) -> None:
    assert not one(text).is_answered
