"""Find the files that a mosaic needs and that are missing or cannot be read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree as ET

import rasterio
from pyproj import CRS
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader

from mtrs_geo.errors import RasterError
from mtrs_geo.grid import Grid, Window
from mtrs_geo.io.damage.messages import reason_of
from mtrs_geo.io.damage.stored_blocks import stored_blocks
from mtrs_geo.io.paths import is_local_file
from mtrs_geo.io.source import Source
from mtrs_geo.types import Shape

__all__ = ["check_tiles"]

_DEEPEST = 8
"""Most virtual rasters inside each other."""


@dataclass(frozen=True)
class _Tile:
    path: str
    window: Window
    """Pixels of the mosaic that it fills; all if that is not known."""
    source: Window | None = None
    """Pixels of the tile that are used; None for all."""


def check_tiles(dataset: DatasetReader, source: Source, region: Window, depth: int = 0) -> None:
    """Refuse a mosaic of which a local tile is missing, cannot be opened or lacks bytes.

    Args:
        dataset: open raster; a VRT and a tile index (GTI) have tiles.
        source: its description.
        region: pixels that are needed.
        depth: number of virtual rasters that contain this one.

    Raises:
        RasterError: the message has the names of the mosaic and of the tile.
    """
    if depth > _DEEPEST:
        return
    tiles = _indexed_tiles(dataset) if dataset.driver == "GTI" else _tiles(dataset)
    needed = [tile for tile in tiles if not tile.window.intersection(region).is_empty]
    problems = {
        tile.path: reason
        for tile in needed
        if (reason := _problem(tile, source, tile.window.intersection(region), depth))
    }
    if not problems:
        return
    path, reason = next(iter(problems.items()))
    more = f" {len(problems) - 1} more cannot be read." if len(problems) > 1 else ""
    count = len({tile.path for tile in needed})
    msg = f"{source.name} needs {count} files here, of which {path} cannot be read: {reason}.{more}"
    advice = "Put the file where the mosaic names it, or build the mosaic again."
    raise RasterError(msg, advice=advice)


def _problem(tile: _Tile, mosaic: Source, region: Window, depth: int) -> str:
    """Return why a local file cannot be read; empty if it can, or is not local."""
    path = tile.path
    if not is_local_file(path):
        return ""
    if not Path(path).exists():
        return "it does not exist"
    try:
        with rasterio.open(path) as file:
            source = replace(
                mosaic, path=path, name=Path(path).name, transform=file.transform,
                shape=file.shape, bands=(1, 1, 1),
            )  # fmt: skip
            needed = _in_tile(tile, region, file.shape)
            check_tiles(file, source, needed, depth + 1)
            blocks = stored_blocks(file, source)
            if blocks is not None:
                blocks.check_ends(file, needed)
    except RasterioError as error:
        return reason_of(error)
    except RasterError as error:
        return error.message.rstrip(".")
    return ""


def _in_tile(tile: _Tile, region: Window, shape: Shape) -> Window:
    """Return the pixels of a tile that fill a region of the mosaic."""
    whole = Window(0, 0, *shape)
    used = tile.source or whole
    rows, cols = used.rows / tile.window.rows, used.cols / tile.window.cols
    top = used.row + (region.row - tile.window.row) * rows
    left = used.col + (region.col - tile.window.col) * cols
    needed = _covering(top, left, top + region.rows * rows, left + region.cols * cols)
    return whole.intersection(needed)


def _indexed_tiles(dataset: DatasetReader) -> Iterator[_Tile]:
    """Yield the tiles of a tile index, a vector layer with the outlines and paths of rasters."""
    import pyogrio
    import shapely

    path = Path(dataset.name.removeprefix("GTI:"))
    field = dataset.tags().get("LOCATION_FIELD", "location")
    try:
        table = pyogrio.read_dataframe(path, columns=[field])
        rows = zip(table[field].astype(str), shapely.bounds(table.geometry.array), strict=True)
    except (RuntimeError, ValueError, KeyError, AttributeError):  # such as an index in XML
        return
    whole = Window(0, 0, *dataset.shape)
    is_same_crs = table.crs is not None and table.crs == dataset.crs.to_wkt()
    pixels = Grid(CRS(dataset.crs.to_wkt()), dataset.transform, dataset.shape)
    for location, bounds in rows:
        window = pixels.window_of(tuple(bounds.tolist())) if is_same_crs else whole
        yield _Tile(str(path.parent / location) if is_local_file(location) else location, window)


def _tiles(dataset: DatasetReader) -> Iterator[_Tile]:
    """Yield the sources of a virtual raster; none of another raster."""
    text = dataset.tags(ns="xml:VRT").get("xml:VRT", "")
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return
    folder = _folder(dataset.name)
    for parent in root.iter():
        for tag in ("SourceFilename", "SourceDataset"):
            for element in parent.findall(tag):
                path = (element.text or "").strip()
                is_relative = element.get("relativeToVRT") == "1"
                window = _window(parent.find("DstRect")) or Window(0, 0, *dataset.shape)
                used = _window(parent.find("SrcRect"))
                yield _Tile(str(folder / path) if is_relative else path, window, used)


def _folder(name: str) -> Path:
    """Return where relative paths of a virtual raster start: at the file, also behind a link."""
    if name.lstrip().startswith("<"):
        return Path()
    path = Path(name)
    return (path.resolve() if path.is_symlink() else path).parent


def _window(rectangle: ET.Element | None) -> Window | None:
    if rectangle is None:
        return None
    try:
        left, top, width, height = (
            float(rectangle.attrib[name]) for name in ("xOff", "yOff", "xSize", "ySize")
        )
    except (KeyError, ValueError):
        return None
    return _covering(top, left, top + height, left + width)


def _covering(top: float, left: float, bottom: float, right: float) -> Window:
    row, col = math.floor(top), math.floor(left)
    return Window(row, col, math.ceil(bottom) - row, math.ceil(right) - col)
