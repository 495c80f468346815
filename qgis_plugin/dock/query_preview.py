"""Preview below the query box: how each sentence is understood, updated while typing."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.PyQt.QtCore import QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtWidgets import QWidget

from ..i18n.translate import tr
from ..results.change_direction import change_direction
from ..sentences.question import (
    condition_texts,
    doubt_texts,
    is_answered,
    note_texts,
    subject_text,
)
from ..widgets.text import WrappedText
from ..worker.shared import submit_job
from .theme import alert_colour, chip, muted_colour

__all__ = ["QueryPreview"]

_TYPING_PAUSE_MS = 250
_MAX_LINES = 6
_Key = tuple
"""A sentence, and the parameters that it was explained with."""


class _Reply(QObject):
    """Passes events of the worker thread to the GUI thread."""

    received = pyqtSignal(object, str, dict)

    def put(self, event: tuple[str, dict[str, Any]]) -> None:
        self.received.emit(self.key, *event)

    def __init__(self, key: _Key, parent: QObject) -> None:
        super().__init__(parent)
        self.key = key


class QueryPreview(WrappedText):
    """Shows how the worker understands each sentence (its job ``explain``)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_query_preview")
        self._queries: list[str] = []
        self._params: dict[str, Any] = {}
        self._explanations: dict[_Key, dict[str, Any]] = {}
        self._errors: dict[_Key, str] = {}
        self._pending: set[_Key] = set()
        self._typing_timer = QTimer(self)
        self._typing_timer.setSingleShot(True)
        self._typing_timer.setInterval(_TYPING_PAUSE_MS)
        self._typing_timer.timeout.connect(self._submit)

    def set_query(self, text: str) -> None:
        """Set the sentences; they are explained after a pause in typing."""
        self._queries = text.splitlines()
        self._explain_later()

    def set_params(self, params: dict[str, Any]) -> None:
        """Set the other parameters of the job, such as the model."""
        if params != self._params:
            self._params = params
            self._explain_later()

    def _explain_later(self) -> None:
        self._errors.clear()
        self._show()
        self._typing_timer.start()

    def _key(self, query: str) -> _Key:
        return (query, *self._params.items())

    def _submit(self) -> None:
        for query in self._queries[:_MAX_LINES]:
            key = self._key(query)
            if key not in self._explanations and key not in self._pending:
                self._pending.add(key)
                reply = _Reply(key, self)
                reply.received.connect(self._on_reply, Qt.ConnectionType.QueuedConnection)
                submit_job("explain", {"query": query, **self._params}, reply)
        self._show()

    def _on_reply(self, key: _Key, kind: str, payload: dict[str, Any]) -> None:
        if kind not in ("result", "error"):
            return
        self._pending.discard(key)
        self.sender().deleteLater()
        if kind == "result":
            self._explanations[key] = payload
        else:
            texts = payload.get("message"), payload.get("advice")
            self._errors[key] = " ".join(filter(None, texts))
        self._show()

    def _show(self) -> None:
        keys = [self._key(query) for query in self._queries[:_MAX_LINES]]
        error = next((self._errors[key] for key in keys if key in self._errors), "")
        if error:
            self.setText(f"<span>{escape(error)}</span>")
        elif not self._queries:
            self.setText(self._muted_html(tr("Empty: any change is detected.")))
        else:
            rows = list(map(self._explanation_html, keys))
            more = len(self._queries) - _MAX_LINES
            if more > 0:
                rows.append(self._muted_html(tr("and {} more").format(more)))
            html = "".join(f'<div style="margin-top:3px">{row}</div>' for row in rows)
            self.setText(self._muted_html(tr("Understood as")) + html)

    def _explanation_html(self, key: _Key) -> str:
        payload = self._explanations.get(key)
        if payload is None:
            return self._muted_html(tr("{} …").format(key[0]))
        questions = payload.get("questions") or [payload]  # an older worker sends no questions
        return "<br>".join(map(self._question_html, questions))

    def _question_html(self, question: dict[str, Any]) -> str:
        notes = [self._muted_html(text) for text in note_texts(question)]
        doubts = list(map(escape, doubt_texts(question)))
        if not is_answered(question):
            sign = f'<span style="color:{alert_colour(self, "error")}">✗</span>&nbsp;'
            head = f"<b>{escape(tr('Not answered: {}').format(question.get('text', '')))}</b>"
            return "<br>".join([sign + head, *notes, *doubts])
        sign = f'<span style="color:{alert_colour(self, "warning")}">⚠</span>&nbsp;'
        colour = change_direction(question.get("change")).colour
        square = f'<span style="color:{colour}">■</span>&nbsp;'
        chips = [chip(self, text) for text in condition_texts(question)]
        head = square + " ".join([f"<b>{escape(subject_text(question))}</b>", *chips])
        return "<br>".join([head, *notes, *(sign + doubt for doubt in doubts)])

    def _muted_html(self, text: str) -> str:
        return f'<span style="color:{muted_colour(self)}">{escape(text)}</span>'
