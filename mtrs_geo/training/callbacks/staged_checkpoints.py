"""Checkpoints that replace an earlier one only when they are complete and usable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins.io import TorchCheckpointIO

from mtrs_geo.errors import ModelError
from mtrs_geo.outputs import staged_file, write_error

__all__ = ["StagedCheckpointIO", "stage_checkpoints"]

_STATES = ("state_dict", "current_model_state")
"""Entries of a checkpoint with weights: averaged, and as they are trained."""


class StagedCheckpointIO(TorchCheckpointIO):
    """Writes a checkpoint beside its target and renames it.

    Lightning writes to the folder of temporary files and moves the file.  On another disk that is a
    copy onto the earlier checkpoint, which is lost if the disk is full or the process is killed.
    """

    def save_checkpoint(
        self,
        checkpoint: dict[str, Any],
        path: Any,  # noqa: ANN401 - a path, as of Lightning
        storage_options: Any = None,  # noqa: ANN401 - as of Lightning
    ) -> None:
        """Save a checkpoint.

        Raises:
            ModelError: if a weight is not a finite number; an earlier checkpoint is kept.
            OutputError: if the file cannot be written; an earlier checkpoint is kept.
        """
        if broken := next(_broken(checkpoint), None):
            msg = (
                f"after {checkpoint.get('global_step')} steps the weights hold NaN or infinity, "
                f"such as {broken}; {path} is not written."
            )
            advice = (
                "Train with a smaller learning rate (--model.lr); --model.weights starts from an "
                "earlier checkpoint."
            )
            raise ModelError(msg, advice=advice)
        if "://" in str(path):
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with staged_file(target, overwrite=True) as partial:
            try:
                torch.save(checkpoint, partial)
            except RuntimeError as error:  # PyTorch's error of a full disk
                raise write_error(target, error) from error


def stage_checkpoints(trainer: Trainer) -> None:
    """Let a trainer write its checkpoints so, unless it has a plugin for them."""
    if type(trainer.strategy.checkpoint_io) is TorchCheckpointIO:
        trainer.strategy.checkpoint_io = StagedCheckpointIO()


def _broken(checkpoint: Mapping[str, Any]) -> Iterator[str]:
    for state in _STATES:
        for name, value in checkpoint.get(state, {}).items():
            if isinstance(value, torch.Tensor) and not value.isfinite().all():
                yield name
