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
        ("can you confirm that no homes were lost?", "yes_no", "no homes were lost"),
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
     "demolished sheds, north-east", "new buildings; in the north", "", ";", "Hello"],
)  # fmt: skip
def test_one_wish_is_returned_as_it_is(text: str) -> None:
    assert split_wishes(text) == (text,)


@pytest.mark.parametrize("unit", ["and ", "new roads and demolished houses, ", "; ", ". a"])
def test_splitting_takes_little_time(unit: str) -> None:
    start = time.process_time()
    split_wishes((unit * 100_000)[:100_000])
    split_wishes((unit * 1_000)[:1_000])
    assert time.process_time() - start < 1
