"""Stage 1: the model learns to see change, and what changed, without any sentence."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torchgeo.trainers import BaseTask

from mtrs_geo.models.checkpoint import grown, load_initial_vision, new_model, read_folder
from mtrs_geo.models.config import FusionConfig, ModelConfig
from mtrs_geo.models.mtrefseg_r1 import Encoded, MTRefSegR1
from mtrs_geo.models.presets import PRESETS
from mtrs_geo.training.losses import dense_change_loss, land_loss

__all__ = ["Stage1Task", "warmup_cosine"]


def warmup_cosine(step: int, warmup: int, total: int) -> float:
    """Return the share of the full learning rate at ``step``."""
    if step < warmup:
        return (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, total - warmup))
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done))


class Stage1Task(BaseTask):
    """Trains vision, fusion, pixel decoder and both dense heads: change and land.

    Args:
        preset: name of the preset.
        fusion: fusion variant, for ablations.
        lr: peak learning rate (the pretrained encoder gets a third of it).
        weight_decay: of AdamW.
        warmup_share: share of the steps that warm up.
        imagenet: start the vision encoder from ImageNet weights.
        weights: a checkpoint, or a model folder, whose weights to start from with a new schedule;
            heads that an earlier version had not are left as built.
    """

    monitor = "val_iou"
    ignore: tuple[str, ...] = ("weights",)
    mode = "max"
    model: MTRefSegR1

    def __init__(
        self,
        preset: str = "tiny",
        fusion: Literal["change_aware", "concat_conv", "abs_diff", "avg"] = "change_aware",
        lr: float = 1e-3,
        weight_decay: float = 0.02,
        warmup_share: float = 0.05,
        imagenet: bool = True,
        weights: str | None = None,
    ) -> None:
        super().__init__()
        if weights is not None:
            self.model.load_state_dict(grown(self.model, _start(Path(weights)), weights))

    def configure_models(self) -> None:
        """Build the preset; the language side stays as it is in this stage."""
        config = PRESETS[self.hparams["preset"]]
        self.model = new_model(_with_fusion(config, self.hparams["fusion"]))
        if self.hparams["imagenet"]:
            load_initial_vision(self.model)
        self.model.to(memory_format=torch.channels_last)

    def configure_metrics(self) -> None:
        """Count pixels of intersection and union over the validation set."""
        # No buffer: weight averaging swaps buffers between validation and its end.
        self.pixels = [0, 0]

    def trained_modules(self) -> tuple[str, ...]:
        """Names of the parts that this stage trains."""
        return ("vision", "fusion", "pixel_decoder", "change_head", "land_head")

    def configure_optimizers(self) -> Any:  # noqa: ANN401 - Lightning's own union
        """AdamW with warm-up and cosine decay over the run's steps."""
        lr = self.hparams["lr"]
        trained = [getattr(self.model, name) for name in self.trained_modules()]
        vision = [p for p in self.model.vision.parameters() if p.requires_grad]
        rest = [
            p
            for m in trained
            if m is not self.model.vision
            for p in m.parameters()
            if p.requires_grad
        ]
        optimizer = torch.optim.AdamW(
            [{"params": vision, "lr": lr / 3}, {"params": rest, "lr": lr}],
            weight_decay=self.hparams["weight_decay"],
        )
        total = int(self.trainer.estimated_stepping_batches)
        warmup = max(1, int(self.hparams["warmup_share"] * total))
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: warmup_cosine(step, warmup, total)
        )
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def transfer_batch_to_device(
        self, batch: dict[str, Any], device: torch.device, dataloader_idx: int
    ) -> dict[str, Any]:
        """Move the tensors of a batch; sentences stay."""
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}

    def training_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the loss of one batch."""
        loss = self.seeing_loss(self._encode(batch), batch)
        self.log("train_loss", loss, prog_bar=True)
        return loss

    def seeing_loss(self, encoded: Encoded, batch: dict[str, Any]) -> Tensor:
        """Return the loss of both dense heads."""
        change = dense_change_loss(encoded.change, batch["label"])
        return change + land_loss(encoded.land, batch["before_class"], batch["after_class"])

    def validation_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Add one batch to the pixel counts."""
        self._count(self._encode(batch), batch)

    def on_validation_epoch_end(self) -> None:
        """Log the IoU of "any change"."""
        overlap, union = self.pixels
        self.log("val_iou", overlap / max(1, union), prog_bar=True)
        self.pixels = [0, 0]

    def test_step(self, batch: dict[str, Any], batch_idx: int) -> None:
        """Test as in validation."""
        self.validation_step(batch, batch_idx)

    def predict_step(self, batch: dict[str, Any], batch_idx: int) -> Tensor:
        """Return the probability of any change (B, H/4, W/4)."""
        return 1 - self._encode(batch).change.softmax(1)[:, 0]

    def _encode(self, batch: dict[str, Any]) -> Encoded:
        return self.model.encode(batch["before"], batch["after"])

    def _count(self, encoded: Encoded, batch: dict[str, Any]) -> None:
        size = batch["label"].shape[-2:]
        logits = torch.nn.functional.interpolate(encoded.change, size=size, mode="bilinear")
        change = logits.softmax(1)[:, 0] < 0.5
        truth, known = batch["label"] != 0, batch["label"] != 255
        self.pixels[0] += int((change & truth & known).sum())
        self.pixels[1] += int(((change | truth) & known).sum())


def _start(path: Path) -> dict[str, Tensor]:
    if path.is_dir():
        return read_folder(path)
    state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    return {name.removeprefix("model."): tensor for name, tensor in state.items()}


def _with_fusion(config: ModelConfig, kind: Any) -> ModelConfig:  # noqa: ANN401 - a Literal
    from dataclasses import replace

    fusion: FusionConfig = replace(config.fusion, kind=kind)
    return replace(config, fusion=fusion)
