"""Qwen-VL and SAM 2: boxes or points that a language model writes, and their masks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mtrs_geo.models.rivals.answers import Answer, read_answer
from mtrs_geo.models.rivals.bitemporal import Finding
from mtrs_geo.models.rivals.pretrained import Placement, load_pretrained, load_processor
from mtrs_geo.models.rivals.sam2 import Places, Sam2

__all__ = ["QwenVl", "units_of_answers"]

_REQUEST = (
    "Locate every instance of {phrase!r} in this image. Answer with a JSON list of objects with "
    'the key "bbox_2d" and the value [x1, y1, x2, y2], and nothing else. '
    "If there is none, answer []."
)
_THOUSANDTHS = ("qwen2_vl", "qwen3_vl", "qwen3_vl_moe")
"""Types whose coordinates are thousandths of the image's sides."""
_PIXELS = ("qwen2_5_vl",)
"""Types whose coordinates are pixels of the resized image."""
_MOST_NEW_TOKENS = 1024


class _Encoded(NamedTuple):
    images: Tensor
    maps: list[Tensor]
    """Of SAM 2."""


class QwenVl:
    """Qwen2-VL, Qwen2.5-VL or Qwen3-VL with SAM 2; see `DateModel`.

    The language model answers once for each phrase and image; SAM 2 encodes each image once.

    Args:
        folders: a checkpoint of Qwen-VL, and one of SAM 2.
        placement: device and data type.
        most_new_tokens: length of an answer, in tokens, after which it is cut off.
    """

    tile_px = 1024

    def __init__(
        self,
        folders: tuple[Path, ...],
        placement: Placement,
        most_new_tokens: int = _MOST_NEW_TOKENS,
    ) -> None:
        folder, masks = folders
        self.model = load_pretrained(
            folder, "AutoModelForImageTextToText", (*_THOUSANDTHS, *_PIXELS), placement
        )
        self.processor = load_processor(folder, "AutoProcessor")
        self.sam2 = Sam2(masks, placement)
        self.placement = placement
        self.most_new_tokens = most_new_tokens

    def encode(self, images: Tensor) -> _Encoded:
        """Return what all phrases share of B images, see `DateModel`."""
        return _Encoded(images, self.sam2.encode(images))

    def find(self, encoded: _Encoded, phrase: str) -> list[Finding]:
        """Return the instances of a phrase in each of B images, see `DateModel`."""
        return [
            self.sam2.finding(encoded.maps, i, _places(self._ask(image, phrase)))
            for i, image in enumerate(encoded.images)
        ]

    def _ask(self, image: Tensor, phrase: str) -> Answer:
        """Return where the model says that one image (3, S, S) shows a phrase."""
        request = {"type": "text", "text": _REQUEST.format(phrase=phrase)}
        chat = [{"role": "user", "content": [{"type": "image"}, request]}]
        text = self.processor.apply_chat_template(chat, tokenize=False, add_generation_prompt=True)
        inputs = self.processor(text=[text], images=[image], return_tensors="pt")
        inputs = inputs.to(self.placement.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(self.placement.dtype)
        written = self.model.generate(
            **inputs, max_new_tokens=self.most_new_tokens, do_sample=False
        )[:, inputs["input_ids"].shape[1] :]
        (answer,) = self.processor.batch_decode(written, skip_special_tokens=True)
        units = units_of_answers(
            self.model.config.model_type,
            inputs["image_grid_thw"][0].tolist(),
            self.processor.image_processor.patch_size,
        )
        return read_answer(answer, units)


def units_of_answers(model_type: str, grid: Sequence[int], patch_px: int) -> tuple[float, float]:
    """Return (width, height) of an image in the units of a model's answers.

    Args:
        model_type: of the model's configuration.
        grid: (frames, rows, cols) of the image in patches, as the model sees it.
        patch_px: side of a patch.
    """
    if model_type in _THOUSANDTHS:
        return 1000.0, 1000.0
    _, rows, cols = grid
    return float(cols * patch_px), float(rows * patch_px)


def _places(answer: Answer) -> Places:
    """Return the places of an answer; the model gives no scores."""
    count = len(answer.boxes) + len(answer.points)
    return Places(
        torch.tensor(answer.boxes).reshape(-1, 4),
        torch.ones(count),
        torch.tensor(answer.points).reshape(-1, 2),
    )
