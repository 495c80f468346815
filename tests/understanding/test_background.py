"""What a text tells beside its request, and what it says is not asked for."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Understanding, Vocabulary, understand
from mtrs_geo.understanding.phrases.background import separate_background

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, TINY)
    return found


@pytest.mark.parametrize(
    ("text", "meaning", "told"),
    [
        ("We know about the demolitions. Show only the new buildings.",
         "buildings · appeared", "we know about the demolitions"),
        ("I already have the new buildings, I need the demolished ones.",
         "buildings · disappeared", "i already have the new buildings"),
        ("Our last report covered new roads; this one is about demolished houses.",
         "buildings · disappeared", "our last report covered new roads"),
        ("I need to know which houses were built. We already mapped the felled trees.",
         "buildings · appeared", "we already mapped the felled trees"),
        ("The forest was lost, show where it came back",
         "vegetation · appeared", "the forest was lost"),
        ("The car park was removed. Show where it came back.",
         "roads · appeared", "the car park was removed"),
        ("houses were demolished, so show me the new ones",
         "buildings · appeared", "houses were demolished"),
        ("The old barn was demolished. Is there a new one?",
         "buildings · appeared · yes or no", "the old barn was demolished"),
        ("My mum says the wood at the end of our road was felled - which bits of it are missing?",
         "vegetation · disappeared", "my mum says the wood at the end of our road was felled"),
        ("A fire burnt the sheds under the bridge. Outline the ones that are gone.",
         "buildings · disappeared", "a fire burnt the sheds under the bridge"),
        ("The lake shrank and then grew again. Show the growth.",
         "water · appeared", "the lake shrank and then grew again"),
        ("between 2005 and 2010 the lake shrank; between 2010 and 2015 it recovered. "
         "Show the recovery.", "water · appeared · between 2010 and 2015",
         "between 2005 and 2010 the lake shrank; between 2010 and 2015 it recovered"),
        ("In our last study we looked at new roads. Now show me felled trees.",
         "vegetation · disappeared", "in our last study we looked at new roads"),
        ("In 2010 the lake dried up, in 2015 it returned. I need the return.",
         "water · appeared · in 2015", "in 2010 the lake dried up, in 2015 it returned"),
        ("I want new houses. The old ones were demolished.",
         "buildings · appeared", "the old ones were demolished"),
        ("The village grew. I want the demolished houses in the north only.",
         "buildings · disappeared · in the north", "the village grew"),
    ],
)  # fmt: skip
def test_a_story_is_not_asked_for(text: str, meaning: str, told: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)
    assert found.unused == (told,)


@pytest.mark.parametrize(
    ("text", "meaning", "lost"),
    [
        ("Lots of trees were felled last year. Where are the new houses?",
         "buildings · appeared", "lots of trees were felled last year"),
        ("The houses were demolished. Which new ones were built there?",
         "buildings · appeared", "the houses were demolished"),
        ("Many trees were felled in the north. Show the new houses.",
         "buildings · appeared", "many trees were felled in the north"),
        ("After the new road was built, which houses disappeared?",
         "buildings · disappeared", "after the new road was built"),
        ("When the dam was built, which villages disappeared?",
         "buildings · disappeared", "when the dam was built"),
        ("A road was built. Show the trees that were felled for it.",
         "vegetation · disappeared", "a road was built"),
        ("The pond dried up. Show where it refilled.",
         "water · disappeared", "show where it refilled"),
        ("As the mayor keeps asking about the trees, I only want to see the new buildings there.",
         "buildings · appeared", "as the mayor keeps asking about the trees"),
    ],
)  # fmt: skip
def test_what_the_request_may_refer_to_is_a_doubt(text: str, meaning: str, lost: str) -> None:
    found = one(text)
    assert (found.status, found.code, found.meaning) == ("uncertain", "unused_condition", meaning)
    assert found.values == {"condition": lost}


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("not the new buildings, the demolished ones", "buildings · disappeared"),
        ("show me not the new roads but the removed ones", "roads · disappeared"),
        ("Show growth of the lake, not its shrinkage.", "water · appeared"),
        ("woodland losses, not gains", "vegetation · disappeared"),
        ("tree gains, not tree losses", "vegetation · appeared"),
        ("where houses were built, not where they were demolished", "buildings · appeared"),
        ("new houses, not new roads", "buildings · appeared"),
        ("show new houses rather than new roads", "buildings · appeared"),
        ("rather than new roads, show me new houses", "buildings · appeared"),
        ("instead of new roads, give me new houses", "buildings · appeared"),
        ("no new buildings, only demolished ones", "buildings · disappeared"),
        ("I do not want new houses, only demolished ones", "buildings · disappeared"),
        ("Never mind the roads, show me the new houses", "buildings · appeared"),
        ("forget about the trees, just the new buildings please", "buildings · appeared"),
        ("new houses, never mind the roads", "buildings · appeared"),
        ("ignore the new roads, I want the demolished houses", "buildings · disappeared"),
        ("ignore sheds and show me the new buildings", "buildings · appeared · except sheds"),
        ("new permanent structures", "buildings · appeared"),
        ("permanently removed trees", "vegetation · disappeared"),
        ("permanent houses", "buildings · unchanged"),
        ("no roads please, only demolished houses", "buildings · disappeared"),
        (
            "I'm not interested in roads. I only want to know about lost water.",
            "water · disappeared",
        ),
        ("don't give me roads or trees, give me new houses", "buildings · appeared"),
        ("I do not need the roads, only the new houses", "buildings · appeared"),
        ("not buildings, roads that are new", "roads · appeared"),
        ("I asked for new houses, not demolished ones", "buildings · appeared"),
        ("instead of demolished houses, new houses please", "buildings · appeared"),
        ("only new, not demolished buildings", "buildings · appeared"),
        ("only demolished buildings, not the new", "buildings · disappeared"),
    ],
)
def test_what_is_denied_is_not_asked_for(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning, found.unused) == ("understood", meaning, ())


def test_an_unknown_thing_that_is_left_out_is_named() -> None:
    found = one("Please exclude cars; I only want permanent structures that appeared.")
    assert (found.status, found.meaning) == ("understood", "buildings · appeared")
    assert found.unused == ("cars",)


@pytest.mark.parametrize(
    "text",
    [
        "new houses, not sheds", "houses that were built, not demolished", "not buildings",
        "no new buildings", "houses, not trees", "new houses, not in the north",
        "show new houses instead of felled trees", "no more sand, all houses",
        "new houses, not new ones in the north", "ignore roads, ponds, new houses",
        "skip the south: new roads", "ignore roads, show all the other changes",
        "houses disappeared; show me the new roads", "new roads. show also demolished houses.",
        "Tell me where houses were demolished and show me the new ones",
        "There was a forest here. Show what replaced it.",
        "The houses are in the north. Show the demolished ones.",
        "We have images from 2010 and 2020. Show new houses.",
        "A new school was built. Is it near the river?",
        "After the flood, which houses disappeared?", "Since 2016, which houses disappeared?",
        "new buildings that do not stand on former fields", "land cleared but not yet built on",
        "vegetation loss but not because of new buildings", "new roads, not because of the houses",
        "Show new houses. It was forest before.", "Show new houses. The felled trees too.",
        "The moat was drained, find the missing stretch between the gatehouse and the tower.",
        "If any houses were demolished, show them; otherwise show new ones.",
        "The brook was piped away: which section is gone?",
        "houses, which were demolished", "New houses were built. How many are in the north?",
        "Where was forest lost? Show also where it came back.", "", "Hello", ".",
    ],
)  # fmt: skip
def test_a_text_without_background_stays_as_it_is(text: str) -> None:
    assert separate_background(text).text == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Can you find the new roads but leave out anything smaller than 500 m²?",
         "larger than 500 m²"),
        ("new roads, leave out anything smaller than 500 m²", "larger than 500 m²"),
        ("new roads, do not show anything under 50 m2", "except those smaller than 50 m²"),
        ("new roads, don't include anything under 50 m2", "except those smaller than 50 m²"),
        ("new roads, but don't show me polygons larger than 1 ha", "smaller than 10000 m²"),
        ("new roads, I don't want to see anything below 100 m²", "larger than 100 m²"),
        ("Please don't map areas smaller than 200 m² and show the new roads",
         "larger than 200 m²"),
        ("don't show new roads under 50 m²", "except those smaller than 50 m²"),
        ("ignore new roads larger than 50 m²", "except those larger than 50 m²"),
        ("new roads, don't include tracks under 25 m²", "except tracks smaller than 25 m²"),
    ],
)  # fmt: skip
def test_sizes_that_are_not_shown_are_left_out(text: str, rule: str) -> None:
    found = one(text)
    assert (found.status, found.direction, found.after) == ("understood", "appeared", ("road",))
    assert [rule.explain() for rule in found.query.rules] == [rule]
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "meanings"),
    [
        ("not only new houses but also felled trees",
         ["buildings · appeared", "vegetation · disappeared"]),
        ("find not just the demolished houses, but also the new ones",
         ["buildings · disappeared", "buildings · appeared"]),
        ("not only new houses near the lake, also new roads",
         ["buildings · appeared · within 50 m of the lake", "roads · appeared"]),
        ("they did not only cut trees, they also built houses",
         ["vegetation · disappeared", "buildings · appeared"]),
        ("Show new houses. The trees were felled too.",
         ["buildings · appeared", "vegetation · disappeared"]),
    ],
)  # fmt: skip
def test_two_that_are_asked_for_stay_two(text: str, meanings: list[str]) -> None:
    found = understand(text, TINY)
    assert [(q.status, q.meaning) for q in found] == [("understood", m) for m in meanings]


def test_not_only_one_thing_is_no_contrast() -> None:
    for text in ("felled trees, not just new ones", "new houses and not only new roads"):
        assert not all(found.is_answered for found in understand(text, TINY))


@pytest.mark.parametrize(
    ("text", "meaning", "lost"),
    [
        ("houses have not only been demolished in the south",
         "buildings · disappeared · in the south", "have not only"),
        ("they did not only build roads", "roads · appeared", "did not only"),
        ("not just trees were cut", "vegetation · disappeared", "not just"),
    ],
)  # fmt: skip
def test_not_only_one_change_is_no_negation(text: str, meaning: str, lost: str) -> None:
    (found,) = understand(text, TINY)
    assert (found.status, found.meaning) == ("uncertain", meaning)
    assert found.values == {"condition": lost}


@pytest.mark.parametrize(
    "unit", ["not only new houses but ", "The lake shrank. Show it. ",
             "not new ones, ", "we know. ", "ignore a, ", "and show ",
             "after the ", "rather than not ", "new houses, not new roads, "]
)  # fmt: skip
def test_repeated_phrases_take_little_time(unit: str) -> None:
    start = time.process_time()
    separate_background((unit * 1_000)[:600])
    separate_background(unit * 1_000)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "meaning", "told"),
    [
        (
            "We own the land near the lake and want to see new houses",
            "buildings · appeared",
            "we own the land near the lake",
        ),
        (
            "We farm along the canal and want to know which hedges went",
            "vegetation · disappeared",
            "we farm along the canal",
        ),
        (
            "As a farmer with land along the canal I would like to see new ponds",
            "water · appeared",
            "as a farmer with land along the canal",
        ),
        (
            "Our office is next to the park, show new roads",
            "roads · appeared",
            "our office is next to the park",
        ),
        (
            "We have a plot next to the forest. Any new buildings?",
            "buildings · appeared",
            "we have a plot next to the forest",
        ),
        (
            "We own houses near the river and want to see new houses near the lake",
            "buildings · appeared · within 50 m of the lake",
            "we own houses near the river",
        ),
    ],
)
def test_the_place_of_who_asks_has_no_effect_and_is_a_doubt(
    text: str, meaning: str, told: str
) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("uncertain", meaning)
    assert (found.unused, found.values) == ((told,), {"condition": told})


@pytest.mark.parametrize(
    "text",
    [
        "We insure houses near the river and need to know which have been destroyed",
        "destroyed houses near river pls thx",
        "destroyed houses near the river, thank you very much",
    ],
)
def test_the_request_is_no_part_of_the_place(text: str) -> None:
    found = one(text)
    meaning = "buildings · disappeared · within 50 m of the river"
    assert (found.status, found.meaning, found.unused) == ("understood", meaning, ())


def test_a_trade_is_dropped_without_a_doubt() -> None:
    found = one("I teach geography. Show new roads")
    assert (found.status, found.meaning) == ("understood", "roads · appeared")


@pytest.mark.parametrize(
    "text", ["I monitor forests: show lost trees", "I work on forests, show lost trees"]
)
def test_what_one_studies_is_no_place(text: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", "vegetation · disappeared")


def test_where_one_studies_is_a_doubt() -> None:
    found = one("I monitor forests in the north: show lost trees")
    assert found.values == {"condition": "i monitor forests in the north"}


def test_a_place_that_is_not_the_only_one_is_no_rule() -> None:
    found = one("not just in the north: new houses")
    assert (found.status, found.query.rules) == ("uncertain", ())
