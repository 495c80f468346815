"""Windows of images and masks as PNG tiles, read from overviews where the file has them."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from PIL import Image
from rasterio.enums import ColorInterp, Resampling
from rasterio.windows import Window

from mtrs_geo.craft.project import Pair, Project
from mtrs_geo.craft.project.images import Date, date_path, window_of
from mtrs_geo.errors import RasterError
from mtrs_geo.types import BoolArray, UInt8Array

__all__ = [
    "TILE_PX",
    "PairWindow",
    "TilePosition",
    "image_tile",
    "level_count",
    "mask_tile",
    "pair_window",
]

TILE_PX = 512
"""Side of a tile, in pixels of its level."""
_DRIVERS = {
    b"II*\0": "GTiff", b"MM\0*": "GTiff", b"II+\0": "GTiff", b"MM\0+": "GTiff",
    b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"RIFF": "WEBP", b"BM": "BMP",
    b"\0\0\0\x0cjP": "JP2OpenJPEG",
}  # fmt: skip
"""First bytes of formats that name no other file, so that no other one is opened."""
_SAMPLE_PX = 512
_PERCENTILES = (2.0, 98.0)
_RGB = 3


@dataclass(frozen=True)
class PairWindow:
    """The images of a pair, and the window of them that is the pair."""

    before: Path
    after: Path
    row: int
    """First row of the window in both images."""
    col: int
    rows: int
    cols: int


@dataclass(frozen=True)
class TilePosition:
    """A tile of a level.  Level 0 has the image's own pixels, each further one half as many."""

    level: int
    row: int
    col: int

    def window(self, shape: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """Return first row and column, and rows and columns, or None if the tile is outside.

        Args:
            shape: rows and columns of the pair.
        """
        if not 0 <= self.level < level_count(shape):
            return None
        side = TILE_PX << self.level
        row, col = self.row * side, self.col * side
        if not (0 <= row < shape[0] and 0 <= col < shape[1]):
            return None
        return row, col, min(side, shape[0] - row), min(side, shape[1] - col)

    def tile_shape(self, rows: int, cols: int) -> tuple[int, int]:
        """Return rows and columns of the tile's picture."""
        return -(-rows >> self.level), -(-cols >> self.level)


def pair_window(project: Project, pair: Pair) -> PairWindow:
    """Return where the pixels of a pair are."""
    paths = (date_path(project, pair, "before"), date_path(project, pair, "after"))
    top, left, _, _ = window_of(pair)
    return PairWindow(*paths, top, left, pair.rows, pair.cols)


def level_count(shape: tuple[int, int]) -> int:
    """Return how many levels there are: in the last one a single tile shows everything."""
    return max(0, (max(shape) - 1) // TILE_PX).bit_length() + 1


def image_tile(window: PairWindow, date: Date, position: TilePosition) -> bytes | None:
    """Return a tile of an image as a PNG, or None if it is outside.

    Raises:
        RasterError: if the image cannot be read.
    """
    part = position.window((window.rows, window.cols))
    if part is None:
        return None
    path: Path = getattr(window, date)
    row, col, rows, cols = part
    try:
        with _open(path) as dataset:
            read = Window(window.col + col, window.row + row, cols, rows)
            pixels = _read(dataset, read, position.tile_shape(rows, cols))
            key = (str(path), path.stat().st_mtime_ns, window.row, window.col)
            return _png(_to_rgb(pixels, dataset, key, window))
    except (rasterio.errors.RasterioError, OSError) as error:
        msg = f"{path.name} cannot be read: {error}."
        raise RasterError(msg, advice="Check that the image is where it was.") from error


def mask_tile(mask: BoolArray, position: TilePosition) -> bytes | None:
    """Return a tile of a mask (rows, cols) as a PNG whose alpha is the mask, None outside.

    A pixel of a further level is set if one of its pixels is, so that small masks stay visible.
    """
    part = position.window((mask.shape[0], mask.shape[1]))
    if part is None:
        return None
    row, col, rows, cols = part
    step = 1 << position.level
    high, wide = position.tile_shape(rows, cols)
    padded = np.zeros((high * step, wide * step), bool)
    padded[:rows, :cols] = mask[row : row + rows, col : col + cols]
    alpha = padded.reshape(high, step, wide, step).any(axis=(1, 3))
    white = np.full((high, wide), 255, np.uint8)
    return _png(np.stack([white, np.where(alpha, 255, 0).astype(np.uint8)], axis=-1))


def _open(path: Path) -> Any:  # noqa: ANN401
    """Open an image with the driver of its first bytes.

    Raises:
        RasterError: if it has none of the allowed formats.
        OSError: if it cannot be read.
    """
    with path.open("rb") as stream:
        head = stream.read(12)
    driver = next((name for start, name in _DRIVERS.items() if head.startswith(start)), None)
    if driver is None:
        msg = f"{path.name} is none of {', '.join(sorted(set(_DRIVERS.values())))}."
        raise RasterError(msg, advice="Convert it, and make the project again.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        return rasterio.open(path, driver=driver)


def _read(dataset: Any, window: Window, shape: tuple[int, int]) -> np.ndarray[Any, Any]:  # noqa: ANN401
    """Return the bands to show (bands, rows, cols) at the shape of a tile."""
    count = _RGB if dataset.count >= _RGB else 1
    is_palette = dataset.colorinterp[0] == ColorInterp.palette
    found: np.ndarray[Any, Any] = dataset.read(
        list(range(1, count + 1)),
        window=window,
        out_shape=(count, *shape),
        resampling=Resampling.nearest if is_palette else Resampling.average,
    )
    return found


def _to_rgb(
    pixels: np.ndarray[Any, Any],
    dataset: Any,  # noqa: ANN401
    key: tuple[str, int, int, int],
    window: PairWindow,
) -> UInt8Array:
    """Return (rows, cols, 3).  8-bit images are shown as they are."""
    if dataset.colorinterp[0] == ColorInterp.palette:
        palette = np.zeros((256, _RGB), np.uint8)
        for value, color in dataset.colormap(1).items():
            palette[value & 255] = color[:_RGB]
        shown: UInt8Array = palette[pixels[0].astype(np.uint8)]
        return shown
    if pixels.dtype != np.uint8:
        low, high = _stretch(key, (window.rows, window.cols), pixels.shape[0])
        scaled = (pixels.astype(float) - low) / np.maximum(high - low, 1e-9)
        pixels = np.nan_to_num(scaled * 255).clip(0, 255).astype(np.uint8)
    rgb = pixels if pixels.shape[0] == _RGB else pixels[:1].repeat(_RGB, axis=0)
    result: UInt8Array = rgb.transpose(1, 2, 0)
    return result


@lru_cache(maxsize=256)
def _stretch(
    key: tuple[str, int, int, int], shape: tuple[int, int], bands: int
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return the 2nd and 98th percentile per band, (bands, 1, 1), of a pair's whole window."""
    path, _, row, col = key
    with _open(Path(path)) as dataset:
        sample = dataset.read(
            list(range(1, bands + 1)),
            window=Window(col, row, shape[1], shape[0]),
            out_shape=(bands, min(shape[0], _SAMPLE_PX), min(shape[1], _SAMPLE_PX)),
            masked=True,
        ).astype(float)
    values = [band.compressed() for band in sample]
    values = [band[np.isfinite(band)] for band in values]
    found = [np.percentile(b, _PERCENTILES) if b.size else np.array([0.0, 1.0]) for b in values]
    limits = np.array(found)[:, :, None, None]
    return limits[:, 0], limits[:, 1]


def _png(pixels: UInt8Array) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return stream.getvalue()
