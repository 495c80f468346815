"""Texts in the language of QGIS."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

__all__ = ["load_translation", "tr"]


def tr(text: str) -> str:
    """Return the translation of an English text of the plugin; the text itself if there is none."""
    return QCoreApplication.translate("mtrs_geo", text)


def load_translation() -> QTranslator | None:
    """Install the translation for the language of QGIS; the caller keeps and removes it."""
    language = _language().partition("_")[0]
    translator = QTranslator()
    if not translator.load(str(Path(__file__).parent / f"{language}.qm")):
        return None
    QCoreApplication.installTranslator(translator)
    return translator


def _language() -> str:
    """Return the language of the interface of QGIS, such as "de" or "de_DE".

    `QgsApplication.locale` does not know the language that QGIS was started with (``--lang``).
    """
    is_chosen = QgsSettings().value("locale/overrideFlag", False, bool)
    started_with = "" if is_chosen else QgsApplication.instance().translation()
    return started_with or QgsApplication.locale()
