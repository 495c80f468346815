"""All checks of one raster of a run: on opening, around each read, and after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.alignment import source_grid, window_on
from mtrs_geo.io.damage.decoded_blocks import DecodedBlocks
from mtrs_geo.io.damage.messages import (
    FUNCTION_ADVICE,
    collect_messages,
    is_damage,
    is_from_decoder,
    is_from_function,
    reason_of,
)
from mtrs_geo.io.damage.read_pixels import ReadPixels
from mtrs_geo.io.damage.stored_blocks import copy_advice, stored_blocks
from mtrs_geo.io.damage.tiles import check_tiles
from mtrs_geo.io.paths import is_remote_path
from mtrs_geo.io.source import Source, open_raster

__all__ = ["CheckedReads"]

_OVERVIEW_RATIO = 1.9
"""GDAL reads overviews of a source whose pixels are this many times finer than the grid's."""
_MOST_MESSAGES = 3
_ON_SERVERS = "/vsicurl/:/vsis3/:/vsigs/:/vsiaz/:/vsiadls/:/vsioss/:/vsiswift/"
"""GDAL's file systems whose files are requested again."""


class CheckedReads:
    """Checks the reads of one raster; several threads may share it.

    Args:
        dataset: the open raster.
        source: its description.
        grid: grid of the run.

    Raises:
        RasterError: if a picture ends before its end.
    """

    def __init__(self, dataset: DatasetReader, source: Source, grid: Grid) -> None:
        self._source = source
        self._messages: dict[str, None] = {}
        self._stored = stored_blocks(dataset, source)
        self._decoded: DecodedBlocks | None = None
        sizes = zip(grid.pixel_size_m(), source_grid(source).pixel_size_m(), strict=True)
        if max(grid_m / source_m for grid_m, source_m in sizes) < _OVERVIEW_RATIO:
            self._decoded = DecodedBlocks(source, dataset.block_shapes[0])

    @property
    def warnings(self) -> tuple[str, ...]:
        """Messages to the user about what was found so far."""
        found = self._decoded and self._decoded.warning
        reported = [
            f"GDAL reports of {self._source.name}: {message}."
            for message in list(self._messages)[:_MOST_MESSAGES]
        ]
        return (*([found] if found else []), *reported)

    def check_files(self, dataset: DatasetReader, grid: Grid) -> None:
        """Check that the file, or the tiles of a mosaic, are complete where a grid needs them.

        Args:
            dataset: the open raster.
            grid: grid of the pixels that will be read.

        Raises:
            RasterError: if a stored block is damaged, or a tile is missing.
        """
        region = window_on(self._source, grid)
        if region is None:
            return
        check_tiles(dataset, self._source, region)
        if self._stored is not None:
            self._stored.check_ends(dataset, region)

    @contextmanager
    def watch(self, place: str) -> Iterator[None]:
        """Hear what GDAL reports in the block.

        Args:
            place: what is read, for messages.

        Raises:
            RasterError: if the pixels cannot be read, or GDAL reports that they are damaged.
        """
        messages: list[str] = []
        try:
            with collect_messages() as messages:
                yield
        except (RasterioError, CPLE_BaseError) as error:
            raise self._error(place, reason_of(error)) from error
        damage = [message for message in messages if is_damage(message)]
        if damage:
            msg = f"{self._source.name} is damaged: {place} lost pixels ({damage[0]})."
            raise RasterError(msg, advice=copy_advice(self._source))
        self._messages.update(dict.fromkeys(messages))

    def check_blocks(self, pixels: ReadPixels, source: Source, region: Window) -> None:
        """Check the blocks of pixels that were just read.

        Args:
            pixels: of the raster as this thread has opened it.
            source: its description, with its fill value.
            region: pixels of the raster.

        Raises:
            RasterError: if a stored block is damaged.
        """
        if self._decoded is None:
            return
        if self._stored is not None:
            self._stored.check_read(pixels, region)
        self._decoded.check(pixels, source, region)

    def _error(self, place: str, reason: str) -> RasterError:
        if is_remote_path(self._source.path) and is_from_decoder(reason):
            reason = self._download_problem() or reason
        problem, advice = (
            ("cannot be downloaded", "Check the connection and run again.")
            if is_remote_path(self._source.path) and not is_from_decoder(reason)
            else ("is damaged", copy_advice(self._source))
        )
        if is_from_function(reason):
            problem, advice = "cannot be computed", FUNCTION_ADVICE
        msg = f"{self._source.name} {problem}: {place} cannot be read ({reason})."
        return RasterError(msg, advice=advice)

    def _download_problem(self) -> str | None:
        """Return why a raster on a server is gone; None if it is there.

        GDAL decodes what it has of a block if the rest cannot be downloaded.  It also forgets here
        what it has of the file, so that a second read says why at the latest.
        """
        try:
            with rasterio.Env(CPL_VSIL_CURL_NON_CACHED=_ON_SERVERS):
                open_raster(self._source.path).close()
        except RasterError as error:
            return reason_of(error)
        return None
