"""What an exception leaves out is not part of the question."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import understand


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("every new building but the largest", ["except the largest of those"]),
        ("all but the largest new building", ["except the largest of those"]),
        ("all except the largest new buildings", ["except the largest of those"]),
        ("new buildings, but neither the largest nor the smallest",
         ["except the largest of those", "except the smallest of those"]),
        ("new buildings neither in the north nor in the south",
         ["except those in the north", "except those in the south"]),
        ("new buildings, the largest excepted", ["except the largest of those"]),
        ("new buildings, not those in the north but those in the south",
         ["in the south", "except those in the north"]),
        ("show any new buildings, but in the north", ["in the north"]),
        ("the 3 largest new buildings and the smallest building",
         ["the 3 largest and the smallest"]),
        ("the sixth largest new building", ["the 6th largest"]),
        ("the fourth nearest new building to the road", ["the 4th nearest to the road"]),
        ("the two largest and the three smallest new buildings",
         ["the 2 largest and the 3 smallest"]),
        ("alle neuen Gebäude bis auf das größte", ["except the largest of those"]),
    ],
)  # fmt: skip
def test_new_buildings_with_these_rules_are_understood(sentence: str, rules: list[str]) -> None:
    (found,) = understand(sentence)
    assert (found.status, found.direction, found.after) == ("understood", "appeared", ("building",))
    assert [rule.explain() for rule in found.query.rules] == rules


@pytest.mark.parametrize(
    ("sentence", "lost"),
    [
        ("the largest house and the smallest road", "the smallest road"),
        ("the largest new buildings and the smallest buildings in the north",
         "the smallest buildings in the north"),
        ("new houses the second and third largest", "second and third largest"),
        ("new houses the second and fourth nearest to the road", "second and fourth nearest"),
        ("new houses except the second and third nearest to the road", "second and third nearest"),
    ],
)  # fmt: skip
def test_a_rank_that_is_lost_is_named(sentence: str, lost: str) -> None:
    (found,) = understand(sentence)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": lost}


def test_nested_ranks_lose_nothing() -> None:
    (found,) = understand("the largest and the smallest of the 3 northernmost new houses")
    assert found.status == "understood"


def test_an_ordinal_before_a_thing_has_no_effect() -> None:
    (found,) = understand("the tenth new house")
    assert (found.status, found.code) == ("uncertain", "count")
