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
    QCheckBox,
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from qgis.utils import iface

from .i18n.number import format_fixed
from .i18n.translate import tr
from .widgets.flow import FlowLayout
from .widgets.narrow import narrow_box
from .worker.builder import EnvironmentBuilder, running_builder
from .worker.environment import find_python, install_command, managed_folder, python_in
from .worker.install_source import CHECKOUT, FOLDER, INDEX, WHEEL, InstallSource, bundled_wheel
from .worker.python_setting import chosen_python, set_worker_python, worker_python
from .worker.torch_build import disk_needed_gb, free_disk_gb, has_gpu

__all__ = ["OptionsFactory", "OptionsPage", "end_managed_worker", "report_end"]


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
        self.kind = narrow_box(QComboBox())
        for text, kind in (
            (tr("Package index"), INDEX), (tr("Wheel of mtrs-geo"), WHEEL),
            (tr("Folder of wheels"), FOLDER), (tr("Checkout of mtrs-geo"), CHECKOUT),
        ):  # fmt: skip
            self.kind.addItem(text, kind)
        self.source = QgsFileWidget()
        self.source.lineEdit().setPlaceholderText(tr("none: mtrs-geo is taken from the index"))
        self.uses_index = QCheckBox(tr("Take missing packages from the package index"))
        self.disk = QLabel()
        self.disk.setWordWrap(True)
        self.kind.setToolTip(
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
        self.kind.activated.connect(self._on_kind_chosen)
        self.source.fileChanged.connect(self._on_source_changed)
        self.uses_index.toggled.connect(self._show_command)
        self.source.setFilePath(bundled_wheel())
        self._on_source_changed()
        self._show_disk()
        if running_builder() is not None:
            self._follow(running_builder())

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
        end_managed_worker()
        builder = EnvironmentBuilder(managed_folder(), self.install_source(), has_gpu())
        builder.done.connect(report_end)
        self._follow(builder)
        builder.start()

    def install_source(self) -> InstallSource:
        """Return what pip installs mtrs-geo from."""
        path = self.source.filePath().strip().strip('"')
        return InstallSource(path, self.uses_index.isChecked())

    def hideEvent(self, event: Any) -> None:  # noqa: ANN401 - Qt's
        """End the worker of the test when the page is hidden."""
        if self._client is not None:
            self._end_test("")
        super().hideEvent(event)

    def _follow(self, builder: EnvironmentBuilder) -> None:
        """Show a creation, which goes on when the page is closed."""
        self._builder = builder
        self.create.setText(tr("Stop"))
        self.state.setText(tr("Creating {}…").format(managed_folder()))
        self.report.setPlainText(builder.text)
        builder.output.connect(self._append)
        builder.done.connect(self._on_environment_done)

    def _build_layout(self) -> None:
        form = QFormLayout()
        form.addRow(tr("Python with mtrs-geo"), self.python)
        form.addRow(tr("Install mtrs-geo from"), self.kind)
        form.addRow("", self.source)
        form.addRow("", self.uses_index)
        form.addRow(tr("Disk"), self.disk)
        form.addRow(tr("Command to install manually"), self.command)
        buttons = FlowLayout()
        for button in (self.test, self.create, self.copy):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addLayout(buttons)
        column.addWidget(self.state)
        column.addWidget(self.report, 1)

    def _on_kind_chosen(self, *_: object) -> None:
        """Set up the button that selects the path; the index has no path."""
        kind = self.kind.currentData()
        if kind == INDEX or kind != self.install_source().kind:
            self.source.setFilePath("")
        self._set_up_path(kind)

    def _on_source_changed(self, *_: object) -> None:
        """Show the kind of the path; a folder with PyTorch needs no package index."""
        source = self.install_source()
        if source.path:
            self.kind.setCurrentIndex(self.kind.findData(source.kind))
            self._set_up_path(source.kind)
        has_own_wheel = source.kind != FOLDER or source.requirement() != "mtrs-geo"
        self.uses_index.setChecked(has_own_wheel and not source.is_complete())
        self._show_command()

    def _set_up_path(self, kind: str) -> None:
        self.source.setStorageMode(
            QgsFileWidget.StorageMode.GetFile
            if kind == WHEEL
            else QgsFileWidget.StorageMode.GetDirectory
        )
        self.source.setFilter(tr("Wheels") + " (*.whl)" if kind == WHEEL else "")
        self.source.setEnabled(kind != INDEX)
        self.uses_index.setEnabled(kind != INDEX)

    def _show_disk(self) -> None:
        needed, free = disk_needed_gb(has_gpu()), free_disk_gb(managed_folder())
        build = (
            tr("PyTorch with CUDA for the NVIDIA GPU")
            if has_gpu()
            else tr("no NVIDIA GPU found: PyTorch for the CPU and OpenVINO")
        )
        text = tr("An environment needs about {} GB ({}); {} GB are free in {}.")
        warning = "" if free > needed else "⚠ "
        self.disk.setText(
            warning
            + text.format(
                format_fixed(needed, 1), build, format_fixed(free, 1), managed_folder().parent
            )
        )

    def _show_command(self, *_: object) -> None:
        command = install_command(str(python_in(managed_folder())), self.install_source())
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


def end_managed_worker() -> None:
    """End a worker that runs in the environment of the plugin, because its files are replaced."""
    from .worker.shared import close_shared_worker

    if worker_python() == str(python_in(managed_folder())):
        close_shared_worker()


def report_end(succeeded: bool, text: str) -> None:
    """Show the end of a creation in the window of QGIS, because the page may be closed."""
    end_managed_worker()
    if iface is not None:
        message = tr("The environment is ready.") if succeeded else text
        level = Qgis.MessageLevel.Success if succeeded else Qgis.MessageLevel.Warning
        iface.messageBar().pushMessage("MTRS-Geo", message, level, 0)


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
