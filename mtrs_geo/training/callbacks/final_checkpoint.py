"""A checkpoint of the last step, whatever the interval of the checkpoints is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint, ModelCheckpoint

from mtrs_geo.outputs.staging import count_commit

__all__ = ["FinalCheckpoint", "checkpoint_paths"]


class FinalCheckpoint(Checkpoint):
    """Saves the checkpoint of every `ModelCheckpoint` without a metric once more at the end.

    The end is the last step, or the step at which the time is up.  Weights are saved before an
    average replaces them, so that a run can go on from there.
    """

    def on_train_batch_end(self, trainer: Trainer, module: LightningModule, *_: Any) -> None:  # noqa: ANN401 - Lightning's own
        """Save after the last batch."""
        if trainer.should_stop or 0 <= trainer.max_steps <= trainer.global_step:
            self._save(trainer)

    def on_train_epoch_end(self, trainer: Trainer, module: LightningModule) -> None:
        """Save after the last epoch."""
        last = trainer.max_epochs is not None and trainer.current_epoch + 1 == trainer.max_epochs
        if last or trainer.should_stop:
            self._save(trainer)

    def on_save_checkpoint(
        self, trainer: Trainer, pl_module: LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Count the checkpoint as an output, which an interruption leaves."""
        count_commit()

    def _save(self, trainer: Trainer) -> None:
        for callback in trainer.checkpoint_callbacks:
            if (
                isinstance(callback, ModelCheckpoint)
                and callback.monitor is None
                and callback.dirpath is not None
                and callback._last_global_step_saved != trainer.global_step
                and not trainer.fast_dev_run
                and not trainer.sanity_checking
            ):
                path = callback.format_checkpoint_name(trainer.callback_metrics)
                trainer.save_checkpoint(path, callback.save_weights_only)
                callback.best_model_path = path
                callback._last_global_step_saved = trainer.global_step


def checkpoint_paths(trainer: Trainer) -> list[Path]:
    """Return the existing files to which a trainer saves its checkpoints."""
    names = [
        callback.format_checkpoint_name({})
        for callback in trainer.checkpoint_callbacks
        if isinstance(callback, ModelCheckpoint) and callback.dirpath is not None
    ]
    return [path for path in map(Path, dict.fromkeys(names)) if path.is_file()]
