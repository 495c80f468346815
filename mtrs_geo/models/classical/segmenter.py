"""Classical methods as a `ChangeSegmenter`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtrs_geo.models.classical.cva import change_vectors
from mtrs_geo.models.classical.irmad import irmad
from mtrs_geo.models.classical.pca_kmeans import pca_kmeans
from mtrs_geo.models.contract import LandCoverQuery, ModelInfo, Query, TileSegmenter
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["CLASSICAL", "ClassicalSegmenter", "Method"]

_TILE_PX = 1024
"""The threshold is that of a tile, so tiles are large."""


@dataclass(frozen=True)
class Method:
    """A method that finds changes of any kind."""

    map_of: Callable[[UInt8Array, UInt8Array], FloatArray]
    """Maps two images (3, H, W) to the probability (H, W) of a change."""
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
        maps = np.stack([self._map_of(before, after) for before, after in images])
        asks_change = [not isinstance(query, LandCoverQuery) for query in queries]
        return maps[:, None] * np.array(asks_change, np.float32)[:, None, None]
