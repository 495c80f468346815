"""Test-time augmentation: an answer averaged with those about mirror images."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mtrs_geo.models.contract import ChangeSegmenter
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["MirroredSegmenter"]

_AXES = (-1, -2)
_SIDES = re.compile(
    r"\b(north|south|east|west|left|right|top|bottom|upper|lower|above|below|corner)", re.IGNORECASE
)


class MirroredSegmenter:
    """Asks a segmenter about a pair and about its two mirror images, and answers their mean.

    More accurate for three times the work, above all where seasons differ.  What names a side
    ("in the north", "left of the road") would mean another one in a mirror, and is asked once.

    Args:
        segmenter: whose answers are averaged.
    """

    def __init__(self, segmenter: ChangeSegmenter) -> None:
        self.segmenter = segmenter
        self.info = segmenter.info

    def predict(self, before: UInt8Array, after: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer one pair, see `ChangeSegmenter`."""
        images = np.stack([before, after]).transpose(0, 3, 1, 2)
        answer: FloatArray = self.predict_tiles(images[None], texts)[0]
        return answer

    def predict_tiles(self, images: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer B pairs, see `ChangeSegmenter`."""
        answer = np.array(self.segmenter.predict_tiles(images, texts))
        free = [at for at, text in enumerate(texts) if not _SIDES.search(text)]
        if not free:
            return answer
        for axis in _AXES:
            # All texts again: a segmenter keeps what it made of the last ones.
            mirrored = self.segmenter.predict_tiles(np.flip(images, axis), texts)
            answer[:, free] += np.flip(mirrored, axis)[:, free]
        answer[:, free] /= 1 + len(_AXES)
        return answer
