"""Creates the plugin's Python environment with venv and pip, in the background."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from qgis.PyQt.QtCore import QCoreApplication, QObject, QProcess, QStandardPaths, pyqtSignal

from ..i18n.translate import tr
from . import torch_build
from .environment import clean_environment, install_command, python_in
from .install_advice import installation_advice
from .install_source import InstallSource
from .proxy import with_proxy

__all__ = ["EnvironmentBuilder", "running_builder"]

_MIN_PYTHON = (3, 11)


@dataclass(frozen=True)
class _Step:
    title: str
    command: list[str]
    if_failed: str = ""
    """Text for the log if an optional step fails; empty for a step that must succeed."""
    read: Callable[[str], None] | None = None
    """Called with the log of the step at its end."""


_running: list[EnvironmentBuilder] = []


def running_builder() -> EnvironmentBuilder | None:
    """Return the creation that runs; None if there is none."""
    return _running[0] if _running else None


class EnvironmentBuilder(QObject):
    """Creates the plugin's Python environment in the background, also if its caller is deleted.

    Without a GPU it installs OpenVINO, and the CPU build of PyTorch where the folder of wheels,
    the index of pip or PyTorch's own index offers one.

    Args:
        folder: folder of the environment.
        source: what pip installs mtrs-geo from.
        has_gpu: whether the computer has an NVIDIA GPU.
    """

    output = pyqtSignal(str)
    done = pyqtSignal(bool, str)
    """Success, and the path of the Python; after a failure the advice."""

    def __init__(self, folder: Path, source: InstallSource, has_gpu: bool) -> None:
        super().__init__(QCoreApplication.instance())
        self._folder, self._source, self._has_gpu = folder, source, has_gpu
        self.text = ""
        """All that `output` has emitted."""
        self._log = ""
        self._cpu_builds: dict[str, str] = {}
        self._is_stopped = False
        self._step: _Step | None = None
        self._steps: list[_Step] = []
        self._process: QProcess | None = None

    def start(self) -> None:
        """Start; `output` emits the log, `done` is emitted once at the end."""
        _running.append(self)
        base = _base_python()
        if base is None:
            msg = tr("No Python 3.11 or newer was found. Install Python 3.11 or newer.")
            self._finish(False, msg)
            return
        path = self._source.path
        if path and not os.path.exists(path):
            msg = tr("{} does not exist. Select a wheel, a folder of wheels or a checkout.")
            self._finish(False, msg.format(path))
            return
        self._steps = [
            _Step(tr("Creating the environment"), [base, "-I", "-m", "venv", str(self._folder)])
        ]
        python = self._python()
        needs_cpu_build = not self._has_gpu and sys.platform != "darwin"  # macOS has no CUDA build
        if needs_cpu_build:
            self._steps += self._probes(self._source.options())
        self._steps.append(_Step(tr("Installing mtrs-geo"), install_command(python, self._source)))
        if not self._has_gpu:
            command = install_command(python, self._source, "openvino")
            missing = tr("OpenVINO was not installed. Runs on the CPU work, but are slower.")
            self._steps.append(_Step(tr("Installing OpenVINO"), command, missing))
        doctor = [python, "-I", "-m", "mtrs_geo.cli", "doctor"]
        self._steps.append(_Step(tr("Testing the environment"), doctor))
        self._run_next_step()

    def cancel(self) -> None:
        """Stop the creation; `done` is emitted."""
        self._steps, self._is_stopped = [], True
        if self._process is not None:
            self._process.kill()

    def _python(self) -> str:
        return str(python_in(self._folder))

    def _probes(self, options: list[str]) -> list[_Step]:
        """Return the steps that look for CPU builds with some options of pip."""

        def read_torch(log: str) -> None:
            self._cpu_builds = torch_build.cpu_builds("torch", log)

        def read_torchvision(log: str) -> None:
            self._cpu_builds.update(torch_build.cpu_builds("torchvision", log))
            self._plan_cpu_build(options)

        return [
            _Step(
                tr("Looking for a CPU build of {}").format(package),
                torch_build.versions_command(self._python(), package, options),
                tr("No CPU build of {} was found.").format(package), read,
            )
            for package, read in (("torch", read_torch), ("torchvision", read_torchvision))
        ]  # fmt: skip

    def _plan_cpu_build(self, options: list[str]) -> None:
        """Install the CPU build that was found, or look for one in PyTorch's own index."""
        of_torch = ["--index-url", torch_build.CPU_INDEX]
        if "torch" in self._cpu_builds:
            command = torch_build.install_command(self._python(), self._cpu_builds, options)
            text = tr("The CPU build was not installed. The next step installs the default build.")
            steps = [_Step(tr("Installing the CPU build of PyTorch"), command, text)]
        elif self._source.reads_index and options != of_torch:
            steps = self._probes(of_torch)
        else:
            steps = []
        self._steps = [*steps, *self._steps]

    def _run_next_step(self) -> None:
        if not self._steps:
            self._finish(True, self._python())
            return
        self._step = self._steps.pop(0)
        self._log = ""
        command = self._step.command
        self._add_output(f"{self._step.title}: {' '.join(command)}\n")
        self._process = QProcess(self)
        self._process.setProcessEnvironment(with_proxy(clean_environment()))
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._on_output)
        self._process.errorOccurred.connect(self._on_process_error)
        self._process.finished.connect(self._on_finished)
        self._process.start(command[0], command[1:])

    def _on_output(self) -> None:
        self._add_output(bytes(self._process.readAllStandardOutput()).decode("utf-8", "replace"))

    def _add_output(self, text: str) -> None:
        self._log += text
        self._tell(text)

    def _tell(self, text: str) -> None:
        self.text += text
        self.output.emit(text)

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            msg = tr("{} cannot be started. Check the Python installation.")
            self._finish(False, msg.format(self._process.program()))

    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._process.deleteLater()
        succeeded = code == 0 and status == QProcess.ExitStatus.NormalExit
        if self._is_stopped:
            self._finish(False, tr("Stopped by the user."))
        elif not succeeded and not self._step.if_failed:
            self._finish(False, installation_advice(self._log, self._source, self._has_gpu))
        else:
            if not succeeded:
                self._tell(f"{self._step.if_failed}\n")
            if self._step.read is not None:
                self._step.read(self._log)
            self._run_next_step()

    def _finish(self, succeeded: bool, text: str) -> None:
        self._steps, self._process = [], None
        _running.remove(self)
        self.done.emit(succeeded, text)
        self.deleteLater()


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
