"""Stage 2: the model learns to understand the sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.sampling.class_targets import reading_targets
from mtrs_geo.data.sentences.buildings import Expression
from mtrs_geo.models.network.intent import CHANGE_KINDS, PLACES, Reading
from mtrs_geo.models.network.mask_decoder import Decoded
from mtrs_geo.models.network.mtrefseg_r1 import Sentences
from mtrs_geo.training.processes import gathered
from mtrs_geo.training.tasks.losses import mask_loss
from mtrs_geo.training.tasks.point_losses import point_mask_loss
from mtrs_geo.training.tasks.stage1 import Answers, Stage1Task

__all__ = ["Asked", "Stage2Task"]

_READ_WHOLLY = frozenset(
    {"appear", "disappear", "state", "become", "any", "position", "cell",
     "wrong_direction", "wrong_class", "absent"}
)  # fmt: skip
"""Tasks of which a reading says all."""
_PLACES: dict[str, int] = {place: index for index, place in enumerate(PLACES)}


class Stage2Task(Stage1Task):
    """Trains everything but the frozen text encoder.

    The dense losses of stage 1 go on beside the mask losses, and what a sentence asks for
    is learnt as classes: both kept training stable.

    Args:
        mask_points: points a mask that its loss looks at, after every decoder layer alike; 0
            looks at every pixel, at full resolution after the last layer.
        misheard: share of the sentences, where a reading says all that they ask for, whose words
            another sentence of the batch lends, so that the decoder learns to go by the reading.
        kwargs: as in stage 1.
    """

    monitor = "val_miou"
    unused: tuple[str, ...] = ()

    def __init__(
        self,
        mask_points: int = 0,
        misheard: float = 0.0,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(**kwargs)

    def configure_metrics(self) -> None:
        """Keep per-task IoUs beside the pixel counts of stage 1."""
        super().configure_metrics()
        self.ious: dict[str, list[float]] = {}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        encoded = self._encode(batch)
        said = self._misheard(self.model.embed(batch["texts"]), batch["tasks"])
        decoded = self.model.decode(encoded.take(batch["index"]), said)
        dense = self.seeing_loss(encoded, batch)
        masks = self.mask_losses(decoded, batch)
        heads = self._head_losses(decoded, batch) + self.said_loss(batch["said"])
        loss = dense + masks + heads
        self.log_dict(
            {"train_loss": loss, "dense": dense, "masks": masks, "heads": heads}, prog_bar=True
        )
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> Answers | None:
        """Add one batch to the figures; return what was answered."""
        encoded = self._encode(batch)
        self._any_change(encoded, batch)
        masks = batch["masks"]
        answer = torch.zeros_like(masks)
        if batch["texts"]:
            said = self.model.embed(batch["texts"])
            decoded = self.model.decode(encoded.take(batch["index"]), said)
            last, size = decoded.masks[-1][:, None], masks.shape[-2:]
            answer = F.interpolate(last, size=size, mode="bilinear")[:, 0] > 0
            self._score(answer, decoded.presence, batch)
        return Answers(
            texts=batch["texts"],
            tasks=batch["tasks"],
            index=batch["index"],
            truth=masks,
            answer=answer,
        )

    def on_validation_epoch_end(self) -> None:
        """Log mIoU over non-empty answers and the share of empty answers, by task."""
        super().on_validation_epoch_end()
        every: dict[str, list[float]] = {}
        for part in gathered(self.ious):
            for task, values in part.items():
                every.setdefault(task, []).extend(values)
        means = {k: sum(v) / len(v) for k, v in sorted(every.items())}
        filled = [v for k, v in means.items() if not k.endswith("_empty") and "presence" not in k]
        self.log("val_miou", sum(filled) / max(1, len(filled)), prog_bar=True, sync_dist=True)
        self.log_dict({f"val_{k}": v for k, v in means.items()}, sync_dist=True)
        self.ious.clear()

    def _misheard(self, said: Sentences, tasks: Sequence[str]) -> Sentences:
        count = len(tasks)
        told = torch.tensor([task in _READ_WHOLLY for task in tasks])
        lent = told & (torch.rand(count) < self.hparams["misheard"])
        index = torch.where(lent, torch.randint(max(1, count), (count,)), torch.arange(count))
        return Sentences(said.take(index.to(said.text.words.device)).text, said.reading)

    def mask_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the masks after every decoder layer."""
        known = (batch["label"] != 255)[batch["index"]]
        if points := self.hparams["mask_points"]:
            losses = [point_mask_loss(m, batch["masks"], known, points) for m in decoded.masks]
            return torch.stack(losses).mean()
        *earlier, last = decoded.masks
        full = F.interpolate(last[:, None], size=known.shape[-2:], mode="bilinear")[:, 0]
        loss = mask_loss(full, batch["masks"], known)
        helpers = [mask_loss(m, batch["masks"], known) for m in earlier]
        return loss + 0.5 * torch.stack(helpers).mean()

    def _head_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        presence = self.presence_loss(decoded, batch)
        sides = batch["from_classes"], batch["to_classes"]
        asked = Asked.of(batch["kinds"], batch["places"], *sides)
        return 0.3 * presence + _reading_loss(decoded.reading, asked)

    def presence_loss(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of "is there such a change at all"."""
        present = batch["masks"].flatten(1).any(1).float()
        return F.binary_cross_entropy_with_logits(decoded.presence, present)

    def said_loss(self, said: Sequence[Expression]) -> Tensor:
        """Return the reading loss of bare sentences."""
        if not said:
            return torch.zeros((), device=self.device)
        reading = self.model.embed([e.text for e in said]).reading
        return _reading_loss(reading, Asked.by(said, self.device))

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


class Asked(NamedTuple):
    """What N sentences ask for: the targets of their readings."""

    kind: Tensor
    """(N,), indices into `CHANGE_KINDS`."""
    place: Tensor
    """(N,), indices into `PLACES`."""
    before: Tensor
    """(N, 8) bool."""
    after: Tensor
    """(N, 8) bool."""

    @classmethod
    def of(
        cls, kinds: Sequence[str], places: Sequence[str], before: Tensor, after: Tensor
    ) -> Asked:
        """Collect what a batch says of its sentences."""
        kind = torch.tensor([CHANGE_KINDS.index(k) for k in kinds], device=before.device)
        place = torch.tensor([_PLACES[p] for p in places], device=before.device)
        return cls(kind, place, before, after)

    @classmethod
    def by(cls, said: Sequence[Expression], device: torch.device) -> Asked:
        """Collect what bare sentences ask for."""
        before, after = (torch.from_numpy(side).to(device) for side in reading_targets(said))
        return cls.of([e.kind for e in said], [e.cell or e.place for e in said], before, after)


def _reading_loss(reading: Reading, asked: Asked) -> Tensor:
    return (
        F.cross_entropy(reading.kind, asked.kind)
        + F.cross_entropy(reading.place, asked.place)
        + 4 * F.binary_cross_entropy_with_logits(reading.before, asked.before.float())
        + 4 * F.binary_cross_entropy_with_logits(reading.after, asked.after.float())
    )
