"""Augmented crops: image and label stay aligned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR, CHANGED, DISAPPEAR, ROAD
from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.sampling.transforms import (
    Augmentation,
    augment_dates,
    augment_image,
    random_crop,
    swap_dates,
)

GEOMETRY_ONLY = {"swap": 0.0, "colour": 0.0, "blur": 0.0, "shift_px": 0}


@pytest.fixture
def pair() -> Pair:
    rng = np.random.default_rng(0)
    before, after = rng.integers(0, 255, (2, 64, 64, 3), dtype=np.uint8)
    label = np.zeros((64, 64), np.uint8)
    label[:20, :30] = APPEAR
    label[40:, 40:] = DISAPPEAR
    return Pair("a", "test", before, after, label, 0.5)


def checkerboard(side: int) -> Pair:
    """Return a pair whose later image is bright where the label is APPEAR."""
    rows, cols = np.mgrid[:side, :side]
    label = ((rows // 40 + cols // 40) % 2 * APPEAR).astype(np.uint8)
    after = np.repeat((label * 200 + 20)[..., None], 3, 2).astype(np.uint8)
    return Pair("p", "levir", np.full_like(after, 20), after, label, 0.5)


def augmented(pair: Pair, augmentation: Augmentation, seed: int) -> Pair:
    rng = np.random.default_rng(seed)
    return augment_dates(random_crop(pair, augmentation, rng), augmentation, rng)


def test_swapping_twice_gives_the_same_pair(pair: Pair) -> None:
    swapped = swap_dates(pair)
    assert (swapped.label == DISAPPEAR).sum() == (pair.label == APPEAR).sum()
    np.testing.assert_array_equal(swapped.before, pair.after)
    twice = swap_dates(swapped)
    np.testing.assert_array_equal(twice.label, pair.label)
    np.testing.assert_array_equal(twice.before, pair.before)


def test_a_crop_rotates_image_and_label_alike(pair: Pair) -> None:
    painted = np.where(pair.label[..., None] == APPEAR, 255, 0).astype(np.uint8).repeat(3, -1)
    pair = replace(pair, before=painted, after=painted)
    augmentation = Augmentation(64, zoom=(1.0, 1.0), **GEOMETRY_ONLY)
    for seed in range(8):
        cropped = random_crop(pair, augmentation, np.random.default_rng(seed))
        bright = cropped.before[..., 0] > 128
        assert (bright == (cropped.label == APPEAR)).mean() > 0.99


def test_augmentation_is_reproducible(pair: Pair) -> None:
    one, two = (augmented(pair, Augmentation(48), seed=5) for _ in range(2))
    np.testing.assert_array_equal(one.after, two.after)
    assert one.before.shape == (48, 48, 3)


@pytest.mark.parametrize("rotate", [0.0, 1.0])
def test_label_and_image_stay_aligned(rotate: float) -> None:
    augmentation = Augmentation(96, rotate=rotate, **GEOMETRY_ONLY)
    for seed in range(8):
        cropped = augmented(checkerboard(400), augmentation, seed)
        assert cropped.after.shape == (96, 96, 3)
        bright = cropped.after[..., 0].astype(int) > 120
        assert (bright == (cropped.label == APPEAR)).mean() > 0.93
        assert set(np.unique(cropped.label)) == {0, APPEAR}


def test_rotated_crops_have_no_empty_corner() -> None:
    pair = checkerboard(150)
    lighter = Pair("p", "levir", pair.before + 100, pair.after + 30, pair.label, 0.5)
    augmentation = Augmentation(96, zoom=(0.97, 1.0), rotate=1.0, **GEOMETRY_ONLY)
    for seed in range(30):
        cropped = augmented(lighter, augmentation, seed)
        # The image is 120 plus noise; pixels outside it would be 0.
        assert cropped.before.min() > 60


def test_small_pairs_are_rotated_by_quarter_turns_only() -> None:
    augmentation = Augmentation(96, zoom=(1.0, 1.0), rotate=1.0, **GEOMETRY_ONLY)
    for seed in range(4):
        cropped = augmented(checkerboard(100), augmentation, seed)
        rows = np.abs(np.diff(cropped.label.astype(int), axis=0)).any(1).sum()
        assert rows <= 4  # straight edges


def test_colour_jitter_is_a_matrix_and_an_offset() -> None:
    image = np.random.default_rng(0).integers(60, 130, (32, 32, 3)).astype(np.uint8)
    augmentation = Augmentation(colour=1.0, blur=0.0)
    exact = 0
    for seed in range(12):
        jittered = augment_image(image, np.random.default_rng(seed), augmentation).astype(float)
        inner = ((jittered > 0) & (jittered < 255)).all(-1)
        colours = np.concatenate([image.astype(float), np.ones((32, 32, 1))], -1)[inner]
        fitted = colours @ np.linalg.lstsq(colours, jittered[inner], rcond=None)[0]
        error = np.abs(fitted - jittered[inner]).max()
        exact += error < 1.5  # rounding; a fifth of the images also has noise
        assert not np.array_equal(jittered, image)
    assert exact >= 8


@pytest.mark.parametrize("swap", [0.0, 1.0], ids=["appears", "disappears"])
def test_a_shift_moves_the_date_without_the_labelled_object(swap: float) -> None:
    # The noise of the image tells whether a date was moved.
    noise = np.random.default_rng(0).integers(0, 30, (96, 96, 3), dtype=np.uint8)
    pair = checkerboard(96)
    pair = replace(pair, before=pair.before + noise, after=pair.after + noise)
    pair = swap_dates(pair) if swap else pair
    augmentation = Augmentation(96, colour=0.0, blur=0.0)
    moved = 0
    for seed in range(30):
        shifted = augment_dates(pair, augmentation, np.random.default_rng(seed))
        shows, other = ("before", "after") if swap else ("after", "before")
        bright = getattr(shifted, shows)[..., 0].astype(int) > 125
        np.testing.assert_array_equal(bright, shifted.label != 0)
        change = np.abs(getattr(shifted, other).astype(int) - getattr(pair, other))
        moved += change.mean() > 8  # noise alone: at most 5
    assert 5 < moved < 25


@pytest.mark.parametrize("kind", ["both directions", "no direction", "ground"])
def test_no_date_is_shifted_where_both_may_show_outlines(pair: Pair, kind: str) -> None:
    if kind == "no direction":
        pair = replace(pair, label=np.where(pair.label > 0, CHANGED, 0).astype(np.uint8))
    if kind == "ground":
        ground = np.zeros((64, 64, 2), np.uint8)
        ground[30:40, :, 1] = ROAD
        pair = replace(pair, label=np.zeros_like(pair.label), ground=ground)
    augmentation = Augmentation(64, colour=0.0, blur=0.0)
    for seed in range(20):
        same = augment_dates(pair, augmentation, np.random.default_rng(seed))
        for name in ("before", "after"):
            change = np.abs(getattr(same, name).astype(int) - getattr(pair, name))
            assert change.mean() < 8, "noise alone"
