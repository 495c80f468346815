"""The Python environment of the worker: find it, or create it with venv and pip."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsApplication, QgsSettings
from qgis.PyQt.QtCore import (
    QObject,
    QProcess,
    QProcessEnvironment,
    QStandardPaths,
    QUrl,
    pyqtSignal,
)

from ..i18n.translate import tr

__all__ = [
    "EnvironmentBuilder",
    "clean_environment",
    "find_python",
    "has_mtrs_geo",
    "install_command",
    "installation_advice",
    "managed_folder",
]

_REMOVED_PREFIXES = ("PYTHON", "PROJ_", "GDAL_", "QT_PLUGIN", "__PYVENV")
_REMOVED_NAMES = {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"}
_MIN_PYTHON = (3, 11)
_CONDA_FOLDERS = (
    "miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda",
    "AppData/Local/miniconda3", "AppData/Local/miniforge3",
)  # fmt: skip


def clean_environment() -> QProcessEnvironment:
    """Return QGIS's environment variables without those that break another Python, PROJ or GDAL."""
    environment = QProcessEnvironment.systemEnvironment()
    for name in list(environment.keys()):
        if name.upper().startswith(_REMOVED_PREFIXES) or name.upper() in _REMOVED_NAMES:
            environment.remove(name)
    return environment


def find_python() -> str | None:
    """Return a Python with mtrs-geo, or None; no process is started.

    Search order: the environment variable MTRS_GEO_PYTHON, the environment created by the
    plugin, the default folders of conda and pyenv.
    """
    configured = os.environ.get("MTRS_GEO_PYTHON")
    if configured:
        return configured
    found = (python_in(folder) for folder in _candidate_folders())
    return next((str(python) for python in found if has_mtrs_geo(python)), None)


def has_mtrs_geo(python: Path) -> bool:
    """Return whether the folders of a Python contain mtrs-geo."""
    if not python.is_file():
        return False
    root = python.parent.parent if python.parent.name == "bin" else python.parent
    root = root.parent if root.name == "Scripts" else root
    packages = ("lib/python3*/site-packages", "Lib/site-packages")
    return any(list(root.glob(f"{folder}/mtrs_geo-*.dist-info")) for folder in packages)


