"""Many dates of a place and a sentence."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm
from .raster_input import RasterInput

__all__ = ["DetectInStack"]


class DetectInStack(ChangeAlgorithm):
    """``mtrs_geo:stack``."""

    RASTERS = "RASTERS"
    DATES = "DATES"

    def name(self) -> str:
        """Return the id."""
        return "stack"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Detect changes in a stack")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Finds change between every two neighbouring dates of a place. Give the rasters "
            "earliest first, or give their dates: then they are sorted by them."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        rasters = QgsProcessingParameterMultipleLayers(
            self.RASTERS, tr("Rasters, earliest first"), QgsProcessing.SourceType.TypeRaster
        )
        rasters.setMinimumNumberInputs(2)
        self.addParameter(rasters)
        self.addParameter(
            QgsProcessingParameterString(
                self.DATES, tr("Dates as 2016-05-01, 2018, …; empty reads them"), optional=True
            )
        )
        self.add_query()
        self.add_options()
        self.add_outputs()
        self.addOutput(QgsProcessingOutputNumber("COUNT", tr("Number of polygons")))
        self.addOutput(QgsProcessingOutputNumber("AREA_M2", tr("Area of all polygons (m²)")))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Take what belongs to the layers' thread."""
        layers = self.parameterAsLayerList(parameters, self.RASTERS, context)
        self.rasters = [RasterInput(layer) for layer in layers]
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run."""
        text = self.parameterAsString(parameters, self.DATES, context)
        dates = [part.strip() for part in text.split(",") if part.strip()]
        if dates and len(dates) != len(self.rasters):
            msg = tr("{} rasters were given with {} dates: give one date a raster.")
            raise QgsProcessingException(msg.format(len(self.rasters), len(dates)))
        paths = self.written(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        if dates:
            pairs = sorted(zip(dates, paths), key=lambda pair: pair[0])  # noqa: B905 - Python 3.9
            dates, paths = [date for date, _ in pairs], [path for _, path in pairs]
        params = self.common(parameters, context, feedback) | {
            "paths": paths,
            "dates": dates or None,
            "query": self.queries(parameters, context),
        }
        return self.detect(params, parameters, context, feedback)
