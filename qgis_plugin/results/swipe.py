"""Click a polygon: before and after at that place, with a line between them to move."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import QPoint, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor

from ..i18n.translate import tr
from ..layer_dates import date_of
from .result_style import outlined
from .results import AFTER, BEFORE, results_in
from .swipe_item import Curtain

__all__ = ["SwipeTool"]

_NEAR_PX = 4
_MOVED_PX = 4
_AROUND = 5.0
"""The view is this many times as wide as the polygon, at least."""
_LEAST_M = 60.0


class SwipeTool(QgsMapTool):
    """A map tool: click a polygon of a result, then drag the line; Esc ends."""

    opened = pyqtSignal(QgsFeature)

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._earlier: QgsMapTool | None = None
        self._pressed: QPoint | None = None
        self._drags = False
        self._mark: QgsRubberBand | None = None
        self.curtain: Curtain | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        QgsProject.instance().layersWillBeRemoved.connect(self._close)

    def clear(self) -> None:
        """Let the map and the project go."""
        self.stop()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._close)

    def start(self) -> None:
        """Become the canvas's tool."""
        if self._canvas.mapTool() is not self:
            self._earlier = self._canvas.mapTool()
            self._canvas.setMapTool(self)

    def stop(self) -> None:
        """Give the canvas back to the tool before."""
        if self._canvas.mapTool() is not self:
            return
        if self._earlier is not None:
            self._canvas.setMapTool(self._earlier)
        else:
            self._canvas.unsetMapTool(self)

    def deactivate(self) -> None:
        """Take the pictures away; QGIS calls this when another tool begins."""
        self._close()
        super().deactivate()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """Remember where it was pressed."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.originalPixelPoint()
            self._drags = False

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Move the line with the button held."""
        if self.curtain is None:
            return
        x = event.originalPixelPoint().x()
        if self._pressed is not None:
            self._drags |= (
                event.originalPixelPoint() - self._pressed
            ).manhattanLength() > _MOVED_PX
            if self._drags:
                self.curtain.move_to(x)
        at_line = self._drags or self.curtain.is_at_line(x)
        shape = Qt.CursorShape.SplitHCursor if at_line else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Look at the polygon that was clicked."""
        was_click = self._pressed is not None and not self._drags
        self._pressed, self._drags = None, False
        if was_click and event.button() == Qt.MouseButton.LeftButton:
            found = self.polygon_at(event.originalPixelPoint())
            if found is not None:
                self.open(*found)

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """End with Esc, move the line with the arrows."""
        steps = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.stop()
        elif self.curtain is not None and event.key() in steps:
            width = self._canvas.width()
            self.curtain.move_to((self.curtain.split + steps[event.key()]) * width)
            event.accept()

    def polygon_at(self, place: QPoint) -> tuple[QgsVectorLayer, QgsFeature] | None:
        """Return the smallest polygon of a visible result at a place of the canvas."""
        middle = self.toMapCoordinates(place)
        reach = _NEAR_PX * self._canvas.mapUnitsPerPixel()
        box = QgsRectangle.fromCenterAndSize(middle, 2 * reach, 2 * reach)
        root = QgsProject.instance().layerTreeRoot()
        for layer in results_in(QgsProject.instance()):
            node = root.findLayer(layer.id())
            if node is None or not node.isVisible():
                continue
            there = self.toLayerCoordinates(layer, box)
            request = QgsFeatureRequest().setFilterRect(there)
            request.setFlags(QgsFeatureRequest.Flag.ExactIntersect)
            found = sorted(layer.getFeatures(request), key=lambda one: one.geometry().area())
            if found:
                return layer, found[0]
        return None

    def open(self, layer: QgsVectorLayer, feature: QgsFeature) -> None:
        """Show before and after at a polygon of a result."""
        rasters = [_raster(layer, name) for name in (BEFORE, AFTER)]
        if None in rasters:
            return
        self._close()
        outline = self._on_canvas(layer, feature)
        self._go_to(outline)
        names = tuple(
            date_of(raster) or text
            for raster, text in zip(rasters, (tr("before"), tr("after")))  # noqa: B905 - Python 3.9
        )
        lines = outlined(layer)
        sides = [[lines, raster] for raster in rasters]
        self.curtain = Curtain(self._canvas, sides[0], sides[1], names)
        self.curtain.caption = _caption(feature)
        x = self.toCanvasCoordinates(outline.boundingBox().center()).x()
        self.curtain.move_to(x)
        self._mark = self._marked(outline)
        self.opened.emit(feature)

    def _close(self, *_: object) -> None:
        if self.curtain is not None:
            self.curtain.clear()
            self.curtain = None
        if self._mark is not None:
            self._canvas.scene().removeItem(self._mark)
            self._mark = None

    def _on_canvas(self, layer: QgsVectorLayer, feature: QgsFeature) -> QgsGeometry:
        outline = QgsGeometry(feature.geometry())
        crs = self._canvas.mapSettings().destinationCrs()
        try:
            outline.transform(QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance()))
        except QgsCsException:
            return QgsGeometry(feature.geometry())
        return outline

    def _go_to(self, outline: QgsGeometry) -> None:
        """Centre the polygon, nearer where it is small, never farther where it fits."""
        box = outline.boundingBox()
        view = self._canvas.extent()
        least = _LEAST_M * view.width() / max(1.0, self._width_m(view))
        width = max(_AROUND * box.width(), least)
        height = max(_AROUND * box.height(), least)
        is_fit = width <= view.width() <= 2 * width and height <= view.height()
        if is_fit:
            width, height = view.width(), view.height()
        self._canvas.setExtent(QgsRectangle.fromCenterAndSize(box.center(), width, height))
        self._canvas.refresh()

    def _width_m(self, view: QgsRectangle) -> float:
        measure = QgsDistanceArea()
        crs = self._canvas.mapSettings().destinationCrs()
        measure.setSourceCrs(crs, QgsProject.instance().transformContext())
        measure.setEllipsoid(crs.ellipsoidAcronym() or "EPSG:7030")
        y = view.center().y()
        ends = QgsPointXY(view.xMinimum(), y), QgsPointXY(view.xMaximum(), y)
        return measure.measureLine(*ends)

    def _marked(self, outline: QgsGeometry) -> QgsRubberBand:
        band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        band.setStrokeColor(QColor("white"))
        band.setSecondaryStrokeColor(QColor(0, 0, 0, 150))
        band.setFillColor(QColor(0, 0, 0, 0))
        band.setWidth(2)
        band.setLineStyle(Qt.PenStyle.DashLine)
        band.setToGeometry(outline, None)
        band.setZValue(60)
        return band


def _raster(layer: QgsVectorLayer, name: str) -> QgsRasterLayer | None:
    found = QgsProject.instance().mapLayer(layer.customProperty(name, ""))
    return found if isinstance(found, QgsRasterLayer) and found.isValid() else None


def _caption(feature: QgsFeature) -> str:
    query = feature["query"] or tr("any change")
    score, area_m2 = 100 * feature["score_mean"], feature["area_m2"]
    return f"{query}   ·   {score:.0f} %   ·   {area_m2:,.0f} m²"
