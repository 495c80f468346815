"""Two rasters and a sentence."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterRasterLayer,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm
from .raster_input import RasterInput

__all__ = ["DetectChanges"]


class DetectChanges(ChangeAlgorithm):
    """``mtrs_geo:detect``."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"

    def name(self) -> str:
        """Return the id."""
        return "detect"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Detect changes from text")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Finds the change that a sentence describes between two rasters of a place. They may "
            "differ in CRS, pixel size and extent. “The three largest new buildings in the "
            "north-east”, “demolished buildings, except those smaller than 50 m²”: sizes, places "
            "and ranks are decided on the whole scene. Layers that are no file on this computer "
            "are exported first, for the extent."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        self.addParameter(QgsProcessingParameterRasterLayer(self.BEFORE, tr("Before")))
        self.addParameter(QgsProcessingParameterRasterLayer(self.AFTER, tr("After")))
        self.add_query()
        self.add_options()
        self.add_outputs()
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Number of polygons")))
        self.addOutput(QgsProcessingOutputNumber("AREA_M2", tr("Area of all polygons (m²)")))
        self.addOutput(QgsProcessingOutputString(self.REPORT, tr("The worker's answer as JSON")))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Take what belongs to the layers' thread."""
        self.rasters = [
            RasterInput(self.parameterAsRasterLayer(parameters, name, context))
            for name in (self.BEFORE, self.AFTER)
        ]
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run."""
        before, after = self.written(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        params = self.common(parameters, context, feedback) | {
            "before": before,
            "after": after,
            "query": self.queries(parameters, context),
        }
        return self.detect(params, parameters, context, feedback)
