"""The layers before and after, preselected by their dates."""

from __future__ import annotations

from math import isclose

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import QMetaObject, QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ..i18n.translate import tr
from ..layer_dates import date_of, guess_pair
from ..widgets.narrow import narrow_box
from .theme import muted_colour, tool_button

__all__ = ["LayerPair"]

_PROBABILITY_SCALE = 1 / 254
"""Scale of the bands of a probability raster; its file may have any name."""


class LayerPair(QWidget):
    """Two boxes of raster layers and a button that swaps them."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: tuple[str, str] | None = None
        self._renamings: list[QMetaObject.Connection] = []
        self.before, self.after = QgsMapLayerComboBox(), QgsMapLayerComboBox()
        self._dates = QLabel(), QLabel()
        self.swap = tool_button("", tr("Swap before and after"), "mtrs_geo_swap")
        self.swap.setText("⇅")
        font = self.swap.font()
        if font.pointSizeF() > 0:  # -1 if the theme sets pixels
            font.setPointSizeF(1.4 * font.pointSizeF())
        self.swap.setFont(font)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        boxes = (self.before, self.after)
        names = (tr("Before"), tr("After"))
        for row, (name, box, date) in enumerate(zip(names, boxes, self._dates)):  # noqa: B905
            box.setFilters(QgsMapLayerProxyModel.Filter.RasterLayer)
            box.setAllowEmptyLayer(True)
            label = QLabel(name)
            label.setBuddy(box)
            title = QVBoxLayout()
            title.setSpacing(0)
            title.addWidget(label)
            title.addWidget(date)
            grid.addLayout(title, row, 0)
            grid.addWidget(narrow_box(box), row, 1)
            box.layerChanged.connect(self._follow_names)
            box.activated.connect(self._store_choice)
        grid.addWidget(self.swap, 0, 2, 2, 1, Qt.AlignmentFlag.AlignCenter)
        self.swap.clicked.connect(self.swap_layers)
        # QGIS adds a layer to the project first and to the layer tree, which has the order, later.
        self._tree_timer = QTimer(self)
        self._tree_timer.setSingleShot(True)
        self._tree_timer.setInterval(0)
        self._tree_timer.timeout.connect(self.guess)
        project = QgsProject.instance()
        project.layersAdded.connect(self._on_layers_added)
        project.layersRemoved.connect(self._on_layers_removed)
        project.readProject.connect(self._guess_later)
        project.cleared.connect(self._reset_choice)
        self.guess()

    def layers(self) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
        """Return the layers before and after."""
        return self.before.currentLayer(), self.after.currentLayer()

    def guess(self) -> None:
        """Select the layers by their dates; a layer that the user has chosen stays selected."""
        project = QgsProject.instance()
        guessed = guess_pair(_imagery(project))
        chosen = [project.mapLayer(layer_id) for layer_id in self._chosen or ("", "")]
        pair = [layer or guess for layer, guess in zip(chosen, guessed)]  # noqa: B905
        if pair[0] is pair[1] and None in chosen:
            kept = 0 if chosen[1] is None else 1
            pair[1 - kept] = next((layer for layer in guessed if layer is not pair[kept]), None)
        self.before.setLayer(pair[0])
        self.after.setLayer(pair[1])
        self._follow_names()

    def swap_layers(self) -> None:
        """Swap the layers before and after."""
        before, after = self.layers()
        self.before.setLayer(after)
        self.after.setLayer(before)
        self._store_choice()

    def clear(self) -> None:
        """Disconnect from the project."""
        self._tree_timer.stop()
        self._stop_following()
        project = QgsProject.instance()
        project.layersAdded.disconnect(self._on_layers_added)
        project.layersRemoved.disconnect(self._on_layers_removed)
        project.readProject.disconnect(self._guess_later)
        project.cleared.disconnect(self._reset_choice)

    def _on_layers_added(self, added: list[QgsMapLayer]) -> None:
        if any(isinstance(layer, QgsRasterLayer) for layer in added):
            self._guess_later()  # once for many layers that QGIS adds one by one

    def _on_layers_removed(self, _: list[str]) -> None:
        self._follow_names()  # a box whose layer is removed shows another one without a signal
        self._guess_later()

    def _guess_later(self, *_: object) -> None:
        self._tree_timer.start()

    def _store_choice(self, *_: object) -> None:
        before, after = self.layers()
        self._chosen = (before.id() if before else "", after.id() if after else "")

    def _reset_choice(self) -> None:
        self._chosen = None

    def _follow_names(self, *_: object) -> None:
        """Show the dates, also when a layer is renamed."""
        self._stop_following()
        self._renamings = [
            layer.nameChanged.connect(self._update_dates)
            for layer in self.layers()
            if layer is not None
        ]
        self._update_dates()

    def _stop_following(self) -> None:
        for renaming in self._renamings:
            QObject.disconnect(renaming)  # does nothing if the layer was deleted
        self._renamings = []

    def _update_dates(self, *_: object) -> None:
        for label, layer in zip(self._dates, self.layers()):  # noqa: B905 - Python 3.9
            date = date_of(layer) if layer is not None else None
            label.setText(f'<span style="color:{muted_colour(self)}">{date}</span>' if date else "")
            label.setVisible(bool(date))
        self.changed.emit()


def _imagery(project: QgsProject) -> list[QgsRasterLayer]:
    """Return the images of a project in the order of the layer tree; others are on top."""
    order = [layer for layer in project.layerTreeRoot().layerOrder() if layer is not None]
    known = {layer.id() for layer in order}
    others = [layer for layer_id, layer in project.mapLayers().items() if layer_id not in known]
    return [layer for layer in (*others, *order) if _is_imagery(layer)]


def _is_imagery(layer: QgsMapLayer) -> bool:
    """Return whether a layer is a valid raster and not a probability raster of mtrs-geo."""
    if not isinstance(layer, QgsRasterLayer) or not layer.isValid():
        return False
    return not isclose(layer.dataProvider().bandScale(1), _PROBABILITY_SCALE, rel_tol=1e-6)
