"""Preview below the query box: how each sentence is understood, updated while typing."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.PyQt.QtCore import QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QWidget

from ..i18n.translate import tr
from ..results.change_direction import change_direction
from ..widgets.text import WrappedText
from ..worker.shared import submit_job
from .theme import chip, muted_colour

__all__ = ["QueryPreview"]

_TYPING_PAUSE_MS = 250
_MAX_LINES = 6


class _Reply(QObject):
    """Passes events of the worker thread to the GUI thread."""

    received = pyqtSignal(str, str, dict)

    def put(self, event: tuple[str, dict[str, Any]]) -> None:
        self.received.emit(self.query, *event)

    def __init__(self, query: str, parent: QObject) -> None:
        super().__init__(parent)
        self.query = query


class QueryPreview(WrappedText):
    """Shows how the worker understands each sentence (its job ``explain``)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_query_preview")
        self._queries: list[str] = []
        self._explanations: dict[str, dict[str, Any]] = {}
        self._pending: set[str] = set()
        self._error = ""
        self._typing_timer = QTimer(self)
        self._typing_timer.setSingleShot(True)
        self._typing_timer.setInterval(_TYPING_PAUSE_MS)
        self._typing_timer.timeout.connect(self._submit)

    def set_query(self, text: str) -> None:
        """Set the sentences; they are explained after a pause in typing."""
        self._queries = text.splitlines()
        self._error = ""
        self._show()
        self._typing_timer.start()

    def _submit(self) -> None:
        for query in self._queries[:_MAX_LINES]:
            if query not in self._explanations and query not in self._pending:
                self._pending.add(query)
                reply = _Reply(query, self)
                reply.received.connect(self._on_reply, Qt.ConnectionType.QueuedConnection)
                submit_job("explain", {"query": query}, reply)
        self._show()

    def _on_reply(self, query: str, kind: str, payload: dict[str, Any]) -> None:
        if kind not in ("result", "error"):
            return
        self._pending.discard(query)
        self.sender().deleteLater()
        if kind == "result":
            self._explanations[query] = payload
        else:
            self._error = " ".join(filter(None, (payload.get("message"), payload.get("advice"))))
        self._show()

    def _show(self) -> None:
        if self._error:
            self.setText(f"<span>{escape(self._error)}</span>")
        elif not self._queries:
            self.setText(self._muted_html(tr("Empty: any change is detected.")))
        else:
            rows = [self._explanation_html(query) for query in self._queries[:_MAX_LINES]]
            more = len(self._queries) - _MAX_LINES
            if more > 0:
                rows.append(self._muted_html(tr("and {} more").format(more)))
            html = "".join(f'<div style="margin-top:3px">{row}</div>' for row in rows)
            self.setText(self._muted_html(tr("Understood as")) + html)

    def _explanation_html(self, query: str) -> str:
        payload = self._explanations.get(query)
        if payload is None:
            return self._muted_html(tr("{} …").format(query))
        questions = payload.get("questions") or [payload]  # an older worker sends no questions
        return "<br>".join(map(self._question_html, questions))

    def _question_html(self, question: dict[str, Any]) -> str:
        messages = "".join(f"<br>{self._muted_html(text)}" for text in question.get("messages", ()))
        if not question.get("answered", True):
            text = question.get("text", "")
            return f"<b>{escape(tr('Not answered'))}</b> {escape(text)}{messages}"
        colour = change_direction(question.get("change")).colour
        square = f'<span style="color:{colour}">■</span>&nbsp;'
        prompt = question["model_text"] or tr("any change")
        chips = [chip(self, rule) for rule in question["rules"]]
        return square + " ".join([f"<b>{escape(prompt)}</b>", *chips]) + messages

    def _muted_html(self, text: str) -> str:
        return f'<span style="color:{QColor(muted_colour(self)).name()}">{escape(text)}</span>'
