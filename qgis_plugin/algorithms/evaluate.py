"""Algorithm ``mtrs_geo:evaluate``: detected polygons against reference polygons."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSource,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm

__all__ = ["EvaluateChanges"]

_FORMATS = ["gpkg", "fgb", "geojson", "shp"]


class EvaluateChanges(ChangeAlgorithm):
    """Compares detected polygons with reference polygons by area."""

    PREDICTED = "PREDICTED"
    REFERENCE = "REFERENCE"

    def name(self) -> str:
        """Return the id without the provider."""
        return "evaluate"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Evaluate against a reference layer")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Compares detected polygons with reference polygons by their area on the ground. "
            "Returns precision, recall, F1 and IoU. The layers may have different CRSs."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        for name, text in (
            (self.PREDICTED, tr("Detected polygons")),
            (self.REFERENCE, tr("Reference polygons")),
        ):
            self.addParameter(QgsProcessingParameterFeatureSource(name, text, polygons))
        self.add_area()
        for name in ("PRECISION", "RECALL", "F1", "IOU"):
            self.addOutput(QgsProcessingOutputNumber(name, name.capitalize()))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read the layers in their thread; QGIS calls this before the run."""
        for name in (self.PREDICTED, self.REFERENCE):
            self.keep_as_shown(parameters, name, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        params = self.area_params(parameters, context, feedback)
        for key, name in (("predicted", self.PREDICTED), ("reference", self.REFERENCE)):
            path, layer = self.polygon_file(parameters, name, context, _FORMATS, feedback)
            params |= {key: path, f"{key}_layer": layer}
        result = self.run_worker_job("evaluate", params, feedback)
        if result is None:
            return {}
        scores = {name.upper(): result[name] for name in ("precision", "recall", "f1", "iou")}
        for name, score in scores.items():
            feedback.pushInfo(f"{name}: {tr('undefined') if score is None else f'{score:.4f}'}")
        return scores
