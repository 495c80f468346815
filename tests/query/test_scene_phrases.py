"""Phrases about the whole scene: ranks, positions, sizes, relations and exceptions."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import (
    AnyOf,
    ChangeQuery,
    Except,
    Inside,
    Near,
    Position,
    Rule,
    SizeBound,
    Superlative,
)
from mtrs_geo.query.rules import SimpleRule

INF = float("inf")
EDGE, CORNER = Position("edge"), Position("corner")


def area(low: float = 0, high: float = INF) -> SizeBound:
    return SizeBound("area", low, high)


def either(*places: str) -> AnyOf:
    return AnyOf(tuple(Position(place) for place in places))


def excepted(*rules: SimpleRule) -> Except:
    return Except(None, rules)


RANKS = [
    ("the second largest new house", "new house", (Superlative(1, "largest", 2),)),
    ("the 12th smallest new house", "new house", (Superlative(1, "smallest", 12),)),
    ("the second and third largest house", "second and third largest house", ()),
    ("the northernmost new house", "new house", (Superlative(1, "northernmost"),)),
    ("the two southernmost ponds", "ponds", (Superlative(2, "southernmost"),)),
    ("which pond lies furthest south?", "which pond", (Superlative(1, "southernmost"),)),
    ("the most westerly new house", "new house", (Superlative(1, "westernmost"),)),
    ("the two most extensive new roads", "new roads", (Superlative(2, "largest"),)),
    ("the widest new road", "new road", (Superlative(1, "widest"),)),
    ("top five by size", "", (Superlative(5, "largest"),)),
    ("the first five new houses by size", "new houses", (Superlative(5, "largest"),)),
    ("top 3 new roads by length", "new roads", (Superlative(3, "longest"),)),
    ("rank new houses by size and give me the first five", "new houses",
     (Superlative(5, "largest"),)),
]  # fmt: skip
POSITIONS = [
    ("new houses in the north or in the south", "new houses", (either("north", "south"),)),
    ("new houses in the north and the south", "new houses", (either("north", "south"),)),
    ("new houses in the north, the east or the west", "new houses",
     (either("north", "east", "west"),)),
    ("new houses in the NW", "new houses", (Position("north-west"),)),
    ("NE corner: new houses", "new houses", (Position("north-east"),)),
    ("SE corner new houses", "new houses", (Position("south-east"),)),
    ("new houses at the edge of the image", "new houses", (EDGE,)),
    ("new houses at the margins of the photo", "new houses", (EDGE,)),
    ("new houses in any of the four corners", "new houses", (CORNER,)),
    ("top of the image: new houses", "new houses", (Position("north"),)),
    ("southern half, new houses", "new houses", (Position("south"),)),
    ("western third – new houses", "new houses", (Position("west"),)),
    ("demolished sheds, north-east", "demolished sheds", (Position("north-east"),)),
    ("new houses, upper part only", "new houses", (Position("north"),)),
    ("new houses over on the right", "new houses", (Position("east"),)),
    ("new houses on the left-hand side", "new houses", (Position("west"),)),
    ("south-western meadows", "meadows", (Position("south-west"),)),
    ("southern roads: whatever was built", "roads: whatever was built", (Position("south"),)),
    ("new houses on North Road", "new houses on north road", ()),
    ("the southern tower", "southern tower", ()),
    ("new houses west of the centre", "new houses", (Position("west"),)),
    ("new houses in the image centre", "new houses", (Position("centre"),)),
    ("how did lakes in the east alter", "how did lakes alter", (Position("east"),)),
    ("houses in the north park", "houses in the north park", ()),
]  # fmt: skip
SIZES = [
    ("roads at least 10 m wide", "roads", (SizeBound("width", 10),)),
    ("roads wider than 10 m", "roads", (SizeBound("width", 10),)),
    ("roads narrower than 10 m", "roads", (SizeBound("width", high=10),)),
    ("roads between 5 and 10 m wide", "roads", (SizeBound("width", 5, 10),)),
    ("houses larger than 1 000 m²", "houses", (area(1000),)),
    ("houses larger than 1\u00a0000 m²", "houses", (area(1000),)),
    ("houses larger than 1'000 m²", "houses", (area(1000),)),
    ("houses larger than 1.000.000 m²", "houses", (area(1e6),)),
    ("houses larger than 1.000,5 m²", "houses", (area(1000.5),)),
    ("houses larger than 0,5 ha", "houses", (area(5000),)),
    ("houses larger than 0,125 ha", "houses", (area(1250),)),
    ("houses larger than 1.000 m²", "houses larger than 1.000 m²", ()),
    ("houses of 1.000 m² or more", "houses of 1.000 m² or more", ()),
    ("5 % larger houses", "5 % larger houses", ()),
    ("houses of roughly 500 m²", "houses", (area(400, 600),)),
    ("houses of about 500 m²", "houses", (area(400, 600),)),
    ("halls covering over a hectare", "halls", (area(10_000),)),
    ("halls under half a hectare", "halls", (area(high=5000),)),
    ("halls over two hundred square metres", "halls", (area(200),)),
    ("houses above 1000 sqm", "houses", (area(1000),)),
    ("soil, pieces of 100 to 1000 m2, that got a pavement", "soil, that got a pavement",
     (area(100, 1000),)),
    ("houses of 100-200 m²", "houses", (area(100, 200),)),
    ("patches added, each less than 150 square metres in area", "patches added",
     (area(high=150),)),
    ("ignore anything below 100 m²", "", (area(100),)),
    ("ignore anything below 100 m² and show the remaining changes", "", (area(100),)),
    ("groundwater dropped by over 2 m", "groundwater dropped by over 2 m", ()),
    ("masts taller than thirty metres", "masts taller than thirty metres", ()),
]  # fmt: skip
RELATIONS = [
    ("gravel adjoining the warehouses that has been asphalted",
     "gravel that has been asphalted", (Near("warehouses", 5),)),
    ("homes built right up against the forest", "homes built", (Near("forest", 5),)),
    ("annexes built onto another house", "annexes built", (Near("house", 5),)),
    ("hedges bordering a road that were grubbed out", "hedges that were grubbed out",
     (Near("road", 5),)),
    ("houses lining the main road that were pulled down", "houses that were pulled down",
     (Near("main road", 20),)),
    ("verges along roads stripped down to soil", "verges stripped down to soil",
     (Near("roads", 20),)),
    ("Where did trees beside the lake get removed?", "where did trees get removed",
     (Near("lake", 20),)),
    ("new housing adjacent to woodland that was cleared", "new housing",
     (Near("woodland that was cleared", 20),)),
    ("road changes by the waterside", "road changes", (Near("waterside", 20),)),
    ("grass taken over by the lake", "grass taken over by the lake", ()),
    ("flags hoisted in front of the town hall", "flags hoisted", (Near("town hall", 20),)),
    ("all changes around the reservoir", "", (Near("reservoir", 50),)),
    ("huts erected inside orchards", "huts erected", (Inside("orchards"),)),
    ("green patches among the houses", "green patches among the houses", ()),
    ("green patches, among the houses", "green patches", (Inside("houses"),)),
    ("ponds surrounded by trees", "ponds", (Inside("trees"),)),
    ("pools in the meadows that no longer exist", "pools that no longer exist",
     (Inside("meadows"),)),
    ("changes in the forest", "changes in the forest", ()),
    ("houses between the road and the river", "houses between the road and the river", ()),
    ("new houses near the road or the river", "new houses",
     (AnyOf((Near("road", 50), Near("river", 50))),)),
    ("houses near the river or in the north", "houses near the river or in the north", ()),
    ("new houses close to but not on the road", "new houses",
     (Near("road", 50), excepted(Inside("road", with_gaps=False)))),
    ("new houses near the road but not on it", "new houses",
     (Near("road", 50), excepted(Inside("road", with_gaps=False)))),
    ("halls not near a road", "halls", (excepted(Near("road", 50)),)),
    ("homes keeping 40 m clearance or more from trees", "homes", (Near("trees", 40, True),)),
    ("water closer than 25 m to buildings", "water", (Near("buildings", 25),)),
    ("houses less than 30 metres from a road", "houses", (Near("road", 30),)),
    ("houses not further than 50 m from existing houses", "houses",
     (Near("existing houses", 50),)),
    ("trees lost, max 10 m from the stream", "trees lost", (Near("stream", 10),)),
    ("houses within a stone's throw of roads", "houses", (Near("roads", 50),)),
    ("new houses near the road built in 2010", "new houses", (Near("road built", 50),)),
]  # fmt: skip
EXCEPTIONS = [
    ("all changes with the exception of water", "", (Except("water"),)),
    ("any change apart from trees", "", (Except("trees"),)),
    ("all changes aside from those of cars", "", (Except("cars"),)),
    ("all changes save for roads", "", (Except("roads"),)),
    ("all changes but water", "", (Except("water"),)),
    ("everything but roads", "", (Except("roads"),)),
    ("fields which became anything but buildings",
     "fields which became anything but buildings", ()),
    ("everything except houses, roads and ponds", "",
     (Except("houses"), Except("roads"), Except("ponds"))),
    ("all changes except new sheds and garages", "", (Except("new sheds and garages"),)),
    ("all changes except roads, west half", "", (Position("west"), Except("roads"))),
    ("houses that are seen in the second image but not in the first image",
     "houses that are seen in the second image but not in the first image", ()),
]  # fmt: skip
EXAMPLES = [*RANKS, *POSITIONS, *SIZES, *RELATIONS, *EXCEPTIONS]


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, query.rules) == (prompt, rules)
    assert ChangeQuery.parse(query.explain()) == query
    assert ChangeQuery.parse(query.prompt).rules == ()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("houses larger than 1.000 m²",
         ("'1.000 m²' may be 1000 m² or 1 m²: write one of them.",)),
        ("roads over 1.250 km", ("'1.250 km' may be 1250 km or 1.25 km: write one of them.",)),
        ("houses larger than 1.5 ha", ()),
        ("houses larger than 0.125 ha", ()),
        ("1.000 new houses", ()),
    ],
)  # fmt: skip
def test_a_number_that_may_mean_two_things_is_asked_back(
    text: str, sentences: tuple[str, ...]
) -> None:
    assert ChangeQuery.parse(text).ambiguous == sentences


def test_a_bare_noun_in_an_exception_is_asked_in_both_directions() -> None:
    query = ChangeQuery.parse("new houses near the road, except roads, except new sheds")
    assert query.references == ("road", "roads", "new sheds")
    assert query.prompts_of("road") == ("road",)
    assert query.prompts_of("roads") == ("new roads", "removed roads")
    assert query.prompts_of("new sheds") == ("new sheds",)
    both = ChangeQuery.parse("new houses near roads except roads")
    assert both.prompts_of("roads") == ("roads", "new roads", "removed roads")


def test_references_of_alternatives_and_insides_are_land_cover() -> None:
    query = ChangeQuery.parse("new houses near the road or new ponds, inside the forest")
    assert query.references == ("forest", "road", "new ponds")
    assert query.land_cover_references == ("forest", "road")


def test_a_long_text_is_the_prompt_and_takes_little_time() -> None:
    start = time.process_time()
    query = ChangeQuery.parse("in the north or near a road, " * 3_400)
    assert time.process_time() - start < 1
    assert not query.rules
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    "unit", ["in the north or ", "near a road or ", "1 000 ", "not on the ", "is there ", "2nd ",
             "since 2016 ", "how many ", "that was ", "near a not on a ", "and ", "about 5 m "]
)  # fmt: skip
def test_repeated_phrases_of_a_sentence_take_less_than_a_second(unit: str) -> None:
    start = time.process_time()
    ChangeQuery.parse((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1
