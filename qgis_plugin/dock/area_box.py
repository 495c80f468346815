"""The area of interest: the overlap, the canvas, a layer or a drawn rectangle."""

from __future__ import annotations

from math import isfinite
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsMapLayer,
    QgsMapLayerProxyModel,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox, QgsMapToolExtent, QgsRubberBand
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QMetaObject, QObject, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..i18n.number import format_area, format_number
from ..i18n.translate import tr
from ..widgets.narrow import narrow_box
from .theme import muted_colour, tool_button

__all__ = ["LAYER", "AreaBox"]

WHOLE, CANVAS, LAYER, DRAWN = "whole", "canvas", "layer", "drawn"
_FRAME_COLOUR = QColor("#ff8c1a")


class AreaBox(QWidget):
    """Selects the area of interest.

    Args:
        canvas: map canvas for drawing, and source of the map extent.
    """

    changed = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._drawn: QgsReferencedRectangle | None = None
        self._previous_tool = None
        self._selection: QMetaObject.Connection | None = None
        self.choice = narrow_box(QComboBox())
        self.choice.setObjectName("mtrs_geo_area")
        for text, data in (
            (tr("Overlap of both layers"), WHOLE), (tr("Map extent"), CANVAS),
            (tr("A layer"), LAYER), (tr("Drawn rectangle"), DRAWN),
        ):  # fmt: skip
            self.choice.addItem(text, data)
        # Before the box connects: the box selects another layer when its own is removed.
        QgsProject.instance().layersWillBeRemoved.connect(self._release_layer)
        QgsProject.instance().cleared.connect(self._leave_project)
        self.layer = narrow_box(QgsMapLayerComboBox())
        self.layer.setAllowEmptyLayer(True)
        self.layer.setLayer(None)
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry
                              | QgsMapLayerProxyModel.Filter.RasterLayer)  # fmt: skip
        self.draw = tool_button("/mActionAddBasicRectangle.svg", tr("Draw a rectangle"), "draw")
        self.draw.setCheckable(True)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self._band = QgsRubberBand(canvas)
        self._band.setColor(_FRAME_COLOUR)
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setLineStyle(Qt.PenStyle.DashLine)
        self._band.setWidth(2)
        self._tool = QgsMapToolExtent(canvas)
        self._tool.extentChanged.connect(self._on_drawn)
        self._tool.deactivated.connect(lambda: self.draw.setChecked(False))
        self._build_layout()
        self.choice.currentIndexChanged.connect(self._on_choice)
        self.layer.setToolTip(tr("Selected polygons, else all polygons, else the extent"))
        self.layer.layerChanged.connect(self._watch_selection)
        self.draw.clicked.connect(self._toggle_drawing)
        canvas.extentsChanged.connect(self._follow_canvas)
        self._watch_selection(self.layer.currentLayer())
        self._on_choice()

    def area(self) -> QgsReferencedRectangle | None:
        """Return the extent of the area; None for the overlap of both layers."""
        kind = self.choice.currentData()
        if kind == CANVAS:
            crs = self._canvas.mapSettings().destinationCrs()
            return QgsReferencedRectangle(self._canvas.extent(), crs)
        layer = self.layer.currentLayer()
        if kind == LAYER and layer is not None:
            is_selection = _has_polygons(layer) and layer.selectedFeatureCount() > 0
            extent = layer.boundingBoxOfSelected() if is_selection else layer.extent()
            return QgsReferencedRectangle(extent, layer.crs())
        return self._drawn if kind == DRAWN else None

    def parameters(self) -> dict[str, Any]:
        """Return parameters of the algorithm: AREA for a polygon layer, else EXTENT or none."""
        area, layer = self.area(), self.layer.currentLayer()
        if self.choice.currentData() == LAYER and _has_polygons(layer):
            is_selection = layer.selectedFeatureCount() > 0
            return {"AREA": QgsProcessingFeatureSourceDefinition(layer.id(), is_selection)}
        return {} if area is None else {"EXTENT": area}

    def is_ready(self) -> bool:
        """Return whether the chosen area exists."""
        return self.choice.currentData() == WHOLE or self.area() is not None

    def choose(self, kind: str) -> None:
        """Select ``whole``, ``canvas``, ``layer`` or ``drawn``."""
        self.choice.setCurrentIndex(self.choice.findData(kind))

    def set_drawn(self, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Set the drawn rectangle and select it."""
        self._drawn = QgsReferencedRectangle(extent, crs)
        self.choose(DRAWN)
        self._refresh()

    def clear(self) -> None:
        """Remove the rectangle and the tool from the canvas, and disconnect from it."""
        QgsProject.instance().layersWillBeRemoved.disconnect(self._release_layer)
        QgsProject.instance().cleared.disconnect(self._leave_project)
        self._watch_selection(None)
        self._canvas.extentsChanged.disconnect(self._follow_canvas)
        if self._canvas.mapTool() is self._tool:
            self._canvas.unsetMapTool(self._tool)
        self._canvas.scene().removeItem(self._band)

    def _build_layout(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.choice, 1)
        row.addWidget(self.draw)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        column.addLayout(row)
        column.addWidget(self.layer)
        column.addWidget(self.note)

    def _on_choice(self, *_: object) -> None:
        kind = self.choice.currentData()
        self.layer.setVisible(kind == LAYER)
        self.draw.setVisible(kind == DRAWN)
        if kind == DRAWN and self._drawn is None and self.isVisible():
            self.draw.setChecked(True)
            self._toggle_drawing(True)
        self._refresh()

    def _toggle_drawing(self, is_on: bool) -> None:
        if is_on:
            self._previous_tool = self._canvas.mapTool()
            self._canvas.setMapTool(self._tool)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _on_drawn(self, extent: QgsRectangle) -> None:
        if extent.isEmpty():
            return
        self.set_drawn(extent, self._canvas.mapSettings().destinationCrs())
        self._tool.clearRubberBand()
        if self._previous_tool is not None and not sip.isdeleted(self._previous_tool):
            self._canvas.setMapTool(self._previous_tool)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _follow_canvas(self) -> None:
        if self.choice.currentData() == CANVAS:
            self._refresh()

    def _refresh(self, *_: object) -> None:
        area = self.area()
        is_framed = area is not None and self.choice.currentData() in (LAYER, DRAWN)
        self._band.setVisible(is_framed)
        if is_framed:
            self._show_frame(area)
        self.note.setVisible(self.choice.currentData() != WHOLE)
        self.note.setText(
            f'<span style="color:{muted_colour(self)}">{self._note_text(area)}</span>'
        )
        self.changed.emit()

    def _note_text(self, area: QgsReferencedRectangle | None) -> str:
        """Return a description of the area; no feature is read."""
        kind, layer = self.choice.currentData(), self.layer.currentLayer()
        if area is None:
            return tr("Choose a layer.") if kind == LAYER else tr("Draw a rectangle on the map.")
        if kind != LAYER:
            return _size_text(area)
        if not _has_polygons(layer):
            return tr("Extent of the layer: {}").format(_size_text(area))
        selected = layer.selectedFeatureCount()
        return (
            tr("Selected polygons: {}").format(format_number(selected))
            if selected
            else tr("All polygons of the layer")
        )

    def _watch_selection(self, layer: QgsMapLayer | None) -> None:
        """Refresh when the selection of a layer changes."""
        if self._selection is not None:
            QObject.disconnect(self._selection)  # does nothing if the layer was deleted
        is_watched = _has_polygons(layer)
        self._selection = layer.selectionChanged.connect(self._refresh) if is_watched else None
        self._refresh()

    def _release_layer(self, ids: list[str]) -> None:
        """Leave the box empty: another layer would be another area."""
        layer = self.layer.currentLayer()
        if layer is not None and layer.id() in ids:
            self.layer.setLayer(None)

    def _leave_project(self) -> None:
        """Select the default, because layer and rectangle are of the project that was closed."""
        self._drawn = None
        if self.choice.currentData() in (LAYER, DRAWN):
            self.choose(WHOLE)

    def _show_frame(self, area: QgsReferencedRectangle) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        geometry = QgsGeometry.fromRect(area)
        try:
            geometry.transform(QgsCoordinateTransform(area.crs(), crs, QgsProject.instance()))
        except QgsCsException:
            self._band.setVisible(False)
            return
        self._band.setToGeometry(geometry, crs)


def _has_polygons(layer: QgsMapLayer | None) -> bool:
    is_vector = isinstance(layer, QgsVectorLayer)
    return is_vector and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry


def _size_text(area: QgsReferencedRectangle) -> str:
    """Return the size on the ground in m² or km²."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(area.crs(), QgsProject.instance().transformContext())
    measure.setEllipsoid(area.crs().ellipsoidAcronym() or "EPSG:7030")
    area_m2 = measure.measureArea(QgsGeometry.fromRect(area))
    if not isfinite(area_m2):  # not on the globe of this CRS, or the project has no CRS
        return tr("size unknown")
    return format_area(area_m2, with_ha=False)
