"""Algorithm ``mtrs_geo:pairs``: reviewed polygons as training pairs."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm
from .raster_input import RasterInput

__all__ = ["ExportPairs"]


class ExportPairs(ChangeAlgorithm):
    """Exports image pairs, sentences and masks from reviewed polygons."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    POLYGONS = "POLYGONS"
    TILE_PX = "TILE_PX"
    OVERWRITE = "OVERWRITE"
    FOLDER = "FOLDER"

    def name(self) -> str:
        """Return the id without the provider."""
        return "pairs"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Export reviewed polygons as training pairs")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Cuts both rasters into tiles and writes one mask per sentence, in the layout of "
            "MTRefSeg-21K. Accepted and edited polygons are the target. If all polygons of a "
            "sentence in a tile are rejected, the mask is empty. If one of them is not reviewed, "
            "the sentence is left out of this tile. “mtrs-geo evaluate” and the training "
            "commands read the folder."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        self.addParameter(QgsProcessingParameterRasterLayer(self.BEFORE, tr("Before")))
        self.addParameter(QgsProcessingParameterRasterLayer(self.AFTER, tr("After")))
        self.addParameter(
            QgsProcessingParameterFeatureSource(
                self.POLYGONS, tr("Reviewed polygons"),
                [QgsProcessing.SourceType.TypeVectorPolygon],
            )
        )  # fmt: skip
        self.add_area()
        number = QgsProcessingParameterNumber
        self.addParameter(
            number(self.TILE_PX, tr("Tile size (pixels)"), number.Type.Integer, 512, False,
                   64, 4096)
        )  # fmt: skip
        for parameter in (
            number(
                self.RESOLUTION, tr("Pixel size of exported layers (m)"),
                number.Type.Double, 0.5, False, 0.0,
            ),
            QgsProcessingParameterBoolean(
                self.RAW, tr("Keep sentences with scene rules (size, position, rank)"), False
            ),
            QgsProcessingParameterBoolean(
                self.OVERWRITE, tr("Replace the contents of the folder"), False
            ),
        ):  # fmt: skip
            parameter.setFlags(
                parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced
            )
            self.addParameter(parameter)
        self.addParameter(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")))
        for name, text in (
            ("PAIRS", tr("Number of pairs")),
            ("EXPRESSIONS", tr("Number of sentences")),
            ("NO_TARGET", tr("Number of sentences without a target")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read the layers in their thread; QGIS calls this before the run."""
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
        """Run the algorithm and return its outputs."""
        polygons, layer = self.parameterAsCompatibleSourceLayerPathAndLayerName(
            parameters, self.POLYGONS, context, ["gpkg"], "gpkg", feedback
        )
        if not polygons:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.POLYGONS))
        before, after = self.raster_paths(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        folder = self.parameterAsString(parameters, self.FOLDER, context)
        params = self.area_params(parameters, context, feedback) | {
            "before": before,
            "after": after,
            "polygons": polygons,
            "polygons_layer": layer or None,
            "output": folder,
            "tile_px": self.parameterAsInt(parameters, self.TILE_PX, context),
            "raw": self.parameterAsBoolean(parameters, self.RAW, context),
            "overwrite": self.parameterAsBoolean(parameters, self.OVERWRITE, context),
        }
        report = self.run_worker_job("export_pairs", params, feedback)
        if report is None:
            return {}
        message = tr("{} pairs with {} sentences, {} of them without a target")
        counts = [report[name] for name in ("pairs", "expressions", "no_target")]
        feedback.pushInfo(message.format(*counts))
        if report["unreviewed"]:
            message = tr("{} sentences were left out of tiles with polygons that are not reviewed")
            feedback.pushInfo(message.format(report["unreviewed"]))
        names = ("PAIRS", "EXPRESSIONS", "NO_TARGET")
        return {self.FOLDER: folder, **dict(zip(names, counts))}  # noqa: B905 - Python 3.9
