"""The Processing algorithms."""

from __future__ import annotations

from .batch import DetectBatch
from .detect import DetectChanges
from .evaluate import EvaluateChanges
from .pairs import ExportPairs
from .stack import DetectInStack

__all__ = ["ALGORITHMS"]

ALGORITHMS = (DetectChanges, DetectInStack, DetectBatch, EvaluateChanges, ExportPairs)
