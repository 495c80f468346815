"""Algorithm ``mtrs_geo:batch``: a table of rasters and sentences."""

from __future__ import annotations

import os
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
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingOutputNumber,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFolderDestination,
    QgsProviderRegistry,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDate, QDateTime, Qt, QVariant

from ..i18n.translate import tr
from ..sentences.question import doubt_texts, is_answered
from .base import ChangeAlgorithm
from .table_text import readable_table

__all__ = ["DetectBatch"]

_COLUMNS = ("before", "after", "query")


class DetectBatch(ChangeAlgorithm):
    """Runs one detection per row of a table; finished rows are kept."""

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
            "Runs one detection per row of a table: that of “mtrs-geo batch”. Two columns contain "
            "the paths of the rasters, one column contains the sentence, or several sentences "
            "separated by |. A column with the name of an option (id, aoi, threshold, min_area_m2 "
            "…) replaces the option of this dialog for its row. Relative paths start at the folder "
            "of the table. Each row writes a GeoPackage into the folder. The output table lists "
            "the number of polygons of each row, why a sentence was not answered, or the error. A "
            "failed row does not stop the other rows. A cancelled run keeps the rows that are "
            "done: run it again to go on."
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
        self.addParameter(
            QgsProcessingParameterBoolean(
                self.RESUME, tr("Keep the rows that are done in the folder, and go on"), True
            )
        )
        self.addParameter(QgsProcessingParameterFolderDestination(self.FOLDER, tr("Folder")))
        self.addParameter(
            QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Result per row"), table)
        )
        self.addOutput(QgsProcessingOutputNumber("DONE", tr("Rows done")))
        self.addOutput(QgsProcessingOutputNumber("FAILED", tr("Rows failed")))

    def prepareAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> bool:
        """Read where the table is in the thread of its layer; QGIS calls this before the run."""
        given = parameters.get(self.INPUT)
        is_part = isinstance(given, QgsProcessingFeatureSourceDefinition)  # selected rows only
        whole = {**parameters, self.INPUT: given.source} if is_part else parameters
        layer = self.parameterAsVectorLayer(whole, self.INPUT, context)
        self._folder = None if layer is None else _folder_of(layer.providerType(), layer.source())
        self._table = readable_table(layer)
        return super().prepareAlgorithm(parameters, context, feedback)

    def processAlgorithm(
        self,
        parameters: dict[str, Any],
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> dict[str, Any]:
        """Run the algorithm and return its outputs."""
        rows = self._rows(parameters, context)
        folder = str(Path(self.parameterAsString(parameters, self.FOLDER, context)).absolute())
        is_resumed = self.parameterAsBoolean(parameters, self.RESUME, context)
        params = self.shared_params(parameters, context, feedback) | {
            "rows": rows, "folder": self._folder, "output": folder, "resume": is_resumed,
            "overwrite": not is_resumed,
        }  # fmt: skip
        if not rows:
            raise QgsProcessingException(tr("The table has no row."))
        answer = self.run_worker_job("batch", params, feedback)
        if answer is None:
            feedback.pushInfo(tr("The rows that are done are kept. Run again to go on."))
            return {}
        sink, sink_id = self.parameterAsSink(
            parameters, self.OUTPUT, context, _fields(), QgsWkbTypes.Type.NoGeometry
        )
        if sink is None:
            raise QgsProcessingException(self.invalidSinkError(parameters, self.OUTPUT))
        pairs = zip(rows, answer["jobs"])  # noqa: B905 - Python 3.9
        for number, (row, entry) in enumerate(pairs, 1):
            feature = QgsFeature(_fields())
            feature.setAttributes(_values(number, row, entry, Path(folder)))
            sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert)
        failed = sum(entry["status"] == "failed" for entry in answer["jobs"])
        return {
            self.OUTPUT: sink_id, self.FOLDER: folder, "DONE": len(rows) - failed, "FAILED": failed,
        }  # fmt: skip

    def _rows(
        self, parameters: dict[str, Any], context: QgsProcessingContext
    ) -> list[dict[str, Any]]:
        """Return the cells of each row by the name of its option; NULL is left out."""
        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        features = list(source.getFeatures())
        if self._table is not None:  # the same rows, of a selection or a filter too
            source = QgsVectorLayer(self._table, "table", "ogr")
            features = [source.getFeature(one.id()) for one in features]
        chosen = [
            (self.parameterAsFields(parameters, name, context) or [_default_column(name)])[0]
            for name in (self.BEFORE, self.AFTER, self.QUERY_FIELD)
        ]
        names = source.fields().names()
        plain = {_plain(name): name for name in names}
        chosen = [name if name in names else plain.get(_plain(name), name) for name in chosen]
        missing = set(chosen[:2]) - set(names)
        if missing:
            msg = tr("The table has no column {}. Choose an existing column.")
            raise QgsProcessingException(msg.format(", ".join(sorted(missing))))
        renamed = dict(zip(chosen, _COLUMNS))  # noqa: B905 - Python 3.9
        used = {name: renamed.get(name, name) for name in names}
        # A column with the name of one that is chosen under another name is not used.
        used = {n: o for n, o in used.items() if n in renamed or _plain(o) not in _COLUMNS}
        return [
            {
                option: _cell(feature[name]) for name, option in used.items()
                if _cell(feature[name]) is not None
            }
            for feature in features
        ]  # fmt: skip


