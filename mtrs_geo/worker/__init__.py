"""The worker: a process that QGIS, or any program, drives with JSON lines (docs/worker.md).

``python -m mtrs_geo.worker`` serves standard input.  ``protocol`` reads jobs, ``events``
writes events, ``jobs``, ``batching``, ``evaluating`` and ``layer_jobs`` run the jobs.  Imported by
the command line only.
"""

from mtrs_geo.worker.protocol import main

__all__ = ["main"]
