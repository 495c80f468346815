"""Joined and compared places, corners in learners' order, and lost amounts."""

from __future__ import annotations

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.ranks import UNCLEAR_RANK


def parsed(text: str) -> tuple[str, list[str]]:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    return query.prompt, [rule.explain() for rule in query.rules]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses in the north as well as in the south", "in the north or in the south"),
        ("new houses in the north as well as the south", "in the north or in the south"),
        ("new houses in the north but also in the south", "in the north or in the south"),
        ("new houses in the north and also in the south", "in the north or in the south"),
        ("new houses in the north, and in the south too", "in the north or in the south"),
        ("new houses in the north plus the south", "in the north or in the south"),
        ("trees felled in the ne + sw", "in the north-east or in the south-west"),
        ("new houses in the north too", "in the north"),
        ("less forest in the west than before", "in the west"),
        ("new houses in the top half of image", "in the north"),
    ],
)
def test_joined_places_are_alternatives(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("more new houses in the north than in the south", "in the north than in the south"),
        ("trees felled more in the west than in the east", "in the west than in the east"),
        ("less water in the eastern half than in the western half",
         "in the eastern half than in the western half"),
        ("five hectares or more of new water", "five hectares or more"),
        ("at least five hectares of lost forest", "at least five hectares"),
        ("levelled houses, at least ten of them", "at least ten of them"),
        ("new houses, ten at most", "ten at most"),
        ("new roads, only one", "only one"),
    ],
)  # fmt: skip
def test_comparisons_and_amounts_stay_in_the_prompt(text: str, lost: str) -> None:
    prompt, rules = parsed(text)
    found = UNCLEAR_RANK.search(prompt)
    assert rules == []
    assert found is not None
    assert found[0] == lost


@pytest.mark.parametrize(
    "text",
    [
        "new houses, only the largest", "new houses larger than five hectares", "two new houses",
        "smaller lakes in the south", "the three largest, all of them new houses",
    ],
)  # fmt: skip
def test_these_are_no_lost_amounts(text: str) -> None:
    assert UNCLEAR_RANK.search(parsed(text)[0]) is None


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("new houses in the left down corner", ["in the south-west"]),
        ("new houses left bottom corner", ["in the south-west"]),
        ("new houses in the corner left down", ["in the south-west"]),
        ("new houses right up corner", ["in the north-east"]),
        ("new houses above right corner", ["in the north-east"]),
        ("new houses up left", ["in the north-west"]),
        ("new houses in the down part of picture", ["in the south"]),
        ("new houses in the top left corner", ["in the north-west"]),
        ("trees cut down right corner", []),
        ("trees cut down left", []),
        ("new houses at the corner of the road", []),
    ],
)
def test_corners_in_any_order(text: str, rules: list[str]) -> None:
    assert parsed(text)[1] == rules


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new houses bigger than 100 meter square", "larger than 100 m²"),
        ("houses demolished over 50 meters square", "larger than 50 m²"),
        ("new houses larger than 100 metre squared", "larger than 100 m²"),
        ("new houses larger than 100 m squared", "larger than 100 m²"),
        ("new forest larger than 2 km squared", "larger than 2000000 m²"),
        ("new houses between 100 and 200 meter square", "between 100 and 200 m²"),
        ("new houses within 100 m of the square", "within 100 m of the square"),
        ("new roads longer than 100 meters", "longer than 100 m"),
    ],
)
def test_metre_square_is_an_area(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("vegetation loss that isn't next to a road", "except those within 20 m of the road"),
        ("new houses that aren't within 50 m of a road", "except those within 50 m of the road"),
        ("new houses that weren't in the north", "except those in the north"),
        ("forest loss that doesn't touch a road", "except those within 5 m of the road"),
        ("forest loss that does not touch a road", "except those within 5 m of the road"),
        ("new houses on the western slope", "inside the western slope"),
        ("new houses on the west-facing hillside", "inside the west-facing hillside"),
        ("new houses in the delta", "inside the delta"),
        ("new houses in the swamp", "inside the swamp"),
        ("new houses at the village", "within 20 m of the village"),
        ("new houses at the lakeside", "within 20 m of the lake"),
        ("houses at the forest edge demolished", "within 20 m of the forest edge"),
        ("new houses on the shore", "within 20 m of the shore"),
    ],
)
def test_short_negations_and_kinds_of_place(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2017 -> 2021 new houses", "2017-01", "2021-12"),
        ("new houses between the 2017 and the 2021 image", "2017-01", "2021-12"),
        ("new roads in may and june 2020", "2020-05", "2020-06"),
        ("new houses on 3 may 2021", "2021-05", "2021-05"),
        ("between june and august new houses", None, None),
        ("new houses in march", None, None),
    ],
)
def test_more_wordings_of_times(text: str, first: str | None, last: str | None) -> None:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    assert [(time.first, time.last) for time in query.times] == [(first, last)]
    assert not {"2017", "2020", "2021", "march", "june"} & {*query.prompt.split()}
