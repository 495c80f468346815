"""How fast a model is, and what it needs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtrs_geo.benchmark.config import ModelEntry, SplitEntry
from mtrs_geo.benchmark.predictions.folder import folder_of_split, read_facts

__all__ = ["Speed", "claimed_speed", "measured_speed"]


@dataclass(frozen=True)
class Speed:
    """Speed and needs of a model on a split; None where they are not known."""

    pairs_per_s: float | None = None
    """One over the median time of a pair, with all of its sentences and without reading."""
    km2_per_s: float | None = None
    """The same in area, at the pixel size that the configuration gives."""
    peak_bytes: int | None = None
    """Most memory of a process with the model; of the GPU, if it ran on one."""
    parameters: int | None = None
    device: str = ""
    hardware: str = ""
    command: str = ""
    """How the masks of a folder of predictions were made."""


def measured_speed(
    times: Sequence[tuple[float, int]], facts: dict[str, Any], split: SplitEntry
) -> Speed:
    """Return the speed of a model that the benchmark ran.

    Args:
        times: seconds and pixels of the pairs that it answered.
        facts: about the model, from its process.
        split: the split, with the pixel size.
    """
    pairs_per_s = km2_per_s = None
    if times:
        pairs_per_s = 1 / statistics.median(max(seconds, 1e-9) for seconds, _ in times)
        pixels_per_s = statistics.median(pixels / max(s, 1e-9) for s, pixels in times)
        if split.gsd_m is not None:
            km2_per_s = pixels_per_s * split.gsd_m**2 / 1e6
    return Speed(
        pairs_per_s,
        km2_per_s,
        facts.get("gpu_peak_bytes") or facts.get("peak_bytes"),
        facts.get("parameters"),
        facts.get("device", ""),
        facts.get("hardware", ""),
    )


def claimed_speed(entry: ModelEntry, split: SplitEntry) -> Speed:
    """Return what a folder of predictions says, or nothing for a bound."""
    if entry.folder is None:
        return Speed()
    facts = read_facts(folder_of_split(entry.folder, split.name))
    return Speed(
        1 / facts.seconds_per_pair if facts.seconds_per_pair else None,
        None,
        facts.peak_memory_bytes,
        facts.parameters,
        "",
        facts.hardware,
        facts.command,
    )
