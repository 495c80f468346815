"""The machine that a benchmark runs on, and the memory that a process has used."""

from __future__ import annotations

import os
import platform
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from mtrs_geo.ledger import package_versions

__all__ = ["hardware", "peak_memory"]


def hardware() -> dict[str, Any]:
    """Return processor, number of cores, memory, system and versions; imports no torch."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": _memory(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "packages": package_versions(),
    }


def peak_memory() -> dict[str, Any]:
    """Return the most memory that this process has used, in bytes; of a GPU too, if torch has one.

    A value is None where the system does not tell.
    """
    found: dict[str, Any] = {"peak_bytes": _peak(), "gpu_peak_bytes": None, "gpu": None}
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.is_initialized():
        found["gpu_peak_bytes"] = int(torch.cuda.max_memory_allocated())
        found["gpu"] = torch.cuda.get_device_name()
    return found


def _peak() -> int | None:
    with suppress(OSError):
        # Linux counts the memory of the parent process in getrusage's maximum.
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    return int(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # bytes on macOS


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
