"""Training schedule that advances by steps or by time, whichever is further."""

from __future__ import annotations

import time
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import WeightAveraging

from mtrs_geo.errors import Cancelled, ModelError
from mtrs_geo.progress import Progress

__all__ = ["Budget", "BudgetProgress", "FinalWeightAveraging"]

_AVERAGED_SHARE = 0.2
"""Share of the schedule, at its end, over which weights are averaged."""


class Budget:
    """Position of a run in its schedule.

    Args:
        steps: length of the schedule.
        seconds: time limit, from the first call of `position`; None for no limit.
    """

    def __init__(self, steps: int, seconds: float | None) -> None:
        self.steps = steps
        self.seconds = seconds
        self._start: float | None = None

    def position(self, done: int) -> int:
        """Return the position, 0 to ``steps``, after ``done`` optimisation steps."""
        now = time.monotonic()
        self._start = now if self._start is None else self._start
        by_time = 0
        if self.seconds is not None:
            by_time = int(self.steps * (now - self._start) / self.seconds)
        return min(self.steps, max(done, by_time))


class FinalWeightAveraging(WeightAveraging):
    """Averages the weights over the last fifth of the schedule."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(use_buffers=False)  # integer buffers cannot be averaged
        self.budget = budget

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """Return whether the weights of this step are averaged."""
        if step_idx is None:
            return False
        return self.budget.position(step_idx + 1) >= (1 - _AVERAGED_SHARE) * self.budget.steps


class BudgetProgress(Callback):
    """Reports the position in the schedule to a `Progress`, and stops at the end.

    Raises:
        ModelError: if the loss of a step is not a number, because no further step repairs it.
    """

    def __init__(self, budget: Budget, progress: Progress) -> None:
        self.budget, self.progress = budget, progress
        self._reported = 0

    def on_train_batch_end(
        self,
        trainer: Trainer,
        module: LightningModule,
        outputs: Any,  # noqa: ANN401 - Lightning's own union
        *_: Any,  # noqa: ANN401
    ) -> None:
        """Report the position; stop at the end of the schedule, or if the caller cancelled."""
        if not torch.isfinite(outputs["loss"]):
            msg = f"the loss is no longer a number after {trainer.global_step} steps."
            raise ModelError(msg, advice="Train with a smaller learning rate (--lr).")
        position = self.budget.position(trainer.global_step)
        self.progress.advance(position - self._reported)
        self._reported = position
        trainer.should_stop = position >= self.budget.steps
        if self.progress.cancelled:
            msg = "fine-tuning was cancelled; nothing was written."
            raise Cancelled(msg)
