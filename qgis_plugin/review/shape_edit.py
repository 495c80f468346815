"""Editing the shape of polygons with QGIS's vertex tool, saved after every change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsFeatureRequest, QgsGeometry
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..i18n.translate import tr
from .store import EDITED, ReviewError, ReviewStore

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

__all__ = ["ShapeEdit"]


class ShapeEdit(QObject):
    """One visit to the vertex tool.

    Every change is committed when the event loop turns next, so nothing waits in an edit
    buffer; the shapes as they were are kept until the end, for `restore`.  A commit that
    fails leaves the change in the layer's edit buffer, and QGIS's own buttons at hand.

    Args:
        iface: QGIS's interface.
        store: of the layer.

    Raises:
        ReviewError: if the layer cannot be edited.
    """

    failed = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, iface: QgisInterface, store: ReviewStore, parent: QObject) -> None:
        super().__init__(parent)
        self._iface, self._store, self._layer = iface, store, store.layer
        self._before: dict[int, tuple[QgsGeometry, list[object]]] = {}
        self._changed: set[int] = set()
        self._is_saving = False
        self._tool = iface.mapCanvas().mapTool()
        if self._layer.isEditable() or not self._layer.startEditing():
            msg = tr("{} is being edited or cannot be: save or discard that first.")
            raise ReviewError(msg.format(self._layer.name()))
        self._layer.geometryChanged.connect(self._note)
        self._layer.editingStopped.connect(self._stopped)
        iface.setActiveLayer(self._layer)
        iface.actionVertexToolActiveLayer().trigger()

    def finish(self) -> bool:
        """Save what is left and end; return whether that went well."""
        if not self._save() or not self._layer.commitChanges():
            self._tell()
            return False
        return True

    def restore(self) -> bool:
        """Put the shapes back as they were, and end; return whether that went well."""
        self._changed.clear()
        self._is_saving = True
        fields = self._layer.fields()
        keys = set(self._layer.primaryKeyAttributes())
        for fid, (geometry, attributes) in self._before.items():
            self._layer.changeGeometry(fid, geometry)
            values = {i: v for i, v in enumerate(attributes) if i < len(fields) and i not in keys}
            self._layer.changeAttributeValues(fid, values)
        self._is_saving = False
        if not self._layer.commitChanges():
            self._tell()
            return False
        return True

    def _note(self, fid: int, _: QgsGeometry) -> None:
        if self._is_saving:
            return
        if fid not in self._before:
            # The provider still holds what was before this change.
            found = self._layer.dataProvider().getFeatures(QgsFeatureRequest(fid))
            for feature in found:
                self._before[fid] = QgsGeometry(feature.geometry()), feature.attributes()
        self._changed.add(fid)
        QTimer.singleShot(0, self._save)

    def _save(self) -> bool:
        if self._layer is None or not self._layer.isEditable() or not self._changed:
            return True
        if self._layer.isEditCommandActive():
            QTimer.singleShot(0, self._save)
            return True
        changed, self._changed = self._changed, set()
        self._is_saving = True
        for fid in changed:
            shape = self._layer.getGeometry(fid)
            values = {**self._store.decision(EDITED), **self._store.measures(shape)}
            self._layer.changeAttributeValues(fid, values)
        done = self._layer.commitChanges(False)
        self._is_saving = False
        if not done:
            self._changed |= changed
            self._tell()
        return bool(done)

    def _tell(self) -> None:
        reasons = "; ".join(self._layer.commitErrors())
        msg = tr("The shape could not be saved: {}. It is kept in the layer's edits; try again.")
        self.failed.emit(msg.format(reasons))

    def _stopped(self) -> None:
        """The edit session is over, by this object or by the user."""
        self._layer.geometryChanged.disconnect(self._note)
        self._layer.editingStopped.disconnect(self._stopped)
        if self._tool is not None:
            self._iface.mapCanvas().setMapTool(self._tool)
        self.ended.emit()
