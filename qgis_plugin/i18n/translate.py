"""Texts in the language of QGIS."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

__all__ = ["load_translation", "tr"]


def tr(text: str) -> str:
    """Return the translation of an English text of the plugin; the text itself if there is none."""
    return QCoreApplication.translate("mtrs_geo", text)


def load_translation() -> QTranslator | None:
    """Install the translation for the language of QGIS; the caller keeps and removes it."""
    language = QgsApplication.locale().partition("_")[0]
    translator = QTranslator()
    if not translator.load(str(Path(__file__).parent / f"{language}.qm")):
        return None
    QCoreApplication.installTranslator(translator)
    return translator
