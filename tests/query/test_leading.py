"""Conditions at the start of a sentence, ranks that no rule expresses, and further places."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery, Inside, Near, Position, Rule, Superlative, split_wishes

NORTH, SOUTH, WEST = Position("north"), Position("south"), Position("west")
NORTH_WEST, RIVER = Position("north-west"), Near("river", 50)

LEADING = [
    ("in the north new houses", "new houses", (NORTH,)),
    ("in the north houses were built", "houses were built", (NORTH,)),
    ("in the north there are new houses", "there are new houses", (NORTH,)),
    ("in the north park houses were built", "in the north park houses were built", ()),
    ("in the north of the city new houses", "in the north of the city new houses", ()),
    ("near the river new houses", "new houses", (RIVER,)),
    ("near the river houses were built", "houses were built", (RIVER,)),
    ("near the river they built houses", "they built houses", (RIVER,)),
    ("near the river houses that were demolished", "houses that were demolished", (RIVER,)),
    ("near the new road demolished houses", "demolished houses", (Near("new road", 50),)),
    ("near the big house trees were felled", "trees were felled", (Near("big house", 50),)),
    ("near the demolished school new houses", "new houses", (Near("demolished school", 50),)),
    ("near the top of the hill new houses", "new houses", (Near("top of the hill", 50),)),
    ("in the middle of the road new houses", "new houses", (Inside("road"),)),
    ("in the north near the river new houses", "new houses", (NORTH, RIVER)),
    ("northern half new houses", "new houses", (NORTH,)),
    ("only the NW: new homes", "new homes", (NORTH_WEST,)),
    ("NW: new homes", "new homes", (NORTH_WEST,)),
    ("the largest new house", "new house", (Superlative(1, "largest"),)),
]
PLACES = [
    ("new homes in the southernmost third", "new homes", (SOUTH,)),
    ("southernmost third: new homes", "new homes", (SOUTH,)),
    ("new homes in the topmost part of the image", "new homes", (NORTH,)),
    ("new homes in the north-westernmost corner", "new homes", (NORTH_WEST,)),
    ("new homes, northernmost", "new homes", (Superlative(1, "northernmost"),)),
    ("western new houses", "new houses", (WEST,)),
    ("western new house", "new house", (WEST,)),
    ("show me western new houses", "show me new houses", (WEST,)),
    ("north new houses", "new houses", (NORTH,)),
    ("the northern tower", "northern tower", ()),
    ("new houses up north", "new houses", (NORTH,)),
    ("new houses down south", "new houses", (SOUTH,)),
    ("houses torn down south", "houses torn down", (SOUTH,)),
    ("houses torn down south of the river", "houses torn down south of the river", ()),
    ("the west side's new houses", "new houses", (WEST,)),
    ("show me the upper half's new houses", "show me new houses", (NORTH,)),
    ("new roads running from north to south", "new roads running from north to south", ()),
    ("new roads running north to south", "new roads running north to south", ()),
    ("new roads in the north leading to houses in the south",
     "new roads leading to houses in the south", (NORTH,)),
    ("new roads running in the north", "new roads running", (NORTH,)),
]  # fmt: skip
RANKS = [
    ("the half dozen biggest new barns", "new barns", (Superlative(6, "largest"),)),
    ("the two dozen largest new houses", "new houses", (Superlative(24, "largest"),)),
    ("a dozen of the smallest new houses", "new houses", (Superlative(12, "smallest"),)),
    ("a couple of the largest new houses", "new houses", (Superlative(2, "largest"),)),
    ("three of the largest new houses", "new houses", (Superlative(3, "largest"),)),
    ("the tenth largest new house", "new house", (Superlative(1, "largest", 10),)),
    ("top dozen new houses by size", "new houses", (Superlative(12, "largest"),)),
    ("new houses ranked by size, the first five", "new houses", (Superlative(5, "largest"),)),
    ("new roads by length, top 3", "new roads", (Superlative(3, "longest"),)),
    ("new houses, largest first", "new houses, largest first", ()),
    ("new houses, sorted from largest to smallest",
     "new houses, sorted from largest to smallest", ()),
    ("several of the largest new houses", "several of the largest new houses", ()),
    ("top 10 percent of new buildings by area",
     "top 10 percent of new buildings by area", ()),
]  # fmt: skip
EXAMPLES = [*LEADING, *PLACES, *RANKS]


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.rules) == (prompt, rules)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    "condition",
    ["in the north", "near the river", "since 2016", "larger than 100 m²", "northern half",
     "since 2016 in the north", "only the NW", "in the north, near the river"],
)  # fmt: skip
@pytest.mark.parametrize("joint", [": ", ", ", " – "])
def test_condition_at_the_start_belongs_to_all_wishes(condition: str, joint: str) -> None:
    first, second = split_wishes(f"{condition}{joint}new houses and felled trees")
    one = ChangeQuery.parse(first)
    other = ChangeQuery.parse(second)
    assert (one.prompt, other.prompt) == ("new houses", "felled trees")
    assert one.rules == other.rules
    assert one.times == other.times
    assert one.rules or one.times


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("in the north new houses and felled trees",
         ("new houses, in the north", "felled trees, in the north")),
        ("in the south there are new houses and felled trees",
         ("there are new houses, in the south", "felled trees, in the south")),
        ("the west side's new houses and felled trees",
         ("new houses, the west side", "felled trees, the west side")),
        ("in the north new houses, in the south felled trees",
         ("new houses, in the north", "felled trees, in the south")),
        ("in the north: new houses, in the south: felled trees and new roads",
         ("new houses, in the north", "felled trees, in the south", "new roads, in the south")),
        ("in 2016 houses were built and in 2018 trees were felled",
         ("houses were built, in 2016", "trees were felled, in 2018")),
        ("in the north: how many new houses and felled trees?",
         ("how many: new houses, in the north", "how many: felled trees, in the north")),
        ("the largest new house and felled trees", ("the largest new house", "felled trees")),
        ("southern roads were built and trees felled",
         ("southern roads were built", "trees felled")),
    ],
)  # fmt: skip
def test_wishes_keep_their_own_condition_at_the_start(text: str, wishes: tuple[str, ...]) -> None:
    assert split_wishes(text) == wishes


@pytest.mark.parametrize(
    "unit", ["in the north ", "near the river new ", "largest first ", "up north ", "a dozen of "]
)
def test_repeated_phrases_take_less_than_a_second(unit: str) -> None:
    start = time.process_time()
    split_wishes((unit * 1_000)[:1_000])
    ChangeQuery.parse((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1
