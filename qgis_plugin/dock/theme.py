"""Colours, icons and buttons of the dock's widgets, for light and dark themes."""

from __future__ import annotations

from html import escape

from qgis.core import QgsApplication
from qgis.PyQt.QtGui import QColor, QIcon, QPalette
from qgis.PyQt.QtWidgets import QToolButton, QWidget

__all__ = [
    "alert_colour",
    "blend",
    "card_style",
    "chip",
    "muted_colour",
    "theme_icon",
    "tool_button",
]

_ALERTS = {"error": QColor("#d93025"), "warning": QColor("#c77700")}


def theme_icon(name: str) -> QIcon:
    """Return an icon of the QGIS theme."""
    return QgsApplication.getThemeIcon(name)


def tool_button(icon: str, tip: str, name: str) -> QToolButton:
    """Return a flat button with an icon of the QGIS theme; an empty name gives no icon."""
    button = QToolButton()
    if icon:
        button.setIcon(theme_icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setObjectName(name)
    button.setAutoRaise(True)
    return button


def blend(widget: QWidget, colour: QColor | None, fraction: float) -> str:
    """Return a colour blended with the window colour of a widget, as #rrggbb.

    Args:
        widget: its window gives the palette.
        colour: colour to blend; None for the text colour.
        fraction: fraction of ``colour``, 0 to 1.
    """
    palette = widget.window().palette()  # a style sheet changes the palette of a widget
    background = palette.color(QPalette.ColorRole.Window)
    foreground = colour or palette.color(QPalette.ColorRole.WindowText)
    mixed = (
        round(
            fraction * getattr(foreground, channel)()
            + (1 - fraction) * getattr(background, channel)()
        )
        for channel in ("red", "green", "blue")
    )
    return QColor(*mixed).name()


def muted_colour(widget: QWidget) -> str:
    """Return the colour of secondary text."""
    return blend(widget, None, 0.62)


def alert_colour(widget: QWidget, level: str) -> str:
    """Return the colour of a sign: ``warning`` or ``error``."""
    return blend(widget, _ALERTS[level], 0.9)


def chip(widget: QWidget, text: str, colour: QColor | None = None) -> str:
    """Return rich text with a tinted background."""
    accent = colour or widget.window().palette().color(QPalette.ColorRole.Highlight)
    fill = blend(widget, accent, 0.22)
    return f'<span style="background-color:{fill}">&nbsp;{escape(text)}&nbsp;</span>'


def card_style(widget: QWidget, name: str, level: str = "plain") -> str:
    """Return the style sheet of a frame named ``name``: plain, warning or error."""
    colour = _ALERTS.get(level)
    fill = blend(widget, colour, 0.07 if colour is None else 0.12)
    border = blend(widget, colour, 0.18 if colour is None else 0.55)
    return (
        f"QFrame#{name} {{ background: {fill}; border: 1px solid {border};"
        f" border-radius: 5px; }} QFrame#{name} QLabel {{ background: transparent; }}"
    )
