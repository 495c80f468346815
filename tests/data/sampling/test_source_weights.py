"""Sources and empty answers in the shares that were asked for."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from mtrs_geo.class_codes import APPEAR
from mtrs_geo.data.datasets.changes import Pair, Scene
from mtrs_geo.data.sampling.crops import Crops, Sources
from mtrs_geo.data.sampling.source_weights import Shares
from mtrs_geo.data.sampling.transforms import Augmentation
from mtrs_geo.errors import RequestError


def sources() -> Sources:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    label = np.zeros((64, 64), np.uint8)
    label[10:40, 10:40] = APPEAR
    changed = Pair("c", "levir", image, image[::-1].copy(), label, 0.5)
    same = Pair("s", "unchanged", image, image, np.zeros_like(label), 0.6)
    return Sources([changed], [changed], [same], [[Scene("x", image, label, 0.5)]])


def test_sources_are_drawn_by_their_shares() -> None:
    rng = np.random.default_rng(0)
    shares = Shares(levir=3, guangzhou=1, unchanged=0, still=0, buildings=0)
    drawn = Counter(shares.draw(rng) for _ in range(4000))
    assert drawn.keys() == {"levir", "guangzhou"}
    assert drawn["levir"] / 4000 == pytest.approx(0.75, abs=0.03)


def test_defaults_draw_as_before_they_had_names() -> None:
    """Runs of before and after this option see the same crops."""
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    ends = {"levir": 0.48, "guangzhou": 0.68, "unchanged": 0.80, "still": 0.84, "buildings": 1}
    for _ in range(2000):
        dice = other.random()
        assert Shares().draw(one) == next(name for name, end in ends.items() if dice < end)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_empty_answers_are_as_frequent_as_asked(share: float) -> None:
    shares = Shares(unchanged=0, still=0, buildings=0, without_change=0, empty=share)
    crops = Crops(sources(), Augmentation(64, zoom=(1.0, 1.0)), 4, 0, seed=1, shares=shares)
    masks = [mask.any() for i in range(60) for mask in crops.sample(i)["masks"].numpy()]
    assert 1 - np.mean(masks) == pytest.approx(share, abs=0.08)


def test_nothing_to_draw_from() -> None:
    with pytest.raises(RequestError, match="at least one above 0"):
        Shares(levir=0, guangzhou=0, unchanged=0, still=0, buildings=0)
