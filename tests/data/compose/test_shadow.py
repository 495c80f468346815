"""Shadows of objects."""

from __future__ import annotations

import numpy as np

from mtrs_geo.data.compose.shadow import cast_shadow


def test_a_shadow_falls_in_its_direction_and_not_on_the_object() -> None:
    mask = np.zeros((30, 30), bool)
    mask[10:15, 10:15] = True
    shading = cast_shadow(mask, np.array([0, 1], np.float32), 4, 0.5)
    assert shading[12, 17] < 0.6
    assert shading[12, 7] == 1
    assert (shading[mask] == 1).all()
