"""Where to look: the whole overlap, the canvas, a layer's extent or a drawn rectangle."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsGeometry,
    QgsMapLayerProxyModel,
    QgsProject,
    QgsRectangle,
    QgsReferencedRectangle,
)
from qgis.gui import QgsMapCanvas, QgsMapLayerComboBox, QgsMapToolExtent, QgsRubberBand
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from .i18n import tr
from .looks import muted, tool_button

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
        self.choice = QComboBox()
        self.choice.setObjectName("mtrs_geo_area")
        for text, data in (
            (tr("Whole overlap of both"), WHOLE), (tr("What the map shows"), CANVAS),
            (tr("Extent of a layer"), LAYER), (tr("Drawn rectangle"), DRAWN),
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
        self.layer.layerChanged.connect(self._tell)
        self.draw.clicked.connect(self._draw)
        canvas.extentsChanged.connect(self._follow_canvas)
        self._chosen()

    def area(self) -> QgsReferencedRectangle | None:
        """Return the area, None for all that both layers share."""
        kind = self.choice.currentData()
        if kind == CANVAS:
            crs = self._canvas.mapSettings().destinationCrs()
            return QgsReferencedRectangle(self._canvas.extent(), crs)
        layer = self.layer.currentLayer()
        if kind == LAYER and layer is not None:
            return QgsReferencedRectangle(layer.extent(), layer.crs())
        return self._drawn if kind == DRAWN else None

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
        text = tr("Draw a rectangle on the map.") if area is None else _size(area)
        self.note.setText(f'<span style="color:{muted(self)}">{text}</span>')
        self.changed.emit()

    def _frame(self, area: QgsReferencedRectangle) -> None:
        crs = self._canvas.mapSettings().destinationCrs()
        geometry = QgsGeometry.fromRect(area)
        try:
            geometry.transform(QgsCoordinateTransform(area.crs(), crs, QgsProject.instance()))
        except QgsCsException:
            self._band.setVisible(False)
            return
        self._band.setToGeometry(geometry, crs)


def _size(area: QgsReferencedRectangle) -> str:
    """Return the size on the ground as people say it."""
    measure = QgsDistanceArea()
    measure.setSourceCrs(area.crs(), QgsProject.instance().transformContext())
    measure.setEllipsoid(area.crs().ellipsoidAcronym() or "EPSG:7030")
    area_m2 = measure.measureArea(QgsGeometry.fromRect(area))
    return f"{area_m2 / 1e6:,.2f} km²" if area_m2 >= 1e5 else f"{area_m2:,.0f} m²"
