"""Pairs with building change, composed from two scenes."""

from __future__ import annotations

import numpy as np

from mtrs_geo.class_codes import APPEAR, DISAPPEAR, NONE
from mtrs_geo.data.compose.buildings import compose_building_pair
from mtrs_geo.data.datasets.changes import Scene


def test_pixels_far_from_a_pasted_building_are_equal() -> None:
    rng = np.random.default_rng(1)
    scenes = []
    for i in range(4):
        buildings = np.zeros((80, 80), np.uint8)
        buildings[10 * i : 10 * i + 12, 20:40] = 1
        image = np.full((80, 80, 3), 40 + 50 * i, np.uint8)
        scenes.append(Scene(f"s{i}", image, buildings, 0.5))
    pairs = [compose_building_pair(scenes, 64, rng) for _ in range(40)]
    pasted = [p for p in pairs if APPEAR in p.label]
    assert pasted
    far = [p for p in pasted if DISAPPEAR not in p.label and (p.label == NONE)[-8:].all()]
    assert any(np.array_equal(p.before[-4:], p.after[-4:]) for p in far)
