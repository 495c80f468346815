from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrs_geo.data.sentences.building_words import TRAIN
from mtrs_geo.data.sentences.phrasebook import read_phrases
from mtrs_geo.errors import QueryError
from mtrs_geo.query import (
    MAX_CHARACTERS,
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

LARGEST = Superlative(1, "largest")
INF = float("inf")


def area(low: float = 0, high: float = INF) -> SizeBound:
    return SizeBound("area", low, high)


EXAMPLES: list[tuple[str, str, tuple[Rule, ...]]] = [
    ("", "", ()),
    ("any change", "", ()),
    ("Changes", "", ()),
    ("all changes", "", ()),
    ("what changed?", "", ()),
    ("What has changed here?", "", ()),
    ("everything that changed", "", ()),
    ("show me all changes", "", ()),
    ("new buildings", "new buildings", ()),
    ("The buildings that appeared.", "buildings that appeared", ()),
    ("changes in the south", "", (Position("south"),)),
    ("new buildings in the north", "new buildings", (Position("north"),)),
    ("new buildings in the northern part", "new buildings", (Position("north"),)),
    ("new buildings in the north-east", "new buildings", (Position("north-east"),)),
    ("new buildings in the Northeast", "new buildings", (Position("north-east"),)),
    ("new buildings in the south western corner", "new buildings", (Position("south-west"),)),
    ("new buildings at the top left", "new buildings", (Position("north-west"),)),
    ("new buildings in the upper-right quarter", "new buildings", (Position("north-east"),)),
    ("new houses on the left side of the image", "new houses", (Position("west"),)),
    ("new houses on the right", "new houses", (Position("east"),)),
    ("new houses in the centre", "new houses", (Position("centre"),)),
    ("new houses in the middle of the scene", "new houses", (Position("centre"),)),
    ("in the west, new houses", "new houses", (Position("west"),)),
    ("new houses in the north larger than 1 ha", "new houses", (Position("north"), area(1e4))),
    # Relations to other things, and names, stay in the prompt.
    ("houses in the middle of the road", "houses", (Inside("road"),)),
    ("houses to the north of the lake", "houses to the north of the lake", ()),
    ("the north tower", "north tower", ()),
    ("buildings in the north tower", "buildings in the north tower", ()),
    ("houses without roofs", "houses without roofs", ()),
    ("city centre buildings", "city centre buildings", ()),
    ("two new buildings", "two new buildings", ()),
    ("the largest new building", "new building", (LARGEST,)),
    ("the biggest of the new buildings", "new buildings", (LARGEST,)),
    ("only the single largest new building", "new building", (LARGEST,)),
    ("the three largest new buildings", "new buildings", (Superlative(3, "largest"),)),
    ("the 5 smallest new buildings", "new buildings", (Superlative(5, "smallest"),)),
    ("top 10 largest demolished houses", "demolished houses", (Superlative(10, "largest"),)),
    ("the top five by area of new houses", "new houses", (Superlative(5, "largest"),)),
    ("longest new road", "new road", (Superlative(1, "longest"),)),
    ("new buildings larger than 500 m²", "new buildings", (area(500),)),
    ("new buildings bigger than 1,000 m2", "new buildings", (area(1000),)),
    ("new buildings over 500 sqm", "new buildings", (area(500),)),
    ("new buildings of at least 500 square metres", "new buildings", (area(500),)),
    ("new buildings smaller than 0.5 ha", "new buildings", (area(high=5000),)),
    ("new buildings under two hectares", "new buildings", (area(high=20000),)),
    ("cleared forest exceeding 1.5 km²", "cleared forest", (area(1.5e6),)),
    ("fields at most 2 acres", "fields", (area(high=8093.713),)),
    ("new buildings larger than 200 square yards", "new buildings", (area(167.225),)),
    ("new lakes over 2 sq mi", "new lakes", (area(5179976.221),)),
    ("houses larger than 1000 sq ft", "houses", (area(92.903),)),
    ("houses between 100 and 200 m²", "houses", (area(100, 200),)),
    ("houses between 200 m² and 100 m²", "houses", (area(100, 200),)),
    ("houses with an area of at least 100 m²", "houses", (area(100),)),
    ("houses that are larger than 100 m²", "houses", (area(100),)),
    ("roads longer than 50 m", "roads", (SizeBound("length", 50),)),
    ("roads shorter than 0.2 km", "roads", (SizeBound("length", high=200),)),
    ("new houses within 50 m of the river", "new houses", (Near("river", 50),)),
    ("new houses less than 1 km from the new road", "new houses", (Near("new road", 1000),)),
    ("new houses near the river", "new houses", (Near("river", 50),)),
    ("new houses close to a lake", "new houses", (Near("lake", 50),)),
    ("new houses next to the road", "new houses", (Near("road", 20),)),
    ("new houses more than 100 feet from the road", "new houses", (Near("road", 30.48, True),)),
    ("new houses farther than 2 km from the river", "new houses", (Near("river", 2000, True),)),
    ("new houses away from the coast", "new houses", (Near("coast", 50, True),)),
    ("new houses within 50 m of the river in the north", "new houses",
     (Position("north"), Near("river", 50))),
    ("new houses near the river larger than 200 m²", "new houses",
     (area(200), Near("river", 50))),
    ("new buildings except new sheds", "new buildings", (Except("new sheds"),)),
    ("new buildings except for the new sheds", "new buildings", (Except("new sheds"),)),
    ("new buildings excluding roads", "new buildings", (Except("roads"),)),
    ("all changes other than new roads", "", (Except("new roads"),)),
    ("new buildings without the sheds", "new buildings", (Except("sheds"),)),
    ("new buildings but not in the north", "new buildings", (Except(None, (Position("north"),)),)),
    ("new buildings except those larger than 500 m²", "new buildings",
     (Except(None, (area(500),)),)),
    ("new buildings except the largest", "new buildings", (Except(None, (LARGEST,)),)),
    ("new buildings except the sheds in the south, except roads", "new buildings",
     (Except("sheds", (Position("south"),)), Except("roads"))),
    ("the two largest new houses in the top left, larger than 80 m²", "new houses",
     (Position("north-west"), area(80), Superlative(2, "largest"))),
    ("NEW BUILDINGS IN THE NORTH", "new buildings", (Position("north"),)),
    ("  new   buildings\tin the\nnorth!!", "new buildings", (Position("north"),)),
    ("new buildings in the north and in the east", "new buildings",
     (Position("north"), Position("east"))),
    # A negation keeps its meaning.
    ("houses no larger than 500 m²", "houses", (area(high=500),)),
    ("houses that are not larger than 500 m²", "houses", (area(high=500),)),
    ("houses not smaller than 1 ha", "houses", (area(1e4),)),
    ("houses that aren't larger than 5 m²", "houses that aren't larger than 5 m²", ()),
    ("houses that are not in the north", "houses", (Except(None, (Position("north"),)),)),
    ("houses not near the river", "houses", (Except(None, (Near("river", 50),)),)),
    ("buildings that were not demolished", "buildings that were not demolished", ()),
    ("houses in the north or the south", "houses",
     (AnyOf((Position("north"), Position("south"))),)),
    ("the second largest building", "building", (Superlative(1, "largest", 2),)),
    ("the 3rd largest building", "building", (Superlative(1, "largest", 3),)),
    # Pronouns are not in the grammar.
    ("houses close to each other", "houses close to each other", ()),
    ("a house with trees near it", "a house with trees near it", ()),
    ("houses within 5 minutes of the road", "houses within 5 minutes of the road", ()),
    ("north-facing roofs", "north-facing roofs", ()),
    ("the largest 3 houses", "houses", (Superlative(3, "largest"),)),
    ("houses in the middle-left", "houses", (Position("centre-west"),)),
    ("houses in the top centre", "houses", (Position("north-centre"),)),
    ("houses along the eastern edge", "houses", (Position("east"),)),
    ("houses near the top of the hill", "houses", (Near("top of the hill", 50),)),
    ("houses > 500 m²", "houses", (area(500),)),
    ("houses ≤ 1.5 ha", "houses", (area(high=15000),)),
    ("houses of 200 m² or more", "houses", (area(200),)),
    ("houses of 200 m2 or less", "houses", (area(high=200),)),
    ("houses between 0.5 ha and 20,000 m²", "houses", (area(5000, 20000),)),
    ("houses between 5 m and 20 m²", "houses between 5 m and 20 m²", ()),
    ("roads at least 50 m long", "roads", (SizeBound("length", 50),)),
    ("houses within fifty metres of the road", "houses", (Near("road", 50),)),
    ("houses less than 50 m away from the road", "houses", (Near("road", 50),)),
    ("houses larger than 999999999999999999 km²", "houses", (area(1e15),)),
    ("is there any change in the north?", "", (Position("north"),)),
    ("what changed between the two images?", "", ()),
    ("what is different?", "", ()),
    ("please show me any differences", "", ()),
    ("the largest new house except sheds", "new house", (Except("sheds"), LARGEST)),
    ("les nouvelles maisons", "les nouvelles maisons", ()),
    ("新しい建物", "新しい建物", ()),
    ("larger than 500", "larger than 500", ()),
    ("houses 500 m²", "houses 500 m²", ()),
    ("top floor", "top floor", ()),
    ("houses in the upper left-hand corner", "houses", (Position("north-west"),)),
    ("houses right next to the road", "houses", (Near("road", 20),)),
    ("houses not directly next to the road", "houses not directly next to the road", ()),
    ("houses not very near the river", "houses not very near the river", ()),
    ("houses near the river and near the road", "houses", (Near("river", 50), Near("road", 50))),
    ("houses less than 50 m from the road but more than 10 m from the river", "houses",
     (Near("road", 50), Near("river", 10, True))),
    ("houses near the river or near the road", "houses",
     (AnyOf((Near("river", 50), Near("road", 50))),)),
    ("buildings at least 10 m wide", "buildings", (SizeBound("width", 10),)),
    # Heights and depths are not measured and do not count as lengths.
    ("trees above 5 m in height", "trees above 5 m in height", ()),
    ("houses with a height of at least 10 m", "houses with a height of at least 10 m", ()),
    ("buildings 10 m and over in height", "buildings 10 m and over in height", ()),
    ("buildings under 500 ft 2", "buildings under 500 ft 2", ()),
    ("0 largest buildings", "0 largest buildings", ()),
    ("houses without the trees nearby", "houses without the trees nearby", ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "prompt", "rules"), EXAMPLES, ids=[e[0] for e in EXAMPLES])
def test_examples_have_this_prompt_and_these_rules(
    text: str, prompt: str, rules: tuple[Rule, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert query.prompt == prompt
    assert query.rules == rules
    assert query.text == text


def check_round_trip(text: str) -> None:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    reparsed = ChangeQuery.parse(query.prompt)
    assert reparsed.prompt == query.prompt
    assert reparsed.rules == ()


@pytest.mark.parametrize("text", [e[0] for e in EXAMPLES])
def test_the_explanation_of_an_example_parses_to_the_same_query(text: str) -> None:
    check_round_trip(text)


@given(st.text(max_size=200))
def test_the_explanation_of_any_text_parses_to_the_same_query(text: str) -> None:
    check_round_trip(text)


VOCABULARY = [
    "the", "in", "at", "north", "north-east", "top", "left", "centre", "of", "image", "largest",
    "three", "5", "by", "area", "larger", "than", "between", "and", "or", "100", "1,000", "2.5",
    "m²", "m", "ha", "km", "feet", "square", "near", "within", "next", "to", "river", "except",
    "those", "without", "but", "not", "no", "new", "buildings", "that", "are", "appeared", "change",
    "any", "what", ",", ".", "(", ")", "-", "single", "only", "smallest", "from", "away", "farther",
    "part", "corner", "among", "with", "an", "least", "second", "each other", ">", "more", "\"",
    "2nd", "northernmost", "furthest", "south", "by size", "edge", "ne", "southern", "wide",
    "1 000", "1.000", "0,5", "half a hectare", "about", "ignore", "along", "touching", "inside",
    "on", "it", "surrounded by", "close", "road", "were", "removed", "roads", "trees", "apart from",
    "everything", "houses", "how many", "is there", "did", "yes or no:", "how many:", "2016",
    "since", "before", "in the last", "years", "storm", "after", "to", ":", "-", "–", "centre",
    "situated on", "that are",
]  # fmt: skip


@settings(max_examples=600)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=14))
def test_the_explanation_of_any_grammar_words_parses_to_the_same_query(words: list[str]) -> None:
    check_round_trip(" ".join(words))


@pytest.mark.parametrize(
    "unit", ["the ", "north ", "in the north ", "(", "except ", "near ", "1,", "in in the north ",
             "larger than ", "between 1 and ", ", ", "top 5 ", "within 5 m of ", "ü", " "]
)  # fmt: skip
def test_repeated_phrases_are_parsed_in_bounded_time(unit: str) -> None:
    text = (unit * MAX_CHARACTERS)[:MAX_CHARACTERS]
    start = time.process_time()
    ChangeQuery.parse(text)
    # A pattern that backtracks would take minutes.
    assert time.process_time() - start < 10


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(QueryError, match=r"100,001 characters, more than 100,000"):
        ChangeQuery.parse("a" * 100_001)


def test_raw_uses_the_whole_sentence_as_the_prompt() -> None:
    query = ChangeQuery.parse(" The largest house in the north ", raw=True)
    assert query.prompt == "The largest house in the north"
    assert query.rules == ()
    assert query.explain() == query.prompt


def test_references_list_every_other_thing() -> None:
    text = "new houses near the river, except sheds, except those within 5 m of the new road"
    query = ChangeQuery.parse(text)
    assert query.references == ("river", "sheds", "new road")


def test_the_table_in_the_documentation_is_correct() -> None:
    text = (Path(__file__).parents[2] / "docs/queries.md").read_text()
    header = "| you write | prompt | rules for the whole scene |\n|---|---|---|\n"
    table = text.split(header)[1].split("\n\n")[0]
    checked = 0
    for row in table.splitlines():
        sentences, prompts, rules = (cell.strip() for cell in row.strip("|").split("|"))
        prompt, *references = prompts.replace("(any change, stage-1 head)", "").split("; ")
        prompt = prompt.removeprefix("(any change)")
        for sentence in re.findall("`(.*?)`", sentences):
            query = ChangeQuery.parse(sentence)
            assert query.prompt == prompt
            assert query.references == tuple(references)
            assert query.explain() == ", ".join(filter(None, [prompt or "any change", rules]))
            checked += 1
    assert checked == 8


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("new buildings", "appeared"),
        ("houses that have gone up since 2016", "appeared"),
        ("houses built since 2016 in the newer image", "appeared"),
        ("houses that are only in the second image", "appeared"),
        ("houses which are not there in the first picture", "appeared"),
        ("trees missing before", "appeared"),
        ("new houses within 50 m of the demolished school", "appeared"),
        ("new houses, except those that were demolished", "appeared"),
        ("the buildings that were demolished", "disappeared"),
        ("trees that are gone", "disappeared"),
        ("buildings that no longer stand", "disappeared"),
        ("sheds missing in the later photo", "disappeared"),
        ("sheds that only stood there before", "disappeared"),
        ("grass turned into a new road", "changed"),
        ("demolished and rebuilt houses", "changed"),
        ("new and demolished buildings", "changed"),
        ("buildings that were not demolished", "changed"),
        ("buildings that have not been built", "changed"),
        ("houses", "changed"),
        ("", "changed"),
        ("any change", "changed"),
    ],
)
def test_direction_of_a_sentence(text: str, direction: str) -> None:
    assert ChangeQuery.parse(text).direction == direction


def test_direction_of_training_sentences() -> None:
    """No training sentence gets the opposite direction; less than 2 % get ``changed``."""
    kinds = ("appear", "appear_building", "disappear", "disappear_building", "state")
    other_lines = {line for kind in kinds for line in read_phrases(kind)}
    for words, direction in ((TRAIN.appear, "appeared"), (TRAIN.disappear, "disappeared")):
        lines = [line for line in words if line not in other_lines]
        found: list[str] = [
            ChangeQuery.parse(line.format(n="houses"), raw=True).direction for line in lines
        ]
        assert len(lines) > 400
        assert set(found) <= {direction, "changed"}
        assert found.count(direction) > 0.98 * len(found)
    assert {
        ChangeQuery.parse(line.format(n="houses"), raw=True).direction
        for line in TRAIN.state
        if line not in other_lines
    } == {"changed"}


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("new houses within 50 m of the river", ("river",)),
        ("new houses near the demolished school", ()),
        ("new houses except those near the road", ("road",)),
        ("new houses except new sheds", ()),
        ("new houses", ()),
    ],
)
def test_references_without_a_direction_are_land_cover(
    text: str, references: tuple[str, ...]
) -> None:
    assert ChangeQuery.parse(text).land_cover_references == references
