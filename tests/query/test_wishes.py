"""Questions, and sentences that ask for several changes."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery, split_wishes


@pytest.mark.parametrize(
    ("text", "question", "prompt"),
    [
        ("how many houses were built?", "count", "houses were built"),
        ("How many new houses are there in the north?", "count", "new houses"),
        ("Please count the trees lost in the north.", "count", "trees lost"),
        ("count of water bodies that emerged", "count", "water bodies that emerged"),
        ("the number of new houses", "count", "new houses"),
        ("is there a new school?", "yes_no", "new school"),
        ("Did a new road appear?", "yes_no", "new road appear"),
        ("have any trees been cut?", "yes_no", "trees been cut"),
        ("is there any change in the north?", "yes_no", ""),
        ("can you confirm that no homes were lost?", "yes_no", "homes were lost"),
        ("did any houses appear, and where?", None, "did any houses appear, and where"),
        ("was grass, now a road", None, "was grass, now a road"),
        ("new houses", None, "new houses"),
        ("where are new houses?", None, "where are new houses"),
        ("is it", None, "is it"),
    ],
)
def test_questions(text: str, question: str | None, prompt: str) -> None:
    query = ChangeQuery.parse(text)
    assert (query.question, query.prompt) == (question, prompt)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("new roads and demolished houses", ("new roads", "demolished houses")),
        ("new buildings; demolished buildings", ("new buildings", "demolished buildings")),
        ("New buildings. Demolished roads.", ("new buildings", "demolished roads")),
        ("houses that were built and roads that were removed",
         ("houses that were built", "roads that were removed")),
        ("grass that became roads; new ponds", ("grass that became roads", "new ponds")),
        ("new roads and demolished houses in the north",
         ("new roads", "demolished houses in the north")),
        ("new roads and demolished houses, in the north",
         ("new roads, in the north", "demolished houses, in the north")),
        ("both new roads and demolished houses in the north",
         ("new roads, in the north", "demolished houses, in the north")),
        ("in the north, new roads and demolished houses",
         ("new roads, in the north", "demolished houses, in the north")),
        ("how many new roads and demolished houses?",
         ("how many: new roads", "how many: demolished houses")),
        ("how many new houses and how many hectares of new roads?",
         ("how many: new houses", "how many hectares of new roads")),
        ("new houses / felled trees", ("new houses", "felled trees")),
        ("new houses & felled trees", ("new houses", "felled trees")),
        ("new houses and/or felled trees", ("new houses", "felled trees")),
        ("new houses and felled trees, both in the north",
         ("new houses, in the north", "felled trees, in the north")),
        ("new roads and demolished houses, each of them larger than 100 m²",
         ("new roads, larger than 100 m²", "demolished houses, larger than 100 m²")),
        ("recently felled trees and new houses", ("recently felled trees", "new houses")),
        ("new houses in the north while roads were removed in the south",
         ("new houses in the north", "roads were removed in the south")),
        ("houses appeared in the north while they disappeared in the south",
         ("houses appeared in the north", "houses disappeared in the south")),
        ("houses appeared in the north and disappeared in the south",
         ("houses appeared in the north", "houses disappeared in the south")),
        ("where have trees been planted, and where have they been cut",
         ("where have trees been planted", "where have trees been cut")),
        ("which trees were felled, which were planted",
         ("which trees were felled", "which trees were planted")),
        ("in the north: new houses; demolished roads in the south",
         ("new houses, in the north", "demolished roads in the south")),
        ("the largest new house and the largest pond that dried up",
         ("the largest new house", "the largest pond that dried up")),
    ],
)  # fmt: skip
def test_several_wishes_become_several_sentences(text: str, wishes: tuple[str, ...]) -> None:
    assert split_wishes(text) == wishes


@pytest.mark.parametrize(
    "text",
    ["new houses and roads", "houses added or removed", "new and demolished buildings",
     "new buildings near the road and the river", "demolished and rebuilt houses",
     "trees that were cut down and replaced by houses", "grass turned into roads and new houses",
     "all changes except houses and ponds", "new houses, built since 2010",
     "demolished sheds, north-east", "houses that were built and then removed",
     "houses demolished, which were built in 1950", "new houses & roads",
     "new houses between 50 and 100 m from the river that were built in 2016",
     "new buildings; in the north", "", ";", "Hello"],
)  # fmt: skip
def test_one_wish_is_returned_as_it_is(text: str) -> None:
    assert split_wishes(text) == (text,)


@pytest.mark.parametrize(
    "unit",
    [
        "and ",
        "new roads and demolished houses, ",
        "; ",
        ". a",
        "out east ",
        "the largest ",
        "1 ha or bigger ",
    ],
)
def test_splitting_takes_little_time(unit: str) -> None:
    start = time.process_time()
    split_wishes((unit * 100_000)[:100_000])
    split_wishes((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1


def test_parts_may_be_told_by_the_caller() -> None:
    text = "flooded fields and demolished houses"
    parts = ("flooded fields", "demolished houses")
    assert split_wishes(text, lambda part: part == parts[0]) == parts
    assert split_wishes(text) == (text,)
