"""The plugin object: provider, options page, toolbar button, menu entries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction

from .i18n.translate import load_translation
from .provider import Provider
from .review.review import Review
from .settings import OptionsFactory
from .worker.builder import running_builder
from .worker.shared import close_shared_worker

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .dock.dock import ChangeDock

__all__ = ["Plugin"]

MENU = "MTRS-Geo"


class Plugin:
    """The plugin in one QGIS session.

    Args:
        iface: the QGIS interface; None in `qgis_process`, which has no window.
    """

    def __init__(self, iface: QgisInterface | None) -> None:
        self.iface = iface
        self._translation = load_translation()
        self.provider: Provider | None = None
        self.options: OptionsFactory | None = None
        self.action: QAction | None = None
        self.dock: ChangeDock | None = None
        self.review: Review | None = None

    def initProcessing(self) -> None:
        """Add the algorithms; `qgis_process` calls only this."""
        self.provider = Provider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self) -> None:
        """Add the provider, the options page, the button and the menu entries to QGIS Desktop."""
        self.initProcessing()
        self.options = OptionsFactory()
        self.iface.registerOptionsWidgetFactory(self.options)
        icon = QIcon(str(Path(__file__).parent / "icon.svg"))
        text = QCoreApplication.translate("mtrs_geo", "Detect changes from a sentence")
        self.action = QAction(icon, text, self.iface.mainWindow())
        self.action.setObjectName("mtrs_geo_open_dock")
        self.action.setCheckable(True)
        self.action.toggled.connect(self.show_dock)
        self.iface.addToolBarIcon(self.action)
        self.iface.addPluginToRasterMenu(MENU, self.action)
        self.review = Review(self.iface)

    def show_dock(self, is_shown: bool) -> None:
        """Open or close the dock; it is created when it is first opened."""
        if self.dock is None:
            if not is_shown:
                return
            from .dock.dock import ChangeDock

            self.dock = ChangeDock(self.iface)
            self.iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.dock)
            self.dock.visibilityChanged.connect(self._sync_button)
        self.dock.setVisible(is_shown)

    def unload(self) -> None:
        """Remove everything from QGIS."""
        if self.dock is not None:
            self.dock.visibilityChanged.disconnect(self._sync_button)
            self.dock.close()
            self.iface.removeDockWidget(self.dock)
            self.dock.deleteLater()
            self.dock = None
        if self.review is not None:
            self.review.unload()
            self.review = None
        if self.action is not None:
            self.iface.removePluginRasterMenu(MENU, self.action)
            self.iface.removeToolBarIcon(self.action)
            self.action.deleteLater()
            self.action = None
        if self.options is not None:
            self.iface.unregisterOptionsWidgetFactory(self.options)
            self.options = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        builder = running_builder()
        if builder is not None:
            builder.cancel()
        close_shared_worker()
        if self._translation is not None:
            QCoreApplication.removeTranslator(self._translation)
            self._translation = None

    def _sync_button(self, is_shown: bool) -> None:
        """Check or uncheck the button with the dock; a dock behind another tab counts as open."""
        if self.action is not None and (is_shown or self.dock.isHidden()):
            self.action.blockSignals(True)
            self.action.setChecked(is_shown)
            self.action.blockSignals(False)
