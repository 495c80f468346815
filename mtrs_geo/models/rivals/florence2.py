"""Florence-2: polygons of a phrase, written as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor

from mtrs_geo.models.rivals.answers import polygons_of
from mtrs_geo.models.rivals.bitemporal import Finding
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor

__all__ = ["Florence2"]

_TASK = "<REFERRING_EXPRESSION_SEGMENTATION>"
_MOST_NEW_TOKENS = 1024
_BEAMS = 3
_MASK_PX = 384


class Florence2:
    """Florence-2; see `DateModel`.

    It writes its answer to each phrase and image anew; only the pixels are prepared once.

    Args:
        folders: one with a checkpoint of type ``florence2``.
        placement: device and data type.
        most_new_tokens: length of an answer, in tokens, after which it is cut off.
    """

    tile_px = 768

    def __init__(
        self,
        folders: tuple[Path, ...],
        placement: Placement,
        most_new_tokens: int = _MOST_NEW_TOKENS,
    ) -> None:
        (folder,) = folders
        name = "Florence2ForConditionalGeneration"
        self.model = load_pretrained(folder, name, ("florence2",), placement)
        self.processor = load_processor(folder, "Florence2Processor")
        self.placement = placement
        self.most_new_tokens = most_new_tokens

    def encode(self, images: Tensor) -> Tensor:
        """Return the images; what depends on the phrase is computed in `find`."""
        return images

    def find(self, encoded: Tensor, phrase: str) -> list[Finding]:
        """Return the polygons of a phrase in each of B images, see `DateModel`."""
        inputs = self.processor(
            text=[f"{_TASK}{phrase}"] * len(encoded), images=list(encoded), return_tensors="pt"
        ).to(self.placement.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(self.placement.dtype)
        written = self.model.generate(
            **inputs, max_new_tokens=self.most_new_tokens, num_beams=_BEAMS, do_sample=False
        )
        texts = self.processor.batch_decode(written, skip_special_tokens=False)
        return [_finding(polygons_of(text), self.placement.device) for text in texts]


def _finding(polygons: Sequence[Sequence[tuple[float, float]]], device: torch.device) -> Finding:
    """Return polygons as instances of score 1."""
    masks = np.zeros((len(polygons), _MASK_PX, _MASK_PX), np.float32)
    for mask, corners in zip(masks, polygons, strict=True):
        image = Image.new("L", (_MASK_PX, _MASK_PX))
        scaled = [(x * _MASK_PX, y * _MASK_PX) for x, y in corners]
        ImageDraw.Draw(image).polygon(scaled, fill=1)
        mask[:] = np.asarray(image)
    found = torch.from_numpy(masks).to(device)
    return Finding.of_instances(found, torch.ones(len(polygons), device=device))
