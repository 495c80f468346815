"""Rich text that wraps at any character, so that a long path does not widen its panel."""

from __future__ import annotations

import math
from typing import Any

from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QTextOption
from qgis.PyQt.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

__all__ = ["WrappedText"]

_MIN_WIDTH_PX = 60


class WrappedText(QTextBrowser):
    """Rich text that the user can select; it is as high as its text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._html = ""
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setStyleSheet("QTextBrowser { background: transparent; border: none; padding: 0; }")
        self.document().setDocumentMargin(0)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def text(self) -> str:
        """Return the text as it was set."""
        return self._html

    def setText(self, html: str) -> None:
        """Set rich text."""
        self._html = html
        self.setHtml(html)
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Return True: narrow text is higher."""
        return True

    def heightForWidth(self, width_px: int) -> int:
        """Return the height of the text."""
        document = self.document().clone()
        document.setTextWidth(max(1, width_px))
        return math.ceil(document.size().height())

    def sizeHint(self) -> QSize:
        """Return the height of the text in the current width."""
        width = max(self.width(), _MIN_WIDTH_PX)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return a small width, and the height of one line."""
        return QSize(_MIN_WIDTH_PX, self.fontMetrics().lineSpacing())

    def resizeEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """Update the height: a layout limits it to the size hint, which depends on the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def wheelEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """Leave the wheel to the panel, which scrolls as a whole."""
        event.ignore()
