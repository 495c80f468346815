"""Decisions about polygons, stored in the GeoPackage of the polygons; without widgets.

Every decision is written through the data provider at once, so that no crash of QGIS can lose it.
"""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsDistanceArea,
    QgsExpressionContextUtils,
    QgsFeature,
    QgsFeatureRequest,
    QgsField,
    QgsGeometry,
    QgsProject,
    QgsUnitTypes,
    QgsVectorDataProvider,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QDateTime, Qt, QVariant

from ..i18n.translate import tr

__all__ = ["ACCEPTED", "EDITED", "REJECTED", "ReviewError", "ReviewStore", "save_as_geopackage"]

ACCEPTED, REJECTED, EDITED = "accepted", "rejected", "edited"
_STATES = (ACCEPTED, REJECTED, EDITED)

_REVIEW_FIELDS = ("review", "reviewer", "reviewed_at")
_TEXT_FIELD = "query"


class ReviewError(Exception):
    """A layer cannot be reviewed, or a decision was not saved."""


class ReviewStore:
    """The polygons of a layer and the decision about each polygon.

    Args:
        layer: layer of the project: polygons with a column ``query`` in a GeoPackage; the columns
            ``review``, ``reviewer`` and ``reviewed_at`` are added where they are missing.

    Raises:
        ReviewError: if the layer is not such a layer, or is not writable.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        _check(layer)
        self.layer_id = layer.id()
        self._provider = layer.dataProvider()
        self._add_fields()
        self._states: dict[int, str] = {}
        self.read()

    @property
    def layer(self) -> QgsVectorLayer | None:
        """The layer; None if it is no longer in the project."""
        return QgsProject.instance().mapLayer(self.layer_id)

    @property
    def fids(self) -> list[int]:
        """Ids of the polygons, in the layer's order."""
        return list(self._states)

    def read(self) -> None:
        """Read the polygon ids and their decisions again."""
        request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
        request.setSubsetOfAttributes([self._index("review")])
        features = self.layer.getFeatures(request)
        states = {f.id(): _state_of(f) for f in features if f.id() >= 0}
        self._states = {fid: states[fid] for fid in sorted(states)}

    def has_columns(self) -> bool:
        """Return whether the columns of a review are in the layer, also in an edit session."""
        return all(self._index(name) >= 0 for name in (_TEXT_FIELD, *_REVIEW_FIELDS))

    def forget(self, fid: int) -> int | None:
        """Leave out a polygon until `read`, and return the one that follows; None if none is left.

        Args:
            fid: of a polygon that was deleted in an edit session.
        """
        self._states.pop(fid, None)
        return next((one for one in self._states if one > fid), next(iter(self._states), None))

    def state(self, fid: int) -> str:
        """Return the decision about a polygon; empty if there is none."""
        return self._states.get(fid, "")

    def counts(self) -> dict[str, int]:
        """Return the number of polygons per state; "" is the state without a decision."""
        counts = dict.fromkeys((*_STATES, ""), 0)
        for state in self._states.values():
            counts[state] += 1
        return counts

    def feature(self, fid: int) -> QgsFeature:
        """Return a polygon with its attributes; the decision of another QGIS counts from now on."""
        feature = self.layer.getFeature(fid)
        if feature.isValid() and fid in self._states:
            self._states[fid] = _state_of(feature)
        return feature

    def text(self, fid: int) -> str:
        """Return the sentence of a polygon."""
        value = self.feature(fid)[_TEXT_FIELD]
        return "" if value is None or str(value) == "NULL" else str(value)

    def mark(self, fid: int, state: str) -> None:
        """Save a decision; an empty state clears it.

        Raises:
            ReviewError: if it could not be saved.
        """
        self._write(fid, self.decision(state))
        self._states[fid] = state

    def set_text(self, fid: int, text: str) -> None:
        """Save another sentence for a polygon, as an edit.

        Raises:
            ReviewError: if it could not be saved.
        """
        self._write(fid, {self._index(_TEXT_FIELD): text, **self.decision(EDITED)})
        self._states[fid] = EDITED

    def decision(self, state: str) -> dict[int, Any]:
        """Return the attribute values of a decision at the current time, by field index."""
        now = QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate)
        values = (state, _reviewer(), now) if state else (None, None, None)
        indices = map(self._index, _REVIEW_FIELDS)
        return dict(zip(indices, values))  # noqa: B905 - Python 3.9

    def measures(self, geometry: QgsGeometry) -> dict[int, float]:
        """Return area (m²) and perimeter (m) on the ellipsoid, by field index."""
        crs = self.layer.crs()
        measure = QgsDistanceArea()
        measure.setSourceCrs(crs, QgsProject.instance().transformContext())
        measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
        area = measure.convertAreaMeasurement(
            measure.measureArea(geometry), QgsUnitTypes.AreaUnit.AreaSquareMeters
        )
        length = measure.convertLengthMeasurement(
            measure.measurePerimeter(geometry), QgsUnitTypes.DistanceUnit.DistanceMeters
        )
        values = {self._index("area_m2"): area, self._index("perimeter_m"): length}
        return {index: value for index, value in values.items() if index >= 0}

    def _index(self, name: str) -> int:
        return self.layer.fields().lookupField(name)

    def _write(self, fid: int, values: dict[int, Any]) -> None:
        if not self._provider.changeAttributeValues({fid: values}):
            reason = "; ".join(self._provider.errors()) or tr("unknown reason")
            msg = tr("The decision could not be saved in {} ({}). Check that the file is writable.")
            raise ReviewError(msg.format(self.layer.name(), reason))
        self.layer.dataChanged.emit()
        self.layer.triggerRepaint()

    def _add_fields(self) -> None:
        missing = [name for name in _REVIEW_FIELDS if self._index(name) < 0]
        if not missing:
            return
        if self.layer.isEditable():
            msg = tr("{} is in edit mode. Save or discard its edits first.")
            raise ReviewError(msg.format(self.layer.name()))
        fields = [QgsField(name, QVariant.String) for name in missing]
        if not self._provider.addAttributes(fields):
            reason = "; ".join(self._provider.errors())
            msg = tr("The review columns could not be added to {} ({}). Check that it is writable.")
            raise ReviewError(msg.format(self.layer.name(), reason))
        self.layer.updateFields()


