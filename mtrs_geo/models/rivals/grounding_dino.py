"""Grounding DINO and SAM 2: boxes of a phrase, and their masks."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mtrs_geo.models.rivals.bitemporal import Finding, rescaled
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor
from mtrs_geo.models.rivals.sam2 import Places, Sam2

__all__ = ["GroundingDino"]

_THRESHOLD = 0.35
"""Score from which Grounding DINO's authors count a box."""
_LEAST_SCORE = 0.1
_MOST_BOXES = 100


class _Encoded(NamedTuple):
    pixels: Tensor
    """(B, 3, h, w), normalised."""
    maps: list[Tensor]
    """Of SAM 2."""


class GroundingDino:
    """Grounding DINO with SAM 2; see `DateModel`.

    Grounding DINO mixes image and text from its first layers on, so it runs once for each phrase;
    SAM 2 encodes each image once.

    Args:
        folders: a checkpoint of type ``grounding-dino`` or ``mm-grounding-dino``, and one of SAM 2.
        placement: device and data type.
    """

    tile_px = 1024

    def __init__(self, folders: tuple[Path, ...], placement: Placement) -> None:
        folder, masks = folders
        # Its deformable attention samples in float32 alone.
        self.placement = Placement(placement.device, torch.float32)
        self.model = load_pretrained(
            folder, "AutoModelForZeroShotObjectDetection",
            ("grounding-dino", "mm-grounding-dino"), self.placement,
        )  # fmt: skip
        self.processor = load_processor(folder, "GroundingDinoProcessor")
        self.sam2 = Sam2(masks, placement)

    def encode(self, images: Tensor) -> _Encoded:
        """Return what all phrases share of B images, see `DateModel`."""
        pixels = self.processor.image_processor(
            list(images), return_tensors="pt", device=self.placement.device
        )["pixel_values"]
        return _Encoded(pixels, self.sam2.encode(images))

    def find(self, encoded: _Encoded, phrase: str) -> list[Finding]:
        """Return the instances of a phrase in each of B images, see `DateModel`."""
        pairs = len(encoded.pixels)
        tokens = self.processor.tokenizer(
            [f"{phrase.rstrip('.')}."] * pairs, return_tensors="pt", truncation=True,
            max_length=self.model.config.max_text_len, return_token_type_ids=True,
        ).to(self.placement.device)  # fmt: skip
        out = self.model(pixel_values=encoded.pixels, **tokens)
        scores = rescaled(out.logits.sigmoid().amax(-1), _THRESHOLD)  # (B, Q)
        return [
            self.sam2.finding(encoded.maps, i, _places(out.pred_boxes[i], scores[i]))
            for i in range(pairs)
        ]


def _places(boxes: Tensor, scores: Tensor) -> Places:
    """Return the boxes (Q, 4) of one image, given by centre and size, whose score counts."""
    best = scores.argsort(descending=True)[:_MOST_BOXES]
    kept = best[scores[best] > _LEAST_SCORE]
    centre, size = boxes[kept, :2], boxes[kept, 2:]
    corners = torch.cat([centre - size / 2, centre + size / 2], dim=1).clamp(0, 1)
    return Places(corners, scores[kept], boxes.new_zeros(0, 2))
