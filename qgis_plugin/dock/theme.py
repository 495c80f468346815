"""Colours and small parts that the dock's widgets share, on light and dark themes."""

from __future__ import annotations

from html import escape

from qgis.core import QgsApplication
from qgis.PyQt.QtGui import QColor, QIcon, QPalette
from qgis.PyQt.QtWidgets import QToolButton, QWidget

__all__ = ["blended", "card_style", "chip", "muted", "theme_icon", "tool_button"]

_ERROR, _WARNING = QColor("#d93025"), QColor("#c77700")


def theme_icon(name: str) -> QIcon:
    """Return an icon of QGIS's theme."""
    return QgsApplication.getThemeIcon(name)


def tool_button(icon: str, tip: str, name: str) -> QToolButton:
    """Return a flat button with an icon of QGIS's theme, or without where it is empty."""
    button = QToolButton()
    if icon:
        button.setIcon(theme_icon(icon))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setObjectName(name)
    button.setAutoRaise(True)
    return button


def blended(widget: QWidget, colour: QColor | None, share: float) -> str:
    """Return a colour laid thinly over the window of a widget, as #rrggbb.

    Args:
        widget: whose palette counts.
        colour: laid over; None for the text's.
        share: of the colour, 0 to 1.
    """
    palette = widget.window().palette()  # not the widget's, which its own style sheet changes
    base = palette.color(QPalette.ColorRole.Window)
    over = colour or palette.color(QPalette.ColorRole.WindowText)
    mixed = (
        round(share * getattr(over, part)() + (1 - share) * getattr(base, part)())
        for part in ("red", "green", "blue")
    )
    return QColor(*mixed).name()


def muted(widget: QWidget) -> str:
    """Return the colour of text that matters less."""
    return blended(widget, None, 0.62)


def chip(widget: QWidget, text: str, colour: QColor | None = None) -> str:
    """Return rich text of a word on a tinted ground."""
    accent = colour or widget.window().palette().color(QPalette.ColorRole.Highlight)
    ground = blended(widget, accent, 0.22)
    return f'<span style="background-color:{ground}">&nbsp;{escape(text)}&nbsp;</span>'


def card_style(widget: QWidget, name: str, level: str = "plain") -> str:
    """Return the style sheet of a frame named ``name``: plain, warning or error."""
    colour = {"error": _ERROR, "warning": _WARNING}.get(level)
    ground = blended(widget, colour, 0.07 if colour is None else 0.12)
    border = blended(widget, colour, 0.18 if colour is None else 0.55)
    return (
        f"QFrame#{name} {{ background: {ground}; border: 1px solid {border};"
        f" border-radius: 5px; }} QFrame#{name} QLabel {{ background: transparent; }}"
    )
