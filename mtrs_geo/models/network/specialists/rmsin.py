"""RMSIN-like decoder: words within each scale, attention across scales, rotated convolutions.

Source: RMSIN, arXiv 2312.12470.  As in the LAVT-like decoder, the levels are those of the fused
pyramid and not stages of a Swin encoder.  The branches of a scale are depthwise; attention across
scales is one transformer layer at stride 32.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import SpecialistConfig
from mtrs_geo.models.network.language import TextStates
from mtrs_geo.models.network.specialists.pyramid_decoder import PyramidDecoder, TopDown
from mtrs_geo.models.network.specialists.rotated_convolution import RotatedConvolution
from mtrs_geo.models.network.specialists.word_attention import LanguageGate, PixelWordAttention

__all__ = ["RmsinDecoder"]

_KERNELS_PX = (1, 3, 5)


class RmsinDecoder(PyramidDecoder):
    """Interaction within and across scales, then a top-down decoder of rotated convolutions."""

    def __init__(self, config: SpecialistConfig, channels: int) -> None:
        super().__init__()
        self.within = nn.ModuleList(_WithinScale(channels) for _ in range(4))
        self.across = _AcrossScales(config, channels)
        self.top_down = TopDown(channels, config.width, RotatedConvolution)

    def mask(self, levels: Sequence[Tensor], query: Tensor, text: TextStates) -> Tensor:
        """Return logits, see `PyramidDecoder.mask`."""
        joined = [within(level, text) for within, level in zip(self.within, levels, strict=True)]
        logits: Tensor = self.top_down(self.across(joined))
        return logits


class _WithinScale(nn.Module):
    """Kernels of several sides, weighted at each pixel; then words with a gate."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Conv2d(channels, channels, side, padding=side // 2, groups=channels)
            for side in _KERNELS_PX
        )
        self.weights = nn.Conv2d(channels, len(_KERNELS_PX), 1)
        self.attention = PixelWordAttention(channels)
        self.gate = LanguageGate(channels)

    def forward(self, level: Tensor, text: TextStates) -> Tensor:
        weights = self.weights(level).softmax(1)
        for i, branch in enumerate(self.branches):
            level = level + weights[:, i : i + 1] * branch(level)
        out: Tensor = self.gate(level, self.attention(level, text))
        return out


class _AcrossScales(nn.Module):
    """Self-attention over the cells of all levels at stride 32; each level takes its part back."""

    def __init__(self, config: SpecialistConfig, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(4, channels))
        self.layer = nn.TransformerEncoderLayer(
            channels, config.heads, config.feed_forward, dropout=0.0, activation="gelu",
            batch_first=True, norm_first=True,
        )  # fmt: skip
        self.gates = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(4))

    def forward(self, levels: Sequence[Tensor]) -> list[Tensor]:
        """Return the levels (N, C, h, w) with what the other scales tell them."""
        coarsest = levels[-1].shape
        rows, cols = coarsest[-2:]
        pooled = [F.adaptive_avg_pool2d(level, (rows, cols)) for level in levels]
        cells = [
            maps.flatten(2).transpose(1, 2) + scale
            for maps, scale in zip(pooled, self.scale, strict=True)
        ]
        attended = self.layer(torch.cat(cells, dim=1)).chunk(4, dim=1)  # (N, h*w, C) each
        out = []
        for level, part, gate in zip(levels, attended, self.gates, strict=True):
            maps = part.transpose(1, 2).reshape(coarsest)
            maps = F.interpolate(maps, size=level.shape[-2:], mode="bilinear", align_corners=False)
            out.append(level + gate(level).sigmoid() * maps)
        return out
