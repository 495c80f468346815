"""The Python that runs the worker: the one in the settings, else one that is found."""

from __future__ import annotations

from qgis.core import QgsSettings

from .environment import find_python
from .stored import stored

__all__ = ["chosen_python", "set_worker_python", "worker_python"]

_KEY = "mtrs_geo/python"


def worker_python() -> str | None:
    """Return the Python that runs the worker: the one in the settings, else one that is found."""
    return chosen_python() or find_python()


def chosen_python() -> str:
    """Return the Python in the settings; empty if there is none."""
    return stored(_KEY, "")


def set_worker_python(path: str | None) -> None:
    """Store the Python that runs the worker; None restores the search."""
    QgsSettings().setValue(_KEY, path or "")
