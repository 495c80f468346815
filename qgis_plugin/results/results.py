"""Results in the project: a group of styled layers with metadata about the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from qgis.core import (
    QgsLayerMetadata,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QDateTime

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import AFTER, BEFORE
from ..sentences.question import (
    doubt_texts,
    is_answered,
    meaning_text,
    note_texts,
    question_warnings,
)
from .change_direction import CHANGED, change_direction
from .probability_style import style_probability
from .result_style import style_result

__all__ = ["REPORT", "Outcome", "add_to_project", "open_layers", "results_in"]

REPORT = "mtrs_geo/report"
"""Custom property of a result: the report of the worker as JSON."""

_MAX_NAME = 48
_Layer = TypeVar("_Layer", bound=QgsMapLayer)


@dataclass(frozen=True)
class Outcome:
    """Output of a run, and the layers that it compared."""

    polygons: str
    """Source of the polygons."""
    report: dict[str, Any]
    """Report of the worker."""
    before_id: str
    """Id of the layer before."""
    after_id: str
    """Id of the layer after."""
    probability: str | None = None
    """Path of the probability raster."""


def open_layers(outcome: Outcome) -> list[QgsMapLayer]:
    """Return the styled polygon layer, and the probability raster if there is one.

    This function opens the files: call it in a background thread, then move the layers to
    the thread of the project.

    Raises:
        OSError: if a file cannot be opened.
    """
    report = outcome.report
    queries = list(report["counts"])
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = _valid(QgsVectorLayer(outcome.polygons, _layer_name(queries), "ogr", options))
    style_result(
        layer,
        {change_direction(name) for name in report.get("changes", {"": CHANGED.name}).values()},
    )
    layer.setMetadata(_metadata(layer, report))
    layer.setCustomProperty(BEFORE, outcome.before_id)
    layer.setCustomProperty(AFTER, outcome.after_id)
    layer.setCustomProperty(REPORT, json.dumps(report))
    if not outcome.probability:
        return [layer]
    name = tr("Probability: {}").format(layer.name())
    raster = _valid(QgsRasterLayer(outcome.probability, name))
    style_probability(raster, CHANGED.colour)
    return [layer, raster]


def add_to_project(
    outcome: Outcome, layers: list[QgsMapLayer], project: QgsProject
) -> QgsVectorLayer:
    """Add the layers of `open_layers` as a group on top of the layer tree; return the polygons."""
    project.addMapLayers(layers, False)
    group = project.layerTreeRoot().insertGroup(0, _title(outcome.report))
    for layer in layers:
        # The probability raster is below the polygons, and hidden.
        group.addLayer(layer).setItemVisibilityChecked(layer is layers[0])
    return layers[0]


def results_in(project: QgsProject) -> list[QgsVectorLayer]:
    """Return the result layers of a project in the order of the layer tree, the newest first."""
    layers = project.layerTreeRoot().layerOrder()
    known = (layer for layer in layers if isinstance(layer, QgsVectorLayer) and layer.isValid())
    return [layer for layer in known if layer.customProperty(REPORT)]


def _valid(layer: _Layer) -> _Layer:
    if not layer.isValid():
        # The layer's error is not read: QGIS 3.22 crashes if the layer has no provider.
        msg = tr("{} cannot be opened. Check that it exists and that no other program locks it.")
        raise OSError(msg.format(layer.source()))
    return layer


def _metadata(layer: QgsVectorLayer, report: dict[str, Any]) -> QgsLayerMetadata:
    metadata = QgsLayerMetadata()
    metadata.setTitle(layer.name())
    metadata.setType("dataset")
    metadata.setCrs(layer.crs())
    lines = _sentences(report)
    model = report["model"]
    lines.append(tr("Model: {}").format(model))
    lines.append(tr("Dates: {}").format(_dates(report) or tr("unknown")))
    said = question_warnings(report.get("questions", []))
    warnings = [warning for warning in report["warnings"] if warning not in said]
    lines += [tr("Warning: {}").format(warning) for warning in warnings]
    metadata.setAbstract("\n".join(lines))
    keywords = {"mtrs_geo:query": list(report["counts"]), "mtrs_geo:model": [model]}
    metadata.setKeywords(keywords)
    now = QDateTime.currentDateTime().toString("yyyy-MM-dd hh:mm:ss")
    metadata.addHistoryItem(
        tr("{}: {} polygons detected by {} in {} s").format(
            now, sum(report["counts"].values()), model, format_fixed(report["seconds"], 1)
        )
    )
    return metadata


def _sentences(report: dict[str, Any]) -> list[str]:
    """Return how each sentence was understood, with its doubts."""
    questions = report.get("questions")
    line = tr("Sentence: {}, understood as: {}")
    if not questions:  # an older worker
        pairs = zip(report["counts"], report["understood"])  # noqa: B905 - Python 3.9
        return [line.format(query or tr("any change"), understood) for query, understood in pairs]
    lines = []
    for question in questions:
        text = question["text"] or tr("any change")
        if is_answered(question):
            lines.append(line.format(text, meaning_text(question)))
        else:
            lines.append(tr("Not answered: {}").format(text))
        lines += [*note_texts(question), *doubt_texts(question)]
    return lines


def _dates(report: dict[str, Any]) -> str:
    return " → ".join(date for date in report["dates"] if date)


def _layer_name(queries: list[str]) -> str:
    first = queries[0] or tr("any change")
    first = first if len(first) <= _MAX_NAME else first[: _MAX_NAME - 1] + "…"
    more = len(queries) - 1
    return tr("{} and {} more").format(first, more) if more else first


def _title(report: dict[str, Any]) -> str:
    """Return a group name with the dates, as years if the years differ."""
    dates = [date for date in report["dates"] if date]
    years = [date[:4] for date in dates]
    labels = years if len(set(years)) == len(years) else dates
    return " ".join(filter(None, (tr("Changes"), " → ".join(labels))))
