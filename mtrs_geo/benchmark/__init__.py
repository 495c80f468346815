"""The benchmark: models × splits in, scores with intervals, tests and a report out.

``config`` is what to run, ``run`` runs it, ``serve`` answers pairs in processes of their own,
``cache`` keeps every answer, ``scoring`` and ``statistics`` turn counts into scores, ``tables`` and
``report`` write them, ``predictions`` exchanges masks with other programs, ``stress`` disturbs
pairs.  Imported by the command line.
"""

from __future__ import annotations

from mtrs_geo.benchmark.config import BenchmarkConfig, ModelEntry, SplitEntry, read_config
from mtrs_geo.benchmark.run import BenchmarkResult, run_benchmark

__all__ = [
    "BenchmarkConfig",
    "BenchmarkResult",
    "ModelEntry",
    "SplitEntry",
    "read_config",
    "run_benchmark",
]
