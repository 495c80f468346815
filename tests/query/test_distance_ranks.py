"""Ranks by the distance to another thing, what is outside of it, and what is near but not at it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrs_geo.query import ChangeQuery, Except, Inside, Near, Position, Rule, Superlative
from mtrs_geo.query.relations import join_distance_ranks


def nearest(reference: str, count: int = 1, first: int = 1) -> Superlative:
    return Superlative(count, "nearest", first, reference)


EXAMPLES: list[tuple[str, str, tuple[Rule, ...]]] = [
    ("the new building closest to the road", "new building", (nearest("road"),)),
    ("the closest new building to the road", "new building", (nearest("road"),)),
    ("new buildings nearest the river", "new buildings", (nearest("river"),)),
    ("the three new buildings closest to a road", "new buildings", (nearest("road", 3),)),
    ("the 2 closest new houses to the river", "new houses", (nearest("river", 2),)),
    ("the second closest new house to the lake", "new house", (nearest("lake", first=2),)),
    ("the fourth nearest new house to the road", "new house", (nearest("road", first=4),)),
    ("the new house tenth closest to the road", "new house", (nearest("road", first=10),)),
    ("new sheds except the fifth nearest to the road", "new sheds",
     (Except(None, (nearest("road", first=5),)),)),
    ("the second and fourth nearest new houses to the road",
     "second and fourth nearest new houses to the road", ()),
    ("the new pond nearest to the road", "new pond", (nearest("road"),)),
    ("new houses in the south nearest to the road", "new houses",
     (Position("south"), nearest("road"))),
    ("the eleventh nearest new house to the road", "eleventh nearest new house to the road", ()),
    ("the new house furthest away from the road", "new house",
     (Superlative(1, "farthest", reference="road"),)),
    ("the new building that is closest to the river within 50 m of the road", "new building",
     (Near("road", 50), nearest("river"))),
    ("the largest of the three new buildings nearest to the road", "new buildings",
     (nearest("road", 3), Superlative(1, "largest"))),
    ("the nearest new building to the road of the three largest", "new building",
     (Superlative(3, "largest"), nearest("road"))),
    ("new sheds in the north except the nearest to the road", "new sheds",
     (Position("north"), Except(None, (nearest("road"),)))),
    ("new buildings closest to the road or the river",
     "new buildings closest to the road or the river", ()),
    ("new buildings nearest to the upper edge", "new buildings", (Superlative(1, "northernmost"),)),
    ("new buildings 200 m from the nearest house", "new buildings 200 m from the nearest house",
     ()),
    ("new buildings outside the village", "new buildings", (Inside("village", outside=True),)),
    ("zebra crossings outside the school", "zebra crossings outside the school", ()),
    ("new houses on the river bank", "new houses", (Near("river bank", 20),)),
    ("new houses near the forest but not within 20 m of it", "new houses",
     (Near("forest", 50), Except(None, (Near("forest", 20),)))),
    ("new houses near the road, but not within 20 m of the forest", "new houses",
     (Near("road", 50), Except(None, (Near("forest", 20),)))),
    ("new houses close to but not within 20 m of the forest", "new houses",
     (Near("forest", 50), Except(None, (Near("forest", 20),)))),
    ("new houses near the road but not next to it", "new houses",
     (Near("road", 50), Except(None, (Near("road", 20),)))),
    ("new houses near the river but not in the vicinity of the road", "new houses",
     (Near("river", 50), Except(None, (Near("road", 50),)))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert query.prompt == prompt
    assert query.rules == rules
    assert ChangeQuery.parse(query.explain()) == query


def test_the_thing_of_a_distance_rank_is_a_reference() -> None:
    query = ChangeQuery.parse("the new building closest to the road, except the nearest to a lake")
    assert query.references == ("lake", "road")
    assert query.land_cover_references == ("lake", "road")


WORDS = [
    "the", "new", "houses", "three", "2", "2nd", "closest", "nearest", "farthest", "furthest", "to",
    "from", "away", "road", "river", "of", "outside", "village", "largest", "in the north",
    "except", "those", "and", "or", "but", "not", "within 20 m of", "near", "it", ",", "that are",
    "on the river bank", "along", "inside", "situated on", "any change",
]  # fmt: skip


@settings(max_examples=600)
@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_the_explanation_parses_to_the_same_query(words: list[str]) -> None:
    query = ChangeQuery.parse(" ".join(words))
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    "unit", ["nearest ", "the 3 ", "closest to ", "closest to the road ", "nearest a to the ",
             "3 new houses ", "outside the ", "near a not within 5 m of ", "near it but not near "]
)  # fmt: skip
def test_repeated_phrases_take_less_than_a_second(unit: str) -> None:
    start = time.process_time()
    ChangeQuery.parse((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1


def test_words_of_a_distance_rank_are_joined() -> None:
    joined = join_distance_ranks("the three closest new buildings to the road")
    assert joined == "new buildings the three nearest to the road"
