"""Which Python runs the worker: the one in the settings, else one that is found."""

from __future__ import annotations

from qgis.core import QgsSettings

from .environment import find_python

__all__ = ["chosen_python", "set_worker_python", "worker_python"]

_KEY = "mtrs_geo/python"


def worker_python() -> str | None:
    """Return the Python that runs the worker: the one chosen, else one that is found."""
    return chosen_python() or find_python()


def chosen_python() -> str:
    """Return the Python chosen in the settings, empty if none is."""
    return str(QgsSettings().value(_KEY, "", type=str))


def set_worker_python(path: str | None) -> None:
    """Choose the Python that runs the worker; None lets it be found."""
    QgsSettings().setValue(_KEY, path or "")
