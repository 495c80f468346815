"""Results in the project: a group with styled polygons that know where they come from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsLayerMetadata,
    QgsLayerTreeGroup,
    QgsPalLayerSettings,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsRenderContext,
    QgsRendererCategory,
    QgsSymbol,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtCore import QDateTime
from qgis.PyQt.QtGui import QColor

from .i18n import tr
from .kinds import KINDS, Kind, case_expression, kind_of
from .probability_style import style_probability

__all__ = [
    "AFTER",
    "BEFORE",
    "REPORT",
    "Outcome",
    "add_to_project",
    "outlined",
    "results_in",
    "style",
]

BEFORE, AFTER = "mtrs_geo/before", "mtrs_geo/after"
"""Custom properties of a result: ids of the layers that were compared."""
REPORT = "mtrs_geo/report"
"""Custom property of a result: the worker's answer as JSON."""

_TITLE = 48


@dataclass(frozen=True)
class Outcome:
    """What a run found, and in what."""

    polygons: str
    """Source of the polygons."""
    report: dict[str, Any]
    """The worker's answer."""
    before: QgsRasterLayer
    after: QgsRasterLayer
    probability: str | None = None


def add_to_project(outcome: Outcome, project: QgsProject) -> QgsVectorLayer:
    """Add a group with the results on top of the layer tree, and return the polygons' layer."""
    report = outcome.report
    queries = list(report["counts"])
    layer = QgsVectorLayer(outcome.polygons, _layer_name(queries), "ogr")
    style(layer, queries)
    layer.setMetadata(_metadata(layer, report))
    layer.setCustomProperty(BEFORE, outcome.before.id())
    layer.setCustomProperty(AFTER, outcome.after.id())
    layer.setCustomProperty(REPORT, json.dumps(report))
    project.addMapLayer(layer, False)
    group = project.layerTreeRoot().insertGroup(0, _title(report))
    group.addLayer(layer)
    if outcome.probability:
        _add_probability(outcome.probability, queries, group, project)
    return layer


def style(layer: QgsVectorLayer, queries: list[str]) -> None:
    """Draw polygons by kind of change, the likelier the fuller, and label them."""
    kinds = [kind for kind in KINDS.values() if kind in map(kind_of, queries)]
    categories = [QgsRendererCategory(k.name, _symbol(k), tr(k.title)) for k in kinds]
    renderer = QgsCategorizedSymbolRenderer(case_expression(queries), categories)
    layer.setRenderer(renderer)
    layer.setLabeling(QgsVectorLayerSimpleLabeling(_labels()))
    layer.setLabelsEnabled(True)
    layer.setDisplayExpression('"query" || \' \' || "id"')
    layer.setMapTipTemplate(
        "<b>[% \"query\" %]</b><br>[% round(100 * \"score_mean\") %] %, "
        "[% format_number(\"area_m2\", 0) %] m²"
    )  # fmt: skip
    for name, alias in (
        ("query", tr("Sentence")), ("score_mean", tr("Score, mean")),
        ("score_max", tr("Score, highest")), ("area_m2", tr("Area (m²)")),
        ("perimeter_m", tr("Perimeter (m)")), ("date_before", tr("Before")),
        ("date_after", tr("After")), ("touches_edge", tr("Touches the edge")),
    ):  # fmt: skip
        index = layer.fields().lookupField(name)
        if index >= 0:
            layer.setFieldAlias(index, alias)


def outlined(layer: QgsVectorLayer) -> QgsVectorLayer:
    """Return a copy of a result that hides nothing below it: outlines without labels."""
    copy = layer.clone()
    copy.setLabelsEnabled(False)
    renderer = copy.renderer().clone()
    for symbol in renderer.symbols(QgsRenderContext()):
        symbol.symbolLayer(symbol.symbolLayerCount() - 1).setFillColor(QColor(0, 0, 0, 0))
    copy.setRenderer(renderer)
    return copy


def results_in(project: QgsProject) -> list[QgsVectorLayer]:
    """Return the results in a project, the newest first as they lie in the layer tree."""
    layers = project.layerTreeRoot().layerOrder()
    return [one for one in layers if one.customProperty(REPORT) and one.isValid()]


