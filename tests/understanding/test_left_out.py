"""What an order puts out of the answer, what is nowhere, and what alone changed."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.models import load_vocabulary
from mtrs_geo.query import ChangeQuery
from mtrs_geo.understanding import Understanding, understand
from mtrs_geo.understanding.phrases.background import separate_request
from mtrs_geo.understanding.phrases.left_out import write_exceptions

TINY = load_vocabulary("tiny")


def one(text: str) -> Understanding:
    (found,) = understand(text, TINY)
    again = ChangeQuery.parse(found.query.explain())
    if found.is_answered:
        assert (again.prompt, again.rules) == (found.query.prompt, found.query.rules)
    return found


def rules(found: Understanding) -> list[str]:
    return [rule.explain() for rule in found.query.rules]


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        ("remove those near the road", "except those within 50 m of the road"),
        ("delete the ones in the north", "except those in the north"),
        ("filter out the north", "except those in the north"),
        ("discard the north", "except those in the north"),
        ("remove the north", "except those in the north"),
        ("reject all within 50 m of the road", "except those within 50 m of the road"),
        ("cancel all within 50 m of the road", "except those within 50 m of the road"),
        ("hide all those in the east", "except those in the east"),
        ("take out the ones in the west", "except those in the west"),
        ("get rid of those in the west", "except those in the west"),
        ("drop everything in the south", "except those in the south"),
        ("filter out sheds", "except sheds"),
        ("hide all that are near the river", "except those within 50 m of the river"),
    ],
)
@pytest.mark.parametrize("joint", [", ", ". ", " and "])
def test_an_order_puts_out_what_it_names(order: str, rule: str, joint: str) -> None:
    found = one(f"new buildings{joint}{order}")
    assert (found.status, found.direction, found.after) == ("understood", "appeared", ("building",))
    assert rules(found) == [rule]


@pytest.mark.parametrize(
    ("order", "rule"),
    [
        ("delete anything smaller than 100 m2", "larger than 100 m²"),
        ("discard below 50 m2", "larger than 50 m²"),
        ("reject those larger than 1 ha", "smaller than 10000 m²"),
    ],
)
def test_an_order_puts_out_a_size(order: str, rule: str) -> None:
    assert rules(one(f"new buildings, {order}")) == [rule]


@pytest.mark.parametrize(
    ("text", "directions"),
    [
        ("new houses and remove trees", ["appeared", "disappeared"]),
        ("houses were built and trees removed", ["appeared", "disappeared"]),
        ("which trees did they remove near the road?", ["disappeared"]),
        ("buildings removed, those in the north", ["disappeared"]),
        ("find where they cut down and remove all trees", ["disappeared"]),
    ],
)
def test_a_loss_is_no_order(text: str, directions: list[str]) -> None:
    found = understand(text, TINY)
    assert [(q.status, q.direction) for q in found] == [("understood", way) for way in directions]
    assert not any("except" in rule for q in found for rule in rules(q))


def test_an_order_that_may_mean_both_is_a_doubt() -> None:
    found = one("new buildings, leave the ones at the river")
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": "leave the ones at the river"}
    assert rules(found) == []
    assert rules(one("new buildings, leave out the ones at the river"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new buildings but nowhere in the north", "except those in the north"),
        ("new buildings, nowhere along the road", "except those within 20 m of the road"),
        ("new buildings, nowhere within 100 m of the river",
         "except those within 100 m of the river"),
        ("new buildings which are nowhere close to the road",
         "except those within 50 m of the road"),
        ("new buildings nowhere next to a road", "except those within 20 m of the road"),
        ("new buildings, nowhere in the forest", "outside the forest"),
        ("new buildings in the north and nowhere else", "in the north"),
        ("new buildings with exclusion of the smaller than 100 m2",
         "except those smaller than 100 m²"),
        ("new buildings with the exclusion of sheds", "except sheds"),
        ("all new buildings but sheds", "except sheds"),
    ],
)  # fmt: skip
def test_where_new_buildings_are_not(text: str, rule: str) -> None:
    found = one(text)
    assert (found.status, found.direction, found.after) == ("understood", "appeared", ("building",))
    assert rules(found) == [rule]


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("houses nowhere in the second image", "disappeared"),
        ("houses that are nowhere to be seen in the new image", "disappeared"),
        ("houses that were nowhere in the first image", "appeared"),
    ],
)
def test_nowhere_in_an_image_tells_of_a_date(text: str, direction: str) -> None:
    assert one(text).direction == direction


@pytest.mark.parametrize("text", ["new houses nowhere at the edge", "new houses nowhere on farms"])
def test_a_nowhere_that_no_rule_takes_is_no_lost_word(text: str) -> None:
    assert one(text).status != "understood"


@pytest.mark.parametrize(
    ("text", "direction", "exception"),
    [
        ("everything built but roads", "appeared", "except roads"),
        ("all that was built but roads", "appeared", "except roads"),
        ("everything new but houses", "appeared", "except houses"),
        ("everything lost but trees", "disappeared", "except trees"),
        ("everything gone but water", "disappeared", "except water"),
        ("all demolished but sheds", "disappeared", "except sheds"),
        ("show everything that was torn down but the church", "disappeared", "except church"),
        ("everything that changed but roads", "changed", "except roads"),
        ("everything built in the corner north west but roads", "appeared", "except roads"),
    ],
)
def test_all_of_a_change_but_a_kind(text: str, direction: str, exception: str) -> None:
    found = one(text)
    assert found.status == "understood"
    assert found.query.direction == direction
    assert rules(found)[-1] == exception


@pytest.mark.parametrize(
    "text",
    [
        "everything was built but only in the north", "all trees felled but not replanted",
        "everything changed, but roads were built", "all new houses but larger than 100 m2",
    ],
)  # fmt: skip
def test_these_leave_nothing_out(text: str) -> None:
    assert not any("except" in rule for q in understand(text, TINY) for rule in rules(q))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("nothing changed but the road", "roads · any"),
        ("nothing changed except the road", "roads · any"),
        ("nothing disappeared but trees", "vegetation · disappeared"),
        ("nothing was demolished but one house", "buildings · disappeared"),
        ("nothing has been built but roads", "roads · appeared"),
        ("nothing was built in the north but roads", "roads · appeared · in the north"),
        ("nothing is new except the houses near the river",
         "buildings · appeared · within 50 m of the river"),
        ("nothing changed but new roads", "roads · appeared"),
    ],
)  # fmt: skip
def test_what_alone_changed(text: str, meaning: str) -> None:
    found = one(text)
    assert (found.status, found.meaning) == ("understood", meaning)


@pytest.mark.parametrize(
    "text",
    [
        "nothing changed",
        "nothing was built but trees were cut",
        "there is nothing left but trees",
        "nothing is left but water",
    ],
)
def test_other_sentences_with_nothing_are_refused(text: str) -> None:
    assert not one(text).is_answered


@pytest.mark.parametrize(
    "unit",
    [", remove those near ", "nowhere in ", "everything built ", "all houses but ", "nothing but ",
     ", leave those ", "did not only ", "with exclusion of "],
)  # fmt: skip
def test_repeated_phrases_take_little_time(unit: str) -> None:
    start = time.process_time()
    text = (unit * 1_000)[:1_000]
    separate_request(text[:600])
    write_exceptions(text)
    ChangeQuery.parse(text)
    assert time.process_time() - start < 2
