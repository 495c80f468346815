"""Write probabilities block by block to a cloud-optimised GeoTIFF (COG), and read them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Self

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.shutil import copy as rasterio_copy
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.control_groups import usable_cpus
from mtrs_geo.errors import OutputError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.remote.http_options import http_options
from mtrs_geo.outputs import StagedFile, write_error
from mtrs_geo.types import FloatArray, StrPath, UInt8Array

__all__ = [
    "NODATA",
    "SCALE",
    "ProbabilityWriter",
    "encode",
    "gdal_session",
    "read_probability",
    "small_block_cache",
]

SCALE = 1 / 254
"""Probability per unit of the stored uint8."""
NODATA = 255
"""Stored value of a pixel without data."""

_WANTED = "Give the path of a raster that the option `probability` (`--probability`) wrote."
_COG_BLOCK_PX = 512
_BLOCK_PX = 256
"""Columns of a block of the temporary file."""
_BLOCK_ROWS = 64
"""Its rows; one row of these blocks is kept in memory."""
_CACHE_BYTES = 64 << 20
_COPY_CACHE_BYTES = 16 << 20
"""Enough for the copy, and for reads by whole blocks."""
_COPY_THREADS = 2
"""Each keeps rows of blocks in memory."""


@contextmanager
def gdal_session() -> Iterator[None]:
    """Set GDAL's options for a run: a small block cache, and limits of HTTP requests."""
    with rasterio.Env(
        # rasterio always takes bytes; GDAL itself would take a small number as MiB.
        GDAL_CACHEMAX=_CACHE_BYTES,
        GDAL_NUM_THREADS=usable_cpus(),
        **http_options(),
    ):
        yield


@contextmanager
def small_block_cache() -> Iterator[None]:
    """Let GDAL keep few decoded blocks, where each is read once."""
    with rasterio.Env(GDAL_CACHEMAX=_COPY_CACHE_BYTES):
        yield


