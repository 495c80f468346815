"""Decisions about polygons, kept in the GeoPackage that holds them; no widgets here.

Every decision is written through the data provider at once: what was decided survives
whatever happens to QGIS afterwards.
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
STATES = (ACCEPTED, REJECTED, EDITED)

_ADDED = ("review", "reviewer", "reviewed_at")
_TEXT = "query"


class ReviewError(Exception):
    """A layer cannot be reviewed, or a decision was not saved; the message says what to do."""


class ReviewStore:
    """The polygons of a layer and what was decided about each.

    Args:
        layer: polygons with a column ``query`` in a GeoPackage; the columns ``review``,
            ``reviewer`` and ``reviewed_at`` are added where they are missing.

    Raises:
        ReviewError: if the layer is anything else, or cannot be written.
    """

    def __init__(self, layer: QgsVectorLayer) -> None:
        _check(layer)
        self.layer = layer
        self._provider = layer.dataProvider()
        self._add_fields()
        self._states: dict[int, str] = {}
        self.read()

    @property
    def fids(self) -> list[int]:
        """Ids of the polygons, in the layer's order."""
        return list(self._states)

    def read(self) -> None:
        """Look anew at which polygons there are and what was decided."""
        request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
        request.setSubsetOfAttributes([self._index("review")])
        found = self.layer.getFeatures(request)
        states = {f.id(): str(f["review"]) for f in found if f.id() >= 0}
        self._states = {fid: states[fid] if states[fid] in STATES else "" for fid in sorted(states)}

    def state(self, fid: int) -> str:
        """Return what was decided, empty for nothing yet."""
        return self._states.get(fid, "")

    def counts(self) -> dict[str, int]:
        """Return how many polygons are in each state; "" counts those still open."""
        found = dict.fromkeys((*STATES, ""), 0)
        for state in self._states.values():
            found[state] += 1
        return found

    def feature(self, fid: int) -> QgsFeature:
        """Return a polygon with its attributes."""
        return self.layer.getFeature(fid)

    def text(self, fid: int) -> str:
        """Return the sentence of a polygon."""
        value = self.feature(fid)[_TEXT]
        return "" if value is None or str(value) == "NULL" else str(value)

    def mark(self, fid: int, state: str) -> None:
        """Save a decision; an empty one takes it back.

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
        self._write(fid, {self._index(_TEXT): text, **self.decision(EDITED)})
        self._states[fid] = EDITED

    def decision(self, state: str) -> dict[int, Any]:
        """Return the attributes of a decision made now, by index of their fields."""
        now = QDateTime.currentDateTimeUtc().toString(Qt.DateFormat.ISODate)
        values = (state, _reviewer(), now) if state else (None, None, None)
        return {self._index(name): value for name, value in zip(_ADDED, values)}  # noqa: B905

    def measures(self, geometry: QgsGeometry) -> dict[int, float]:
        """Return area and perimeter on the ellipsoid, by index of the fields that hold them."""
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
        found = {self._index("area_m2"): area, self._index("perimeter_m"): length}
        return {index: value for index, value in found.items() if index >= 0}

    def _index(self, name: str) -> int:
        return self.layer.fields().lookupField(name)

    def _write(self, fid: int, values: dict[int, Any]) -> None:
        if not self._provider.changeAttributeValues({fid: values}):
            raise ReviewError(
                tr("The decision could not be saved in {}: {}").format(
                    self.layer.name(), "; ".join(self._provider.errors()) or tr("unknown reason")
                )
            )
        self.layer.dataChanged.emit()
        self.layer.triggerRepaint()

    def _add_fields(self) -> None:
        missing = [name for name in _ADDED if self._index(name) < 0]
        if not missing:
            return
        if self.layer.isEditable():
            msg = tr("{} is being edited: save or discard that first.")
            raise ReviewError(msg.format(self.layer.name()))
        fields = [QgsField(name, QVariant.String) for name in missing]
        if not self._provider.addAttributes(fields):
            reason = "; ".join(self._provider.errors())
            msg = tr("The columns of the review could not be added to {}: {}")
            raise ReviewError(msg.format(self.layer.name(), reason))
        self.layer.updateFields()


def save_as_geopackage(layer: QgsVectorLayer, path: str) -> QgsVectorLayer:
    """Write a copy of a layer and return it, in the same style; not added to the project.

    Raises:
        ReviewError: if it cannot be written.
    """
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.layerName = "GPKG", "changes"
    context = QgsProject.instance().transformContext()
    answer = QgsVectorFileWriter.writeAsVectorFormatV3(layer, path, context, options)
    if answer[0] != QgsVectorFileWriter.WriterError.NoError:
        msg = tr("{} could not be written: {}")
        raise ReviewError(msg.format(path, answer[1]))
    copy = QgsVectorLayer(f"{path}|layername=changes", layer.name(), "ogr")
    copy.setRenderer(layer.renderer().clone())
    return copy


def _check(layer: QgsVectorLayer) -> None:
    name = layer.name()
    if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
        raise ReviewError(tr("{} holds no polygons: choose a layer of changes.").format(name))
    if layer.fields().lookupField(_TEXT) < 0:
        msg = tr("{} has no column “query”: choose a layer that a detection made.")
        raise ReviewError(msg.format(name))
    if layer.providerType() != "ogr" or layer.storageType() != "GPKG":
        msg = tr(
            "A review is kept in a GeoPackage, but {} is {}. Press “Save as GeoPackage…”, or "
            "right-click the layer: Export > Save Features As… > GeoPackage, and choose the copy."
        )
        kind = layer.storageType() or layer.providerType()
        raise ReviewError(msg.format(name, kind))
    able = layer.dataProvider().capabilities()
    if layer.readOnly() or not able & QgsVectorDataProvider.Capability.ChangeAttributeValues:
        msg = tr("{} cannot be written: check the file's permissions and the disk.")
        raise ReviewError(msg.format(name))


def _reviewer() -> str:
    """Return the user's name as QGIS knows it."""
    known = QgsExpressionContextUtils.globalScope()
    names = (known.variable(key) for key in ("user_full_name", "user_account_name"))
    return next((str(name) for name in names if name), "")
