"""Text box of the sentences, with completion, examples and history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QStringListModel, Qt, pyqtSignal
from qgis.PyQt.QtGui import QTextCursor
from qgis.PyQt.QtWidgets import (
    QCompleter,
    QLabel,
    QMenu,
    QPlainTextEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..i18n.translate import tr
from ..widgets.flow import FlowLayout
from ..worker.stored import stored
from .completion import EXAMPLES, suggestions
from .theme import tool_button

__all__ = ["QueryBox", "QueryEdit", "add_to_history", "read_history"]

_HISTORY_KEY = "mtrs_geo/history"
_MAX_HISTORY = 20
_ACCEPT_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def read_history() -> list[str]:
    """Return the queries of past runs, the latest first."""
    return [text for text in stored(_HISTORY_KEY, []) if isinstance(text, str)]


def add_to_history(text: str) -> None:
    """Add a query to the front of the history."""
    if text:
        history = [text, *(old for old in read_history() if old != text)]
        QgsSettings().setValue(_HISTORY_KEY, history[:_MAX_HISTORY])


class QueryEdit(QPlainTextEdit):
    """Multi-line text edit that completes the grammar of docs/queries.md."""

    submitted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_query")
        self.setAccessibleName(tr("What changed? One sentence per line"))
        self.setTabChangesFocus(True)
        self.setPlaceholderText(
            tr("houses built since 2016") + "\n" + tr("One sentence per line; empty for any change")
        )
        line_px = self.fontMetrics().lineSpacing()
        self.setFixedHeight(round(3.9 * line_px) + 8)
        self._model = QStringListModel(self)
        self._replaced_lengths: dict[str, int] = {}
        self.completer = QCompleter(self._model, self)
        self.completer.setWidget(self)
        self.completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self.completer.activated[str].connect(self._insert_completion)

    def keyPressEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """Insert the key, complete with Ctrl+Space, or run with Ctrl+Enter."""
        is_open = self.completer.popup().isVisible()
        has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in _ENTER_KEYS and has_control:
            self.completer.popup().hide()
            self.submitted.emit()
        elif (
            is_open
            and event.key() in _ACCEPT_KEYS
            and self.completer.popup().currentIndex().isValid()
        ):
            event.ignore()
        elif event.key() == Qt.Key.Key_Space and has_control:
            self.complete(is_requested=True)
        else:
            super().keyPressEvent(event)
            if event.text().isprintable() and event.text():
                self.complete()
            elif is_open:
                self.completer.popup().hide()

    def complete(self, is_requested: bool = False) -> None:
        """Show completions at the cursor."""
        cursor = self.textCursor()
        text = cursor.block().text()[: cursor.positionInBlock()]
        found = suggestions(text, is_requested)
        self._replaced_lengths = {completion: length for length, completion in found}
        self._model.setStringList(list(self._replaced_lengths))
        if not found:
            self.completer.popup().hide()
            return
        rect = self.cursorRect()
        bar = self.completer.popup().verticalScrollBar().sizeHint().width()
        rect.setWidth(self.completer.popup().sizeHintForColumn(0) + bar + 12)
        self.completer.complete(rect)

    def _insert_completion(self, completion: str) -> None:
        cursor = self.textCursor()
        cursor.movePosition(
            QTextCursor.MoveOperation.Left,
            QTextCursor.MoveMode.KeepAnchor,
            self._replaced_lengths.get(completion, 0),
        )
        cursor.insertText(completion)
        self.setTextCursor(cursor)


class QueryBox(QWidget):
    """The sentences, with menus of examples and history."""

    changed = pyqtSignal()
    submitted = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QueryEdit()
        self.examples = self._menu_button(
            "/mActionHelpContents.svg", tr("Examples"), "mtrs_geo_examples", self._show_examples
        )
        self.history = self._menu_button(
            "/mActionHistory.svg", tr("History"), "mtrs_geo_history", self._show_history
        )
        title = QLabel(tr("What changed?"))
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        title.setBuddy(self.edit)
        top = FlowLayout()
        for widget in (title, self.examples, self.history):
            top.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(top)
        column.addWidget(self.edit)
        self.edit.textChanged.connect(self.changed)
        self.edit.submitted.connect(self.submitted)

    def text(self) -> str:
        """Return the sentences, one per line, without blank lines."""
        lines = (line.strip() for line in self.edit.toPlainText().splitlines())
        return "\n".join(filter(None, lines))

    def set_text(self, text: str) -> None:
        """Replace the sentences; the user can undo it."""
        cursor = self.edit.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        self.edit.setFocus()

    def _menu_button(
        self, icon: str, text: str, name: str, show: Callable[[], None]
    ) -> QToolButton:
        button = tool_button(icon, text, name)
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(show)
        button.setMenu(menu)
        return button

    def _show_examples(self) -> None:
        self._fill(self.examples.menu(), list(EXAMPLES))

    def _show_history(self) -> None:
        self._fill(self.history.menu(), read_history())

    def _fill(self, menu: QMenu, texts: list[str]) -> None:
        menu.clear()
        for text in texts:
            label = text.replace("\n", "  ·  ").replace("&", "&&")
            label = label if len(label) <= 70 else label[:69] + "…"
            action = menu.addAction(label)
            action.triggered.connect(lambda _=False, text=text: self.set_text(text))
        if not texts:
            menu.addAction(tr("No history yet")).setEnabled(False)
