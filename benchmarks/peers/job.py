"""What every method gets: a pair, its six bands in one file, the tiles, and one cheap model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio

from mtrs_geo.data.rendering.synthetic import write_large_pair

__all__ = ["Job", "difference", "write_job"]

_BLOCK_PX = 512


@dataclass(frozen=True)
class Job:
    """A pair of rasters in a folder, and how it is to be answered."""

    folder: Path
    """Holds before.tif, after.tif and both.tif (bands of the earlier date first)."""
    tile_px: int
    radius_px: int = 0
    """Of the window that the model looks at; 0 is the pixel alone."""
    threshold: float = 0.25
    min_area_m2: float = 10.0
    overlap_px: int = 64

    @property
    def output(self) -> Path:
        """The polygons."""
        return self.folder / "polygons.gpkg"


def difference(images: np.ndarray, radius_px: int) -> np.ndarray:
    """Return the model's answer.

    The absolute difference of the green bands, averaged over a square window.  Outside of its tile
    it sees zeros, as a convolution with padding does.

    Args:
        images: (2, rows, cols) uint8, green of both dates.
        radius_px: the window has 2 radius + 1 pixels.

    Returns:
        (rows, cols) float32 in [0, 1].
    """
    earlier, later = images
    found = (np.maximum(earlier, later) - np.minimum(earlier, later)).astype(np.float32)
    found *= np.float32(1 / 255)
    if radius_px:
        from scipy.ndimage import uniform_filter

        found = uniform_filter(found, 2 * radius_px + 1, mode="constant")
    return found


def write_job(folder: Path, side_px: int) -> None:
    """Render a square pair, and write the file with all of its bands."""
    paths = write_large_pair(folder, side_px, side_px, seed=0)
    with rasterio.open(paths.before) as before, rasterio.open(paths.after) as after:
        profile = before.profile | {"count": 6, "photometric": "minisblack", "zlevel": 1,
                                    "BIGTIFF": "IF_SAFER"}  # fmt: skip
        with rasterio.open(folder / "both.tif", "w", **profile) as both:
            for _, window in both.block_windows(1):
                both.write(
                    np.concatenate([before.read(window=window), after.read(window=window)]),
                    window=window,
                )
