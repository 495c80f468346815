"""Stage 1: the model learns to see change, and what changed, without any sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TypedDict, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torchgeo.trainers import BaseTask

from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import FusionKind
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1
from mtrs_geo.training.lora import add_lora
from mtrs_geo.training.parts import part_of, recompute_part
from mtrs_geo.training.processes import gathered
from mtrs_geo.training.resume import forget_half_step, is_half_step, seed_batch
from mtrs_geo.training.start import MODEL_KEY, Pretrained, new_start, started_from, stored
from mtrs_geo.training.tasks.losses import dense_change_loss, land_loss
from mtrs_geo.training.tasks.point_losses import changes_of, matched_query_loss

__all__ = ["Answers", "Stage1Task", "warmup_cosine"]


class Answers(TypedDict):
    """What a validation batch was asked and answered, N questions."""

    texts: list[str]
    tasks: list[str]
    index: Tensor
    """(N,): which pair of the batch was asked about."""
    truth: Tensor
    """(N, H, W) bool."""
    answer: Tensor
    """(N, H, W) bool."""


def warmup_cosine(step: int, warmup: int, total: int) -> float:
    """Return the share of the full learning rate at ``step``."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


class Stage1Task(BaseTask):
    """Trains vision, fusion, pixel decoder and both dense heads: change and land.

    Args:
        preset: name of the preset, or a JSON file with a model's configuration.
        fusion: fusion variant, for ablations.
        lr: peak learning rate.
        vision_lr_share: the pretrained encoder's share of it.
        weight_decay: of AdamW.
        warmup_share: share of the steps that warm up.
        imagenet: start the vision encoder from ImageNet weights (tiny).
        mask2former: folder or hub name of a Mask2Former with Swin to start from (small, base).
        language: folder or hub name of the causal language model to start from (base).
        weights: a checkpoint, or a model folder, whose model to start from with a new schedule,
            in place of all of the above; heads that an earlier version had not are left as built.
        freeze: names of the parts that stay as they are, ``vision`` or ``mask_decoder.presence``
            for example; None leaves out what the stage does not use.
        recompute: parts whose activations are computed again instead of kept: ``vision``,
            ``language``.
        lora_rank: train the language model by LoRA of this rank; 0 trains all of it.
        query_points: points a mask at which learned queries are compared with the changes they
            match; 0 trains no learned queries.
    """

    monitor = "val_iou"
    ignore: tuple[str, ...] = ("weights",)
    mode = "max"
    unused: tuple[str, ...] = ("language", "reader", "told", "projector", "mask_decoder")
    """Parts that this stage does not use."""
    keeps_statistics = False
    """Whether norms go by the running statistics that they have, and leave them as they are."""
    model: MTRefSegR1

    def __init__(
        self,
        preset: str = "tiny",
        fusion: FusionKind = "change_aware",
        lr: float = 1e-3,
        vision_lr_share: float = 1 / 3,
        weight_decay: float = 0.02,
        warmup_share: float = 0.05,
        imagenet: bool = True,
        mask2former: str | None = None,
        language: str | None = None,
        weights: str | None = None,
        freeze: Sequence[str] | None = None,
        recompute: Sequence[str] = (),
        lora_rank: int = 0,
        query_points: int = 0,
    ) -> None:
        # Not a hyperparameter: a resumed run takes those from its checkpoint.
        self.weights = weights
        super().__init__()
        self.frozen = tuple(self.unused if freeze is None else freeze)
        for name in self.frozen:
            part_of(self.model, name).requires_grad_(False)
        if lora_rank:
            add_lora(self.model, lora_rank)
        for name in recompute:
            recompute_part(self.model, name)
        if query_points and not isinstance(self.model.mask_decoder, LearnedQueryDecoder):
            msg = f"query_points {query_points} needs a preset with learned queries (base)."
            raise ModelError(msg)

    def configure_models(self) -> None:
        """Build the model that the run starts from."""
        hp = self.hparams
        if self.weights is not None:
            self.model = started_from(Path(self.weights))
        else:
            pretrained = Pretrained(hp["imagenet"], hp["mask2former"], hp["language"])
            self.model = new_start(hp["preset"], hp["fusion"], pretrained)
        self.model.to(memory_format=torch.channels_last)

    def configure_metrics(self) -> None:
        """Count pixels of intersection and union over the validation set."""
        # No buffer: weight averaging swaps buffers between validation and its end.
        self.pixels = [0, 0]

    def train(self, mode: bool = True) -> Self:
        """Set the mode; what is frozen keeps its running statistics."""
        super().train(mode)
        for name in self.frozen if mode else ():
            part_of(self.model, name).eval()
        for module in self.modules() if self.keeps_statistics else ():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """AdamW with warm-up and cosine decay over the run's steps."""
        hp = self.hparams
        trained = {n: p for n, p in self.model.named_parameters() if p.requires_grad}
        vision = [p for n, p in trained.items() if n.startswith("vision.")]
        rest = [p for n, p in trained.items() if not n.startswith("vision.")]
        optimizer = torch.optim.AdamW(
            [
                {"params": vision, "lr": hp["lr"] * hp["vision_lr_share"]},
                {"params": rest, "lr": hp["lr"]},
            ],
            weight_decay=hp["weight_decay"],
        )
        total = int(self.trainer.estimated_stepping_batches)
        warmup = max(1, int(hp["warmup_share"] * total))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: warmup_cosine(step, warmup, total)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what the model is built from; half a step leaves no trace."""
        checkpoint[MODEL_KEY] = stored(self.model)
        if is_half_step(checkpoint, self.trainer.accumulate_grad_batches):
            # Its batches are taken again: what norms learnt from them must not stay.
            state = checkpoint.get("current_model_state", checkpoint["state_dict"])
            state.update({name: kept for name, kept in self.kept.items() if name in state})

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on from the last finished step."""
        if self.trainer.state.fn == "fit":
            forget_half_step(checkpoint, self.trainer.accumulate_grad_batches)

    def on_fit_start(self) -> None:
        """Take the run's seed and, as Lightning leaves modes as they are, the mode of training."""
        self.train()
        self.seed = torch.initial_seed()
        self.kept: dict[str, Tensor] = {}

    def on_train_batch_start(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Make what the batch draws independent of what was drawn before it."""
        seed_batch(self.seed, self.global_rank, batch_idx)
        if batch_idx % self.trainer.accumulate_grad_batches == 0:
            self.kept = {name: buffer.clone() for name, buffer in self.named_buffers()}

    def transfer_batch_to_device(
        self, batch: dict[str, Any], device: torch.device, dataloader_idx: int
    ) -> dict[str, Any]:
        """Move the tensors of a batch; sentences stay."""
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        encoded = self._encode(batch)
        losses = {"dense": self.seeing_loss(encoded, batch)}
        if self.hparams["query_points"]:
            losses["queries"] = self.query_loss(encoded, batch)
        loss = torch.stack(list(losses.values())).sum()
        self.log_dict({"train_loss": loss, **losses}, prog_bar=True)
        return loss

    def seeing_loss(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of both dense heads."""
        change = dense_change_loss(encoded.change, batch["label"])
        return change + land_loss(encoded.land, batch["before_class"], batch["after_class"])

    def query_loss(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the learned queries, the mean over the decoder's layers."""
        targets, known = changes_of(batch["label"]), batch["label"] != 255
        points = self.hparams["query_points"]
        decoder = cast(LearnedQueryDecoder, self.model.mask_decoder)
        losses = [
            matched_query_loss(seen.masks, seen.changed, targets, known, points)
            for seen in decoder.propose(encoded.pixels)
        ]
        return torch.stack(losses).mean()

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> Answers | None:
        """Add one batch to the pixel counts; return what was answered."""
        change = self._any_change(self._encode(batch), batch)
        pairs = len(change)
        truth = (batch["label"] != 0) & (batch["label"] != 255)
        index = torch.arange(pairs)
        asked = ["any change"] * pairs
        return Answers(texts=asked, tasks=asked, index=index, truth=truth, answer=change)

    def on_validation_epoch_end(self) -> None:
        """Log the IoU of "any change"."""
        overlap, union = (sum(count) for count in zip(*gathered(self.pixels), strict=True))
        self.log("val_iou", overlap / max(1, union), prog_bar=True, sync_dist=True)
        self.pixels = [0, 0]

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> Answers | None:
        """Test as in validation."""
        return self.validation_step(batch, batch_idx)

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the probability of any change (B, H/4, W/4)."""
        return 1 - self._encode(batch).change.softmax(1)[:, 0]

    def _encode(self, batch: dict[str, Any]) -> Encoded:
        return self.model.encode(batch["before"], batch["after"])

    def _any_change(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the answer (B, H, W), counted against the truth."""
        size = batch["label"].shape[-2:]
        logits = F.interpolate(encoded.change, size=size, mode="bilinear")
        change = logits.softmax(1)[:, 0] < 0.5
        truth, known = batch["label"] != 0, batch["label"] != 255
        self.pixels[0] += int((change & truth & known).sum())
        self.pixels[1] += int(((change | truth) & known).sum())
        answer: Tensor = change & known
        return answer
