"""Two dates to one pyramid: the paper's change-aware block and its ablations.

Source: arXiv 2606.00987, change-aware fusion.  Ours beyond it: the channel gate
may look at a neighbourhood instead of the whole image, and the normalisation may
be BatchNorm, so that an answer does not depend on where a tile was cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everyone in the field uses

from mtrs_geo.models.config import FusionConfig, NormKind

__all__ = ["Fusion", "build_norm"]


def build_norm(kind: NormKind, channels: int) -> nn.Module:
    """Return BatchNorm, or GroupNorm with 32 groups where they divide ``channels``."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.GroupNorm(32 if channels % 32 == 0 else 1, channels)


def _block(kind: NormKind, inputs: int, outputs: int, kernel_px: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel_px, padding=kernel_px // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
    return nn.Sequential(conv, build_norm(kind, outputs), nn.GELU())


class _ChangeAware(nn.Module):
    def __init__(self, config: FusionConfig, inputs: int, width: int) -> None:
        super().__init__()
        norm, bottleneck = config.norm, max(width // 4, 32)
        self.window = config.gate_window
        self.reduce = _block(norm, inputs, width, 1)
        self.reduce_after = None if config.shared else _block(norm, inputs, width, 1)
        self.difference = nn.Sequential(
            _block(norm, 2 * width, width, 3), _block(norm, width, width, 3)
        )
        self.fuse = nn.Sequential(_block(norm, 4 * width, width, 1), _block(norm, width, width, 3))
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
    def __init__(self, config: FusionConfig, inputs: int, width: int) -> None:
        super().__init__()
        self.fuse = nn.Sequential(
            _block(config.norm, 2 * inputs, width, 1), _block(config.norm, width, width, 3)
        )

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        out: Tensor = self.fuse(torch.cat([before, after], dim=1))
        return out


class _AbsDiff(nn.Module):
    def __init__(self, config: FusionConfig, inputs: int, width: int) -> None:
        super().__init__()
        self.fuse = _block(config.norm, inputs, width, 1)

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
    """One fusion block a pyramid level."""

    def __init__(self, config: FusionConfig, inputs: Sequence[int]) -> None:
        super().__init__()
        self.channels: tuple[int, ...] = tuple(config.widths or inputs)
        block = _KINDS[config.kind]
        self.levels = nn.ModuleList(
            block(config, c, w) for c, w in zip(inputs, self.channels, strict=True)
        )

    def forward(self, before: Sequence[Tensor], after: Sequence[Tensor]) -> list[Tensor]:
        """Fuse two pyramids of maps (B, C_i, h_i, w_i) to one of (B, W_i, h_i, w_i)."""
        return [level(b, a) for level, b, a in zip(self.levels, before, after, strict=True)]
