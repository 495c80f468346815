"""Results in the project: a group with styled polygons that know where they come from."""

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

from ..i18n.translate import tr
from .change_kinds import CHANGED, kind_named
from .probability_style import style_probability
from .result_style import style

__all__ = ["AFTER", "BEFORE", "REPORT", "Outcome", "add_to_project", "open_layers", "results_in"]

BEFORE, AFTER = "mtrs_geo/before", "mtrs_geo/after"
"""Custom properties of a result: ids of the layers that were compared."""
REPORT = "mtrs_geo/report"
"""Custom property of a result: the worker's answer as JSON."""

_TITLE = 48
_Layer = TypeVar("_Layer", bound=QgsMapLayer)


@dataclass(frozen=True)
class Outcome:
    """What a run found, and in what."""

    polygons: str
    """Source of the polygons."""
    report: dict[str, Any]
    """The worker's answer."""
    before_id: str
    """Id of the layer that was compared."""
    after_id: str
    probability: str | None = None
    """Path of the probabilities."""


def open_layers(outcome: Outcome) -> list[QgsMapLayer]:
    """Return the polygons, and the probabilities where there are any, ready to be added.

    Files are read here and nowhere else: call it in a thread that may wait, and move what
    it returns to the project's.

    Raises:
        OSError: if a file cannot be opened.
    """
    report = outcome.report
    queries = list(report["counts"])
    options = QgsVectorLayer.LayerOptions()
    options.loadDefaultStyle = False
    layer = _valid(QgsVectorLayer(outcome.polygons, _layer_name(queries), "ogr", options))
    style(layer, {kind_named(name) for name in report.get("changes", {"": CHANGED.name}).values()})
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
    """Add what `open_layers` gave as a group on top of the layer tree; return the polygons."""
    project.addMapLayers(layers, False)
    group = project.layerTreeRoot().insertGroup(0, _title(outcome.report))
    for layer in layers:
        # Probabilities lie below the polygons, hidden.
        group.addLayer(layer).setItemVisibilityChecked(layer is layers[0])
    return layers[0]


def results_in(project: QgsProject) -> list[QgsVectorLayer]:
    """Return the results in a project, the newest first as they lie in the layer tree."""
    layers = project.layerTreeRoot().layerOrder()
    return [one for one in layers if one.customProperty(REPORT) and one.isValid()]


def _valid(layer: _Layer) -> _Layer:
    if not layer.isValid():
        # QGIS 3.22 crashes where a layer without a provider is asked for its error.
        msg = tr("{} cannot be opened: was it moved, or is it open elsewhere?")
        raise OSError(msg.format(layer.source()))
    return layer


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
