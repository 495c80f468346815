"""SAM 2: the mask of a box or a point."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mtrs_geo.models.rivals.bitemporal import Finding
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor

__all__ = ["Places", "Sam2"]


class Places(NamedTuple):
    """K places in a square image: boxes, and points where a box is not known."""

    boxes: Tensor
    """(K, 4): left, top, right, bottom, each in [0, 1] of the side."""
    scores: Tensor
    """(K,) in [0, 1]; the first of `boxes`, then of `points`."""
    points: Tensor
    """(P, 2): x, y in [0, 1]."""


class Sam2:
    """SAM 2 for images.

    Args:
        folder: with a checkpoint of type ``sam2`` or ``sam2_video``.
        placement: device and data type.
    """

    def __init__(self, folder: Path, placement: Placement) -> None:
        self.model = load_pretrained(folder, "Sam2Model", ("sam2", "sam2_video"), placement)
        self.processor = load_processor(folder, "Sam2Processor")
        self.placement = placement

    def encode(self, images: Tensor) -> list[Tensor]:
        """Return the three maps of B images.

        Args:
            images: (B, 3, S, S) uint8.
        """
        pixels = self.processor.image_processor(
            list(images), return_tensors="pt", device=self.placement.device
        )["pixel_values"]
        maps: list[Tensor] = self.model.get_image_embeddings(pixels.to(self.placement.dtype))
        return maps

    def finding(self, maps: list[Tensor], image: int, places: Places) -> Finding:
        """Return the masks of places in one image.

        Args:
            maps: as `encode` returns them.
            image: index of the image.
            places: where the things are.
        """
        side = self.model.config.prompt_encoder_config.image_size
        own = [level[image : image + 1] for level in maps]
        found = [own[0].new_zeros(0, *own[0].shape[-2:])]
        if len(places.boxes):
            found.append(self._masks(own, input_boxes=places.boxes[None] * side))
        if len(places.points):
            found.append(self._masks(own, input_points=places.points[None, :, None] * side))
        return Finding.of_instances(torch.cat(found), places.scores.to(self.placement.device))

    def _masks(self, maps: list[Tensor], **prompts: Tensor) -> Tensor:
        """Return masks (K, h, w) in [0, 1] of K boxes or points of one image."""
        placed = {name: value.to(self.placement.device).float() for name, value in prompts.items()}
        out = self.model(image_embeddings=maps, multimask_output=False, **placed)
        masks: Tensor = out.pred_masks[0, :, 0].float().sigmoid()
        return masks
