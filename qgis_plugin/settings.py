"""The plugin's page in QGIS's options."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

from qgis.core import Qgis
from qgis.gui import QgsFileWidget, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import QT_VERSION_STR
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QApplication,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from .i18n.translate import tr
from .worker.environment import Builder, find_python, install_command, managed_folder, python_of
from .worker.python_setting import chosen_python, set_worker_python, worker_python

__all__ = ["OptionsFactory", "OptionsPage"]


class OptionsPage(QgsOptionsPageWidget):
    """Choose, test and create the Python of the worker."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_options")
        self._client: Any = None
        self._builder: Builder | None = None
        self.python = QgsFileWidget()
        self.python.setDialogTitle(tr("Python of the environment with mtrs-geo"))
        self.python.setFilePath(chosen_python())
        self.python.lineEdit().setPlaceholderText(find_python() or tr("none found"))
        self.wheels = QgsFileWidget()
        self.wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.wheels.lineEdit().setPlaceholderText(tr("leave empty to use the network"))
        self.wheels.setToolTip(
            tr("Made on a computer of the same kind that has a network, with what works there:")
            + "<br>pip install mtrs-geo<br>mtrs-geo doctor<br>pip freeze &gt; set.txt"
            "<br>pip wheel -w wheels -r set.txt"
        )
        self.command = QLineEdit()
        self.command.setReadOnly(True)
        self.test = QPushButton(tr("Test"))
        self.create = QPushButton(tr("Create environment"))
        self.copy = QPushButton(tr("Copy diagnostics"))
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.report = QPlainTextEdit()
        self.report.setReadOnly(True)
        self._arrange()
        self.test.clicked.connect(self.run_test)
        self.create.clicked.connect(self.run_create)
        self.copy.clicked.connect(self._copy)
        self.wheels.fileChanged.connect(self._show_command)
        self._show_command()

    def apply(self) -> None:
        """Keep what was entered, for the next run on; QGIS calls this on OK."""
        from .worker.shared import close_shared_worker

        before = worker_python()
        set_worker_python(self.python.filePath().strip())
        if worker_python() != before:
            close_shared_worker()

    def run_test(self) -> None:
        """Start a worker with the Python entered and let it examine itself."""
        from .worker.client import WorkerClient

        self._close_client()
        self.test.setEnabled(False)
        self.state.setText(tr("Testing…"))
        self.report.clear()
        python = self.python.filePath().strip() or find_python()
        self._client = WorkerClient(python, self)
        self._client.hello.connect(self._greeted)
        self._client.result.connect(self._examined)
        self._client.error.connect(self._refused)
        self._client.submit("doctor", {})

    def run_create(self) -> None:
        """Make the plugin's environment; a second click stops it."""
        if self._builder is not None:
            self._builder.cancel()
            return
        self.report.clear()
        self.create.setText(tr("Stop"))
        self.state.setText(tr("Creating {}…").format(managed_folder()))
        self._builder = Builder(managed_folder(), self.wheels.filePath().strip(), self)
        self._builder.said.connect(self._say)
        self._builder.done.connect(self._created)
        self._builder.start()

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """End the worker of a test with the page."""
        self._close_client()
        super().hideEvent(event)

    def _arrange(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Python with mtrs-geo"), self.python)
        form.addRow(tr("Folder of wheels (offline)"), self.wheels)
        form.addRow(tr("To install by hand"), self.command)
        buttons = QHBoxLayout()
        for button in (self.test, self.create, self.copy):
            buttons.addWidget(button)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(buttons)
        column.addWidget(self.state)
        column.addWidget(self.report, 1)

    def _show_command(self, *_: object) -> None:
        command = install_command(str(python_of(managed_folder())), self.wheels.filePath().strip())
        quoted = (f'"{part}"' if " " in part else part for part in command)
        text = " ".join(quoted) if sys.platform == "win32" else shlex.join(command)
        self.command.setText(text)
        self.command.setCursorPosition(0)  # what does not fit is its end, not its beginning

    def _greeted(self, facts: dict[str, Any]) -> None:
        self._say(f"mtrs-geo {facts['version']}, Python {facts['python']}, {facts['device']}\n")

    def _examined(self, _: str, facts: dict[str, Any]) -> None:
        for found in facts["findings"]:
            mark = "ok" if found["ok"] else "FAIL"
            self._say(f"{mark:4} {found['what']}: {found['detail']}\n")
        self._tested(tr("It works.") if facts["ok"] else tr("Something is wrong, see below."))

    def _refused(self, _: str, facts: dict[str, Any]) -> None:
        self._say(f"{facts['class']}: {facts['message']}\n{facts['advice']}\n")
        self._tested(facts["message"])

    def _tested(self, text: str) -> None:
        self.state.setText(text)
        self.test.setEnabled(True)
        self._close_client()

    def _created(self, went_well: bool, text: str) -> None:
        self._builder.deleteLater()
        self._builder = None
        self.create.setText(tr("Create environment"))
        self.state.setText(tr("The environment is ready.") if went_well else text)
        if went_well:
            self.python.setFilePath(text)

    def _say(self, text: str) -> None:
        self.report.appendPlainText(text.rstrip("\n"))

    def _copy(self) -> None:
        lines = (
            f"QGIS {Qgis.QGIS_VERSION}, Qt {QT_VERSION_STR}, Python {sys.version.split()[0]}, "
            f"{sys.platform}",
            f"worker: {self.python.filePath() or find_python()}",
            self.report.toPlainText(),
        )
        QApplication.clipboard().setText("\n".join(lines))

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client.deleteLater()
            self._client = None


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page when QGIS opens its options."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle("MTRS-Geo")

    def icon(self) -> QIcon:
        """Return the page's icon."""
        return QIcon(str(Path(__file__).parent / "icon.svg"))

    def createWidget(self, parent: QWidget) -> OptionsPage:
        """Return a new page."""
        return OptionsPage(parent)
