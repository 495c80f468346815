"""Conditions that no rule expresses are named, and those that exclude each other."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Understanding, Vocabulary, understand

TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str) -> Understanding:
    (found,) = understand(text, TINY)
    return found


def rules_of(text: str) -> list[str]:
    return [rule.explain() for rule in one(text).query.rules]


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("north of the road", "north of the road"),
        ("to the left of the canal", "to the left of the canal"),
        ("in the north half of the south", "north half of the south"),
        ("around 2016", "around 2016"),
        ("since about 2016", "since about 2016"),
        ("in the first half of 2016", "in the first half of 2016"),
        ("two years before 2016", "two years"),
        ("since yesterday", "since yesterday"),
        ("larger than ½ ha", "larger than ½ ha"),
        ("larger than -50 m²", "larger than -50 m²"),
        ("larger than one and a half hectares", "larger than one and a half hectares"),
        ("together larger than 1 ha", "together"),
        ("in each quarter", "in each quarter"),
        ("between the road and the river", "between the road and the river"),
        ("between the houses", "between the houses"),
        ("across the road", "across the road"),
        ("opposite the river", "opposite the river"),
        ("on the other side of the road", "on the other side of the road"),
        ("outside the school", "outside the school"),
        ("away from the edge", "away from the edge"),
        ("near each other", "near each other"),
        ("close together", "close together"),
        ("in a row", "in a row"),
        ("on the slope", "on the slope"),
        ("closest to the road or the river", "closest to the road"),
    ],
)
def test_a_condition_that_no_rule_expresses_is_a_doubt(condition: str, named: str) -> None:
    found = one(f"new buildings {condition}")
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": named}
    assert f"the condition '{named}' has no effect" in found.doubt


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("new buildings, largest first", "largest first"),
        ("demolished sheds, biggest first", "biggest first"),
        ("new buildings, sorted from largest to smallest", "sorted from largest to smallest"),
        ("new buildings, smallest to largest", "smallest to largest"),
        ("new buildings sorted by size", "sorted by size"),
        ("list new buildings by size", "by size"),
        ("several of the largest new buildings", "several of the largest"),
        ("a few of the biggest new buildings", "few of the biggest"),
        ("most of the largest new buildings", "most of the largest"),
        ("top ten percent of new buildings", "top ten percent"),
        ("the top quarter of new buildings by size", "top quarter"),
        ("new roads running from north to south", "from north to south"),
        ("new north-south roads", "north-south"),
        ("new roads going south", "going south"),
        (
            "new roads in the north leading to houses in the south",
            "leading to houses in the south",
        ),
    ],
)
def test_an_order_a_share_and_a_way_are_doubts_and_keep_all(text: str, named: str) -> None:
    found = one(text)
    assert (found.status, found.code) == ("uncertain", "unused_condition")
    assert found.values == {"condition": named}
    assert rules_of(text) == (["in the north"] if "in the north " in text else [])


def test_a_share_by_area_is_a_number_that_no_rule_uses() -> None:
    found = one("top 10 percent of new buildings by area")
    assert (found.status, found.code, found.query.rules) == ("uncertain", "unused_number", ())


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("near the river new houses", ["within 50 m of the river"]),
        ("near the river there are new houses", ["within 50 m of the river"]),
        ("only the NW: new homes", ["in the north-west"]),
        ("western new houses", ["in the west"]),
        ("the west side's demolished houses", ["in the west"]),
        ("new homes in the southernmost third", ["in the south"]),
        ("houses built up north", ["in the north"]),
        ("a couple of the largest new houses", ["the 2 largest"]),
    ],
)
def test_places_and_counts_are_understood(text: str, rules: list[str]) -> None:
    assert one(text).status == "understood"
    assert rules_of(text) == rules


@pytest.mark.parametrize("size", ["big", "large", "small", "tiny", "tall", "isolated", "scattered"])
def test_a_size_without_a_number_is_a_doubt(size: str) -> None:
    for text in (f"{size} new buildings", f"new {size} buildings"):
        found = one(text)
        assert (found.is_answered, found.code) == (True, "unused_condition")
        assert found.values == {"condition": size}


@pytest.mark.parametrize(
    "text",
    [
        "the new building closest to the road", "the closest new building to the road",
        "the three new buildings nearest the river", "new buildings outside the forest",
    ],
)  # fmt: skip
def test_a_rank_by_distance_is_no_second_thing(text: str) -> None:
    found = one(text)
    assert (found.status, found.direction) == ("understood", "appeared")
    assert (found.before, found.after) == ((), ("building",))
    assert len(found.query.rules) == 1


def test_what_is_outside_of_a_layer_is_understood() -> None:
    text = "new buildings outside the test site"
    assert one(text).code == "unknown_reference"
    (found,) = understand(text, TINY, layers=["test site"])
    assert (found.status, rules_of(text)) == ("understood", ["outside the test site"])


def test_several_of_the_largest_are_a_doubt() -> None:
    assert one("the last three largest new buildings").values == {"condition": "last three"}


@pytest.mark.parametrize(
    "text",
    [
        "new buildings since 2016", "new buildings in the 2018 image",
        "buildings there in 2010 but not in 2018", "new buildings between 2016 and 2018",
        "new buildings in the north of the image", "new buildings larger than half a hectare",
        "new buildings in the north or the south", "new buildings built in the last three years",
        "changes between the first and the second picture", "the difference between both images",
    ],
)  # fmt: skip
def test_conditions_that_are_used_are_no_doubt(text: str) -> None:
    assert one(text).status == "understood"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "new buildings larger than 100 m² and smaller than 50 m²",
            {"first": "larger than 100 m²", "second": "smaller than 50 m²"},
        ),
        (
            "new buildings larger than 500 m² in the north and smaller than 800 m² in the south",
            {"first": "in the north", "second": "in the south"},
        ),
    ],
)
def test_rules_that_exclude_each_other_are_a_doubt(text: str, values: dict[str, str]) -> None:
    found = one(text)
    assert (found.status, found.code, found.values) == ("uncertain", "exclusion", values)


@pytest.mark.parametrize(
    "text",
    [
        "new buildings except in 2016", "new buildings other than in 2018",
        "new buildings before or after 2016", "new buildings unless larger than 500 m²",
    ],
)  # fmt: skip
def test_a_negated_condition_is_refused(text: str) -> None:
    found = one(text)
    assert (found.is_answered, found.code) == (False, "negation")


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("new buildings nowhere near the river", ["except those within 50 m of the river"]),
        ("the largest and second largest new building", ["the 2 largest"]),
        (
            "new houses 50 to 100 metres away from the road",
            ["farther than 50 m from the road", "within 100 m of the road"],
        ),
        (
            "new houses between 50 and 100 m from the road, in the north",
            ["in the north", "farther than 50 m from the road", "within 100 m of the road"],
        ),
    ],
)
def test_conditions_in_other_words(text: str, rules: list[str]) -> None:
    assert one(text).status == "understood"
    assert rules_of(text) == rules
