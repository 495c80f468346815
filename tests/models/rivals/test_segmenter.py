"""A model of one date behind the contract of segmenters."""

from __future__ import annotations

import numpy as np
from small_rivals import BrightThings

from mtrs_geo.models import ChangeSegmenter, DateEncoder, ModelInfo
from mtrs_geo.models.rivals.segmenter import RivalSegmenter


def segmenter() -> tuple[RivalSegmenter, BrightThings]:
    model = BrightThings()
    info = ModelInfo("bright", "1", 0.5, (0.0, float("inf")), 64)
    return RivalSegmenter(model, info), model


def images() -> np.ndarray:
    pairs = np.zeros((3, 2, 3, 20, 44), np.uint8)
    pairs[1, 1, :, 4:12, 30:40] = 255
    return pairs


def test_contract() -> None:
    rival, model = segmenter()
    assert isinstance(rival, ChangeSegmenter)
    assert isinstance(rival, DateEncoder)
    assert rival.info.knows.open
    queries = ["new bright ponds", "bright ponds that disappeared", "changed bright ponds"]
    found = rival.predict_tiles(images(), queries)
    assert found.shape == (3, 3, 20, 44)
    assert found.dtype == np.float32
    assert np.argwhere(found[1, 0] > 0.5).tolist() == np.argwhere(images()[1, 1, 0]).tolist()
    assert found[1, 1].max() < 0.5
    assert found[[0, 2]].max() < 0.5
    # Each date is padded to a square and encoded once, and each phrase is looked for once.
    assert model.encoded == [(3, 3, 44, 44)] * 2
    assert model.asked == ["bright ponds"] * 2


def test_dates_of_a_stack_are_encoded_once() -> None:
    rival, model = segmenter()
    pairs = images()
    before, after = (rival.encode_date(pairs[:, date]) for date in (0, 1))
    for first, second in ((before, after), (after, before)):
        rival.combine(first, second, ["new bright ponds"])
    assert len(model.encoded) == 2
    together = rival.combine(before, after, ["new bright ponds"])
    np.testing.assert_array_equal(together, rival.predict_tiles(pairs, ["new bright ponds"]))
    one = rival.predict(*pairs[1].transpose(0, 2, 3, 1), ["new bright ponds"])
    np.testing.assert_array_equal(one, together[1])


def test_any_size() -> None:
    rival, _ = segmenter()
    for rows, cols in ((1, 1), (1, 9), (7, 2)):
        pair = np.zeros((1, 2, 3, rows, cols), np.uint8)
        assert rival.predict_tiles(pair, ["x", ""]).shape == (1, 2, rows, cols)
