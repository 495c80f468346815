"""A date that is given as a list of rasters, a glob pattern or a folder of tiles."""

from __future__ import annotations

import fnmatch
import glob
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeGuard

import numpy as np
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from mtrs_geo.errors import RasterError
from mtrs_geo.io.paths import is_local_file, redacted_path

__all__ = ["TileList", "full_path", "has_wildcard", "is_path_list", "list_tiles"]

_RASTERS = frozenset((
    ".tif", ".tiff", ".jp2", ".j2k", ".img", ".vrt", ".png", ".jpg", ".jpeg", ".webp", ".bil",
    ".bsq", ".bip", ".ecw", ".sid", ".asc", ".ntf", ".nitf", ".dem", ".hgt", ".rst", ".pix",
    ".kea",
))  # fmt: skip
"""Suffixes of rasters; a file with another one is a tile if GDAL opens it."""
_PICTURES = frozenset((".png", ".jpg", ".jpeg", ".webp"))
"""Rasters that are often previews without a georeference."""
_NOT_RASTERS = frozenset((
    ".xml", ".ovr", ".msk", ".tfw", ".tifw", ".jgw", ".pgw", ".j2w", ".wld", ".prj", ".aux",
    ".rrd", ".hdr", ".stx", ".clr", ".txt", ".md", ".pdf", ".csv", ".json", ".geojson", ".gpkg",
    ".shp", ".shx", ".dbf", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".qgs", ".qgz", ".qml",
    ".qmd", ".sld", ".kml", ".kmz", ".fgb", ".parquet", ".gml", ".gdb", ".sqlite", ".db", ".log",
    ".zip", ".tar", ".gz", ".7z", ".md5", ".sha256", ".imd", ".rpb", ".til", ".eph", ".att",
    ".geo", ".py", ".ipynb", ".html", ".htm", ".geoparquet",
))  # fmt: skip
"""Suffixes of side files, vector files and others, which are never opened."""
_SHOWN = 3


@dataclass(frozen=True)
class TileList:
    """The tiles of one date, in order."""

    tiles: tuple[object, ...]
    """Rasters of any kind of `RasterLike`; where two overlap, the later one counts."""
    name: str
    """Pattern or folder, for messages; empty for a list."""
    given: str | tuple[str, ...] | None
    """The pattern, the folder or the paths; None if a tile is no path."""
    skipped: tuple[str, ...] = ()
    """Names of files that matched and are no rasters with a georeference."""

    @property
    def title(self) -> str:
        """What was given, with the first names of the tiles and how many more there are."""
        names = [_name(tile) for tile in self.tiles[:_SHOWN]]
        more = len(self.tiles) - len(names)
        shown = ", ".join(names) + (f" and {more} more" if more else "")
        return f"{self.name} ({shown})" if self.name else shown

    def takes(self, path: Path) -> bool:
        """Return whether a raster that is written to a path becomes a tile of the next run."""
        if not isinstance(self.given, str) or path.suffix.lower() not in _RASTERS:
            return False
        if has_wildcard(self.given):
            pattern, target = os.path.abspath(self.given), os.path.abspath(path)
            return fnmatch.fnmatch(target, pattern)
        return path.absolute().parent.resolve() == Path(self.given).resolve()


def full_path(raster: Any) -> Any:  # noqa: ANN401 - any kind of raster
    """Return a path as text, with the home folder for ~; a raster of another kind is unchanged."""
    return os.path.expanduser(raster) if isinstance(raster, str | os.PathLike) else raster


def has_wildcard(path: str) -> bool:
    """Return whether a path is a glob pattern that names no existing file."""
    is_text = path.lstrip().startswith(("<", "{"))  # XML or JSON that GDAL opens
    return (
        glob.has_magic(path) and is_local_file(path) and not is_text and not os.path.lexists(path)
    )


def is_path_list(raster: object) -> TypeGuard[TileList]:
    """Return whether a raster is a list of tiles that are all given by their paths."""
    return isinstance(raster, TileList) and all(
        isinstance(tile, str | os.PathLike) for tile in raster.tiles
    )


def list_tiles(raster: object) -> TileList | None:
    """Return the tiles that a date is given as; None if it is one raster.

    Args:
        raster: a list of rasters, patterns and folders; a pattern with ``*``, ``?`` or ``[``; or
            a folder that GDAL does not open as one raster.  Tiles of a pattern or a folder are
            in the order of their names.

    Raises:
        RasterError: if there is no tile.
    """
    if isinstance(raster, TileList):
        return raster
    if isinstance(raster, str | os.PathLike):
        return _from_path(full_path(raster))
    is_array = isinstance(raster, tuple) and len(raster) == 3 and isinstance(raster[0], np.ndarray)
    if isinstance(raster, list | tuple | Iterator) and not is_array:
        return _from_list(list(raster))
    return None


