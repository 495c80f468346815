"""The source rasters of a layer of changes, stored in the layer's metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from mtrs_geo.errors import VectorError
from mtrs_geo.io.inputs.layers import only_layer, split_layer
from mtrs_geo.io.paths import is_local_file, plain_input
from mtrs_geo.types import StrPath

__all__ = ["raster_metadata", "rasters_of"]

_KEY = "MTRS_GEO_RASTERS"


def raster_metadata(rasters: Sequence[str], target: Path) -> dict[str, str]:
    """Return layer metadata with the paths of the source rasters.

    Local paths are relative to the vector file, so that the folder can be moved.

    Args:
        rasters: paths that GDAL opens, earliest first.
        target: vector file with the layer.
    """
    folder = target.absolute().parent
    return {_KEY: json.dumps([_relative(path, folder) for path in rasters])}


def rasters_of(path: StrPath, layer: str | None = None) -> tuple[str, ...]:
    """Return the source rasters of a layer, earliest first; empty if none is stored.

    Args:
        path: vector file; only GeoPackage and FlatGeobuf store the paths.
        layer: name of the layer; by default the only one with a geometry.

    Raises:
        VectorError: if the vector file or a source raster is missing.
    """
    import pyogrio

    name, own_layer = split_layer(os.fspath(path))
    layer = layer or own_layer
    if is_local_file(name) and not Path(name).exists():
        msg = f"{name} does not exist."
        raise VectorError(msg, advice="Check the path of the vector layer.")
    try:
        with plain_input(name) as plain:
            info = pyogrio.read_info(plain, layer=layer or only_layer(plain, name))
        encoded = (info["layer_metadata"] or {}).get(_KEY)
        stored = [str(raster) for raster in json.loads(encoded)] if encoded else []
    except (RuntimeError, ValueError, TypeError):  # `read_vector` reports a damaged file
        return ()
    folder = Path(name).absolute().parent
    rasters = [str(folder / raster) if is_local_file(raster) else raster for raster in stored]
    missing = [raster for raster in rasters if is_local_file(raster) and not Path(raster).exists()]
    if missing:
        msg = f"{name} was made from {' and '.join(missing)}, which cannot be found."
        raise VectorError(msg, advice="Give the rasters with --before and --after.")
    return tuple(rasters)


def _relative(path: str, folder: Path) -> str:
    if not is_local_file(path) or not Path(path).exists():
        return path
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive on Windows
        return str(Path(path).absolute())
