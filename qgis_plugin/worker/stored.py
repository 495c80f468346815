"""Values of the settings of QGIS, which another version or a person may have written."""

from __future__ import annotations

from typing import TypeVar

from qgis.core import QgsSettings

__all__ = ["stored"]

_Value = TypeVar("_Value", bool, float, str, list)


def stored(key: str, default: _Value) -> _Value:
    """Return a value of the settings; the default if it is missing or of another type."""
    try:
        value = QgsSettings().value(key, default, type=type(default))
    except TypeError:  # text that is no number, for example
        return default
    return value if isinstance(value, type(default)) else default