def _symbol(kind: Kind) -> QgsFillSymbol:
    """Return an outline on a dark halo, which stands out on any imagery, and a tinted fill."""
    fill = QColor(kind.colour)
    fill.setAlpha(95)
    symbol = QgsFillSymbol.createSimple(
        {"color": "0,0,0,0", "outline_color": "0,0,0,150", "outline_width": "0.85",
         "outline_width_unit": "MM", "joinstyle": "round"}
    )  # fmt: skip
    tinted = QgsFillSymbol.createSimple(
        {"outline_color": kind.colour, "outline_width": "0.45", "outline_width_unit": "MM",
         "joinstyle": "round"}
    )  # fmt: skip
    inner = tinted.symbolLayer(0).clone()
    inner.setFillColor(fill)
    symbol.appendSymbolLayer(inner)
    # From 45 % where the score is that of the threshold to 100 % where it is certain.
    opacity = QgsProperty.fromExpression(
        "scale_linear(coalesce(\"score_mean\", 1), 0.4, 0.95, 45, 100)"
    )  # fmt: skip
    symbol.setDataDefinedProperty(QgsSymbol.Property.PropertyOpacity, opacity)
    return symbol


def _labels() -> QgsPalLayerSettings:
    buffer = QgsTextBufferSettings()
    buffer.setEnabled(True)
    buffer.setSize(0.8)
    buffer.setColor(QColor(0, 0, 0, 190))
    text = QgsTextFormat()
    text.setSize(8)
    text.setColor(QColor("white"))
    text.setBuffer(buffer)
    labels = QgsPalLayerSettings()
    labels.setFormat(text)
    labels.isExpression = True
    labels.fieldName = "round(100 * \"score_mean\") || ' %'"
    labels.placement = QgsPalLayerSettings.Placement.Horizontal
    labels.fitInPolygonOnly = True
    return labels


def _metadata(layer: QgsVectorLayer, report: dict[str, Any]) -> QgsLayerMetadata:
    metadata = QgsLayerMetadata()
    metadata.setTitle(layer.name())
    metadata.setType("dataset")
    metadata.setCrs(layer.crs())
    lines = [
        tr("Sentence: {}, understood as: {}").format(query or tr("any change"), understood)
        for query, understood in zip(  # noqa: B905 - Python 3.9
            report["counts"], report["understood"]
        )
    ]
    model = report["model"]
    lines.append(tr("Model: {}").format(model))
    lines.append(tr("Dates: {}").format(_dates(report) or tr("not known")))
    lines += [tr("Warning: {}").format(warning) for warning in report["warnings"]]
    metadata.setAbstract("\n".join(lines))
    words = {"mtrs_geo:query": list(report["counts"]), "mtrs_geo:model": [model]}
    metadata.setKeywords(words)
    now = QDateTime.currentDateTime().toString("yyyy-MM-dd hh:mm:ss")
    metadata.addHistoryItem(
        tr("{}: {} polygons found by {} in {:.1f} s").format(
            now, sum(report["counts"].values()), model, report["seconds"]
        )
    )
    return metadata


def _add_probability(
    path: str, queries: list[str], group: QgsLayerTreeGroup, project: QgsProject
) -> None:
    """Add the probabilities below the polygons, hidden."""
    layer = QgsRasterLayer(path, tr("Probability: {}").format(_layer_name(queries)))
    if not layer.isValid():
        return
    style_probability(layer, KINDS["changed"].colour)
    project.addMapLayer(layer, False)
    group.addLayer(layer).setItemVisibilityChecked(False)


def _dates(report: dict[str, Any]) -> str:
    return " → ".join(date for date in report["dates"] if date)


def _layer_name(queries: list[str]) -> str:
    first = queries[0] or tr("any change")
    first = first if len(first) <= _TITLE else first[: _TITLE - 1] + "…"
    more = len(queries) - 1
    return tr("{} and {} more").format(first, more) if more else first


def _title(report: dict[str, Any]) -> str:
    """Return a name with the dates, in years where they tell them apart."""
    dates = [date for date in report["dates"] if date]
    years = [date[:4] for date in dates]
    shown = years if len(set(years)) == len(years) else dates
    return " ".join(filter(None, (tr("Changes"), " → ".join(shown))))
