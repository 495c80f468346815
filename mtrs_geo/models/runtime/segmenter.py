"""MTRefSeg-R1 behind the segmenter contract: numpy in, numpy out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.contract import ModelInfo, standing_thing
from mtrs_geo.models.network.intent import Reading, any_change, shown_after
from mtrs_geo.models.network.mtrefseg_r1 import Encoded, MTRefSegR1, Sentences
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["Precision", "Segmenter"]

Precision: TypeAlias = Literal["float32", "bfloat16"]

_STRIDE = 32
_NEVER = -10.0


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
        self._embedded: tuple[tuple[str, ...], Sentences] | None = None

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
            encoded = self._encode(padded[:, 0], padded[:, 1])
            logits = self._answer(encoded, asked)  # (B, N, h, w)
        size = padded.shape[-2:]
        full = F.interpolate(logits.float(), size=size, mode="bilinear", align_corners=False)
        answer: FloatArray = full[..., :rows, :cols].sigmoid_().cpu().numpy()
        return answer

    def _answer(self, encoded: Encoded, texts: tuple[str, ...]) -> Tensor:
        asked = tuple(text for text in texts if text and standing_thing(text) is None)
        things = tuple(thing for text in texts if (thing := standing_thing(text)) is not None)
        said = iter(self._decode(encoded, asked).unbind(1) if asked else ())
        stands = iter(self._standing(encoded, things).unbind(1) if things else ())
        answers = []
        for text in texts:
            if not text:
                answers.append(any_change(encoded.change))
            else:
                answers.append(next(said if standing_thing(text) is None else stands))
        return torch.stack(answers, dim=1)

    def _standing(self, encoded: Encoded, things: tuple[str, ...]) -> Tensor:
        """Return logits (B, N, h, w): where each thing stands at the later date."""
        pairs, _, _, rows, cols = encoded.land.shape
        if "land_head" in self.facts.get("untrained", ()):
            return encoded.land.new_full((pairs, len(things), rows, cols), _NEVER)
        # The reader knows sentences: of "new roads" it reads that roads are there now.
        read = self.model.embed([f"new {thing}" for thing in things]).reading
        reading = Reading(*(part.repeat(pairs, 1) for part in read))
        land = encoded.land.float().repeat_interleave(len(things), 0)
        return shown_after(land, reading).reshape(pairs, len(things), rows, cols)

    def _decode(self, encoded: Encoded, texts: tuple[str, ...]) -> Tensor:
        pairs, count = len(encoded.scene), len(texts)
        index = torch.arange(pairs, device=self.device).repeat_interleave(count)
        said = self._embed(texts).take(torch.arange(count, device=self.device).repeat(pairs))
        mask = self.model.decode(encoded.take(index), said).masks[-1]
        return mask.float().reshape(pairs, count, *mask.shape[1:])

    def _encode(self, before: Tensor, after: Tensor) -> Encoded:
        """Encode B pairs (B, 3, H, W), see `MTRefSegR1.encode`."""
        return self.model.encode(before, after)

    def _embed(self, texts: tuple[str, ...]) -> Sentences:
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
