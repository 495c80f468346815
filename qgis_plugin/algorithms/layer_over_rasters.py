"""Base class of the algorithms that cut a layer of polygons and two rasters into tiles."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm

__all__ = ["LayerOverRasters"]


class LayerOverRasters(ChangeAlgorithm):
    """Parameters of two rasters, a layer of polygons, an area and tiles, for a worker job."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    POLYGONS = "POLYGONS"
    TILE_PX = "TILE_PX"

    def add_layer_and_rasters(self, polygons_label: str) -> None:
        """Define the parameters; ``polygons_label`` is the text beside the layer."""
        self.addParameter(QgsProcessingParameterRasterLayer(self.BEFORE, tr("Before")))
        self.addParameter(QgsProcessingParameterRasterLayer(self.AFTER, tr("After")))
        self.addParameter(
            QgsProcessingParameterFeatureSource(
                self.POLYGONS, polygons_label, [QgsProcessing.SourceType.TypeVectorPolygon]
            )
        )
        self.add_area()
        number = QgsProcessingParameterNumber
        self.addParameter(
            number(self.TILE_PX, tr("Tile size (pixels)"), number.Type.Integer, 512, False,
                   64, 4096)
        )  # fmt: skip
        self.add_advanced(
            number(
                self.RESOLUTION, tr("Pixel size of exported web layers (m)"),
                number.Type.Double, 0.5, False, 0.0,
            )
        )  # fmt: skip

    def add_advanced(self, parameter: QgsProcessingParameterDefinition) -> None:
        """Add a parameter that is shown under *Advanced*."""
        parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(parameter)

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
        self.keep_as_shown(parameters, self.POLYGONS, context)
        return super().prepareAlgorithm(parameters, context, feedback)

    def job_params(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any] | None:
        """Return the parameters of the job without its output; None if the user cancelled.

        Raises:
            QgsProcessingException: if the layer cannot be read.
        """
        polygons, layer = self.polygon_file(parameters, self.POLYGONS, context, ["gpkg"], feedback)
        before, after = self.raster_paths(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return None
        return self.area_params(parameters, context, feedback) | {
            "before": before,
            "after": after,
            "polygons": polygons,
            "polygons_layer": layer,
            "tile_px": self.parameterAsInt(parameters, self.TILE_PX, context),
        }
