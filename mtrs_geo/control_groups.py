"""The control groups of Linux, which limit a container or a batch job, and the CPUs they leave."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

__all__ = ["group_folders", "usable_cpus"]

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def usable_cpus() -> int:
    """Return how many CPUs this process may use, at least 1.

    That is what its CPU affinity allows, or less if a control group has a quota of CPU time, as
    ``docker run --cpus`` and Kubernetes set; a part of a CPU counts as one.
    """
    try:
        count = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # macOS and Windows have no such function
        count = os.cpu_count() or 1
    return max(1, min([count, *map(math.ceil, _quotas(_PROC, _CGROUPS))]))


def group_folders(controller: str, proc: Path, root: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folder of each control group of this process, outer ones too, and its version.

    Args:
        controller: name in the first version of cgroups, such as ``memory``; the second version has
            one tree for all.
        proc: where ``/proc`` is.
        root: where the trees of cgroups are.
    """
    with suppress(OSError, ValueError):  # no such file, or of another form
        for line in (proc / "self/cgroup").read_text().splitlines():
            _, controllers, name = line.split(":", 2)
            if controllers and controller not in controllers.split(","):
                continue
            base, version = (root / controller, 1) if controllers else (root, 2)
            # In a container the group may be mounted as the root, whatever its name outside.
            path = PurePosixPath(name.lstrip("/"))
            for folder in (path, *path.parents):
                yield base / folder, version


def _quotas(proc: Path, root: Path) -> Iterator[float]:
    """Yield the CPUs that each control group allows; nothing for one without a limit."""
    for folder, version in group_folders("cpu", proc, root):
        with suppress(OSError, ValueError, ZeroDivisionError):  # "max" is no limit
            if version == 1:
                names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
                quota, period = (int((folder / name).read_text()) for name in names)
            else:
                quota, period = map(int, (folder / "cpu.max").read_text().split())
            if quota > 0:  # -1 is no limit
                yield quota / period
