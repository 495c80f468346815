"""Algorithm ``mtrs_geo:batch``: a table of rasters and sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFolderDestination,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QVariant

from ..i18n.translate import tr
from ..sentences.question import doubt_texts, is_answered
from ..worker.shared import JobCancelledError, JobError, run_job
from .base import ChangeAlgorithm

__all__ = ["DetectBatch"]


class DetectBatch(ChangeAlgorithm):
    """Runs one detection per row of a table."""

    INPUT = "INPUT"
    BEFORE = "BEFORE_FIELD"
    AFTER = "AFTER_FIELD"
    QUERY_FIELD = "QUERY_FIELD"
    FOLDER = "FOLDER"

    def name(self) -> str:
        """Return the id without the provider."""
        return "batch"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Batch over a table")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Runs one detection per row of a table. Two columns contain the paths of the rasters, "
            "one column contains the sentence. Each row writes a GeoPackage into the folder. The "
            "output table lists the number of polygons of each row, why a sentence was not "
            "answered, or the error. A failed row does not stop the other rows."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSource(self.INPUT, tr("Table"), [table]))
        for name, text in (
            (self.BEFORE, tr("Column with the raster before")),
            (self.AFTER, tr("Column with the raster after")),
            (self.QUERY_FIELD, tr("Column with the sentence")),
        ):
            # Optional, because QGIS 3.22 ignores the default of a required parameter.
            column = QgsProcessingParameterField(
                name, text, _default_column(name), self.INPUT, optional=True
            )
            self.addParameter(column)
        self.add_options()
        self.addParameter(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")))
        self.addParameter(
            QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Result per row"), table)
        )
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Rows done")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Rows failed")))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        names = [
            (self.parameterAsFields(parameters, name, context) or [_default_column(name)])[0]
            for name in (self.BEFORE, self.AFTER, self.QUERY_FIELD)
        ]
        missing = set(names) - set(source.fields().names())
        if missing:
            msg = tr("The table has no column {}. Choose an existing column.")
            raise QgsProcessingException(msg.format(", ".join(sorted(missing))))
        folder = Path(self.parameterAsString(parameters, self.FOLDER, context))
        folder.mkdir(parents=True, exist_ok=True)
        sink, sink_id = self.parameterAsSink(
            parameters, self.OUTPUT, context, _fields(), QgsWkbTypes.Type.NoGeometry
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        rows = [
            tuple(_cell_text(feature[name]) for name in names) for feature in source.getFeatures()
        ]
        params = self.shared_params(parameters, context, feedback)
        steps = QgsProcessingMultiStepFeedback(max(1, len(rows)), feedback)
        done = failed = 0
        for number, row in enumerate(rows, 1):
            steps.setCurrentStep(number - 1)
            values = self._run_row(number, row, folder, params, steps)
            if values is None:
                return {}
            done, failed = done + (not values[-1]), failed + bool(values[-1])
            feature = QgsFeature(_fields())
            feature.setAttributes(values)
            sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
        return {self.OUTPUT: sink_id, self.FOLDER: str(folder), "DONE": done, "FAILED": failed}

    def _run_row(
        self,
        number: int,
        row: tuple[str, ...],
        folder: Path,
        params: dict[str, Any],
        feedback: QgsProcessingFeedback,
    ) -> list[Any] | None:
        """Return the values of a row of the output table; None if the user cancelled."""
        before, after, query = row
        output = str(folder / f"{number:04}_{_file_name(query)}.gpkg")
        named = [number, _public_path(before), _public_path(after), query]
        feedback.pushInfo("{}: {}, {}, {!r}".format(*named))
        inputs = {"before": before, "after": after, "query": query}
        try:
            report = run_job(
                "detect", {**params, **inputs, "output": output, "overwrite": True}, feedback
            )
        except JobCancelledError:
            return None
        except JobError as error:
            feedback.reportError(f"{number}: {error}")
            return [*named, "", 0, 0.0, "", str(error)]
        count = sum(report["counts"].values())
        refused = [one for one in report.get("questions", ()) if not is_answered(one)]
        reasons = "\n".join(text for one in refused for text in doubt_texts(one))
        return [*named, output, count, report["area_m2"], reasons, ""]


def _fields() -> QgsFields:
    fields = QgsFields()
    for name, kind in (
        ("row", QVariant.Int), ("before", QVariant.String), ("after", QVariant.String),
        ("query", QVariant.String), ("output", QVariant.String), ("polygons", QVariant.Int),
        ("area_m2", QVariant.Double), ("not_answered", QVariant.String),
        ("error", QVariant.String),
    ):  # fmt: skip
        fields.append(QgsField(name, kind))
    return fields


def _default_column(parameter: str) -> str:
    """Return the default column of a parameter: "before" for BEFORE_FIELD."""
    return parameter.split("_")[0].lower()


def _cell_text(value: object) -> str:
    """Return a cell as text; empty for NULL."""
    return "" if value is None or str(value) == "NULL" else str(value)


def _file_name(query: str) -> str:
    return re.sub(r"\W+", "_", query).strip("_")[:40] or "any_change"


def _public_path(path: str) -> str:
    """Return a path without the password and the query of a URL, which may hold a signature."""
    if "://" not in path and not path.startswith("/vsi"):
        return path
    return re.sub(r"(://)[^/@]*@", r"\1***@", path.partition("?")[0])
