"""Exceptions: what "but" leaves out, several sets in one exception, and the order of ranks."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import (
    AnyOf,
    ChangeQuery,
    Except,
    Near,
    Position,
    Rule,
    SizeBound,
    Superlative,
)
from mtrs_geo.query.rules import SimpleRule

NORTH, SOUTH, LARGEST = Position("north"), Position("south"), Superlative(1, "largest")
SMALLEST, NORTHERNMOST = Superlative(1, "smallest"), Superlative(1, "northernmost")
LARGE = SizeBound("area", 500)
ROAD, RIVER = Near("road", 50), Near("river", 50)


def without(*rules: SimpleRule) -> Except:
    return Except(None, rules)


BUT = [
    ("every new house but the largest", "every new house", (without(LARGEST),)),
    ("all new houses but the three largest", "new houses", (without(Superlative(3, "largest")),)),
    ("all new houses but for the largest one", "new houses", (without(LARGEST),)),
    ("all new houses but those in the north", "new houses", (without(NORTH),)),
    ("all new houses but the ones near the road", "new houses", (without(ROAD),)),
    ("all new houses but in the north", "new houses", (without(NORTH),)),
    ("new roads wider than 5 m but the longest", "new roads",
     (SizeBound("width", 5), without(Superlative(1, "longest")))),
    ("new houses, the largest excepted", "new houses", (without(LARGEST),)),
    ("new houses but neither the largest nor the smallest", "new houses",
     (without(LARGEST), without(SMALLEST))),
    ("any changes but in the north", "", (without(NORTH),)),
    ("new houses anywhere but in the north", "new houses anywhere", (without(NORTH),)),
    ("anywhere but in the north: new houses", "new houses", (without(NORTH),)),
    # "But" joins another condition or wish.
    ("any new houses, but in the north", "any new houses", (NORTH,)),
    ("any new houses but in the north", "any new houses", (NORTH,)),
    ("all new houses, but in the north", "new houses", (NORTH,)),
    ("new houses but larger than 500 m²", "new houses", (LARGE,)),
    ("new houses near the road but in the north", "new houses", (NORTH, ROAD)),
    ("new houses but only in the north", "new houses", (NORTH,)),
    ("new houses but only the largest", "new houses", (LARGEST,)),
    ("new houses but the largest only", "new houses", (LARGEST,)),
    ("nothing but the largest new house", "nothing but new house", (LARGEST,)),
    ("the smallest but one new house", "new house", (Superlative(1, "smallest", 2),)),
]  # fmt: skip
ALL_BUT = [
    ("all but the largest new house", "new house", (without(LARGEST),)),
    ("all except the largest new houses", "new houses", (without(LARGEST),)),
    ("all but the two largest new houses in the north", "new houses",
     (NORTH, without(Superlative(2, "largest")))),
    ("all but the largest", "", (without(LARGEST),)),
    ("all but new roads", "", (Except("new roads"),)),
    ("everything but the largest new house", "", (Except("new house", (LARGEST,)),)),
]  # fmt: skip
RANKS = [
    ("the northernmost of the three largest new houses", "new houses",
     (Superlative(3, "largest"), NORTHERNMOST)),
    ("the largest of the three northernmost new houses", "new houses",
     (Superlative(3, "northernmost"), LARGEST)),
    ("the second largest of the three northernmost new houses", "new houses",
     (Superlative(3, "northernmost"), Superlative(1, "largest", 2))),
    ("the largest new house among the three northernmost", "new house",
     (Superlative(3, "northernmost"), LARGEST)),
    ("the largest and the smallest new house", "new house", (AnyOf((LARGEST, SMALLEST)),)),
    ("the largest new house and the smallest", "new house", (AnyOf((LARGEST, SMALLEST)),)),
    ("the 3 largest new houses and the smallest house", "new houses",
     (AnyOf((Superlative(3, "largest"), SMALLEST)),)),
    ("the largest new buildings and the smallest buildings", "new buildings",
     (AnyOf((LARGEST, SMALLEST)),)),
    ("the largest new house and the two smallest new houses", "new house",
     (AnyOf((LARGEST, Superlative(2, "smallest"))),)),
    ("the second and the third largest new houses", "second and the third largest new houses", ()),
    ("the two largest, the smallest and the northernmost new house", "new house",
     (AnyOf((Superlative(2, "largest"), SMALLEST, NORTHERNMOST)),)),
    ("the largest and the smallest of the 3 northernmost new houses", "new houses",
     (Superlative(3, "northernmost"), AnyOf((LARGEST, SMALLEST)))),
]  # fmt: skip
SETS = [
    ("new houses except the largest and the smallest", "new houses",
     (without(LARGEST), without(SMALLEST))),
    ("new houses except the second and third largest", "new houses",
     (without(Superlative(1, "largest", 2)), without(Superlative(1, "largest", 3)))),
    ("new houses except those larger than 500 m² and those in the north", "new houses",
     (without(LARGE), without(NORTH))),
    ("new houses except those near the road and those near the river", "new houses",
     (without(ROAD), without(RIVER))),
    ("new houses except near the road or in the north", "new houses",
     (without(ROAD), without(NORTH))),
    ("new houses except in the north and near the road", "new houses",
     (without(NORTH), without(ROAD))),
    ("new houses except the largest, the smallest and those in the south", "new houses",
     (without(LARGEST), without(SMALLEST), without(SOUTH))),
    ("new houses except sheds and those in the north", "new houses",
     (Except("sheds"), without(NORTH))),
    ("new houses except those in the north and sheds", "new houses",
     (without(NORTH), Except("sheds"))),
    ("new houses except the largest and the smallest of the 3 northernmost", "new houses",
     (without(Superlative(3, "northernmost"), AnyOf((LARGEST, SMALLEST))),)),
    ("new houses except those larger than 500 m² and near the road", "new houses",
     (without(LARGE, ROAD),)),
    # After "not", another condition belongs to the whole sentence.
    ("new houses not in the north and larger than 500 m²", "new houses",
     (LARGE, without(NORTH))),
    ("new houses not in the north but near the road", "new houses", (ROAD, without(NORTH))),
    ("new houses that are not in the south and not smaller than 500 m²", "new houses",
     (LARGE, without(SOUTH))),
    ("new houses not in the north and at least 500 m²", "new houses", (LARGE, without(NORTH))),
    ("new houses not near the road and over 500 m²", "new houses", (LARGE, without(ROAD))),
    # One preposition for both places.
    ("new houses not in the north and south", "new houses", (without(NORTH), without(SOUTH))),
    ("new houses not in the north and the south", "new houses", (without(NORTH), without(SOUTH))),
    # What "but" contrasts with the negation is wanted.
    ("new houses, not those in the north but those in the south", "new houses",
     (SOUTH, without(NORTH))),
    ("new houses not in the north but the ones in the south", "new houses",
     (SOUTH, without(NORTH))),
    ("new houses but not those in the north, but those in the south", "new houses",
     (SOUTH, without(NORTH))),
    ("new houses, not the largest but the smallest", "new houses", (without(LARGEST), SMALLEST)),
    ("all new houses not in the north but the largest", "new houses",
     (without(NORTH), without(LARGEST))),
    ("new houses not in the north or near the road", "new houses",
     (without(NORTH), without(ROAD))),
]  # fmt: skip
EXAMPLES = [*BUT, *ALL_BUT, *RANKS, *SETS]


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.rules) == (prompt, rules)
    assert ChangeQuery.parse(query.explain()) == query
    assert ChangeQuery.parse(query.prompt).rules == ()


@pytest.mark.parametrize(
    "unit", ["the largest and ", "but the largest ", "except the largest and those in the north, ",
             "neither the largest nor ", "all but the largest ", "the largest excepted, ",
             "not those in the north but those in the south ", "the largest a and the smallest a "]
)  # fmt: skip
def test_repeated_phrases_of_a_sentence_take_less_than_a_second(unit: str) -> None:
    start = time.process_time()
    ChangeQuery.parse((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1


@pytest.mark.parametrize("joint", ["; ", ": ", ". ", " - ", ", ", " and ", "? ", " since 2015, "])
@pytest.mark.parametrize("verb", ["exclude", "ignore", "leave out", "skip"])
def test_what_has_a_size_is_left_out_after_any_separator(joint: str, verb: str) -> None:
    query = ChangeQuery.parse(f"new buildings{joint}{verb} structures under 50 m2")
    small = SizeBound("area", high=50)
    assert query.prompt == "new buildings"
    assert query.rules == (Except("structures", (small,)),)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("new buildings (excluding structures under 50 m2)",
         [Except("structures", (SizeBound("area", high=50),))]),
        ("new buildings (ignore anything under 50 m2)", [SizeBound("area", low=50)]),
        ("lost ponds; exclude ponds over 500 m2", [Except("ponds", (SizeBound("area", 500),))]),
        ("exclude structures under 50 m2. show new buildings.",
         [Except("structures", (SizeBound("area", high=50),))]),
        ("new houses; exclude the small sheds of 20 m2 or less",
         [Except("sheds", (SizeBound("area", high=20),))]),
        ("new houses; exclude sheds < 20 m2", [Except("sheds", (SizeBound("area", high=20),))]),
        ("new houses; exclude sheds between 10 and 20 m2",
         [Except("sheds", (SizeBound("area", 10, 20),))]),
        ("new houses; exclude sheds and barns under 20 m2",
         [Except(name, (SizeBound("area", high=20),)) for name in ("sheds", "barns")]),
        ("hedgerow removal; exclude gaps under 20 m", [SizeBound("length", low=20)]),
    ],
)  # fmt: skip
def test_sizes_that_are_left_out(text: str, rules: list[Rule]) -> None:
    assert list(ChangeQuery.parse(text).rules) == rules


@pytest.mark.parametrize(
    "text",
    [
        "new houses, skip the very small wooden garden sheds under 20 m2",
        "new houses; exclude sheds of about 20 m2",
        "new houses; exclude sheds under 20 m2 and over 500 m2",
    ],
)
def test_a_bound_is_never_that_of_what_is_left_out(text: str) -> None:
    assert ChangeQuery.parse(text).rules == ()
