"""Stage 1: trains the dense change and land-cover heads, without sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self, TypedDict, cast

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import Timer
from lightning.pytorch.utilities.rank_zero import rank_zero_warn
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812
from torchgeo.trainers import BaseTask

from mtrs_geo.class_codes import IGNORE
from mtrs_geo.errors import ModelError
from mtrs_geo.models.config import FusionKind
from mtrs_geo.models.network.learned_queries import LearnedQueryDecoder
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1
from mtrs_geo.training.distributed import all_gather
from mtrs_geo.training.lora import add_lora
from mtrs_geo.training.model_loading import (
    MODEL_KEY,
    Pretrained,
    build_starting_model,
    load_starting_model,
    model_record,
)
from mtrs_geo.training.resume import (
    has_incomplete_step,
    kept_options,
    rewind_incomplete_step,
    seed_batch,
)
from mtrs_geo.training.submodules import enable_gradient_checkpointing, submodule_named
from mtrs_geo.training.tasks.losses import dense_change_loss, land_cover_loss, mask_loss
from mtrs_geo.training.tasks.point_losses import change_masks, matched_query_loss

__all__ = ["Stage1Task", "ValidationOutput", "warmup_cosine"]

_GROUND_WEIGHT = 0.5
"""Weight of the ground head's loss, whose entropy counts five times."""


class ValidationOutput(TypedDict):
    """Predictions for the N expressions of a validation batch."""

    texts: list[str]
    tasks: list[str]
    index: Tensor
    """(N,), index of the pair in the batch."""
    truth: Tensor
    """(N, H, W) bool."""
    prediction: Tensor
    """(N, H, W) bool."""


def warmup_cosine(step: int, warmup: int, total: int) -> float:
    """Return the learning rate at ``step`` as a share of the peak rate."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


def _share_of_time(trainer: Trainer) -> float:
    """Return the share of the trainer's `max_time` that is over; 0 without a limit."""
    for timer in trainer.callbacks:
        left = timer.time_remaining() if isinstance(timer, Timer) else None
        if left is not None:
            elapsed = timer.time_elapsed()
            share = float(elapsed / max(1e-9, elapsed + left))
            # All processes need one rate, and each has a clock of its own.
            return float(trainer.strategy.broadcast(share))
    return 0.0


