"""Run one method in this process and print its time, memory and failures as JSON."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path

from job import Job
from methods import METHODS

from mtrs_geo.benchmark.hardware import peak_memory

_MIB = 2**20


def main() -> int:
    """Run the method; return 3 if its memory was not enough, 4 if its package is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("tile_px", type=int)
    parser.add_argument("radius_px", type=int)
    parser.add_argument("memory_mib", type=int, help="limit of this process, for arrays")
    parser.add_argument("packages", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.packages is not None:
        sys.path.append(str(arguments.packages))
    try:
        run = METHODS[arguments.method]()
    except ModuleNotFoundError as error:
        sys.stderr.write(f"{error.name} is not installed\n")
        return 4
    limit = arguments.memory_mib * _MIB
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    start_mib = _resident_mib()
    wall, used = time.perf_counter(), time.process_time()
    try:
        run(Job(arguments.folder, arguments.tile_px, arguments.radius_px))
    except MemoryError:
        return 3
    facts = {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - used,
        "start_mib": start_mib,
        "peak_mib": (peak_memory()["peak_bytes"] or 0) / _MIB,
    }
    sys.stdout.write(json.dumps(facts))
    return 0


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / _MIB


if __name__ == "__main__":
    sys.exit(main())
