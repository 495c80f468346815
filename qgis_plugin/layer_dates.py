"""Dates of raster layers, and a guess of the layers before and after."""

from __future__ import annotations

import re

from qgis.core import QgsMapLayer, QgsRasterLayer

__all__ = ["date_in", "date_of", "guess_pair"]

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
