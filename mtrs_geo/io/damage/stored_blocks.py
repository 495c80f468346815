"""Check the stored bytes of a file: what is missing there, a decoder may make up.

The decoders of deflate, JPEG and WebP return pixels for a block whose end was lost, for example
in an interrupted copy that left zeros.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Window
from mtrs_geo.io.alignment import source_grid
from mtrs_geo.io.damage.block_ends import END_OF_JPEG, is_whole
from mtrs_geo.io.damage.checksums import byte_sum, stored_byte_sum
from mtrs_geo.io.damage.lock import Lock
from mtrs_geo.io.damage.read_pixels import ReadPixels
from mtrs_geo.io.damage.stored_bytes import StoredBytes, open_stored
from mtrs_geo.io.paths import is_local_file, is_remote_path
from mtrs_geo.io.source import Source

__all__ = ["StoredBlocks", "blocks_in", "copy_advice", "place_of", "stored_blocks"]

_TAIL_BYTES = 32
"""A compressed block seldom ends with so many zeros, unless its end was lost."""
_CODECS = frozenset({"DEFLATE", "LZW", "JPEG", "YCBCR JPEG", "WEBP", "ZSTD", "LZMA"})
_NOT_REPORTED = frozenset({"DEFLATE", "WEBP"})
"""Codecs whose decoders may report nothing when the end of a block is lost."""
_PICTURES = {
    "PNG": b"IEND\xaeB`\x82",
    "JPEG": END_OF_JPEG,
    "WEBP": b"",
    "JP2OpenJPEG": END_OF_JPEG,
}
"""Driver of a picture to the bytes with which its data end; empty if it has none."""
_PICTURE_END_BYTES = 1 << 16
_SMALLEST_HEADER = 8
_MOST_AT_ONCE = 100_000
"""Blocks that are checked before a run, in about a second; the others are checked when read."""


@dataclass(frozen=True)
class _Block:
    row: int
    col: int
    band: int
    offset: int
    length: int


class StoredBlocks:
    """The blocks of one GeoTIFF; several threads may check them.

    On a server, only what a decoder does not report is checked, and only by `check_read`: the end
    of each block is a request more unless GDAL has it in its cache.
    """

    def __init__(self, dataset: DatasetReader, source: Source) -> None:
        self._source = source
        self._is_local = is_local_file(source.path)
        structure = dataset.tags(ns="IMAGE_STRUCTURE")
        self._codec = structure.get("COMPRESSION", "").upper()
        self._predictor = structure.get("PREDICTOR", "1")
        self._block_shape = dataset.block_shapes[0]
        is_planar = dataset.interleaving is not None and dataset.interleaving.name == "band"
        self._bands = sorted(set(source.bands)) if is_planar else [1]
        self._interleaved = None if is_planar else list(dataset.indexes)
        """Bands whose samples alternate in a block; None if each band has blocks of its own."""
        self._checked: set[tuple[int, int, int]] = set()
        self._lock = Lock()

    def check_ends(self, dataset: DatasetReader, region: Window) -> None:
        """Check that blocks are inside the file and have an end, without decoding them.

        Args:
            dataset: the open GeoTIFF.
            region: pixels of the raster; of very many blocks only the first are checked.

        Raises:
            RasterError: if a block is damaged; the message has its place.
        """
        if not self._is_local:
            return
        damaged: list[tuple[_Block, str]] = []
        with open_stored(self._source.path) as file:
            for block in islice(self._blocks(dataset, region), _MOST_AT_ONCE):
                problem = self._problem(file, block)
                if problem:
                    damaged.append((block, problem))
        if damaged:
            raise self._error(*damaged[0], len(damaged) - 1)

    def check_read(self, pixels: ReadPixels, region: Window) -> None:
        """Check each block once, with the checksum that deflated blocks have.

        Args:
            pixels: of the region, just read.
            region: pixels of the raster.

        Raises:
            RasterError: if a block is damaged; the message has its place.
        """
        if not self._is_local and self._codec not in _NOT_REPORTED:
            return
        with open_stored(self._source.path) as file:
            for block in self._blocks(pixels.dataset, region, is_once=True):
                problem = self._problem(file, block)
                if not problem and self._codec == "DEFLATE":
                    problem = self._sum_problem(file, pixels, block)
                if problem:
                    with self._lock:  # later reads of the block fail, too
                        self._checked.discard((block.row, block.col, block.band))
                    raise self._error(block, problem, 0)

    def _sum_problem(self, file: StoredBytes, pixels: ReadPixels, block: _Block) -> str:
        if self._is_sum_right(file, pixels, block):
            return ""
        try:
            zlib.decompressobj().decompress(file.read(block.offset, block.length))
        except zlib.error as error:
            return f"its checksum is wrong ({error})"
        return ""

    def _blocks(
        self, dataset: DatasetReader, region: Window, *, is_once: bool = False
    ) -> Iterator[_Block]:
        for row, col in blocks_in(region, self._block_shape):
            for band in self._bands:
                if is_once:
                    with self._lock:
                        if (row, col, band) in self._checked:
                            continue
                        self._checked.add((row, col, band))
                offset, length = (
                    int(dataset.get_tag_item(f"BLOCK_{what}_{col}_{row}", "TIFF", bidx=band) or 0)
                    for what in ("OFFSET", "SIZE")
                )
                if length:  # a block without bytes is nodata
                    yield _Block(row, col, band, offset, length)

    def _is_sum_right(self, file: StoredBytes, pixels: ReadPixels, block: _Block) -> bool:
        """Return whether the checksum of a block is that of its pixels.

        This is much faster than to inflate the block again, and false for blocks that it does not
        fit: those of bands of several types, of big-endian files, or at the border.
        """
        rows, cols = self._block_shape
        window = Window(block.row * rows, block.col * cols, rows, cols)
        dataset = pixels.dataset
        whole = Window(0, 0, *dataset.shape)
        if len(set(dataset.dtypes)) > 1 or whole.intersection(window) != window:
            return False
        values = pixels.of(window, self._interleaved or [block.band])
        stored = file.read(block.offset + block.length - 4, 4)
        return byte_sum(values, self._predictor) == stored_byte_sum(stored)

    def _problem(self, file: StoredBytes, block: _Block) -> str:
        if block.offset < _SMALLEST_HEADER:
            return "the position of the block in the file is 0"
        if file.size is not None and block.offset + block.length > file.size:
            return f"the block extends beyond the end of the file, which has {file.size:,} bytes"
        if self._codec not in _CODECS or block.length < _TAIL_BYTES:
            return ""
        tail = file.read(block.offset + block.length - _TAIL_BYTES, _TAIL_BYTES)
        if not any(tail):
            if is_whole(self._codec, file.read(block.offset, block.length)):
                return ""
            return f"the last {_TAIL_BYTES} of its {block.length:,} bytes are zero"
        if "JPEG" in self._codec and END_OF_JPEG not in tail:
            return "its JPEG data have no end marker"
        return ""

    def _error(self, block: _Block, problem: str, others: int) -> RasterError:
        more = f" {others} more blocks are damaged." if others else ""
        place = place_of(self._source, block.row, block.col, self._block_shape)
        msg = f"{self._source.name} is damaged: {place} are lost, as {problem}.{more}"
        return RasterError(msg, advice=copy_advice(self._source))


def stored_blocks(dataset: DatasetReader, source: Source) -> StoredBlocks | None:
    """Return the blocks of a GeoTIFF that is a local file or on a server, None for other rasters.

    Raises:
        RasterError: if a picture (JPEG, PNG, WebP, JPEG 2000) ends before its end.
    """
    path = source.path
    is_on_server = is_remote_path(path)
    if not is_on_server and not (is_local_file(path) and Path(path).is_file()):
        return None
    if dataset.driver == "GTiff":
        return StoredBlocks(dataset, source)
    if dataset.driver in _PICTURES and not is_on_server:
        _check_picture(Path(path), dataset.driver, source.name)
    return None


def copy_advice(source: Source) -> str:
    """Return what the user can do about a damaged raster."""
    if is_remote_path(source.path):
        return (
            "Run it again, as the server may have cut an answer; if it fails again, copy the file "
            "to the server again."
        )
    return "Copy the file again."


def blocks_in(region: Window, block_shape: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the (row, column) of each block that a region of pixels touches."""
    rows, cols = block_shape
    for row in range(region.row // rows, -(-region.row_stop // rows)):
        for col in range(region.col // cols, -(-region.col_stop // cols)):
            yield row, col


def place_of(source: Source, row: int, col: int, block_shape: tuple[int, int]) -> str:
    """Return the place of a block as text: its number, its pixels and its bounds on the map."""
    grid = source_grid(source)
    rows, cols = block_shape
    window = grid.window.intersection(Window(row * rows, col * cols, rows, cols))
    bounds = ", ".join(f"{side:.10g}" for side in grid.subgrid(window).bounds)
    return (
        f"rows {window.row} to {window.row_stop}, columns {window.col} to {window.col_stop} (block "
        f"in row {row}, column {col} of its blocks; bounds {bounds})"
    )


def _check_picture(path: Path, driver: str, name: str) -> None:
    end = _PICTURES[driver]
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _PICTURE_END_BYTES))
        tail = file.read()
    # Some cameras write zeros after the end of a JPEG file.
    is_complete = any(tail[-_TAIL_BYTES:]) or bool(end and tail.rstrip(b"\0").endswith(end))
    if driver == "WEBP" and not is_complete:
        is_complete = is_whole(driver, path.read_bytes())
    if is_complete and (driver != "PNG" or _PICTURES["PNG"] in tail):
        return
    msg = f"{name} is damaged: the end of the picture is missing ({size:,} bytes)."
    raise RasterError(msg, advice="Copy the file again.")
