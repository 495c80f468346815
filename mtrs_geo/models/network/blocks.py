"""Convolution blocks: convolution, normalisation and GELU."""

from __future__ import annotations

from torch import nn

from mtrs_geo.models.config import NormKind

__all__ = ["build_norm", "conv_block"]


def build_norm(kind: NormKind, channels: int) -> nn.Module:
    """Return BatchNorm, or GroupNorm with 32 groups (1 if 32 does not divide ``channels``)."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.GroupNorm(32 if channels % 32 == 0 else 1, channels)


def conv_block(
    kind: NormKind, inputs: int, outputs: int, kernel_px: int, rank: int | None = None
) -> nn.Sequential:
    """Return convolution, normalisation and GELU, (B, inputs, h, w) to (B, outputs, h, w).

    Args:
        kind: normalisation.
        inputs: channels in.
        outputs: channels out.
        kernel_px: side of the kernel, odd.
        rank: channels between a convolution of that kernel and a 1×1 convolution, which
            together replace the full convolution: the same receptive field at ``rank / outputs``
            of the cost.  None keeps the full convolution.
    """
    first = nn.Conv2d(inputs, rank or outputs, kernel_px, padding=kernel_px // 2, bias=False)
    convs = [first] if rank is None else [first, nn.Conv2d(rank, outputs, 1, bias=False)]
    nn.init.kaiming_normal_(convs[-1].weight, nonlinearity="relu")
    return nn.Sequential(*convs, build_norm(kind, outputs), nn.GELU())
