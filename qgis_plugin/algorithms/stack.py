"""Algorithm ``mtrs_geo:stack``: rasters of many dates and a sentence."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingParameterEnum,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterString,
)

from ..i18n.translate import tr
from .base import ChangeAlgorithm
from .raster_input import RasterInput, known_dates

__all__ = ["DetectInStack"]

_PAIRS = ("consecutive", "first-last", "all")


class DetectInStack(ChangeAlgorithm):
    """Detects changes between pairs of dates."""

    RASTERS = "RASTERS"
    DATES = "DATES"
    PAIRS = "PAIRS"

    def name(self) -> str:
        """Return the id without the provider."""
        return "stack"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Detect changes in a stack")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Detects changes between each two consecutive dates of the same place. Order the "
            "rasters from the earliest to the latest, or enter their dates: then the algorithm "
            "sorts the rasters by date. “first-last” compares the first and the last date only, "
            "“all” each two dates."
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
                self.DATES,
                tr("Dates (2016-05-01, 2018, …); empty for those of the layers"),
                optional=True,
            )
        )
        self.addParameter(
            QgsProcessingParameterEnum(
                self.PAIRS, tr("Pairs of dates"), _PAIRS, False, _PAIRS[0], False, True
            )
        )
        self.add_query()
        self.add_options()
        self.add_resume()
        self.add_outputs()

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read the layers in their thread; QGIS calls this before the run."""
        layers = self.parameterAsLayerList(parameters, self.RASTERS, context)
        given = parameters.get(self.RASTERS)
        if isinstance(given, (list, tuple)) and len(layers) < len(given):
            # QGIS leaves out what it cannot read; the dates would then be of other rasters.
            msg = tr("{} of {} rasters cannot be read. Choose rasters that exist.")
            raise QgsProcessingException(msg.format(len(given) - len(layers), len(given)))
        self.rasters = [RasterInput(layer) for layer in layers]
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        text = self.parameterAsString(parameters, self.DATES, context)
        dates = [date.strip() for date in text.split(",") if date.strip()]
        if dates and len(dates) != len(self.rasters):
            msg = tr("There are {} rasters but {} dates. Enter one date per raster.")
            raise QgsProcessingException(msg.format(len(self.rasters), len(dates)))
        paths = self.raster_paths(self.rasters, parameters, context, feedback)
        if feedback.isCanceled():
            return {}
        if dates:
            pairs = sorted(zip(dates, paths), key=lambda pair: pair[0])  # noqa: B905 - Python 3.9
            dates, paths = [date for date, _ in pairs], [path for _, path in pairs]
        params = self.shared_params(parameters, context, feedback) | {
            "paths": paths,
            "dates": dates or known_dates(self.rasters),
            "pairs": self.parameterAsEnumString(parameters, self.PAIRS, context),
            "query": self.queries(parameters, context),
        }
        return self.run_detection(params, parameters, context, feedback)
