"""Distillation: a model learns to see what another one sees, from pictures without labels."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mtrs_geo.errors import ModelError
from mtrs_geo.training.likeness import unlikeness
from mtrs_geo.training.stage1 import Stage1Task
from mtrs_geo.training.start import started_from

__all__ = ["DistillTask"]


class DistillTask(Stage1Task):
    """Trains fusion, pixel decoder and both dense heads towards those of a teacher.

    Both look through the same vision encoder, which stays as it is.

    Args:
        teacher: a checkpoint, or a model folder.
        kwargs: as in stage 1; ``weights`` is what is taught.
    """

    ignore = ("weights", "teacher")
    unused = ("vision", *Stage1Task.unused)
    keeps_statistics = True

    def __init__(self, teacher: str, **kwargs: Any) -> None:  # noqa: ANN401 - passed on
        super().__init__(**kwargs)
        # In a list, so that checkpoints and averages leave it out.
        self.teacher = [started_from(Path(teacher)).eval().requires_grad_(False)]
        # Model folders hold float16.
        mine, theirs = (m.vision.half().state_dict() for m in deepcopy([self.model, *self.teacher]))
        if mine.keys() != theirs.keys() or any(not torch.equal(mine[n], theirs[n]) for n in mine):
            msg = f"{teacher} has another vision encoder than the model that it is to teach."
            raise ModelError(msg)

    def on_fit_start(self) -> None:
        """Put the teacher where the model is."""
        super().on_fit_start()
        self.teacher[0].to(self.device).to(memory_format=torch.channels_last)

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        with torch.no_grad():
            dates = self.model.dates(batch["before"], batch["after"])
            wanted = self.teacher[0].combine(*dates)
        losses = unlikeness(self.model.combine(*dates), wanted)
        loss = torch.stack(list(losses.values())).sum()
        self.log_dict({"train_loss": loss, **losses}, prog_bar=True)
        return loss
