"""Predicts pairs of dates of one batch of tiles; the features of a date serve all its pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from mtrs_geo.models import ChangeSegmenter, DateFeatures, Query, date_encoder
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["predict_dates"]


def predict_dates(
    segmenter: ChangeSegmenter,
    images: UInt8Array,
    pairs: Sequence[tuple[int, int]],
    prompts: Sequence[Query],
    asked: Sequence[Sequence[int]],
) -> FloatArray:
    """Return the probabilities of all pairs and prompts.

    A date is encoded once, when its first pair is predicted, if a prompt is asked for the pair;
    its features are freed after its last pair.  A single pair is predicted by ``predict_tiles``.

    Args:
        segmenter: the model.
        images: (B, T, 3, rows, cols) of T dates.
        pairs: indices of the dates to compare, sorted.
        prompts: N queries.
        asked: indices of the prompts that are asked for each pair.

    Returns:
        (B, pairs * N, rows, cols) in [0, 1]; NaN for prompts that are not asked.
    """
    if len(pairs) == 1:
        both = images[:, list(pairs[0])]
        return _answers(partial(segmenter.predict_tiles, both), images, prompts, asked[0])
    encoder, features = date_encoder(segmenter), _Features(images, pairs, asked)
    found = []
    for i, (before, after) in enumerate(pairs):
        if asked[i]:
            dates = [features.of(date, encoder.encode_date) for date in (before, after)]
            predict = partial(encoder.combine, *dates)
            found.append(_answers(predict, images, prompts, asked[i]))
        else:
            found.append(_unanswered(images, len(prompts)))
        features.free(i)
    return np.concatenate(found, axis=1)


class _Features:
    """The features of the dates that later pairs need."""

    def __init__(
        self,
        images: UInt8Array,
        pairs: Sequence[tuple[int, int]],
        asked: Sequence[Sequence[int]],
    ) -> None:
        self._images = images
        self._last_pair = {date: i for i, pair in enumerate(pairs) if asked[i] for date in pair}
        self._kept: dict[int, DateFeatures] = {}

    def of(self, date: int, encode: Callable[[UInt8Array], DateFeatures]) -> DateFeatures:
        if date not in self._kept:
            self._kept[date] = encode(self._images[:, date])
        return self._kept[date]

    def free(self, pair: int) -> None:
        """Drop the features that no pair after this one needs."""
        self._kept = {d: kept for d, kept in self._kept.items() if self._last_pair[d] > pair}


def _answers(
    predict: Callable[[Sequence[Query]], FloatArray],
    images: UInt8Array,
    prompts: Sequence[Query],
    asked: Sequence[int],
) -> FloatArray:
    """Return probabilities (B, N, rows, cols) of one pair."""
    if len(asked) == len(prompts):
        return predict(prompts)
    found = _unanswered(images, len(prompts))
    if asked:
        found[:, list(asked)] = predict([prompts[i] for i in asked])
    return found


def _unanswered(images: UInt8Array, prompts: int) -> FloatArray:
    return np.full((len(images), prompts, *images.shape[-2:]), np.nan, np.float32)
