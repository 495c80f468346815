"""QGIS plugin: change detection from a sentence, as a user interface of `mtrs_geo.worker`.

Plain PyQGIS for QGIS 3.22 to 4.  The plugin does not import mtrs_geo, which runs in a separate
Python environment.  Licensed GPL-2.0-or-later, see LICENSE in this folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qgis.gui import QgisInterface

    from .plugin import Plugin

__all__ = ["classFactory"]


def classFactory(iface: QgisInterface) -> Plugin:
    """Return the plugin; QGIS calls this."""
    from .plugin import Plugin

    return Plugin(iface)
