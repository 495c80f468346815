"""Pairs with class maps, and the labels that follow from them."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR, BUILDING, CHANGED, DISAPPEAR, NONE, UNKNOWN
from mtrs_geo.data.compose import Composer
from mtrs_geo.data.datasets.classes import ClassPair, classes_of_pair


@pytest.fixture(scope="module")
def pairs(plain_composer: Composer) -> list[ClassPair]:
    return [plain_composer.sample(i) for i in range(60)]


def test_a_pair_swapped_twice_is_the_same(pairs: list[ClassPair]) -> None:
    twice = pairs[0].swapped().swapped()
    np.testing.assert_array_equal(twice.before, pairs[0].before)
    np.testing.assert_array_equal(pairs[0].swapped().before_class, pairs[0].after_class)


def test_the_label_follows_from_the_class_maps(pairs: list[ClassPair]) -> None:
    for pair in pairs:
        label = pair.as_pair().label
        np.testing.assert_array_equal(label != NONE, pair.changed)
        built = pair.changed & (pair.after_class == BUILDING)
        np.testing.assert_array_equal(label == APPEAR, built)
        demolished = pair.changed & (pair.before_class == BUILDING)
        np.testing.assert_array_equal(label == DISAPPEAR, demolished)
        maps = classes_of_pair(pair.as_pair())
        np.testing.assert_array_equal(maps.changed, pair.changed)
        assert (maps.after_class[label == CHANGED] == UNKNOWN).all()
