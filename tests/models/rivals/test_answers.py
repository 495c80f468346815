"""Boxes, points and polygons in the text of a language model."""

from __future__ import annotations

import pytest

from mtrs_geo.models.rivals.answers import Answer, polygons_of, read_answer
from mtrs_geo.models.rivals.qwen_vl import units_of_answers

THOUSANDTHS = (1000.0, 1000.0)


@pytest.mark.parametrize(
    "text",
    [
        '```json\n[{"bbox_2d": [100, 200, 300, 400], "label": "pond"}]\n```',
        "<|object_ref_start|>pond<|object_ref_end|><|box_start|>(100,200),(300,400)<|box_end|>",
        "The pond is at [100.0, 200.0, 300.0, 400.0].",
        '[{"bbox_2d": [300, 400, 100, 200]}, {"bbox_2d": [100, 200, 300, 400]}, {"bbox_2d": [5, ',
    ],
)
def test_box(text: str) -> None:
    assert read_answer(text, THOUSANDTHS) == Answer(((0.1, 0.2, 0.3, 0.4),))


def test_points_units_and_borders() -> None:
    found = read_answer('[{"point_2d": [50, 20]}, {"bbox_2d": [-10, 0, 500, 20]}]', (100.0, 40.0))
    assert found == Answer(((0.0, 0.0, 1.0, 0.5),), ((0.5, 0.5),))


@pytest.mark.parametrize("text", ["", "[]", "There is none.", "[1, 2, 3]", "[7, 7, 7, 7]", "\x00("])
def test_no_place(text: str) -> None:
    assert read_answer(text, THOUSANDTHS) == Answer()


def test_polygons() -> None:
    text = "</s><s>pond<poly><loc_0><loc_0><loc_499><loc_0><loc_499><loc_499><sep>"
    ring = [(0.0005, 0.0005), (0.4995, 0.0005), (0.4995, 0.4995)]
    assert polygons_of(text + "<loc_1><loc_2></poly></s>") == [ring]
    assert polygons_of("no place") == []


def test_units_of_qwen_vl() -> None:
    assert units_of_answers("qwen3_vl", (1, 32, 64), 16) == THOUSANDTHS
    assert units_of_answers("qwen2_5_vl", (1, 32, 64), 14) == (64 * 14.0, 32 * 14.0)
