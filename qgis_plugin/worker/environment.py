"""The Python environment of the worker: where it is, and its environment variables."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QProcessEnvironment

from .install_source import InstallSource

__all__ = [
    "clean_environment",
    "find_python",
    "has_mtrs_geo",
    "install_command",
    "managed_folder",
    "python_in",
]

_REMOVED_PREFIXES = ("PYTHON", "PROJ_", "GDAL_", "QT_PLUGIN", "__PYVENV")
_REMOVED_NAMES = {"LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH", "VIRTUAL_ENV"}
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
    if not os.path.isfile(python):  # False in a folder that may not be read
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


def install_command(python: str, source: InstallSource, extra: str = "") -> list[str]:
    """Return the command that installs mtrs-geo, with an extra."""
    requirement = source.requirement(extra)
    return [python, "-I", "-m", "pip", "install", "--upgrade", *source.options(), requirement]


def _candidate_folders() -> list[Path]:
    home = Path.home()
    folders = [managed_folder()]
    for name in _CONDA_FOLDERS:
        folders += [home / name / "envs" / env for env in ("mtrs-geo", "mtrs_geo")]
        folders.append(home / name)
    folders += sorted((home / ".pyenv" / "versions").glob("3*"), reverse=True)
    return [*folders, home / "mtrs-geo" / ".venv"]
