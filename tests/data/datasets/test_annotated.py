"""What is annotated on top of change data sets: ground, direction of buildings, floods."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.class_codes import (
    APPEAR,
    CHANGED,
    DISAPPEAR,
    IGNORE,
    ROAD,
    UNKNOWN,
    VEGETATION,
    WATER,
)
from mtrs_geo.data.datasets.annotated import (
    read_directed,
    read_storms,
    with_ground,
    with_unsure_outlines,
)
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.errors import RasterError

SIDE = 32


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def square(row: int, col: int, value: int = 255, side: int = 6) -> np.ndarray:
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[row : row + side, col : col + side] = value
    return mask


def pair(name: str = "p", code: int = APPEAR) -> Pair:
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    return Pair(name, "s", image, image, square(2, 2, code), 0.5)


def test_ground_that_cannot_be_told_is_unknown_at_both_dates(tmp_path: Path) -> None:
    save(tmp_path / "before/p.png", square(10, 10, VEGETATION))
    save(tmp_path / "after/p.png", square(10, 10, ROAD) + square(20, 20, WATER))
    save(tmp_path / "ignore/p.png", square(10, 13))
    ground = with_ground(pair(), tmp_path, source="levir_classes").ground
    assert ground is not None
    assert tuple(ground[11, 11]) == (VEGETATION, ROAD)
    assert tuple(ground[11, 14]) == tuple(ground[11, 18]) == (UNKNOWN, UNKNOWN)
    assert tuple(ground[21, 21]) == (UNKNOWN, WATER), "drawn at one date only"
    assert tuple(ground[0, 0]) == (0, 0)


def test_class_maps_of_another_size_are_refused(tmp_path: Path) -> None:
    for part in ("before", "after", "ignore"):
        save(tmp_path / part / "p.png", np.zeros((SIDE, SIDE + 1), np.uint8))
    with pytest.raises(RasterError, match=r"before/p\.png is \(32, 33\), the pair \(32, 32\)"):
        with_ground(pair(), tmp_path, source="levir_classes")


def test_directions_replace_the_label_and_recoloured_roofs_are_unchanged(tmp_path: Path) -> None:
    label = np.zeros((SIDE, SIDE), np.uint8)
    label[0] = IGNORE
    for row, col in ((2, 2), (2, 20), (20, 2), (20, 12), (20, 24)):
        label |= square(row, col, CHANGED)
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    save(tmp_path / "appear/p.png", square(2, 2))
    save(tmp_path / "disappear/p.png", square(2, 20))
    save(tmp_path / "replaced/p.png", square(20, 2))
    save(tmp_path / "ignore/p.png", square(20, 12) + square(20, 24))
    components = {"p": {"4": {"kind": "recoloured", "at": [22, 14]},
                        "5": {"kind": "unsure", "at": [22, 26]}}}  # fmt: skip
    (tmp_path / "components.json").write_text(json.dumps(components))
    (found,) = read_directed([Pair("p", "s", image, image, label, 0.5)], tmp_path)
    codes = [int(found.label[at]) for at in ((3, 3), (3, 21), (21, 3), (21, 13), (21, 25), (0, 5))]
    assert codes == [APPEAR, DISAPPEAR, CHANGED, 0, IGNORE, IGNORE]
    with pytest.raises(RasterError, match="cannot be read"):
        read_directed([], tmp_path / "missing")


def test_storms_have_water_where_it_was_drawn_and_no_change_of_buildings(tmp_path: Path) -> None:
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    for name in ("harvey_0_0", "ida_1_0"):
        save(tmp_path / "A" / f"{name}.jpg", image)
        save(tmp_path / "B" / f"{name}.jpg", image)
        save(tmp_path / "masks" / f"{name}.png", np.zeros((SIDE, SIDE), np.uint8))
        save(tmp_path / "ignore" / f"{name}.png", square(2, 2))
    save(tmp_path / "water_appear/harvey_0_0.png", square(10, 10))
    flooded, dry = read_storms(tmp_path, gsd_m=0.5)
    assert flooded.ground is not None
    assert tuple(flooded.ground[12, 12]) == (UNKNOWN, WATER)
    assert tuple(flooded.ground[3, 3]) == (UNKNOWN, UNKNOWN)
    assert set(np.unique(flooded.label)) == {0, IGNORE}
    assert dry.ground is None


def test_pixels_on_both_sides_of_an_unsure_outline_are_ignored() -> None:
    label = with_unsure_outlines(pair(), 1).label
    assert label[4, 4] == APPEAR
    assert label[2, 4] == label[1, 4] == IGNORE
    assert label[0, 0] == label[20, 20] == 0


@pytest.mark.parametrize(
    ("codes", "message"),
    [
        (square(10, 10, 9), "before.p.png has values that are no class: 9"),
        (square(10, 10, 200), "values that are no class: 200"),
        (np.dstack([square(10, 10, 40), square(10, 10, 80), square(10, 10)]), "has colours"),
    ],
)
def test_maps_of_other_values_are_refused(tmp_path: Path, codes: np.ndarray, message: str) -> None:
    save(tmp_path / "before/p.png", codes)
    for part in ("after", "ignore"):
        save(tmp_path / part / "p.png", square(20, 20, 0))
    with pytest.raises(RasterError, match=message) as error:
        with_ground(pair(), tmp_path, source="levir_classes")
    assert "docs/training.md" in error.value.advice


def test_a_mask_of_another_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "components.json").write_text("{}")
    save(tmp_path / "appear/p.png", square(2, 2)[1:])
    with pytest.raises(RasterError, match=r"appear.p\.png is \(31, 32\), the pair \(32, 32\)"):
        read_directed([pair()], tmp_path)
