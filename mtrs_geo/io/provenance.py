"""Which rasters a layer of changes was found in: kept in the layer's metadata."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path, PurePath

from mtrs_geo.errors import VectorError
from mtrs_geo.io.vector import first_layer
from mtrs_geo.types import StrPath

__all__ = ["raster_metadata", "rasters_of"]

_KEY = "MTRS_GEO_RASTERS"


def raster_metadata(rasters: Sequence[str], target: Path) -> dict[str, str]:
    """Return a layer's metadata that names its rasters.

    Local files are named relative to the layer, so that a folder may move as a whole.

    Args:
        rasters: paths as GDAL opens them, earliest first.
        target: vector file that will hold the layer.
    """
    folder = target.absolute().parent
    return {_KEY: json.dumps([_relative(path, folder) for path in rasters])}


def rasters_of(path: StrPath, layer: str | None = None) -> tuple[str, ...]:
    """Return the rasters that a layer was found in, earliest first; none where it names none.

    Args:
        path: vector file: GeoPackage and FlatGeobuf keep the names, others cannot.
        layer: its name; the first by default.

    Raises:
        VectorError: if the file is missing, or a raster is no longer where the layer says.
    """
    import pyogrio

    name = os.fspath(path)
    if _is_file(name) and not Path(name).exists():
        msg = f"{name} does not exist. Check the path of the vector layer."
        raise VectorError(msg)
    try:
        facts = pyogrio.read_info(name, layer=layer or first_layer(name))
        said = (facts["layer_metadata"] or {}).get(_KEY)
        names = [str(one) for one in json.loads(said)] if said else []
    except (RuntimeError, ValueError, TypeError):  # `read_vector` says what is wrong with a file
        return ()
    folder = Path(name).absolute().parent
    found = [str(folder / one) if _is_file(one) else one for one in names]
    gone = [one for one in found if _is_file(one) and not Path(one).exists()]
    if gone:
        msg = (
            f"{name} was made from {' and '.join(gone)}, which cannot be found. Give the rasters "
            "with --before and --after."
        )
        raise VectorError(msg)
    return tuple(found)


def _relative(path: str, folder: Path) -> str:
    if not _is_file(path) or not Path(path).exists():
        return path
    try:
        return PurePath(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return str(Path(path).absolute())


def _is_file(path: str) -> bool:
    """Return whether a path means a file, not an address or a name such as GTIFF_DIR:1:a.tif."""
    return not path.startswith("/vsi") and ":" not in path[2:]  # a drive's colon is the second
