"""The plugin's page in the options of QGIS."""

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
from .worker.environment import (
    EnvironmentBuilder,
    find_python,
    install_command,
    managed_folder,
    python_in,
)
from .worker.python_setting import chosen_python, set_worker_python, worker_python

__all__ = ["OptionsFactory", "OptionsPage"]


class OptionsPage(QgsOptionsPageWidget):
    """Selects, tests and creates the Python environment of the worker."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mtrs_geo_options")
        self._client: Any = None
        self._builder: EnvironmentBuilder | None = None
        self.python = QgsFileWidget()
        self.python.setDialogTitle(tr("Python of the environment with mtrs-geo"))
        self.python.setFilePath(chosen_python())
        self.python.lineEdit().setPlaceholderText(find_python() or tr("none found"))
        self.wheels = QgsFileWidget()
        self.wheels.setStorageMode(QgsFileWidget.StorageMode.GetDirectory)
        self.wheels.lineEdit().setPlaceholderText(tr("empty to use the network"))
        self.wheels.setToolTip(
            tr(
                "Create the wheels on a computer with a network connection, with the same "
                "operating system and the same Python version:"
            )
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
        self._build_layout()
        self.test.clicked.connect(self.run_test)
        self.create.clicked.connect(self.run_create)
        self.copy.clicked.connect(self._copy_diagnostics)
        self.wheels.fileChanged.connect(self._show_command)
        self._show_command()

    def apply(self) -> None:
        """Store the Python for the next runs; QGIS calls this on OK."""
        from .worker.shared import close_shared_worker

        before = worker_python()
        set_worker_python(self.python.filePath().strip())
        if worker_python() != before:
            close_shared_worker()

    def run_test(self) -> None:
        """Start a worker with the Python of this page and run its job ``doctor``."""
        from .worker.client import WorkerClient

        self._close_client()
        self.test.setEnabled(False)
        self.state.setText(tr("Testing…"))
        self.report.clear()
        python = self.python.filePath().strip() or find_python()
        self._client = WorkerClient(python, self)
        self._client.hello.connect(self._on_hello)
        self._client.result.connect(self._on_findings)
        self._client.error.connect(self._on_error)
        self._client.submit("doctor", {})

    def run_create(self) -> None:
        """Create the plugin's environment; a second click stops it."""
        if self._builder is not None:
            self._builder.cancel()
            return
        self.report.clear()
        self.create.setText(tr("Stop"))
        self.state.setText(tr("Creating {}…").format(managed_folder()))
        self._builder = EnvironmentBuilder(managed_folder(), self.wheels.filePath().strip(), self)
        self._builder.output.connect(self._append)
        self._builder.done.connect(self._on_environment_done)
        self._builder.start()

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """End the worker of the test when the page is hidden."""
        self._close_client()
        super().hideEvent(event)

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Python with mtrs-geo"), self.python)
        form.addRow(tr("Folder of wheels (offline)"), self.wheels)
        form.addRow(tr("Command to install manually"), self.command)
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
        command = install_command(str(python_in(managed_folder())), self.wheels.filePath().strip())
        quoted = (f'"{word}"' if " " in word else word for word in command)
        text = " ".join(quoted) if sys.platform == "win32" else shlex.join(command)
        self.command.setText(text)
        self.command.setCursorPosition(0)  # shows the beginning of a long command

    def _on_hello(self, payload: dict[str, Any]) -> None:
        self._append(
            f"mtrs-geo {payload['version']}, Python {payload['python']}, {payload['device']}\n"
        )

    def _on_findings(self, _: str, payload: dict[str, Any]) -> None:
        for finding in payload["findings"]:
            mark = "ok" if finding["ok"] else "FAIL"
            self._append(f"{mark:4} {finding['name']}: {finding['detail']}\n")
        self._end_test(
            tr("It works.") if payload["ok"] else tr("The test failed. See the report below.")
        )

    def _on_error(self, _: str, payload: dict[str, Any]) -> None:
        self._append(f"{payload['class']}: {payload['message']}\n{payload['advice']}\n")
        self._end_test(payload["message"])

    def _end_test(self, text: str) -> None:
        self.state.setText(text)
        self.test.setEnabled(True)
        self._close_client()

    def _on_environment_done(self, succeeded: bool, text: str) -> None:
        self._builder.deleteLater()
        self._builder = None
        self.create.setText(tr("Create environment"))
        self.state.setText(tr("The environment is ready.") if succeeded else text)
        if succeeded:
            self.python.setFilePath(text)

    def _append(self, text: str) -> None:
        self.report.appendPlainText(text.rstrip("\n"))

    def _copy_diagnostics(self) -> None:
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
    """Creates the page when QGIS opens its options."""

    def __init__(self) -> None:
        super().__init__()
        self.setTitle("MTRS-Geo")

    def icon(self) -> QIcon:
        """Return the page's icon."""
        return QIcon(str(Path(__file__).parent / "icon.svg"))

    def createWidget(self, parent: QWidget) -> OptionsPage:
        """Return a new page."""
        return OptionsPage(parent)
