"""The line below the query box: how the worker understands each sentence, while it is typed."""

from __future__ import annotations

from html import escape
from typing import Any

from qgis.PyQt.QtCore import QObject, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QLabel, QWidget

from ..i18n.translate import tr
from ..results.change_kinds import kind_named
from ..worker.shared import ask
from .theme import chip, muted

__all__ = ["Understood"]

_PAUSE_MS = 250
_MOST = 6


class _Letterbox(QObject):
    """Brings the worker's answers into the thread of the window."""

    came = pyqtSignal(str, str, dict)

    def put(self, answer: tuple[str, dict[str, Any]]) -> None:
        self.came.emit(self.line, *answer)

    def __init__(self, line: str, parent: QObject) -> None:
        super().__init__(parent)
        self.line = line


class Understood(QLabel):
    """Asks the worker to explain each sentence, and shows its answers."""

    answered = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_understood")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lines: list[str] = []
        self._known: dict[str, dict[str, Any]] = {}
        self._asked: set[str] = set()
        self._problem = ""
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._ask)

    def set_query(self, text: str) -> None:
        """Explain these sentences after a pause in typing."""
        self._lines = text.splitlines()
        self._problem = ""
        self._show()
        self._pause.start()

    def _ask(self) -> None:
        for line in self._lines[:_MOST]:
            if line not in self._known and line not in self._asked:
                self._asked.add(line)
                letterbox = _Letterbox(line, self)
                letterbox.came.connect(self._answer, Qt.ConnectionType.QueuedConnection)
                ask("explain", {"query": line}, letterbox)
        self._show()

    def _answer(self, line: str, kind: str, facts: dict[str, Any]) -> None:
        if kind not in ("result", "error"):
            return
        self._asked.discard(line)
        self.sender().deleteLater()
        if kind == "result":
            self._known[line] = facts
        else:
            self._problem = " ".join(filter(None, (facts.get("message"), facts.get("advice"))))
        self._show()
        self.answered.emit()

    def _show(self) -> None:
        if self._problem:
            self.setText(f"<span>{escape(self._problem)}</span>")
        elif not self._lines:
            self.setText(self._small(tr("Empty: any change is looked for.")))
        else:
            shown = [self._explained(line) for line in self._lines[:_MOST]]
            more = len(self._lines) - _MOST
            if more > 0:
                shown.append(self._small(tr("and {} more").format(more)))
            rows = "".join(f'<div style="margin-top:3px">{one}</div>' for one in shown)
            self.setText(self._small(tr("Understood as")) + rows)

    def _explained(self, line: str) -> str:
        facts = self._known.get(line)
        if facts is None:
            return self._small(tr("{} …").format(line))
        square = f'<span style="color:{kind_named(facts.get("change")).colour}">■</span>&nbsp;'
        asked = facts["model_text"] or tr("any change")
        chips = [chip(self, rule) for rule in facts["rules"]]
        return square + " ".join([f"<b>{escape(asked)}</b>", *chips])

    def _small(self, text: str) -> str:
        return f'<span style="color:{QColor(muted(self)).name()}">{escape(text)}</span>'