def managed_folder() -> Path:
    """Return the folder of the environment that the plugin creates, in the QGIS profile."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "mtrs_geo" / "venv"


def python_in(folder: Path) -> Path:
    """Return the Python executable in the folder of an environment."""
    if sys.platform != "win32":
        return folder / "bin" / "python"
    scripts = folder / "Scripts" / "python.exe"
    return scripts if scripts.exists() else folder / "python.exe"


def install_command(python: str, wheels: str = "") -> list[str]:
    """Return the command that installs mtrs-geo.

    Args:
        python: path of the environment's Python.
        wheels: folder of wheels for an installation without a network; empty for the network.
    """
    # Isolated: pip's own settings could add packages of other builds.
    offline = ["--isolated", "--no-index", "--find-links", wheels] if wheels else []
    return [python, "-I", "-m", "pip", "install", "--upgrade", *offline, "mtrs-geo"]


def installation_advice(log: str) -> str:
    """Return advice for a failure in the log of pip or venv."""
    offline_advice = tr("There is no network connection. Install from a folder of wheels.")
    for pattern, advice in (
        ("ensurepip", tr("Install Python's venv (Debian, Ubuntu: apt install python3-venv).")),
        ("ProxyError", tr("The proxy refused the connection. Check Settings > Options > Network.")),
        (
            "CERTIFICATE_VERIFY_FAILED",
            tr("A proxy replaces certificates. Add the proxy's certificate to pip's configuration, "
               "or install from a folder of wheels."),
        ),
        ("No space left", tr("The disk is full. mtrs-geo with PyTorch needs about 6 GB.")),
        ("Permission denied", tr("The profile folder is not writable. Check its permissions.")),
        ("Failed to establish a new connection", offline_advice),
        ("Temporary failure in name resolution", offline_advice),
        (
            "No matching distribution",
            tr("A package is missing. mtrs-geo needs Python 3.11 or newer. A folder of wheels must "
               "contain mtrs-geo and all its dependencies."),
        ),
        (
            "Could not import module",
            tr("torch and torchvision come from different builds. Take both from the same source "
               "and create the environment again."),
        ),
    ):  # fmt: skip
        if pattern in log:
            return advice
    return tr("See the log for the cause. You can also run the command in a terminal.")


@dataclass(frozen=True)
class _Step:
    title: str
    command: list[str]


class EnvironmentBuilder(QObject):
    """Creates the plugin's Python environment in the background.

    Args:
        folder: folder of the environment.
        wheels: folder of wheels; empty for the network.
    """

    output = pyqtSignal(str)
    done = pyqtSignal(bool, str)
    """Success, and the path of the Python; after a failure the advice."""

    def __init__(self, folder: Path, wheels: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._wheels = folder, wheels
        self._log = ""
        self._is_stopped = False
        self._steps: list[_Step] = []
        self._process: QProcess | None = None

    def start(self) -> None:
        """Start; `output` emits the log, `done` is emitted once at the end."""
        base = _base_python()
        if base is None:
            self.done.emit(
                False, tr("No Python 3.11 or newer was found. Install Python 3.11 or newer.")
            )
            return
        python = str(python_in(self._folder))
        self._steps = [
            _Step(tr("Creating the environment"), [base, "-I", "-m", "venv", str(self._folder)]),
            _Step(tr("Installing mtrs-geo"), install_command(python, self._wheels)),
            _Step(tr("Testing the environment"), [python, "-I", "-m", "mtrs_geo.cli", "doctor"]),
        ]
        self._run_next_step()

    def cancel(self) -> None:
        """Stop the creation; `done` is emitted."""
        self._steps, self._is_stopped = [], True
        if self._process is not None:
            self._process.kill()

    def _run_next_step(self) -> None:
        if not self._steps:
            self._finish(True, str(python_in(self._folder)))
            return
        step = self._steps.pop(0)
        self._add_output(f"{step.title}: {' '.join(step.command)}\n")
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_with_proxy(clean_environment()))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.errorOccurred.connect(self._on_process_error)
        self._process.finished.connect(self._on_finished)
        self._process.start(step.command[0], step.command[1:])

    def _on_output(self) -> None:
        self._add_output(bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace"))

    def _add_output(self, text: str) -> None:
        self._log += text
        self.output.emit(text)

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            msg = tr("{} cannot be started. Check the Python installation.")
            self._finish(False, msg.format(self._process.program()))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._process.deleteLater()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self._run_next_step()
        else:
            self._finish(
                False,
                tr("Stopped by the user.") if self._is_stopped else installation_advice(self._log),
            )

    def _finish(self, succeeded: bool, text: str) -> None:
        self._steps, self._process = [], None
        self.done.emit(succeeded, text)


def _candidate_folders() -> list[Path]:
    home = Path.home()
    folders = [managed_folder()]
    for name in _CONDA_FOLDERS:
        folders += [home / name / "envs" / env for env in ("mtrs-geo", "mtrs_geo")]
        folders.append(home / name)
    folders += sorted((home / ".pyenv" / "versions").glob("3*"), reverse=True)
    return [*folders, home / "mtrs-geo" / ".venv"]


def _base_python() -> str | None:
    """Return a Python that can create an environment; QGIS's own if it is new enough."""
    commands = [f"python3.{minor}" for minor in (13, 12, 11)]
    if sys.version_info[:2] >= _MIN_PYTHON:
        prefix = Path(sys.exec_prefix)
        for path in (prefix / "python.exe", prefix / "bin" / "python3"):
            if path.is_file():
                return str(path)
        commands.append("python3")
    return next((p for p in map(QStandardPaths.findExecutable, commands) if p), None)


def _with_proxy(environment: QProcessEnvironment) -> QProcessEnvironment:
    """Add QGIS's proxy as environment variables, so that no log shows its password."""
    settings = QgsSettings()
    if not settings.value("proxy/proxyEnabled", False, type=bool):
        return environment
    url = QUrl()
    is_socks = "Socks" in settings.value("proxy/proxyType", "")
    url.setScheme("socks5" if is_socks else "http")
    url.setHost(settings.value("proxy/proxyHost", ""))
    if settings.value("proxy/proxyPort", ""):
        url.setPort(int(settings.value("proxy/proxyPort")))
    url.setUserName(settings.value("proxy/proxyUser", ""))
    url.setPassword(settings.value("proxy/proxyPassword", ""))
    if url.host():
        text = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            environment.insert(name, text)
    return environment
