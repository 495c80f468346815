"""Texts in the user's language."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

__all__ = ["load_translation", "tr"]


def tr(text: str) -> str:
    """Return a text of the plugin in the language of QGIS."""
    return QCoreApplication.translate("mtrs_geo", text)


def load_translation() -> QTranslator | None:
    """Install the translation into QGIS's language; the caller keeps and removes it."""
    language = QgsApplication.locale().partition("_")[0]
    translator = QTranslator()
    if not translator.load(str(Path(__file__).parent / f"{language}.qm")):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
