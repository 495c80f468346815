"""Two changes in one sentence, of which one or both tell what a thing became."""

from __future__ import annotations

import pytest

from mtrs_geo.understanding import Vocabulary, understand

VOCABULARY = Vocabulary(standing=True)


def meanings(text: str) -> list[str]:
    found = understand(text, VOCABULARY)
    return [f"{'+'.join(q.before)}>{'+'.join(q.after)}" for q in found if q.is_answered]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "fields turned into houses and houses turned into fields",
            ["vegetation>building", "building>vegetation"],
        ),
        (
            "fields turned into houses, forest into road",
            ["vegetation>building", "vegetation>road"],
        ),
        ("vegetation to buildings and water to bare ground", ["vegetation>building", "water>bare"]),
        ("grass to asphalt, trees to buildings", ["vegetation>road", "vegetation>building"]),
        (
            "from grass to roads and from trees to houses",
            ["vegetation>road", "vegetation>building"],
        ),
        (
            "where did meadows become roads and where did forest become buildings?",
            ["vegetation>road", "vegetation>building"],
        ),
        (
            "trees replaced by a car park and a pond filled with soil",
            ["vegetation>road", "water>bare"],
        ),
        (
            "in the north fields turned into houses, in the south forest turned into roads",
            ["vegetation>building", "vegetation>road"],
        ),
        ("ploughed grassland and felled trees", ["vegetation>bare", "vegetation>"]),
        ("dried up lakes and flooded fields", ["water>", "vegetation>water"]),
        ("destroyed houses and flooded fields", ["building>", "vegetation>water"]),
        ("show flooded fields and also destroyed houses", ["vegetation>water", "building>"]),
        ("both flooded fields and destroyed houses", ["vegetation>water", "building>"]),
        ("flooded houses and new roads", ["building>water", ">road"]),
        ("sealed farmland and demolished houses", ["vegetation>road", "building>"]),
        (
            "burnt forest, destroyed houses, flooded roads",
            ["vegetation>", "building>", "road>water"],
        ),
        ("new roads and flooded meadows", [">road", "vegetation>water"]),
        ("new houses demolished and new roads", ["building>", ">road"]),
    ],
)
def test_both_are_answered(text: str, wanted: list[str]) -> None:
    assert meanings(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("fields turned into houses and roads", "vegetation>building+road"),
        ("fields turned into houses and new roads", "vegetation>building+road"),
        ("from fields and forest to houses and roads", "vegetation>building+road"),
        ("the meadow was paved and turned into a car park", "vegetation>road"),
        ("houses destroyed and flooded", "building>water"),
        ("flooded and destroyed houses", "building>water"),
        ("forest felled and ploughed", "vegetation>bare"),
        ("cleared and paved fields", "vegetation>road"),
        ("houses demolished and the land turned into a meadow", "building>vegetation"),
        ("overburden removal, formerly heath", "vegetation>bare"),
        ("brown to green, i.e. soil to plants", "bare>vegetation"),
        ("new houses and roads to the forest", ">building+road"),
    ],
)
def test_one_change_stays_one(text: str, wanted: str) -> None:
    assert meanings(text) == [wanted]
