"""Classical methods as a `ChangeSegmenter`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtrs_geo.models.classical.cva import change_vectors
from mtrs_geo.models.classical.irmad import irmad
from mtrs_geo.models.classical.pca_kmeans import pca_kmeans
from mtrs_geo.models.contract import LandCoverQuery, ModelInfo, Query, TileSegmenter
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["CLASSICAL", "ClassicalSegmenter", "Method"]

_TILE_PX = 1024
"""The threshold is that of a tile, so tiles are large."""


@dataclass(frozen=True)
class Method:
    """A method that finds changes of any kind."""

    map_of: Callable[[UInt8Array, UInt8Array, BoolArray], FloatArray]
    """Maps two images (3, H, W) and where they have data (H, W), at least at one pixel, to the
    probability (H, W) of a change.  Pixels without data have no effect on the others."""
    description: str


CLASSICAL: Mapping[str, Method] = {
    "cva": Method(change_vectors, "change vector analysis with Otsu's threshold"),
    "irmad": Method(irmad, "iteratively reweighted multivariate alteration detection"),
    "pca-kmeans": Method(pca_kmeans, "principal components of blocks in two clusters"),
}
"""The methods by name."""


class ClassicalSegmenter(TileSegmenter):
    """Finds any change, whatever a sentence asks for.

    Like `BrightnessSegmenter` it declares an open vocabulary, as it reads no words.  It cannot say
    what is present, so a `LandCoverQuery` has the probability 0.

    Args:
        name: one of `CLASSICAL`.
    """

    def __init__(self, name: str) -> None:
        self._map_of = CLASSICAL[name].map_of
        self.info = ModelInfo(name, "1", 0.5, (0.0, float("inf")), _TILE_PX)

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        maps = np.stack([self._map(before, after) for before, after in images])
        asks_change = [not isinstance(query, LandCoverQuery) for query in queries]
        return maps[:, None] * np.array(asks_change, np.float32)[:, None, None]

    def _map(self, before: UInt8Array, after: UInt8Array) -> FloatArray:
        """Return the probability (H, W) of a change; 0 where there is no data.

        `RasterStack.read` fills pixels without data with 0 in all bands of all dates.  Data that
        are black at both dates are taken as such pixels, too: they did not change.
        """
        has_data = np.asarray((before | after).any(0))
        probability = np.zeros(has_data.shape, np.float32)
        if has_data.any():
            # A border without data does not move the blocks of pca-kmeans.
            box = _bounding_box(has_data)
            inside = has_data[box]
            found = self._map_of(before[:, *box], after[:, *box], inside)
            probability[box] = np.where(inside, found, 0)
        return probability


def _bounding_box(mask: BoolArray) -> tuple[slice, slice]:
    """Return the (rows, cols) of the smallest box around the true pixels (H, W)."""
    rows, cols = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    return slice(rows[0], rows[-1] + 1), slice(cols[0], cols[-1] + 1)
