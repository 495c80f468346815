"""A run that ends in time: its schedule goes by steps or by minutes, whichever is further."""

from __future__ import annotations

import time
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging

from mtrs_geo.errors import Cancelled
from mtrs_geo.progress import Progress

__all__ = ["AverageAtTheEnd", "Budget", "Ending"]

_AVERAGED = 0.2
"""Part of the schedule, at its end, whose weights are averaged."""


class Budget:
    """Where a run is in its schedule.

    Args:
        steps: length of the schedule.
        seconds: time that it may take from the first call of `position`; None for any.
    """

    def __init__(self, steps: int, seconds: float | None) -> None:
        self.steps = steps
        self.seconds = seconds
        self._began: float | None = None

    def position(self, done: int) -> int:
        """Return the place in the schedule, 0 to ``steps``, after ``done`` optimisation steps."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        by_time = 0
        if self.seconds is not None:
            by_time = int(self.steps * (now - self._began) / self.seconds)
        return min(self.steps, max(done, by_time))


class AverageAtTheEnd(WeightAveraging):
    """Averages the weights of the last fifth of the schedule, where they hardly move."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(use_buffers=False)  # they stay as they are, and some are whole numbers
        self.budget = budget

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """Return whether the step counts."""
        if step_idx is None:
            return False
        return self.budget.position(step_idx + 1) >= (1 - _AVERAGED) * self.budget.steps


class Ending(Callback):
    """Passes the schedule on to a `Progress`, and stops at its end."""

    def __init__(self, budget: Budget, progress: Progress) -> None:
        self.budget, self.progress = budget, progress
        self._shown = 0

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:  # noqa: ANN401
        """Show how far the run is."""
        position = self.budget.position(trainer.global_step)
        self.progress.advance(position - self._shown)
        self._shown = position
        trainer.should_stop = position >= self.budget.steps
        if self.progress.cancelled:
            msg = "fine-tuning was stopped; nothing was written"
            raise Cancelled(msg)
