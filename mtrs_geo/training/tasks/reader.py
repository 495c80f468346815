"""The reader's own stage: sentences without pictures."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.training.processes import gathered
from mtrs_geo.training.tasks.stage2 import Asked, Stage2Task

__all__ = ["ReaderTask"]


class ReaderTask(Stage2Task):
    """Trains the sentence reader alone; arguments as in stage 2.

    What the frozen part makes of a sentence is computed once and kept.
    """

    monitor = "val_read"
    unused = (
        "vision", "fusion", "pixel_decoder", "change_head", "land_head", "language", "told",
        "projector", "mask_decoder",
    )  # fmt: skip

    def configure_metrics(self) -> None:
        """Count sentences, and those read right, by field."""
        super().configure_metrics()
        self.read = [0] * len(_FIELDS)

    def on_fit_start(self) -> None:
        """Keep the frozen states of every sentence."""
        super().on_fit_start()
        self.model.language.cache_sentences = 10**9

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        loss = self.said_loss(batch["said"])
        self.log("train_loss", loss, prog_bar=True, batch_size=len(batch["said"]))
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Count what is read right; no picture was asked about, so there is none to return."""
        right = self._right(batch["said"])
        counts = [right.shape[1], int(right.all(0).sum()), *right.sum(1).tolist()]
        self.read = [old + new for old, new in zip(self.read, counts, strict=True)]

    def on_validation_epoch_end(self) -> None:
        """Log the share of the sentences that are read right, wholly and by field."""
        count, *right = (sum(part) for part in zip(*gathered(self.read), strict=True))
        shares = {name: n / max(1, count) for name, n in zip(_FIELDS[1:], right, strict=True)}
        self.log_dict(shares, prog_bar=True, sync_dist=True)
        self.read = [0] * len(_FIELDS)

    def _right(self, said: list[Expression]) -> Tensor:
        """Return (4, N) bool: kind, place, and either date."""
        reading = self.model.embed([e.text for e in said]).reading
        asked = Asked.by(said, self.device)
        return torch.stack([
            reading.kind.argmax(1) == asked.kind,
            reading.place.argmax(1) == asked.place,
            ((reading.before > 0) == asked.before).all(1),
            ((reading.after > 0) == asked.after).all(1),
        ])  # fmt: skip


_FIELDS = ("count", "val_read", "val_kind", "val_place", "val_before", "val_after")
