"""The layers before and after, preselected by their dates."""

from __future__ import annotations

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QGridLayout, QLabel, QWidget

from ..i18n.translate import tr
from ..layer_dates import date_of, guess_pair
from .theme import muted_colour, tool_button

__all__ = ["LayerPair"]


class LayerPair(QWidget):
    """Two boxes of raster layers and a button that swaps them."""

    changed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_user_choice = False
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
            box.setMinimumContentsLength(8)
            box.setSizeAdjustPolicy(box.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            label = QLabel(name)
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
            grid.addWidget(date, row, 2)
            box.layerChanged.connect(self._update_dates)
            box.activated.connect(self._mark_chosen)
        grid.addWidget(self.swap, 0, 3, 2, 1, Qt.AlignmentFlag.AlignCenter)
        self.swap.clicked.connect(self.swap_layers)
        QgsProject.instance().layersAdded.connect(self.guess)
        QgsProject.instance().cleared.connect(self._reset_choice)
        self.guess()

    def layers(self) -> tuple[QgsRasterLayer | None, QgsRasterLayer | None]:
        """Return the layers before and after."""
        return self.before.currentLayer(), self.after.currentLayer()

    def guess(self, added: list[QgsMapLayer] | None = None) -> None:
        """Select the layers by their dates, unless the user has selected layers.

        Args:
            added: layers that were added; without a raster among them nothing changes.
        """
        is_new = added is None or any(isinstance(layer, QgsRasterLayer) for layer in added)
        if not is_new or (self._is_user_choice and None not in self.layers()):
            return
        order = QgsProject.instance().layerTreeRoot().layerOrder()
        rasters = [layer for layer in order if _is_imagery(layer)]
        before, after = guess_pair(rasters)
        self.before.setLayer(before)
        self.after.setLayer(after)
        self._update_dates()

    def swap_layers(self) -> None:
        """Swap the layers before and after."""
        before, after = self.layers()
        self._is_user_choice = True
        self.before.setLayer(after)
        self.after.setLayer(before)

    def clear(self) -> None:
        """Disconnect from the project."""
        QgsProject.instance().layersAdded.disconnect(self.guess)
        QgsProject.instance().cleared.disconnect(self._reset_choice)

    def _mark_chosen(self, *_: object) -> None:
        self._is_user_choice = True

    def _reset_choice(self) -> None:
        self._is_user_choice = False

    def _update_dates(self, *_: object) -> None:
        for label, layer in zip(self._dates, self.layers()):  # noqa: B905 - Python 3.9
            date = date_of(layer) if layer is not None else None
            label.setText(f'<span style="color:{muted_colour(self)}">{date}</span>' if date else "")
            label.setVisible(bool(date))
        self.changed.emit()


def _is_imagery(layer: QgsMapLayer) -> bool:
    """Return whether a layer is a valid raster and not a probability raster of the plugin."""
    is_raster = isinstance(layer, QgsRasterLayer) and layer.isValid()
    return is_raster and not layer.source().endswith("probability.tif")
