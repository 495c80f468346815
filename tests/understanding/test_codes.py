"""What programs read of a question: codes of doubts, and rules and times as fields."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mtrs_geo.query.doubt import Doubt
from mtrs_geo.understanding import Understanding, Vocabulary, understand

PERIOD = {"kind": "period", "first": "2016-01", "last": None, "months": None}
TINY = Vocabulary(coarsest_m=1.5, standing=True)


def one(text: str, **options: Any) -> Understanding:
    (found,) = understand(text, TINY, **options)
    return found


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("hello", "no_question", {}),
        ("not buildings", "negation", {}),
        ("no change", "unchanged_without_class", {}),
        ("solar panels", "unknown_thing", {"thing": "solar panels"}),
        ("new buildings near the school", "unknown_reference", {"thing": "school"}),
        ("new shiny buildings", "unknown_word", {"word": "shiny", "wording": "new buildings"}),
        ("new swimming pools", "coarse_pixels", {"thing": "swimming pools", "gsd_m": 5.0}),
        ("oaks replaced by beeches", "same_class", {"first": "oaks", "class": "vegetation"}),
        (
            "new buildings larger than 1.000 m²",
            "ambiguous_number",
            {"written": "1.000 m²", "thousands": "1000 m²", "decimal": "1 m²"},
        ),
        ("neue Windräder", "not_translated", {"words": ["Windräder"]}),
        ("hallo", "no_question", {}),
        ("neue grüne Gebäude", "partly_translated", {"words": ["grüne"]}),
    ],
)
def test_each_doubt_has_a_code(text: str, code: str, values: dict[str, Any]) -> None:
    found = one(text, gsd_m=5.0 if code == "coarse_pixels" else None)
    (doubt,) = found.as_dict()["doubts"]
    assert doubt["code"] == code
    assert values.items() <= doubt["values"].items()
    assert doubt["text"] == f"{found.doubt} {found.advice}".strip()
    json.dumps(found.as_dict(), allow_nan=False)


def test_a_weak_class_is_a_doubt_and_no_refusal() -> None:
    weak = replace(TINY, weak={"water": 0.12, "road": 0.3})
    (found,) = understand("new ponds", weak)
    assert (found.status, found.is_answered) == ("understood", True)
    (doubt,) = found.doubts()
    assert (doubt.code, doubt.values) == ("weak_class", {"classes": ["water"], "iou": 0.12})
    assert "seldom finds real changes of water (IoU 0.12" in found.messages()[-1]
    (turned,) = understand("ponds that became roads", weak)
    assert turned.doubts()[0].values == {"classes": ["water", "road"], "iou": 0.12}
    (refused,) = understand("solar panels near ponds", weak)
    assert [doubt.code for doubt in refused.doubts()] == ["unknown_thing"]
    (other,) = understand("new buildings", weak)
    assert other.doubts() == []


def test_times_are_compared_with_the_dates_of_the_rasters() -> None:
    found = one("houses built since 2016")
    assert found.as_dict()["doubts"] == []
    (doubt,) = found.as_dict(["2019", "2023"])["doubts"]
    assert doubt["code"] == "time_not_matched"
    assert doubt["values"]["dates"] == ["2019", "2023"]
    assert doubt["values"]["problems"] == [["shown", "first"]]
    assert found.as_dict(["2016", "2023"])["doubts"] == []
    assert found.doubts([None, None]) == [
        Doubt(
            "'since 2016' was not used: the dates of the rasters are not known.",
            "rasters_without_dates",
            {"phrase": "since 2016", **PERIOD},
        )
    ]


def test_rules_and_times_are_fields() -> None:
    text = (
        "the three largest new buildings larger than 200 m² in the north or the south, within "
        "50 m of the river, except those in the west, since 2016"
    )
    fields = one(text).as_dict()
    kinds = {condition["kind"]: condition for condition in fields["conditions"]}
    assert kinds["superlative"].items() >= {"measure": "largest", "count": 3, "first": 1}.items()
    assert kinds["size"].items() >= {"quantity": "area", "low": 200.0, "high": None}.items()
    assert [part["place"] for part in kinds["any_of"]["conditions"]] == ["north", "south"]
    assert kinds["near"].items() >= {"reference": "river", "distance_m": 50.0}.items()
    assert kinds["except"]["prompt"] is None
    assert [c["text"] for c in fields["conditions"]] == fields["rules"]
    assert fields["named_times"] == [{"phrase": "since 2016", **PERIOD}]
    assert fields["prompt"] == "new buildings"
