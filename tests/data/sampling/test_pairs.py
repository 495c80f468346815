from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mtrs_geo.class_codes import APPEAR, DISAPPEAR, IGNORE, NONE
from mtrs_geo.data.compose.buildings import compose
from mtrs_geo.data.datasets.changes import Pair, Scene, read_change_set, read_unchanged
from mtrs_geo.data.sampling.transforms import Augmentation, crop, swap_dates, vary_dates
from mtrs_geo.errors import RasterError


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(array).save(path)


@pytest.fixture
def pair() -> Pair:
    rng = np.random.default_rng(0)
    before, after = rng.integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    label = np.zeros((64, 64), np.uint8)
    label[:20, :30] = APPEAR
    label[40:, 40:] = DISAPPEAR
    return Pair("a", "test", before, after, label, 0.5)


def test_change_set(tmp_path: Path) -> None:
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
    with pytest.raises(RasterError, match=r"one\.png cannot be read"):
        read_change_set(tmp_path, **options)


def test_missing_folders(tmp_path: Path) -> None:
    with pytest.raises(RasterError, match="holds no"):
        read_change_set(tmp_path, source="test", gsd_m=0.5, changed=APPEAR)
    with pytest.raises(RasterError, match="holds no"):
        read_unchanged(tmp_path, source="test", gsd_m=0.6)


def test_unchanged_ground_is_every_two_years_of_a_place(tmp_path: Path) -> None:
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


def test_swap_is_its_own_inverse(pair: Pair) -> None:
    swapped = swap_dates(pair)
    assert (swapped.label == DISAPPEAR).sum() == (pair.label == APPEAR).sum()
    np.testing.assert_array_equal(swapped.before, pair.after)
    twice = swap_dates(swapped)
    np.testing.assert_array_equal(twice.label, pair.label)
    np.testing.assert_array_equal(twice.before, pair.before)


def test_augmentation_turns_image_and_label_alike(pair: Pair) -> None:
    painted = np.where(pair.label[..., None] == APPEAR, 255, 0).astype(np.uint8).repeat(3, -1)
    pair = replace(pair, before=painted, after=painted)
    options = Augmentation(64, zoom=(1.0, 1.0), swap=0, light=0, blur=0, shift_px=0)
    for seed in range(8):
        varied = crop(pair, options, np.random.default_rng(seed))
        bright = varied.before[..., 0] > 128
        assert (bright == (varied.label == APPEAR)).mean() > 0.99


def test_augmentation_is_reproducible(pair: Pair) -> None:
    options, same = Augmentation(48), [np.random.default_rng(5) for _ in range(2)]
    one, two = (vary_dates(crop(pair, options, rng), options, rng) for rng in same)
    np.testing.assert_array_equal(one.after, two.after)
    assert one.before.shape == (48, 48, 3)


def test_composed_pairs_change_only_where_they_say() -> None:
    rng = np.random.default_rng(1)
    scenes = []
    for i in range(4):
        buildings = np.zeros((80, 80), np.uint8)
        buildings[10 * i : 10 * i + 12, 20:40] = 1
        image = np.full((80, 80, 3), 40 + 50 * i, np.uint8)
        scenes.append(Scene(f"s{i}", image, buildings, 0.5))
    pasted = [p for p in (compose(scenes, 64, rng) for _ in range(40)) if APPEAR in p.label]
    assert pasted
    far = [p for p in pasted if DISAPPEAR not in p.label and (p.label == NONE)[-8:].all()]
    assert any(np.array_equal(p.before[-4:], p.after[-4:]) for p in far)
