"""Algorithm ``mtrs_geo:pairs``: reviewed polygons as training pairs."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFolderDestination,
)

from ..i18n.translate import tr
from .layer_over_rasters import LayerOverRasters

__all__ = ["ExportPairs"]


class ExportPairs(LayerOverRasters):
    """Exports image pairs, sentences and masks from reviewed polygons."""

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
        self.add_layer_and_rasters(tr("Reviewed polygons"))
        for name, text in (
            (self.RAW, tr("Keep sentences with scene rules (size, position, rank)")),
            (self.OVERWRITE, tr("Replace the contents of the folder")),
        ):
            self.add_advanced(QgsProcessingParameterBoolean(name, text, False))
        self.addParameter(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")))
        for name, text in (
            ("PAIRS", tr("Number of pairs")),
            ("EXPRESSIONS", tr("Number of sentences")),
            ("NO_TARGET", tr("Number of sentences without a target")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        folder = self.parameterAsString(parameters, self.FOLDER, context)
        params = self.job_params(parameters, context, feedback)
        if params is None:
            return {}
        params |= {
            "output": folder,
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
