"""Segmenters for ``python:segmenters:FUNCTION``; their folder must be in the import paths."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mtrs_geo.models import BrightnessSegmenter
from mtrs_geo.types import FloatArray, UInt8Array


class RedThreshold(BrightnessSegmenter):
    """Predicts where the later image's red band exceeds the number in the sentence."""

    def predict(self, before: UInt8Array, after: UInt8Array, queries: Sequence[str]) -> FloatArray:
        if "CALLS" in os.environ:
            with Path(os.environ["CALLS"]).open("a") as file:
                file.write(f"{len(queries)}\n")
        levels = np.array([float(text.split()[-1]) for text in queries], np.float32)
        red = after[..., 0].astype(np.float32) / 255
        return (red[None] > levels[:, None, None]).astype(np.float32)


class Fragile(RedThreshold):
    """Does what the first word of a sentence says."""

    def predict(self, before: UInt8Array, after: UInt8Array, queries: Sequence[str]) -> FloatArray:
        words = {text.split()[0] for text in queries}
        if "die" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "raise" in words:
            raise RuntimeError("out of memory at https://user:secret@example.com/")
        found = super().predict(before, after, queries)
        if "shape" in words:
            return found[:, 1:]
        found[[text.startswith("nan") for text in queries]] = np.nan
        return found


def red() -> RedThreshold:
    return RedThreshold()


def fragile() -> Fragile:
    return Fragile()


def nothing() -> None:
    return None
