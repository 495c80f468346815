"""Algorithm ``mtrs_geo:audit``: polygons of a result as a project for the audit in a browser."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFileDestination,
)

from ..i18n.translate import tr
from .layer_over_rasters import LayerOverRasters

__all__ = ["SendToAudit"]


class SendToAudit(LayerOverRasters):
    """Writes a project with the sentences and polygons of a layer as proposals."""

    PROJECT = "PROJECT"

    def name(self) -> str:
        """Return the id without the provider."""
        return "audit"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Send polygons to audit")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Cuts both rasters into tiles and writes a project file with one item per sentence "
            "and tile. Rejected polygons are left out. Several people can then accept, reject and "
            "mend the items in a browser: run “mtrs-geo craft audit” with the file. "
            "“mtrs-geo craft export --format geopackage” writes what was accepted as a layer."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        self.add_layer_and_rasters(tr("Polygons with sentences"))
        self.addParameter(
            QgsProcessingParameterFileDestination(
                self.PROJECT, tr("Project file"), tr("Project files (*.db)")
            )
        )
        for name, text in (("PAIRS", tr("Number of pairs")), ("ITEMS", tr("Number of items"))):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        project = self.parameterAsFileOutput(parameters, self.PROJECT, context)
        params = self.job_params(parameters, context, feedback)
        if params is None:
            return {}
        params["output"] = project
        report = self.run_worker_job("audit_project", params, feedback)
        if report is None:
            return {}
        message = tr("{} pairs with {} items. Next: mtrs-geo craft audit {}")
        feedback.pushInfo(message.format(report["pairs"], report["items"], project))
        return {self.PROJECT: project, "PAIRS": report["pairs"], "ITEMS": report["items"]}
