"""The Processing provider."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .algorithms import ALGORITHMS

__all__ = ["Provider"]


class Provider(QgsProcessingProvider):
    """Provides the algorithms ``mtrs_geo:…``."""

    def id(self) -> str:
        """Return the prefix of the algorithms' ids."""
        return "mtrs_geo"

    def name(self) -> str:
        """Return the name in the toolbox."""
        return "MTRS-Geo"

    def icon(self) -> QIcon:
        """Return the icon in the toolbox."""
        return QIcon(str(Path(__file__).parent / "icon.svg"))

    def loadAlgorithms(self) -> None:
        """Add a new instance of every algorithm."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
