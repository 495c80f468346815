"""What every segmenter offers: presets, rivals, and the cheap one of the benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["BrightnessSegmenter", "ChangeSegmenter", "ModelInfo", "standing", "standing_thing"]

_STANDING = "standing: "


def standing(thing: str) -> str:
    """Return the text that asks for what stands at the later date, changed or not."""
    return _STANDING + thing


def standing_thing(text: str) -> str | None:
    """Return the thing that a text of `standing` asks for, or None for any other text."""
    return text.removeprefix(_STANDING) if text.startswith(_STANDING) else None


@dataclass(frozen=True)
class ModelInfo:
    """What a run must know of a model."""

    name: str
    version: str
    native_gsd_m: float
    """Pixel size that the model was trained at."""
    gsd_range_m: tuple[float, float]
    """Pixel sizes that it still works at."""
    tile_px: int
    """Side of the square tiles that it answers best."""
    device: str = "cpu"
    """Where it runs."""


@runtime_checkable
class ChangeSegmenter(Protocol):
    """Answers sentences about pairs of images with probabilities."""

    @property
    def info(self) -> ModelInfo:
        """What a run must know of the model."""

    def predict(self, before: UInt8Array, after: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer N sentences about one pair.

        Args:
            before: (H, W, 3) RGB, any size.
            after: (H, W, 3) RGB, the same place later.
            texts: N sentences; an empty one asks for any change, one that `standing` made for
                a thing that may have been there always.

        Returns:
            (N, H, W) in [0, 1].
        """

    def predict_tiles(self, images: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer N sentences about B pairs of one size.

        Args:
            images: (B, 2, 3, H, W), earlier date first.
            texts: N sentences.

        Returns:
            (B, N, H, W) in [0, 1].
        """


class BrightnessSegmenter:
    """The cheapest segmenter there is: the share by which brightness changed.

    It understands no sentence. Benchmarks of the corridor and tests of everything
    around the model use it; as a rival it is the floor that a model must beat.
    """

    info = ModelInfo("brightness", "1", 0.5, (0.0, float("inf")), 256)

    def predict(self, before: UInt8Array, after: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer one pair, see `ChangeSegmenter`."""
        images = np.stack([before, after]).transpose(0, 3, 1, 2)
        answer: FloatArray = self.predict_tiles(images[None], texts)[0]
        return answer

    def predict_tiles(self, images: UInt8Array, texts: Sequence[str]) -> FloatArray:
        """Answer B pairs, see `ChangeSegmenter`."""
        green = images[:, :, 1]  # one band is enough for brightness
        darker, lighter = green.min(1), green.max(1)
        share = (lighter - darker).astype(np.float32) * np.float32(1 / 255)
        shape = (len(images), len(texts), *share.shape[1:])
        answer: FloatArray = np.broadcast_to(share[:, None], shape)
        return answer
