"""MTRefSeg-R1 behind the segmenter contract: numpy in, numpy out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.contract import ModelInfo
from mtrs_geo.models.language import TextStates
from mtrs_geo.models.mtrefseg_r1 import Encoded, MTRefSegR1
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Precision", "Segmenter"]

Precision: TypeAlias = Literal["float32", "bfloat16"]

_STRIDE = 32


class Segmenter:
    """A loaded model that answers sentences.

    Args:
        model: in eval mode.
        facts: name and version, from the model's folder.
        device: where it runs.
        precision: ``bfloat16`` runs the model under autocast.
    """

    def __init__(
        self,
        model: MTRefSegR1,
        facts: dict[str, Any],
        device: torch.device,
        precision: Precision = "float32",
    ) -> None:
        config = model.config
        self.info = ModelInfo(
            name=facts["name"],
            version=facts["version"],
            native_gsd_m=config.native_gsd_m,
            gsd_range_m=config.gsd_range_m,
            tile_px=config.tile_px,
            device=str(device),
        )
        self.facts = facts
        self.any_change_text = config.any_change_text
        self.device = device
        self.precision = precision
        self.model = model.to(device).to(memory_format=torch.channels_last)
        self._embedded: tuple[tuple[str, ...], TextStates] | None = None

    def predict(self, before: UInt8Array, after: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer one pair, see `ChangeSegmenter`."""
        images = np.stack([before, after]).transpose(0, 3, 1, 2)
        answer: FloatArray = self.predict_tiles(images[None], texts)[0]
        return answer

    @torch.inference_mode()
    def predict_tiles(self, images: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer B pairs, see `ChangeSegmenter`."""
        rows, cols = images.shape[-2:]
        padded = _pad(torch.from_numpy(np.ascontiguousarray(images)).to(self.device))
        enabled = self.precision == "bfloat16"
        asked = tuple(text or self.any_change_text or "" for text in texts)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=enabled):
            encoded = self.model.encode(padded[:, 0], padded[:, 1])
            logits = self._answer(encoded, asked)  # (B, N, h, w)
        size = padded.shape[-2:]
        full = F.interpolate(logits.float(), size=size, mode="bilinear", align_corners=False)
        answer: FloatArray = full[..., :rows, :cols].sigmoid_().cpu().numpy()
        return answer

    def _answer(self, encoded: Encoded, texts: tuple[str, ...]) -> Tensor:
        log_p = encoded.change.float().log_softmax(1)
        none = log_p[:, :1]
        any_change = torch.logsumexp(log_p[:, 1:], dim=1, keepdim=True) - none
        asked = [text for text in texts if text]
        if not asked:
            same: Tensor = any_change.expand(-1, len(texts), -1, -1)
            return same
        said = iter(self._decode(encoded, tuple(asked)).unbind(1))
        return torch.stack([next(said) if t else any_change[:, 0] for t in texts], dim=1)

    def _decode(self, encoded: Encoded, texts: tuple[str, ...]) -> Tensor:
        pairs, count = len(encoded.scene), len(texts)
        index = torch.arange(pairs, device=self.device).repeat_interleave(count)
        text = self._embed(texts).repeat(pairs)
        mask = self.model.decode(encoded.take(index), text).masks[-1]
        return mask.float().reshape(pairs, count, *mask.shape[1:])

    def _embed(self, texts: tuple[str, ...]) -> TextStates:
        if self._embedded is None or self._embedded[0] != texts:
            self._embedded = texts, self.model.embed(texts)
        return self._embedded[1]


def _pad(images: Tensor) -> Tensor:
    """Repeat the last row and column until both sides are multiples of the stride."""
    rows, cols = (-side % _STRIDE for side in images.shape[-2:])
    if not rows and not cols:
        return images
    flat = images.flatten(0, 1).float()
    padded = F.pad(flat, (0, cols, 0, rows), mode="replicate")
    return padded.reshape(*images.shape[:2], *padded.shape[1:])
