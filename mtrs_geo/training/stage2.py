"""Stage 2: the model learns to understand the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.class_targets import reading_targets
from mtrs_geo.data.expressions import Expression
from mtrs_geo.errors import ModelError
from mtrs_geo.models.mask_decoder import Decoded
from mtrs_geo.models.reading import CHANGE_KINDS, PLACES, Reading
from mtrs_geo.training.losses import mask_loss
from mtrs_geo.training.stage1 import Stage1Task

__all__ = ["Stage2Task"]

_PLACES: dict[str, int] = {place: index for index, place in enumerate(PLACES)}
_EYES = ("vision", "fusion", "pixel_decoder", "change_head")
"""What `Stage2Task` freezes on request; what stands at a pixel can be learnt over it."""


class Stage2Task(Stage1Task):
    """Trains everything but the frozen text encoder.

    The dense losses of stage 1 go on beside the mask losses, and what a sentence asks for
    is learnt as classes: both kept training stable.

    Args:
        stage1: a checkpoint of stage 1; None starts from ImageNet (an ablation).
        preset: name of the preset.
        fusion: fusion variant, as in stage 1.
        lr: peak learning rate (the encoder gets a third of it).
        weight_decay: of AdamW.
        warmup_share: share of the steps that warm up.
        imagenet: start from ImageNet weights where ``stage1`` is None.
        weights: a checkpoint, or a model folder, whose weights to start from with a new schedule.
        freeze_vision: leave what sees as it is and train what understands; three times faster.
    """

    monitor = "val_miou"
    ignore = ("stage1", "weights")

    def __init__(
        self,
        stage1: str | None = None,
        preset: str = "tiny",
        fusion: Literal["change_aware", "concat_conv", "abs_diff", "avg"] = "change_aware",
        lr: float = 1e-3,
        weight_decay: float = 0.02,
        warmup_share: float = 0.05,
        imagenet: bool = True,
        weights: str | None = None,
        freeze_vision: bool = False,
    ) -> None:
        super().__init__(preset, fusion, lr, weight_decay, warmup_share, imagenet, weights)
        self.freeze_vision = freeze_vision
        if stage1 is not None:
            self._load_stage1(stage1)
        if freeze_vision:
            for name in _EYES:
                getattr(self.model, name).requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Set the mode; what is frozen keeps its running statistics."""
        super().train(mode)
        if mode and getattr(self, "freeze_vision", False):
            for name in _EYES:
                getattr(self.model, name).eval()
        return self

    def configure_metrics(self) -> None:
        """Keep per-task IoUs beside the pixel counts of stage 1."""
        super().configure_metrics()
        self.ious: dict[str, list[float]] = {}

    def trained_modules(self) -> tuple[str, ...]:
        """Names of the parts that this stage trains."""
        return (*super().trained_modules(), "language", "reader", "projector", "mask_decoder")

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        encoded = self._encode(batch)
        text = self.model.embed(batch["texts"])
        decoded = self.model.decode(encoded.take(batch["index"]), text)
        dense = self.seeing_loss(encoded, batch)
        masks = self.mask_losses(decoded, batch)
        heads = self._head_losses(decoded, batch) + self.said_loss(batch["said"])
        loss = dense + masks + heads
        self.log_dict(
            {"train_loss": loss, "dense": dense, "masks": masks, "heads": heads}, prog_bar=True
        )
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Add one batch to the figures."""
        encoded = self._encode(batch)
        self._count(encoded, batch)
        if not batch["texts"]:
            return
        text = self.model.embed(batch["texts"])
        decoded = self.model.decode(encoded.take(batch["index"]), text)
        size = batch["masks"].shape[-2:]
        logits = F.interpolate(decoded.masks[-1][:, None], size=size, mode="bilinear")[:, 0]
        self._score(logits > 0, decoded.presence, batch)

    def on_validation_epoch_end(self) -> None:
        """Log mIoU over non-empty answers and the share of empty answers, by task."""
        super().on_validation_epoch_end()
        means = {k: sum(v) / len(v) for k, v in sorted(self.ious.items())}
        filled = [v for k, v in means.items() if not k.endswith("_empty") and "presence" not in k]
        self.log("val_miou", sum(filled) / max(1, len(filled)), prog_bar=True)
        self.log_dict({f"val_{k}": v for k, v in means.items()})
        self.ious.clear()

    def mask_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the masks after every decoder layer."""
        known = (batch["label"] != 255)[batch["index"]]
        *earlier, last = decoded.masks
        full = F.interpolate(last[:, None], size=known.shape[-2:], mode="bilinear")[:, 0]
        loss = mask_loss(full, batch["masks"], known)
        helpers = [mask_loss(m, batch["masks"], known) for m in earlier]
        return loss + 0.5 * torch.stack(helpers).mean()

    def _head_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        presence = self.presence_loss(decoded, batch)
        sides = batch["from_classes"], batch["to_classes"]
        reading = _reading_loss(decoded.reading, batch["kinds"], batch["places"], *sides)
        return 0.3 * presence + reading

    def presence_loss(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of "is there such a change at all"."""
        present = batch["masks"].flatten(1).any(1).float()
        return F.binary_cross_entropy_with_logits(decoded.presence, present)

    def said_loss(self, said: Sequence[Expression]) -> Tensor:
        """Return the reading loss of bare sentences."""
        if not said:
            return torch.zeros((), device=self.device)
        reading: Reading = self.model.reader(self.model.embed([e.text for e in said]).pooled)
        sides = (torch.from_numpy(side).to(self.device) for side in reading_targets(said))
        places = [e.cell or e.place for e in said]
        return _reading_loss(reading, [e.kind for e in said], places, *sides)

    def _score(self, prediction: Tensor, presence: Tensor, batch: dict[str, Any]) -> None:
        for i, task in enumerate(batch["tasks"]):
            truth, mask = batch["masks"][i], prediction[i]
            if truth.any():
                iou = (mask & truth).sum() / (mask | truth).sum()
                self.ious.setdefault(task, []).append(float(iou))
            else:
                self.ious.setdefault(f"{task}_empty", []).append(float(not mask.any()))
            right = (presence[i] > 0) == truth.any()
            self.ious.setdefault("presence", []).append(float(right))

    def _load_stage1(self, path: str) -> None:
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
        wanted = tuple(f"model.{name}." for name in Stage1Task.trained_modules(self))
        own = self.state_dict()
        taken = {n: t for n, t in state.items() if n.startswith(wanted)}
        lacking = [n for n in own if n.startswith(wanted) and n not in taken]
        if lacking or not taken.keys() <= own.keys():
            msg = f"{path} is no stage-1 checkpoint of this configuration: lacks {lacking[:5]}."
            raise ModelError(msg)
        self.load_state_dict({**own, **taken})


def _reading_loss(
    reading: Reading,
    kinds: Sequence[str],
    places: Sequence[str],
    before: Tensor,
    after: Tensor,
) -> Tensor:
    """Return the loss of N readings; ``before`` and ``after`` are (N, 8) bool."""
    device = reading.kind.device
    kind = torch.tensor([CHANGE_KINDS.index(k) for k in kinds], device=device)
    place = torch.tensor([_PLACES[p] for p in places], device=device)
    return (
        F.cross_entropy(reading.kind, kind)
        + F.cross_entropy(reading.place, place)
        + 4 * F.binary_cross_entropy_with_logits(reading.before, before.float())
        + 4 * F.binary_cross_entropy_with_logits(reading.after, after.float())
    )
