"""Questions for a number, an area, or yes or no, and those that have no such answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtrs_geo.query import ChangeQuery, Position, SizeBound, Superlative


@pytest.mark.parametrize(
    ("text", "question", "unit", "prompt"),
    [
        ("how many hectares of buildings were built?", "area", "ha", "buildings were built"),
        ("how many m² of new buildings are there?", "area", "m²", "new buildings"),
        ("how many square kilometres of forest were lost?", "area", "km²", "forest were lost"),
        ("the number of acres of forest that were felled", "area", "acres",
         "forest that were felled"),
        ("what area of forest was lost?", "area", "m²", "forest was lost"),
        ("what is the total area of new roads?", "area", "m²", "new roads"),
        ("total area covered by new ponds", "area", "m²", "new ponds"),
        ("how much forest was lost?", "area", "m²", "forest was lost"),
        ("how large is the largest new house?", "area", "m²", "new house"),
        ("how much water disappeared?", "area", "m²", "water disappeared"),
        ("how much cover of forest was lost?", "area", "m²", "cover of forest was lost"),
        ("how much larger is the forest?", None, "", "how much larger is the forest"),
        ("how much longer are the roads?", None, "", "how much longer are the roads"),
        ("how many foot bridges were built?", "count", "", "foot bridges were built"),
        ("how much is it", None, "", "how much is it"),
        ("the area of new buildings in the north", None, "", "area of new buildings"),
    ],
)  # fmt: skip
def test_questions_for_an_area(text: str, question: str | None, unit: str, prompt: str) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.unit, query.prompt) == (question, unit, prompt)
    assert query.unanswered == ""
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "question", "unanswered"),
    [
        ("are all new buildings in the north?", None, "all"),
        ("is every new building in the north?", None, "every"),
        ("are most new buildings near the road?", None, "most"),
        ("did all new houses appear in the north?", None, "all"),
        ("can you confirm that both new roads are in the south?", None, "both"),
        ("were the houses near the road all demolished?", None, "all"),
        ("are the new buildings in the north?", None, "the"),
        ("are the three largest new buildings in the north?", None, "the 3 largest"),
        ("was the largest building in the north demolished?", None, "the largest"),
        ("was the largest building demolished?", None, "the largest"),
        ("is the largest new house in the north near the river?", None, "the largest"),
        ("how many of the 3 largest new houses are not in the north?", None, "the 3 largest"),
        ("how many of the 3 largest new houses in the north are near the road?", None,
         "the 3 largest"),
        ("how many of the 3 largest new houses are in the north and larger than 50 m²?", None,
         "the 3 largest"),
        ("how many of the 3 largest new houses are there in the north?", None, "the 3 largest"),
        ("how many hectares of the 3 largest new houses are not in the north?", None,
         "the 3 largest"),
        ("how many of the 3 largest houses were demolished?", None, "the 3 largest"),
        ("how many kilometres of road were built?", None, "kilometres"),
        ("how much wider has the river grown?", None, "wider"),
        ("how many: how many kilometres of road were built?", None, "kilometres"),
        ("how many new hectares of forest are there?", None, "hectares"),
        ("what percentage of the forest was lost?", None, "percentage"),
        ("is there exactly one new house?", "count", "exactly one"),
        ("are there more than 10 new houses in the north?", "count", "more than 10"),
        ("were two houses demolished?", "count", "two"),
        ("are there many new houses?", "count", "many"),
        ("are there at least 2 ha of new forest?", "area", "at least 2 ha"),
    ],
)  # fmt: skip
def test_questions_about_more_than_any_are_not_answered_by_yes(
    text: str, question: str | None, unanswered: str
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.unanswered) == (question, unanswered)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    "text",
    [
        "are there new houses in the north?",
        "are new houses in the north?",
        "were any houses demolished in the north?",
        "were the houses near the road demolished?",
        "is anything new at all in the north?",
        "are there new houses larger than two hectares?",
        "is there a new road in the most northern part?",
    ],
)
def test_questions_about_any_are_for_yes_or_no(text: str) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.unanswered) == ("yes_no", "")


@pytest.mark.parametrize(
    ("text", "question", "rules"),
    [
        ("is the largest new house in the north?", "yes_no",
         (Superlative(1, "largest"), Position("north"))),
        ("is the second largest new house in the north?", "yes_no",
         (Superlative(1, "largest", 2), Position("north"))),
        ("is the smallest new house larger than 50 m²?", "yes_no",
         (Superlative(1, "smallest"), SizeBound("area", 50))),
        ("is the largest change in the north?", "yes_no",
         (Superlative(1, "largest"), Position("north"))),
        ("how many of the 3 largest new houses are in the north?", "count",
         (Superlative(3, "largest"), Position("north"))),
        ("how many hectares of the 3 largest new houses are in the north?", "area",
         (Superlative(3, "largest"), Position("north"))),
        ("what is the area of the 3 largest new houses that are in the north?", "area",
         (Position("north"), Superlative(3, "largest"))),
        ("how many hectares of the largest new house in the north?", "area",
         (Position("north"), Superlative(1, "largest"))),
        ("how many of the 3 largest new houses in the north?", "count",
         (Position("north"), Superlative(3, "largest"))),
        ("the largest new house in the north", None,
         (Position("north"), Superlative(1, "largest"))),
    ],
)  # fmt: skip
def test_the_rank_comes_first_where_the_rest_is_asked_of_it(
    text: str, question: str | None, rules: tuple[object, ...]
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.rules) == (question, rules)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "prompt", "words"),
    [
        ("were no houses demolished?", "houses demolished", "no"),
        ("are no trees missing", "trees missing", "no"),
        ("is it true that there were no houses demolished?", "houses demolished", "no"),
        ("did none of the houses disappear?", "houses disappear", "none of"),
        ("was not a single house demolished?", "house demolished", "not a single"),
        ("is it true that there weren't any new houses?", "new houses", "weren't any"),
        ("was nothing built in the north?", "anything built", "nothing"),
        ("are no trees left?", "no trees left", ""),
        ("weren't any houses demolished?", "houses demolished", ""),
        ("is there no longer a forest?", "no longer a forest", ""),
        ("are there no houses now?", "no houses now", ""),
        ("are there houses that were not demolished?", "houses that were not demolished", ""),
    ],
)
def test_a_question_with_no_is_asked_without_it(text: str, prompt: str, words: str) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.prompt, query.unanswered) == ("yes_no", prompt, words)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "question", "unit", "unanswered"),
    [
        ("total area of new houses in hectares", "area", "ha", ""),
        ("how much forest was lost in acres?", "area", "acres", ""),
        ("how many square miles of forest were lost?", "area", "mi²", ""),
        ("how many square yards of lawn were paved?", "area", "yd²", ""),
        ("how many ares of forest were lost?", "area", "ares", ""),
        ("how much forest in ha was lost?", "area", "ha", ""),
        ("the area of new houses in km²", "area", "km²", ""),
        ("how many new roads in km?", None, "", "km"),
        ("how many houses per hectare were built?", "count", "", "per hectare"),
        ("how many hectares of forest were lost per year?", "area", "ha", "per year"),
        ("percentage of forest lost", None, "", "percentage"),
        ("what % of the forest was lost?", None, "", "%"),
        ("total length of new roads", None, "", "length"),
        ("average area of new houses", None, "", "average area"),
    ],
)
def test_an_amount_is_given_in_its_unit_or_has_no_answer(
    text: str, question: str | None, unit: str, unanswered: str
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.unit, query.unanswered) == (question, unit, unanswered)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "question", "unit"),
    [
        ("the council wants to know how many houses have gone up", "count", ""),
        ("could you tell me how many houses were demolished?", "count", ""),
        ("find out how many houses were built since 2015", "count", ""),
        ("do you know how many houses were built?", "count", ""),
        ("my boss asks how many houses were built", "count", ""),
        ("show me how many trees were felled", "count", ""),
        ("I'd like to find out how many ponds are new", "count", ""),
        ("we need to know how many hectares of forest were lost", "area", "ha"),
        ("please find out how much forest disappeared", "area", "m²"),
        ("by how many hectares did the lake grow?", "area", "ha"),
        ("by how much did the lake grow?", "area", "m²"),
        ("how much has the forest shrunk", "area", "m²"),
        ("how much more paved area do we have?", "area", "m²"),
        ("acreage of cropland lost", "area", "acres"),
        ("hectares of wood cleared", "area", "ha"),
        ("square metres of roof added", "area", "m²"),
        ("total footprint of new buildings", "area", "m²"),
        ("what is the total surface of the new roads?", "area", "m²"),
        ("what is the size of the new lake", "area", "m²"),
        ("what area was sealed?", "area", "m²"),
        ("the council wants to know whether new houses were built", "yes_no", ""),
        ("we would like to know if houses were demolished", "yes_no", ""),
        ("tell me where houses were demolished", None, ""),
        ("could you show me demolished houses", None, ""),
        ("the area of new houses", None, ""),
        ("houses larger than 2 hectares", None, ""),
        ("how much did the new roof cost", None, ""),
        ("show what the council wants", None, ""),
    ],
)
def test_who_asks_and_how_does_not_hide_the_question(
    text: str, question: str | None, unit: str
) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.unit) == (question, unit)
    assert ChangeQuery.parse(query.explain()) == query


WORDS = [
    "is the", "are the", "are there", "are all", "how many", "how much", "what", "area of", "ha of",
    "hectares", "the", "largest", "3", "exactly", "two", "2 ha of", "new", "buildings", "change",
    "in the north", "larger than 200 m²", "demolished", "are", "of", "number of", "percentage of",
    "kilometres of", "every", "most", "that", "there", "yes or no:", "how many:", "how many ha:",
    ",", "?", "near the road", "except", "those", "any", "many", "since 2016", "were no", "nothing",
    "weren't", "none of the", "in hectares", "per hectare", "in km", "total length of",
    "by how many", "how much did", "grow", "what area was", "total footprint of", "acreage of",
    "could you tell me", "the council wants to know", "whether", "if", "hectares of", "asks",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=12))
def test_the_explanation_of_any_question_parses_to_the_same_query(words: list[str]) -> None:
    query = ChangeQuery.parse(" ".join(words))
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    "unit",
    ["are all ", "how many ha of ", "is the ", "exactly 3 ", "how ", "tell me how ",
     "the a wants to know ", "how much did "],
)  # fmt: skip
def test_repeated_question_words_are_parsed_in_bounded_time(unit: str) -> None:
    start = time.process_time()
    ChangeQuery.parse(f"is the {unit * 300}"[:1000])
    assert time.process_time() - start < 5
