"""Change detection from a sentence, in QGIS: a thin shell around `mtrs_geo.worker`.

Plain PyQGIS, QGIS 3.22 to 4; nothing of mtrs_geo is imported here, it runs in a Python of
its own.  Licensed GPL-2.0-or-later, see LICENSE beside this file.
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
