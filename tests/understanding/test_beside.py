"""Negations and guesses that leave the change beside them as it is."""

from __future__ import annotations

import time

import pytest
from readings import one

from mtrs_geo.understanding.phrases.standing import without_negation_beside


@pytest.mark.parametrize(
    ("text", "meaning", "told"),
    [
        ("sheds that collapsed because nobody maintained them",
         "buildings · disappeared", "because nobody maintained them"),
        ("show me the barns that fell down because nobody looked after them, there must be a few",
         "buildings · disappeared", "because nobody looked after them"),
        ("because nobody watered them, trees died in the north",
         "vegetation · disappeared · in the north", "because nobody watered them"),
        ("cabins that were set up although the owners had been refused consent for them",
         "buildings · appeared", "although the owners had been refused consent for them"),
        ("cabins built even though the council had not approved them",
         "buildings · appeared", "even though the council had not approved them"),
        ("trees that came up although nobody planted them",
         "vegetation · appeared", "although nobody planted them"),
        ("new houses, though no trees were felled",
         "buildings · appeared", "though no trees were felled"),
        ("hedges that no longer exist because nobody looked after them",
         "vegetation · disappeared", "because nobody looked after them"),
        ("a track bulldozed while nobody was looking",
         "roads · disappeared", "while nobody was looking"),
        ("houses that still stand even though nobody lives in them",
         "buildings · unchanged", "even though nobody lives in them"),
        ("halls put up without waiting for the decision",
         "buildings · appeared", "without waiting for the decision"),
        ("lagoon filled with earth without our written consent",
         "water → bare ground", "without our written consent"),
        ("sheds built that nobody told us about",
         "buildings · appeared", "that nobody told us about"),
        ("barns nobody used any more that were pulled down",
         "buildings · disappeared", "nobody used any more"),
        ("cottages that nobody wanted and that were demolished",
         "buildings · disappeared", "that nobody wanted"),
        ("pavement that the contractor tore up and never put back",
         "roads · disappeared", "and never put back"),
        ("houses somebody demolished and nobody rebuilt",
         "buildings · disappeared", "and nobody rebuilt"),
        ("sheds taken down and never put up again",
         "buildings · disappeared", "and never put up again"),
        ("buildings slated for demolition that are still up",
         "buildings · unchanged", "slated for demolition"),
        ("trees marked for felling that were left standing",
         "vegetation · unchanged", "marked for felling"),
        ("buildings slated for demolition that are gone",
         "buildings · disappeared", "slated for demolition"),
        ("hamlets with no houses any more", "buildings · disappeared", "hamlets"),
        ("show me the farmyards that have no barns any more in the north",
         "buildings · disappeared · in the north", "farmyards"),
    ],
)  # fmt: skip
def test_a_negation_beside_a_change_leaves_it_as_it_is(text: str, meaning: str, told: str) -> None:
    found = one(text)
    assert (found.status, found.meaning, found.code) == ("uncertain", meaning, "unused_condition")
    assert found.values == {"condition": told}
    assert told in found.unused


@pytest.mark.parametrize(
    "text",
    [
        "houses that were not demolished because nobody wanted to pay",
        "no houses were demolished because nobody wanted to pay",
        "houses not built because the council refused",
        "show no barns because nobody looks after them",
        "houses that did not survive because nobody looked after them",
        "roads never built although planned",
        "trees not planted as nobody paid",
        "houses built where no trees were felled",
        "fields nobody has built on",
        "houses nobody built",
        "houses never built",
        "buildings slated for demolition",
        "buildings slated for demolition that are not still up",
        "trees marked for felling",
        "not hamlets with no houses any more",
        "houses that could be demolished",
        "could be demolished",
        "new houses could be built here",
        "might be new houses here soon",
    ],
)
def test_a_negation_of_the_change_itself_is_still_refused(text: str) -> None:
    assert not one(text).is_answered


def test_what_stands_behind_though_may_be_an_exception() -> None:
    found = one("demolished houses, though not in the north")
    assert found.query.explain() == "demolished houses, except those in the north"


def test_a_place_behind_a_missing_permit_is_kept() -> None:
    found = one("new sheds without the proper permits near the lake")
    assert found.query.references == ("lake",)
    assert found.values == {"condition": "without the proper permits"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("new huts far from any road, could be poachers", "could be poachers"),
        ("could be squatters, new shacks in the north", "could be squatters"),
    ],
)
def test_a_guess_has_no_effect_and_is_named(text: str, told: str) -> None:
    found = one(text)
    assert found.meaning.startswith("buildings · appeared")
    assert told in found.unused


@pytest.mark.parametrize(
    ("text", "meaning", "told"),
    [
        ("felled oaks, there should be three", "vegetation · disappeared", "there should be three"),
        ("new sheds, there should be about 20 of them", "buildings · appeared",
         "there should be about 20 of them"),
        ("demolished barns, there must be two or three near the river",
         "buildings · disappeared · within 50 m of the river", "there must be two or three"),
        ("new road, it must be the second from the mast", "roads · appeared",
         "it must be the second from the mast"),
    ],
)  # fmt: skip
def test_what_is_expected_has_no_effect_and_is_named(text: str, meaning: str, told: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("uncertain", meaning)
    assert found.values == {"condition": told}


@pytest.mark.parametrize(
    "text",
    ["houses demolished, there should be a park now", "new houses, there should be no sheds",
     "lake, it should be bigger"],
)  # fmt: skip
def test_other_expectations_are_refused(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("greenhouse no, garden yes; where did the gardens vanish", "vegetation · disappeared"),
        ("roads no, houses yes: which houses are new", "buildings · appeared"),
    ],
)
def test_ground_that_is_said_not_to_be_asked_for_is_left_out(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


def test_a_guess_is_no_part_of_the_thing() -> None:
    found = one("could be poachers' huts, set up at least a kilometre from any road")
    assert found.meaning == "buildings · appeared · farther than 1000 m from the road"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("former buildings, not standing now, just bare ground", "buildings → bare ground"),
        ("former meadows, not there any more, just asphalt", "vegetation → roads"),
        ("old barns, no longer there, only grass now", "buildings → vegetation"),
    ],
)
def test_what_is_gone_and_what_is_there_is_one_change(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    "text",
    ["that nobody " * 45, "because nobody, " * 35, "houses, could be " * 30, "without " * 70],
)
def test_the_time_is_bounded(text: str) -> None:
    start = time.perf_counter()
    without_negation_beside(text)
    assert time.perf_counter() - start < 0.2
