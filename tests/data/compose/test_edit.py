"""Orientations and soft edges of edits."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.data.compose.edit import Orientation, feather


def test_an_orientation_moves_images_and_directions_alike() -> None:
    image = np.zeros((9, 9))
    image[6, 5] = 1  # from the centre (4, 4): two down, one right
    for quarters in range(4):
        for is_mirrored in (False, True):
            orientation = Orientation(quarters, is_mirrored)
            ((row, col),) = np.argwhere(orientation(image))
            np.testing.assert_array_equal(
                orientation.vector(np.array([2, 1], np.float32)), [row - 4, col - 4]
            )


def test_feathering_stays_inside_the_mask() -> None:
    mask = np.zeros((30, 30), bool)
    mask[8:20, 8:20] = True
    for width in (0, 1, 3):
        alpha = feather(mask, width)
        assert (alpha[~mask] == 0).all()
        assert alpha[13, 13] == pytest.approx(1)
    assert 0 < feather(mask, 1)[8, 13] < 1
