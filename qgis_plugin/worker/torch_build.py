"""Which build of PyTorch the computer needs, and which one an index offers."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

__all__ = [
    "CPU_INDEX",
    "cpu_builds",
    "disk_needed_gb",
    "free_disk_gb",
    "has_gpu",
    "install_command",
    "versions_command",
]

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's index of builds without CUDA."""

_PROBE = ["--retries", "1", "--timeout", "15"]
_AVAILABLE = re.compile(r"Available versions:\s*([^\r\n]+)")
_CUDA_GB, _CPU_GB = 6.0, 2.5


def has_gpu() -> bool:
    """Return whether the computer has an NVIDIA GPU with its driver; no process is started."""
    if sys.platform == "darwin":
        return False
    if sys.platform.startswith("linux"):
        return any(Path("/proc/driver/nvidia/gpus").glob("*"))
    return shutil.which("nvidia-smi") is not None


def disk_needed_gb(has_cuda: bool) -> float:
    """Return the disk space of an environment in GB, with CUDA's libraries or without."""
    return _CUDA_GB if has_cuda else _CPU_GB


def free_disk_gb(folder: Path) -> float:
    """Return the free disk space in GB where a folder is or will be."""
    existing = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    return shutil.disk_usage(existing).free / 1e9


def versions_command(python: str, package: str, options: list[str]) -> list[str]:
    """Return the command that lists the versions of a package that pip can install."""
    return [python, "-I", "-m", "pip", "index", "versions", package, *_PROBE, *options]


def cpu_builds(package: str, log: str) -> dict[str, str]:
    """Return package and newest CPU build from the log of `versions_command`; empty if none."""
    found = _AVAILABLE.search(log)
    versions = [version.strip() for version in found[1].split(",")] if found else []
    builds = [version for version in versions if version.endswith("+cpu")]
    return {package: builds[0]} if builds else {}


def install_command(python: str, versions: dict[str, str], options: list[str]) -> list[str]:
    """Return the command that installs exact versions of packages."""
    pinned = [f"{package}=={version}" for package, version in versions.items()]
    return [python, "-I", "-m", "pip", "install", *options, *pinned]
