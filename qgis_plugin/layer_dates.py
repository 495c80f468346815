"""Dates of raster layers, and the layers before and after: guessed, or those of a result."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from osgeo import ogr
from qgis.core import (
    QgsMapLayer,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

__all__ = ["AFTER", "BEFORE", "compared_rasters", "date_in", "date_of", "guess_pair"]

BEFORE, AFTER = "mtrs_geo/before", "mtrs_geo/after"
"""Custom properties of a result: ids of the compared layers."""
_RASTERS_KEY = "MTRS_GEO_RASTERS"
"""Metadata item of the file of a result: paths of the compared rasters."""

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([-_.:]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
_TAG = re.compile(r"(?:TIFFTAG_DATETIME|ACQUISITION_?DATE(?:TIME)?|DATE)\s*[=:]\s*([^<\n]+)", re.I)
_tag_dates: dict[str, str | None] = {}
"""Cache of dates by source: all layers are checked when a layer is added, and this reads files."""
_BEFORE_NAME = re.compile(r"(?:^|[^a-z])(?:before|pre|prior|old|earlier|t0|t1|a)(?:[^a-z]|$)", re.I)
_AFTER_NAME = re.compile(
    r"(?:^|[^a-z])(?:after|post|new|later|recent|current|t2|b)(?:[^a-z]|$)", re.I
)


def date_in(text: str) -> str | None:
    """Return the first date in a text as ISO date, year-month or year; None if there is none."""
    match = _DATE.search(text)
    return "-".join(filter(None, match.group(1, 3, 4))) if match else None


def date_of(layer: QgsMapLayer) -> str | None:
    """Return the date of a layer: from temporal range, metadata, name, file tags or file name."""
    if isinstance(layer, QgsRasterLayer):
        temporal = layer.temporalProperties()
        if temporal.isActive() and not temporal.fixedTemporalRange().isInfinite():
            begin = temporal.fixedTemporalRange().begin()
            if begin.isValid():
                return begin.toString("yyyy-MM-dd")
    for extent in layer.metadata().extent().temporalExtents():
        if extent.begin().isValid():
            return extent.begin().toString("yyyy-MM-dd")
    return date_in(layer.name()) or _tag_date(layer) or date_in(_file_name(layer))


def guess_pair(
    layers: list[QgsRasterLayer],
) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
    """Return the layers before and after; None for a layer that is missing.

    First by the earliest and the latest date, then by words in the names ("before", "post"),
    then by the order in the layer tree: the lower one of the first two is before.

    Args:
        layers: layers in the order of the layer tree, from the top.
    """
    dated = sorted(
        ((date, layer) for layer in layers if (date := date_of(layer))), key=lambda pair: pair[0]
    )
    if len(dated) > 1 and dated[0][0] != dated[-1][0]:
        return dated[0][1], dated[-1][1]
    early = next((layer for layer in layers if _BEFORE_NAME.search(layer.name())), None)
    late = next((layer for layer in layers if _AFTER_NAME.search(layer.name())), None)
    if early is not None and late is not None and early is not late:
        return early, late
    others = [layer for layer in layers if layer not in (early, late)]
    if early is not None or late is not None:
        other = others[0] if others else None
        return (early, other) if early is not None else (other, late)
    return (
        others[1] if len(others) > 1 else None,
        others[0] if others else None,
    )


def compared_rasters(layer: QgsVectorLayer, project: QgsProject) -> list[str]:
    """Return the rasters before and after that a result compares; empty if unknown.

    Args:
        layer: result.
        project: project with the layers.

    Returns:
        Two ids of layers of the project, or paths of rasters that no layer of the project shows.
    """
    ids = [layer.customProperty(name, "") for name in (BEFORE, AFTER)]
    if None not in [project.mapLayer(layer_id) for layer_id in ids]:
        return ids
    paths = _recorded_paths(layer)
    shown = {
        os.path.normpath(_path_of(one)): layer_id
        for layer_id, one in project.mapLayers().items()
        if isinstance(one, QgsRasterLayer)
    }
    return [shown.get(os.path.normpath(path), path) for path in paths] if len(paths) == 2 else []


def _recorded_paths(layer: QgsVectorLayer) -> list[str]:
    """Return the raster paths in the metadata of the layer's file."""
    uri = _decoded(layer)
    if layer.providerType() != "ogr" or not uri.get("path"):
        return []
    name = uri.get("layerName")
    try:
        source = ogr.Open(uri["path"])
        table = source and (source.GetLayerByName(name) if name else source.GetLayer(0))
        recorded = json.loads((table and table.GetMetadataItem(_RASTERS_KEY)) or "[]")
    except (RuntimeError, ValueError):  # not readable, if GDAL raises; not JSON
        return []
    folder = os.path.dirname(os.path.abspath(uri["path"]))
    local = (os.path.join(folder, str(path)) for path in recorded)
    # A path that is not a file beside the layer is a web address or a path of GDAL.
    return [
        one if os.path.exists(one) else str(path)
        for one, path in zip(local, recorded)  # noqa: B905 - Python 3.9
    ]


def _decoded(layer: QgsMapLayer) -> dict[str, Any]:
    return QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())


def _path_of(layer: QgsMapLayer) -> str:
    return _decoded(layer).get("path") or layer.source()


def _tag_date(layer: QgsMapLayer) -> str | None:
    """Return the date in the tags of the file, which QGIS lists in the layer properties."""
    provider, source = layer.dataProvider(), layer.source()
    if provider is None or layer.providerType() != "gdal":
        return None
    if source not in _tag_dates:
        text = re.sub(r"<[^>]+>", "\n", provider.htmlMetadata())
        _tag_dates[source] = next((d for tag in _TAG.findall(text) if (d := date_in(tag))), None)
    return _tag_dates[source]


def _file_name(layer: QgsMapLayer) -> str:
    return re.split(r"[\\/]", layer.source())[-1].split("|")[0]
