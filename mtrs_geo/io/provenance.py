"""The source rasters of a layer of changes, stored in the layer's metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import chain
from pathlib import Path, PurePath

from mtrs_geo.errors import VectorError
from mtrs_geo.io.inputs.layers import only_layer, split_layer
from mtrs_geo.io.inputs.tile_lists import has_wildcard
from mtrs_geo.io.paths import is_local_file, plain_input
from mtrs_geo.io.remote.reader_process import call_interruptibly
from mtrs_geo.io.trust.references import check_beside, check_source
from mtrs_geo.types import StrPath

__all__ = ["raster_metadata", "rasters_of"]

_KEY = "MTRS_GEO_RASTERS"


def raster_metadata(rasters: Sequence[str | Sequence[str]], target: Path) -> dict[str, str]:
    """Return layer metadata with the paths of the source rasters.

    Local paths are relative to the vector file, so that the folder can be moved.

    Args:
        rasters: per date, earliest first, a path that GDAL opens, a pattern or folder of tiles,
            or a list of tiles.
        target: vector file with the layer.
    """
    folder = target.absolute().parent
    stored = [
        _relative(raster, folder)
        if isinstance(raster, str)
        else [_relative(path, folder) for path in raster]
        for raster in rasters
    ]
    return {_KEY: json.dumps(stored)}


def rasters_of(path: StrPath, layer: str | None = None) -> tuple[str | list[str], ...]:
    """Return the source rasters of a layer, earliest first; empty if none is stored.

    A date that is a list of tiles is a list.

    Args:
        path: vector file; only GeoPackage and FlatGeobuf store the paths.
        layer: name of the layer; by default the only one with a geometry.

    Raises:
        VectorError: if the vector file or a source raster is missing.
        SourceNotAllowedError: if a raster is neither beside or below the file nor on an allowed
            host.
    """
    name, own_layer = split_layer(os.fspath(path))
    layer = layer or own_layer
    check_source(name)
    if is_local_file(name) and not Path(name).exists():
        msg = f"{name} does not exist."
        raise VectorError(msg, advice="Check the path of the vector layer.")
    stored = call_interruptibly(name, _stored, name, layer)
    for tile in chain.from_iterable([r] if isinstance(r, str) else r for r in stored):
        check_beside(tile, Path(name))
    folder = Path(name).absolute().parent
    rasters = [
        [_absolute(tile, folder) for tile in raster]
        if isinstance(raster, list)
        else _absolute(raster, folder)
        for raster in stored
    ]
    listed = [[raster] if isinstance(raster, str) else raster for raster in rasters]
    missing = [
        raster
        for raster in chain.from_iterable(listed)
        if is_local_file(raster) and not has_wildcard(raster) and not Path(raster).exists()
    ]
    if missing:
        msg = f"{name} was made from {' and '.join(missing)}, which cannot be found."
        raise VectorError(msg, advice="Give the rasters with --before and --after.")
    return tuple(rasters)


def _stored(name: str, layer: str | None) -> list[str | list[str]]:
    """Return the paths as they are stored; empty if the file is damaged."""
    import pyogrio

    try:
        with plain_input(name) as plain:
            info = pyogrio.read_info(plain, layer=layer or only_layer(plain, name))
        encoded = (info["layer_metadata"] or {}).get(_KEY)
        rasters = json.loads(encoded) if encoded else []
        return [list(map(str, r)) if isinstance(r, list) else str(r) for r in rasters]
    except (RuntimeError, ValueError, TypeError):  # `read_vector` reports a damaged file
        return []


def _absolute(path: str, folder: Path) -> str:
    return str(folder / path) if is_local_file(path) else path


def _relative(path: str, folder: Path) -> str:
    if not is_local_file(path) or not (has_wildcard(path) or Path(path).exists()):
        return path
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive on Windows
        return str(Path(path).absolute())
