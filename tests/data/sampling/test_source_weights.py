"""Sources and empty masks are drawn as often as requested."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR
from mtrs_geo.data.datasets.changes import Pair, Scene
from mtrs_geo.data.sampling.crops import Crops, Sources
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.errors import RequestError


def sources() -> Sources:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    label = np.zeros((64, 64), np.uint8)
    label[10:40, 10:40] = APPEAR
    changed = Pair("c", "levir", image, image[::-1].copy(), label, 0.5)
    unchanged = Pair("s", "unchanged", image, image, np.zeros_like(label), 0.6)
    return Sources([changed], [changed], [unchanged], [[Scene("x", image, label, 0.5)]])


def test_sources_are_drawn_by_their_weights() -> None:
    rng = np.random.default_rng(0)
    weights = SourceWeights(levir=3, guangzhou=1, unchanged=0, same_date=0, buildings=0)
    drawn = Counter(weights.draw(rng) for _ in range(4000))
    assert drawn.keys() == {"levir", "guangzhou"}
    assert drawn["levir"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_default_weights_divide_the_unit_interval() -> None:
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    ends = {"levir": 0.48, "guangzhou": 0.68, "unchanged": 0.80, "same_date": 0.84, "buildings": 1}
    for _ in range(2000):
        value = other.random()
        expected = next(name for name, end in ends.items() if value < end)
        assert SourceWeights().draw(one) == expected


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_empty_masks_are_as_frequent_as_requested(share: float) -> None:
    weights = SourceWeights(
        unchanged=0, same_date=0, buildings=0, keep_unchanged=0, no_target=share
    )
    augmentation = Augmentation(64, zoom=(1.0, 1.0))
    crops = Crops(sources(), augmentation, 4, 0, seed=1, source_weights=weights)
    has_target = [mask.any() for i in range(60) for mask in crops.sample(i)["masks"].numpy()]
    assert 1 - np.mean(has_target) == pytest.approx(share, abs=0.08)


def test_all_weights_zero_is_an_error() -> None:
    with pytest.raises(RequestError, match="levir 0") as error:
        SourceWeights(levir=0, guangzhou=0, unchanged=0, same_date=0, buildings=0)
    assert "at least one weight above 0" in error.value.advice
