from __future__ import annotations

import pytest

from mtrs_geo.query import ChangeQuery, NamedTime, compare_times, named_times
from mtrs_geo.understanding import understand


@pytest.mark.parametrize(
    ("text", "phrase", "first", "last"),
    [
        ("houses built since 2016", "since 2016", "2016-01", None),
        ("built between 2016 and 2018", "between 2016 and 2018", "2016-01", "2018-12"),
        ("built from 2010 to 2015", "from 2010 to 2015", "2010-01", "2015-12"),
        ("new roads 2010-2015", "2010-2015", "2010-01", "2015-12"),
        ("built after March 2019", "after march 2019", "2019-04", None),
        ("built before 2012", "before 2012", None, "2011-12"),
        ("built in 2017", "in 2017", "2017-01", "2017-12"),
        ("built by 2017", "by 2017", None, "2017-12"),
        ("built since 15 June 2016", "since 15 june 2016", "2016-06", None),
        ("built from 2016-06 to 2018-03-09", "from 2016-06 to 2018-03-09", "2016-06", "2018-03"),
        ("built in the 1990s", "in the 1990s", "1990-01", "1999-12"),
        ("built in summer 2018", "in summer 2018", "2018-01", "2018-12"),
        ("lost between autumn 2015 and spring 2018", "between autumn 2015 and spring 2018",
         "2015-01", "2018-12"),
        ("lost from spring to autumn 2019", "from spring to autumn 2019", "2019-01", "2019-12"),
        ("built autumn 2015 - spring 2018", "autumn 2015 - spring 2018", "2015-01", "2018-12"),
        ("built since spring 2018", "since spring 2018", "2018-01", None),
        ("built after spring 2018", "after spring 2018", "2018-01", None),
        ("built before autumn 2018", "before autumn 2018", None, "2018-12"),
        ("built by summer 2017", "by summer 2017", None, "2017-12"),
    ],
)  # fmt: skip
def test_a_period_has_a_first_and_a_last_month(
    text: str, phrase: str, first: str | None, last: str | None
) -> None:
    assert named_times(text) == (NamedTime(phrase, "period", first, last),)


@pytest.mark.parametrize(
    ("text", "phrase", "months"),
    [
        ("fires in the last three years", "in the last three years", 36),
        ("built over the past decade", "over the past decade", 120),
        ("more than 18 months ago", "18 months ago", 18),
        ("built in the last few years", "in the last few years", 36),
        ("built last year", "last year", 12),
    ],
)
def test_a_relative_period_has_a_length(text: str, phrase: str, months: int) -> None:
    assert named_times(text) == (NamedTime(phrase, "relative", months=months),)


@pytest.mark.parametrize(
    "phrase",
    ["since the storm", "after the hurricane", "before the war", "after the last flood",
     "since independence", "in summer"],
)  # fmt: skip
def test_an_event_has_no_date(phrase: str) -> None:
    assert named_times(f"trees lost {phrase}") == (NamedTime(phrase, "event"),)


@pytest.mark.parametrize(
    "text",
    ["new buildings", "in the 2016 image", "larger than 2000 m²", "since the first image",
     "after the first picture was taken", "over the years", "within 2000 m of the road", ""],
)  # fmt: skip
def test_these_are_no_times(text: str) -> None:
    assert named_times(text) == ()


@pytest.mark.parametrize(
    ("text", "prompt"),
    [
        ("houses built since 2016", "houses built"),
        ("what changed between 2016 and 2018?", ""),
        ("trees lost after the storm, in the north", "trees lost"),
        ("since 2016, houses have vanished", "houses have vanished"),
        # Without its time, the sentence would lose its meaning.
        ("houses since 2016", "houses since 2016"),
        ("houses that existed in 2020 but not in 2016",
         "houses that existed in 2020 but not in 2016"),
        ("houses that were not there before 2016", "houses that were not there before 2016"),
    ],
)  # fmt: skip
def test_the_prompt_has_no_times_that_it_does_not_need(text: str, prompt: str) -> None:
    query = ChangeQuery.parse(text)
    assert query.prompt == prompt
    assert query.times
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "dates", "sentence"),
    [
        ("between 2016 and 2018", ["2008", "2018"],
         "the rasters are from 2008 and 2018; 'between 2016 and 2018' cannot be separated from "
         "the years before."),
        ("between 2016 and 2018", ["2016-06-15", "2018-07"], ""),
        ("between 2016 and 2018", ["2008", "2016", "2018"], ""),
        ("between 2010 and 2012", ["2008", "2018"],
         "the rasters are from 2008 and 2018; 'between 2010 and 2012' cannot be separated from "
         "the years before and after."),
        ("since 2016", ["2016", "2018"], ""),
        ("since 2016", ["2020", "2023"],
         "the rasters are from 2020 and 2023; the first years of 'since 2016' are not shown."),
        ("in 2017", ["2016", "2018"], ""),
        ("in 2017", ["2008", "2018"],
         "the rasters are from 2008 and 2018; 'in 2017' cannot be separated from the years "
         "before."),
        ("before 1950", ["2016", "2018"],
         "the rasters are from 2016 and 2018; all are later than 'before 1950'."),
        ("after March 2019", ["2016", "2018"],
         "the rasters are from 2016 and 2018; all are earlier than 'after march 2019'."),
        ("in the last three years", ["2015-06", "2018-06"], ""),
        ("in the last three years", ["2008", "2018"],
         "the rasters are from 2008 and 2018; 'in the last three years' cannot be separated from "
         "the years before."),
        ("since 2016", [None, "2018"],
         "'since 2016' was not used: the dates of the rasters are not known."),
        ("after the storm", ["2016", "2018"],
         "'after the storm' was not used: it names no date."),
    ],
)  # fmt: skip
def test_times_are_compared_with_the_dates_of_the_rasters(
    text: str, dates: list[str | None], sentence: str
) -> None:
    found = compare_times(named_times(text), dates)
    assert [doubt.text for doubt in found] == ([sentence] if sentence else [])
    assert all(doubt.code and doubt.values["phrase"] for doubt in found)


