"""The stretch of pixel values to bytes."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mtrs_geo.io.radiometry import Stretch, fit_stretch


def test_the_values_of_pixels_without_data_cause_no_warning() -> None:
    stretch = Stretch((0.0,) * 3, (0.4,) * 3)
    limits = np.finfo(np.float32)
    values = np.array([limits.min, 0.2, limits.max, np.inf, np.nan], np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        stretched = stretch.apply(np.tile(values, (3, 1, 1)))
        stretch.apply(np.full((3, 1, 1), -np.finfo(np.float64).max))
    np.testing.assert_array_equal(stretched[0, 0], [0, 128, 255, 255, 0])


@pytest.mark.parametrize("dtype", ["uint16", "int16", "uint32", "int64", "float32", "float64"])
def test_bytes_in_another_type_stay_unchanged(dtype: str) -> None:
    values = np.random.default_rng(0).integers(20, 180, (3, 64, 64)).astype(dtype)
    valid = np.ones((64, 64), np.bool_)
    values[0, 0, 0] = 3000  # one saturated pixel
    stretch = fit_stretch(values, valid)
    assert stretch is not None
    np.testing.assert_array_equal(stretch.apply(values[1:2]), [values[1]] * 3)


@pytest.mark.parametrize("scale", [0.5, 0.7, 30], ids=["percentages", "fractions", "12 bits"])
def test_other_numbers_are_stretched(scale: float) -> None:
    values = np.random.default_rng(0).integers(20, 180, (3, 64, 64)) * scale
    values = np.floor(values) if scale == 0.5 else values
    stretch = fit_stretch(values, np.ones((64, 64), np.bool_))
    assert stretch is not None
    assert stretch.low[0] > 0