class ProbabilityWriter:
    """Writes probabilities block by block; use it as a context manager.

    The file is complete when the ``with`` statement ends.  After an exception, no file is
    left and an existing file is kept.

    Args:
        path: local .tif file; or a staged file, which the caller commits or discards after
            ``finish``.
        grid: pixel grid of the file.
        layer_names: description of each band.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file exists and may not be replaced, or cannot be written.
    """

    def __init__(
        self,
        path: StrPath | StagedFile,
        grid: Grid,
        layer_names: Sequence[str],
        *,
        overwrite: bool = False,
    ) -> None:
        self._is_own = not isinstance(path, StagedFile)
        self._staged = (
            path if isinstance(path, StagedFile) else StagedFile(path, overwrite=overwrite)
        )
        self.path = self._staged.target
        self._rows_path = self._staged.folder / ".rows.tif"
        self._names = list(layer_names)
        self._rows, self._cols = grid.shape
        self._buffer = np.empty((len(self._names), _BLOCK_ROWS, self._cols), np.uint8)
        """(N, rows, cols): one row of blocks of the temporary file."""
        self._row = self._col = 0
        """Where the next block must begin."""
        try:
            with self._output_errors():
                self._file = rasterio.open(self._rows_path, "w", **self._profile(grid))
                self._file.descriptions = self._names
                self._file.scales = [SCALE] * len(self._names)
        except OutputError:
            if self._is_own:
                self._staged.discard()
            raise

    def write_block(self, row: int, col: int, probability: FloatArray) -> None:
        """Write a block; the order is from left to right, then from top to bottom.

        Args:
            row: first row; all blocks from left to right have the same rows.
            col: first column, a multiple of 256, so that no block of the file is written twice.
            probability: (N, rows, cols) in [0, 1], NaN where there is no data.

        Raises:
            OutputError: if the block is out of order or cannot be written.
        """
        self.write_encoded(row, col, encode(probability))

    def write_encoded(self, row: int, col: int, values: UInt8Array) -> None:
        """Write a block of values of `encode`, see `write_block`."""
        stop, col_stop = row + values.shape[1], col + values.shape[2]
        self._check_order(row, col, col_stop)
        while row < stop:
            first = row - row % _BLOCK_ROWS
            end = min(first + _BLOCK_ROWS, stop)
            self._buffer[:, row - first : end - first, col:col_stop] = values[:, : end - row]
            if end in (first + _BLOCK_ROWS, self._rows):
                self._flush(slice(first, end), slice(col, col_stop))
            values, row = values[:, end - row :], end
        self._row, self._col = (stop, 0) if col_stop == self._cols else (self._row, col_stop)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the file, or remove it after an exception."""
        try:
            if kind is None:
                if not self._file.closed:
                    self.finish()
                if self._is_own:
                    self._staged.commit()
        finally:
            with suppress(RasterioError):
                self._file.close()
            if self._is_own:
                self._staged.discard()

    def _profile(self, grid: Grid) -> dict[str, Any]:
        return {
            "driver": "GTiff", "dtype": "uint8", "count": len(self._names),
            "height": self._rows, "width": self._cols, "crs": grid.crs.to_wkt(),
            "transform": grid.transform, "nodata": NODATA, "tiled": True,
            "blockxsize": _BLOCK_PX, "blockysize": _BLOCK_ROWS, "interleave": "band",
            "compress": "deflate", "zlevel": 1, "bigtiff": "if_safer", "sparse_ok": True,
        }  # fmt: skip

    def _check_order(self, row: int, col: int, col_stop: int) -> None:
        if row != self._row:
            msg = f"{self.path}: the block starts at row {row}, but row {self._row} is next."
            raise OutputError(msg, advice="Write the blocks in order, without gaps.")
        if col != self._col or not (col_stop == self._cols or col_stop % _BLOCK_PX == 0):
            msg = (
                f"{self.path}: the block covers columns {col} to {col_stop}, but column "
                f"{self._col} is next, up to a multiple of {_BLOCK_PX}."
            )
            raise OutputError(msg, advice="Write the blocks in order, without gaps.")

    def _flush(self, rows: slice, cols: slice) -> None:
        """Write complete blocks of the temporary file, each once."""
        window = RasterioWindow.from_slices(rows, cols)
        with self._output_errors():
            self._file.write(self._buffer[:, : rows.stop - rows.start, cols], window=window)

    def finish(self) -> None:
        """Copy the temporary file to a COG.

        Raises:
            OutputError: if rows are missing, or the file cannot be written.
        """
        if self._row != self._rows:
            msg = f"{self.path} is incomplete: {self._row} of {self._rows} rows were written."
            raise OutputError(msg, advice="Write every row before finishing.")
        del self._buffer
        env = rasterio.Env(
            GDAL_CACHEMAX=_COPY_CACHE_BYTES,
            GDAL_NUM_THREADS=_COPY_THREADS,
        )
        with self._output_errors(), env:
            self._file.close()
            rasterio_copy(
                self._rows_path, self._staged.path, driver="COG", compress="deflate", level=6,
                predictor="yes", blocksize=_COG_BLOCK_PX, overview_resampling="average",
                num_threads=_COPY_THREADS, bigtiff="if_safer", sparse_ok=True,
            )  # fmt: skip
            self._rows_path.unlink()
            self._verify()

    def _verify(self) -> None:
        """Read the last block: on a full disk, GDAL can close a file without an error."""
        with rasterio.open(self._staged.path) as file:
            row, col = (max(0, side - _COG_BLOCK_PX) for side in file.shape)
            file.read(window=RasterioWindow(col, row, file.width - col, file.height - row))

    @contextmanager
    def _output_errors(self) -> Iterator[None]:
        try:
            yield
        except (RasterioError, CPLE_BaseError, OSError, RuntimeError) as error:
            raise write_error(self.path, error) from error


def encode(probability: FloatArray) -> UInt8Array:
    """Return probabilities in [0, 1] as multiples of `SCALE` in uint8; NaN becomes `NODATA`."""
    scaled = np.multiply(probability, 254)
    np.add(scaled, 0.5, out=scaled)
    np.copyto(scaled, NODATA, where=np.isnan(scaled))
    return scaled.astype(np.uint8)


def read_probability(path: StrPath, window: Window | RasterioWindow | None = None) -> FloatArray:
    """Return probabilities (N, rows, cols) in [0, 1], NaN where there is no data.

    Args:
        path: probability raster, as `ProbabilityWriter` writes it.
        window: pixels to read, as `mtrs_geo.grid.Window` or rasterio's, without those beyond the
            raster; None reads the whole raster.

    Raises:
        RasterError: if the file cannot be read, its values are no stored probabilities, or
            ``window`` is none.
    """
    if not isinstance(path, str | os.PathLike):
        msg = f"{path!r} ({type(path).__name__}) is not the path of a probability raster."
        raise RasterError(msg, advice=_WANTED)
    region = _region(window)
    try:
        with rasterio.open(os.path.expanduser(path)) as file:
            _check_encoding(path, file)
            stored = file.read(window=region)
    except RasterioError as error:
        msg = f"{path} cannot be read as a probability raster: {error}."
        raise RasterError(msg, advice=_WANTED) from error
    values: FloatArray = stored.astype(np.float32) * np.float32(SCALE)
    values[stored == NODATA] = np.nan
    return values


def _region(window: object) -> RasterioWindow | None:
    """Return a window of rasterio, or None for the whole raster."""
    if window is None or isinstance(window, RasterioWindow):
        return window
    if isinstance(window, Window):
        return RasterioWindow(window.col, window.row, window.cols, window.rows)
    msg = f"{window!r} ({type(window).__name__}) is not a window of pixels."
    advice = "Give mtrs_geo.grid.Window(row, col, rows, cols), or rasterio.windows.Window."
    raise RasterError(msg, advice=advice)


def _check_encoding(path: StrPath, file: DatasetReader) -> None:
    """Refuse a raster whose values are not those of `encode`, such as an image."""
    found = set(zip(file.dtypes, file.nodatavals, np.round(file.scales, 6).tolist(), strict=True))
    if found != {("uint8", NODATA, round(SCALE, 6))}:
        kind, nodata, scale = sorted(found, key=str)[0]
        msg = (
            f"{path} is no probability raster: it has the type {kind}, the nodata value {nodata} "
            f"and the scale {scale:g}, not uint8, {NODATA} and {SCALE:.6f}."
        )
        raise RasterError(msg, advice=_WANTED)
