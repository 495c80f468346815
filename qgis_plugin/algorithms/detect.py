"""Algorithm ``mtrs_geo:detect``: two rasters and a sentence."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputString,
    QgsProcessingParameterRasterLayer,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm
from .raster_input import known_dates

__all__ = ["DetectChanges"]


class DetectChanges(ChangeAlgorithm):
    """Detects the changes that a sentence describes between two rasters."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"

    def name(self) -> str:
        """Return the id without the provider."""
        return "detect"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Detect changes from text")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Detects the changes that a sentence describes between two rasters of the same place. "
            "The rasters may have different CRSs, pixel sizes and extents. Examples: “the three "
            "largest new buildings in the north-east”, “demolished buildings, except those "
            "smaller than 50 m²”. Sizes, positions and ranks refer to the whole scene. Layers "
            "that are not files on this computer are exported first, for the given extent."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        self.addParameter(QgsProcessingParameterRasterLayer(self.BEFORE, tr("Before")))
        self.addParameter(QgsProcessingParameterRasterLayer(self.AFTER, tr("After")))
        self.add_query()
        self.add_options()
        self.add_resume()
        self.add_outputs()
        self.addOutput(QgsProcessingOutputString(self.REPORT, tr("Report of the worker (JSON)")))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read the layers in their thread; QGIS calls this before the run."""
        self.rasters = [
            self.raster_input(parameters, name, context) for name in (self.BEFORE, self.AFTER)
        ]
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        before, after = self.raster_paths(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        params = self.shared_params(parameters, context, feedback) | {
            "before": before,
            "after": after,
            "dates": known_dates(self.rasters),
            "query": self.queries(parameters, context),
        }
        return self.run_detection(params, parameters, context, feedback)
