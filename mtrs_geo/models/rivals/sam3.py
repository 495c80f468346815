"""SAM 3: instances of a noun phrase, with a score for the phrase in the image."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutputWithPooling

from mtrs_geo.models.rivals.bitemporal import Finding, rescaled
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor

__all__ = ["Sam3"]

_VisionOutput: TypeAlias = Any
"""Of `transformers.Sam3Model`: maps of B images at four strides."""

_THRESHOLD = 0.5
"""Score from which SAM 3's authors count an instance."""
_LEAST_SCORE = 0.05
_MOST_TOKENS = 32
_CACHED_PHRASES = 256


class Sam3:
    """SAM 3 for images; see `DateModel`.

    The score of an instance is its own times that of the phrase's presence in the image.

    Args:
        folders: one with a checkpoint of type ``sam3`` or ``sam3_video``.
        placement: device and data type.
    """

    tile_px = 1008

    def __init__(self, folders: tuple[Path, ...], placement: Placement) -> None:
        (folder,) = folders
        self.model = load_pretrained(folder, "Sam3Model", ("sam3", "sam3_video"), placement)
        self.processor = load_processor(folder, "Sam3Processor")
        self.placement = placement
        self._embedded = lru_cache(_CACHED_PHRASES)(self._embed)

    def encode(self, images: Tensor) -> _VisionOutput:
        """Return the features of B images, see `DateModel`."""
        pixels = self.processor.image_processor(
            list(images), return_tensors="pt", device=self.placement.device
        )["pixel_values"]
        return self.model.get_vision_features(pixel_values=pixels.to(self.placement.dtype))

    def find(self, encoded: _VisionOutput, phrase: str) -> list[Finding]:
        """Return the instances of a phrase in each of B images, see `DateModel`."""
        text, mask = self._embedded(phrase)
        pairs = len(encoded.fpn_hidden_states[0])
        out = self.model(
            vision_embeds=encoded,
            text_embeds=BaseModelOutputWithPooling(pooler_output=text.expand(pairs, -1, -1)),
            attention_mask=mask.expand(pairs, -1),
        )
        scores = out.pred_logits.float().sigmoid()  # (B, Q)
        if out.presence_logits is not None:
            scores = scores * out.presence_logits.float().sigmoid()  # (B, 1)
        return [
            _finding(logits, score)
            for logits, score in zip(out.pred_masks, rescaled(scores, _THRESHOLD), strict=True)
        ]

    def _embed(self, phrase: str) -> tuple[Tensor, Tensor]:
        """Return the embedding (1, L, C) of a phrase and the mask (1, L) of its tokens."""
        tokens = self.processor.tokenizer(
            [phrase], return_tensors="pt", padding="max_length", truncation=True,
            max_length=_MOST_TOKENS,
        ).to(self.placement.device)  # fmt: skip
        return self.model.get_text_features(**tokens).pooler_output, tokens["attention_mask"]


def _finding(logits: Tensor, scores: Tensor) -> Finding:
    """Return the instances (Q, h, w) of one image whose score counts."""
    kept = scores > _LEAST_SCORE
    return Finding.of_instances(torch.sigmoid(logits[kept].float()), scores[kept])
