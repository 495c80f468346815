"""Contrasts of the two dates, what a sentence leaves out, and words without effect."""

from __future__ import annotations

import time

import pytest

from mtrs_geo.query.rules import Except, Position
from mtrs_geo.understanding import understand
from mtrs_geo.understanding.phrases import date_contrast, hide_dates, restore_dates

APPEARED = [
    "roads which are missing in the older image and shown in the newer image",
    "buildings unseen then, seen now",
    "houses that were absent before and are present today",
    "not then, but now: bare land",
    "not at the beginning but at the end of the period there was greenery",
    "a lake only in the new photo",
    "in 2011 there were no trees, in 2019 there are",
    "before no houses, after houses",
    "pools that you can see in image two but not in image one",
    "ponds t1 no t2 yes",
    "which roads visible today were not visible in the archive photograph?",
    "the right picture shows houses, the left picture does not",
    "houses you can see on the right but not on the left picture",
    "first none, then vegetation",
    "greenery seen for the first time in the later image",
    "structures absent in pre-event, present in post-event",
    "buildings only in post",
    "buildings missing in pre",
]
DISAPPEARED = [
    "open water that is in our old base map image but cannot be seen in the new flight",
    "T1 only open soil",
    "water bodies: present before, absent after",
    "in 2016 there was still water here, in 2020 there is none",
    "structures missing from the current coverage",
    "the vegetation that was still there at the first date and is no more at the second",
    "a barn not visible at the second date but is at the first date",
    "the 2016 orthophoto shows trees no longer seen in the 2020 orthophoto",
    "left hand image only: asphalt",
    "roads in the left picture that are missing in the right",
    "compact meadows in T1 not in T2",
    "asphalt 2012 yes 2018 no",
    "parking lots yes at t0, not at t1",
    "are there paved areas in the older image that are missing in the newer?",
    "paved ground that is shown only in the earlier picture",
    "greenery still growing in 2012, cut by 2018",
    "bare patches not existing any more",
    "from open water to nothing",
    "structures absent in post, which existed in pre",
    "structures absent in post-event, present in pre-event",
    "buildings only in pre-flood",
    "buildings missing in post",
]


@pytest.mark.parametrize(
    ("text", "direction"),
    [(t, "appeared") for t in APPEARED] + [(t, "disappeared") for t in DISAPPEARED],
)
def test_direction(text: str, direction: str) -> None:
    (found,) = understand(text)
    assert found.is_answered, found.doubt
    assert found.direction == direction
    assert not any(isinstance(rule, Position | Except) for rule in found.query.rules)


@pytest.mark.parametrize(
    "text",
    [
        "houses which are not the same in both pictures",
        "could you compare the houses in both images and mark the differences",
        "houses found in one picture and not in the other",
        "how do houses in the old photo differ from houses in the recent one?",
    ],
)
def test_any_change_of_one_class(text: str) -> None:
    (found,) = understand(text)
    assert found.is_answered
    assert (found.direction, found.before, found.after) == ("any", ("building",), ("building",))


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("paved ground at the location of earlier bare soil", "bare", "road"),
        ("paved areas where in the past there were greenery", "vegetation", "road"),
        ("2010 greenery, 2020 paved ground", "vegetation", "road"),
        ("T1 green areas T2 buildings", "vegetation", "building"),
        ("trees in the new photo at places with water in the old photo", "water", "vegetation"),
        ("meadows that were still paved areas in the old photo", "road", "vegetation"),
        ("which roofs were bare soil before?", "bare", "building"),
        ("before paved lots after green areas", "road", "vegetation"),
    ],
)
def test_transition(text: str, before: str, after: str) -> None:
    (found,) = understand(text)
    assert found.is_answered
    assert (found.direction, found.before, found.after) == ("changed", (before,), (after,))


@pytest.mark.parametrize(
    "text",
    [
        "houses not demolished by the second date",
        "small sheds that are not gone",
        "no new buildings",
        "not buildings",
        "buildings that still stand",
        "roads that were not removed before and not built after",
    ],
)
def test_no_contrast(text: str) -> None:
    assert date_contrast(hide_dates(text)) is None
    (found,) = understand(text)
    assert found.direction == "unchanged" or not found.is_answered


@pytest.mark.parametrize(
    "text",
    [
        "compact greenery that is in the old picture but not in the new one",
        "large roads in the left picture that are missing in the right",
        "houses which are not the same in both pictures",
    ],
)
def test_prompt_is_the_wording_of_the_user(text: str) -> None:
    (found,) = understand(text)
    assert found.query.prompt == text
    assert restore_dates(hide_dates(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "new houses anywhere but in the NE",
        "new houses for all of the image except its north-east",
        "skip the top right corner: new houses",
        "new houses, the upper right is of no interest",
        "new houses, we don't need the north-eastern part",
        "new houses, but the northeast please not",
    ],
)
def test_place_left_out(text: str) -> None:
    (found,) = understand(text)
    assert found.is_answered
    assert [rule.explain() for rule in found.query.rules] == ["except those in the north-east"]
    assert found.direction == "appeared"


@pytest.mark.parametrize(
    "text",
    [
        "changes, not houses",
        "ignore houses, show the other changes",
        "all changes without houses",
        "what has changed if we do not look at houses?",
        "where did anything change, houses excepted?",
    ],
)
def test_kind_left_out(text: str) -> None:
    (found,) = understand(text)
    assert found.is_answered
    assert [rule.explain() for rule in found.query.rules] == ["except houses"]
    assert found.query.is_any_change


@pytest.mark.parametrize(
    "text",
    [
        "change mask", "what's different now?", "land use / land cover change between t1 and t2",
        "every place that looks different today", "all additions and all removals",
        "I would like to know what has changed", "lulc change", "all changed pixels",
    ],
)  # fmt: skip
def test_any_change(text: str) -> None:
    (found,) = understand(text)
    assert found.is_answered
    assert found.query.is_any_change
    assert found.direction == "any"


@pytest.mark.parametrize(
    "text",
    [
        "cars only in the new photo", "vehicles in the old image but not in the new one", "hello",
        "compare prices", "the authority requests a permit",
    ],
)  # fmt: skip
def test_refused(text: str) -> None:
    assert not any(found.is_answered for found in understand(text))


def test_time_of_long_texts() -> None:
    started = time.process_time()
    for text in ("not before but after " * 40, "a " * 400, "in the left picture " * 40):
        understand(text)
    assert time.process_time() - started < 2.0
