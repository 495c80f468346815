"""Stage 2: trains masks for sentences, together with the dense heads and the intent head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.data.sampling.class_targets import intent_targets
from mtrs_geo.data.sentences.expression import Expression
from mtrs_geo.models.network.intent import CHANGE_KINDS, PLACES, Intent
from mtrs_geo.models.network.mask_decoder import Decoded
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, SentenceEmbeddings
from mtrs_geo.training.distributed import all_gather
from mtrs_geo.training.tasks.losses import mask_loss
from mtrs_geo.training.tasks.point_losses import point_mask_loss
from mtrs_geo.training.tasks.stage1 import Stage1Task, ValidationOutput

__all__ = ["UNLABELLED", "IntentTargets", "Stage2Task", "intent_loss"]

UNLABELLED = -100
"""Index of a field of the intent that a label leaves open."""

_COMPLETE_INTENT = frozenset(
    {"appear", "disappear", "state", "become", "any", "position", "cell",
     "wrong_direction", "wrong_class", "absent"}
)  # fmt: skip
"""Tasks whose sentences are fully described by their intent."""
_PLACES: dict[str, int] = {place: index for index, place in enumerate(PLACES)}


class Stage2Task(Stage1Task):
    """Trains everything but the frozen text encoder.

    The loss has the dense losses of stage 1, mask losses, and classification losses of the
    presence and intent heads.  The dense and intent losses keep training stable.

    Args:
        mask_points: points per mask in the mask loss, the same after every decoder layer; 0 uses
            every pixel, at full resolution after the last layer.
        text_swap: share of the sentences whose word states are replaced by those of another
            sentence in the batch, so that the decoder relies on the intent.  Only sentences that
            are fully described by their intent are swapped.
        sentences_every: the masks of sentences are trained in every n-th batch only, and the dense
            heads in all of them; a batch without sentences costs about half.
        kwargs: arguments of `Stage1Task`.
    """

    monitor = "val_miou"
    unused_submodules: tuple[str, ...] = ()

    def __init__(
        self,
        mask_points: int = 0,
        text_swap: float = 0.0,
        sentences_every: int = 1,
        **kwargs: Any,  # noqa: ANN401 - passed on
    ) -> None:
        super().__init__(**kwargs)

    def configure_metrics(self) -> None:
        """Set the pixel counts to zero and clear the scores of each task."""
        super().configure_metrics()
        self.scores: dict[str, list[float]] = {}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        encoded = self._encode(batch)
        dense = self.dense_loss(encoded, batch)
        if batch_idx % self.hparams["sentences_every"]:
            self.log_dict({"train_loss": dense, "dense": dense}, prog_bar=True)
            return dense
        embeddings = self._text_swap(self.model.embed(batch["texts"]), batch["tasks"])
        decoded = self.model.decode(encoded.take(batch["index"]), embeddings)
        masks = self.mask_losses(decoded, batch)
        heads = self._head_losses(decoded, batch) + self.text_intent_loss(batch["text_only"])
        loss = dense + masks + heads
        self.log_dict(
            {"train_loss": loss, "dense": dense, "masks": masks, "heads": heads}, prog_bar=True
        )
        return loss

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> ValidationOutput | None:
        """Add one batch to the scores and return its predictions."""
        encoded = self._encode(batch)
        self._any_change(encoded, batch)
        return self.score_sentences(encoded, batch)

    def score_sentences(self, encoded: Encoded, batch: dict[str, Any]) -> ValidationOutput:
        """Add the sentences of a batch to the scores and return their masks."""
        masks = batch["masks"]
        prediction = torch.zeros_like(masks)
        if batch["texts"]:
            embeddings = self.model.embed(batch["texts"])
            decoded = self.model.decode(encoded.take(batch["index"]), embeddings)
            size, (rows, cols) = batch["after"].shape[-2:], masks.shape[-2:]
            logits = self.validated_logits(decoded, size[0])
            full = F.interpolate(logits, size=size, mode="bilinear")[:, 0]
            prediction = full[:, :rows, :cols] > 0  # padding is not scored
            self._score(prediction, decoded.presence, batch)
        return ValidationOutput(
            texts=batch["texts"],
            tasks=batch["tasks"],
            index=batch["index"],
            truth=masks,
            prediction=prediction,
        )

    def validated_logits(self, decoded: Decoded, rows: int) -> Tensor:
        """Return the logits (N, 1, h, w) of the masks that are scored, of images of ``rows``."""
        return decoded.masks[-1][:, None]

    def on_validation_epoch_end(self) -> None:
        """Log mIoU of non-empty masks, and per task mIoU and the accuracy for empty masks."""
        super().on_validation_epoch_end()
        self.log_scores()

    def log_scores(self) -> None:
        """Log the scores of sentences of all processes, and clear them."""
        gathered: dict[str, list[float]] = {}
        for scores in all_gather(self.scores):
            for name, values in scores.items():
                gathered.setdefault(name, []).extend(values)
        means = {k: sum(v) / len(v) for k, v in sorted(gathered.items())}
        filled = [v for k, v in means.items() if not k.endswith("_empty") and "presence" not in k]
        self.log("val_miou", sum(filled) / max(1, len(filled)), prog_bar=True, sync_dist=True)
        self.log_dict({f"val_{k}": v for k, v in means.items()}, sync_dist=True)
        self.scores.clear()

    def _text_swap(
        self, embeddings: SentenceEmbeddings, tasks: Sequence[str]
    ) -> SentenceEmbeddings:
        count = len(tasks)
        may_swap = torch.tensor([task in _COMPLETE_INTENT for task in tasks])
        is_swapped = may_swap & (torch.rand(count) < self.hparams["text_swap"])
        index = torch.where(is_swapped, torch.randint(max(1, count), (count,)), torch.arange(count))
        text = embeddings.take(index.to(embeddings.text.words.device)).text
        return SentenceEmbeddings(text, embeddings.intent)

    def mask_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the masks after every decoder layer."""
        known = batch.get("known", batch["label"] != 255)[batch["index"]]
        if points := self.hparams["mask_points"]:
            losses = [point_mask_loss(m, batch["masks"], known, points) for m in decoded.masks]
            return torch.stack(losses).mean()
        *earlier, last = decoded.masks
        full = F.interpolate(last[:, None], size=known.shape[-2:], mode="bilinear")[:, 0]
        loss = mask_loss(full, batch["masks"], known)
        if not earlier:
            return loss
        auxiliary = [mask_loss(m, batch["masks"], known) for m in earlier]
        return loss + 0.5 * torch.stack(auxiliary).mean()

    def _head_losses(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        presence = self.presence_loss(decoded, batch)
        sides = batch["from_classes"], batch["to_classes"]
        targets = IntentTargets.from_labels(batch["kinds"], batch["places"], *sides)
        return 0.3 * presence + intent_loss(decoded.intent, targets)

    def presence_loss(self, decoded: Decoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the presence head: whether the mask has any pixel."""
        present = batch["masks"].flatten(1).any(1).float()
        return F.binary_cross_entropy_with_logits(decoded.presence, present)

    def text_intent_loss(self, expressions: Sequence[Expression]) -> Tensor:
        """Return the intent loss of sentences without images."""
        if not expressions:
            return torch.zeros((), device=self.device)
        intent = self.model.embed([e.text for e in expressions]).intent
        return intent_loss(intent, IntentTargets.from_expressions(expressions, self.device))

    def _score(self, prediction: Tensor, presence: Tensor, batch: dict[str, Any]) -> None:
        for i, task in enumerate(batch["tasks"]):
            truth, mask = batch["masks"][i], prediction[i]
            if truth.any():
                iou = (mask & truth).sum() / (mask | truth).sum()
                self.scores.setdefault(task, []).append(float(iou))
            else:
                self.scores.setdefault(f"{task}_empty", []).append(float(not mask.any()))
            is_correct = (presence[i] > 0) == truth.any()
            self.scores.setdefault("presence", []).append(float(is_correct))


class IntentTargets(NamedTuple):
    """Target intents of N sentences."""

    kind: Tensor
    """(N,), indices into `CHANGE_KINDS`, `UNLABELLED` where it is not known."""
    place: Tensor
    """(N,), indices into `PLACES`, `UNLABELLED` where it is not known."""
    before: Tensor
    """(N, 8) bool, classes at the earlier date."""
    after: Tensor
    """(N, 8) bool, classes at the later date."""

    @classmethod
    def from_labels(
        cls, kinds: Sequence[str], places: Sequence[str], before: Tensor, after: Tensor
    ) -> IntentTargets:
        """Build the targets from the labels in a batch."""
        kind = torch.tensor([CHANGE_KINDS.index(k) for k in kinds], device=before.device)
        place = torch.tensor([_PLACES[p] for p in places], device=before.device)
        return cls(kind, place, before, after)

    @classmethod
    def from_expressions(
        cls, expressions: Sequence[Expression], device: torch.device
    ) -> IntentTargets:
        """Build the targets of expressions without images."""
        kinds, places = [e.kind for e in expressions], [e.cell or e.place for e in expressions]
        before, after = (torch.from_numpy(side).to(device) for side in intent_targets(expressions))
        return cls.from_labels(kinds, places, before, after)


def intent_loss(intent: Intent, targets: IntentTargets) -> Tensor:
    """Return the loss of the intents of N sentences."""
    return (
        _labelled_entropy(intent.kind, targets.kind)
        + _labelled_entropy(intent.place, targets.place)
        + 4 * F.binary_cross_entropy_with_logits(intent.before, targets.before.float())
        + 4 * F.binary_cross_entropy_with_logits(intent.after, targets.after.float())
    )


def _labelled_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Return the cross entropy, the mean over labelled sentences; 0 if there is none."""
    total = F.cross_entropy(logits, target, ignore_index=UNLABELLED, reduction="sum")
    return total / (target != UNLABELLED).sum().clamp_min(1)
