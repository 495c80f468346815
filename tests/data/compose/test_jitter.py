"""Jitter of one date: shift, season and colour."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import BUILDING, VEGETATION
from mtrs_geo.data.compose.jitter import jitter_colour, jitter_season, shift_image


def test_images_are_shifted_by_whole_and_fractional_pixels() -> None:
    image = np.random.default_rng(0).integers(0, 255, (20, 24, 3), dtype=np.uint8)
    np.testing.assert_array_equal(shift_image(image, 0, 0), image)
    np.testing.assert_array_equal(shift_image(image, 2, -1)[2:, :-1], image[:-2, 1:])
    ramp = np.repeat(np.arange(0, 200, 8, dtype=np.uint8)[:, None, None], 20, 1).repeat(3, 2)
    halfway = shift_image(ramp, 0.5, 0).astype(int)
    assert abs(halfway[10, 10, 0] - (int(ramp[9, 10, 0]) + int(ramp[10, 10, 0])) / 2) <= 1


def test_season_changes_vegetation_and_colour_changes_every_pixel() -> None:
    image = np.full((40, 40, 3), 120, np.uint8)
    image[:, :20] = (60, 110, 50)
    classes = np.full((40, 40), BUILDING, np.uint8)
    classes[:, :20] = VEGETATION
    rng = np.random.default_rng(0)
    seasonal = jitter_season(image, classes, rng).astype(int)
    assert np.abs(seasonal[:, :17] - image[:, :17]).mean() > 2
    assert np.abs(seasonal[:, 23:] - image[:, 23:].astype(int)).max() <= 1
    coloured = jitter_colour(image, rng, noise_std=0)
    assert len(np.unique(coloured[:, 25:].reshape(-1, 3), axis=0)) == 1
