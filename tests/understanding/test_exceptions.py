"""What an exception leaves out is no part of what is asked for."""

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
        ("the two largest and the three smallest new buildings",
         ["the 2 largest and the 3 smallest"]),
        ("alle neuen Gebäude bis auf das größte", ["except the largest of those"]),
    ],
)  # fmt: skip
def test_new_buildings_with_these_rules_are_understood(sentence: str, rules: list[str]) -> None:
    (found,) = understand(sentence)
    assert (found.status, found.direction, found.after) == ("understood", "appeared", ("building",))
    assert [rule.explain() for rule in found.query.rules] == rules
