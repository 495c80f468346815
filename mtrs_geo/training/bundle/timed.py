"""Stage 2 with a schedule that follows the clock, and the figures of its run."""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer

from mtrs_geo.errors import ModelError
from mtrs_geo.training.finetune.budget import Budget
from mtrs_geo.training.tasks.stage1 import warmup_cosine
from mtrs_geo.training.tasks.stage2 import Stage2Task

__all__ = ["TimedRun", "timed_task"]

_SCHEDULE = 1_000_000
"""Length of the schedule, in parts of its time; more than any run has steps."""
_WARMUP_SHARE = 0.03
_HEADS_LR, _LR = 1e-3, 5e-4
_BEFORE_HEADS = (
    "vision", "fusion", "pixel_decoder", "change_head", "language", "intent_head",
)  # fmt: skip
"""Submodules that a run of the heads alone does not train."""
_LOG_EVERY = 20


class _TimedTask(Stage2Task):
    budget: Budget

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """Return the optimiser with a schedule that follows the clock."""
        optimizers = super().configure_optimizers()
        budget = self.budget
        optimizers["lr_scheduler"]["scheduler"] = torch.optim.lr_scheduler.LambdaLR(
            optimizers["optimizer"],
            lambda step: warmup_cosine(
                budget.position(step), int(_WARMUP_SHARE * budget.steps), budget.steps
            ),
        )
        return optimizers


def timed_task(
    recipe: dict[str, Any], start: Path, minutes: float, heads_only: bool, lr: float
) -> tuple[Stage2Task, Budget]:
    """Return a task that starts from a model folder, and its budget of time."""
    names = ("text_swap", "ground_head", "upsampling_width", "freeze_batch_norm")
    options = {name: recipe[name] for name in names if name in recipe}
    options["freeze"] = _BEFORE_HEADS if heads_only else recipe.get("freeze")
    task = _TimedTask(weights=str(start), lr=lr or (_HEADS_LR if heads_only else _LR), **options)
    task.budget = Budget(_SCHEDULE, 60 * minutes)
    return task, task.budget


class TimedRun(Callback):
    """Ends training when its time is over, and counts its steps."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.steps, self.losses = 0, [0.0]
        self._start = self._end = self._waited = 0.0

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Start the clock."""
        self._start = self._end = time.monotonic()

    def on_train_batch_start(self, *_: Any) -> None:  # noqa: ANN401
        """Add the time since the last step, in which the model waited for crops."""
        self._waited += time.monotonic() - self._end

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *_: Any) -> None:  # noqa: ANN401
        """Print the loss now and then; stop when the time is over.

        Raises:
            ModelError: if the loss is not a number, because no further step repairs it.
        """
        self.losses.append(float(trainer.callback_metrics["train_loss"]))
        if not math.isfinite(self.losses[-1]):
            msg = f"the loss is no longer a number after {trainer.global_step} steps."
            raise ModelError(msg, advice="Train with a smaller learning rate (--lr).")
        # Reading the loss waits for the accelerator, so the step is over.
        self.steps, self._end = trainer.global_step, time.monotonic()
        if self.steps % _LOG_EVERY == 0:
            last = self.losses[-_LOG_EVERY:]
            sys.stderr.write(f"step {self.steps}, loss {sum(last) / len(last):.3f}\n")
        trainer.should_stop = self.budget.position(0) >= self.budget.steps

    def figures(self, batch_size: int) -> dict[str, float]:
        """Return steps, minutes, crops per second and the share of time spent waiting for them."""
        seconds = max(1e-9, self._end - self._start)
        return {
            "steps": self.steps,
            "minutes": round(seconds / 60, 2),
            "crops_per_s": round(self.steps * batch_size / seconds, 2),
            "waiting": round(self._waited / seconds, 3),
        }
