"""Fused pyramid to mask features (stride 4) and three memory levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import PixelDecoderConfig
from mtrs_geo.models.network.blocks import conv_block

__all__ = ["FeaturePyramid", "PixelFeatures"]


class PixelFeatures(NamedTuple):
    """Output of the pixel decoder, C channels each."""

    memory: tuple[Tensor, Tensor, Tensor]
    """(B, C, h, w) at strides 32, 16 and 8: coarsest first."""
    mask_features: Tensor
    """(B, C, H / 4, W / 4)."""


class FeaturePyramid(nn.Module):
    """A feature pyramid network (Lin et al., arXiv 1612.03144) with BatchNorm."""

    def __init__(self, config: PixelDecoderConfig, inputs: Sequence[int]) -> None:
        super().__init__()
        width = config.channels
        self.lateral = nn.ModuleList(nn.Conv2d(c, width, 1) for c in inputs)
        ranks = (*(config.ranks or (None, None)), None, None)
        self.smooth = nn.ModuleList(conv_block("batch", width, width, 3, rank) for rank in ranks)
        self.mask_projection = nn.Conv2d(width, width, 1)

    def forward(self, fused: Sequence[Tensor]) -> PixelFeatures:
        """Decode four maps at strides 4, 8, 16, 32."""
        top: Tensor | None = None
        levels = []
        for level in reversed(range(len(fused))):
            current = self.lateral[level](fused[level])
            if top is not None:
                current = current + F.interpolate(top, size=current.shape[-2:], mode="nearest")
            top = self.smooth[level](current)
            levels.append(top)
        coarse, middle, fine, finest = levels
        return PixelFeatures((coarse, middle, fine), self.mask_projection(finest))