def _from_path(path: str) -> TileList | None:
    if not path.strip():
        msg = "the path of a raster is empty."
        raise RasterError(msg, advice="Give a file, a pattern or a folder; . is this folder.")
    if has_wildcard(path):
        return _from_pattern(path)
    if not is_local_file(path) or not Path(path).is_dir() or _opens(path):
        return None
    found = [os.path.join(path, name) for name in os.listdir(path)]
    tiles, skipped = _rasters(sorted(filter(os.path.isfile, found)), is_folder=True)
    if not tiles:
        msg = f"the folder {path} holds no georeferenced raster{_listing(found)}."
        raise RasterError(msg, advice="Give the folder of the tiles itself, or a pattern.")
    return TileList(tuple(tiles), _short(path), path, tuple(skipped))


def _from_pattern(pattern: str) -> TileList:
    found = sorted(filter(os.path.isfile, glob.glob(pattern, recursive=True)))
    tiles, skipped = _rasters(found, is_folder=False)
    if not tiles:
        folder = Path(pattern).parent
        while glob.has_magic(str(folder)):
            folder = folder.parent
        place = f"in {folder.absolute()}" if folder.is_dir() else f"as {folder} does not exist"
        msg = f"no raster matches {pattern!r}{_listing(found) if found else f', {place}'}."
        raise RasterError(msg, advice="Check the folder and the suffix of the pattern.")
    return TileList(tuple(tiles), _short(pattern), pattern, tuple(skipped))


def _from_list(rasters: Sequence[object]) -> TileList:
    rasters = [full_path(raster) for raster in rasters]
    parts = [list_tiles(raster) or raster for raster in rasters]
    tiles = [
        tile for part in parts for tile in (part.tiles if isinstance(part, TileList) else [part])
    ]
    if not tiles:
        msg = "a date was given as a list without rasters."
        raise RasterError(msg, advice="Give at least one raster per date.")
    skipped = [name for part in parts if isinstance(part, TileList) for name in part.skipped]
    are_paths = all(isinstance(raster, str | os.PathLike) for raster in rasters)
    given = tuple(map(_path, rasters)) if are_paths else None
    return TileList(tuple(tiles), "", given, tuple(skipped))


def _rasters(paths: Sequence[str], *, is_folder: bool) -> tuple[list[str], list[str]]:
    """Split files into tiles and the names of skipped files that could be rasters."""
    tiles, skipped = [], []
    visible = [path for path in paths if not PurePath(path).name.startswith(".")]
    candidates = [path for path in visible if PurePath(path).suffix.lower() not in _NOT_RASTERS]
    is_index = {path: is_folder and path.lower().endswith(".vrt") for path in candidates}
    for path in candidates:
        suffix = PurePath(path).suffix.lower()
        # A file that must be a raster is kept, so that a damaged one is named.
        if is_index[path] and not all(is_index.values()):
            skipped.append(PurePath(path).name)
        elif suffix in _RASTERS - _PICTURES or _opens(path, has_place=True):
            tiles.append(path)
        else:
            skipped.append(PurePath(path).name)
    return tiles, skipped


def _opens(path: str, *, has_place: bool = False) -> bool:
    """Return whether GDAL opens a path as a raster (with a georeference)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            dataset = rasterio.open(path)
        with dataset:
            return not has_place or not dataset.transform.is_identity
    except RasterioError:
        return False


def _listing(found: Sequence[str]) -> str:
    names = sorted(PurePath(path).name for path in found)
    if not names:
        return " (it is empty)"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f" (among {', '.join(names[:_SHOWN])}{more})"


def _short(path: str) -> str:
    """Return the last two parts of a path: the last one of ``before/*.tif`` says little."""
    parts = PurePath(path).parts
    return "/".join(parts[-2:]) if has_wildcard(path) else PurePath(Path(path).absolute()).name


def _path(raster: object) -> str:
    return os.fspath(raster) if isinstance(raster, str | os.PathLike) else ""


def _name(tile: object) -> str:
    name = tile if isinstance(tile, str | os.PathLike) else getattr(tile, "name", None)
    if isinstance(name, str | os.PathLike):
        return PurePath(redacted_path(os.fspath(name))).name
    return type(tile).__name__
