"""Polygons found against polygons that are true."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm

__all__ = ["EvaluateChanges"]

_FORMATS = ["gpkg", "fgb", "geojson", "shp"]


class EvaluateChanges(ChangeAlgorithm):
    """``mtrs_geo:evaluate``."""

    PREDICTED = "PREDICTED"
    REFERENCE = "REFERENCE"

    def name(self) -> str:
        """Return the id."""
        return "evaluate"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Evaluate against a reference layer")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Compares polygons found with polygons that are known to be true, by their area on "
            "the ground: precision, recall, F1 and IoU. Layers may differ in CRS."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        for name, text in ((self.PREDICTED, tr("Found")), (self.REFERENCE, tr("True"))):
            self.addParameter(QgsProcessingParameterFeatureSource(name, text, polygons))
        self.add_area()
        for name in ("PRECISION", "RECALL", "F1", "IOU"):
            self.addOutput(QgsProcessingOutputNumber(name, name.capitalize()))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run."""
        params = self.area(parameters, context, feedback)
        for key, name in (("predicted", self.PREDICTED), ("reference", self.REFERENCE)):
            path, layer = self.parameterAsCompatibleSourceLayerPathAndLayerName(
                parameters, name, context, _FORMATS, "gpkg", feedback
            )
            if not path:
                raise QgsProcessingException(self.invalidSourceError(parameters, name))
            params |= {key: path, f"{key}_layer": layer or None}
        answer = self.ask("evaluate", params, feedback)
        if answer is None:
            return {}
        scores = {name.upper(): answer[name] for name in ("precision", "recall", "f1", "iou")}
        for name, score in scores.items():
            feedback.pushInfo(f"{name}: {tr('undefined') if score is None else f'{score:.4f}'}")
        return scores
