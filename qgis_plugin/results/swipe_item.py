"""Two pictures over the map with a line between them that can be moved."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import QObject, QPointF, QRectF, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

__all__ = ["Curtain"]

_PAUSE_MS = 60
_HANDLE_PX = 15.0
_INK, _PAPER = QColor(20, 24, 28, 205), QColor("white")


class _Picture(QObject):
    """A side of the curtain, drawn in the background for what the canvas shows."""

    ready = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, layers: list[QgsMapLayer], parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self.layers = canvas, layers
        self._job: QgsMapRendererParallelJob | None = None
        self.image: QImage | None = None
        self.extent = QgsRectangle()

    def draw(self) -> None:
        """Begin anew."""
        self.stop()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers(self.layers)
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._take)
        self._job.start()

    def stop(self) -> None:
        """Leave off drawing."""
        job, self._job = self._job, None
        if job is not None:
            job.finished.disconnect(self._take)
            job.cancel()

    def _take(self) -> None:
        job, self._job = self._job, None
        self.image = job.renderedImage()
        self.extent = job.mapSettings().visibleExtent()
        job.deleteLater()
        self.ready.emit()


class Curtain(QgsMapCanvasItem):
    """Shows ``before`` on the left of a line and ``after`` on its right.

    Args:
        canvas: that it covers.
        before: layers of the left side, the upper first.
        after: layers of the right side.
        names: written into the upper corners.
    """

    def __init__(
        self,
        canvas: QgsMapCanvas,
        before: list[QgsMapLayer],
        after: list[QgsMapLayer],
        names: tuple[str, str],
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._owner = QObject()
        self._sides = [_Picture(canvas, layers, self._owner) for layers in (before, after)]
        self._names = names
        self.caption = ""
        self.split = 0.5
        """Where the line stands, as a share of the width."""
        self._pause = QTimer(self._owner)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._draw)
        for side in self._sides:
            side.ready.connect(self.update)
        canvas.extentsChanged.connect(self._pause.start)
        self.setZValue(50)
        self._draw()

    def is_ready(self) -> bool:
        """Return whether both sides show what the canvas shows."""
        wanted = self._canvas.extent()
        return not self._pause.isActive() and all(
            side.image is not None and side._job is None and side.extent.contains(wanted.center())
            for side in self._sides
        )

    def move_to(self, x_px: float) -> None:
        """Put the line at a place of the canvas."""
        self.split = min(1.0, max(0.0, x_px / max(1, self._canvas.width())))
        self.update()

    def is_at_line(self, x_px: float) -> bool:
        """Return whether a place of the canvas is on the line or its handle."""
        return abs(x_px - self.split * self._canvas.width()) <= _HANDLE_PX

    def clear(self) -> None:
        """Take it off the canvas."""
        self._canvas.extentsChanged.disconnect(self._pause.start)
        for side in self._sides:
            side.stop()
        self._canvas.scene().removeItem(self)

    def boundingRect(self) -> QRectF:
        """Return the canvas."""
        return QRectF(0, 0, self._canvas.width(), self._canvas.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem = None, widget: QWidget = None
    ) -> None:
        """Draw both sides and the line."""
        box = self.boundingRect()
        x = self.split * box.width()
        left, right = QRectF(0, 0, x, box.height()), QRectF(x, 0, box.width() - x, box.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for side, part in zip(self._sides, (left, right)):  # noqa: B905 - Python 3.9
            if side.image is not None:
                painter.setClipRect(part)
                painter.drawImage(self._place(side.extent), side.image)
        painter.setClipping(False)
        self._line(painter, x, box.height())
        self._chips(painter, box, x)
        painter.restore()

    def _draw(self) -> None:
        for side in self._sides:
            side.draw()

    def _place(self, extent: QgsRectangle) -> QRectF:
        """Return where an extent lies on the canvas now."""
        to_px = self._canvas.getCoordinateTransform()
        top_left = to_px.transform(extent.xMinimum(), extent.yMaximum())
        low_right = to_px.transform(extent.xMaximum(), extent.yMinimum())
        return QRectF(
            QPointF(top_left.x(), top_left.y()), QPointF(low_right.x(), low_right.y())
        ).normalized()

    def _line(self, painter: QPainter, x: float, height: float) -> None:
        for colour, width in ((QColor(0, 0, 0, 110), 5.0), (_PAPER, 2.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, 0), QPointF(x, height))
        middle = QPointF(x, height / 2)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.5))
        painter.setBrush(_PAPER)
        painter.drawEllipse(middle, _HANDLE_PX, _HANDLE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_INK)
        for way in (-1, 1):
            tip, base = x + way * 9.5, x + way * 4
            arrow = [(tip, 0.0), (base, -5.0), (base, 5.0)]
            painter.drawPolygon(QPolygonF([QPointF(a, middle.y() + b) for a, b in arrow]))

    def _chips(self, painter: QPainter, box: QRectF, x: float) -> None:
        font = painter.font()
        font.setPointSizeF(10.5)
        font.setBold(True)
        painter.setFont(font)
        before, after = (self._width(painter, name) for name in self._names)
        if x > before + 24:
            self._chip(painter, self._names[0], x - before - 12, 12, before)
        if box.width() - x > after + 24:
            self._chip(painter, self._names[1], x + 12, 12, after)
        if self.caption:
            font.setBold(False)
            painter.setFont(font)
            width = self._width(painter, self.caption)
            self._chip(painter, self.caption, (box.width() - width) / 2, box.height() - 42, width)

    def _width(self, painter: QPainter, text: str) -> float:
        return painter.fontMetrics().boundingRect(text).width() + 24.0

    def _chip(self, painter: QPainter, text: str, x: float, y: float, width: float) -> None:
        place = QRectF(x, y, width, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_INK)
        painter.drawRoundedRect(place, 14, 14)
        painter.setPen(_PAPER)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), text)
