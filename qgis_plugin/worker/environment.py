"""The Python that runs the worker: found, or made with venv and pip in the background."""

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
    "Builder",
    "advice_on",
    "clean_environment",
    "find_python",
    "has_mtrs_geo",
    "install_command",
    "managed_folder",
]

_REMOVED = ("PYTHON", "PROJ_", "GDAL_", "QT_PLUGIN", "__PYVENV")
_REMOVED_WHOLE = {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"}
_OLDEST = (3, 11)
_HOMES = (
    "miniconda3", "anaconda3", "miniforge3", "mambaforge", "micromamba", ".conda",
    "AppData/Local/miniconda3", "AppData/Local/miniforge3",
)  # fmt: skip


def clean_environment() -> QProcessEnvironment:
    """Return QGIS's environment without what would mislead another Python, PROJ or GDAL."""
    environment = QProcessEnvironment.systemEnvironment()
    for name in list(environment.keys()):
        if name.upper().startswith(_REMOVED) or name.upper() in _REMOVED_WHOLE:
            environment.remove(name)
    return environment


def find_python() -> str | None:
    """Return a Python with mtrs-geo, or None; nothing is run to find it.

    Looked at in this order: the environment variable MTRS_GEO_PYTHON, the environment that
    the plugin made, conda's and pyenv's usual places.
    """
    named = os.environ.get("MTRS_GEO_PYTHON")
    if named:
        return named
    found = (python_of(folder) for folder in _folders())
    return next((str(python) for python in found if has_mtrs_geo(python)), None)


def has_mtrs_geo(python: Path) -> bool:
    """Return whether mtrs-geo is installed for a Python, as its files say."""
    if not python.is_file():
        return False
    home = python.parent.parent if python.parent.name == "bin" else python.parent
    home = home.parent if home.name == "Scripts" else home
    places = ("lib/python3*/site-packages", "Lib/site-packages")
    return any(list(home.glob(f"{place}/mtrs_geo-*.dist-info")) for place in places)


def managed_folder() -> Path:
    """Return where the plugin makes its environment: in the profile, beside the plugins."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "mtrs_geo" / "venv"


def python_of(folder: Path) -> Path:
    """Return the Python of an environment."""
    if sys.platform != "win32":
        return folder / "bin" / "python"
    scripts = folder / "Scripts" / "python.exe"
    return scripts if scripts.exists() else folder / "python.exe"


def install_command(python: str, wheels: str = "") -> list[str]:
    """Return the command that installs mtrs-geo.

    Args:
        python: of the environment.
        wheels: folder of wheels to install from without a network; empty for the network.
    """
    # Isolated: a folder that pip's settings name would mix other builds in.
    offline = ["--isolated", "--no-index", "--find-links", wheels] if wheels else []
    return [python, "-I", "-m", "pip", "install", "--upgrade", *offline, "mtrs-geo"]


def advice_on(log: str) -> str:
    """Return what to do about a failure that pip or venv tells of."""
    no_network = tr("There is no network: install from a folder of wheels.")
    for sign, advice in (
        ("ensurepip", tr("Install Python's venv (Debian, Ubuntu: apt install python3-venv).")),
        ("ProxyError", tr("The proxy refused: check Settings > Options > Network.")),
        (
            "CERTIFICATE_VERIFY_FAILED",
            tr("A proxy replaces certificates: name its certificate in pip's configuration, or "
               "install from a folder of wheels."),
        ),
        ("No space left", tr("The disk is full: mtrs-geo with PyTorch needs about 6 GB.")),
        ("Permission denied", tr("The profile's folder cannot be written.")),
        ("Failed to establish a new connection", no_network),
        ("Temporary failure in name resolution", no_network),
        (
            "No matching distribution",
            tr("A package is missing: mtrs-geo needs Python 3.11 or newer, and a folder of "
               "wheels must hold all that it depends on."),
        ),
        (
            "Could not import module",
            tr("torch and torchvision are not of one build: take both from the same place, and "
               "create the environment again."),
        ),
    ):  # fmt: skip
        if sign in log:
            return advice
    return tr("The log says what happened; the command can be run in a terminal, too.")


@dataclass(frozen=True)
class _Step:
    title: str
    command: list[str]


class Builder(QObject):
    """Makes the plugin's environment in the background.

    Args:
        folder: of the environment.
        wheels: folder of wheels, empty for the network.
    """

    said = pyqtSignal(str)
    done = pyqtSignal(bool, str)
    """Whether it went well, and the Python or an advice."""

    def __init__(self, folder: Path, wheels: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._wheels = folder, wheels
        self._log = ""
        self._is_stopped = False
        self._steps: list[_Step] = []
        self._process: QProcess | None = None

    def start(self) -> None:
        """Begin; `said` brings the log, `done` the end."""
        base = _base_python()
        if base is None:
            self.done.emit(False, tr("No Python 3.11 or newer was found on this computer."))
            return
        python = str(python_of(self._folder))
        self._steps = [
            _Step(tr("Making the environment"), [base, "-I", "-m", "venv", str(self._folder)]),
            _Step(tr("Installing mtrs-geo"), install_command(python, self._wheels)),
            _Step(tr("Testing it"), [python, "-I", "-m", "mtrs_geo.cli", "doctor"]),
        ]
        self._next()

    def cancel(self) -> None:
        """Stop; `done` tells of it."""
        self._steps, self._is_stopped = [], True
        if self._process is not None:
            self._process.kill()

    def _next(self) -> None:
        if not self._steps:
            self._end(True, str(python_of(self._folder)))
            return
        step = self._steps.pop(0)
        self._say(f"{step.title}: {' '.join(step.command)}\n")
        self._process = QProcess(self)
        self._process.setProcessEnvironment(_with_proxy(clean_environment()))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.errorOccurred.connect(self._failed)
        self._process.finished.connect(self._finished)
        self._process.start(step.command[0], step.command[1:])

    def _read(self) -> None:
        self._say(bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace"))

    def _say(self, text: str) -> None:
        self._log += text
        self.said.emit(text)

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(False, tr("{} cannot be started.").format(self._process.program()))

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._process.deleteLater()
        if code == 0 and status == QProcess.ExitStatus.NormalExit:
            self._next()
        else:
            self._end(False, tr("It was stopped.") if self._is_stopped else advice_on(self._log))

    def _end(self, went_well: bool, text: str) -> None:
        self._steps, self._process = [], None
        self.done.emit(went_well, text)


def _folders() -> list[Path]:
    home = Path.home()
    found = [managed_folder()]
    for name in _HOMES:
        found += [home / name / "envs" / env for env in ("mtrs-geo", "mtrs_geo")]
        found.append(home / name)
    found += sorted((home / ".pyenv" / "versions").glob("3*"), reverse=True)
    return [*found, home / "mtrs-geo" / ".venv"]


def _base_python() -> str | None:
    """Return a Python that may found an environment; QGIS's own where it is new enough."""
    names = [f"python3.{minor}" for minor in (13, 12, 11)]
    if sys.version_info[:2] >= _OLDEST:
        own = Path(sys.exec_prefix)
        for path in (own / "python.exe", own / "bin" / "python3"):
            if path.is_file():
                return str(path)
        names.append("python3")
    return next((p for p in map(QStandardPaths.findExecutable, names) if p), None)


def _with_proxy(environment: QProcessEnvironment) -> QProcessEnvironment:
    """Add QGIS's proxy; in the environment, so that no log shows its password."""
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
