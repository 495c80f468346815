"""Varied crops: what is turned stays in register."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.sampling.transforms import Augmentation, crop, vary, vary_dates

PLAIN = {"swap": 0.0, "light": 0.0, "blur": 0.0, "shift_px": 0}


def pair_of(side: int) -> Pair:
    """Bright where a building appeared, dark elsewhere: a label can be read off the image."""
    rows, cols = np.mgrid[:side, :side]
    label = ((rows // 40 + cols // 40) % 2 * APPEAR).astype(np.uint8)
    after = np.repeat((label * 200 + 20)[..., None], 3, 2).astype(np.uint8)
    return Pair("p", "levir", np.full_like(after, 20), after, label, 0.5)


def varied(pair: Pair, options: Augmentation, seed: int) -> Pair:
    rng = np.random.default_rng(seed)
    return vary_dates(crop(pair, options, rng), options, rng)


@pytest.mark.parametrize("turn", [0.0, 1.0])
def test_label_and_image_stay_in_register(turn: float) -> None:
    options = Augmentation(96, turn=turn, **PLAIN)
    for seed in range(8):
        cropped = varied(pair_of(400), options, seed)
        assert cropped.after.shape == (96, 96, 3)
        seen = cropped.after[..., 0].astype(int) > 120
        assert (seen == (cropped.label == APPEAR)).mean() > 0.93
        assert set(np.unique(cropped.label)) == {0, APPEAR}


def test_turned_crops_have_no_empty_corner() -> None:
    pair = pair_of(150)
    full = Pair("p", "levir", pair.before + 100, pair.after + 30, pair.label, 0.5)
    options = Augmentation(96, zoom=(0.97, 1.0), turn=1.0, **PLAIN)
    for seed in range(30):
        cropped = varied(full, options, seed)
        # Noise comes on top of 120; what lies outside would be 0.
        assert cropped.before.min() > 60


def test_small_pairs_are_turned_by_quarters_alone() -> None:
    options = Augmentation(96, zoom=(1.0, 1.0), turn=1.0, **PLAIN)
    for seed in range(4):
        cropped = varied(pair_of(100), options, seed)
        rows = np.abs(np.diff(cropped.label.astype(int), axis=0)).any(1).sum()
        assert rows <= 4  # straight edges


def test_light_changes_colours_by_a_matrix_and_an_offset_alone() -> None:
    image = np.random.default_rng(0).integers(60, 130, (32, 32, 3)).astype(np.uint8)
    options = Augmentation(light=1.0, blur=0.0)
    kept = 0
    for seed in range(12):
        lit = vary(image, np.random.default_rng(seed), options).astype(float)
        inner = ((lit > 0) & (lit < 255)).all(-1)
        colours = np.concatenate([image.astype(float), np.ones((32, 32, 1))], -1)[inner]
        fitted = colours @ np.linalg.lstsq(colours, lit[inner], rcond=None)[0]
        off = np.abs(fitted - lit[inner]).max()
        kept += off < 1.5  # rounding; noise lies on a fifth of the images
        assert not np.array_equal(lit, image)
    assert kept >= 8
