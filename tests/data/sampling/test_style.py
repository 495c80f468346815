"""Colours and light of another image; the content stays."""

from __future__ import annotations

import numpy as np
import pytest

from mtrs_geo.data.datasets.changes import Pair
from mtrs_geo.data.sampling.crops import Crops, Sources
from mtrs_geo.data.sampling.source_weights import SourceWeights
from mtrs_geo.data.sampling.style import match_colours, match_spectrum, transfer_style
from mtrs_geo.data.sampling.transforms import Augmentation

DARK_GREEN, BRIGHT_RED = (30, 70, 40), (220, 120, 100)


def image(colour: tuple[int, int, int], seed: int, deviation: float = 12) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, deviation, (64, 64, 1))
    return (np.array(colour) + noise).clip(0, 255).astype(np.uint8)


def test_mean_and_contrast_are_those_of_the_style():
    own, style = image(DARK_GREEN, 0, 10), image(BRIGHT_RED, 1, 15)
    result = match_colours(own, style)
    np.testing.assert_allclose(result.mean((0, 1)), style.mean((0, 1)), atol=1)
    np.testing.assert_allclose(result.std((0, 1)), style.std((0, 1)), rtol=0.05)
    half = match_colours(own, style, 0.5).mean((0, 1))
    np.testing.assert_allclose(half, (own.mean((0, 1)) + style.mean((0, 1))) / 2, atol=1)
    np.testing.assert_array_equal(match_colours(own, style, 0.0), own)


def test_the_spectrum_moves_light_and_keeps_outlines():
    own, style = image(DARK_GREEN, 0), image(BRIGHT_RED, 1)
    own[20:40, 20:40] = 110
    result = match_spectrum(own, style)
    np.testing.assert_allclose(result.mean((0, 1)), style.mean((0, 1)), atol=5)  # some are cut off
    edges = [np.abs(np.diff(x.astype(float).mean(-1), axis=1))[30] for x in (own, result)]
    assert edges[0].argmax() == edges[1].argmax()
    np.testing.assert_array_equal(match_spectrum(own, style, 0.0), own)


@pytest.mark.parametrize("side", [64, 40])
def test_a_style_of_any_size_is_taken(side):
    style = image(BRIGHT_RED, 1)[:side]
    result = transfer_style(image(DARK_GREEN, 0), style, np.random.default_rng(0))
    assert result.dtype == np.uint8
    np.testing.assert_allclose(result.mean((0, 1)), style.mean((0, 1)), atol=4)


def pair(colour: tuple[int, int, int]) -> Pair:
    label = np.zeros((64, 64), np.uint8)
    label[:30, :30] = 1
    return Pair("p", "levir", image(colour, 2), image(colour, 3), label, 0.5)


def colour_differences(style: float) -> np.ndarray:
    """Return the difference of the mean colours of both dates, per crop."""
    augmentation = Augmentation(48, colour=0.0, blur=0.0, shift_px=0, style=style)
    sources = Sources(levir=[pair(DARK_GREEN), pair(BRIGHT_RED)])
    weights = SourceWeights(levir=1, guangzhou=0, unchanged=0, same_date=0, buildings=0)
    crops = Crops(sources, augmentation, 1, 0, 5, 0.0, weights)
    samples = [crops.sample(i) for i in range(40)]
    means = [[float(s[date].float().mean()) for date in ("before", "after")] for s in samples]
    return np.abs(np.diff(means, axis=1))[:, 0]


def test_crops_get_the_style_of_other_pairs():
    assert (colour_differences(0.0) < 3).all()
    # One date alone has the other style in half of the half whose style is that of the other pair.
    assert 0.08 < (colour_differences(1.0) > 20).mean() < 0.5
