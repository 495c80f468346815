"""Map tool that compares before and after at a clicked polygon with a movable line."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    Qgis,
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
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtGui import QColor

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import compared_rasters, date_of
from ..score_field import score_field
from .result_style import outline_copy
from .results import results_in
from .swipe_item import SwipeItem

__all__ = ["SwipeTool"]

_CLICK_TOLERANCE_PX = 4
_DRAG_DISTANCE_PX = 4
_VIEW_SCALE = 5.0
"""Minimum width of the view, in widths of the polygon."""
_MIN_VIEW_M = 60.0
"""Minimum side of the view, in metres."""


class SwipeTool(QgsMapTool):
    """Map tool: click a polygon of a result, then drag the line; Esc ends the tool."""

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._previous_tool: QgsMapTool | None = None
        self._press_position: QPoint | None = None
        self._is_dragging = False
        self._highlight: QgsRubberBand | None = None
        self.item: SwipeItem | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        QgsProject.instance().layersWillBeRemoved.connect(self._close_item)

    def clear(self) -> None:
        """Stop the tool and disconnect it from the project."""
        self.stop()
        QgsProject.instance().layersWillBeRemoved.disconnect(self._close_item)

    def start(self) -> None:
        """Activate the tool on the canvas."""
        if self._canvas.mapTool() is not self:
            self._previous_tool = self._canvas.mapTool()
            self._canvas.setMapTool(self)

    def stop(self) -> None:
        """Activate the previous tool again."""
        if self._canvas.mapTool() is not self:
            return
        if self._previous_tool is not None and not sip.isdeleted(self._previous_tool):
            self._canvas.setMapTool(self._previous_tool)
        else:
            self._canvas.unsetMapTool(self)

    def deactivate(self) -> None:
        """Remove the swipe item; QGIS calls this when another tool becomes active."""
        self._close_item()
        super().deactivate()

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        """Store the position of the click."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._press_position = event.originalPixelPoint()
            self._is_dragging = False

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        """Move the line while the button is held."""
        if self.item is None:
            return
        x = event.originalPixelPoint().x()
        if self._press_position is not None:
            self._is_dragging |= (
                event.originalPixelPoint() - self._press_position
            ).manhattanLength() > _DRAG_DISTANCE_PX
            if self._is_dragging:
                self.item.move_to(x)
        at_line = self._is_dragging or self.item.is_at_line(x)
        shape = Qt.CursorShape.SplitHCursor if at_line else Qt.CursorShape.PointingHandCursor
        self.setCursor(shape)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        """Open the polygon at a click."""
        was_click = self._press_position is not None and not self._is_dragging
        self._press_position, self._is_dragging = None, False
        if was_click and event.button() == Qt.MouseButton.LeftButton:
            hit = self.polygon_at(event.originalPixelPoint())
            if hit is not None:
                self.open(*hit)

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """End with Esc, move the line with the arrow keys."""
        steps = {Qt.Key.Key_Left: -0.02, Qt.Key.Key_Right: 0.02}
        if event.key() == Qt.Key.Key_Escape:
            event.accept()
            self.stop()
        elif self.item is not None and event.key() in steps:
            width = self._canvas.width()
            self.item.move_to((self.item.split + steps[event.key()]) * width)
            event.accept()

    def polygon_at(self, position: QPoint) -> tuple[QgsVectorLayer, QgsFeature] | None:
        """Return the smallest polygon of a visible result at a canvas position, or None."""
        middle = self.toMapCoordinates(position)
        tolerance = _CLICK_TOLERANCE_PX * self._canvas.mapUnitsPerPixel()
        box = QgsRectangle.fromCenterAndSize(middle, 2 * tolerance, 2 * tolerance)
        root = QgsProject.instance().layerTreeRoot()
        for layer in results_in(QgsProject.instance()):
            node = root.findLayer(layer.id())
            if node is None or not node.isVisible():
                continue
            layer_box = self.toLayerCoordinates(layer, box)
            request = QgsFeatureRequest().setFilterRect(layer_box)
            request.setFlags(QgsFeatureRequest.Flag.ExactIntersect)
            features = sorted(layer.getFeatures(request), key=lambda f: f.geometry().area())
            if features:
                return layer, features[0]
        return None

    def open(self, layer: QgsVectorLayer, feature: QgsFeature) -> None:
        """Show before and after at a polygon of a result."""
        rasters = _rasters(layer)
        if not rasters:
            text = tr("The rasters that {} compares are no longer in the project. Add them again.")
            self.messageEmitted.emit(text.format(layer.name()), Qgis.MessageLevel.Warning)
            return
        self._close_item()
        outline = self._to_canvas_crs(layer, feature)
        self._zoom_to(outline)
        labels = tuple(
            date_of(raster) or text
            for raster, text in zip(rasters, (tr("before"), tr("after")))  # noqa: B905 - Python 3.9
        )
        outlines = outline_copy(layer)
        sides = [[outlines, raster] for raster in rasters]
        self.item = SwipeItem(self._canvas, sides[0], sides[1], labels)
        self.item.caption = _caption(feature)
        x = self.toCanvasCoordinates(outline.boundingBox().center()).x()
        self.item.move_to(x)
        self._highlight = self._highlight_band(outline)

    def _close_item(self, *_: object) -> None:
        if self.item is not None:
            self.item.clear()
            self.item = None
        if self._highlight is not None:
            self._canvas.scene().removeItem(self._highlight)
            self._highlight = None

    def _to_canvas_crs(self, layer: QgsVectorLayer, feature: QgsFeature) -> QgsGeometry:
        outline = QgsGeometry(feature.geometry())
        crs = self._canvas.mapSettings().destinationCrs()
        try:
            outline.transform(QgsCoordinateTransform(layer.crs(), crs, QgsProject.instance()))
        except QgsCsException:
            return QgsGeometry(feature.geometry())
        return outline

    def _zoom_to(self, outline: QgsGeometry) -> None:
        """Centre the view on the polygon; keep the scale if the size of the polygon suits it."""
        box = outline.boundingBox()
        # The extent of a turned canvas is larger than what it shows.
        scale = self._canvas.mapUnitsPerPixel()
        view = QgsRectangle.fromCenterAndSize(
            self._canvas.center(), scale * self._canvas.width(), scale * self._canvas.height()
        )
        min_side = _MIN_VIEW_M * view.width() / max(1.0, self._width_m(view))
        width = max(_VIEW_SCALE * box.width(), min_side)
        height = max(_VIEW_SCALE * box.height(), min_side)
        fits = width <= view.width() <= 2 * width and height <= view.height()
        if fits:
            self._canvas.setCenter(box.center())
        else:
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

    def _highlight_band(self, outline: QgsGeometry) -> QgsRubberBand:
        band = QgsRubberBand(self._canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        band.setStrokeColor(QColor("white"))
        band.setSecondaryStrokeColor(QColor(0, 0, 0, 150))
        band.setFillColor(QColor(0, 0, 0, 0))
        band.setWidth(2)
        band.setLineStyle(Qt.PenStyle.DashLine)
        band.setToGeometry(outline, None)
        band.setZValue(60)
        return band


def _rasters(layer: QgsVectorLayer) -> list[QgsRasterLayer]:
    """Return the layers before and after of a result; empty if one is not in the project."""
    project = QgsProject.instance()
    layers = [project.mapLayer(one) for one in compared_rasters(layer, project)]
    are_valid = [isinstance(one, QgsRasterLayer) and one.isValid() for one in layers]
    return layers if all(are_valid) else []


def _caption(feature: QgsFeature) -> str:
    """Return sentence, score and area; the user may have removed values or columns."""
    values = dict(zip(feature.fields().names(), feature.attributes()))  # noqa: B905 - Python 3.9
    query = values.get("query")
    parts = [query if isinstance(query, str) and query else tr("any change")]
    score = score_field(values)
    for name, text, factor in ((score, "{} %", 100), ("area_m2", "{} m²", 1)):
        value = values.get(name)
        if isinstance(value, (int, float)):
            parts.append(text.format(format_fixed(factor * value, 0)))
    return "   ·   ".join(parts)
