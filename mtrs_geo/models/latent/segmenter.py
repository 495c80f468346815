"""Latent matching as a `ChangeSegmenter`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.contract import LandCoverQuery, ModelInfo, Query, TileSegmenter
from mtrs_geo.models.latent.matching import match_segments
from mtrs_geo.models.latent.names import LATENT_NAME
from mtrs_geo.models.latent.waterpixels import waterpixels
from mtrs_geo.types import FloatArray, UInt8Array

__all__ = ["LatentSegmenter"]

_TILE_PX = 1024
"""The threshold is that of a tile, so tiles are large."""
_SEGMENT_PX, _STRIDE, _PADDED_TO = 16, 4, 32
_LEVELS = 3
"""Levels that are compared: strides 4, 8 and 16."""


class LatentSegmenter(TileSegmenter):
    """Finds any change, whatever a sentence asks for; several threads may share it.

    After AnyChange (arXiv 2402.01188), with another encoder and other segments: AnyChange has the
    features and the mask proposals of SAM.

    Args:
        encoder: image encoder of a `ModelConfig`, in eval mode.
        metadata: ``version`` and ``sha256`` of the model that it is of.
        device: device to run on.
    """

    def __init__(self, encoder: nn.Module, metadata: dict[str, Any], device: torch.device) -> None:
        self.encoder = encoder.to(device)
        self.device = device
        self.info = ModelInfo(
            LATENT_NAME, f"1, encoder {metadata['name']} {metadata['version']}", 0.5,
            (0.0, float("inf")), _TILE_PX, str(device),
            weights_sha256=metadata.get("sha256", ""),
        )  # fmt: skip

    def predict_tiles(self, images: UInt8Array, queries: Sequence[Query]) -> FloatArray:
        """Return the probabilities for B pairs, see `ChangeSegmenter`."""
        maps = np.stack([self._map(pair) for pair in images])
        asks_change = [not isinstance(query, LandCoverQuery) for query in queries]
        return maps[:, None] * np.array(asks_change, np.float32)[:, None, None]

    @torch.inference_mode()
    def _map(self, pair: UInt8Array) -> FloatArray:
        """Return the probability (H, W) of a change in a pair (2, 3, H, W)."""
        rows, cols = pair.shape[-2:]
        margins = ((0, 0), (0, 0), (0, -rows % _PADDED_TO), (0, -cols % _PADDED_TO))
        padded = np.pad(pair, margins, mode="edge")
        before, after = self._features(torch.from_numpy(padded)).cpu().numpy()
        half = _STRIDE // 2
        segments = [waterpixels(date, _SEGMENT_PX)[half::_STRIDE, half::_STRIDE] for date in padded]
        cells = torch.from_numpy(match_segments(before, after, segments))
        fine = F.interpolate(cells[None, None], scale_factor=_STRIDE, mode="bilinear")
        found: FloatArray = fine[0, 0, :rows, :cols].numpy()
        return found

    def _features(self, images: Tensor) -> Tensor:
        """Return (B, C, H / 4, W / 4) of all compared levels, from images (B, 3, H, W)."""
        pyramid = self.encoder(images.to(self.device))[-4:][:_LEVELS]
        size = pyramid[0].shape[-2:]
        levels = [
            F.interpolate(level.float(), size=size, mode="bilinear", align_corners=False)
            for level in pyramid
        ]
        return torch.cat(levels, dim=1)
