"""Dates of raster layers, and the layers before and after: guessed, or those of a result."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from osgeo import gdal, ogr
from qgis.core import (
    QgsMapLayer,
    QgsProject,
    QgsProviderRegistry,
    QgsRasterLayer,
    QgsVectorLayer,
)

from .dates_in_text import ACQUISITION_TAGS, EXPORT_TAGS, date_in, tag_date

__all__ = [
    "AFTER",
    "BEFORE",
    "compared_rasters",
    "date_of",
    "date_tags",
    "given_date",
    "guess_pair",
]

BEFORE, AFTER = "mtrs_geo/before", "mtrs_geo/after"
"""Custom properties of a result: ids of the compared layers."""
_RASTERS_KEY = "MTRS_GEO_RASTERS"
"""Metadata item of the file of a result: paths of the compared rasters."""

_TAG = re.compile(r"^\s*(\w+)\s*[=:]\s*(.+)$", re.MULTILINE)
_tags: dict[str, dict[str, str]] = {}
"""Cache of tags by source: all layers are checked when a layer is added, and this reads files."""
_BEFORE_NAME = re.compile(r"(?:^|[^a-z])(?:before|pre|prior|old|earlier|t0|t1|a)(?:[^a-z]|$)", re.I)
_AFTER_NAME = re.compile(
    r"(?:^|[^a-z])(?:after|post|new|later|recent|current|t2|b)(?:[^a-z]|$)", re.I
)


def date_of(layer: QgsMapLayer) -> str | None:
    """Return the date of a layer, as ISO date, year-month or year; None if it has none.

    The sources, the most reliable first: temporal range, metadata, a name that the user gave,
    tags of the acquisition, file name, tags that can hold the date of an export.
    """
    return next(iter(date_tags(layer).values()), None)


def date_tags(layer: QgsMapLayer) -> dict[str, str]:
    """Return the date of a layer as a tag for a copy of its pixels; empty if it has none.

    The tag is one of the acquisition, or one that can hold the date of an export if the layer's
    date is from such a tag.
    """
    date = _acquisition_date(layer)
    if date:
        return {"ACQUISITION_DATE": date}
    date = tag_date(_file_tags(layer), EXPORT_TAGS)
    return {"DATE": date} if date else {}


def given_date(layer: QgsMapLayer) -> str | None:
    """Return the date that the user gave a layer in QGIS, which its file does not have.

    The sources: temporal range, metadata, a name that the user gave.
    """
    if isinstance(layer, QgsRasterLayer):
        temporal = layer.temporalProperties()
        if temporal.isActive() and not temporal.fixedTemporalRange().isInfinite():
            begin = temporal.fixedTemporalRange().begin()
            if begin.isValid():
                return begin.toString("yyyy-MM-dd")
    for extent in layer.metadata().extent().temporalExtents():
        if extent.begin().isValid():
            return extent.begin().toString("yyyy-MM-dd")
    file_name, date = _file_name(layer), date_in(layer.name())
    # QGIS names a layer after its file, without the ending or from the first dot on.
    named_by_qgis = (os.path.splitext(file_name)[0], file_name.partition(".")[0])
    return None if layer.name() in named_by_qgis or date == date_in(file_name) else date


def _acquisition_date(layer: QgsMapLayer) -> str | None:
    return (
        given_date(layer)
        or tag_date(_file_tags(layer), ACQUISITION_TAGS)
        or date_in(_file_name(layer))
    )


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
    """Return the path of a layer, with that of the archive which the file is in."""
    uri = _decoded(layer)
    parts = [uri.get(name) or "" for name in ("vsiPrefix", "path", "vsiSuffix")]
    return "".join(parts) if parts[1] else layer.source()


def _file_tags(layer: QgsMapLayer) -> dict[str, str]:
    """Return the tags of a raster file: names in capitals to values."""
    source = layer.source()
    if layer.dataProvider() is None or layer.providerType() != "gdal":
        return {}
    if source not in _tags:
        _tags[source] = {name.upper(): value for name, value in _read_tags(layer).items()}
    return _tags[source]


def _read_tags(layer: QgsMapLayer) -> dict[str, str]:
    path = _decoded(layer).get("path", "")
    if os.path.isfile(path):
        try:
            dataset = gdal.Open(path)
        except RuntimeError:  # if GDAL raises
            dataset = None
        if dataset is not None:
            return {**dataset.GetMetadata(), **dataset.GetMetadata("IMAGERY")}
    # A raster on a server is not opened again: QGIS lists its tags in the layer properties.
    text = re.sub(r"<[^>]+>", "\n", layer.dataProvider().htmlMetadata())
    return dict(_TAG.findall(text))


def _file_name(layer: QgsMapLayer) -> str:
    return re.split(r"[\\/]", layer.source())[-1].split("|")[0]
