"""Summary card below the run button: the result of a run, or its error."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from ..i18n.duration import format_duration
from ..i18n.translate import tr
from ..results.change_direction import change_direction
from ..widgets.flow import FlowLayout
from ..widgets.text import WrappedText
from .theme import card_style, muted_colour, theme_icon

__all__ = ["SummaryCard", "format_area"]

_MAX_WARNINGS = 3


def format_area(area_m2: float) -> str:
    """Return an area as text in m², ha or km²."""
    if area_m2 >= 1e6:
        return f"{area_m2 / 1e6:,.2f} km²"
    return f"{area_m2 / 1e4:,.2f} ha" if area_m2 >= 1e4 else f"{area_m2:,.0f} m²"


class SummaryCard(QFrame):
    """Shows the outcome of the last run; hidden before the first run."""

    zoom_requested = pyqtSignal()
    settings_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_summary")
        self.text = WrappedText()
        self.compare = QPushButton(tr("Compare on the map"))
        self.compare.setIcon(theme_icon("/mActionMapTips.svg"))
        self.compare.setCheckable(True)
        self.compare.setToolTip(tr("Click a polygon, then drag the line between the dates"))
        self.zoom = QPushButton(tr("Zoom to all changes"))
        self.zoom.setIcon(theme_icon("/mActionZoomToLayer.svg"))
        self.zoom.clicked.connect(self.zoom_requested)
        self.settings = QPushButton(tr("Open the settings"))
        self.settings.setIcon(theme_icon("/mActionOptions.svg"))
        self.settings.clicked.connect(self.settings_requested)
        buttons = FlowLayout()
        for button in (self.compare, self.zoom, self.settings):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(self.text)
        column.addLayout(buttons)
        self.hide()

    def show_result(self, report: dict[str, Any]) -> None:
        """Show the number and area of polygons per query, from the report of the worker."""
        total, areas_m2 = sum(report["counts"].values()), report.get("areas_m2", {})
        colours = {
            query: change_direction(report.get("changes", {}).get(query)).colour
            for query in report["counts"]
        }
        duration = tr("in {}").format(format_duration(report["seconds"]))
        head = tr("{:,} polygons").format(total) if total != 1 else tr("1 polygon")
        head = head if total else tr("No matching changes were found")
        lines = [f'<b style="font-size:large">{head}</b> {self._muted_html(duration)}']
        areas = {query: format_area(area_m2) for query, area_m2 in areas_m2.items()}
        rows = [
            f'<tr><td style="padding-right:6px"><span style="color:{colours[query]}">■'
            f"</span></td><td>{escape(query or tr('any change'))}</td>"
            f'<td align="right" style="padding-left:12px"><b>{count:,}</b></td>'
            f'<td align="right" style="padding-left:10px">'
            f"{self._muted_html(areas.get(query, ''))}</td></tr>"
            for query, count in report["counts"].items()
        ]
        lines.append(f'<table width="100%" cellspacing="0">{"".join(rows)}</table>')
        lines += [f"⚠ {escape(w)}" for w in report["warnings"][:_MAX_WARNINGS]]
        if len(report["warnings"]) > _MAX_WARNINGS:
            lines.append(
                tr("… and {} more warnings").format(len(report["warnings"]) - _MAX_WARNINGS)
            )
        self._show(_paragraphs(lines), "plain", is_result=bool(total))

    def show_problem(self, text: str, code: str = "") -> None:
        """Show an error: its first line bold, the rest below.

        Args:
            text: message and advice.
            code: kind of the error; ``environment`` offers to open the settings.
        """
        first, _, rest = text.partition("\n")
        lines = [f"<b>{escape(first)}</b>", escape(rest).replace("\n", "<br>")]
        self._show(_paragraphs(lines), "error", is_result=False)
        self.settings.setVisible(code == "environment")

    def show_note(self, text: str) -> None:
        """Show a note."""
        self._show(escape(text), "plain", is_result=False)

    def release_result(self) -> None:
        """Hide the buttons of the result layer, because it is no longer in the project."""
        self.compare.setChecked(False)
        self.compare.setVisible(False)
        self.zoom.setVisible(False)

    def _show(self, html: str, level: str, is_result: bool) -> None:
        self.setStyleSheet(card_style(self, self.objectName(), level))
        self.text.setText(html)
        self.compare.setVisible(is_result)
        self.zoom.setVisible(is_result)
        self.settings.setVisible(False)
        self.show()

    def _muted_html(self, text: str) -> str:
        return f'<span style="color:{muted_colour(self)}">{escape(text)}</span>'


def _paragraphs(lines: list[str]) -> str:
    return "".join(f'<div style="margin-bottom:4px">{line}</div>' for line in lines if line)
