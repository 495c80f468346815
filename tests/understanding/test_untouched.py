"""What nobody touched, what was there all along, and what came to where there was none."""

from __future__ import annotations

import pytest
from readings import one


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("stands of oak nobody has touched", "vegetation · unchanged"),
        ("oaks nobody has felled", "vegetation · unchanged"),
        ("houses nobody demolished", "buildings · unchanged"),
        ("roads that nobody has altered", "roads · unchanged"),
        ("cottages that have been there all along", "buildings · unchanged"),
        ("the pond has been there the whole time", "water · unchanged"),
        ("roads that were there from the start", "roads · unchanged"),
        ("lanes that look just as they did back then", "roads · unchanged"),
        ("buildings that look exactly like before", "buildings · unchanged"),
        ("a few trees that still stand", "vegetation · unchanged"),
        ("lanes that do not look as they did back then", "roads · any"),
        ("water where there was none before the rains", "water · appeared"),
        ("in the east, a pool where there was none", "water · appeared · in the east"),
        ("where there is no pond any more", "water · disappeared"),
        ("houses where there were none", "buildings · appeared"),
        ("water where there wasn't any before the flood", "water · appeared"),
        ("nothing was paved here at t1, but something is at t2", "roads · appeared"),
        ("nothing was built here in the first image, but something is in the second",
         "buildings · appeared"),
        ("houses that were there until recently", "buildings · disappeared"),
        ("houses that were not there until recently", "buildings · appeared"),
        ("fields with no houses until recently", "buildings · appeared"),
        ("there was a pond here before", "water · disappeared"),
        ("a barn that was there until recently", "buildings · disappeared"),
        ("the pond which was here before", "water · disappeared"),
        ("houses that stood here until 2015", "buildings · disappeared · since 2015"),
        ("sheds there until last year in the north", "buildings · disappeared · in the north"),
        ("which barns were here until 2015", "buildings · disappeared · since 2015"),
        ("barns that were there before and still are", "buildings · unchanged"),
        ("was there a pond here before?", "water · disappeared · yes or no"),
        ("there was no pond here before", "water · appeared"),
        ("there was a house built here before", "buildings · appeared"),
        ("houses at t1 where there are none at t2", "buildings · disappeared"),
        ("new houses all along the river", "buildings · appeared · within 20 m of the river"),
    ],
)  # fmt: skip
def test_forms_of_what_stayed_or_was_not_there(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("is the little wood behind us still there?", "small"),
        ("trees inside the right-of-way that nobody has cut", "inside the right-of-way"),
    ],
)
def test_a_condition_of_what_stayed_is_named(text: str, condition: str) -> None:
    found = one(text)
    assert found.meaning.startswith("vegetation · unchanged")
    assert (found.status, found.values) == ("uncertain", {"condition": condition})


@pytest.mark.parametrize(
    "text",
    [
        "houses that nobody has touched, except the roof",
        "houses nobody demolished but the flood took",
        "new houses nobody has touched",
        "trees nobody cut until last year",
        "trees nobody had cut before, now felled",
        "nobody demolished the houses",
        "nothing was built here",
        "nothing was built here before and nothing is now",
        "houses that have not been there all along",
        "houses that hardly look as they did before",
        "water where there was none, gone again now",
        "water where there was none and still is none",
        "no water where there was some before",
        "no new houses where there were none",
        "not a single oak nobody has touched",
        "little forest remained",
        "are few houses still standing?",
        "villages with no houses until now",
    ],
)
def test_other_negations_are_still_refused(text: str) -> None:
    assert not one(text).is_answered


def test_what_no_longer_looks_as_it_did_has_changed() -> None:
    found = one("forest that no longer looks like it did")
    assert (found.status, found.direction, found.before) == ("understood", "any", ("vegetation",))