class Stage1Task(BaseTask):
    """Trains vision, fusion, pixel decoder and both dense heads: change and land cover.

    Args:
        preset: name of a preset, or a JSON file with a model configuration.
        fusion: fusion variant, for ablations.
        lr: peak learning rate.
        vision_lr_share: learning rate of the vision encoder as a share of ``lr``.
        weight_decay: weight decay of AdamW.
        warmup_share: share of the steps with a rising learning rate.
        imagenet: start the vision encoder from ImageNet weights (tiny).
        mask2former: folder or hub name of a Mask2Former with Swin to start from (small, base).
        language: folder or hub name of the causal language model to start from (base).
        vision_weights: checkpoint, model folder or bundled model whose vision encoder a model of
            ``preset`` starts from; its other weights stay random.
        weights: checkpoint, model folder or bundled model to start from with a new schedule,
            instead of ``preset``, ``fusion`` and the pretrained weights.
        freeze: names of submodules that are not trained, for example ``vision`` or
            ``mask_decoder.presence``; None freezes the submodules that the stage does not use.
        gradient_checkpointing: submodules that recompute activations in the backward pass:
            ``vision``, ``language``.
        lora_rank: train the language model with LoRA of this rank; 0 trains all its weights.
        query_points: points per mask in the loss of the learned queries; 0 does not train them.
        ground_head: give the model a ground head, if it has none, and train it on batches with
            the target ``ground``.
        upsampling_width: give the model convex upsampling of this width, if it has none; 0 does
            not.
        freeze_batch_norm: use and keep the running statistics of the starting weights.
    """

    monitor = "val_iou"
    ignore: tuple[str, ...] = ("weights", "vision_weights")
    mode = "max"
    unused_submodules: tuple[str, ...] = (
        "language",
        "intent_head",
        "intent_token",
        "projector",
        "mask_decoder",
    )
    """Submodules that this stage does not use."""
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
        vision_weights: str | None = None,
        weights: str | None = None,
        freeze: Sequence[str] | None = None,
        gradient_checkpointing: Sequence[str] = (),
        lora_rank: int = 0,
        query_points: int = 0,
        ground_head: bool = False,
        upsampling_width: int = 0,
        freeze_batch_norm: bool = False,
    ) -> None:
        # Not hyperparameters: a resumed run loads its weights from its own checkpoint.
        self.weights, self.vision_weights = weights, vision_weights
        super().__init__()
        self.frozen_submodules = tuple(self.unused_submodules if freeze is None else freeze)
        for name in self.frozen_submodules:
            submodule_named(self.model, name).requires_grad_(False)
        if lora_rank:
            add_lora(self.model, lora_rank)
        for name in gradient_checkpointing:
            enable_gradient_checkpointing(self.model, name)
        if query_points and not isinstance(self.model.mask_decoder, LearnedQueryDecoder):
            msg = f"query_points {query_points} needs a preset with learned queries (base)."
            raise ModelError(msg, advice="Set model.query_points to 0.")

    def configure_models(self) -> None:
        """Build or load the model at the start of the run."""
        hp = self.hparams
        if self.weights is not None:
            self.model = load_starting_model(Path(self.weights))
        else:
            pretrained = Pretrained(
                hp["imagenet"], hp["mask2former"], hp["language"], self.vision_weights
            )
            self.model = build_starting_model(hp["preset"], hp["fusion"], pretrained)
        if hp["ground_head"]:
            self.model.add_ground_head()
        if hp["upsampling_width"]:
            self.model.add_upsampling(hp["upsampling_width"])
        self.model.to(memory_format=torch.channels_last)

    def configure_metrics(self) -> None:
        """Set the pixel counts of intersection and union to zero."""
        # Not a buffer: weight averaging swaps buffers before the end of validation.
        self.pixels = [0, 0]

    def train(self, mode: bool = True) -> Self:
        """Set the mode; frozen submodules stay in eval mode and keep their running statistics."""
        super().train(mode)
        for name in self.frozen_submodules if mode else ():
            submodule_named(self.model, name).eval()
        for module in self.modules() if self.hparams["freeze_batch_norm"] else ():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """Return AdamW with warm-up and cosine decay over the steps, or the time, of the run.

        With `max_time` the schedule advances by steps or by time, whichever is further.
        """
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
            optimizer,
            lambda step: warmup_cosine(
                max(step, int(total * _share_of_time(self.trainer))), warmup, total
            ),
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add the model's configuration, and undo an incomplete step."""
        checkpoint[MODEL_KEY] = model_record(self.model)
        if has_incomplete_step(checkpoint, self.trainer.accumulate_grad_batches):
            # The batches of the step are repeated, so their batch norm statistics are undone.
            state = checkpoint.get("current_model_state", checkpoint["state_dict"])
            state.update({name: b for name, b in self.start_buffers.items() if name in state})

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Rewind to the last complete step, and name options that have no effect."""
        if self.trainer.state.fn == "fit":
            if kept := kept_options(checkpoint, self.hparams):
                rank_zero_warn(
                    f"the run goes on with the optimiser of the checkpoint: {', '.join(kept)}. "
                    "--model.weights starts from the checkpoint with a new optimiser."
                )
            rewind_incomplete_step(checkpoint, self.trainer.accumulate_grad_batches)

    def on_fit_start(self) -> None:
        """Store the seed of the run and set training mode, which Lightning does not set."""
        self.train()
        self.seed = torch.initial_seed()
        self.start_buffers: dict[str, Tensor] = {}

    def on_train_batch_start(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Seed the random draws of the batch, and store the buffers before each step."""
        seed_batch(self.seed, self.global_rank, batch_idx)
        if batch_idx % self.trainer.accumulate_grad_batches == 0:
            self.start_buffers = {name: buffer.clone() for name, buffer in self.named_buffers()}

    def transfer_batch_to_device(
        self, batch: dict[str, Any], device: torch.device, dataloader_idx: int
    ) -> dict[str, Any]:
        """Move the tensors of a batch to the device."""
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        encoded = self._encode(batch)
        losses = {"dense": self.dense_loss(encoded, batch)}
        if self.hparams["query_points"]:
            losses["queries"] = self.learned_query_loss(encoded, batch)
        loss = torch.stack(list(losses.values())).sum()
        self.log_dict({"train_loss": loss, **losses}, prog_bar=True)
        return loss

    def dense_loss(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the dense heads."""
        logits = self.model.upsample(encoded.change, encoded)
        change = dense_change_loss(logits, batch["label"])
        loss = change + land_cover_loss(
            encoded.land_cover, batch["before_class"], batch["after_class"]
        )
        if encoded.ground is not None:
            ground = batch["ground"]
            loss = loss + _GROUND_WEIGHT * mask_loss(encoded.ground, ground == 1, ground != IGNORE)
        return loss

    def learned_query_loss(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of the learned queries, the mean over the decoder's layers."""
        targets, known = change_masks(batch["label"]), batch["label"] != 255
        points = self.hparams["query_points"]
        decoder = cast(LearnedQueryDecoder, self.model.mask_decoder)
        losses = [
            matched_query_loss(layer.masks, layer.changed, targets, known, points)
            for layer in decoder.propose(encoded.pixels)
        ]
        return torch.stack(losses).mean()

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> ValidationOutput | None:
        """Add one batch to the pixel counts and return its predictions."""
        change = self._any_change(self._encode(batch), batch)
        pairs = len(change)
        truth = (batch["label"] != 0) & (batch["label"] != 255)
        index = torch.arange(pairs)
        texts = ["any change"] * pairs
        return ValidationOutput(
            texts=texts, tasks=texts, index=index, truth=truth, prediction=change
        )

    def on_validation_epoch_end(self) -> None:
        """Log the IoU of "any change"."""
        overlap, union = (sum(count) for count in zip(*all_gather(self.pixels), strict=True))
        self.log("val_iou", overlap / max(1, union), prog_bar=True, sync_dist=True)
        self.pixels = [0, 0]

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> ValidationOutput | None:
        """Run the validation step."""
        return self.validation_step(batch, batch_idx)

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the probability of any change (B, H/4, W/4)."""
        return 1 - self._encode(batch).change.softmax(1)[:, 0]

    def _encode(self, batch: dict[str, Any]) -> Encoded:
        return self.model.encode(batch["before"], batch["after"])

    def _any_change(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the prediction (B, H, W) bool, and add it to the pixel counts."""
        size = batch["label"].shape[-2:]
        fine = self.model.upsample(encoded.change, encoded)
        logits = F.interpolate(fine, size=size, mode="bilinear")
        change = logits.softmax(1)[:, 0] < 0.5
        truth, known = batch["label"] != 0, batch["label"] != 255
        self.pixels[0] += int((change & truth & known).sum())
        self.pixels[1] += int(((change | truth) & known).sum())
        prediction: Tensor = change & known
        return prediction