def _values(number: int, row: dict[str, Any], entry: dict[str, Any], folder: Path) -> list[Any]:
    """Return the values of a row of the output table."""
    before, after, query = (str(row.get(name, "")) for name in _COLUMNS)
    named = [number, entry["id"], _public_path(before), _public_path(after), query]
    if entry["status"] == "failed":
        error = "\n".join(filter(None, (entry["message"], entry["advice"])))
        return [*named, "", 0, 0.0, "", error]
    refused = [one for one in entry.get("questions", ()) if not is_answered(one)]
    reasons = "\n".join(text for one in refused for text in doubt_texts(one))
    output = str(folder / entry["output"])
    count, area_m2 = sum(entry["polygons"].values()), sum(entry["areas_m2"].values())
    return [*named, output, count, area_m2, reasons, ""]


def _fields() -> QgsFields:
    fields = QgsFields()
    for name, kind in (
        ("row", QVariant.Int), ("id", QVariant.String), ("before", QVariant.String),
        ("after", QVariant.String), ("query", QVariant.String), ("output", QVariant.String),
        ("polygons", QVariant.Int), ("area_m2", QVariant.Double),
        ("not_answered", QVariant.String), ("error", QVariant.String),
    ):  # fmt: skip
        fields.append(QgsField(name, kind))
    return fields


def _default_column(parameter: str) -> str:
    """Return the default column of a parameter: "before" for BEFORE_FIELD."""
    return parameter.split("_")[0].lower()


def _plain(column: str) -> str:
    """Return the name of a column as docs/batch.md has it: capitals and spaces do not count."""
    return column.strip().lower()


def _folder_of(provider: str, source: str) -> str | None:
    """Return the folder of a layer's file; None if it is no file."""
    metadata = QgsProviderRegistry.instance().decodeUri(provider, source)
    path = str(metadata.get("path") or "")
    return str(Path(path).absolute().parent) if os.path.exists(path) else None


def _cell(value: object) -> object:
    """Return a cell as a value of JSON; None for NULL and for empty text."""
    if value is None or str(value) in ("", "NULL"):
        return None
    if isinstance(value, (QDate, QDateTime)):
        return value.toString(Qt.DateFormat.ISODate)
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def _public_path(path: str) -> str:
    """Return a path without the password and the query of a URL, which may hold a signature."""
    if "://" not in path and not path.startswith("/vsi"):
        return path
    return re.sub(r"(://)[^/@]*@", r"\1***@", path.partition("?")[0])
