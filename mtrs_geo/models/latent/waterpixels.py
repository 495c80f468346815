"""Waterpixels: segments of about one size along the edges of an image."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["waterpixels"]

_SMOOTHING_PX = 1.0


def waterpixels(image: UInt8Array, side_px: int) -> npt.NDArray[np.int32]:
    """Return the segment of each pixel (H, W), numbered from 0.

    One marker per cell of a regular grid, where the gradient is lowest, is grown by a watershed
    (Machairas et al., 2015; here without their weight for round shapes).

    Args:
        image: (3, H, W) RGB.
        side_px: side of a cell of the grid.
    """
    grey = ndimage.gaussian_filter(image.mean(0, dtype=np.float32), _SMOOTHING_PX)
    gradient = ndimage.generic_gradient_magnitude(grey, ndimage.sobel)
    markers = _markers(gradient, side_px)
    levels = np.round(grey).astype(np.uint8)
    found: npt.NDArray[np.int32] = ndimage.watershed_ift(levels, markers) - 1
    return found


def _markers(gradient: FloatArray, side_px: int) -> npt.NDArray[np.int32]:
    """Return numbers from 1 at the lowest gradient (H, W) of each cell, 0 elsewhere."""
    rows, cols = gradient.shape
    padded = np.pad(gradient, ((0, -rows % side_px), (0, -cols % side_px)), constant_values=np.inf)
    down, across = (side // side_px for side in padded.shape)
    cells = padded.reshape(down, side_px, across, side_px).swapaxes(1, 2)
    lowest = cells.reshape(down * across, -1).argmin(1)
    cell = np.arange(down * across)
    row = cell // across * side_px + lowest // side_px
    col = cell % across * side_px + lowest % side_px
    markers = np.zeros(gradient.shape, np.int32)
    markers[row, col] = cell + 1
    return markers