def save_as_geopackage(layer: QgsVectorLayer, path: str) -> QgsVectorLayer:
    """Write a copy of a layer and return it with the same style; it is not added to the project.

    Raises:
        ReviewError: if it cannot be written.
    """
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "changes"
    context = QgsProject.instance().transformContext()
    status = QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)
    if status[0] != QgsVectorFileWriter.WriterError.NoError:
        msg = tr("{} could not be written ({}). Choose another file.")
        raise ReviewError(msg.format(path, status[1]))
    copy = QgsVectorLayer(f"{path}|layername=changes", layer.name(), "ogr")
    copy.setRenderer(layer.renderer().clone())
    copy.setCustomProperties(layer.customProperties())
    return copy


def _check(layer: QgsVectorLayer) -> None:
    name = layer.name()
    if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        raise ReviewError(tr("{} is not a polygon layer. Choose a layer of changes.").format(name))
    if layer.fields().lookupField(_TEXT_FIELD) < 0:
        msg = tr("{} has no column “query”. Choose the result layer of a detection.")
        raise ReviewError(msg.format(name))
    if layer.providerType() != "ogr" or layer.storageType() != "GPKG":
        msg = tr(
            "A review needs a GeoPackage, but the format of {} is {}. Click “Save as "
            "GeoPackage…”, or right-click the layer, export it with Export > Save Features As… > "
            "GeoPackage and choose the copy."
        )
        kind = layer.storageType() or layer.providerType()
        raise ReviewError(msg.format(name, kind))
    capabilities = layer.dataProvider().capabilities()
    if (
        layer.readOnly()
        or not capabilities & QgsVectorDataProvider.Capability.ChangeAttributeValues
    ):
        msg = tr("{} cannot be written. Check the permissions of the file and the disk.")
        raise ReviewError(msg.format(name))


def _state_of(feature: QgsFeature) -> str:
    """Return the decision in a polygon's attributes; empty if there is none."""
    state = str(feature["review"])
    return state if state in _STATES else ""


def _reviewer() -> str:
    """Return the user name of QGIS; empty if there is none."""
    scope = QgsExpressionContextUtils.globalScope()
    names = (scope.variable(key) for key in ("user_full_name", "user_account_name"))
    return next((str(name) for name in names if name), "")
