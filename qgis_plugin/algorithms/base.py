"""What the algorithms share: parameters of a run, and how the worker is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsProcessingUtils,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n.translate import tr
from ..worker.shared import JobCancelledError, JobError, run_job
from .polygon_input import written_polygons
from .raster_input import RasterInput

__all__ = ["ChangeAlgorithm"]

_Params = dict
_DEVICES = ["auto", "cpu", "cuda", "mps", "openvino"]


class ChangeAlgorithm(QgsProcessingAlgorithm):
    """An algorithm that the worker does."""

    QUERY = "QUERY"
    EXTENT = "EXTENT"
    AREA = "AREA"
    MODEL = "MODEL"
    DEVICE = "DEVICE"
    THRESHOLD = "THRESHOLD"
    MIN_AREA = "MIN_AREA"
    SIMPLIFY = "SIMPLIFY"
    RAW = "RAW"
    RESOLUTION = "RESOLUTION"
    PROBABILITY = "PROBABILITY"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"

    _polygons: QgsProcessingFeatureSource | None = None

    def createInstance(self) -> ChangeAlgorithm:
        """Return a fresh algorithm of the same kind."""
        return type(self)()

    def icon(self) -> QIcon:
        """Return the icon in the toolbox."""
        return QIcon(str(Path(__file__).parents[1] / "icon.svg"))

    def helpUrl(self) -> str:
        """Return no address: the help is in the dialog."""
        return ""

    def add_query(self) -> None:
        """Add the sentences."""
        query = QgsProcessingParameterString(
            self.QUERY,
            tr("What changed? One sentence a line; empty for any change"),
            defaultValue="new buildings",
            multiLine=True,
            optional=True,
        )
        self.addParameter(query)

    def add_area(self) -> None:
        """Add where to look."""
        self.addParameter(
            QgsProcessingParameterExtent(self.EXTENT, tr("Only in this extent"), optional=True)
        )
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        self.addParameter(
            QgsProcessingParameterFeatureSource(
                self.AREA, tr("Only in these polygons"), polygons, optional=True
            )
        )

    def add_options(self) -> None:
        """Add what the runs have in common."""
        self.add_area()
        number = QgsProcessingParameterNumber
        self.addParameter(
            number(
                self.THRESHOLD, tr("Probability from which a pixel counts"), number.Type.Double,
                0.5, False, 0.01, 0.99,
            )
        )  # fmt: skip
        self.addParameter(
            number(self.MIN_AREA, tr("Smallest polygon (m²)"), number.Type.Double, 10.0, False, 0.0)
        )
        for parameter in (
            number(
                self.SIMPLIFY, tr("Tolerance of the outlines (m); empty for one pixel"),
                number.Type.Double, None, True, 0.0,
            ),
            number(
                self.RESOLUTION, tr("Pixel size of layers that must be exported (m)"),
                number.Type.Double, 0.5, False, 0.0,
            ),
            QgsProcessingParameterString(
                self.MODEL, tr("Model: a name, or the folder of one"), defaultValue="tiny"
            ),
            QgsProcessingParameterEnum(
                self.DEVICE, tr("Device"), _DEVICES, False, "auto", False, True
            ),
            QgsProcessingParameterBoolean(
                self.RAW, tr("Hand the sentence to the model as it is"), False
            ),
        ):  # fmt: skip
            parameter.setFlags(
                parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced
            )
            self.addParameter(parameter)

    def add_outputs(self) -> None:
        """Add the polygons and the probabilities."""
        self.addParameter(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, tr("Changes"), QgsProcessing.SourceType.TypeVectorPolygon
            )
        )
        self.addParameter(
            QgsProcessingParameterRasterDestination(
                self.PROBABILITY, tr("Probability"), None, True, False
            )
        )

    def common(
        self, parameters: _Params, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Return the worker's parameters that the runs have in common."""
        asked = {
            "model": self.parameterAsString(parameters, self.MODEL, context),
            "device": self.parameterAsEnumString(parameters, self.DEVICE, context),
            "threshold": self.parameterAsDouble(parameters, self.THRESHOLD, context),
            "min_area_m2": self.parameterAsDouble(parameters, self.MIN_AREA, context),
            "raw": self.parameterAsBoolean(parameters, self.RAW, context),
        }
        if parameters.get(self.SIMPLIFY) is not None:
            asked["simplify_m"] = self.parameterAsDouble(parameters, self.SIMPLIFY, context)
        return asked | self.area(parameters, context, feedback)

    def prepareAlgorithm(
        self, parameters: _Params, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Take what belongs to the layers' thread."""
        self._polygons = self.parameterAsSource(parameters, self.AREA, context)
        return True

    def area(
        self, parameters: _Params, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Return the area of interest as the worker takes it: what lies in extent and polygons."""
        extent = self.parameterAsExtent(parameters, self.EXTENT, context)
        if self._polygons is not None:
            # Without an extent QGIS gives no null geometry but one that holds nothing.
            frame = (
                None
                if extent.isNull()
                else self.parameterAsExtentGeometry(
                    parameters, self.EXTENT, context, self._polygons.sourceCrs()
                )
            )
            return {"aoi": written_polygons(self._polygons, frame, feedback)}
        if extent.isNull():
            return {}
        crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        sides = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
        return {"aoi": list(sides), "aoi_crs": crs.authid() or crs.toWkt()}

    def written(
        self,
        rasters: list[RasterInput],
        parameters: _Params,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> list[str]:
        """Return paths of rasters, exporting those that have none."""
        area = self.parameterAsExtent(parameters, self.EXTENT, context)
        crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        if area.isNull() and self._polygons is not None:
            area, crs = self._polygons.sourceExtent(), self._polygons.sourceCrs()
        area = None if area.isNull() else area
        resolution_m = self.parameterAsDouble(parameters, self.RESOLUTION, context)
        folder = Path(QgsProcessingUtils.tempFolder())
        return [r.written(folder, area, crs, resolution_m, feedback) for r in rasters]

    def queries(self, parameters: _Params, context: QgsProcessingContext) -> list[str]:
        """Return the sentences, one a line."""
        text = self.parameterAsString(parameters, self.QUERY, context)
        lines = [line.strip() for line in text.splitlines()]
        return list(dict.fromkeys(filter(None, lines))) or [""]

    def ask(
        self, job: str, params: dict[str, Any], feedback: QgsProcessingFeedback
    ) -> dict[str, Any] | None:
        """Return the worker's answer, None if the user cancelled.

        Raises:
            QgsProcessingException: if the job failed, with what to do.
        """
        try:
            answer = run_job(job, params, feedback)
        except JobCancelledError:
            return None
        except JobError as error:
            raise QgsProcessingException(str(error)) from error
        for line in answer.get("understood", ()):
            feedback.pushInfo(tr("Understood as: {}").format(line))
        for warning in answer.get("warnings", ()):
            feedback.pushWarning(warning)
        return answer

    def detect(
        self,
        params: dict[str, Any],
        parameters: _Params,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run a detection into the outputs of `add_outputs`."""
        probability = self.parameterAsOutputLayer(parameters, self.PROBABILITY, context)
        # A path of its own is written by the worker itself: nothing is copied, and the file
        # keeps its style.
        given = parameters.get(self.OUTPUT)
        is_path = isinstance(given, str) and given.lower().endswith(".gpkg")
        own = str(Path(given).absolute()) if is_path else None
        target = own or QgsProcessingUtils.generateTempFilename("changes.gpkg")
        asked = {**params, "output": target, "overwrite": True, "probability": probability or None}
        answer = self.ask("detect", asked, feedback)
        if answer is None:
            return {}
        sink_id = own or self._copy(
            f"{target}|layername={answer['layers'][0]}", parameters, context
        )
        total = sum(answer["counts"].values())
        feedback.pushInfo(tr("{} polygons in {:.1f} s").format(total, answer["seconds"]))
        results = {
            self.OUTPUT: sink_id,
            "COUNT": total,
            "AREA_M2": answer["area_m2"],
            self.REPORT: json.dumps(answer),
        }
        return results | ({self.PROBABILITY: probability} if probability else {})

    def _copy(self, polygons: str, parameters: _Params, context: QgsProcessingContext) -> str:
        """Copy the polygons into the sink, whatever its format."""
        found = QgsVectorLayer(polygons, "changes", "ogr")
        fields = found.fields()
        fid = fields.lookupField("fid")
        if fid >= 0:
            fields.remove(fid)
        sink, sink_id = self.parameterAsSink(
            parameters, self.OUTPUT, context, fields, found.wkbType(), found.crs()
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        for feature in found.getFeatures():
            copy = QgsFeature(fields)
            copy.setGeometry(feature.geometry())
            copy.setAttributes([v for i, v in enumerate(feature.attributes()) if i != fid])
            if not sink.addFeature(copy, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(self.writeFeatureError(sink, parameters, self.OUTPUT))
        return sink_id
