"""Editing of polygons with the QGIS vertex tool; every change is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsFeatureRequest, QgsGeometry, QgsVectorLayer
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QObject, QTimer, pyqtSignal

from ..i18n.translate import tr
from .store import EDITED, ReviewError, ReviewStore

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

__all__ = ["ShapeEdit"]


class ShapeEdit(QObject):
    """One edit session with the vertex tool.

    Every change is committed in the next turn of the event loop.  The original shapes are kept
    until the end of the session, for `restore`.  If a commit fails, the change stays in the
    layer's edit buffer, and the user can save it with the buttons of QGIS.

    Args:
        iface: the QGIS interface.
        store: store of the layer.
        parent: owner of this object.

    Raises:
        ReviewError: if the layer cannot be edited.
    """

    failed = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, iface: QgisInterface, store: ReviewStore, parent: QObject) -> None:
        super().__init__(parent)
        self._iface, self._store = iface, store
        self._originals: dict[int, tuple[QgsGeometry, list[object]]] = {}
        self._changed: set[int] = set()
        self._is_saving = False
        self._previous_tool = iface.mapCanvas().mapTool()
        # The layer's provider shows changes that are not saved if the project has transactions.
        self._file = QgsVectorLayer(self._layer.source(), "file", self._layer.providerType())
        if self._layer.isEditable() or not self._layer.startEditing():
            msg = tr("{} is in edit mode or cannot be edited. Save or discard its edits first.")
            raise ReviewError(msg.format(self._layer.name()))
        self._layer.geometryChanged.connect(self._on_geometry_changed)
        self._layer.editingStopped.connect(self._on_editing_stopped)
        iface.setActiveLayer(self._layer)
        iface.actionVertexToolActiveLayer().trigger()

    @property
    def _layer(self) -> QgsVectorLayer | None:
        return self._store.layer

    def finish(self) -> bool:
        """Save and end the session; return whether both succeeded."""
        if self._layer is None:
            return True
        if not self._save() or not self._layer.commitChanges():
            self._report_failure()
            return False
        return True

    def restore(self) -> bool:
        """Restore the original shapes and end the session; return whether both succeeded."""
        self._changed.clear()
        if self._layer is None:
            return True
        self._is_saving = True
        fields = self._layer.fields()
        keys = set(self._layer.primaryKeyAttributes())
        for fid, (geometry, attributes) in self._originals.items():
            self._layer.changeGeometry(fid, geometry)
            values = {i: v for i, v in enumerate(attributes) if i < len(fields) and i not in keys}
            self._layer.changeAttributeValues(fid, values)
        self._is_saving = False
        if not self._layer.commitChanges():
            self._report_failure()
            return False
        return True

    def _on_geometry_changed(self, fid: int, _: QgsGeometry) -> None:
        if self._is_saving or self._layer is None:
            return
        if fid not in self._originals:
            for feature in self._file.getFeatures(QgsFeatureRequest(fid)):
                self._originals[fid] = QgsGeometry(feature.geometry()), feature.attributes()
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
        is_saved = self._layer.commitChanges(False)
        self._is_saving = False
        if not is_saved:
            self._changed |= changed
            self._report_failure()
        return bool(is_saved)

    def _report_failure(self) -> None:
        reasons = "; ".join(self._layer.commitErrors())
        msg = tr("The shape could not be saved: {}. The edit stays in the edit buffer. Try again.")
        self.failed.emit(msg.format(reasons))

    def _on_editing_stopped(self) -> None:
        """Restore the map tool after this object or the user ended the edit session."""
        if self._layer is not None:
            self._layer.geometryChanged.disconnect(self._on_geometry_changed)
            self._layer.editingStopped.disconnect(self._on_editing_stopped)
        if self._previous_tool is not None and not sip.isdeleted(self._previous_tool):
            self._iface.mapCanvas().setMapTool(self._previous_tool)
        self.ended.emit()
