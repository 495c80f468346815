"""Map canvas item: the layers before and after on the two sides of a movable line."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsMapRendererParallelJob, QgsMapSettings
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import QObject, QPointF, QRectF, QSizeF, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QPen, QPolygonF, QTransform
from qgis.PyQt.QtWidgets import QStyleOptionGraphicsItem, QWidget

__all__ = ["SwipeItem"]

_RENDER_DELAY_MS = 60
_HANDLE_PX = 15.0
_DARK, _LIGHT = QColor(20, 24, 28, 205), QColor("white")


class _RenderedSide(QObject):
    """One side of the line: its layers, rendered in the background for the canvas extent."""

    ready = pyqtSignal()

    def __init__(self, canvas: QgsMapCanvas, layers: list[QgsMapLayer], parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self.layers = canvas, layers
        self._job: QgsMapRendererParallelJob | None = None
        self.image: QImage | None = None
        self.settings = QgsMapSettings()
        """Of the image: what it shows, and where."""

    def render(self) -> None:
        """Start rendering; a running job is cancelled."""
        self.stop()
        settings = QgsMapSettings(self._canvas.mapSettings())
        settings.setLayers(self.layers)
        settings.setIsTemporal(False)  # the temporal controller would hide one of the dates
        self._job = QgsMapRendererParallelJob(settings)
        self._job.finished.connect(self._on_rendered)
        self._job.start()

    def stop(self) -> None:
        """Cancel the rendering."""
        job, self._job = self._job, None
        if job is not None:
            job.finished.disconnect(self._on_rendered)
            job.cancel()

    def _on_rendered(self) -> None:
        job, self._job = self._job, None
        self.image = job.renderedImage()
        self.settings = QgsMapSettings(job.mapSettings())
        job.deleteLater()
        self.ready.emit()


class SwipeItem(QgsMapCanvasItem):
    """Shows ``before`` to the left of a line and ``after`` to its right.

    Args:
        canvas: map canvas that the item covers.
        before: layers of the left side, the top layer first.
        after: layers of the right side, the top layer first.
        labels: texts beside the line at the top: left side, right side.
    """

    def __init__(
        self,
        canvas: QgsMapCanvas,
        before: list[QgsMapLayer],
        after: list[QgsMapLayer],
        labels: tuple[str, str],
    ) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._parent = QObject()
        self._sides = [_RenderedSide(canvas, layers, self._parent) for layers in (before, after)]
        self._labels = labels
        self.caption = ""
        self.split = 0.5
        """Position of the line, as a fraction of the canvas width."""
        self._render_timer = QTimer(self._parent)
        self._render_timer.setSingleShot(True)
        self._render_timer.setInterval(_RENDER_DELAY_MS)
        self._render_timer.timeout.connect(self._render)
        for side in self._sides:
            side.ready.connect(self.update)
        canvas.extentsChanged.connect(self._render_timer.start)
        self.setZValue(50)
        self._render()

    def is_ready(self) -> bool:
        """Return whether both sides are rendered for the current extent."""
        visible = self._canvas.extent()
        return not self._render_timer.isActive() and all(
            side.image is not None
            and side._job is None
            and side.settings.visibleExtent().contains(visible.center())
            for side in self._sides
        )

    def move_to(self, x_px: float) -> None:
        """Move the line to a canvas column, in pixels."""
        self.split = min(1.0, max(0.0, x_px / max(1, self._canvas.width())))
        self.update()

    def is_at_line(self, x_px: float) -> bool:
        """Return whether a canvas column, in pixels, is on the line or its handle."""
        return abs(x_px - self.split * self._canvas.width()) <= _HANDLE_PX

    def clear(self) -> None:
        """Remove the item from the canvas."""
        self._canvas.extentsChanged.disconnect(self._render_timer.start)
        for side in self._sides:
            side.stop()
        self._canvas.scene().removeItem(self)

    def boundingRect(self) -> QRectF:
        """Return the rectangle of the canvas."""
        return QRectF(0, 0, self._canvas.width(), self._canvas.height())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem = None, widget: QWidget = None
    ) -> None:
        """Paint both sides, the line and the captions."""
        box = self.boundingRect()
        x = self.split * box.width()
        left, right = QRectF(0, 0, x, box.height()), QRectF(x, 0, box.width() - x, box.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for side, rect in zip(self._sides, (left, right)):  # noqa: B905 - Python 3.9
            if side.image is not None:
                painter.save()
                painter.setClipRect(rect)
                painter.setTransform(self._to_canvas(side.settings), True)
                painter.drawImage(QRectF(QPointF(), QSizeF(side.settings.outputSize())), side.image)
                painter.restore()
        self._paint_line(painter, x, box.height())
        self._paint_captions(painter, box, x)
        painter.restore()

    def _render(self) -> None:
        for side in self._sides:
            side.render()

    def _to_canvas(self, settings: QgsMapSettings) -> QTransform:
        """Return pixels of an image to pixels of the canvas, which may have moved or turned."""
        to_map, to_px = settings.mapToPixel(), self._canvas.getCoordinateTransform()
        corners = ((0, 0), (1, 0), (0, 1))
        origin, right, below = (to_px.transform(to_map.toMapCoordinates(*px)) for px in corners)
        return QTransform(
            right.x() - origin.x(), right.y() - origin.y(),
            below.x() - origin.x(), below.y() - origin.y(), origin.x(), origin.y(),
        )  # fmt: skip

    def _paint_line(self, painter: QPainter, x: float, height: float) -> None:
        for colour, width in ((QColor(0, 0, 0, 110), 5.0), (_LIGHT, 2.5)):
            painter.setPen(QPen(colour, width))
            painter.drawLine(QPointF(x, 0), QPointF(x, height))
        middle = QPointF(x, height / 2)
        painter.setPen(QPen(QColor(0, 0, 0, 110), 1.5))
        painter.setBrush(_LIGHT)
        painter.drawEllipse(middle, _HANDLE_PX, _HANDLE_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_DARK)
        for sign in (-1, 1):
            tip, base = x + sign * 9.5, x + sign * 4
            arrow = [(tip, 0.0), (base, -5.0), (base, 5.0)]
            painter.drawPolygon(QPolygonF([QPointF(a, middle.y() + b) for a, b in arrow]))

    def _paint_captions(self, painter: QPainter, box: QRectF, x: float) -> None:
        font = painter.font()
        font.setPointSizeF(10.5)
        font.setBold(True)
        painter.setFont(font)
        before, after = (self._caption_width(painter, name) for name in self._labels)
        if x > before + 24:
            self._paint_caption(painter, self._labels[0], x - before - 12, 12, before)
        if box.width() - x > after + 24:
            self._paint_caption(painter, self._labels[1], x + 12, 12, after)
        if self.caption:
            font.setBold(False)
            painter.setFont(font)
            # The end of the caption, score and area, is more useful than the end of the sentence.
            room = int(max(0.0, box.width() - 48))
            middle = Qt.TextElideMode.ElideMiddle
            caption = painter.fontMetrics().elidedText(self.caption, middle, room)
            width = self._caption_width(painter, caption)
            x, y = (box.width() - width) / 2, box.height() - 42
            self._paint_caption(painter, caption, x, y, width)

    def _caption_width(self, painter: QPainter, text: str) -> float:
        return painter.fontMetrics().boundingRect(text).width() + 24.0

    def _paint_caption(
        self, painter: QPainter, text: str, x: float, y: float, width: float
    ) -> None:
        rect = QRectF(x, y, width, 28)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_DARK)
        painter.drawRoundedRect(rect, 14, 14)
        painter.setPen(_LIGHT)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)
