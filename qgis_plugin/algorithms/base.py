"""Base class of the algorithms: shared parameters and outputs, and jobs of the worker."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
    QgsProcessingUtils,
    QgsProperty,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QIcon

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..sentences.question import is_answered
from ..worker.kept_run import tell_of_kept
from ..worker.shared import ERROR_CODE, JobCancelledError, JobError, run_job
from .input_reader import InputReader, is_given
from .loaded_style import style_when_loaded

__all__ = ["ChangeAlgorithm"]

_Parameters = dict
_DEVICES = ["auto", "cpu", "cuda", "mps", "openvino"]


class ChangeAlgorithm(InputReader):
    """An algorithm that runs as a job of the worker."""

    QUERY = "QUERY"
    MODEL = "MODEL"
    DEVICE = "DEVICE"
    THRESHOLD = "THRESHOLD"
    MIN_AREA = "MIN_AREA"
    SIMPLIFY = "SIMPLIFY"
    RAW = "RAW"
    REGISTER = "REGISTER"
    ANSWER_ANYWAY = "ANSWER_ANYWAY"
    PROBABILITY = "PROBABILITY"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    RESUME = "RESUME"

    def createInstance(self) -> ChangeAlgorithm:
        """Return a new instance of the algorithm."""
        return type(self)()

    def icon(self) -> QIcon:
        """Return the icon in the toolbox."""
        return QIcon(str(Path(__file__).parents[1] / "icon.svg"))

    def helpUrl(self) -> str:
        """Return an empty address: the help text is in the dialog."""
        return ""

    def add_query(self) -> None:
        """Add the parameter for the sentences."""
        query = QgsProcessingParameterString(
            self.QUERY,
            tr("What changed? One sentence per line; empty for any change"),
            defaultValue="new buildings",
            multiLine=True,
            optional=True,
        )
        self.addParameter(query)

    def add_options(self) -> None:
        """Add the parameters that all detections share."""
        self.add_area()
        number = QgsProcessingParameterNumber
        self.addParameter(
            number(
                self.THRESHOLD, tr("Minimum probability of a changed pixel"), number.Type.Double,
                0.5, False, 0.01, 0.99,
            )
        )  # fmt: skip
        self.addParameter(
            number(
                self.MIN_AREA,
                tr("Minimum area of a polygon (m²)"),
                number.Type.Double,
                10.0,
                False,
                0.0,
            )
        )
        for parameter in (
            number(
                self.SIMPLIFY, tr("Simplification tolerance (m); empty for one pixel"),
                number.Type.Double, None, True, 0.0,
            ),
            number(
                self.RESOLUTION, tr("Pixel size of exported web layers (m)"),
                number.Type.Double, 0.5, False, 0.0,
            ),
            QgsProcessingParameterString(
                self.MODEL, tr("Model (a name or a model folder)"), defaultValue="tiny"
            ),
            QgsProcessingParameterEnum(
                self.DEVICE, tr("Device"), _DEVICES, False, "auto", False, True
            ),
            QgsProcessingParameterBoolean(
                self.RAW, tr("Pass the sentence to the model unchanged"), False
            ),
            QgsProcessingParameterBoolean(
                self.REGISTER, tr("Correct the shift between the dates"), False
            ),
            QgsProcessingParameterBoolean(
                self.ANSWER_ANYWAY, tr("Answer sentences that are not understood"), False
            ),
        ):  # fmt: skip
            parameter.setFlags(
                parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced
            )
            self.addParameter(parameter)

    def add_resume(self) -> None:
        """Add the parameter of a run that goes on."""
        resume = QgsProcessingParameterBoolean(
            self.RESUME, tr("Go on with an interrupted run of the same output"), False
        )
        resume.setFlags(resume.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(resume)

    def add_outputs(self) -> None:
        """Add the outputs: polygons, probability raster, and numbers."""
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
        for name, text in (
            ("COUNT", tr("Number of polygons")),
            ("AREA_M2", tr("Total area of the polygons (m²)")),
            ("NOT_ANSWERED", tr("Number of sentences that were not answered")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, text))

    def shared_params(
        self,
        parameters: _Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Return the parameters of the job that all detections share."""
        params = {
            "model": self.parameterAsString(parameters, self.MODEL, context),
            "device": self.parameterAsEnumString(parameters, self.DEVICE, context),
            "threshold": self.parameterAsDouble(parameters, self.THRESHOLD, context),
            "min_area_m2": self.parameterAsDouble(parameters, self.MIN_AREA, context),
            "raw": self.parameterAsBoolean(parameters, self.RAW, context),
            "register": self.parameterAsBoolean(parameters, self.REGISTER, context),
            "answer_anyway": self.parameterAsBoolean(parameters, self.ANSWER_ANYWAY, context),
        }
        # As text, because an expression without a value gives the number 0.
        tolerance = self.parameterAsString(parameters, self.SIMPLIFY, context)
        if is_given(parameters, self.SIMPLIFY) and tolerance:
            params["simplify_m"] = self.parameterAsDouble(parameters, self.SIMPLIFY, context)
        return params | self.area_params(parameters, context, feedback)

    def queries(self, parameters: _Parameters, context: QgsProcessingContext) -> list[str]:
        """Return the sentences, one per line, without duplicates; [""] if there are none."""
        text = self.parameterAsString(parameters, self.QUERY, context)
        lines = [line.strip() for line in text.splitlines()]
        return list(dict.fromkeys(filter(None, lines))) or [""]

    def run_worker_job(
        self, job: str, params: dict[str, Any], feedback: QgsProcessingFeedback
    ) -> dict[str, Any] | None:
        """Return the result of a job; None if the user cancelled it.

        Raises:
            QgsProcessingException: if the job failed; with message and advice.
        """
        try:
            return run_job(job, params, feedback)
        except JobCancelledError:
            return None
        except JobError as error:
            # The exception reaches the caller as text only.
            feedback.setProperty(ERROR_CODE, error.code)
            raise QgsProcessingException(self.with_layer_names(str(error))) from error

    def run_detection(
        self,
        params: dict[str, Any],
        parameters: _Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run a detection and return the outputs of `add_outputs` and its report."""
        probability = self.parameterAsOutputLayer(parameters, self.PROBABILITY, context)
        # The worker writes to a GeoPackage path directly: no copy, and the file keeps its style.
        path = _geopackage(parameters.get(self.OUTPUT), context)
        target = path or QgsProcessingUtils.generateTempFilename("changes.gpkg")
        params = {
            **params, "output": target, "overwrite": True, "probability": probability or None,
            "resume": self.parameterAsBoolean(parameters, self.RESUME, context),
        }  # fmt: skip
        try:
            report = self.run_worker_job("detect", params, feedback)
        finally:
            if path is not None:
                tell_of_kept(path, feedback)
        if report is None:
            return {}
        if path is not None:  # loads the file after the run, if the dialog asks for it
            self.parameterAsOutputLayer(parameters, self.OUTPUT, context)
        polygons = f"{target}|layername={report['layers'][0]}"
        sink_id = path or self._copy_to_sink(polygons, parameters, context, feedback)
        style_when_loaded(sink_id, polygons, context, self.id())
        report["warnings"] = [*self._warnings, *report.get("warnings", ())]
        total = sum(report["counts"].values())
        feedback.pushInfo(
            tr("{} polygons in {} s").format(total, format_fixed(report["seconds"], 1))
        )
        results = {
            self.OUTPUT: sink_id,
            "COUNT": total,
            "AREA_M2": report["area_m2"],
            "NOT_ANSWERED": sum(not is_answered(one) for one in report.get("questions", ())),
            self.REPORT: json.dumps(report),
        }
        return results | ({self.PROBABILITY: probability} if probability else {})

    def _copy_to_sink(
        self,
        polygons: str,
        parameters: _Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> str:
        """Copy the polygons to the sink, in any format, and return the id of the sink.

        A warning tells of a format that has no geometry, such as CSV.
        """
        layer = QgsVectorLayer(polygons, "changes", "ogr")
        fields = layer.fields()
        fid = fields.lookupField("fid")
        if fid >= 0:
            fields.remove(fid)
        sink, sink_id = self.parameterAsSink(
            parameters, self.OUTPUT, context, fields, layer.wkbType(), layer.crs()
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        for feature in layer.getFeatures():
            copy = QgsFeature(fields)
            copy.setGeometry(feature.geometry())
            copy.setAttributes([v for i, v in enumerate(feature.attributes()) if i != fid])
            if not sink.addFeature(copy, QgsFeatureSink.Flag.FastInsert):
                raise QgsProcessingException(self.writeFeatureError(sink, parameters, self.OUTPUT))
        del sink  # closes the file
        written = QgsVectorLayer(sink_id, "written", "ogr")  # not valid if it is no file
        if written.isValid() and not written.isSpatial():
            msg = tr("{} has no polygons, only their attributes. For the map choose a GeoPackage.")
            self.warn(msg.format(Path(sink_id).name), feedback)
        return sink_id


def _geopackage(output: object, context: QgsProcessingContext) -> str | None:
    """Return the absolute path of an output that is a GeoPackage of its own; None for others.

    The dialogs and models pass a definition, a script passes text.
    """
    if isinstance(output, QgsProcessingOutputLayerDefinition):
        if output.useRemapping():  # appends to a layer
            return None
        output = output.sink
    if isinstance(output, QgsProperty):
        output = output.valueAsString(context.expressionContext(), "")[0]
    is_path = isinstance(output, str) and output.lower().endswith(".gpkg")
    return str(Path(output).absolute()) if is_path else None
