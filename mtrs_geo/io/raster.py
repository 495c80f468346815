"""Probability rasters: streamed in, cloud-optimised GeoTIFF out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.shutil import copy as rasterio_copy
from rasterio.windows import Window as RasterioWindow

from mtrs_geo.errors import OutputError, RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.types import FloatArray, StrPath, UInt8Array

__all__ = ["NODATA", "SCALE", "ProbabilityWriter", "gdal_session", "read_probability"]

SCALE = 1 / 254
"""Probability of one step of the stored uint8."""
NODATA = 255

_BLOCK_PX = 512
_PART_PX = 256
"""Block of the file that the rows go to: a row of blocks waits in memory."""
_CACHE_BYTES = 64 << 20
_COPY_CACHE_BYTES = 16 << 20
"""Enough for a copy, which passes over the file in order."""

_CONNECT_SECONDS = 20


@contextmanager
def gdal_session() -> Iterator[None]:
    """Settings for a run: a small block cache, so memory stays flat; patience with servers."""
    with rasterio.Env(
        # Through rasterio the size is in bytes, however small; GDAL itself would read MiB.
        GDAL_CACHEMAX=_CACHE_BYTES,
        GDAL_NUM_THREADS="ALL_CPUS",
        GDAL_HTTP_CONNECTTIMEOUT=_CONNECT_SECONDS,
        GDAL_HTTP_MAX_RETRY=3,
        GDAL_HTTP_RETRY_DELAY=1,
    ):
        yield


class ProbabilityWriter:
    """Writes rows of probability as they come; a context manager.

    The file appears under its name when the block ends without an exception, whole;
    else nothing is left.

    Args:
        path: local .tif file.
        grid: pixel grid.
        layer_names: description of every band.
        overwrite: replace an existing file.

    Raises:
        OutputError: if the file exists and may not be replaced, or cannot be written.
    """

    def __init__(
        self, path: StrPath, grid: Grid, layer_names: Sequence[str], *, overwrite: bool = False
    ) -> None:
        self.path = Path(path)
        if self.path.exists() and not overwrite:
            msg = f"{self.path} exists. Give another name, or pass --overwrite (overwrite=True)."
            raise OutputError(msg)
        self._rows_part = self.path.with_name(f".{self.path.name}.rows.part")
        self._cog_part = self.path.with_name(f".{self.path.name}.part")
        self._names = list(layer_names)
        self._rows, self._cols = grid.shape
        self._block = np.empty((len(self._names), _PART_PX, self._cols), np.uint8)
        """Rows of a row of blocks, until all of them are there."""
        self._row = self._col = 0
        """Where the next part begins."""
        with self._reported():
            self._file = rasterio.open(self._rows_part, "w", **self._profile(grid))
            self._file.descriptions = self._names
            self._file.scales = [SCALE] * len(self._names)

    def write_rows(self, row: int, probability: FloatArray) -> None:
        """Write whole rows, see `write_part`."""
        self.write_part(row, 0, probability)

    def write_part(self, row: int, col: int, probability: FloatArray) -> None:
        """Write a part; parts follow one another from left to right, then from the top.

        Args:
            row: first row; all parts of a band of rows have the same rows.
            col: first column: each is a multiple of 256, so that no block is written twice.
            probability: (N, rows, cols) in [0, 1], NaN where there is no data.

        Raises:
            OutputError: if the part does not follow, or cannot be written.
        """
        rows = encode(probability)
        stop, col_stop = row + rows.shape[1], col + rows.shape[2]
        self._check_follows(row, col, col_stop)
        while row < stop:
            first = row - row % _PART_PX
            end = min(first + _PART_PX, stop)
            self._block[:, row - first : end - first, col:col_stop] = rows[:, : end - row]
            if end in (first + _PART_PX, self._rows):
                self._write(slice(first, end), slice(col, col_stop))
            rows, row = rows[:, end - row :], end
        self._row, self._col = (stop, 0) if col_stop == self._cols else (self._row, col_stop)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Finish the file, or leave nothing after an exception."""
        try:
            if kind is None:
                if not self._file.closed:
                    self.finish()
                with self._reported():
                    os.replace(self._cog_part, self.path)
        finally:
            with suppress(RasterioError):
                self._file.close()
            for part in (self._rows_part, self._cog_part):
                part.unlink(missing_ok=True)

    def _profile(self, grid: Grid) -> dict[str, Any]:
        return {
            "driver": "GTiff", "dtype": "uint8", "count": len(self._names),
            "height": self._rows, "width": self._cols, "crs": grid.crs.to_wkt(),
            "transform": grid.transform, "nodata": NODATA, "tiled": True,
            "blockxsize": _PART_PX, "blockysize": _PART_PX, "interleave": "band",
            "compress": "deflate", "zlevel": 1, "bigtiff": "if_safer", "sparse_ok": True,
        }  # fmt: skip

    def _check_follows(self, row: int, col: int, col_stop: int) -> None:
        if row != self._row:
            msg = f"row {row} was written where row {self._row} follows"
            raise OutputError(msg)
        if col != self._col or not (col_stop == self._cols or col_stop % _PART_PX == 0):
            msg = (
                f"columns {col} to {col_stop} were written where column {self._col} follows, "
                f"up to a multiple of {_PART_PX}"
            )
            raise OutputError(msg)

    def _write(self, rows: slice, cols: slice) -> None:
        """Write whole blocks, each once."""
        window = RasterioWindow.from_slices(rows, cols)
        with self._reported():
            self._file.write(self._block[:, : rows.stop - rows.start, cols], window=window)

    def finish(self) -> None:
        """Turn the rows into the finished file; it gets its name as the block ends.

        Raises:
            OutputError: if rows are missing, or the file cannot be written.
        """
        if self._row != self._rows:
            msg = f"{self.path} is incomplete: {self._row} of {self._rows} rows were written"
            raise OutputError(msg)
        del self._block
        # Threads would each hold rows of blocks, and this is not what a run waits for.
        with self._reported(), rasterio.Env(GDAL_CACHEMAX=_COPY_CACHE_BYTES, GDAL_NUM_THREADS=1):
            self._file.close()
            rasterio_copy(
                self._rows_part, self._cog_part, driver="COG", compress="deflate", level=6,
                predictor="yes", blocksize=_BLOCK_PX, overview_resampling="average",
                num_threads=1, bigtiff="if_safer", sparse_ok=True,
            )  # fmt: skip
            self._verify()

    def _verify(self) -> None:
        """Read the end of the file: GDAL may close a file on a full disk without a word."""
        with rasterio.open(self._cog_part) as file:
            row, col = (max(0, side - _BLOCK_PX) for side in file.shape)
            file.read(window=RasterioWindow(col, row, file.width - col, file.height - row))

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (RasterioError, CPLE_BaseError, OSError, RuntimeError) as error:
            msg = (
                f"{self.path} cannot be written: {error}. Check that the folder exists, may be "
                "written to and has free space; nothing was left behind."
            )
            raise OutputError(msg) from error


def encode(probability: FloatArray) -> UInt8Array:
    """Return probabilities in [0, 1] as steps of `SCALE`; NaN becomes `NODATA`."""
    scaled = np.multiply(probability, 254)
    np.add(scaled, 0.5, out=scaled)
    np.nan_to_num(scaled, copy=False, nan=NODATA)
    return scaled.astype(np.uint8)


def read_probability(path: StrPath, window: Window | None = None) -> FloatArray:
    """Read probabilities (N, rows, cols) in [0, 1], NaN where there is no data.

    Raises:
        RasterError: if the file cannot be read.
    """
    area = window and RasterioWindow(window.col, window.row, window.cols, window.rows)
    try:
        with rasterio.open(path) as file:
            stored = file.read(window=area)
    except RasterioError as error:
        msg = f"{path} cannot be read as a probability raster: {error}."
        raise RasterError(msg) from error
    values: FloatArray = stored.astype(np.float32) * np.float32(SCALE)
    values[stored == NODATA] = np.nan
    return values
