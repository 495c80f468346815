"""Review on the map: go through the polygons of a layer and decide with keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import Qgis, QgsFeature, QgsMapLayer, QgsProject, QgsVectorLayer, QgsWkbTypes
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtCore import QObject, Qt, QTimer
from qgis.PyQt.QtGui import QColor, QIcon, QKeySequence
from qgis.PyQt.QtWidgets import QAction, QFileDialog, QInputDialog, QMessageBox

from ..i18n.number import format_fixed
from ..i18n.translate import tr
from ..layer_dates import compared_rasters
from ..score_field import score_field
from .panel import ReviewPanel
from .shape_edit import ShapeEdit
from .store import ACCEPTED, EDITED, REJECTED, ReviewError, ReviewStore, save_as_geopackage

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

__all__ = ["Review"]

_MENU = "MTRS-Geo"
_VIEW_SCALE = 4
"""Width of the map view, in widths of the polygon."""


class Review(QObject):
    """The menu entry, the panel (created when it is first opened) and the actions of the keys.

    The keys work only while the map or the panel has the focus.

    Args:
        iface: the QGIS interface.
    """

    def __init__(self, iface: QgisInterface) -> None:
        super().__init__(iface.mainWindow())
        self.iface = iface
        self.panel: ReviewPanel | None = None
        self.store: ReviewStore | None = None
        self.fid: int | None = None
        self.editing: ShapeEdit | None = None
        self._band: QgsRubberBand | None = None
        icon = QIcon(str(Path(__file__).parents[1] / "icon.svg"))
        self.action = QAction(icon, tr("Review changes on the map"), iface.mainWindow())
        self.action.setObjectName("mtrs_geo_review_changes")
        self.action.triggered.connect(self.open)
        iface.addPluginToRasterMenu(_MENU, self.action)
        self.keys = [
            self._key_action(tr("Accept"), self.accept, "A"),
            self._key_action(tr("Reject"), self.reject, "R"),
            self._key_action(tr("Edit shape"), self.edit_shape, "E"),
            self._key_action(tr("Edit text"), self.edit_text, "T"),
            self._key_action(tr("Previous"), lambda: self.step(-1), "P"),
            self._key_action(tr("Next"), lambda: self.step(1), "N"),
            self._key_action(tr("Clear decision"), lambda: self._decide(""), "U"),
            self._key_action(tr("Restore shape"), self.restore_shape, "Esc"),
        ]
        self._enable_restore(False)
        self._deletions = QTimer(self)
        self._deletions.setSingleShot(True)
        self._deletions.setInterval(0)
        self._deletions.timeout.connect(self._show_rest)
        QgsProject.instance().layersWillBeRemoved.connect(self._on_layers_removed)

    def open(self) -> None:
        """Show the panel with the active layer of QGIS."""
        if self.panel is None:
            self._create_panel()
        self.panel.setUserVisible(True)
        layer = self.iface.activeLayer()
        if isinstance(layer, QgsVectorLayer):
            self.panel.layers.setLayer(layer)
        if self.store is None:
            self.set_layer(self.panel.layers.currentLayer())

    def unload(self) -> None:
        """Remove the panel, the menu entry and the keys."""
        QgsProject.instance().layersWillBeRemoved.disconnect(self._on_layers_removed)
        self._release_layer()
        self.iface.removePluginRasterMenu(_MENU, self.action)
        for key in self.keys:
            self.iface.mapCanvas().removeAction(key)
        if self.panel is not None:
            self.panel.layers.layerChanged.disconnect(self.set_layer)
            self.iface.removeDockWidget(self.panel)
            self.panel.deleteLater()
            self.panel = None
        self.action.deleteLater()
        self.deleteLater()

    def set_layer(self, layer: QgsMapLayer | None) -> None:
        """Review a layer, from its first polygon without a decision."""
        if self.store is not None and layer is not None and layer.id() == self.store.layer_id:
            return
        self._release_layer()
        if not isinstance(layer, QgsVectorLayer):
            self.panel.show_message(tr("Choose a layer of changes."))
            return
        try:
            self.store = ReviewStore(layer)
        except ReviewError as error:
            has_polygons = layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
            is_other_format = (
                layer.storageType() != "GPKG" and layer.fields().lookupField("query") >= 0
            )
            self.panel.show_message(str(error), has_polygons and is_other_format)
            return
        for signal, slot in self._signals(layer):
            signal.connect(slot)
        fids = self.store.fids
        self.fid = next((f for f in fids if not self.store.state(f)), fids[0] if fids else None)
        self._show(True)

    def accept(self) -> None:
        """Accept the polygon and go to the next one."""
        is_edited = self.fid is not None and self.store.state(self.fid) == EDITED
        self._decide(EDITED if is_edited else ACCEPTED, 1)

    def reject(self) -> None:
        """Reject the polygon and go to the next one."""
        self._decide(REJECTED, 1)

    def step(self, offset: int) -> None:
        """Go to another polygon; the first one follows the last one."""
        if self.fid is None or not self._finish_shape():
            return
        fids = self.store.fids
        index = fids.index(self.fid) if self.fid in fids else 0
        self.fid = fids[(index + offset) % len(fids)]
        self._show(True)

    def edit_shape(self) -> None:
        """Start or end editing the shape."""
        if self.fid is None:
            return
        if self.editing is not None:
            self._finish_shape()
            return
        try:
            self.editing = ShapeEdit(self.iface, self.store, self)
        except ReviewError as error:
            self._warn(str(error))
            return
        self.editing.failed.connect(self._warn)
        self.editing.ended.connect(self._on_shape_ended)
        self._enable_restore(True)
        self._show(True)

    def restore_shape(self) -> None:
        """End the editing and restore the original shape."""
        if self.editing is not None:
            self.editing.restore()

    def edit_text(self) -> None:
        """Ask the user for another sentence."""
        if self.fid is None or not self._finish_shape():
            return
        text, is_accepted = QInputDialog.getText(
            self.panel, tr("Edit text"), tr("What changed here?"), text=self.store.text(self.fid)
        )
        text = text.strip()
        if self.fid is None:  # the layer was removed while the dialog was open
            return
        if is_accepted and text != self.store.text(self.fid):
            self._save_or_warn(lambda: self.store.set_text(self.fid, text))
            self._show(False)

    def export(self) -> None:
        """Open the dialog of ``mtrs_geo:pairs`` for this layer."""
        if self.store is not None and self._finish_shape():
            from processing import execAlgorithmDialog

            rasters = compared_rasters(self.store.layer, QgsProject.instance())
            known = dict(zip(("BEFORE", "AFTER"), rasters))  # noqa: B905 - Python 3.9
            execAlgorithmDialog("mtrs_geo:pairs", {"POLYGONS": self.store.layer_id, **known})

    def save(self) -> None:
        """Save a copy of the layer as GeoPackage and review the copy."""
        layer = self.panel.layers.currentLayer()
        if layer is None:
            return
        layer_id = layer.id()
        path, _ = QFileDialog.getSaveFileName(
            self.panel, tr("Save as GeoPackage"), f"{layer.name()}.gpkg", "GeoPackage (*.gpkg)"
        )
        if path and not path.lower().endswith(".gpkg"):
            path += ".gpkg"  # the dialog has asked about the name without it
            if Path(path).exists() and not self._may_replace(path):
                return
        layer = QgsProject.instance().mapLayer(layer_id)  # None if removed during the dialog
        if not path or layer is None:
            return
        try:
            copy = save_as_geopackage(layer, path)
        except ReviewError as error:
            self._warn(str(error))
            return
        QgsProject.instance().addMapLayer(copy)
        self.panel.layers.setLayer(copy)

    def _may_replace(self, path: str) -> bool:
        answer = QMessageBox.question(
            self.panel, tr("Save as GeoPackage"),
            tr("{} already exists. Replace it?").format(path),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )  # fmt: skip
        return answer == QMessageBox.StandardButton.Yes

    def _key_action(self, text: str, slot: Callable[[], None], key: str) -> QAction:
        action = QAction(f"{text} ({key})", self)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setEnabled(False)
        action.triggered.connect(lambda *_: slot())
        return action

    def _create_panel(self) -> None:
        self.panel = ReviewPanel(self.keys, self.iface.mainWindow())
        self.panel.show_message(tr("Choose a layer of changes."))
        self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.panel)
        self.panel.layers.layerChanged.connect(self.set_layer)
        self.panel.save.clicked.connect(self.save)
        self.panel.export.clicked.connect(self.export)
        self.panel.visibilityChanged.connect(self._update_keys)
        for key in self.keys:
            self.iface.mapCanvas().addAction(key)

    def _update_keys(self, is_shown: bool) -> None:
        """Enable the keys while the panel is visible and has a polygon."""
        is_enabled = is_shown and self.fid is not None
        for key in self.keys[:-1]:
            key.setEnabled(is_enabled)
        self._enable_restore(is_enabled and self.editing is not None)
        if self._band is not None:
            self._band.setVisible(is_enabled)

    def _enable_restore(self, is_enabled: bool) -> None:
        self.keys[-1].setEnabled(is_enabled)

    def _decide(self, state: str, offset: int = 0) -> None:
        if self.fid is None or not self._finish_shape():
            return
        if self._save_or_warn(lambda: self.store.mark(self.fid, state)):
            self.step(offset) if offset else self._show(False)

    def _save_or_warn(self, save: Callable[[], None]) -> bool:
        try:
            save()
        except ReviewError as error:
            self._warn(str(error))
            return False
        return True

    def _finish_shape(self) -> bool:
        return self.editing is None or self.editing.finish()

    def _on_shape_ended(self) -> None:
        self.editing.deleteLater()
        self.editing = None
        self._enable_restore(False)
        self._reload()

    def _reload(self, *_: object) -> None:
        """Reload the layer after features were added, removed or edited."""
        if self.store is None:
            return
        self.store.read()
        fids = self.store.fids
        if self.fid not in fids:
            self.fid = fids[0] if fids else None
        self._show(False)

    def _show(self, zoom: bool) -> None:
        if self.fid is None:
            self.panel.show_message(tr("{} contains no polygons.").format(self.store.layer.name()))
            self._update_keys(False)
            return
        feature = self.store.feature(self.fid)
        if not feature.isValid():
            self.fid = None
            msg = tr(
                "{} cannot be opened. Check that it exists and that no other program locks it."
            )
            self.panel.show_message(msg.format(self.store.layer.name()))
            self._update_keys(False)
            return
        fids, counts = self.store.fids, self.store.counts()
        position = tr("{} of {}").format(fids.index(self.fid) + 1, len(fids))
        text = tr(
            "{accepted} accepted · {rejected} rejected · {edited} edited · {open} not reviewed"
        )
        self.panel.show_polygon(
            position, text.format(open=counts.pop(""), **counts), sum(counts.values()) / len(fids),
            self._description(feature),
        )  # fmt: skip
        self._update_keys(self.panel.isUserVisible())
        self._highlight(zoom)

    def _description(self, feature: QgsFeature) -> str:
        names = self.store.layer.fields().names()
        text = self.store.text(self.fid) or tr("any change")
        lines = [tr("“{}”").format(text)]
        score = score_field(names)
        if score in names and isinstance(feature[score], float):
            lines.append(tr("Score {}").format(format_fixed(feature[score], 2)))
        if "area_m2" in names and isinstance(feature["area_m2"], float):
            lines.append(f"{format_fixed(feature['area_m2'], 0)} m²")
        state = {
            ACCEPTED: tr("accepted"), REJECTED: tr("rejected"), EDITED: tr("edited"),
        }.get(self.store.state(self.fid), tr("not reviewed"))  # fmt: skip
        if self.editing is not None:
            state = tr("editing the shape: E ends, Esc restores")
        return "\n".join([lines[0], " · ".join([*lines[1:], state])])

    def _highlight(self, zoom: bool) -> None:
        canvas, layer = self.iface.mapCanvas(), self.store.layer
        if self._band is None:
            self._band = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
            self._band.setStrokeColor(QColor(255, 215, 0))
            self._band.setFillColor(QColor(0, 0, 0, 0))
            self._band.setWidth(3)
        geometry = self.store.layer.getGeometry(self.fid)
        self._band.setToGeometry(geometry, layer)
        self._band.setVisible(self.editing is None)
        if zoom and not geometry.isEmpty():
            extent = canvas.mapSettings().layerExtentToOutputExtent(layer, geometry.boundingBox())
            extent.scale(_VIEW_SCALE)
            canvas.setExtent(extent)
            canvas.refresh()

    def _warn(self, text: str) -> None:
        self.iface.messageBar().pushMessage("MTRS-Geo", text, Qgis.MessageLevel.Warning, 0)

    def _release_layer(self) -> None:
        """Disconnect from the layer."""
        if self.editing is not None:
            self.editing.finish()
        if self.store is not None:
            for signal, slot in self._signals(self.store.layer):
                signal.disconnect(slot)
        self._reset()

    def _signals(self, layer: QgsVectorLayer) -> tuple[tuple[Any, Callable[..., None]], ...]:
        """Return the signals of a layer that change the review, with their slots."""
        return (
            (layer.dataSourceChanged, self._on_source_changed),
            (layer.subsetStringChanged, self._reload),
            (layer.updatedFields, self._on_fields_changed),
            (layer.featureDeleted, self._on_feature_deleted),
            (layer.editingStopped, self._reload),
            (layer.committedFeaturesAdded, self._reload),
            (layer.committedFeaturesRemoved, self._reload),
        )

    def _on_feature_deleted(self, fid: int) -> None:
        """Leave out a polygon that the user deleted in an edit session of QGIS."""
        following = self.store.forget(fid)
        self.fid = following if fid == self.fid else self.fid
        self._deletions.start()  # once for many polygons

    def _show_rest(self) -> None:
        if self.store is not None:
            self._show(False)

    def _on_fields_changed(self) -> None:
        """Start anew after columns of the review were deleted or renamed."""
        if not self.store.has_columns():
            self._on_source_changed()

    def _on_layers_removed(self, ids: list[str]) -> None:
        if self.store is not None and self.store.layer_id in ids:
            self._release_layer()
            self.panel.show_message(tr("Choose a layer of changes."))

    def _on_source_changed(self) -> None:
        """Read the layer again after its file was replaced."""
        layer = self.store.layer
        self._release_layer()
        self.set_layer(layer)

    def _reset(self) -> None:
        if self._band is not None:
            self.iface.mapCanvas().scene().removeItem(self._band)
            self._band = None
        self.store = self.fid = self.editing = None
        for key in self.keys:
            key.setEnabled(False)
