"""Numbers of things, and ranks that nothing measures, are doubts; ranks by size are not."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, VOCABULARY)
    return found


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("two new houses", "count", "two"),
        ("exactly 5 new ponds", "count", "5"),
        ("at least three demolished sheds", "count", "three"),
        ("the second new house", "count", "second"),
        ("the oldest house", "rank", "oldest"),
        ("the most expensive new villa", "rank", "most expensive"),
    ],
)
def test_number_or_rank_without_a_rule_is_a_doubt(text: str, code: str, value: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", code)
    assert value in found.values.values()
    assert repr(value) in found.doubt


@pytest.mark.parametrize(
    "text",
    [
        "the two largest new houses", "the second largest new house", "how many houses were built?",
        "houses built in 2012", "new houses between the two roads", "new two-storey houses",
        "new houses larger than 200 m²", "houses in the second image only",
    ],
)  # fmt: skip
def test_other_numbers_are_none(text: str) -> None:
    assert one(text).code not in ("count", "rank")
