"""Evaluation: a model and a labelled split in, scores, a table and a sheet of cases out.

Imported by the command line and, for drawing, by the training callbacks.
"""

from __future__ import annotations

from mtrs_geo.evaluation.run import Evaluation, SampleScore, evaluate

__all__ = ["Evaluation", "SampleScore", "evaluate"]
