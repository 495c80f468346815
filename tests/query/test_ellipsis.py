"""What the second of two wishes leaves out, lists of wishes, and sentences of a rule alone."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery, Position, Rule, SizeBound, split_wishes
from mtrs_geo.query.wishes.words import way_of


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("felled trees and new ones", ("felled trees", "new trees")),
        ("Trees that were felled, and the new ones", ("trees that were felled", "the new trees")),
        ("demolished houses and the ones that were built",
         ("demolished houses", "the houses that were built")),
        ("houses that still stand and new ones", ("houses that still stand", "new houses")),
        ("where did houses disappear and where did new ones appear?",
         ("where did houses disappear", "where did new houses appear")),
        ("Where did the town lose its trees, and where did it get new ones?",
         ("where did the town lose its trees", "where did it get new trees")),
        ("one house demolished and one built", ("one house demolished", "house built")),
        ("new houses in the north and new ones in the south",
         ("new houses in the north", "new houses in the south")),
        ("trees felled in the north and ones planted in the south",
         ("trees felled in the north", "trees planted in the south")),
        ("ponds that dried up and new ones", ("ponds that dried up", "new ponds")),
        ("a new barn and the old one removed", ("a new barn", "the old barn removed")),
        ("unchanged houses and new roads", ("unchanged houses", "new roads")),
        ("houses came, trees went", ("houses appeared", "trees disappeared")),
        ("lost: trees. gained: houses.", ("lost trees", "new houses")),
        ("gains: houses; losses: trees and hedges", ("new houses", "lost trees and hedges")),
        ("felled: trees, built: the houses", ("felled trees", "built houses")),
        ("added: houses / removed: trees", ("added houses", "removed trees")),
        ("trees: lost, houses: gained", ("lost trees", "new houses")),
        ("1) new houses 2) felled trees", ("new houses", "felled trees")),
        ("1. new houses, 2. felled trees; 3. dried ponds",
         ("new houses", "felled trees", "dried ponds")),
        ("(a) new houses (b) felled trees", ("new houses", "felled trees")),
        ("firstly new houses, secondly felled trees", ("new houses", "felled trees")),
        ("New houses. Felled trees. North side only.",
         ("new houses, north side only", "felled trees, north side only")),
    ],
)  # fmt: skip
def test_each_wish_names_its_thing(text: str, wishes: tuple[str, ...]) -> None:
    assert split_wishes(text) == wishes


@pytest.mark.parametrize(
    "text",
    ["old houses replaced by new ones", "demolished houses and the ones lost",
     "new houses, roads and the ones that were demolished", "everything new and the old ones",
     "houses that were demolished and became new ones", "before: trees, after: none",
     "lost: trees", "new houses larger than 1.5 ha", "1) new houses 3) felled trees",
     "the new houses and the one near the river", "vegetation gain and loss",
     "where a grove once grew and a mill has been raised",
     "some of the orchard went; outline what went", "he built castles and burned his bridges"],
)  # fmt: skip
def test_one_wish_is_returned_as_it_is(text: str) -> None:
    assert split_wishes(text) == (text,)


NORTH, LARGE = Position("north"), SizeBound("area", 500)


@pytest.mark.parametrize(
    ("text", "prompt", "rules"),
    [
        ("New buildings. North side only.", "new buildings", (NORTH,)),
        ("Just buildings. New ones. North side only.", "just buildings. new", (NORTH,)),
        ("Demolished houses. East only.", "demolished houses", (Position("east"),)),
        ("North side only. New buildings.", "new buildings", (NORTH,)),
        ("New buildings. Top left please.", "new buildings", (Position("north-west"),)),
        ("New buildings. Just the north. Larger than 500 m².", "new buildings", (NORTH, LARGE)),
        ("new houses excl. the north", "new houses excl. the north", ()),
        ("New roads. They are wide.", "new roads. they are wide", ()),
    ],
)
def test_a_rule_may_be_a_sentence_of_its_own(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.rules) == (prompt, rules)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("growth of the lake", "appeared"),
        ("woodland losses", "disappeared"),
        ("the lake shrank", "disappeared"),
        ("it recovered", "appeared"),
        ("trees went", "disappeared"),
        ("who went there", "changed"),
        ("houses that still stand", "unchanged"),
        ("houses that do not still stand", "changed"),
        ("lost ground turned into growth", "changed"),
        ("growth and losses", "changed"),
    ],
)
def test_way_of_a_change(text: str, way: str) -> None:
    assert way_of(text) == way


@pytest.mark.parametrize(
    "unit", ["new ones and ", "1) new houses 2) ", "lost: trees. gained: houses. ",
             "north only. ", "new houses. ", "houses: new, "]
)  # fmt: skip
def test_long_lists_take_less_than_a_second(unit: str) -> None:
    start = time.process_time()
    split_wishes((unit * 1_000)[:1_000])
    ChangeQuery.parse((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("forest to houses or houses to forest", ("forest to houses", "houses to forest")),
        ("from road to grass and vice versa", ("from road to grass", "from grass to road")),
    ],
)
def test_a_change_and_the_opposite_one_are_two_wishes(text: str, wishes: tuple[str, ...]) -> None:
    # "X to Y" is a wish as soon as the words tell what became of X.
    assert split_wishes(text, lambda part: " to " in part) == wishes
