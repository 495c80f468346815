"""Summary card below the run button: the result of a run, or its error."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from ..i18n.duration import format_duration
from ..i18n.number import format_area, format_fixed, format_number
from ..i18n.translate import tr
from ..results.change_direction import change_direction
from ..sentences.question import doubt_texts, is_answered, note_texts, question_warnings
from ..widgets.flow import FlowLayout
from ..widgets.text import WrappedText
from .theme import alert_colour, card_style, muted_colour, theme_icon

__all__ = ["SummaryCard"]

_MAX_WARNINGS = 3


class SummaryCard(QFrame):
    """Shows the outcome of the last run; hidden before the first run."""

    zoom_requested = pyqtSignal()
    settings_requested = pyqtSignal()
    resume_requested = pyqtSignal()

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
        self.resume = QPushButton(tr("Resume"))
        self.resume.setIcon(theme_icon("/mActionPlay.svg"))
        self.resume.setToolTip(tr("Go on where the run ended, with the same input"))
        self.resume.clicked.connect(self.resume_requested)
        buttons = FlowLayout()
        for button in (self.compare, self.zoom, self.settings, self.resume):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.addWidget(self.text)
        column.addLayout(buttons)
        self.hide()

    def show_result(self, report: dict[str, Any]) -> None:
        """Show number and area of the polygons per sentence, and what was not answered.

        Args:
            report: of the worker.
        """
        questions = {one["text"]: one for one in report.get("questions", ())}
        refused = [text for text, one in questions.items() if not is_answered(one)]
        total = sum(report["counts"].values())
        is_refused = bool(refused) and len(refused) == len(report["counts"])
        duration = tr("in {}").format(format_duration(report["seconds"]))
        lines = [
            f'<b style="font-size:large">{escape(_head(total, is_refused, len(refused)))}</b> '
            f"{self._muted_html(duration)}"
        ]
        lines += [self._row_html(query, report, questions.get(query)) for query in report["counts"]]
        said = question_warnings(report.get("questions", []))
        others = [warning for warning in report["warnings"] if warning not in said]
        lines += map(self._warning_html, others[:_MAX_WARNINGS])
        if len(others) > _MAX_WARNINGS:
            lines.append(tr("… and {} more warnings").format(len(others) - _MAX_WARNINGS))
        level = "warning" if refused else "plain"
        self._show(_paragraphs(lines), level, is_result=bool(total))

    def show_problem(self, text: str, code: str = "", is_kept: bool = False) -> None:
        """Show an error: its first line bold, the rest below.

        Args:
            text: message and advice.
            code: kind of the error; ``environment`` offers to open the settings.
            is_kept: whether the run can go on.
        """
        first, _, rest = text.partition("\n")
        lines = [f"<b>{escape(first)}</b>", escape(rest).replace("\n", "<br>")]
        self._show(_paragraphs(lines), "error", is_result=False)
        self.settings.setVisible(code == "environment")
        self.resume.setVisible(is_kept)

    def show_note(self, text: str, is_kept: bool = False) -> None:
        """Show a note, and offer to go on if the run can."""
        self._show(escape(text), "plain", is_result=False)
        self.resume.setVisible(is_kept)

    def show_earlier(self) -> None:
        """Offer to compare the results of earlier runs that the project has."""
        text = tr("The project has results of earlier runs.")
        self._show(escape(text), "plain", is_result=True)

    def release_result(self) -> None:
        """Hide the buttons of the result layer, because it is no longer in the project."""
        self.compare.setChecked(False)
        self.compare.setVisible(False)
        self.zoom.setVisible(False)

    def _row_html(self, query: str, report: dict[str, Any], question: dict[str, Any] | None) -> str:
        name = escape(query or tr("any change"))
        if question is not None and not is_answered(question):
            sign = f'<span style="color:{alert_colour(self, "error")}">✗</span>'
            reason = self._muted_html(tr("not answered"))
            facts = f'<td align="right" style="padding-left:12px">{reason}</td>'
        else:
            colour = change_direction(report.get("changes", {}).get(query)).colour
            sign = f'<span style="color:{colour}">■</span>'
            area_m2 = report.get("areas_m2", {}).get(query)
            area = "" if area_m2 is None else format_area(area_m2)
            answer, other = _count_text(report["counts"][query], question), area
            if area and question is not None and question.get("question") == "area":
                answer, other = _area_text(question, area), _polygons_text(report["counts"][query])
            facts = (
                f'<td align="right" style="padding-left:12px"><b>{escape(answer)}</b></td>'
                f'<td align="right" style="padding-left:10px">{self._muted_html(other)}</td>'
            )
        row = (
            '<table width="100%" cellspacing="0">'
            f'<tr><td width="16">{sign}</td><td>{name}</td>{facts}</tr></table>'
        )
        said = [] if question is None else list(map(self._warning_html, doubt_texts(question)))
        if question is not None:
            # The preview shows the translation.
            said += map(self._muted_html, note_texts({**question, "translated": ""}))
        return row + "".join(f'<div style="margin-left:16px">{line}</div>' for line in said)

    def _warning_html(self, text: str) -> str:
        sign = f'<span style="color:{alert_colour(self, "warning")}">⚠</span>'
        return f"{sign} {escape(text)}"

    def _show(self, html: str, level: str, is_result: bool) -> None:
        self.setStyleSheet(card_style(self, self.objectName(), level))
        self.text.setText(html)
        self.compare.setVisible(is_result)
        self.zoom.setVisible(is_result)
        self.settings.setVisible(False)
        self.resume.setVisible(False)
        self.show()

    def _muted_html(self, text: str) -> str:
        return f'<span style="color:{muted_colour(self)}">{escape(text)}</span>'


def _head(total: int, is_refused: bool, sentences: int) -> str:
    if is_refused:
        if sentences == 1:
            return tr("The sentence was not answered")
        return tr("No sentence was answered")
    if not total:
        return tr("No matching changes were found")
    return _polygons_text(total)


def _polygons_text(count: int) -> str:
    return tr("1 polygon") if count == 1 else tr("{} polygons").format(format_number(count))


def _count_text(count: int, question: dict[str, Any] | None) -> str:
    """Return the number of polygons; with yes or no, if the sentence asks for this."""
    number = format_number(count)
    if question is None or question.get("question") != "yes_no":
        return number
    return tr("yes: {}").format(number) if count else tr("no")


def _area_text(question: dict[str, Any], area: str) -> str:
    """Return the area in the unit that is asked for: "4.87 acres".

    Args:
        question: with ``answer``, such as "1,234.5 ha".
        area: returned if a worker of an older version gives no answer.
    """
    number, _, unit = str(question.get("answer") or "").partition(" ")
    if not unit:
        return area
    digits = number.replace(",", "")
    return f"{format_fixed(float(digits), len(digits.partition('.')[2]))} {unit}"


def _paragraphs(lines: list[str]) -> str:
    return "".join(f'<div style="margin-bottom:4px">{line}</div>' for line in lines if line)
