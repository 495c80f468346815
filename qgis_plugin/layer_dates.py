"""When raster layers were taken, and which two of them a user most likely compares."""

from __future__ import annotations

import re

from qgis.core import QgsMapLayer, QgsRasterLayer

__all__ = ["date_in", "date_of", "guess_pair"]

_DATE = re.compile(
    r"(?<!\d)((?:19|20)\d\d)(?:([-_.:]?)(0[1-9]|1[0-2])(?:\2(0[1-9]|[12]\d|3[01]))?)?(?!\d)"
)
_TAGS = re.compile(r"(?:TIFFTAG_DATETIME|ACQUISITION_?DATE(?:TIME)?|DATE)\s*[=:]\s*([^<\n]+)", re.I)
_tags: dict[str, str | None] = {}
"""Dates by source: every layer is looked at whenever one is added, and each look reads a file."""
_EARLY = re.compile(r"(?:^|[^a-z])(?:before|pre|prior|old|earlier|t0|t1|a)(?:[^a-z]|$)", re.I)
_LATE = re.compile(r"(?:^|[^a-z])(?:after|post|new|later|recent|current|t2|b)(?:[^a-z]|$)", re.I)


def date_in(text: str) -> str | None:
    """Return the first date in a text: ISO date, year-month or year."""
    found = _DATE.search(text)
    return "-".join(filter(None, found.group(1, 3, 4))) if found else None


def date_of(layer: QgsMapLayer) -> str | None:
    """Return the date of a layer, from its temporal range, metadata, name, file's tags or name."""
    if isinstance(layer, QgsRasterLayer):
        temporal = layer.temporalProperties()
        if temporal.isActive() and not temporal.fixedTemporalRange().isInfinite():
            begin = temporal.fixedTemporalRange().begin()
            if begin.isValid():
                return begin.toString("yyyy-MM-dd")
    for extent in layer.metadata().extent().temporalExtents():
        if extent.begin().isValid():
            return extent.begin().toString("yyyy-MM-dd")
    return date_in(layer.name()) or _tagged(layer) or date_in(_file_name(layer))


def guess_pair(
    layers: list[QgsRasterLayer],
) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
    """Return the layers before and after, None where there is none.

    The earliest and the latest date; else what the names say; else the lower and the
    upper of the first two.

    Args:
        layers: as they lie in the layer tree, from the top.
    """
    dated = sorted(
        ((date, layer) for layer in layers if (date := date_of(layer))), key=lambda pair: pair[0]
    )
    if len(dated) > 1 and dated[0][0] != dated[-1][0]:
        return dated[0][1], dated[-1][1]
    early = next((layer for layer in layers if _EARLY.search(layer.name())), None)
    late = next((layer for layer in layers if _LATE.search(layer.name())), None)
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


def _tagged(layer: QgsMapLayer) -> str | None:
    """Look at the tags of the file, which QGIS shows among the layer's properties."""
    provider, source = layer.dataProvider(), layer.source()
    if provider is None or layer.providerType() != "gdal":
        return None
    if source not in _tags:
        text = re.sub(r"<[^>]+>", "\n", provider.htmlMetadata())
        _tags[source] = next((d for tag in _TAGS.findall(text) if (d := date_in(tag))), None)
    return _tags[source]


def _file_name(layer: QgsMapLayer) -> str:
    return re.split(r"[\\/]", layer.source())[-1].split("|")[0]
