"""Principal components of blocks of the difference image, in two clusters (Celik, 2009)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view
from scipy import ndimage

from mtrs_geo.models.classical.cva import LEAST_MAGNITUDE
from mtrs_geo.types import BoolArray, FloatArray, UInt8Array

__all__ = ["pca_kmeans"]

_BLOCK_PX = 4
_COMPONENTS = 3
_ITERATIONS = 50

_Matrix = npt.NDArray[np.float32]


def pca_kmeans(before: UInt8Array, after: UInt8Array, has_data: BoolArray) -> FloatArray:
    """Return the probability of a change at each pixel.

    The block of the difference image around each pixel is projected on the three largest principal
    components of the non-overlapping blocks, and 2-means splits the projections; the cluster with
    the larger differences is the changed one.  A pixel half as far from the changed centre as from
    the other has 2/3.  If the clusters are closer than `LEAST_MAGNITUDE`, nothing changed.

    Args:
        before: (3, H, W) RGB.
        after: (3, H, W) RGB.
        has_data: (H, W), at least one pixel is true; the components and the clusters are those of
            these pixels.  Blocks that reach beyond them take the nearest difference.

    Returns:
        (H, W) in [0, 1]; 0 where there is no data.
    """
    signed = after.astype(np.float32) - before.astype(np.float32)
    signed -= np.median(signed[:, has_data], axis=1)[:, None, None]
    difference = np.sqrt((signed**2).sum(0))
    if not has_data.all():
        rows, cols = ndimage.distance_transform_edt(
            ~has_data, return_distances=False, return_indices=True
        )
        difference = difference[rows, cols]
    padding = ((_BLOCK_PX - 1) // 2, _BLOCK_PX // 2)
    padded = np.pad(
        difference, (padding, padding), mode="reflect" if min(difference.shape) > 2 else "edge"
    )
    blocks = sliding_window_view(padded, (_BLOCK_PX, _BLOCK_PX))
    features = _projected(blocks, has_data)  # (N, K)
    is_changed, centres = _two_means(features, difference[has_data])
    if np.linalg.norm(centres[1] - centres[0]) / _BLOCK_PX < LEAST_MAGNITUDE:
        return np.zeros_like(difference)
    distances = [np.linalg.norm(features - centre, axis=1) for centre in centres]
    probability = distances[0] / np.maximum(distances[0] + distances[1], 1e-6)
    # Equal distances are neither: the assignment decides.
    probability = np.where(is_changed, np.maximum(probability, 0.5), probability)
    found = np.zeros(difference.shape, np.float32)
    found[has_data] = probability
    return found


def _projected(blocks: _Matrix, has_data: BoolArray) -> _Matrix:
    """Return the principal components (N, K) of the block (4, 4) around each pixel with data."""
    is_apart = has_data[::_BLOCK_PX, ::_BLOCK_PX]
    # Few pixels with data can be beside all the blocks: then the filled blocks must do.
    apart = blocks[::_BLOCK_PX, ::_BLOCK_PX][is_apart if is_apart.any() else ~is_apart]
    apart = apart.reshape(-1, _BLOCK_PX**2)
    mean = apart.mean(0)
    _, vectors = np.linalg.eigh((apart - mean).T @ (apart - mean))
    basis = vectors[:, ::-1][:, :_COMPONENTS]
    # Row by row of blocks: all blocks at once are 16 times the image.
    rows = [
        (row[is_data].reshape(-1, _BLOCK_PX**2) - mean) @ basis
        for row, is_data in zip(blocks, has_data, strict=True)
    ]
    return np.concatenate(rows).astype(np.float32)


def _two_means(features: _Matrix, magnitude: _Matrix) -> tuple[npt.NDArray[np.bool_], _Matrix]:
    """Return which of N pixels are in the changed cluster, and the unchanged and changed centre.

    Args:
        features: (N, K).
        magnitude: (N,) length of the difference; its larger half begins as the changed cluster.
    """
    is_changed = magnitude > (magnitude.min() + magnitude.max()) / 2
    centres = np.stack([features.mean(0)] * 2)
    for _ in range(_ITERATIONS):
        if is_changed.all() or not is_changed.any():
            break
        centres = np.stack([features[~is_changed].mean(0), features[is_changed].mean(0)])
        squares = [((features - centre) ** 2).sum(1) for centre in centres]
        moved = squares[1] < squares[0]
        if (moved == is_changed).all():
            break
        is_changed = moved
    if is_changed.any() and magnitude[is_changed].mean() < magnitude[~is_changed].mean():
        return ~is_changed, centres[::-1]
    return is_changed, centres
