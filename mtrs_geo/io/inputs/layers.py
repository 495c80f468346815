"""Names of vector layers: a file, or a file and one of its layers, as QGIS writes them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mtrs_geo.errors import VectorError

__all__ = ["only_layer", "read_error", "split_layer"]

_CHOICE = "|layername="
_BESIDE_CHANGES = ("events", "failed_tiles")
"""Layers that a run writes beside its layer of changes."""
_LISTED = 20
_UNKNOWN = re.compile(r"Unknown WKB type (\d+)")
_SURFACES = {"15": "PolyhedralSurface", "16": "TIN", "17": "Triangle"}
"""Types of geometries in WKB that GEOS does not have, as of buildings and terrain in 3D."""


def split_layer(name: str) -> tuple[str, str | None]:
    """Return the file and the layer of a name such as ``areas.gpkg|layername=zones``.

    Args:
        name: path, with or without a layer; a file that has exactly this name is taken as it is.
            A home folder (~) is replaced.

    Raises:
        VectorError: if the name has another option, such as a filter.
    """
    name = os.path.expanduser(name)
    if "|" not in name or _exists(name):
        return name, None
    file, *options = name.split("|")
    layer = None
    for option in options:
        key, _, value = option.partition("=")
        if key.lower() != "layername" or not value:
            if not _exists(file):
                return name, None
            msg = f'{name}: "|{option}" is not understood.'
            raise VectorError(msg, advice=f"Give the file and a layer: {file}{_CHOICE}NAME.")
        layer = value
    return file, layer


def only_layer(path: str, name: str) -> str | None:
    """Return the name of the only layer with a geometry; None if there is none.

    Of an output of a run it is the layer of changes.

    Args:
        path: path that pyogrio opens.
        name: the same file, for messages.

    Raises:
        VectorError: if there are several; the message lists them.
        RuntimeError: from pyogrio, if the file cannot be read.
    """
    import pyogrio

    layers = [str(row[0]) for row in pyogrio.list_layers(path) if row[1] is not None]
    others = [layer for layer in layers if layer not in _BESIDE_CHANGES]
    if "changes" in layers and len(others) == 1:
        return "changes"
    if len(layers) < 2:
        return layers[0] if layers else None
    more = f" and {len(layers) - _LISTED} more" if len(layers) > _LISTED else ""
    msg = f"{name} has {len(layers)} layers: {', '.join(layers[:_LISTED])}{more}."
    raise VectorError(msg, advice=f'Name one of them, for example "{name}{_CHOICE}{layers[0]}".')


def read_error(name: str, error: Exception) -> VectorError:
    """Return the error for a file that cannot be read as a vector layer.

    Args:
        name: the file.
        error: what pyogrio or GDAL says.
    """
    reason = str(error).rstrip(".")
    advice = "Check the path and the layer's name, and that `ogrinfo` reads the file."
    surface = _UNKNOWN.search(reason)
    if surface is not None:
        kind = _SURFACES.get(surface[1], f"type {surface[1]} of WKB")
        reason = f"it holds {kind} geometry, whose faces are no polygons of a map"
        advice = (
            f"Make polygons of it: `ogr2ogr -nlt MULTIPOLYGON -dim XY polygons.gpkg {name}`, then "
            "QGIS's Fix geometries."
        )
    if isinstance(error, UnicodeDecodeError):
        reason = f"its names or texts are not in {error.encoding.upper()} ({error.reason})"
        advice = (
            "Correct its encoding; that of a shapefile is in the .cpg file beside it, for example "
            "CP1252."
        )
    msg = f"{name} cannot be read as a vector layer: {reason}."
    return VectorError(msg, advice=advice)


def _exists(name: str) -> bool:
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # such as text that is too long for a path
        return False
