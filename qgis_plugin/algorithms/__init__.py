"""The Processing algorithms: parameters of QGIS in, a job of the worker, layers out.

``base`` holds the shared parameters, ``raster_input`` and ``polygon_input`` write layers to
files; one module per algorithm.  Imports i18n and worker; imported by the provider.
"""

from __future__ import annotations

from .audit import SendToAudit
from .batch import DetectBatch
from .detect import DetectChanges
from .evaluate import EvaluateChanges
from .pairs import ExportPairs
from .stack import DetectInStack

__all__ = ["ALGORITHMS"]

ALGORITHMS = (
    DetectChanges,
    DetectInStack,
    DetectBatch,
    EvaluateChanges,
    ExportPairs,
    SendToAudit,
)
