"""The stretch of pixel values to bytes."""

from __future__ import annotations

import warnings

import numpy as np

from mtrs_geo.io.radiometry import Stretch


def test_the_values_of_pixels_without_data_cause_no_warning() -> None:
    stretch = Stretch((0.0,) * 3, (0.4,) * 3)
    limits = np.finfo(np.float32)
    values = np.array([limits.min, 0.2, limits.max, np.inf, np.nan], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stretched = stretch.apply(np.tile(values, (3, 1, 1)))
        stretch.apply(np.full((3, 1, 1), -np.finfo(np.float64).max))
    np.testing.assert_array_equal(stretched[0, 0], [0, 128, 255, 255, 0])
