"""Free memory of a device, in bytes, within the limits of a container."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from mtrs_geo.control_groups import group_folders

__all__ = ["free_bytes"]

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def free_bytes(device: str) -> int | None:
    """Return the bytes that a program could still take on a device; None if that is unknown.

    On CUDA it is the free memory of the GPU and what PyTorch holds without using it.  Elsewhere it
    is the memory of the machine that is available without swapping, or less in a container or a
    job that may take less.

    Args:
        device: `ModelInfo.device`.
    """
    if device.startswith("cuda"):
        return _free_on_gpu(device)
    known = [_available(_PROC), *_left_in_groups(_PROC, _CGROUPS)]
    return min((free for free in known if free is not None), default=None)


def _free_on_gpu(device: str) -> int | None:
    import torch

    try:
        free, _ = torch.cuda.mem_get_info(device)
        unused = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    except (RuntimeError, AssertionError):  # the GPU is another machine's
        return None
    return int(free + unused)


def _available(proc: Path) -> int | None:
    """Return the available memory of the machine."""
    if sys.platform == "win32":
        return _available_on_windows()
    with suppress(OSError, ValueError, IndexError):
        for line in (proc / "meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
    return None


def _left_in_groups(proc: Path, root: Path) -> Iterator[int]:
    """Yield what each control group of this process may still take, of both versions of cgroups."""
    for folder, version in group_folders("memory", proc, root):
        limit, used, file = "memory.max", "memory.current", "inactive_file"
        if version == 1:
            limit, used = "memory.limit_in_bytes", "memory.usage_in_bytes"
            file = "total_inactive_file"
        with suppress(OSError, ValueError):  # there is no such group, or no limit ("max")
            most, taken = (int((folder / name).read_text()) for name in (limit, used))
            yield max(0, most - taken + _droppable(folder / "memory.stat", file))


def _droppable(stat: Path, name: str) -> int:
    """Return the bytes of cached files, which the kernel gives up first."""
    with suppress(OSError, ValueError):
        for line in stat.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    return 0


class _MemoryStatus(ctypes.Structure):
    """``MEMORYSTATUSEX`` of Windows."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("page_file", ctypes.c_uint64 * 2),
        ("address_space", ctypes.c_uint64 * 3),
    )


def _available_on_windows() -> int | None:
    status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
    windows = getattr(ctypes, "windll", None)
    if windows is None or not windows.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return int(status.available)
