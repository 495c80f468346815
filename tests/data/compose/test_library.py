"""Statistics of the scenes of a library."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import BUILDING, VEGETATION
from mtrs_geo.data.compose import Library
from mtrs_geo.data.datasets.scenes import LabelledScene


def test_the_shadow_direction_is_measured() -> None:
    classes = np.full((120, 120), VEGETATION, np.uint8)
    image = np.full((120, 120, 3), 120, np.uint8)
    for row in (20, 60, 90):
        image[row + 4 : row + 18, 24:38] = 30  # the shadow falls down and to the right
        image[row : row + 14, 20:34] = 200
        classes[row : row + 14, 20:34] = BUILDING
    (stats,) = Library([LabelledScene("a", "x", image, classes, 0.5)]).stats
    assert stats.shadow_direction @ np.array([1, 1]) / np.sqrt(2) > 0.9
