"""Stage 2 on pairs that have sentences and masks, and no class maps."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from mtrs_geo.models.network.mask_decoder import Decoded
from mtrs_geo.models.runtime.hysteresis import grow
from mtrs_geo.training.tasks.stage1 import ValidationOutput
from mtrs_geo.training.tasks.stage2 import Stage2Task

__all__ = ["Stage2PairsTask"]


class Stage2PairsTask(Stage2Task):
    """Stage 2 without dense losses, as only the changes of the sentences are labelled.

    The loss has the masks and the presence of the sentences, and the intent of sentences without
    images, so that the intent head keeps what it has learnt.
    """

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        text = self.model.embed(batch["texts"])
        decoded = self.model.decode(self._encode(batch).take(batch["index"]), text)
        masks = self.mask_losses(decoded, batch)
        presence = 0.3 * self.presence_loss(decoded, batch)
        heads = presence + self.text_intent_loss(batch["text_only"])
        loss = masks + heads
        self.log_dict({"train_loss": loss, "masks": masks, "heads": heads}, prog_bar=True)
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> ValidationOutput | None:
        """Add one batch to the scores and return its predictions."""
        return self.score_sentences(self._encode(batch), batch)

    def validated_logits(self, decoded: Decoded, rows: int) -> Tensor:
        """Return logits after hysteresis, so that the scores are those of `mtrs-geo evaluate`."""
        logits, config = super().validated_logits(decoded, rows).float(), self.model.config
        if not (config.hysteresis_gain or config.hysteresis_seed):
            return logits
        radius = round(config.hysteresis_px * logits.shape[-2] / rows)
        return grow(logits, config.hysteresis_gain, radius, config.hysteresis_seed)

    def on_validation_epoch_end(self) -> None:
        """Log mIoU of non-empty masks, and the accuracy for empty masks."""
        self.log_scores()
