"""Texts in the user's language."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

__all__ = ["tr"]


def tr(text: str) -> str:
    """Return a text of the plugin in the language of QGIS."""
    return QCoreApplication.translate("mtrs_geo", text)
