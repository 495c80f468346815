"""Sizes and distances that are written alike, and exceptions of one word."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery, Except, Near, Rule, SizeBound, Superlative
from mtrs_geo.query.numbers import parse_number
from mtrs_geo.query.rules import Position
from mtrs_geo.query.sizes import write_bounds, write_distances

FAR, CLOSE = Near("river", 50, beyond=True), Near("river", 100)
EXAMPLES: list[tuple[str, str, tuple[Rule, ...]]] = [
    # Two distances to one thing.
    ("new houses more than 50 m but less than 100 m from the river", "new houses", (FAR, CLOSE)),
    ("new houses less than 100 m but more than 50 m from the river", "new houses", (FAR, CLOSE)),
    ("new houses at least 50 m and at most 100 m from the river", "new houses", (FAR, CLOSE)),
    ("new houses 50-100 m off the river", "new houses", (FAR, CLOSE)),
    ("houses between 50 and 100 m from the river that were built", "houses that were built",
     (FAR, CLOSE)),
    ("new houses more than 50 m off the river", "new houses", (FAR,)),
    ("new houses at most a hundred metres off the river", "new houses", (CLOSE,)),
    # The first is a length: nothing is farther than 100 m and closer than 50 m.
    ("roads more than 100 m and less than 50 m from the river", "roads",
     (SizeBound("length", 100), Near("river", 50))),
    ("roads longer than 50 m and within 100 m of the river", "roads",
     (SizeBound("length", 50), CLOSE)),
    # Where the name of a thing ends.
    ("new houses close to the lake yet away from the river", "new houses", (Near("lake", 50), FAR)),
    ("trees felled around the lake within 100 m of the river", "trees felled",
     (Near("lake", 50), CLOSE)),
    ("new houses near the lake (100 m)", "new houses (100 m)", (Near("lake", 50),)),
    ("new houses near both the lake and roads", "new houses",
     (Near("lake", 50), Near("roads", 50))),
    ("new houses within earshot of the road", "new houses within earshot of the road", ()),
    ("new houses in a 100 m buffer around the river", "new houses", (CLOSE,)),
    ("new houses within a radius of 100 m of the river", "new houses", (CLOSE,)),
    ("new houses outside a 50 m buffer around the river", "new houses", (FAR,)),
    ("new houses away from the 50 m zone along the river", "new houses", (FAR,)),
    ("a 100 m strip of river dried up", "a 100 m strip of river dried up", ()),
    ("new 50-100 m of road to the river", "new 50-100 m of road to the river", ()),
    ("new houses 50 m to 100 m to the west of the river",
     "new houses 50 m to 100 m to the west of the river", ()),
    ("parks minus all their trees", "parks minus all their trees", ()),
    ("new houses next door to the river", "new houses", (Near("river", 20),)),
    ("houses demolished by the river", "houses demolished", (Near("river", 20),)),
    ("houses destroyed by the river", "houses destroyed by the river", ()),
    ("new houses at the lake", "new houses", (Near("lake", 20),)),
    ("what changed at the lake", "what changed at the lake", ()),
    # Sizes.
    ("new roads 10 m or wider", "new roads", (SizeBound("width", 10),)),
    ("new roads 10 m or narrower", "new roads", (SizeBound("width", high=10),)),
    ("ponds below a tenth of a hectare", "ponds", (SizeBound("area", high=1000),)),
    ("ponds over three quarters of a hectare", "ponds", (SizeBound("area", 7500),)),
    ("halls larger than .5 ha", "halls", (SizeBound("area", 5000),)),
    ("halls above 100 m above sea level", "halls above 100 m above sea level", ()),
    ("ignore noise under 25 m²: new halls", "new halls", (SizeBound("area", 25),)),
    ("drop slivers under 25 m² and list the new halls", "list the new halls",
     (SizeBound("area", 25),)),
    # Exceptions.
    ("new houses less the ones in the north", "new houses",
     (Except(None, (Position("north"),)),)),
    ("new houses less the biggest", "new houses", (Except(None, (Superlative(1, "largest"),)),)),
    ("new houses bar the biggest", "new houses", (Except(None, (Superlative(1, "largest"),)),)),
    ("new houses save the smallest", "new houses",
     (Except(None, (Superlative(1, "smallest"),)),)),
    ("new houses minus sheds", "new houses", (Except("sheds"),)),
    ("skip sheds under 25 m²: new houses", "new houses",
     (Except("sheds", (SizeBound("area", high=25),)),)),
    ("areas with less trees", "areas with less trees", ()),
    ("the new image minus the old one", "new image minus the old one", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.rules) == (prompt, rules)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a tenth of a", 0.1),
        ("two thirds of an", 2 / 3),
        ("half a", 0.5),
        ("an", 1.0),
        (".25", 0.25),
    ],
)
def test_parts_of_a_unit_are_numbers(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value)


def test_a_comparative_behind_a_size_is_written_without_it() -> None:
    assert write_bounds("felled trees 1 ha or bigger") == "felled trees 1 ha or more"
    assert write_bounds("roads 10 m or narrower") == "roads 10 m wide or less"
    assert write_bounds("1 ha larger than or equal to 2 ha") == "1 ha larger than 2 ha"


@pytest.mark.parametrize(
    "unit", ["more than 5 m but ", "5 m ", "a 5 m buffer of ", "1 ha or bigger "]
)
def test_repeated_phrases_take_less_than_a_second(unit: str) -> None:
    start = time.perf_counter()
    ChangeQuery.parse((unit * 80)[:1000])
    write_distances(write_bounds((unit * 80)[:1000]))
    assert time.perf_counter() - start < 1
