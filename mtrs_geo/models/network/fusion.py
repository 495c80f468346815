"""Fusion of two pyramids into one: the paper's change-aware block and its ablations.

Source: arXiv 2606.00987, change-aware fusion.  Two options are not in the paper: the channel
gate may average over a neighbourhood instead of the whole image, and the normalisation may be
BatchNorm.  With both, results do not depend on the tile borders.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from mtrs_geo.models.config import FusionConfig
from mtrs_geo.models.network.blocks import build_norm, conv_block

__all__ = ["Fusion"]


class _ChangeAware(nn.Module):
    def __init__(self, config: FusionConfig, inputs: int, width: int, rank: int | None) -> None:
        super().__init__()
        norm, bottleneck = config.norm, max(width // 4, 32)
        self.window = config.gate_window
        self.reduce = conv_block(norm, inputs, width, 1)
        self.reduce_after = None if config.shared else conv_block(norm, inputs, width, 1)
        self.difference = nn.Sequential(
            conv_block(norm, 2 * width, width, 3, rank), conv_block(norm, width, width, 3, rank)
        )
        self.fuse = nn.Sequential(
            conv_block(norm, 4 * width, width, 1), conv_block(norm, width, width, 3, rank)
        )
        self.gate = nn.Sequential(
            nn.Conv2d(2 * width, bottleneck, 1, bias=config.gate_bias),
            nn.GELU(),
            nn.Conv2d(bottleneck, width, 1),
        )
        self.norm = build_norm(norm, width)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        reduce_after = self.reduce_after or self.reduce
        f1, f2 = self.reduce(before), reduce_after(after)  # (B, W, h, w) each
        d = f2 - f1
        e = self.difference(torch.cat([d, d.abs()], dim=1))
        fused = self.fuse(torch.cat([f1, f2, d.abs(), e], dim=1))
        gate = self.gate(self._pool(torch.cat([f1, f2], dim=1))).sigmoid()
        out: Tensor = F.gelu(self.norm(fused + gate * e + (f1 + f2) / 2))
        return out

    def _pool(self, both: Tensor) -> Tensor:
        if self.window is None:
            return both.mean((2, 3), keepdim=True)
        return F.avg_pool2d(both, self.window, 1, self.window // 2, count_include_pad=False)


class _ConcatConv(nn.Module):
    def __init__(self, config: FusionConfig, inputs: int, width: int, rank: int | None) -> None:
        super().__init__()
        self.fuse = nn.Sequential(
            conv_block(config.norm, 2 * inputs, width, 1),
            conv_block(config.norm, width, width, 3, rank),
        )

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        out: Tensor = self.fuse(torch.cat([before, after], dim=1))
        return out


class _AbsDiff(nn.Module):
    def __init__(self, config: FusionConfig, inputs: int, width: int, rank: int | None) -> None:
        super().__init__()
        self.fuse = conv_block(config.norm, inputs, width, 1)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        out: Tensor = self.fuse((after - before).abs())
        return out


class _Average(_AbsDiff):
    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        out: Tensor = self.fuse((before + after) / 2)
        return out


_KINDS = {
    "change_aware": _ChangeAware,
    "concat_conv": _ConcatConv,
    "abs_diff": _AbsDiff,
    "avg": _Average,
}


class Fusion(nn.Module):
    """One fusion block per pyramid level."""

    def __init__(self, config: FusionConfig, inputs: Sequence[int]) -> None:
        super().__init__()
        self.channels: tuple[int, ...] = tuple(config.widths or inputs)
        block = _KINDS[config.kind]
        ranks = (*(config.ranks or (None, None)), None, None)
        self.levels = nn.ModuleList(
            block(config, *sizes) for sizes in zip(inputs, self.channels, ranks, strict=True)
        )

    def forward(self, before: Sequence[Tensor], after: Sequence[Tensor]) -> list[Tensor]:
        """Fuse two pyramids of maps (B, C_i, h_i, w_i) to one of (B, W_i, h_i, w_i)."""
        return [level(b, a) for level, b, a in zip(self.levels, before, after, strict=True)]
