"""Panel of a review: progress, the current polygon, and a button per key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsMapLayerProxyModel
from qgis.gui import QgsDockWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..i18n.translate import tr
from ..widgets.flow import FlowLayout
from ..widgets.narrow import narrow_box, scrolled

if TYPE_CHECKING:
    from qgis.PyQt.QtWidgets import QAction

__all__ = ["ReviewPanel"]


class ReviewPanel(QgsDockWidget):
    """Shows the layer, the current polygon and the actions.

    Args:
        actions: actions of the keys, in the order of the buttons.
        parent: main window.
    """

    def __init__(self, actions: list[QAction], parent: QWidget | None = None) -> None:
        super().__init__(tr("Review changes"), parent)
        self.setObjectName("mtrs_geo_review")
        self.layers = narrow_box(QgsMapLayerComboBox())
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layers.setAllowEmptyLayer(True)
        self.position, self.counts, self.sentence = QLabel(), QLabel(), QLabel()
        self.message = QLabel()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setMaximumHeight(6)
        self.save = QPushButton(tr("Save as GeoPackage…"))
        self.export = QPushButton(tr("Export training pairs…"))
        self._keys = QWidget()
        self._build_layout(actions)
        for action in actions:
            self.addAction(action)

    def show_polygon(self, position: str, counts: str, fraction: float, description: str) -> None:
        """Show a polygon and the progress of the review (``fraction`` reviewed, 0 to 1)."""
        for label, text in (
            (self.position, position), (self.counts, counts), (self.sentence, description),
            (self.message, ""),
        ):  # fmt: skip
            label.setText(text)
        self.progress.setValue(round(100 * fraction))
        self._set_enabled(True, False)

    def show_message(self, text: str, may_save: bool = False) -> None:
        """Show why no polygon can be reviewed."""
        for label in (self.position, self.counts, self.sentence):
            label.clear()
        self.progress.setValue(0)
        self.message.setText(text)
        self._set_enabled(False, may_save)

    def _set_enabled(self, can_review: bool, may_save: bool) -> None:
        self._keys.setEnabled(can_review)
        self.export.setEnabled(can_review)
        self.save.setVisible(may_save)
        self.message.setVisible(not can_review)

    def _build_layout(self, actions: list[QAction]) -> None:
        font = self.position.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        self.position.setFont(font)
        for label in (self.position, self.counts, self.sentence, self.message):
            label.setWordWrap(True)
        # A query may contain "<" and is not HTML.
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        keys = FlowLayout(self._keys)
        for action in actions:
            keys.addWidget(_button(action))
        bottom = FlowLayout()
        bottom.addWidget(self.save)
        bottom.addWidget(self.export)
        inner = QWidget()
        column = QVBoxLayout(inner)
        for widget in (
            self.layers, self.position, self.progress, self.counts, self.sentence, self.message,
            self._keys,
        ):  # fmt: skip
            column.addWidget(widget)
        column.addLayout(bottom)
        column.addStretch()
        self.setWidget(scrolled(inner))


def _button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
