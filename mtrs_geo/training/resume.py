"""Exact resume: a resumed run draws the same random numbers as an uninterrupted one."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

import numpy as np
import torch

__all__ = ["has_incomplete_step", "kept_options", "rewind_incomplete_step", "seed_batch"]

_OF_OPTIMIZER = ("lr", "vision_lr_share", "weight_decay")
"""Options of a task that are stored in the optimiser's state, which a resumed run goes on with."""
_COUNTERS = ("ready", "started", "processed", "completed")


def seed_batch(seed: int, process: int, batch: int) -> None:
    """Make the random draws of a batch (dropout, points) depend on these three numbers only."""
    state = np.random.SeedSequence((seed, process, batch)).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0] >> 1))


def has_incomplete_step(checkpoint: Mapping[str, Any], batches_per_step: int) -> bool:
    """Return whether a Lightning checkpoint was saved before the last batch of a step."""
    if "loops" not in checkpoint:
        return False
    progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
    return bool(progress["current"]["ready"] % batches_per_step)


def rewind_incomplete_step(checkpoint: MutableMapping[str, Any], batches_per_step: int) -> None:
    """Reset the batch counters to the last complete step: later gradients are lost.

    Args:
        checkpoint: a Lightning checkpoint; changed in place.
        batches_per_step: batches per step.
    """
    if not has_incomplete_step(checkpoint, batches_per_step):
        return
    progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
    current, total = progress["current"], progress["total"]
    complete = current["ready"] // batches_per_step * batches_per_step
    earlier = total["ready"] - current["ready"]
    for name in _COUNTERS:
        current[name], total[name] = complete, earlier + complete


def kept_options(checkpoint: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Return what a resumed run keeps of its checkpoint although other values are given.

    Args:
        checkpoint: a Lightning checkpoint.
        given: options of the task.

    Returns:
        Texts such as ``lr 0.001, not 0.0001``.
    """
    saved = checkpoint.get("hyper_parameters", {})
    return [
        f"{name} {saved[name]:g}, not {given[name]:g}"
        for name in _OF_OPTIMIZER
        if name in saved and name in given and saved[name] != given[name]
    ]
