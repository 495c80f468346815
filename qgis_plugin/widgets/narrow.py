"""Combo boxes and scroll areas that fit a panel of 280 pixels."""

from __future__ import annotations

from qgis.gui import QgsScrollArea
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QComboBox, QFrame, QWidget

__all__ = ["narrow_box", "scrolled"]

_MIN_CHARACTERS = 6


def narrow_box(box: QComboBox) -> QComboBox:
    """Let a combo box be narrower than its longest entry; return the box."""
    box.setMinimumContentsLength(_MIN_CHARACTERS)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def scrolled(inner: QWidget) -> QgsScrollArea:
    """Return a scroll area around a widget; it scrolls sideways only where nothing can wrap."""
    area = QgsScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    area.setWidget(inner)
    return area
