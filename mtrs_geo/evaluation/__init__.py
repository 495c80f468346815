"""Evaluation: a model's scores on a labelled split, with a table and a picture."""

from __future__ import annotations

from mtrs_geo.evaluation.run import Evaluation, SampleScore, evaluate

__all__ = ["Evaluation", "SampleScore", "evaluate"]