@pytest.mark.parametrize(
    "text",
    [
        "buildings that existed in 2016 but not in 2012",
        "buildings that existed in 2012 but not in 2016",
        "buildings that were not there in 2012 but were there in 2016",
        "houses present in 2012 and missing in 2016",
        "houses that stood in 2012 but were gone by 2016",
        "buildings in 2016 that did not exist in 2012",
        "more buildings in 2016 than in 2012",
        "buildings between 2012 and 2016",
    ],
)
def test_a_contrast_of_the_two_dates_of_the_rasters_is_answered(text: str) -> None:
    (time,) = named_times(text)
    assert (time.first, time.last) == ("2012-01", "2016-12")
    assert ChangeQuery.parse(text).times == (time,)
    assert compare_times([time], ["2012", "2016"]) == []
    assert compare_times([time], ["2008", "2016"])
    (found,) = understand(text)
    assert found.query.times == (time,)


@pytest.mark.parametrize(
    "text", ["built in 2012 or in 2016", "trees planted in 2012 but felled in 2016"]
)
def test_two_dates_without_a_contrast_stay_two_times(text: str) -> None:
    assert [time.phrase for time in named_times(text)] == ["in 2012", "in 2016"]


@pytest.mark.parametrize(
    ("text", "phrase", "first", "last"),
    [
        ("new houses, 2012 versus 2020", "2012 versus 2020", "2012-01", "2020-12"),
        ("new houses, 2020 vs. 2012", "2020 vs. 2012", "2012-01", "2020-12"),
        ("new houses 2012/2020", "2012/2020", "2012-01", "2020-12"),
        ("new houses in 2012 compared to 2020", "in 2012 compared to 2020", "2012-01", "2020-12"),
        ("compare 2012 with 2020: new houses", "compare 2012 with 2020", "2012-01", "2020-12"),
        ("less water than in 2015", "in 2015", "2015-01", None),
        ("fewer houses than there were in 2012", "in 2012", "2012-01", None),
        ("the reservoir was full in 2015 and half empty in 2020",
         "in 2015 and half empty in 2020", "2015-01", "2020-12"),
        ("whether the barn shown in 2012 still stands in 2020",
         "in 2012 still stands in 2020", "2012-01", "2020-12"),
        ("houses which appear in the 2018 image but were gone again by 2022",
         "in the 2018 image but were gone again by 2022", "2018-01", "2022-12"),
        ("houses in the 2012 image but not in the 2018 image",
         "in the 2012 image but not in the 2018 image", "2012-01", "2018-12"),
        ("new houses from March to June 2021", "from march to june 2021", "2021-03", "2021-06"),
        ("built between 5 April and 20 May 2021", "between 5 april and 20 may 2021", "2021-04",
         "2021-05"),
    ],
)  # fmt: skip
def test_two_dates_are_one_period(text: str, phrase: str, first: str, last: str | None) -> None:
    assert named_times(text) == (NamedTime(phrase, "period", first, last),)
    query = ChangeQuery.parse(text)
    assert ChangeQuery.parse(query.explain()) == query


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("built between the first and the third image", "between the first and the third image"),
        ("built between the second and third date", "between the second and third date"),
        ("felled in the fourth scene", "in the fourth scene"),
        ("new between the two last flights", "between the two last flights"),
        ("built since June of last year", "since june of last year"),
        ("built since last March", "since last march"),
        ("felled in May", "in may"),
        ("built since the end of last year", "since the end of last year"),
    ],
)
def test_an_image_by_its_number_and_a_month_without_a_year_are_named_as_unused(
    text: str, phrase: str
) -> None:
    (time,) = ChangeQuery.parse(f"houses {text}").times
    assert time == NamedTime(phrase, "event")
    (doubt,) = compare_times([time], ["2016", "2018"])
    assert doubt.code == "time_without_date"


@pytest.mark.parametrize(
    "text",
    ["built between the first and the second image", "built between the first and the last date",
     "visible in the second image", "trees along the march", "houses that may have gone"],
)  # fmt: skip
def test_the_two_images_are_no_times(text: str) -> None:
    assert named_times(text) == ()


def test_two_changes_keep_their_dates() -> None:
    times = named_times("houses built in 2015 and roads built in 2018")
    assert [time.phrase for time in times] == ["in 2015", "in 2018"]
    assert named_times("less water than before 2015")[0].last == "2014-12"
