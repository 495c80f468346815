"""Read the bytes of a file as they are stored, on the disk or on a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol
from xml.sax.saxutils import escape

import rasterio
from rasterio._path import _parse_path, _vsi_path

from mtrs_geo.io.paths import is_local_file

__all__ = ["StoredBytes", "open_stored"]


class StoredBytes(Protocol):
    """A file whose bytes can be read."""

    @property
    def size(self) -> int | None:
        """Number of bytes; None if it is not known."""

    def read(self, offset: int, count: int) -> bytes:
        """Return bytes; fewer, or zeros, behind the end of the file."""


@contextmanager
def open_stored(path: str) -> Iterator[StoredBytes]:
    """Open a local file, or a file on a server, whose bytes GDAL reads.

    Args:
        path: path that rasterio opens.

    Raises:
        OSError: if a local file cannot be read.
    """
    if not is_local_file(path):
        yield _ServerFile(path)
        return
    # A file object costs three times as much, which counts where few bytes of each block are read.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        yield _LocalFile(file)
    finally:
        os.close(file)


class _LocalFile:
    def __init__(self, file: int) -> None:
        self._file = file
        self.size: int | None = os.fstat(file).st_size

    def read(self, offset: int, count: int) -> bytes:
        os.lseek(self._file, offset, os.SEEK_SET)
        return os.read(self._file, count)


class _ServerFile:
    """A file that GDAL reads as a raster of one row without a header; its cache is used."""

    size: int | None = None

    def __init__(self, path: str) -> None:
        self._path = escape(_vsi_path(_parse_path(path)))

    def read(self, offset: int, count: int) -> bytes:
        text = (
            f'<VRTDataset rasterXSize="{count}" rasterYSize="1">'
            "<GeoTransform>0, 1, 0, 1, 0, -1</GeoTransform>"
            '<VRTRasterBand dataType="Byte" band="1" subClass="VRTRawRasterBand">'
            f'<SourceFilename relativeToVRT="0">{self._path}</SourceFilename>'
            f"<ImageOffset>{offset}</ImageOffset><PixelOffset>1</PixelOffset>"
            f"<LineOffset>{count}</LineOffset></VRTRasterBand></VRTDataset>"
        )
        # Newer versions of GDAL refuse files that are not beside the VRT.
        with (
            rasterio.Env(GDAL_VRT_RAWRASTERBAND_ALLOWED_SOURCE="ALL"),
            rasterio.open(text, driver="VRT") as file,
        ):
            return bytes(file.read(1).tobytes())
