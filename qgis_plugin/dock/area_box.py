"""Where to look: the whole overlap, the canvas, a layer or a drawn rectangle."""

from __future__ import annotations

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
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ..i18n.translate import tr
from .theme import muted, tool_button

__all__ = ["AreaBox"]

WHOLE, CANVAS, LAYER, DRAWN = "whole", "canvas", "layer", "drawn"
_FRAME = QColor("#ff8c1a")


class AreaBox(QWidget):
    """Chooses the area of interest.

    Args:
        canvas: to draw on, and whose extent can be chosen.
    """

    changed = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._drawn: QgsReferencedRectangle | None = None
        self._earlier_tool = None
        self._watched: QgsVectorLayer | None = None
        self.choice = QComboBox()
        self.choice.setObjectName("mtrs_geo_area")
        for text, data in (
            (tr("Whole overlap of both"), WHOLE), (tr("What the map shows"), CANVAS),
            (tr("A layer"), LAYER), (tr("Drawn rectangle"), DRAWN),
        ):  # fmt: skip
            self.choice.addItem(text, data)
        self.layer = QgsMapLayerComboBox()
        self.layer.setFilters(QgsMapLayerProxyModel.Filter.HasGeometry
                              | QgsMapLayerProxyModel.Filter.RasterLayer)  # fmt: skip
        self.draw = tool_button("/mActionAddBasicRectangle.svg", tr("Draw a rectangle"), "draw")
        self.draw.setCheckable(True)
        self.note = QLabel()
        self._band = QgsRubberBand(canvas)
        self._band.setColor(_FRAME)
        self._band.setFillColor(QColor(0, 0, 0, 0))
        self._band.setLineStyle(Qt.PenStyle.DashLine)
        self._band.setWidth(2)
        self._tool = QgsMapToolExtent(canvas)
        self._tool.extentChanged.connect(self._take_drawn)
        self._tool.deactivated.connect(lambda: self.draw.setChecked(False))
        self._arrange()
        self.choice.currentIndexChanged.connect(self._chosen)
        self.layer.setToolTip(tr("Its polygons, the selected ones if any; else its extent"))
        self.layer.layerChanged.connect(self._watch)
        self.draw.clicked.connect(self._draw)
        canvas.extentsChanged.connect(self._follow_canvas)
        self._watch(self.layer.currentLayer())
        self._chosen()

    def area(self) -> QgsReferencedRectangle | None:
        """Return the extent of the area, None for all that both layers share."""
        kind = self.choice.currentData()
        if kind == CANVAS:
            crs = self._canvas.mapSettings().destinationCrs()
            return QgsReferencedRectangle(self._canvas.extent(), crs)
        layer = self.layer.currentLayer()
        if kind == LAYER and layer is not None:
            is_part = _has_polygons(layer) and layer.selectedFeatureCount() > 0
            extent = layer.boundingBoxOfSelected() if is_part else layer.extent()
            return QgsReferencedRectangle(extent, layer.crs())
        return self._drawn if kind == DRAWN else None

    def parameters(self) -> dict[str, Any]:
        """Return the algorithm's parameters: polygons where a layer has them, else an extent."""
        area, layer = self.area(), self.layer.currentLayer()
        if self.choice.currentData() == LAYER and _has_polygons(layer):
            is_part = layer.selectedFeatureCount() > 0
            return {"AREA": QgsProcessingFeatureSourceDefinition(layer.id(), is_part)}
        return {} if area is None else {"EXTENT": area}

    def is_ready(self) -> bool:
        """Return whether there is an area where one was asked for."""
        return self.choice.currentData() == WHOLE or self.area() is not None

    def choose(self, kind: str) -> None:
        """Choose ``whole``, ``canvas``, ``layer`` or ``drawn``."""
        self.choice.setCurrentIndex(self.choice.findData(kind))

    def set_drawn(self, extent: QgsRectangle, crs: QgsCoordinateReferenceSystem) -> None:
        """Take a rectangle as drawn."""
        self._drawn = QgsReferencedRectangle(extent, crs)
        self.choose(DRAWN)
        self._tell()

    def clear(self) -> None:
        """Take everything off the canvas."""
        self._watch(None)
        self._canvas.extentsChanged.disconnect(self._follow_canvas)
        if self._canvas.mapTool() is self._tool:
            self._canvas.unsetMapTool(self._tool)
        self._canvas.scene().removeItem(self._band)

    def _arrange(self) -> None:
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

    def _chosen(self, *_: object) -> None:
        kind = self.choice.currentData()
        self.layer.setVisible(kind == LAYER)
        self.draw.setVisible(kind == DRAWN)
        if kind == DRAWN and self._drawn is None and self.isVisible():
            self.draw.setChecked(True)
            self._draw(True)
        self._tell()

    def _draw(self, wanted: bool) -> None:
        if wanted:
            self._earlier_tool = self._canvas.mapTool()
            self._canvas.setMapTool(self._tool)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _take_drawn(self, extent: QgsRectangle) -> None:
        if extent.isEmpty():
            return
        self.set_drawn(extent, self._canvas.mapSettings().destinationCrs())
        self._tool.clearRubberBand()
        if self._earlier_tool is not None:
            self._canvas.setMapTool(self._earlier_tool)
        else:
            self._canvas.unsetMapTool(self._tool)

    def _follow_canvas(self) -> None:
        if self.choice.currentData() == CANVAS:
            self._tell()

    def _tell(self, *_: object) -> None:
        area = self.area()
        is_framed = area is not None and self.choice.currentData() in (LAYER, DRAWN)
        self._band.setVisible(is_framed)
        if is_framed:
            self._frame(area)
        self.note.setVisible(self.choice.currentData() != WHOLE)
        self.note.setText(f'<span style="color:{muted(self)}">{self._said(area)}</span>')
        self.changed.emit()

    def _said(self, area: QgsReferencedRectangle | None) -> str:
        """Return what counts, without reading features."""
        kind, layer = self.choice.currentData(), self.layer.currentLayer()
        if area is None:
            return tr("Choose a layer.") if kind == LAYER else tr("Draw a rectangle on the map.")
        if kind != LAYER:
            return _size(area)
        if not _has_polygons(layer):
            return tr("Its extent, {}").format(_size(area))
        selected = layer.selectedFeatureCount()
        return (
            tr("Its selected polygons: {:,}").format(selected)
            if selected
            else tr("All its polygons")
        )

    def _watch(self, layer: QgsMapLayer | None) -> None:
        """Follow what is selected in a layer."""
        if self._watched is not None and not sip.isdeleted(self._watched):
            self._watched.selectionChanged.disconnect(self._tell)
        self._watched = layer if _has_polygons(layer) else None
        if self._watched is not None:
            self._watched.selectionChanged.connect(self._tell)
        self._tell()

    def _frame(self, area: QgsReferencedRectangle) -> None:
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


def _size(area: QgsReferencedRectangle) -> str:
    """Return the size on the ground as people say it."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(area.crs(), QgsProject.instance().transformContext())
    measure.setEllipsoid(area.crs().ellipsoidAcronym() or "EPSG:7030")
    area_m2 = measure.measureArea(QgsGeometry.fromRect(area))
    return f"{area_m2 / 1e6:,.2f} km²" if area_m2 >= 1e5 else f"{area_m2:,.0f} m²"
