"""Shared by the speed benchmarks: run `detect` end to end on a rendered pair."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from mtrs_geo import detect_changes
from mtrs_geo.data.rendering.synthetic import PairPaths, render_pair, write_large_pair, write_pair
from mtrs_geo.detect.result import Report
from mtrs_geo.models import ChangeSegmenter

__all__ = ["detect", "on_two_cores", "rendered_pair"]

_SINGLE_BLOCK_PX = 2048


def on_two_cores() -> None:
    """Restrict this process and its later child processes to two cores."""
    if hasattr(os, "sched_setaffinity"):  # Linux only
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    torch.set_num_threads(2)


@contextmanager
def rendered_pair(side_px: int) -> Iterator[PairPaths]:
    """Render a square pair into a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        if side_px > _SINGLE_BLOCK_PX:
            yield write_large_pair(Path(folder), side_px, side_px, seed=0)
        else:  # write_large_pair renders larger blocks
            yield write_pair(Path(folder), render_pair(side_px, side_px, seed=0))


def detect(
    pair: PairPaths,
    texts: Sequence[str],
    model: ChangeSegmenter,
    **options: Any,  # noqa: ANN401 - of DetectOptions
) -> Report:
    """Run `detect_changes` from GeoTIFFs to a GeoPackage and a probability COG."""
    folder = pair.before.parent
    return detect_changes(
        pair.before, pair.after, texts, model=model, output=folder / "changes.gpkg",
        probability=folder / "probability.tif", overwrite=True, **options,
    ).report  # fmt: skip
