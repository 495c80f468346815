"""Reviewed polygons as pairs to learn from."""

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
    """``mtrs_geo:pairs``."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    POLYGONS = "POLYGONS"
    TILE_PX = "TILE_PX"
    OVERWRITE = "OVERWRITE"
    FOLDER = "FOLDER"

    def name(self) -> str:
        """Return the id."""
        return "pairs"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Export reviewed polygons as training pairs")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Cuts both rasters into tiles with a mask for every sentence, in the layout of "
            "MTRefSeg-21K: what was accepted or edited is the target, and a tile whose polygons "
            "were all rejected has none. A tile that holds a polygon nobody reviewed is left "
            "out for that sentence. “mtrs-geo evaluate” and training read the folder."
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
            number(self.TILE_PX, tr("Side of a tile (pixels)"), number.Type.Integer, 512, False,
                   64, 4096)
        )  # fmt: skip
        for parameter in (
            number(
                self.RESOLUTION, tr("Pixel size of layers that must be exported (m)"),
                number.Type.Double, 0.5, False, 0.0,
            ),
            QgsProcessingParameterBoolean(
                self.RAW, tr("Keep sentences with rules about the whole scene"), False
            ),
            QgsProcessingParameterBoolean(
                self.OVERWRITE, tr("Replace what the folder holds"), False
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
            ("NO_TARGET", tr("Of them without target")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

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
        polygons, layer = self.parameterAsCompatibleSourceLayerPathAndLayerName(
            parameters, self.POLYGONS, context, ["gpkg"], "gpkg", feedback
        )
        if not polygons:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.POLYGONS))
        before, after = self.written(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        folder = self.parameterAsString(parameters, self.FOLDER, context)
        asked = self.area(parameters, context, feedback) | {
            "before": before,
            "after": after,
            "polygons": polygons,
            "polygons_layer": layer or None,
            "output": folder,
            "tile_px": self.parameterAsInt(parameters, self.TILE_PX, context),
            "raw": self.parameterAsBoolean(parameters, self.RAW, context),
            "overwrite": self.parameterAsBoolean(parameters, self.OVERWRITE, context),
        }
        answer = self.ask("export_pairs", asked, feedback)
        if answer is None:
            return {}
        said = tr("{} pairs with {} sentences, {} of them without target")
        counts = [answer[name] for name in ("pairs", "expressions", "no_target")]
        feedback.pushInfo(said.format(*counts))
        if answer["unreviewed"]:
            said = tr("{} sentences of tiles were left out: not all of their polygons are reviewed")
            feedback.pushInfo(said.format(answer["unreviewed"]))
        names = ("PAIRS", "EXPRESSIONS", "NO_TARGET")
        return {self.FOLDER: folder, **dict(zip(names, counts))}  # noqa: B905 - Python 3.9
