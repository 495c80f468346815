"""Test-time augmentation: the mean of the probabilities over mirrored images."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from mtrs_geo.models.contract import (
    ChangeSegmenter,
    DateFeatures,
    IntentReader,
    IntentReading,
    Query,
    TileSegmenter,
    date_encoder,
)
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["MirroredSegmenter"]

_AXES = (-1, -2)
_SIDES = re.compile(
    r"\b(north|south|east|west|left|right|top|bottom|upper|lower|above|below|corner)", re.IGNORECASE
)


class MirroredSegmenter(TileSegmenter):
    """Mean of a segmenter's probabilities over a pair and its two mirror images.

    It is more accurate, most of all where the seasons of the dates differ, and takes three times
    as long.  Queries with a side or direction ("in the north", "left of the road") are not
    mirrored, because the mirrored image would have another one.

    Args:
        segmenter: segmenter to run on each image.
    """

    def __init__(self, segmenter: ChangeSegmenter) -> None:
        self.segmenter = segmenter
        self.info = segmenter.info

    def read_intents(self, sentences: Sequence[str]) -> list[IntentReading]:
        """Return what the segmenter reads N sentences as, see `IntentReader`."""
        reader = self.segmenter
        return reader.read_intents(sentences) if isinstance(reader, IntentReader) else []

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        return _mean(
            lambda axis: self.segmenter.predict_tiles(_flipped(images, axis), queries), queries
        )

    def encode_date(self, images: UInt8Array) -> DateFeatures:
        """Return the features of B images of one date and of their mirror images."""
        encoder = date_encoder(self.segmenter)
        return {axis: encoder.encode_date(_flipped(images, axis)) for axis in (None, *_AXES)}

    def combine(
        self, before: DateFeatures, after: DateFeatures, queries: Sequence[Query]
    ) -> FloatArray:
        """Return the probabilities for B pairs of dates, see `DateEncoder`."""
        encoder = date_encoder(self.segmenter)
        return _mean(lambda axis: encoder.combine(before[axis], after[axis], queries), queries)


def _mean(predict: Callable[[int | None], FloatArray], queries: Sequence[Query]) -> FloatArray:
    """Return the mean of the probabilities (B, N, H, W) of an image and its mirror images.

    Args:
        predict: returns the probabilities of the image mirrored along an axis; None is the image
            itself.
        queries: N queries.
    """
    probability = np.array(predict(None))
    indices = [i for i, query in enumerate(queries) if not _SIDES.search(str(query))]
    if not indices:
        return probability
    for axis in _AXES:
        # The same queries each time, because a segmenter caches the embeddings of the last.
        probability[:, indices] += np.flip(predict(axis), axis)[:, indices]
    probability[:, indices] /= 1 + len(_AXES)
    return probability


def _flipped(images: UInt8Array, axis: int | None) -> UInt8Array:
    return images if axis is None else np.flip(images, axis)
