"""Pairs with change masks and unchanged pairs, read from disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.class_codes import APPEAR, IGNORE
from mtrs_geo.data.datasets.changes import read_change_set, read_scenes, read_unchanged
from mtrs_geo.errors import RasterError


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


def test_change_set_is_read_with_its_masks_and_border(tmp_path: Path) -> None:
    mask = np.zeros((16, 16), np.uint8)
    mask[4:8, 4:8] = 255
    for name in ("one", "two"):
        for folder in ("A", "B"):
            save(tmp_path / folder / f"{name}.png", np.zeros((16, 16, 3), np.uint8))
        save(tmp_path / "masks" / f"{name}.png", mask)
    options = {"source": "test", "gsd_m": 0.5, "changed": APPEAR, "border_px": 2}
    pairs = read_change_set(tmp_path, **options, keep=lambda name: name == "two")
    assert [p.name for p in pairs] == ["two"]
    assert (pairs[0].label == APPEAR).sum() == 16
    assert (pairs[0].label == IGNORE).sum() == 16 * 16 - 12 * 12
    (tmp_path / "B" / "one.png").unlink()
    with pytest.raises(RasterError, match=r"one\.png cannot be read") as error:
        read_change_set(tmp_path, **options)
    assert "every pair needs both dates" in error.value.advice


def test_missing_folders_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match="has no") as error:
        read_change_set(tmp_path, source="test", gsd_m=0.5, changed=APPEAR)
    assert error.value.advice
    with pytest.raises(RasterError, match="has no file PLACE") as error:
        read_unchanged(tmp_path, source="test", gsd_m=0.6)
    assert error.value.advice


def test_every_two_years_of_a_place_are_an_unchanged_pair(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    for year, grey in ((2016, 10), (2018, 20), (2020, 30)):
        image = Image.fromarray(np.full((8, 8, 3), grey, np.uint8))
        image.save(tmp_path / "town" / f"town_{year}_4.tif")
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / "town" / "town_2018_5.tif")
    pairs = read_unchanged(tmp_path, source="test", gsd_m=0.6)
    greys = [(int(p.before[0, 0, 0]), int(p.after[0, 0, 0])) for p in pairs]
    assert greys == [(10, 20), (10, 30), (20, 30)]
    assert {p.name for p in pairs} == {"town_4"}
    assert not any(p.label.any() for p in pairs)


@pytest.mark.parametrize(
    ("folder", "pixels", "message"),
    [
        ("masks", np.eye(16, dtype=np.uint8), r"not a mask of 0 and 255: .*0 and 1"),
        ("masks", np.zeros((16, 20), np.uint8), r"masks.one\.png \(20 × 16\) and .*A.one\.png"),
        ("B", np.zeros((12, 16, 3), np.uint8), r"B.one\.png \(16 × 12\) and .*A.one\.png"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    tmp_path: Path, folder: str, pixels: np.ndarray, message: str
) -> None:
    for date in ("A", "B"):
        save(tmp_path / date / "one.png", np.zeros((16, 16, 3), np.uint8))
    save(tmp_path / "masks/one.png", np.zeros((16, 16), np.uint8))
    save(tmp_path / folder / "one.png", pixels)
    with pytest.raises(RasterError, match=message) as error:
        read_change_set(tmp_path, source="test", gsd_m=0.5, changed=APPEAR)
    assert error.value.advice


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_a_truncated_image_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"A/one{suffix}"
    save(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(RasterError, match=rf"one{suffix} cannot be read"):
        read_change_set(tmp_path, source="test", gsd_m=0.5, changed=APPEAR)


def test_a_building_map_of_other_values_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "images/one.png", np.zeros((16, 16, 3), np.uint8))
    save(tmp_path / "labels/one.png", np.full((16, 16), 100, np.uint8))
    with pytest.raises(RasterError, match=r"labels.one\.png has values that are no class: 100"):
        read_scenes(tmp_path, gsd_m=0.5)
