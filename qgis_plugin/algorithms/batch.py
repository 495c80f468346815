"""A table of rasters and sentences."""

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
from ..worker.shared import JobCancelledError, JobError, run_job
from .base import ChangeAlgorithm

__all__ = ["DetectBatch"]


class DetectBatch(ChangeAlgorithm):
    """``mtrs_geo:batch``."""

    INPUT = "INPUT"
    BEFORE = "BEFORE_FIELD"
    AFTER = "AFTER_FIELD"
    QUERY_FIELD = "QUERY_FIELD"
    FOLDER = "FOLDER"

    def name(self) -> str:
        """Return the id."""
        return "batch"

    def displayName(self) -> str:
        """Return the name in the toolbox."""
        return tr("Batch over a table")

    def shortHelpString(self) -> str:
        """Return the help in the dialog."""
        return tr(
            "Runs every row of a table: two columns with paths of rasters, one with the "
            "sentence. Each row becomes a GeoPackage in the folder; a table says how many "
            "polygons each row gave, or why it failed. A failed row does not stop the others."
        )

    def initAlgorithm(self, configuration: dict[str, Any] | None = None) -> None:
        """Define parameters and outputs."""
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSource(self.INPUT, tr("Table"), [table]))
        for name, text in (
            (self.BEFORE, tr("Column of the rasters before")),
            (self.AFTER, tr("Column of the rasters after")),
            (self.QUERY_FIELD, tr("Column of the sentences")),
        ):
            # Optional, because QGIS 3.22 does not fill in the default of one that is not.
            column = QgsProcessingParameterField(
                name, text, _default(name), self.INPUT, optional=True
            )
            self.addParameter(column)
        self.add_options()
        self.addParameter(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")))
        self.addParameter(
            QgsProcessingParameterFeatureSink(self.OUTPUT, tr("What became of each row"), table)
        )
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Rows done")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Rows failed")))

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run."""
        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        names = [
            (self.parameterAsFields(parameters, name, context) or [_default(name)])[0]
            for name in (self.BEFORE, self.AFTER, self.QUERY_FIELD)
        ]
        missing = set(names) - set(source.fields().names())
        if missing:
            msg = tr("The table has no column {}.")
            raise QgsProcessingException(msg.format(", ".join(sorted(missing))))
        folder = Path(self.parameterAsString(parameters, self.FOLDER, context))
        folder.mkdir(parents=True, exist_ok=True)
        sink, sink_id = self.parameterAsSink(
            parameters, self.OUTPUT, context, _fields(), QgsWkbTypes.Type.NoGeometry
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        rows = [tuple(_said(feature[name]) for name in names) for feature in source.getFeatures()]
        shared = self.common(parameters, context, feedback)
        steps = QgsProcessingMultiStepFeedback(max(1, len(rows)), feedback)
        done = failed = 0
        for number, row in enumerate(rows, 1):
            steps.setCurrentStep(number - 1)
            values = self._row(number, row, folder, shared, steps)
            if values is None:
                return {}
            done, failed = done + (not values[-1]), failed + bool(values[-1])
            feature = QgsFeature(_fields())
            feature.setAttributes(values)
            sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
        return {self.OUTPUT: sink_id, self.FOLDER: str(folder), "DONE": done, "FAILED": failed}

    def _row(
        self,
        number: int,
        row: tuple[str, ...],
        folder: Path,
        shared: dict[str, Any],
        feedback: QgsProcessingFeedback,
    ) -> list[Any] | None:
        """Return the values of a row of the answer, None if the user cancelled."""
        before, after, query = row
        output = str(folder / f"{number:04}_{_file_name(query)}.gpkg")
        feedback.pushInfo(f"{number}: {before}, {after}, {query!r}")
        params = {**shared, "before": before, "after": after, "query": query, "output": output}
        try:
            answer = run_job("detect", {**params, "overwrite": True}, feedback)
        except JobCancelledError:
            return None
        except JobError as error:
            feedback.reportError(f"{number}: {error}")
            return [number, before, after, query, "", 0, 0.0, str(error)]
        count = sum(answer["counts"].values())
        return [number, before, after, query, output, count, answer["area_m2"], ""]


def _fields() -> QgsFields:
    fields = QgsFields()
    for name, kind in (
        ("row", QVariant.Int), ("before", QVariant.String), ("after", QVariant.String),
        ("query", QVariant.String), ("output", QVariant.String), ("polygons", QVariant.Int),
        ("area_m2", QVariant.Double), ("error", QVariant.String),
    ):  # fmt: skip
        fields.append(QgsField(name, kind))
    return fields


def _default(parameter: str) -> str:
    """Return the column that a parameter stands for: BEFORE_FIELD, before."""
    return parameter.split("_")[0].lower()


def _said(value: object) -> str:
    """Return a cell as text; QGIS's NULL is an empty one."""
    return "" if value is None or str(value) == "NULL" else str(value)


def _file_name(query: str) -> str:
    return re.sub(r"\W+", "_", query).strip("_")[:40] or "any_change"
