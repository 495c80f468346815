"""Numbers and areas as text, with the marks of the language of QGIS."""

from __future__ import annotations

from qgis.PyQt.QtCore import QLocale

__all__ = ["format_area", "format_fixed", "format_number"]


def format_number(value: float, decimals: int = 3) -> str:
    """Return a number without zeros at its end: 1,000 or 0.5 in English, 0,5 in German.

    Args:
        value: a number.
        decimals: the most decimals.
    """
    text = f"{value:.{decimals}f}"
    return format_fixed(value, len(text.rstrip("0").partition(".")[2]) if "." in text else 0)


def format_fixed(value: float, decimals: int) -> str:
    """Return a number with a fixed number of decimals."""
    return QLocale().toString(float(value), "f", decimals)


def format_area(area_m2: float, with_ha: bool = True) -> str:
    """Return an area as text in m², ha or km².

    Args:
        area_m2: an area in m².
        with_ha: whether areas from one hectare on are in ha; otherwise km² from ten hectares on.
    """
    if area_m2 >= (1e6 if with_ha else 1e5):
        return f"{format_fixed(area_m2 / 1e6, 2)} km²"
    if with_ha and area_m2 >= 1e4:
        return f"{format_fixed(area_m2 / 1e4, 2)} ha"
    return f"{format_fixed(area_m2, 0)} m²"
