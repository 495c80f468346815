"""A run that goes on where it stood draws what it would have drawn."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np
import torch

__all__ = ["forget_half_step", "seed_batch"]

_COUNTERS = ("ready", "started", "processed", "completed")


def seed_batch(seed: int, process: int, batch: int) -> None:
    """Make what a batch draws (dropout, points) depend on these three numbers alone."""
    state = np.random.SeedSequence((seed, process, batch)).generate_state(1, np.uint64)
    torch.manual_seed(int(state[0] >> 1))


def forget_half_step(checkpoint: MutableMapping[str, Any], accumulated: int) -> None:
    """Take back the batches of a step that was not finished: their gradients are lost.

    Args:
        checkpoint: of Lightning; changed in place.
        accumulated: batches a step.
    """
    progress = checkpoint["loops"]["fit_loop"]["epoch_loop.batch_progress"]
    current, total = progress["current"], progress["total"]
    whole = current["ready"] // accumulated * accumulated
    if whole == current["ready"]:
        return
    earlier = total["ready"] - current["ready"]
    for name in _COUNTERS:
        current[name], total[name] = whole, earlier + whole
