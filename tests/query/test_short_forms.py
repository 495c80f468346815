"""Places and dates in short forms: "N side", "new roads north", "2012-18", "compared to 2010"."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query import ChangeQuery
from mtrs_geo.query.grammar import normalize


def parsed(text: str) -> tuple[str, list[str], list[str]]:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    return query.prompt, [r.explain() for r in query.rules], [t.phrase for t in query.times]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("new roads north", "in the north"),
        ("new houses NE", "in the north-east"),
        ("demolitions NE corner", "in the north-east"),
        ("tree loss NW quadrant", "in the north-west"),
        ("tree loss lower third", "in the south"),
        ("new houses top left", "in the north-west"),
        ("new houses upper-left", "in the north-west"),
        ("demolished sheds centre left", "in the centre-west"),
        ("new ponds south side", "in the south"),
        ("forest lost eastern part", "in the east"),
        ("demolished houses left", "in the west"),
        ("any new houses north?", "in the north"),
        ("new cottages south", "in the south"),
        ("new houses centre", "in the centre"),
        ("new houses center of image", "in the centre"),
        ("built NE 2015-2018", "in the north-east"),
        ("new houses [NW]", "in the north-west"),
        ("tree loss | NW", "in the north-west"),
        ("all changes NW", "in the north-west"),
        ("what changed top right?", "in the north-east"),
        ("new buildings, north and east", "in the north or in the east"),
        ("are there new houses north or south?", "in the north or in the south"),
        ("northern half new houses", "in the north"),
        ("NE new roads", "in the north-east"),
    ],
)
def test_a_direction_behind_a_thing_is_a_place(text: str, rule: str) -> None:
    assert parsed(text)[1] == [rule]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("new buildings in the N", ["in the north"]),
        ("new roads in S", ["in the south"]),
        ("trees lost in the W", ["in the west"]),
        ("N side new houses > 100m2", ["in the north", "larger than 100 m²"]),
        ("E side: new roads", ["in the east"]),
        ("new houses, N", ["in the north"]),
        ("new houses N", ["in the north"]),
        ("lost trees (N)", ["in the north"]),
        ("lost trees in the S.W. corner", ["in the south-west"]),
        ("houses built in the N.E.", ["in the north-east"]),
        ("new houses W and E", ["in the west or in the east"]),
        ("houses built N/NE", ["in the north or in the north-east"]),
        ("new houses in the N and in the E", ["in the north", "in the east"]),
        ("are there new houses in the N?", ["in the north"]),
    ],
)
def test_one_letter_is_a_place(text: str, rules: list[str]) -> None:
    assert parsed(text)[1] == rules


def test_a_letter_is_a_side_of_a_thing_as_well() -> None:
    assert parsed("new houses S of the lake")[0] == "new houses south of the lake"


@pytest.mark.parametrize(
    "text",
    [
        "new houses north of the lake", "road extended north", "roads leading north",
        "houses facing south", "new houses on park avenue north", "houses left", "trees left",
        "new garden centre", "a new sports centre", "new shopping centre", "new north terminal",
        "new houses block e", "road n12 built", "new trees, e.g. oak", "new north-south road",
        "new houses in s street", "demolished school north wing", "new e road",
    ],
)  # fmt: skip
def test_names_and_ways_are_no_places(text: str) -> None:
    assert parsed(text) == (text, [], [])


def test_two_wishes_have_a_place_each() -> None:
    assert parsed("new houses north")[1] == ["in the north"]
    prompt, rules, _ = parsed("new houses near the river north")
    assert (prompt, rules) == ("new houses", ["in the north", "within 50 m of the river"])


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("compared to 2010, which houses are new?", "2010-01", None),
        ("compared with 2005, which ponds have gone by 2021?", "2005-01", "2021-12"),
        ("as against 2008, what forest had gone by 2012?", "2008-01", "2012-12"),
        ("versus 2012, what's been built", "2012-01", None),
        ("new houses vs 2010", "2010-01", None),
        ("new houses vs. 2010", "2010-01", None),
        ("lost trees relative to 2015", "2015-01", None),
        ("new houses with respect to 2010", "2010-01", None),
        ("baseline 2010: new houses", "2010-01", None),
        ("new houses, 2012 baseline", "2012-01", None),
        ("with 2010 as the baseline, which houses are new", "2010-01", None),
        ("houses that are new compared to the 2010 map", "2010-01", None),
        ("new houses since the 2012 survey", "2012-01", None),
        ("which ponds on the 2010 map have gone", "2010-01", None),
        ("which roads are new in 2020 compared with 2010", "2010-01", "2020-12"),
        ("houses razed between 2012 & 2018", "2012-01", "2018-12"),
        ("houses razed btw 2012 & 2018", "2012-01", "2018-12"),
        ("houses razed b/w 2012 and 2018", "2012-01", "2018-12"),
        ("houses razed 2012-18", "2012-01", "2018-12"),
        ("houses razed 2012–18", "2012-01", "2018-12"),
        ("houses built 2012 thru 2018", "2012-01", "2018-12"),
        ("houses built in 2019/20", "2019-01", "2020-12"),
        ("houses built since '12", "2012-01", None),
        ("houses built since 01/2019", "2019-01", None),
        ("houses built since 15/03/2019", "2019-03", None),
        ("houses built since jan 2019", "2019-01", None),
        ("houses built in 2005-09", "2005-09", "2005-09"),
        ("field 2010, car park 2020", "2010-01", "2020-12"),
    ],
)
def test_dates_in_short_forms(text: str, first: str, last: str | None) -> None:
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query
    assert [(time.first, time.last) for time in query.times] == [(first, last)]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("houses built this decade", "this decade"),
        ("trees lost last month", "last month"),
        ("trees lost this summer", "this summer"),
        ("trees lost over winter", "over winter"),
        ("fields that went under water in the february floods", "in the february floods"),
        ("new houses compared to last year", "since last year"),
    ],
)
def test_times_without_a_year(text: str, phrase: str) -> None:
    assert parsed(text)[2] == [phrase]


@pytest.mark.parametrize(
    "text", ["new roads over 2012 m2", "new houses larger than 2000-18 m2", "new houses 2012-06-15"]
)
def test_numbers_and_whole_dates_stay(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize("words", ["n, s/e & w ", "new houses north ", "[nw] ", "vs 2010 "])
def test_short_forms_take_no_long_time(words: str) -> None:
    start = time.perf_counter()
    normalize((words * 1_000)[:1_000])
    assert normalize(words * 10_000) == " ".join((words * 10_000).split())
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("houses vs 2010", "houses that changed since 2010"),
        ("roads 2010 vs today", "roads that changed since 2010"),
        ("compared to 2010, houses", "houses that changed since 2010"),
        ("show the trees compared with last year", "show the trees that changed since last year"),
        ("new houses vs 2010", "new houses since 2010"),
        ("more trees compared to 2010", "more trees since 2010"),
    ],
)
def test_a_thing_that_is_compared_with_a_date_changed_since(text: str, written: str) -> None:
    assert normalize(text) == written


@pytest.mark.parametrize(
    "text",
    ["more water compared to a few years ago", "less forest vs 10 years ago"],
)
def test_more_than_some_time_ago_stays_a_comparison(text: str) -> None:
    assert normalize(text) == text


@pytest.mark.parametrize(
    ("text", "prompt", "rules"),
    [
        ("new road from N to S", "new road from north to south", []),
        ("new parking SE 2018", "new parking, 2018", ["in the south-east"]),
        ("trees lost north facing slopes", "trees lost north facing slopes", []),
        ("new houses of 1900-2000 m²", "new houses", ["between 1900 and 2000 m²"]),
    ],
)
def test_ways_years_and_slopes_are_no_places(text: str, prompt: str, rules: list[str]) -> None:
    query = ChangeQuery.parse(text)
    assert (query.prompt, [rule.explain() for rule in query.rules]) == (prompt, rules)
